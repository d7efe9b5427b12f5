//! `[log]`: how the event log is read: its time, what is kept, transactions, dead letters.

use toml_edit::{Item, Table, value as toml};

use super::kafka::Kafka;
use super::properties::{Properties, PropertyValue};
use super::quantity::print_ms;
use super::section::{Findings, Section};
use super::source::{Encoding, Source};
use super::value;
use crate::model::definitions::Millionths;
use crate::model::{DAY_MS, MINUTE_MS};

/// Slices and cohorts are kept for so many days; nothing can look back further.
pub(super) const KEPT_DAYS: u16 = 400;

/// The section `[log]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Whether events are written into the event log without an intake.
    pub direct: Direct,
    /// How such events are written.
    pub encoding: Encoding,
    /// Events may come this much out of order, in ms.
    pub out_of_orderness_ms: i64,
    /// A fact older than this, in days, is late; `None` keeps everything.
    pub retention_days: Option<u32>,
    /// An open journey without a fact for this many days is freed; `None` keeps everything.
    pub open_retention_days: Option<u32>,
    /// A transaction is committed when it is this old, in ms.
    pub commit_every_ms: u64,
    /// A transaction is committed when it holds this many bytes.
    pub commit_bytes: u64,
    /// A partition further ahead of the aligned time than this pauses, in ms.
    pub max_ahead_ms: i64,
    /// A larger record is a dead letter, in bytes.
    pub record_bytes_max: u32,
    /// When too many dead letters stop the daemon.
    pub dead_letter: DeadLetterLimits,
}

/// Whether `direct` is one of the sources whose time is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direct {
    /// It is.
    Listed,
    /// Everything comes through an intake.
    Absent,
}

/// Beyond these the daemon stops loudly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterLimits {
    /// The share of dead letters among the last `window_records` records.
    pub ratio: Millionths,
    /// Over how many records the ratio is taken.
    pub window_records: u32,
    /// Dead letters in a row.
    pub consecutive: u32,
}

pub(super) fn read(top: &mut Section<'_>, kafka: &Kafka, sources: &[Source], findings: &mut Findings) -> Log {
    let has_sources = top.has("source");
    let mut s = top.section("log");
    let direct = direct(&mut s, has_sources || !sources.is_empty());
    let encoding = Encoding::read(&mut s);
    let out_of_orderness_ms = s.read("out_of_orderness", 30_000, |n| value::calendar_ms(n, 0..=DAY_MS));
    let retention_days =
        s.read("retention", Some(100), |n| value::days_or_forever(n, 1..=u32::from(KEPT_DAYS)));
    let open_retention_days =
        s.read("open_retention", Some(u32::from(KEPT_DAYS)), |n| value::days_or_forever(n, 1..=3_650));
    if s.sound(&["retention", "open_retention"]) && is_less(open_retention_days, retention_days) {
        let wrong = format!(
            "open_retention = {} would free an open journey whose facts are late only after retention = {}",
            print_days(open_retention_days),
            print_days(retention_days)
        );
        let right = "write an open_retention of at least retention";
        s.refuse_together(&["open_retention", "retention"], wrong, right);
    }
    let commit_every_ms = s.read("commit_every", 100, |n| value::calendar_ms(n, 1..=10_000)) as u64;
    if let Some(timeout_ms) = transaction_timeout_ms(kafka).filter(|ms| *ms <= commit_every_ms) {
        let wrong = format!("each transaction would outlive transaction.timeout.ms = {timeout_ms}");
        s.refuse("commit_every", wrong, "write less, or raise kafka.producer.transaction.timeout.ms");
    }
    let record_bytes_max = s.read("record_bytes_max", 1 << 20, |n| value::integer(n, 1_024..=104_857_600));
    let commit_bytes = s.read("commit_bytes", 8 << 20, |n| value::integer(n, 65_536..=1_073_741_824));
    if s.sound(&["commit_bytes", "record_bytes_max"]) && commit_bytes < u64::from(record_bytes_max) {
        let wrong = format!(
            "commit_bytes = {commit_bytes} cannot hold a record of record_bytes_max = {record_bytes_max}"
        );
        let right = "write commit_bytes of at least record_bytes_max";
        s.refuse_together(&["commit_bytes", "record_bytes_max"], wrong, right);
    }
    let max_ahead_ms = s.read("max_ahead", DAY_MS, |n| value::calendar_ms(n, MINUTE_MS..=100 * DAY_MS));
    let dead_letter = dead_letter(&mut s, findings);
    s.finish(findings);
    Log {
        direct,
        encoding,
        out_of_orderness_ms,
        retention_days,
        open_retention_days,
        commit_every_ms,
        commit_bytes,
        max_ahead_ms,
        record_bytes_max,
        dead_letter,
    }
}

fn direct(s: &mut Section<'_>, has_sources: bool) -> Direct {
    match s.optional("direct", value::flag) {
        Some(true) => Direct::Listed,
        Some(false) if !has_sources => {
            let wrong = "without a source no time would ever pass";
            s.refuse("direct", wrong, "write direct = true, or add a [[source]]");
            Direct::Absent
        }
        Some(false) => Direct::Absent,
        None if has_sources => Direct::Absent,
        None => Direct::Listed,
    }
}

/// Whether one retention ends before another; `None` never ends.
fn is_less(a: Option<u32>, b: Option<u32>) -> bool {
    a.unwrap_or(u32::MAX) < b.unwrap_or(u32::MAX)
}

pub(super) fn print_days(days: Option<u32>) -> String {
    days.map_or("forever".to_owned(), |n| format!("{n}d"))
}

fn transaction_timeout_ms(kafka: &Kafka) -> Option<u64> {
    let of = |Properties(p): &Properties| match p.get("transaction.timeout.ms") {
        Some(PropertyValue::Plain(text)) => text.parse().ok(),
        _ => None,
    };
    of(&kafka.producer).or_else(|| of(&kafka.common))
}

fn dead_letter(log: &mut Section<'_>, findings: &mut Findings) -> DeadLetterLimits {
    let mut s = log.section("dead_letter");
    let ratio = s.read("ratio", Millionths(50_000), |n| {
        value::decimal(n, "above 0 and at most 1", |m| m.0 > 0 && m <= Millionths::ONE)
    });
    let window_records = s.read("window_records", 10_000, |n| value::integer(n, 100..=10_000_000));
    let consecutive = s.read("consecutive", 1_000, |n| value::integer(n, 1..=10_000_000));
    s.finish(findings);
    DeadLetterLimits { ratio, window_records, consecutive }
}

impl Log {
    pub(super) fn print(&self, into: &mut Table) {
        into["direct"] = toml(self.direct == Direct::Listed);
        self.encoding.print(into);
        into["out_of_orderness"] = toml(print_ms(self.out_of_orderness_ms));
        into["retention"] = toml(print_days(self.retention_days));
        into["open_retention"] = toml(print_days(self.open_retention_days));
        into["commit_every"] = toml(print_ms(self.commit_every_ms as i64));
        into["commit_bytes"] = toml(self.commit_bytes as i64);
        into["max_ahead"] = toml(print_ms(self.max_ahead_ms));
        into["record_bytes_max"] = toml(i64::from(self.record_bytes_max));
        let mut dead_letter = Table::new();
        dead_letter["ratio"] = super::effective::decimal(self.dead_letter.ratio);
        dead_letter["window_records"] = toml(i64::from(self.dead_letter.window_records));
        dead_letter["consecutive"] = toml(i64::from(self.dead_letter.consecutive));
        into["dead_letter"] = Item::Table(dead_letter);
    }
}
