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

/// Definitions in a record of bytes: as text that names its fields, so that other releases can read it.
pub mod as_text {
    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Definitions;

    /// Writes them.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(definitions: &Definitions, to: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(definitions).map_err(S::Error::custom)?.serialize(to)
    }

    /// Reads them.
    ///
    /// # Errors
    /// There are none.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Definitions, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Definitions that are a record of bytes on their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InText(#[serde(with = "as_text")] pub Definitions);

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

/// The settings of each rule; `None` switches it off, as does a record that does not name it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Sign 2: MQLs get a human touch by sales in time.
    pub first_touch_slo: Option<FirstTouchSlo>,
    /// Sign 1: more MQLs, of less worth.
    pub divergence: Option<Divergence>,
    /// Sign 1: the MQLs are on plan, the revenue that they are for is not.
    pub revenue_pace: Option<RevenuePace>,
    /// Sign 1: marketing has a target for MQLs and none for revenue.
    pub no_revenue_target: Option<NoRevenueTarget>,
    /// Sign 2: sales says nothing of the leads that it was given.
    pub silent_leads: Option<SilentLeads>,
    /// Sign 2: sales sends leads back and does not say why.
    pub reasonless_rejections: Option<ShareWatch>,
    /// Sign 2: a campaign is launched and sales has not heard of it in time.
    pub launch_without_notice: Option<LaunchWithoutNotice>,
    /// Sign 3: the same reason leads again and marketing changes nothing.
    pub unanswered_rejections: Option<UnansweredRejections>,
    /// Sign 3: items stay in a stage for longer than they did.
    pub stage_ageing: Option<ShareWatch>,
    /// Sign 3: marketing leaves open deals alone.
    pub absent_after_handoff: Option<AbsentAfterHandoff>,
    /// Sign 4: sales writes what it uses.
    pub sales_authored_share: Option<ShareWatch>,
    /// Sign 4: nobody uses what marketing has published.
    pub dead_library: Option<DeadLibrary>,
    /// Beside the signs: what used to arrive has stopped.
    pub no_data: Option<NoData>,
}

/// How a rule watches the share of outcomes that are bad: against what is normal here, by the outcomes alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareWatch {
    /// The days before the watched ones from which the baseline is learned.
    pub baseline_days: u16,
    /// The days that are watched.
    pub detect_days: u16,
    /// A rise worth speaking of, as a factor of the odds of a bad outcome.
    pub odds_factor: Millionths,
    /// With fewer outcomes in the baseline the rule says `learning`.
    pub min_n: u32,
    /// False alarms that the company accepts in a month of 21 business days, over all segments.
    pub alerts_per_month: Millionths,
    /// How many days with outcomes the share must be back before it resolves.
    pub clear_days: u16,
    /// How loudly it speaks.
    pub severity: Severity,
    /// The share that is normal, set by the user instead of learned.
    pub baseline: Option<Millionths>,
}

/// Settings of `silent_leads`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SilentLeads {
    /// Within so many minutes of business time of sales a verdict is expected.
    pub within_minutes: u32,
    /// How the share without one is watched.
    pub watch: ShareWatch,
}

/// Settings of `absent_after_handoff`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AbsentAfterHandoff {
    /// A round of an open deal, in minutes of business time of marketing.
    pub within_minutes: u32,
    /// How the share of rounds without a touch is watched.
    pub watch: ShareWatch,
}

/// Settings of `dead_library`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeadLibrary {
    /// An asset that was not used for so many days lies dead.
    pub unused_days: u16,
    /// How the share of dead ones is watched.
    pub watch: ShareWatch,
}

/// Settings of `revenue_pace`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevenuePace {
    /// So much of the period's business days of marketing must be over before the pace is judged.
    pub least_elapsed: Millionths,
    /// With fewer deals won, in the time that is kept, nothing is known of what a deal is worth.
    pub min_n: u32,
    /// False alarms that the company accepts in a month of 21 business days.
    pub alerts_per_month: Millionths,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// Settings of `no_revenue_target`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoRevenueTarget {
    /// How many business days of marketing a period may run without one.
    pub grace_days: u16,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// Settings of `launch_without_notice`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaunchWithoutNotice {
    /// Sales is to have acknowledged a campaign so long before its launch, in minutes of its business time.
    pub notice_minutes: u32,
    /// How long such a launch is news, in minutes of business time of sales.
    pub news_minutes: u32,
    /// Whether it says nothing until sales has acknowledged a campaign for the first time.
    pub waits_for_first: bool,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// Settings of `unanswered_rejections`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnansweredRejections {
    /// A window, in days.
    pub window_days: u16,
    /// In so many windows in a row the same reason must lead.
    pub windows: u16,
    /// With at least this share of the negative verdicts,
    pub share: Millionths,
    /// of which there must be so many.
    pub min_n: u32,
    /// How long a reason must no longer lead before the alert is over, in business days of marketing.
    pub clear_days: u16,
    /// Whether it says nothing until marketing has changed the playbook for the first time.
    pub waits_for_first: bool,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// Settings of `no_data`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoData {
    /// The days before, from which it is learned how often something arrives.
    pub baseline_days: u16,
    /// With fewer arrivals in them a source and family is not watched.
    pub min_n: u32,
    /// How much longer than the longest gap of the baseline a silence must be.
    pub gap_factor: Millionths,
    /// False alarms that the company accepts in a month of 21 business days.
    pub alerts_per_month: Millionths,
    /// How loudly it speaks.
    pub severity: Severity,
}

/// An exact decimal in millionths: 0.95 is 950,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millionths(pub i64);

impl Millionths {
    /// One.
    pub const ONE: Millionths = Millionths(1_000_000);

    /// So many times a number that is not negative, rounded up.
    pub fn of_rounded_up(self, n: i64) -> i64 {
        let millionths = i128::from(n) * i128::from(self.0);
        i64::try_from((millionths + i128::from(Self::ONE.0) - 1) / i128::from(Self::ONE.0))
            .unwrap_or(i64::MAX)
    }

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
    /// Nothing fires unless the exact binomial tail on the long window is below this, or below the window's own.
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
    /// The gate of this window; `None`, as in older definitions, means the rule's. A short window is looked at anew
    /// many times a month, so it needs a narrower one for the same number of false alarms.
    pub gate: Option<Millionths>,
}

impl FirstTouchSlo {
    /// The gate of a window.
    pub fn gate_of(&self, window: &BurnWindow) -> Millionths {
        window.gate.unwrap_or(self.gate)
    }

    /// The longest window, in minutes of business time.
    pub fn longest_minutes(&self) -> u32 {
        self.windows.iter().map(|window| window.long_minutes).max().unwrap_or(0)
    }
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
