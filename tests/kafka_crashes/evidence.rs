//! Everything that is committed once all is settled and stopped, read by clients of the tests' own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rapport::codec::{self, Decoded, Format, Record, SchemaStore};
use rapport::log::{RawRecord, TopicPartition};
use rapport::model::definitions::Definitions;
use rapport::model::event::Event;
use rapport::model::record::LogRecord;
use rapport::pipeline::event_log;

use super::fleet::{inputs, settle, wait};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::{EVENT_PARTITIONS, Installation, Way, schemas};
use crate::support::kafka_broker::KafkaBroker;

/// How often, and how far apart, the end of open transactions and of memberships is looked for.
const LOOKS: usize = 100;
const LOOK: Duration = Duration::from_millis(100);

/// How far the group has come in a partition.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) at: TopicPartition,
    pub(super) committed: Option<i64>,
    /// One past the last record; what is read and forgotten counts too.
    pub(super) next: i64,
}

/// What is left.
#[derive(Clone)]
pub(super) struct Evidence {
    pub(super) prefix: String,
    pub(super) way: Way,
    pub(super) definitions: Definitions,
    pub(super) schemas: Arc<SchemaStore>,
    /// The largest value that is read, in bytes.
    pub(super) record_bytes_max: usize,
    /// The user's own topics.
    pub(super) sources: Vec<RawRecord>,
    /// The event log, by partition.
    pub(super) events: Vec<Vec<RawRecord>>,
    pub(super) alerts: Vec<RawRecord>,
    pub(super) windows: Vec<RawRecord>,
    pub(super) dead_letters: Vec<RawRecord>,
    /// What is shown of restored state.
    pub(super) shown: Shown,
    pub(super) places: Vec<Place>,
    /// The end for readers of what is committed, and of all, of every partition of the installation.
    pub(super) ends: Vec<(TopicPartition, (i64, i64))>,
    /// The state of each transactional id, as Kafka's own tool tells it.
    pub(super) transactions: BTreeMap<String, String>,
    /// How many members the group has.
    pub(super) members: usize,
}

/// What an intake takes from a record.
pub(super) enum Taken {
    Event(Event),
    /// Whoever has the record's key is to be forgotten.
    Erasure,
}

/// What the tasks show.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    /// Records by task, partition of its topic, and outcome; of the intakes of several topics together.
    pub(super) records: BTreeMap<(String, u32, String), u64>,
    /// Other counters by name and partition of the event log.
    pub(super) counters: BTreeMap<(&'static str, u32), u64>,
}

/// The counters of journeys besides outcomes.
pub(super) const COUNTERS: [&str; 8] = [
    "rapport_control_records_total",
    "rapport_forwarded_copies_total",
    "rapport_future_skew_total",
    "rapport_conflicting_total",
    "rapport_moved_facts_total",
    "rapport_moves_stopped_total",
    "rapport_facts_over_limit_total",
    "rapport_journeys_freed_total",
];

impl Shown {
    fn of(scrape: &Scrape) -> Shown {
        let mut shown = Shown::default();
        for (labels, n) in scrape.family("rapport_records_total") {
            let partition = labels["partition"].parse().expect("a partition is a number");
            let key = (labels["task"].clone(), partition, labels["outcome"].clone());
            *shown.records.entry(key).or_default() += n as u64;
        }
        for name in COUNTERS {
            for (labels, n) in scrape.family(name) {
                let partition = labels["partition"].parse().expect("a partition is a number");
                shown.counters.insert((name, partition), n as u64);
            }
        }
        shown
    }
}

