//! The Olist funnel: real leads and deals, read from the files beside the vectors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::super::bernoulli_cusum::BernoulliCusum;
use super::super::day_clock::DAY_MS;
use super::super::interval::Confidence;
use super::super::kaplan_meier::{Outcome, at_horizon};
use super::super::poisson_cusum::PoissonCusum;
use super::survival::check_horizon;
use super::{Fields, File, close, maybe_close, maybe_interval_close, read, read_cases, vectors_dir};

struct Lead {
    id: String,
    date: Date,
    entry_ms: i64,
    origin: String,
    won_ms: Option<i64>,
}

impl Lead {
    /// Milliseconds from entry to win; one lead was won before its first contact, which counts as 0.
    fn lag_ms(&self) -> Option<i64> {
        Some((self.won_ms? - self.entry_ms).max(0))
    }

    fn is_won_within(&self, days: i64) -> bool {
        self.lag_ms().is_some_and(|lag| lag <= days * DAY_MS)
    }

    /// Duration and outcome as known at a time.
    fn as_of(&self, as_of_ms: i64) -> (u64, Outcome) {
        match (self.won_ms, self.lag_ms()) {
            (Some(won_ms), Some(lag_ms)) if won_ms <= as_of_ms => (lag_ms as u64, Outcome::Converted),
            _ => ((as_of_ms - self.entry_ms) as u64, Outcome::Censored),
        }
    }
}

fn utc_ms(reading: DateTime) -> i64 {
    TimeZone::UTC.to_timestamp(reading).unwrap().as_millisecond()
}

/// `../olist` beside the vectors, or beside the crate where another folder of vectors has none.
fn olist_dir() -> PathBuf {
    let beside = vectors_dir().expect("a file of vectors has been read").join("../olist");
    let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/olist");
    if beside.is_dir() { beside } else { shared }
}

/// The named columns of every row.
fn rows<const N: usize>(file: &str, columns: [&str; N]) -> Vec<[String; N]> {
    let path = olist_dir().join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let header = reader.headers().unwrap().clone();
    let places = columns.map(|name| header.iter().position(|column| column == name).expect(name));
    reader.records().map(|row| row.unwrap()).map(|row| places.map(|place| row[place].to_owned())).collect()
}

fn leads() -> Vec<Lead> {
    let won: BTreeMap<String, i64> = rows("olist_closed_deals_dataset.csv", ["mql_id", "won_date"])
        .into_iter()
        .map(|[id, won]| (id, utc_ms(won.parse().unwrap())))
        .collect();
    rows("olist_marketing_qualified_leads_dataset.csv", ["mql_id", "first_contact_date", "origin"])
        .into_iter()
        .map(|[id, date, origin]| {
            let date: Date = date.parse().unwrap();
            let entry_ms = utc_ms(date.to_datetime(jiff::civil::Time::midnight()));
            let origin = if origin.is_empty() { "(empty)".to_owned() } else { origin };
            Lead { won_ms: won.get(&id).copied(), id, date, entry_ms, origin }
        })
        .collect()
}

/// k of n and their share, none of none.
fn check_share(mut expect: Fields, k: usize, n: usize) {
    assert_eq!((expect.u64("k"), expect.u64("n")), (k as u64, n as u64), "{}", expect.name);
    let share = (n > 0).then(|| k as f64 / n as f64);
    maybe_close(&expect.name.clone(), share, expect.maybe_f64("conversion"), 1e-15, 0.0);
    expect.done();
}

#[test]
fn kaplan_meier_olist() {
    let Some((cases, tolerance)) = read_cases("kaplan_meier_olist.json", &["rel", "abs"]) else { return };
    let all = leads();
    for mut case in cases {
        let as_of_ms = case.i64("as_of_ms");
        let origin = case.as_type("origin", |v| {
            if v.is_null() { Some(None) } else { v.as_str().map(|s| Some(s.to_owned())) }
        });
        let confidence = case.confidence();
        let cohort: Vec<&Lead> = all
            .iter()
            .filter(|lead| {
                lead.entry_ms <= as_of_ms && origin.as_ref().is_none_or(|origin| *origin == lead.origin)
            })
            .collect();
        let known: Vec<_> = cohort.iter().map(|lead| lead.as_of(as_of_ms)).collect();
        let converted = known.iter().filter(|lead| lead.1 == Outcome::Converted).count();
        assert_eq!(
            (case.u64("leads"), case.u64("converted")),
            (cohort.len() as u64, converted as u64),
            "{}",
            case.name
        );
        for mut expect in case.objects("expect") {
            let days = expect.i64("horizon");
            let got = at_horizon(&known, (days * DAY_MS) as u64, confidence);
            check_horizon(&mut expect, &got, &tolerance);
            let within =
                |lead: &&&Lead| lead.as_of(as_of_ms).1 == Outcome::Converted && lead.is_won_within(days);
            let mature: Vec<&Lead> =
                cohort.iter().copied().filter(|lead| lead.entry_ms <= as_of_ms - days * DAY_MS).collect();
            check_share(expect.object("mature"), mature.iter().filter(within).count(), mature.len());
            check_share(expect.object("naive"), cohort.iter().filter(within).count(), cohort.len());
            expect.done();
        }
        case.inform(&["as_of"]);
        case.done();
    }
}

