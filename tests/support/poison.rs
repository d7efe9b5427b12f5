//! Records that nobody should have written, of every kind, and how each must end.

use rapport::codec::{encode_control, encode_event_avro, encode_event_json};
use rapport::model::EventTime;
use rapport::model::control::Control;
use rapport::model::dead_letter::Reason;
use rapport::model::entity::{EntityKey, EntityKind, EntityRef, FactId};
use rapport::model::event::Event;
use rapport::model::outcome::Outcome;
use rapport::model::partitioner::partition_of;
use serde_json::{Value, json};

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Poison {
    /// What is wrong with it.
    pub(crate) what: &'static str,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// Whether it is written into another partition than that of its key.
    pub(crate) is_misplaced: bool,
    /// How it ends that comes by an intake which reads every format.
    pub(crate) by_intake: End,
    /// How it ends that is written into the event log itself.
    pub(crate) direct: End,
}

/// How a record ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It is a dead letter where it was read.
    Dead(Reason),
    /// It ends so in the event log, having gone through the intake if it came by one.
    Ends(Outcome),
    /// It is sent on to the partition where it belongs, which does not count it again.
    SentOn,
    /// It is taken for a copy that was counted elsewhere: nobody can tell.
    Copy,
    /// It is one of rapport's own, as far as anybody can tell.
    Control,
}

/// The number of a schema, in the registry of a test, that is not that of an event.
pub(crate) const OTHER_SCHEMA: u32 = 77;
/// That schema.
pub(crate) const OTHER_SCHEMA_TEXT: &str =
    r#"{"type": "record", "name": "Invoice", "fields": [{"name": "total", "type": "long"}]}"#;
/// A key of nobody.
const NOBODY: &str = "nobody-of-that-name";
/// Deeper than any stack.
const DEEP: usize = 100_000;

const TAKEN: End = End::Ends(Outcome::Duplicate);

impl Poison {
    /// A record that is a dead letter whichever way it comes.
    fn dead(what: &'static str, reason: Reason, value: impl Into<Vec<u8>>) -> Poison {
        Poison {
            what,
            key: Some(b"poison".to_vec()),
            value: Some(value.into()),
            headers: Vec::new(),
            is_misplaced: false,
            by_intake: End::Dead(reason),
            direct: End::Dead(reason),
        }
    }

    /// A known event once more; it changes nothing unless it is taken for another.
    pub(crate) fn again(what: &'static str, known: &Event) -> Poison {
        Poison {
            what,
            key: Some(known.record_key().as_bytes().to_vec()),
            value: Some(encode_event_json(known)),
            headers: Vec::new(),
            is_misplaced: false,
            by_intake: TAKEN,
            direct: TAKEN,
        }
    }

    /// It claims something in a header.
    fn claiming(self, name: &str, value: impl Into<Vec<u8>>) -> Poison {
        let mut headers = self.headers;
        headers.push((name.to_owned(), value.into()));
        Poison { headers, ..self }
    }

    /// In which of so many partitions it is written.
    pub(crate) fn partition(&self, partitions: u32) -> u32 {
        let home = self.key.as_deref().map_or(0, |key| partition_of(key, partitions));
        (home + u32::from(self.is_misplaced)) % partitions
    }
}

/// Every kind of poison there is for an event log of so many partitions. `known` is an event of a lead that has been
/// applied before; a value of more than so many bytes is not read.
pub(crate) fn every_kind(known: &Event, partitions: u32, record_bytes_max: usize) -> Vec<Poison> {
    let mut all = unreadable(known, record_bytes_max);
    all.extend(no_events(known));
    all.extend(without_value());
    all.extend(elsewhere(known, partitions));
    all.extend(control(partitions));
    all
}

