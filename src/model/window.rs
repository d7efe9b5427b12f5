//! What a gauge shows, as data: one value of one measure of one segment over one window, as it
//! stands in `rapport.windows`. `schemas/window.avsc` is the same in Avro.

use serde::{Deserialize, Serialize};

use super::{EventTime, Text};

/// One value. The key of its record is (segment, measure, window).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowResult {
    /// `all` or `k=v[,k=v]`.
    pub segment: Text,
    /// The measure, e.g. `entered_mql`, `mql_to_sql_kaplan_meier`.
    pub measure: Text,
    /// The window, e.g. `28d`, `now`.
    pub window: Text,
    /// The boundary at which it was computed (event time).
    pub at: EventTime,
    /// The value; `None` where it is undefined (no outcome yet).
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub interval_low: Option<f64>,
    /// Upper end of its interval.
    pub interval_high: Option<f64>,
    /// How many outcomes it rests on.
    pub n: u64,
    /// How many were too young to count.
    pub excluded_immature: u64,
    /// The number of the definitions under which it was computed.
    pub definitions_version: u32,
}

impl WindowResult {
    /// What its record is found by.
    pub fn key(&self) -> WindowKey {
        let (segment, measure, window) = (self.segment.clone(), self.measure.clone(), self.window.clone());
        WindowKey { segment, measure, window }
    }

    /// The key of its record.
    pub fn record_key(&self) -> String {
        self.key().record_key()
    }
}

/// What tells the results of one window from those of every other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowKey {
    /// `all` or `k=v[,k=v]`.
    pub segment: Text,
    /// The measure.
    pub measure: Text,
    /// The window.
    pub window: Text,
}

impl WindowKey {
    /// The key of the record.
    pub fn record_key(&self) -> String {
        format!("{}|{}|{}", self.segment, self.measure, self.window)
    }
}
