//! The schemas with which records were written: by the registry's id, and by fingerprint.
//!
//! Holds what it is given as text; it never reads a file or asks a registry.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use serde_json::Value as Json;

use super::plan::Plan;
use crate::codec::flat::Flat;
use crate::model::dead_letter::{Reason, Rejection};

/// `schemas/event.avsc`: the contract of an event.
pub(in crate::codec) const EVENT_SCHEMA: &str = include_str!("../../../schemas/event.avsc");

/// A schema file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It is no Avro schema, or one that refers to a type of another file.
    #[error("schema file {file} is not a self-contained Avro schema: {problem}")]
    Invalid {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Another file has the same id.
    #[error("schema file {file} has the id {id} of another file; keep one file per id")]
    SameId {
        /// The file's name.
        file: String,
        /// The registry's id.
        id: u32,
    },
}

/// The writers' schemas of an installation. Our own `event.avsc` is always there.
#[derive(Debug)]
pub struct SchemaStore {
    plans: Vec<Plan>,
    by_id: BTreeMap<u32, usize>,
    by_fingerprint: BTreeMap<u64, usize>,
}

impl Default for SchemaStore {
    fn default() -> SchemaStore {
        let mut store =
            SchemaStore { plans: Vec::new(), by_id: BTreeMap::new(), by_fingerprint: BTreeMap::new() };
        store.add("event.avsc", EVENT_SCHEMA).expect("event.avsc is a schema");
        store
    }
}

impl SchemaStore {
    /// A store of the schemas in these files, each given as its name and its text. A file that is
    /// named `<id>.avsc` gives the schema with that id in a registry; each is found by its fingerprint.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub fn new<N, T>(files: impl IntoIterator<Item = (N, T)>) -> Result<SchemaStore, Vec<SchemaError>>
    where
        N: AsRef<str>,
        T: AsRef<str>,
    {
        let mut store = SchemaStore::default();
        let mut errors = Vec::new();
        for (file, text) in files {
            if let Err(error) = store.add(file.as_ref(), text.as_ref()) {
                errors.push(error);
            }
        }
        if errors.is_empty() { Ok(store) } else { Err(errors) }
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), SchemaError> {
        let invalid = |error: apache_avro::Error| SchemaError::Invalid {
            file: file.into(),
            problem: error.to_string(),
        };
        let schema = Schema::parse_str(text).map_err(invalid)?;
        let plan = Plan::of(&schema).map_err(invalid)?;
        let place = self.plans.len();
        if let Some(id) = file.strip_suffix(".avsc").and_then(|stem| stem.parse().ok())
            && self.by_id.insert(id, place).is_some()
        {
            return Err(SchemaError::SameId { file: file.into(), id });
        }
        self.by_fingerprint.insert(fingerprint(text).map_err(invalid)?, place);
        self.by_fingerprint.insert(rabin(&schema), place);
        self.plans.push(plan);
        Ok(())
    }

    /// Fills an empty flat record from a datum whose writer's schema has this id in the registry.
    pub(crate) fn read_confluent<'a>(
        &'a self,
        id: u32,
        datum: &'a [u8],
        flat: &mut Flat<'a>,
    ) -> Result<(), Rejection> {
        match self.by_id.get(&id) {
            Some(&place) => self.plans[place].read(datum, flat),
            None => Err(Rejection::field(Reason::UnknownSchema, &id.to_string())),
        }
    }

    /// Fills an empty flat record from a datum whose writer's schema has this fingerprint.
    pub(crate) fn read_single_object<'a>(
        &'a self,
        fingerprint: u64,
        datum: &'a [u8],
        flat: &mut Flat<'a>,
    ) -> Result<(), Rejection> {
        match self.by_fingerprint.get(&fingerprint) {
            Some(&place) => self.plans[place].read(datum, flat),
            None => {
                Err(Rejection::field(Reason::UnknownSchema, &format!("{:016x}", fingerprint.swap_bytes())))
            }
        }
    }
}

/// CRC-64-AVRO of the schema's parsing canonical form (Avro specification, "Schema Fingerprints").
///
/// That form knows no logical types: `{"type":"long","logicalType":"timestamp-millis"}` becomes `"long"`.
/// `apache-avro` leaves `{"type":"long"}` there, so that its fingerprints of such schemas are its own;
/// they are found too, for the sake of the writers that use it.
pub(super) fn fingerprint(text: &str) -> Result<u64, apache_avro::Error> {
    // Cannot fail where the schema has been parsed; the parser then says it better.
    let mut schema = serde_json::from_str(text).unwrap_or_default();
    drop_logical_types(&mut schema);
    Ok(rabin(&Schema::parse(&schema)?))
}

fn rabin(schema: &Schema) -> u64 {
    let bytes = schema.fingerprint::<Rabin>().bytes;
    u64::from_le_bytes(bytes.try_into().expect("a CRC-64 has 8 bytes"))
}

fn drop_logical_types(schema: &mut Json) {
    match schema {
        Json::Array(branches) => branches.iter_mut().for_each(drop_logical_types),
        Json::Object(keys) => {
            keys.remove("logicalType");
            for key in ["type", "items", "values", "fields"] {
                if let Some(inner) = keys.get_mut(key) {
                    drop_logical_types(inner);
                }
            }
        }
        _ => {}
    }
}