/// Bytes that are no record of any format.
fn unreadable(known: &Event, record_bytes_max: usize) -> Vec<Poison> {
    use Reason::*;
    let (text, avro) = (encode_event_json(known), encode_event_avro(known));
    let other_schema = [&[0][..], &OTHER_SCHEMA.to_be_bytes(), &[2]].concat();
    vec![
        Poison::dead("too large", TooLarge, [&text[..], &vec![b' '; record_bytes_max]].concat()),
        Poison::dead("nothing in it", Empty, ""),
        Poison::dead("no framing", UnknownFraming, b"\xff\x00 no event"),
        Poison::dead("no object", UnknownFraming, vec![b'['; DEEP.min(record_bytes_max)]),
        Poison::dead("a schema that nobody has", UnknownSchema, b"\x00\x00\x01\x00\x02\x00"),
        Poison::dead("the schema of something else", SchemaMismatch, other_schema),
        Poison::dead("more than the datum", LeftOverBytes, [&avro[..], &[0]].concat()),
        Poison::dead("Avro that is cut off", Malformed, &avro[..avro.len() - 3]),
        Poison::dead("JSON that is cut off", Malformed, &text[..text.len() - 3]),
        Poison::dead("two objects", Malformed, [&text[..], &text[..]].concat()),
        Poison::dead(
            "no UTF-8",
            Malformed,
            b"{\"kind\":\"lead_deleted\",\"event_id\":\"p\",\"occurred_at\":1772442000000,\"lead_id\":\"\xff\xfe\"}",
        ),
    ]
}

/// JSON that is no event.
fn no_events(known: &Event) -> Vec<Poison> {
    use Reason::*;
    let text: Value = serde_json::from_slice(&encode_event_json(known)).unwrap();
    let dead = |what, reason, field: &str, value: Value| {
        let mut record = text.clone();
        record[field] = value;
        Poison::dead(what, reason, record.to_string())
    };
    let mut without = text.clone();
    without.as_object_mut().unwrap().remove("lead_id");
    let deep = |field: &str, kind: &str| {
        let nested = format!("{}{}", "[".repeat(DEEP / 4), "]".repeat(DEEP / 4));
        let mut record = text.clone();
        record["kind"] = kind.into();
        let record = record.to_string();
        format!("{},\"{field}\":{nested}}}", record.strip_suffix('}').unwrap())
    };
    let known_kind = text["kind"].as_str().unwrap();
    let mut unknown_field = Poison::again("nested deeply, in a field that nobody knows", known);
    unknown_field.value = Some(deep("x", known_kind).into_bytes());
    vec![
        dead("a kind that nobody knows", UnknownKind, "kind", "lead_kissed".into()),
        Poison::dead(
            "a word outside of its set",
            UnknownSymbol,
            json!({"kind": "lead_stage_entered", "event_id": "p", "occurred_at": 1_772_442_000_000_i64,
                   "lead_id": "L1", "stage": "moon"})
            .to_string(),
        ),
        Poison::dead("no lead", MissingField, without.to_string()),
        dead("a number for a text", WrongType, "event_id", 7.into()),
        dead("a time before there were CRMs", ImpossibleValue, "occurred_at", 1.into()),
        dead("the end of time", ImpossibleValue, "occurred_at", i64::MAX.into()),
        dead("a text beyond all measure", TooLong, "event_id", "p".repeat(5_000).into()),
        Poison::dead("nested deeply", WrongType, {
            let text = deep("attributes", "lead_created");
            assert!(text.len() > DEEP / 2);
            text
        }),
        unknown_field,
    ]
}

/// Records without a value: an erasure, if they say of whom.
fn without_value() -> Vec<Poison> {
    let erasure = |what, key: Option<&[u8]>, end| Poison {
        what,
        key: key.map(<[u8]>::to_vec),
        value: None,
        headers: Vec::new(),
        is_misplaced: false,
        by_intake: end,
        direct: end,
    };
    vec![
        erasure("an erasure of nobody", Some(NOBODY.as_bytes()), End::Ends(Outcome::Ignored)),
        erasure("an erasure of an empty name", Some(b""), End::Dead(Reason::Empty)),
        erasure("an erasure of no text", Some(b"\xff\xfe"), End::Dead(Reason::Empty)),
        erasure("nothing at all", None, End::Dead(Reason::Empty)),
    ]
}

