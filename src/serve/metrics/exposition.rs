//! From the picture to metric families: a pure function, with the budget of series.
//!
//! The budget: segments are admitted whole, `all` first, then in the order in which they appeared, until
//! one does not fit; from there on none is. A result that is undefined just now keeps its place, so that
//! segments do not flicker. A tenth of the budget is kept for alerts, the loudest first, so that neither
//! drives the other out.

use std::collections::BTreeSet;

use prometheus::core::Collector as _;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::model::Minute;
use crate::model::alert::{AlertState, Severity};
use crate::model::counters::JourneyCounters;
use crate::model::outcome::{Outcome, Tally};
use crate::model::standing;
use crate::model::window::WindowResult;

use super::super::picture::{Picture, Readiness};
use super::catalogue::{self, Family, Kind};
use super::measures::{Interval, place};

/// Every family that has a series now, in the order of the catalogue.
pub fn families(picture: &Picture, series_max: usize) -> Vec<MetricFamily> {
    let mut sheet = Sheet { lines: catalogue::ALL.iter().map(|family| (*family, Vec::new())).collect() };
    daemon(&mut sheet, picture);
    journeys(&mut sheet, picture);
    intakes(&mut sheet, picture);
    segments(&mut sheet, picture);
    engine(&mut sheet, picture);
    let for_alerts = series_max.div_ceil(10);
    alignment(&mut sheet, picture);
    let alerts_out = alerts(&mut sheet, picture, for_alerts);
    let funnel_out = funnel(&mut sheet, picture, series_max - for_alerts);
    sheet.put(&catalogue::OVER_BUDGET, &["alerts"], alerts_out as f64);
    sheet.put(&catalogue::OVER_BUDGET, &["funnel"], funnel_out as f64);
    sheet.families(picture)
}

/// The series of each family, as they come.
struct Sheet {
    lines: Vec<(&'static Family, Vec<Metric>)>,
}

impl Sheet {
    fn put(&mut self, family: &'static Family, labels: &[&str], value: f64) {
        assert_eq!(family.labels.len(), labels.len(), "{}: every label has a value", family.name);
        let pair = |(name, value): (&&str, &&str)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value((*value).to_owned());
            pair
        };
        let mut metric = Metric::from_label(family.labels.iter().zip(labels).map(pair).collect());
        if family.kind == Kind::Counter {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        let line = self.lines.iter_mut().find(|(known, _)| known.name == family.name);
        line.expect("the catalogue names every family").1.push(metric);
    }

