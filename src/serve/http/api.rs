//! `/api/v1`: the picture as JSON. Times are milliseconds since 1970, undefined values are null.
//!
//! Each answer is one consistent look at the picture and carries its version. Values from events are data
//! here, whatever they contain; nothing is built into markup.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use super::{Served, alignment};
use crate::model::alert::Alert;
use crate::model::counters::JourneyCounters;
use crate::model::explanation::{AtRisk, Carrier, Explanation};
use crate::model::outcome::{Outcome, Tally};
use crate::model::{Minute, Text};
use crate::serve::picture::{ALL, Picture, Readiness, SegmentWindows};

/// How many segments an answer holds unless asked for more.
const SEGMENTS_DEFAULT: usize = 24;
/// The most segments of one answer.
const SEGMENTS_MAX: usize = 500;
/// How many firing alerts an answer holds unless asked for more.
const FIRING_DEFAULT: usize = 100;
/// The most firing alerts of one answer.
const FIRING_MAX: usize = 1000;

/// `GET /api/v1/status`, and what an event of `/api/v1/events` says.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    version: u64,
    alerts_version: u64,
    alignment_version: u64,
    funnel_version: u64,
    daemon_version: &'static str,
    ready: bool,
    waiting_for: Option<String>,
    definitions: Option<Definitions>,
    /// The event time up to which alerts are judged.
    aligned_at: Option<i64>,
    waiting_boundaries: Option<usize>,
    segments: usize,
    judged_here: bool,
    firing: Firing,
    records: BTreeMap<&'static str, u64>,
    records_total: u64,
    dead_letters: BTreeMap<&'static str, u64>,
    dead_letters_total: u64,
    partitions: Vec<Partition>,
    sources: Vec<Source>,
    commits: u64,
    rebuilds: u64,
}

#[derive(Debug, Default, Serialize)]
struct Firing {
    total: usize,
    by_severity: BTreeMap<&'static str, usize>,
    by_sign: BTreeMap<u8, usize>,
}

#[derive(Debug, Serialize)]
struct Definitions {
    number: u32,
    zone: Text,
    promise: Option<Promise>,
    rules: Vec<Rule>,
}

#[derive(Debug, Serialize)]
struct Promise {
    target: f64,
    within_minutes: u32,
}

#[derive(Debug, Serialize)]
struct Rule {
    name: &'static str,
    sign: u8,
}

#[derive(Debug, Serialize)]
struct Partition {
    partition: u32,
    at: Option<i64>,
    held_by: Option<HeldBy>,
    rows: usize,
    records: BTreeMap<&'static str, u64>,
    counters: JourneyCounters,
    unknown_fields: u64,
    lag_records: Option<u64>,
}

