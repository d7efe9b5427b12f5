//! How an alert came about: the figures, the outcomes and the segments behind it, enough to work its value out by hand.

use serde::{Deserialize, Serialize};

use super::money::Currency;
use super::{EventTime, Text};

/// The explanation of one message about an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Whose message it is.
    pub fingerprint: Text,
    /// The boundary at which the message was decided.
    pub at: EventTime,
    /// How its value comes about.
    pub sum: Sum,
}

/// How the value of an alert comes about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// The figures, each with how it follows from the rows or from the ones before it.
    pub figures: Vec<Figure>,
    /// The outcomes that were looked at.
    pub outcomes: Outcomes,
    /// The segments that carry most of it, the heaviest first.
    pub carriers: Vec<Carrier>,
    /// What the journeys behind it are worth, a currency each.
    pub at_risk: Vec<AtRisk>,
}

/// A figure, and how it comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much; `None` where it is beyond every number, such as a threshold that nothing reaches.
    pub value: Option<f64>,
    /// From what it follows.
    pub from: String,
}

/// Outcomes by time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// What the numbers of a row are.
    pub columns: Vec<String>,
    /// The rows, the oldest first.
    pub rows: Vec<Row>,
}

/// The outcomes of a day or an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its beginning.
    pub from: EventTime,
    /// A number for each column.
    pub numbers: Vec<f64>,
}

/// A segment, and how much of the trouble of a wider one lies in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carrier {
    /// Which one.
    pub segment: Text,
    /// Its outcomes.
    pub n: u64,
    /// Those of them that are counted against it.
    pub bad: u64,
    /// How many of them were to be expected.
    pub expected: f64,
    /// Its part of all that were not to be expected, from 0; above 1 where others have fewer than usual.
    pub share: f64,
}

/// The expected value of what an alert speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtRisk {
    /// The currency.
    pub currency: Currency,
    /// Minor units.
    pub minor: i64,
}

impl Sum {
    /// Adds a figure.
    pub fn figure(&mut self, name: impl Into<String>, value: f64, from: impl Into<String>) {
        self.figures.push(Figure {
            name: name.into(),
            value: Some(value).filter(|value| value.is_finite()),
            from: from.into(),
        });
    }

    /// What is at risk in the currency with the most minor units of it.
    pub fn most_at_risk(&self) -> Option<AtRisk> {
        self.at_risk.iter().copied().filter(|risk| risk.minor > 0).max_by_key(|risk| risk.minor)
    }
}
