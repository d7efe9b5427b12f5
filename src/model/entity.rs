//! Who an event speaks of: leads and deals, known by a keyed hash of their id.
//!
//! State is indexed by the hash so that erasing a person leaves counts in place and no name behind.

use std::fmt;
use std::hash::Hasher as _;

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128 as _, SipHasher13 as SipHasher13x128};

use super::Text;
use super::partitioner::partition_of;

/// What kind of thing has a life of its own in the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// A lead.
    Lead,
    /// A deal.
    Deal,
    /// A campaign, a target's team, a playbook or an asset: facts that concern the whole company.
    Program,
}

/// The keyed 128-bit hash of an entity's kind and id. 32 hexadecimal digits in JSON, whose numbers
/// stop at 64 bits; the number elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey(pub u128);

impl Serialize for EntityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&format_args!("{:032x}", self.0))
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for EntityKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EntityKey, D::Error> {
        if !deserializer.is_human_readable() {
            return u128::deserialize(deserializer).map(EntityKey);
        }
        let digits = Text::deserialize(deserializer)?;
        let is_canonical = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let key = is_canonical.then(|| u128::from_str_radix(&digits, 16).ok()).flatten();
        key.map(EntityKey).ok_or_else(|| de::Error::custom("an entity's key is 32 hexadecimal digits"))
    }
}

impl fmt::Debug for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0 >> 96)
    }
}

/// The keyed 64-bit hash of an event id; facts of equal time and kind are ordered by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactId(pub u64);

/// An entity and its home: the partition of its own id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityRef {
    /// Lead, deal or program.
    pub kind: EntityKind,
    /// Its keyed hash.
    pub key: EntityKey,
    /// The partition of the event log to which its id belongs.
    pub home: u32,
}

/// Turns ids into keys and partitions: the secret key and the partition count of one installation.
#[derive(Clone, Debug)]
pub struct IdSpace {
    key: [u8; 16],
    partitions: u32,
}

impl IdSpace {
    /// The id space of an event log of `partitions` partitions under the definitions' `key`.
    pub fn new(key: [u8; 16], partitions: u32) -> IdSpace {
        IdSpace { key, partitions }
    }

    /// How many partitions the event log has.
    pub fn partitions(&self) -> u32 {
        self.partitions
    }

    /// The key and the home of an entity.
    pub fn entity(&self, kind: EntityKind, id: &str) -> EntityRef {
        let mut hasher = SipHasher13x128::new_with_key(&self.key);
        hasher.write_u8(kind as u8);
        hasher.write(id.as_bytes());
        EntityRef {
            kind,
            key: EntityKey(hasher.finish128().as_u128()),
            home: partition_of(id.as_bytes(), self.partitions),
        }
    }

    /// The hash of an event id.
    pub fn fact_id(&self, event_id: &str) -> FactId {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write(event_id.as_bytes());
        FactId(hasher.finish())
    }
}

/// An entity as it is named in a record: its kind and raw id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityName {
    /// Lead, deal or program.
    pub kind: EntityKind,
    /// The id as the CRM says it.
    pub id: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hexadecimal_in_json_and_a_number_in_postcard() {
        let key = EntityKey(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        let json = "\"0123456789abcdef0011223344556677\"";
        assert_eq!(serde_json::to_string(&key).unwrap(), json);
        assert_eq!(serde_json::from_str::<EntityKey>(json).unwrap(), key);
        assert_eq!(postcard::to_stdvec(&key).unwrap(), postcard::to_stdvec(&key.0).unwrap());
        assert!(serde_json::from_str::<EntityKey>("\"+123456789abcdef0011223344556677\"").is_err());
    }
}
