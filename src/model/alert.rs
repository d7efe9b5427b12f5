//! An alignment alert, as it stands in `rapport.alerts`. `schemas/alert.avsc` is the same in Avro.

use serde::{Deserialize, Serialize};

use super::money::Currency;
use super::{EventTime, Text};

/// Whether the condition holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It holds.
    Firing,
    /// It no longer does, or its rule is gone.
    Resolved,
}

/// How loudly an alert asks for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the record.
    Info,
    /// Within the working day.
    Ticket,
    /// Now.
    Page,
}

impl Severity {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Ticket => "ticket",
            Severity::Page => "page",
        }
    }
}

/// Who is to act first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerTeam {
    /// Marketing.
    Marketing,
    /// Sales.
    Sales,
    /// Operations: routing, sources, the CRM itself.
    Operations,
}

/// One message about one alert. The same `fingerprint` is the same alert over its whole life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Identity: hash of rule, segment and subject, as 16 hexadecimal digits.
    pub fingerprint: Text,
    /// The rule's name.
    pub rule: Text,
    /// The sign, 1 to 4; 0 for `no_data`.
    pub sign: u8,
    /// `all` or `k=v[,k=v]`.
    pub segment: Text,
    /// The campaign, reason, stage or asset that the rule speaks of.
    pub subject: Option<Text>,
    /// Firing or resolved.
    pub state: AlertState,
    /// How loudly.
    pub severity: Severity,
    /// When the condition began to hold (event time).
    pub since: EventTime,
    /// The boundary at which this message was decided (event time).
    pub at: EventTime,
    /// What was measured.
    pub value: f64,
    /// What it is held against.
    pub baseline: Option<f64>,
    /// Beyond this the rule speaks.
    pub threshold: f64,
    /// Lower end of the interval of `value`.
    pub interval_low: Option<f64>,
    /// Upper end of the interval of `value`.
    pub interval_high: Option<f64>,
    /// How many outcomes `value` rests on.
    pub n: u64,
    /// How many were too young to count.
    pub excluded_immature: u64,
    /// Start of the window (inclusive).
    pub window_start: EventTime,
    /// End of the window (exclusive).
    pub window_end: EventTime,
    /// One sentence for the person who is called.
    pub summary: String,
    /// What the two teams should do.
    pub advice: String,
    /// Ids of leads or deals behind the value, capped.
    pub evidence: Vec<Text>,
    /// Who is to act first.
    pub owner_team: OwnerTeam,
    /// Value at risk in minor units.
    pub cost_at_risk_minor: Option<i64>,
    /// The currency of `cost_at_risk_minor`.
    pub currency: Option<Currency>,
    /// Whether the log was being read far behind its newest records. Stamped outside the core.
    pub catching_up: bool,
    /// The number of the definitions under which it was decided.
    pub definitions_version: u32,
}