/// The source partition that holds the time of a partition.
#[derive(Debug, Serialize)]
struct HeldBy {
    source: Text,
    partition: u32,
    /// What it has told of time; null if it never told any.
    at: Option<i64>,
    /// How far it is behind the most advanced source partition; null where it never told any and another has.
    behind_ms: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Source {
    source: Text,
    partition: u32,
    at: Option<i64>,
    records: BTreeMap<&'static str, u64>,
    future_skew: u64,
    unknown_fields: u64,
    lag_records: Option<u64>,
}

impl Status {
    /// The version of the picture that it was taken of.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// The status of a picture.
    pub(super) fn of(picture: &Picture) -> Status {
        let mut records = Tally::default();
        picture.journeys.values().for_each(|figures| records.add(&figures.tally));
        let mut firing = Firing::default();
        for alert in picture.alerts.firing() {
            firing.total += 1;
            *firing.by_severity.entry(alert.severity.as_str()).or_default() += 1;
            *firing.by_sign.entry(alert.sign).or_default() += 1;
        }
        let dead = |(reason, n): (&crate::model::dead_letter::Reason, &u64)| (reason.as_str(), *n);
        Status {
            version: picture.version,
            alerts_version: picture.alerts.version,
            alignment_version: alignment::version(picture),
            funnel_version: picture.funnel.version,
            daemon_version: env!("CARGO_PKG_VERSION"),
            ready: *picture.readiness() == Readiness::Ready,
            waiting_for: match picture.readiness() {
                Readiness::Ready => None,
                Readiness::Waiting(reason) => Some(reason.clone()),
            },
            definitions: Definitions::of(picture),
            aligned_at: picture.segments.and_then(|figures| figures.aligned).and_then(boundary_ms),
            waiting_boundaries: picture.segments.map(|figures| figures.waiting),
            segments: picture.funnel.len(),
            judged_here: picture.segments.is_some(),
            firing,
            records: by_outcome(&records),
            records_total: records.total(),
            dead_letters: picture.dead_letters.iter().map(dead).filter(|(_, n)| *n > 0).collect(),
            dead_letters_total: picture.dead_letters.values().sum(),
            partitions: partitions(picture),
            sources: sources(picture),
            commits: picture.engine.commits,
            rebuilds: picture.engine.rebuilds.values().sum(),
        }
    }
}

impl Definitions {
    fn of(picture: &Picture) -> Option<Definitions> {
        let terms = picture.terms.as_ref()?;
        let promise = terms.promise.map(|promise| Promise {
            target: promise.target.as_f64(),
            within_minutes: promise.within_minutes,
        });
        let on = terms.rules.iter().filter(|switch| switch.is_on);
        let rules = on.map(|switch| Rule { name: switch.rule, sign: switch.sign }).collect();
        Some(Definitions { number: terms.number, zone: terms.zone.clone(), promise, rules })
    }
}

fn partitions(picture: &Picture) -> Vec<Partition> {
    let topic = &picture.topics.events;
    let of = |figures: &crate::model::effect::JourneysFigures| Partition {
        partition: figures.partition,
        at: boundary_ms(figures.time),
        held_by: figures.held_by.as_ref().map(|holder| HeldBy {
            source: holder.source.clone(),
            partition: holder.partition,
            at: holder.time.map(|time| time.0),
            behind_ms: holder.behind_ms(),
        }),
        rows: figures.rows,
        records: by_outcome(&figures.tally),
        counters: figures.counters,
        unknown_fields: figures.unknown_fields,
        lag_records: lag(picture, topic, figures.partition),
    };
    picture.journeys.values().map(of).collect()
}

fn sources(picture: &Picture) -> Vec<Source> {
    let of = |figures: &crate::model::effect::IntakeFigures| Source {
        source: figures.source.clone(),
        partition: figures.partition,
        at: figures.time.map(|time| time.0),
        records: by_outcome(&figures.tally),
        future_skew: figures.future_skew,
        unknown_fields: figures.unknown_fields,
        lag_records: lag(picture, &figures.source, figures.partition),
    };
    picture.intakes.values().map(of).collect()
}

fn lag(picture: &Picture, topic: &str, partition: u32) -> Option<u64> {
    picture.engine.lags.get(&(topic.to_owned(), partition)).map(|lag| lag.records)
}

fn by_outcome(tally: &Tally) -> BTreeMap<&'static str, u64> {
    Outcome::ALL.into_iter().map(|outcome| (outcome.as_str(), tally.of(outcome))).collect()
}

fn boundary_ms(boundary: Minute) -> Option<i64> {
    (boundary != Minute::MIN && boundary != Minute::MAX).then(|| boundary.start().0)
}

/// `GET /api/v1/status`.
pub(super) async fn status(State(served): State<Served>) -> Json<Status> {
    Json(served.board.read(Status::of))
}

/// What may be asked of `/api/v1/alerts`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsQuery {
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
struct AlertsAnswer {
    version: u64,
    firing_total: usize,
    firing: Vec<FiringAnswer>,
    history: Vec<Alert>,
}

/// An alert that fires, with what a reader asks first: where it lies and what it may cost.
#[derive(Debug, Serialize)]
struct FiringAnswer {
    #[serde(flatten)]
    alert: Alert,
    carriers: Vec<Carrier>,
    at_risk: Vec<AtRisk>,
}

impl FiringAnswer {
    fn of(picture: &Picture, alert: &Alert) -> FiringAnswer {
        let sum = picture.alerts.explanation(&alert.fingerprint).map(|explanation| &explanation.sum);
        FiringAnswer {
            alert: alert.clone(),
            carriers: sum.map_or_else(Vec::new, |sum| sum.carriers.clone()),
            at_risk: sum.map_or_else(Vec::new, |sum| sum.at_risk.clone()),
        }
    }
}

/// `GET /api/v1/alerts`: those that fire, the loudest first, and the last messages, the newest first.
pub(super) async fn alerts(
    State(served): State<Served>,
    query: Result<Query<AlertsQuery>, QueryRejection>,
) -> Response {
    let limit = match query {
        Ok(Query(query)) => query.limit.unwrap_or(FIRING_DEFAULT).min(FIRING_MAX),
        Err(rejection) => return refused(&rejection),
    };
    let answer = served.board.read(|picture| {
        let firing = picture.alerts.firing();
        AlertsAnswer {
            version: picture.alerts.version,
            firing_total: firing.len(),
            firing: firing.into_iter().take(limit).map(|alert| FiringAnswer::of(picture, alert)).collect(),
            history: picture.alerts.history().cloned().collect(),
        }
    });
    Json(answer).into_response()
}

#[derive(Debug, Serialize)]
struct AlertAnswer {
    alert: Alert,
    explanation: Explanation,
}