    fn families(self, picture: &Picture) -> Vec<MetricFamily> {
        let mut families = Vec::with_capacity(self.lines.len());
        for (family, mut metrics) in self.lines {
            let kind = match family.kind {
                Kind::Counter => MetricType::COUNTER,
                Kind::Gauge => MetricType::GAUGE,
                Kind::Histogram => {
                    let counted = picture.engine.commit_seconds.collect();
                    metrics = counted.into_iter().flat_map(|mut family| family.take_metric()).collect();
                    MetricType::HISTOGRAM
                }
            };
            if metrics.is_empty() {
                continue;
            }
            let mut exposed = MetricFamily::default();
            exposed.set_name(family.name.to_owned());
            exposed.set_help(family.help.to_owned());
            exposed.set_field_type(kind);
            exposed.set_metric(metrics);
            families.push(exposed);
        }
        families
    }
}

fn daemon(sheet: &mut Sheet, picture: &Picture) {
    sheet.put(&catalogue::BUILD_INFO, &[env!("CARGO_PKG_VERSION")], 1.0);
    let ready = *picture.readiness() == Readiness::Ready;
    sheet.put(&catalogue::READY, &[], f64::from(u8::from(ready)));
    if let Some(terms) = &picture.terms {
        sheet.put(&catalogue::DEFINITIONS, &[], f64::from(terms.number));
    }
    for (reason, n) in &picture.dead_letters {
        sheet.put(&catalogue::DEAD_LETTERS, &[reason.as_str()], *n as f64);
    }
}

fn tally(sheet: &mut Sheet, task: &str, topic: &str, partition: &str, tally: &Tally) {
    for outcome in Outcome::ALL {
        let labels = [task, topic, partition, outcome.as_str()];
        sheet.put(&catalogue::RECORDS, &labels, tally.of(outcome) as f64);
    }
}

fn journeys(sheet: &mut Sheet, picture: &Picture) {
    let topic = picture.topics.events.as_str();
    for figures in picture.journeys.values() {
        let partition = figures.partition.to_string();
        tally(sheet, "journeys", topic, &partition, &figures.tally);
        let unknown = figures.unknown_fields as f64;
        sheet.put(&catalogue::UNKNOWN_FIELDS, &["journeys", topic, &partition], unknown);
        sheet.put(&catalogue::JOURNEYS, &[&partition], figures.rows as f64);
        if let Some(seconds) = boundary_seconds(figures.time) {
            sheet.put(&catalogue::EVENT_TIME, &[&partition], seconds);
        }
        if let Some(holder) = &figures.held_by {
            let labels = [partition.as_str(), &holder.source, &holder.partition.to_string()];
            let seconds = holder.behind_ms().map_or(f64::INFINITY, |ms| ms as f64 / 1e3);
            sheet.put(&catalogue::TIME_HELD, &labels, seconds);
        }
        // Taken apart by name, so that a counter added to the state cannot be forgotten here.
        let JourneyCounters {
            control_records,
            forwarded_copies,
            future_skew,
            conflicting,
            moved_facts,
            moves_stopped,
            facts_over_limit,
            journeys_freed,
        } = figures.counters;
        for (family, n) in [
            (&catalogue::CONTROL_RECORDS, control_records),
            (&catalogue::FORWARDED_COPIES, forwarded_copies),
            (&catalogue::FUTURE_SKEW, future_skew),
            (&catalogue::CONFLICTING, conflicting),
            (&catalogue::MOVED_FACTS, moved_facts),
            (&catalogue::MOVES_STOPPED, moves_stopped),
            (&catalogue::FACTS_OVER_LIMIT, facts_over_limit),
            (&catalogue::JOURNEYS_FREED, journeys_freed),
        ] {
            sheet.put(family, &[&partition], n as f64);
        }
    }
}

fn intakes(sheet: &mut Sheet, picture: &Picture) {
    for figures in picture.intakes.values() {
        let (topic, partition) = (figures.source.as_str(), figures.partition.to_string());
        tally(sheet, "intake", topic, &partition, &figures.tally);
        let unknown = figures.unknown_fields as f64;
        sheet.put(&catalogue::UNKNOWN_FIELDS, &["intake", topic, &partition], unknown);
        sheet.put(&catalogue::SOURCE_FUTURE_SKEW, &[topic, &partition], figures.future_skew as f64);
        if let Some(time) = figures.time {
            sheet.put(&catalogue::SOURCE_TIME, &[topic, &partition], time.0 as f64 / 1e3);
        }
    }
}

fn segments(sheet: &mut Sheet, picture: &Picture) {
    let Some(figures) = picture.segments else { return };
    if let Some(seconds) = figures.aligned.and_then(boundary_seconds) {
        sheet.put(&catalogue::ALIGNED_TIME, &[], seconds);
    }
    sheet.put(&catalogue::WAITING, &[], figures.waiting as f64);
    sheet.put(&catalogue::SEGMENTS, &[], figures.segments as f64);
    sheet.put(&catalogue::CHANGES_OVER_LIMIT, &[], figures.over_limit as f64);
    sheet.put(&catalogue::EVIDENCE_LEFT_OUT, &[], figures.evidence_left_out as f64);
}

fn engine(sheet: &mut Sheet, picture: &Picture) {
    let engine = &picture.engine;
    sheet.put(&catalogue::COMMITS, &[], engine.commits as f64);
    sheet.put(&catalogue::COMMITTED_RECORDS, &[], engine.records as f64);
    sheet.put(&catalogue::COMMITTED_BYTES, &[], engine.bytes as f64);
    for (cause, n) in &engine.rebuilds {
        sheet.put(&catalogue::REBUILDS, &[cause], *n as f64);
    }
    sheet.put(&catalogue::ABORTS, &[], engine.aborts as f64);
    sheet.put(&catalogue::REBUILDS_FAILED, &[], engine.rebuilds_failed as f64);
    sheet.put(&catalogue::FENCES, &[], engine.fences as f64);
    for (kind, n) in &engine.rebalances {
        sheet.put(&catalogue::REBALANCES, &[kind], *n as f64);
    }
    sheet.put(&catalogue::TRIMS_FAILED, &[], engine.trims_failed as f64);
    for ((topic, partition), left) in &engine.restoring {
        sheet.put(&catalogue::RESTORE_LEFT, &[topic, &partition.to_string()], *left as f64);
    }
    for ((topic, partition), restore) in &engine.restores {
        let labels = [topic.as_str(), &partition.to_string()];
        sheet.put(&catalogue::RESTORE_SECONDS, &labels, restore.took_ms as f64 / 1e3);
        sheet.put(&catalogue::RESTORED_ROWS, &labels, restore.rows as f64);
    }
    for ((topic, partition), records) in &engine.foreign_state {
        sheet.put(&catalogue::FOREIGN_STATE, &[topic, &partition.to_string()], *records as f64);
    }
    for (at @ (topic, partition), lag) in &engine.lags {
        let labels = [topic.as_str(), &partition.to_string()];
        sheet.put(&catalogue::CONSUMER_LAG, &labels, lag.records as f64);
        sheet.put(&catalogue::CONSUMER_LAG_SECONDS, &labels, lag.ms as f64 / 1e3);
        sheet.put(&catalogue::PARTITION_IDLE, &labels, f64::from(u8::from(lag.records == 0)));
        let paused = engine.paused.contains(at);
        sheet.put(&catalogue::PARTITION_PAUSED, &labels, f64::from(u8::from(paused)));
    }
}

/// Exposes where the rules stand and what it comes to.
fn alignment(sheet: &mut Sheet, picture: &Picture) {
    if let Some(score) = standing::alignment_score(&picture.rules) {
        sheet.put(&catalogue::ALIGNMENT, &[], score);
    }
    for sign in 1..=4 {
        if let Some(health) = standing::sign_health(&picture.rules, sign) {
            sheet.put(&catalogue::SIGN_HEALTH, &[&sign.to_string()], health);
        }
    }
    for rule in &picture.rules {
        let states = [
            ("kept", rule.kept),
            ("learning", rule.learning),
            ("holding", rule.holding),
            ("broken", rule.broken),
        ];
        for (state, n) in states {
            sheet.put(&catalogue::RULE_SEGMENTS, &[rule.rule, state], f64::from(n));
        }
    }
    for (currency, minor) in picture.alerts.revenue_at_risk() {
        sheet.put(&catalogue::AT_RISK, &[currency.as_str()], minor as f64);
    }
}

/// Exposes the alerts that the budget allows; returns how many series it does not.
fn alerts(sheet: &mut Sheet, picture: &Picture, budget: usize) -> usize {
    for ((rule, state), n) in picture.alerts.told() {
        let state = match state {
            AlertState::Firing => "firing",
            AlertState::Resolved => "resolved",
        };
        sheet.put(&catalogue::ALERTS, &[rule, state], *n as f64);
    }
    // Several subjects of one rule in one segment are one series.
    let mut firing = BTreeSet::new();
    for alert in picture.alerts.firing() {
        let loudest_first = std::cmp::Reverse::<Severity>(alert.severity);
        firing.insert((loudest_first, alert.rule.as_str(), alert.segment.as_str()));
    }
    for (severity, rule, segment) in firing.iter().take(budget) {
        sheet.put(&catalogue::ALERT_FIRING, &[rule, segment, severity.0.as_str()], 1.0);
    }
    firing.len().saturating_sub(budget)
}

/// Exposes the segments that the budget allows; returns how many series it does not.
fn funnel(sheet: &mut Sheet, picture: &Picture, budget: usize) -> usize {
    let (mut left, mut out) = (budget, 0);
    for (name, segment) in picture.funnel.in_order() {
        if out > 0 || segment.series > left {
            out += segment.series;
            continue;
        }
        left -= segment.series;
        for result in segment.results.values() {
            window(sheet, name, result);
        }
    }
    out
}

fn window(sheet: &mut Sheet, segment: &str, result: &WindowResult) {
    let Some(value) = result.value else { return };
    let place = place(&result.measure, &result.window);
    let mut labels = vec![segment];
    labels.extend(place.labels);
    sheet.put(place.family, &labels, value * place.scale);
    if place.interval == Interval::Shown {
        for (bound, end) in [("low", result.interval_low), ("high", result.interval_high)] {
            let Some(end) = end else { continue };
            *labels.last_mut().expect("the segment is there") = bound;
            sheet.put(place.family, &labels, end * place.scale);
        }
    }
}

/// A boundary in Unix seconds; none for one that was never passed.
fn boundary_seconds(boundary: Minute) -> Option<f64> {
    (boundary != Minute::MIN && boundary != Minute::MAX).then(|| boundary.start().0 as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use crate::model::Minute;
    use crate::model::alert::{AlertState, Severity};
    use crate::model::dead_letter::Reason;
    use crate::model::effect::{Effect, Holder};

    use super::super::super::board::Board;
    use super::super::super::picture::{Lag, Readiness};
    use super::super::super::samples::{
        MONDAY, alert, board, estimate, explained, intake, journeys, rules, segments, window,
    };
    use super::super::text;

    /// Lines of one metric, without its HELP and TYPE.
    fn lines(board: &Board, series_max: usize, metric: &str) -> Vec<String> {
        let text = text(board, series_max);
        let of = |line: &&str| line.starts_with(metric) && !line.starts_with('#');
        text.lines().filter(of).map(|line| line.trim_start_matches(metric).to_owned()).collect()
    }

    #[test]
    fn the_exposition_reads_like_this() {
        let board = board();
        let minute = MONDAY.minute();
        board.observe_all(&[journeys(3, minute), intake("hubspot", 0), segments(Some(minute.plus(-1)))]);
        board.observe(&Effect::DeadLetter(Reason::UnknownKind));
        for result in [
            window("source=Web", "entered_mql", "28d", Some(12.0)),
            window("all", "entered_mql", "28d", Some(40.0)),
            window("all", "open_sal", "now", Some(9.0)),
            window("all", "open_sal_age_days_p90", "now", Some(12.0)),
            window("all", "open_sql_age_days_p90", "now", None),
            estimate("all", "mql_to_sql_naive", "42d", [0.25, 0.21, 0.29]),
            estimate("all", "mql_to_sql_kaplan_meier", "42d", [0.3125, 0.27, 0.36]),
            estimate("all", "first_touch_attainment", "28d", [0.9375, 0.91, 0.96]),
            window("all", "first_touch_human_seconds_p90", "28d", Some(11_800.5)),
            estimate("all", "rejected_share", "28d", [0.19, 0.17, 0.21]),
            estimate("all", "reasonless_share", "28d", [0.27, 0.24, 0.3]),
            window("all", "deals_won", "28d", Some(6.0)),
            window("all", "won_amount_minor_EUR", "28d", Some(12_345_678.0)),
            window("all", "alignment_score", "now", Some(71.0)),
        ] {
            board.observe(&Effect::Window(result));
        }
        board.restored("rapport.deltas", 0, 1800, 420);
        let fires = alert("a", "all", Severity::Page, AlertState::Firing);
        board.observe_all(&[rules(), Effect::Alert(fires.clone()), explained(&fires, 120_000)]);
        board.note(|picture| picture.set_consumer_lag("crm.events", 3, Lag { records: 17, ms: 2_500 }));
        board.committed(120, 90_000, 14);
        board.committed(80, 30_000, 350);
        board.note(|picture| picture.rebuilt("fenced", true));
        board.set_readiness(0, Readiness::Ready);

        let golden = include_str!("exposition.golden.txt").replace("{version}", env!("CARGO_PKG_VERSION"));
        let text = text(&board, 2000);
        for (i, (got, wanted)) in text.lines().zip(golden.lines()).enumerate() {
            assert_eq!(got, wanted, "line {}", i + 1);
        }
        assert_eq!(text, golden, "one is longer than the other, or ends differently");
    }

    #[test]
    fn an_undefined_value_removes_its_series() {
        let board = board();
        let metric = "rapport_first_touch_attainment_ratio";
        board.observe(&Effect::Window(estimate("all", "first_touch_attainment", "28d", [0.9, 0.8, 0.95])));
        assert_eq!(lines(&board, 100, metric).len(), 3);
        board.observe(&Effect::Window(window("all", "first_touch_attainment", "28d", None)));
        assert_eq!(lines(&board, 100, metric), [""; 0]);
    }

    #[test]
    fn a_time_that_was_never_reached_is_not_shown() {
        let board = board();
        board.observe_all(&[journeys(0, Minute::MIN), segments(None)]);
        assert_eq!(lines(&board, 100, "rapport_event_time"), [""; 0]);
    }

    #[test]
    fn a_source_that_never_told_a_time_holds_it_without_end() {
        let board = board();
        let Effect::Journeys(mut figures) = journeys(0, Minute::MIN) else { panic!("these are figures") };
        figures.held_by = figures.held_by.map(|holder| Holder { time: None, ..holder });
        board.observe(&Effect::Journeys(figures.clone()));
        let metric = "rapport_time_held_seconds";
        let labels = r#"{partition="0",source="hubspot",source_partition="1"}"#;
        assert_eq!(lines(&board, 100, metric), [format!("{labels} inf")], "as Prometheus reads it");
        figures.held_by = figures.held_by.map(|holder| Holder { ahead: None, ..holder });
        board.observe(&Effect::Journeys(figures));
        assert_eq!(lines(&board, 100, metric), [format!("{labels} 0")], "nobody has told any");
    }

    #[test]
    fn segments_are_admitted_whole_until_one_does_not_fit() {
        let board = board();
        // Three series each; of a budget of 10, one is kept for alerts.
        for segment in ["b", "c", "all", "a", "d"] {
            for (measure, of) in [("entered_mql", "7d"), ("entered_mql", "28d"), ("open_mql", "now")] {
                board.observe(&Effect::Window(window(segment, measure, of, Some(1.0))));
            }
        }
        let shown = |series_max| {
            let lines = lines(&board, series_max, "rapport_funnel_open");
            let names = lines.iter().map(|line| line.split('"').nth(1).unwrap().to_owned());
            names.collect::<Vec<String>>()
        };
        assert_eq!(shown(2000), ["all", "b", "c", "a", "d"]);
        assert_eq!(shown(10), ["all", "b", "c"]);
        assert_eq!(shown(9), ["all", "b"], "two more series would fit, but no half segment");
        assert_eq!(shown(3), [""; 0]);
        let over = |series_max| lines(&board, series_max, "rapport_series_over_budget");
        assert_eq!(over(2000), [r#"{of="alerts"} 0"#, r#"{of="funnel"} 0"#]);
        assert_eq!(over(10), [r#"{of="alerts"} 0"#, r#"{of="funnel"} 6"#]);
        assert_eq!(over(0), [r#"{of="alerts"} 0"#, r#"{of="funnel"} 15"#]);

        // A value that is undefined for a while keeps its place: nobody else comes in, nobody falls out.
        board.observe(&Effect::Window(window("b", "open_mql", "now", None)));
        assert_eq!(shown(10), ["all", "c"]);
        assert_eq!(over(10)[1], r#"{of="funnel"} 6"#);
    }

    #[test]
    fn the_loudest_alerts_are_within_the_budget() {
        let board = board();
        for (i, severity) in [Severity::Info, Severity::Ticket, Severity::Page].into_iter().enumerate() {
            for subject in ["x", "y"] {
                let segment = format!("source={i}");
                let alert = alert(&format!("{i}{subject}"), &segment, severity, AlertState::Firing);
                board.observe(&Effect::Alert(alert));
            }
        }
        let metric = "rapport_alert_firing";
        assert_eq!(
            lines(&board, 100, metric).len(),
            3,
            "two subjects of one rule in one segment are one series"
        );
        let page = r#"{rule="first_touch_slo",segment="source=2",severity="page"} 1"#;
        let ticket = r#"{rule="first_touch_slo",segment="source=1",severity="ticket"} 1"#;
        assert_eq!(lines(&board, 20, metric), [page, ticket]);
        assert_eq!(lines(&board, 20, "rapport_series_over_budget")[0], r#"{of="alerts"} 1"#);
    }

    #[test]
    fn hostile_names_stay_inside_their_label() {
        let board = board();
        let long = "x".repeat(5000);
        let names =
            ["source=</p><script>alert(1)</script>", "source=a\"b", "source=a\\b", "source=a\nb 1", &long];
        for name in names {
            board.observe(&Effect::Window(window(name, "entered_mql", "28d", Some(1.0))));
        }
        let wanted = [
            r#"source=</p><script>alert(1)</script>"#,
            r#"source=a\"b"#,
            r#"source=a\\b"#,
            r#"source=a\nb 1"#,
            &long,
        ];
        let wanted = wanted.map(|name| format!(r#"{{segment="{name}",stage="mql",window="28d"}} 1"#));
        assert_eq!(lines(&board, 100, "rapport_funnel_entered"), wanted);
    }
}