#[test]
fn olist_story() {
    let Some(File { mut rest, cases, tolerance }) = read("olist_story.json", &["rel", "abs"]) else { return };
    let (rel, abs) = (tolerance.of("rel"), tolerance.of("abs"));
    let mut all = leads();
    all.sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
    for mut case in cases {
        let month = case.string("month");
        let as_of_ms = case.string("as_of").parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let cohort: Vec<&Lead> =
            all.iter().filter(|lead| lead.date.to_string().starts_with(&month)).collect();
        let known: Vec<_> = cohort.iter().map(|lead| lead.as_of(as_of_ms)).collect();
        let conversion =
            |days: i64| at_horizon(&known, (days * DAY_MS) as u64, Confidence::P95).estimate.unwrap();
        assert_eq!(case.u64("leads"), cohort.len() as u64, "{month}");
        let days = case.u64("calendar_days");
        close(&month, cohort.len() as f64 / days as f64, case.f64("leads_per_day"), rel, abs);
        let mut expect = case.object("expect");
        let won = cohort.iter().filter(|lead| lead.is_won_within(90)).count();
        assert_eq!(expect.u64("won_within_90_days"), won as u64, "{month}");
        close(&month, conversion(90).conversion, expect.f64("km90"), rel, abs);
        close(&month, conversion(14).conversion, expect.f64("km14"), rel, abs);
        maybe_interval_close(&month, conversion(90).loglog, expect.maybe_interval("km90_loglog"), rel, abs);
        expect.done();
        case.done();
    }
    let detections = rest.objects("detections");
    assert_eq!(detections.len(), 2, "the detections of the story");
    for detection in detections {
        // They tell themselves apart by their parameters.
        if detection.has("lambda0") {
            volume_goes_up(detection, &all, rel, abs);
        } else {
            conversion_goes_up(detection, &all, rel, abs);
        }
    }
    rest.done();
}

fn volume_goes_up(mut case: Fields, leads: &[Lead], rel: f64, abs: f64) {
    assert!(case.string("name").contains("daily Poisson CUSUM from 2018-01-01"), "{}", case.name);
    let chart = PoissonCusum::new(case.f64("lambda0"), case.f64("lambda1")).unwrap();
    let threshold = case.f64("h");
    let first: Date = "2018-01-01".parse().unwrap();
    let last = leads.last().unwrap().date;
    let days: Vec<Date> = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last).collect();
    let counts = days.iter().map(|day| leads.iter().filter(|lead| lead.date == *day).count() as u64);
    let path = chart.path(counts, Some(threshold));
    let mut expect = case.object("expect");
    close(&case.name, chart.reference(), expect.f64("k"), rel, abs);
    let mut alarm = expect.object("alarm");
    assert_eq!(days[path.alarms[0]].to_string(), alarm.string("date"));
    close(&case.name, path.values[path.alarms[0]], alarm.f64("S"), rel, abs);
    alarm.done();
    expect.done();
    case.done();
}

fn conversion_goes_up(mut case: Fields, leads: &[Lead], rel: f64, abs: f64) {
    assert!(case.string("name").contains("lead by lead from 2017-07-01"), "{}", case.name);
    let chart = BernoulliCusum::new(case.f64("p0"), case.f64("p1")).unwrap();
    let threshold = case.f64("h");
    let date = |text: &str| text.parse::<Date>().unwrap();
    let leads: Vec<&Lead> = leads.iter().filter(|lead| lead.date >= date("2017-07-01")).collect();
    let before = leads.iter().filter(|lead| lead.date < date("2018-01-01")).count();
    let won = leads[..before].iter().filter(|lead| lead.is_won_within(90)).count();
    assert_eq!(case.u64("leads_before_2018"), before as u64);
    assert_eq!(case.u64("won_before_2018_within_90_days"), won as u64);
    let path = chart.path(leads.iter().map(|lead| lead.is_won_within(90)), Some(threshold));
    let alarm_at = path.alarms[0];
    let mut expect = case.object("expect");
    let highest = path.values[..before].iter().copied().fold(0.0, f64::max);
    close(&case.name, highest, expect.f64("highest_S_of_entries_before_2018"), rel, abs);
    let mut alarm = expect.object("alarm");
    assert_eq!(alarm.u64("lead_number"), alarm_at as u64 + 1);
    assert_eq!(alarm.string("entry_date"), leads[alarm_at].date.to_string());
    close(&case.name, path.values[alarm_at], alarm.f64("S"), rel, abs);
    alarm.done();
    expect.done();
    case.done();
}