/// What may be asked of `/api/v1/alerts/{fingerprint}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertQuery {
    #[serde(default)]
    fired: bool,
}

/// `GET /api/v1/alerts/{fingerprint}`: the last message about an alert, and how it comes about; with `fired=true` the
/// last one by which it fired, also where it has been resolved since. The first digits of a fingerprint are enough
/// where they are those of one alert.
pub(super) async fn alert(
    State(served): State<Served>,
    Path(digits): Path<String>,
    query: Result<Query<AlertQuery>, QueryRejection>,
) -> Response {
    let fired = match query {
        Ok(Query(query)) => query.fired,
        Err(rejection) => return refused(&rejection),
    };
    let found = served.board.read(|picture| {
        let known = picture.alerts.explained(&digits);
        let found = if fired { picture.alerts.explained_as_fired(&digits) } else { known.clone() };
        match (known.len(), found.as_slice()) {
            (1, [(alert, explanation)]) => {
                Ok(AlertAnswer { alert: (*alert).clone(), explanation: (*explanation).clone() })
            }
            (0, _) => Err((StatusCode::NOT_FOUND, "no alert that is known here has this fingerprint")),
            (1, _) => Err((StatusCode::NOT_FOUND, "it fired before this process knew of it: replay its log")),
            _ => Err((StatusCode::BAD_REQUEST, "several alerts begin with these digits: write more of them")),
        }
    });
    match found {
        Ok(answer) => Json(answer).into_response(),
        Err((status, why)) => failed(status, why.to_owned()),
    }
}

/// What may be asked of `/api/v1/funnel`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FunnelQuery {
    limit: Option<usize>,
    segment: Option<String>,
}

#[derive(Debug, Serialize)]
struct FunnelAnswer {
    version: u64,
    segments_total: usize,
    segments: Vec<SegmentAnswer>,
}

#[derive(Debug, Serialize)]
struct SegmentAnswer {
    segment: Text,
    /// By measure, then by window.
    results: BTreeMap<Text, BTreeMap<Text, Figure>>,
}

#[derive(Debug, Serialize)]
struct Figure {
    at: i64,
    value: Option<f64>,
    interval_low: Option<f64>,
    interval_high: Option<f64>,
    n: u64,
    excluded_immature: u64,
}

/// `GET /api/v1/funnel`: `all`, then the segments with the most MQLs in 28 days; or one by its name.
pub(super) async fn funnel(
    State(served): State<Served>,
    query: Result<Query<FunnelQuery>, QueryRejection>,
) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(rejection) => return refused(&rejection),
    };
    let limit = query.limit.unwrap_or(SEGMENTS_DEFAULT).min(SEGMENTS_MAX);
    let answer = served.board.read(|picture| {
        let mut shown: Vec<(&Text, &SegmentWindows)> = picture.funnel.in_order().collect();
        if let Some(name) = &query.segment {
            shown.retain(|(known, _)| *known == name);
        }
        shown.sort_by_cached_key(|(name, windows)| {
            (*name != ALL, std::cmp::Reverse(mqls(windows)), (*name).clone())
        });
        FunnelAnswer {
            version: picture.funnel.version,
            segments_total: picture.funnel.len(),
            segments: shown.into_iter().take(limit).map(|(name, windows)| answer_of(name, windows)).collect(),
        }
    });
    if let (Some(name), true) = (&query.segment, answer.segments.is_empty()) {
        let error = format!("no segment {name:?}; /api/v1/funnel lists them");
        return failed(StatusCode::NOT_FOUND, error);
    }
    Json(answer).into_response()
}

/// MQLs of the last 28 days, by which segments are ranked.
fn mqls(windows: &SegmentWindows) -> u64 {
    windows.results.get(&("entered_mql".into(), "28d".into())).map_or(0, |result| result.n)
}

fn answer_of(name: &Text, windows: &SegmentWindows) -> SegmentAnswer {
    let mut results = BTreeMap::<Text, BTreeMap<Text, Figure>>::new();
    for ((measure, window), result) in &windows.results {
        let figure = Figure {
            at: result.at.0,
            value: result.value,
            interval_low: result.interval_low,
            interval_high: result.interval_high,
            n: result.n,
            excluded_immature: result.excluded_immature,
        };
        results.entry(measure.clone()).or_default().insert(window.clone(), figure);
    }
    SegmentAnswer { segment: name.clone(), results }
}

/// A failure, as every answer below `/api` says it.
#[derive(Debug, Serialize)]
struct Failure {
    error: String,
}

/// An answer that says what is wrong.
pub(super) fn failed(status: StatusCode, error: String) -> Response {
    (status, Json(Failure { error })).into_response()
}

fn refused(rejection: &QueryRejection) -> Response {
    failed(StatusCode::BAD_REQUEST, rejection.body_text())
}
