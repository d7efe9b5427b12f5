//! The definitions in force: sources, segments, calendars, rules. They are a record of the log, so
//! that every instance and every replay counts by the same ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Text;
use super::alert::Severity;
use super::words::Step;

/// The name of the source of events that are written into the event log without an intake.
pub const DIRECT: &str = "direct";

/// Everything that decides what is counted and when an alert fires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definitions {
    /// Whose time makes time pass; see `src/funnel/semantics.md`, "Time".
    pub sources: Vec<SourceDefinition>,
    /// How many partitions the event log has; fixed for its life.
    pub event_partitions: u32,
    /// Events may come this much out of order, in ms.
    pub out_of_orderness_ms: i64,
    /// A fact older than this, in days, is late; `None` keeps everything.
    pub retention_days: Option<u32>,
    /// An open journey without a fact for this many days is freed; `None` keeps everything.
    pub open_retention_days: Option<u32>,
    /// IANA zone whose days are the days of the funnel and whose months are its cohorts.
    pub zone: Text,
    /// Working hours of each team (`marketing`, `sales`).
    pub calendars: BTreeMap<Text, CalendarDefinition>,
    /// What splits the funnel besides `all`: each entry makes a segment per combination of values.
    pub dimensions: Vec<Dimension>,
    /// Within how many days a step counts as taken in the conversion that is shown.
    pub horizons: BTreeMap<Step, u16>,
    /// Window results are computed at multiples of so many minutes.
    pub windows_every_minutes: u16,
    /// The rules.
    pub rules: Rules,
    /// Limits, each with its clear end.
    pub limits: Limits,
    /// Key of the hash under which ids are indexed.
    pub id_key: [u8; 16],
}

/// A source whose time is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDefinition {
    /// The source's topic, or [`DIRECT`].
    pub name: Text,
    /// How many partitions it has. `direct` counts as one in each partition of the event log.
    pub partitions: u32,
}

/// Working hours of a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDefinition {
    /// IANA zone.
    pub zone: Text,
    /// Open intervals of each weekday from Monday, as minutes after local midnight, `[start, end)`;
    /// `end` is 1440 for midnight, and `end <= start` runs overnight.
    pub weekly: [Vec<(u16, u16)>; 7],
    /// Local dates on which the team does not work, `YYYY-MM-DD`, sorted.
    pub holidays: Vec<Text>,
}

/// One way to split the funnel: by the values of these keys together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dimension {
    /// `source`, `campaign_id`, or the name of an attribute.
    pub keys: Vec<Text>,
}

/// The settings of each rule; `None` switches it off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Sign 2: MQLs get a human touch by sales in time.
    pub first_touch_slo: Option<FirstTouchSlo>,
    /// Sign 1: more MQLs, of less worth.
    pub divergence: Option<Divergence>,
}

/// An exact decimal in millionths: 0.95 is 950,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millionths(pub i64);

impl Millionths {
    /// One.
    pub const ONE: Millionths = Millionths(1_000_000);

    /// As a float, for statistics and for people.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// Settings of `first_touch_slo`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstTouchSlo {
    /// The share of MQLs that is to be touched in time.
    pub target: Millionths,
    /// The promise, in minutes of the sales team's business time.
    pub within_minutes: u32,
    /// The burn-rate windows.
    pub windows: Vec<BurnWindow>,
    /// Nothing fires unless the exact binomial tail on the long window is below this.
    pub gate: Millionths,
    /// With fewer outcomes in the long window the rule says `learning`.
    pub min_n: u32,
    /// How long the condition must hold before it fires, in minutes of business time.
    pub for_minutes: u32,
    /// How long it must be gone before it resolves, in minutes of business time.
    pub clear_minutes: u32,
}

/// One pair of windows: the error budget burns faster than `burn` in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BurnWindow {
    /// Long window, in minutes of business time.
    pub long_minutes: u32,
    /// Short window, in minutes of business time.
    pub short_minutes: u32,
    /// Burn rate that must be exceeded.
    pub burn: Millionths,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// Settings of `divergence`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Divergence {
    /// The step whose conversion is the quality of an MQL.
    pub step: Step,
    /// An MQL counts as converted when it took the step within this many days.
    pub horizon_days: u16,
    /// The days before the detection window from which the baseline is learned.
    pub baseline_days: u16,
    /// The days that are watched.
    pub detect_days: u16,
    /// A rise of volume worth speaking of, as a factor of the baseline.
    pub volume_factor: Millionths,
    /// A fall of quality worth speaking of, as a factor of the baseline.
    pub quality_factor: Millionths,
    /// With fewer matured outcomes in the baseline the rule says `learning`.
    pub min_n: u32,
    /// False alarms that the company accepts in a month of 21 business days, over all segments.
    pub alerts_per_month: Millionths,
    /// How many business days the condition must be gone before it resolves.
    pub clear_days: u16,
    /// A baseline set by the user instead of a learned one.
    pub baseline: Option<DivergenceBaseline>,
}

/// What is normal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DivergenceBaseline {
    /// MQLs in a business day.
    pub mqls_per_business_day: f64,
    /// Share of MQLs that take the step within the horizon.
    pub conversion: f64,
}

/// Limits of the funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Most facts of one journey; beyond, a fact is dropped and counted.
    pub facts_per_journey: u32,
    /// Most segments; beyond, journeys count in `other`.
    pub segments: u32,
    /// Most ids in the evidence of one alert.
    pub evidence_ids: u32,
}