/// Events that lie where they do not belong, or lie about where they come from.
fn elsewhere(known: &Event, partitions: u32) -> Vec<Poison> {
    const FORWARDED: &str = "rapport-forwarded";
    let home = partition_of(known.record_key().as_bytes(), partitions);
    let other = (home + 1) % partitions;
    let sent_on = |poison: Poison| Poison { direct: End::SentOn, ..poison };
    let misplaced = |poison: Poison| sent_on(Poison { is_misplaced: true, ..poison });
    let wrong_key =
        (0..).map(|n| format!("wrong-{n}")).find(|key| partition_of(key.as_bytes(), partitions) == other);
    let mut under_a_wrong_key = sent_on(Poison::again("under a wrong key", known));
    under_a_wrong_key.key = wrong_key.map(String::into_bytes);
    let mut under_no_key = Poison::again("under no key", known);
    under_no_key.key = None;
    under_no_key.direct = if home == 0 { TAKEN } else { End::SentOn };
    let claims = |what, from: &str| Poison::again(what, known).claiming(FORWARDED, from);
    let believable = Poison { direct: End::Copy, ..claims("a copy that could be one", &other.to_string()) };
    let garbage =
        Poison::dead("garbage that claims to be a copy", Reason::UnknownFraming, b"\xff\x00 no event");
    vec![
        under_a_wrong_key,
        under_no_key,
        misplaced(Poison::again("in a wrong partition", known)),
        claims("a copy from where it lies", &home.to_string()),
        claims("a copy from a partition that there is not", &partitions.to_string()),
        claims("a copy from nowhere", "elsewhere"),
        misplaced(claims("a copy that does not belong here", &home.to_string())),
        believable,
        garbage.claiming(FORWARDED, other.to_string()),
        Poison::again("from an intake that there is not", known).claiming("rapport-source", "nobody/9"),
    ]
}

/// Records of rapport's own that it did not write.
fn control(partitions: u32) -> Vec<Poison> {
    use Reason::*;
    let progress = |source: Value, time: Value| {
        json!({"kind": "progress", "source": source, "partition": 0, "time": time}).to_string()
    };
    // No intake takes a control record; what cannot be read it cannot tell from any other.
    let readable = |what, direct, value: Vec<u8>| Poison {
        by_intake: End::Dead(UnknownKind),
        direct,
        ..Poison::dead(what, UnknownKind, value)
    };
    let row = |home| EntityRef { kind: EntityKind::Lead, key: EntityKey(7), home };
    let told = |deal, lead| {
        let (deal, lead) = (row(deal), row(lead));
        encode_control(&Control::Told { deal, lead, at: EventTime(1_772_442_000_000), id: FactId(7) })
    };
    // All of these lie in the partition of their key.
    let here = partition_of(b"poison", partitions);
    vec![
        readable(
            "a time told by nobody",
            End::Control,
            progress("nobody".into(), 1_772_442_000_000_i64.into()).into_bytes(),
        ),
        Poison::dead("a time told by no text", Malformed, progress(3.into(), 0.into())),
        Poison::dead("an unreadable move", Malformed, r#"{"kind": "moved", "to": 7}"#),
        Poison::dead(
            "a control record that is nested deeply",
            Malformed,
            format!(r#"{{"kind": "progress", "x": {}{}}}"#, "[".repeat(DEEP / 4), "]".repeat(DEEP / 4)),
        ),
        Poison::dead("2100", ImpossibleValue, progress("direct".into(), 4_102_444_800_000_i64.into())),
        Poison::dead("the end of time, told", ImpossibleValue, progress("direct".into(), i64::MAX.into())),
        Poison::dead(
            "the beginning of time, told",
            ImpossibleValue,
            progress("direct".into(), i64::MIN.into()),
        ),
        readable("a row of another partition", End::Dead(ImpossibleValue), told((here + 1) % partitions, 0)),
        readable("a partition that there is not", End::Dead(ImpossibleValue), told(here, partitions)),
    ]
}