impl Evidence {
    /// Lets everything come to rest, stops it, and reads what there is.
    pub(super) fn gather(broker: &KafkaBroker, installation: &Installation) -> Evidence {
        let shown = Shown::of(&settle(installation));
        let kafka = &installation.kafka;
        let own = [
            ("crm.events", EVENT_PARTITIONS),
            ("rapport.deltas", 1),
            ("rapport.journeys-state", EVENT_PARTITIONS),
            ("rapport.segments-state", 1),
            ("rapport.alerts", 1),
            ("rapport.windows", 1),
            ("rapport.definitions", 1),
            ("rapport.dead-letters", 1),
        ];
        let own = own.iter().flat_map(|(topic, n)| installation.each(topic, *n));
        let all: Vec<TopicPartition> = installation.sources().into_iter().chain(own).collect();
        let ends = || all.iter().map(|at| (at.clone(), kafka.ends(at))).collect::<Vec<_>>();
        // What a dead member left open ends with the timeout of its transaction, if nobody ends it before; a
        // member with a name is gone after its session.
        for _ in 0..LOOKS {
            let is_open = ends().iter().any(|(_, (stable, end))| stable != end);
            if !is_open && installation.members() == 0 {
                break;
            }
            wait(LOOK);
        }
        let read = |topic: &str| installation.read(topic);
        let definitions = read("rapport.definitions").into_iter().next().expect("the first start wrote them");
        let inputs = inputs(installation);
        let places = installation.places(&inputs);
        let place = |(at, committed): (&TopicPartition, Option<i64>)| {
            let last = kafka.read_each(std::slice::from_ref(at)).last().map(|record| record.offset);
            Place { at: at.clone(), committed, next: last.map_or_else(|| kafka.first(at), |last| last + 1) }
        };
        Evidence {
            prefix: installation.prefix.clone(),
            way: installation.way(),
            definitions: codec::decode_definitions(definitions.value.as_deref().unwrap()).unwrap(),
            schemas: Arc::new(SchemaStore::new(schemas()).expect("these are schemas")),
            record_bytes_max: installation.record_bytes_max(),
            sources: installation.sent(),
            events: installation.events().into_iter().map(|at| kafka.read_each(&[at])).collect(),
            alerts: read("rapport.alerts"),
            windows: read("rapport.windows"),
            dead_letters: read("rapport.dead-letters"),
            shown,
            places: inputs.iter().zip(places).map(place).collect(),
            ends: ends(),
            transactions: transactions(broker, &installation.prefix),
            members: installation.members(),
        }
    }

    /// The event log as the processor reads it.
    pub(super) fn log(&self) -> Vec<Vec<LogRecord>> {
        let partitions = self.definitions.event_partitions;
        let read =
            |record: &RawRecord| event_log::read(record, &self.schemas, self.record_bytes_max, partitions).0;
        self.events.iter().map(|records| records.iter().map(read).collect()).collect()
    }

    /// What an intake takes from a record of a source, or why it takes nothing.
    pub(super) fn read(&self, record: &RawRecord) -> Result<Taken, String> {
        let format = if record.at.topic.ends_with(".deals") { "avro_confluent" } else { "json" };
        let format = Format::parse(format).expect("a format of sources");
        let Some(value) = record.value.as_deref() else {
            let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
            let says_whom = key.is_some_and(|key| !key.is_empty());
            return if says_whom { Ok(Taken::Erasure) } else { Err("empty".to_owned()) };
        };
        match codec::decode_within(value, format, &self.schemas, self.record_bytes_max) {
            Ok(Decoded { record: Record::Event(event), .. }) => Ok(Taken::Event(event)),
            Ok(Decoded { record: Record::Control(_), .. }) => Err("unknown_kind".to_owned()),
            Err(rejection) => Err(rejection.reason.as_str().to_owned()),
        }
    }
}

/// The state of each transactional id of an installation, by Kafka's own tool.
fn transactions(broker: &KafkaBroker, prefix: &str) -> BTreeMap<String, String> {
    let said = broker
        .tool(
            "org.apache.kafka.tools.TransactionsCommand",
            &["--bootstrap-server", &broker.bootstrap_servers, "list"],
        )
        .unwrap();
    let mut lines = said.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let head = lines.next().expect("the tool prints a head");
    let column = |name: &str| head.iter().position(|word| *word == name).expect("the tool names its columns");
    let (id, state) = (column("TransactionalId"), column("TransactionState"));
    let own = format!("{prefix}-");
    let all = lines.filter(|words| words.len() == head.len() && words[id].starts_with(&own));
    all.map(|words| (words[id].to_owned(), words[state].to_owned())).collect()
}
