//! Every metric of the daemon: its name, what it says, its labels. Nothing is exposed that is not here.
//!
//! Names follow Prometheus practice: prefix `rapport_`, base units, `_total` for counters, `_ratio` for
//! shares. Labels come from closed sets, from the topology, or are segments under the budget of series;
//! never the id of a lead or a deal, never free text.

/// Whether a value may fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only rises, or starts anew.
    Counter,
    /// It may do both.
    Gauge,
    /// It counts by buckets.
    Histogram,
}

/// A metric with all its label values.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub help: &'static str,
    /// Whether it may fall.
    pub kind: Kind,
    /// Its labels, in the order in which they are written.
    pub labels: &'static [&'static str],
}

/// Declares families and the list of them all.
macro_rules! families {
    ($($id:ident $kind:ident $name:literal [$($label:literal),*] $help:literal)+) => {
        $(
            #[doc = $help]
            pub static $id: Family =
                Family { name: $name, help: $help, kind: Kind::$kind, labels: &[$($label),*] };
        )+
        /// Every family.
        pub static ALL: &[&Family] = &[$(&$id),+];
    };
}

families! {
    // The daemon.
    BUILD_INFO Gauge "rapport_build_info" ["version"]
        "The version that runs; always 1."
    READY Gauge "rapport_ready" []
        "1 once this instance has joined and restored what it was given."
    DEFINITIONS Gauge "rapport_definitions_number" []
        "The number of the definitions in force."

    // Records, by how they ended. These counters are state: they survive a restart and move with the task.
    RECORDS Counter "rapport_records_total" ["task", "topic", "partition", "outcome"]
        "Records read, by how each ended; part of the task's state, so it moves with the task."
    UNKNOWN_FIELDS Counter "rapport_unknown_fields_total" ["task", "topic", "partition"]
        "Fields that the contract does not know, ignored, since the task began to run here."
    DEAD_LETTERS Counter "rapport_dead_letters_total" ["reason"]
        "Records that became dead letters since this instance started, by reason."
    CONTROL_RECORDS Counter "rapport_control_records_total" ["partition"]
        "Records of rapport's own (progress, definitions, moves) that were read; part of the task's state."
    FORWARDED_COPIES Counter "rapport_forwarded_copies_total" ["partition"]
        "Records that another partition had sent on to this one, where they belong; part of the task's state."
    FUTURE_SKEW Counter "rapport_future_skew_total" ["partition"]
        "Events stamped over 5 minutes after their record: time did not follow; part of the task's state."
    SOURCE_FUTURE_SKEW Counter "rapport_source_future_skew_total" ["topic", "partition"]
        "Events of a source stamped over 5 minutes after their record: its time did not follow; part of its state."
    CONFLICTING Counter "rapport_conflicting_total" ["partition"]
        "Events that came again under a known identity with other content; part of the task's state."
    MOVED_FACTS Counter "rapport_moved_facts_total" ["partition"]
        "Facts that came from another journey after a merge or a link; part of the task's state."
    MOVES_STOPPED Counter "rapport_moves_stopped_total" ["partition"]
        "Facts that stayed where they were after the last allowed hop; part of the task's state."
    FACTS_OVER_LIMIT Counter "rapport_facts_over_limit_total" ["partition"]
        "Facts dropped because their journey was full; part of the task's state."
    JOURNEYS_FREED Counter "rapport_journeys_freed_total" ["partition"]
        "Journeys freed because they were closed and old; part of the task's state."

    // Where tasks stand.
    JOURNEYS Gauge "rapport_journeys" ["partition"]
        "Rows held: journeys, deals without a lead, and redirects."
    EVENT_TIME Gauge "rapport_event_time_seconds" ["partition"]
        "Event time of a partition of the event log: all that is older was applied (Unix seconds)."
    TIME_HELD Gauge "rapport_time_held_seconds" ["partition", "source", "source_partition"]
        "How far the source that holds a partition's time is behind the most advanced; +Inf if it has told none."
    SOURCE_TIME Gauge "rapport_source_time_seconds" ["topic", "partition"]
        "Event time that a partition of a source has told (Unix seconds)."
    ALIGNED_TIME Gauge "rapport_event_time_aligned_seconds" []
        "Event time that every partition has passed; alerts are judged up to here (Unix seconds)."
    WAITING Gauge "rapport_waiting_boundaries" []
        "Boundaries whose changes wait for a slower partition."
    SEGMENTS Gauge "rapport_segments" []
        "Segments that are counted."
    CHANGES_OVER_LIMIT Counter "rapport_changes_over_limit_total" []
        "Changes counted in `other` because there were as many segments as allowed; part of the task's state."
    EVIDENCE_LEFT_OUT Counter "rapport_evidence_ids_left_out_total" []
        "Ids of leads that alerts had no room for (`limits.evidence_ids`); part of the task's state."
    CONSUMER_LAG Gauge "rapport_consumer_lag_records" ["topic", "partition"]
        "Offsets between a task and the end of its partition: records, and the markers of transactions."
    CONSUMER_LAG_SECONDS Gauge "rapport_consumer_lag_seconds" ["topic", "partition"]
        "How long ago the record that a task read last was written; 0 where nothing is unread."
    PARTITION_IDLE Gauge "rapport_partition_idle" ["topic", "partition"]
        "1 while a task has read everything that is in its partition."
    PARTITION_PAUSED Gauge "rapport_partition_paused" ["topic", "partition"]
        "1 while a partition is ahead of others by more than allowed, and waits for them."

    // What the engine did.
    COMMITS Counter "rapport_commits_total" []
        "Transactions committed."
    COMMITTED_RECORDS Counter "rapport_committed_records_total" []
        "Records written in committed transactions: outputs, state and snapshots."
    COMMITTED_BYTES Counter "rapport_committed_bytes_total" []
        "Bytes of the records written in committed transactions."
    COMMIT_SECONDS Histogram "rapport_commit_seconds" []
        "How long a commit took, from the last record written to the log's answer."
    REBUILDS Counter "rapport_rebuilds_total" ["cause"]
        "How often tasks and producer were thrown away and restored from what is committed, by cause."
    ABORTS Counter "rapport_aborts_total" []
        "Transactions that were open then, but for commits in doubt: their records are gone, and are written again."
    REBUILDS_FAILED Counter "rapport_rebuilds_failed_total" []
        "Attempts to restore what is committed that came to nothing and were made again: no broker was there, mostly."
    FENCES Counter "rapport_fences_total" []
        "Transactional ids taken away from members that were gone while they held a partition's place."
    REBALANCES Counter "rapport_rebalances_total" ["kind"]
        "How often the group gave partitions to this instance, took them, or lost them for it."
    TRIMS_FAILED Counter "rapport_trims_failed_total" []
        "Requests to delete records that nobody needs any more which failed: state topics grow meanwhile."
    RESTORE_LEFT Gauge "rapport_restore_remaining_offsets" ["topic", "partition"]
        "Offsets of state still to be read before a task can run."
    RESTORE_SECONDS Gauge "rapport_restore_seconds" ["topic", "partition"]
        "How long the last restore of a task that runs here took."
    RESTORED_ROWS Gauge "rapport_restored_rows" ["topic", "partition"]
        "Rows of state read in the last restore of a task that runs here."
    FOREIGN_STATE Gauge "rapport_foreign_state_records" ["topic", "partition"]
        "Records in the state of a task that rapport did not write, passed over in its last restore."

    // Alerts.
    ALERT_FIRING Gauge "rapport_alert_firing" ["rule", "segment", "severity"]
        "1 while an alert of this rule fires in this segment."
    ALERTS Counter "rapport_alerts_total" ["rule", "state"]
        "Messages about alerts sent since this instance started."

    // How the two teams get along.
    ALIGNMENT Gauge "rapport_alignment_score" []
        "From 0 to 100, as usual: the mean over the signs that are known of the health of the weakest rule of each."
    SIGN_HEALTH Gauge "rapport_sign_health_ratio" ["sign"]
        "Health of the weakest rule of a sign in the whole company: from 0, where it is told of, to 1, as usual."
    RULE_SEGMENTS Gauge "rapport_rule_segments" ["rule", "state"]
        "In how many segments a rule is kept, learning, holding (no data) or broken, as judged last."
    AT_RISK Gauge "rapport_revenue_at_risk_minor" ["currency"]
        "Value of the journeys behind firing alerts, in minor units; those that several signs tell of are in it twice."

    // The funnel.
    ENTERED Gauge "rapport_funnel_entered" ["segment", "stage", "window"]
        "Journeys that reached a stage within the window, today so far included."
    OPEN Gauge "rapport_funnel_open" ["segment", "stage"]
        "Journeys whose open stage this is."
    OPEN_AGE Gauge "rapport_funnel_open_age_p90_seconds" ["segment", "stage"]
        "Age in the open stage below which 90 % of its journeys are, in whole days."
    CONVERSION Gauge "rapport_funnel_conversion_ratio" ["segment", "step", "estimate", "window", "bound"]
        "Share that took a step within its horizon, by cohort of entry; low and high bound a 95 % interval."
    ATTAINMENT Gauge "rapport_first_touch_attainment_ratio" ["segment", "window", "bound"]
        "Share of MQLs that got a human touch by sales in time; low and high bound a 95 % interval."
    FIRST_TOUCH Gauge "rapport_first_touch_seconds" ["segment", "part", "percentile", "window"]
        "Business time from MQL to the first human touch by sales: total, routing's and the person's part."
    VERDICTS Gauge "rapport_verdict_ratio" ["segment", "verdict", "window"]
        "Share of the verdicts of sales that were this one."
    REASONLESS Gauge "rapport_reasonless_ratio" ["segment", "window"]
        "Share of the negative verdicts of sales that came without a reason."
    DEALS Gauge "rapport_deals" ["segment", "state", "window"]
        "Deals opened, won and lost within the window."
    WON_AMOUNT Gauge "rapport_won_amount_minor" ["segment", "currency", "window"]
        "Value of the deals won within the window, in minor units of the currency."
    WINDOW_VALUE Gauge "rapport_window_value" ["segment", "measure", "window"]
        "Any other figure of a segment, under its name in rapport.windows."
    OVER_BUDGET Gauge "rapport_series_over_budget" ["of"]
        "Series of the funnel and of alerts that are left out here, because the limit of series is reached."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_prometheus_practice() {
        for family in ALL {
            let name = family.name;
            let word =
                |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(name.starts_with("rapport_") && word(name), "{name}");
            assert_eq!(family.kind == Kind::Counter, name.ends_with("_total"), "{name}");
            assert!(family.help.ends_with(['.', ')']) && family.help.len() < 120, "{name}: a sentence");
            assert!(family.labels.iter().all(|label| word(label)), "{name}");
            for unit in ["_ms", "_minutes", "_days", "_percent", "_pct"] {
                assert!(!name.contains(unit), "{name}: base units");
            }
        }
    }

    #[test]
    fn every_name_is_given_once() {
        let names: std::collections::BTreeSet<&str> = ALL.iter().map(|family| family.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
