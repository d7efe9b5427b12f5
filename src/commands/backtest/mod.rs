//! `rapport backtest`: rule sets over a history. Every rule is judged as the daemon would have judged it, for each
//! set side by side, and held against the truth if that is known.
//!
//! With `--out DIR` two files are written for programs.
//!
//! `backtest.json`: `{version, first_event, last_event, from, to, months, records, ignored, dead_letter, truth,
//! variants: [{name, config, set, definitions: {number, hash}, rules: [{rule, sign, on, alerts, before_from,
//! alerts_a_month, pages, tickets, info, found, missed, false_alarms, beside, delay_days: {median, worst},
//! delay_business_days: {median, worst}, at_end: {kept, learning, holding, broken, had_enough}}], periods: [{rule,
//! segment, subject, from, to, dose, found_at, fingerprint, delay_days, delay_business_days}]}]}`. Times are ms since
//! 1970. `months` is the event time from the later of the first event and `from` to the last event, in months of 30.44
//! days; `alerts` and all that is counted of them lie in it, `before_from` before it. `at_end` says in how many
//! segments and subjects a rule stands how at the end (null where it is off), and whether it had enough to judge in any
//! of them at any time. `found` and what follows it, and `periods`, are null without a truth. `hash` is one over what a
//! configuration says of the definitions: the same hash, the same rules. `truth` is null, or `{planted, outside,
//! begun_before}`: how many planted periods are counted, how many lie wholly outside of the history and are not, and
//! how many of those that are counted began before it. Delays are from the onset, or from the first event where the
//! onset lies before it.
//!
//! `alerts.jsonl`: one line for each alert of each variant, `{variant, fingerprint, rule, segment, subject, severity,
//! since, at, resolved, owner_team, before_from, grade}`. An alert is one from its first message until it is over;
//! `severity` is the loudest that it became. `grade` is `found`, `again`, `beside` or `false`
//! ([`crate::simulator::grading`]), null without a truth; what belongs to a period outside of the history is beside.

mod figures;
mod output;
mod print;
mod tested;
mod topic;
mod truth;
mod variants;

use anyhow::anyhow;

use crate::cli::Backtest;
use crate::commands::say::say;
use crate::engine::clock::{Clock, SystemClock};
use crate::model::EventTime;

use super::replay::reading::{Progress, Reading};
use super::replay::{folder, input};
use super::{Failure, configured, failed, request};
use figures::Figures;
use tested::Tested;
use truth::Key;

/// So many records are decoded before the variants apply them, and so many items read before progress is looked at.
const BATCH_RECORDS: usize = 20_000;

/// Judges the history by every rule set.
pub fn backtest(args: &Backtest) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let span = Span::of(args)?;
    let config = configured::config(args.config.as_deref())?;
    let variants = variants::of(args)?;
    let truth = args.truth.as_deref().map(truth::read).transpose()?;
    if let Some(out) = &args.out {
        folder(out)?;
    }
    let bytes_max = config.log.record_bytes_max as usize;
    let history = match args.topic {
        true => topic::open(&config, args, &span)?,
        false => {
            let files = input::files(&args.files, &config)?;
            input::history(&files, args.mapping.as_deref(), args.schemas.as_deref(), bytes_max)?
        }
    };
    let mut tested: Vec<Tested> = variants.into_iter().map(Tested::new).collect();
    let mut stderr = std::io::stderr();
    let reading = judge(history, &span, &mut tested, &mut Progress::new("backtest", &clock, &mut stderr));
    if let Some(broken) = reading.broken.first() {
        return Err(failed(anyhow!("{broken}")));
    }
    let (Some(first), Some(last)) = (reading.first, reading.last) else {
        let why: String = reading.set_aside_lines().map(|line| format!("\n  {line}")).collect();
        return Err(request(anyhow!(
            "there is no event in the history{}: nothing can be judged{why}",
            if span.is_all() { "" } else { " between these times; widen --since and --to" }
        )));
    };
    if let (Some(asked), true) = (&args.from, span.from.is_some_and(|from| from >= last)) {
        return Err(request(anyhow!(
            "--from {asked} is not before the last event, {}: no alert could be counted; give an earlier time",
            last.rfc3339()
        )));
    }
    let key = truth.map(|truth| Key::of(&truth, (first, last)));
    if let Some(key) = &key {
        eprint!("{key}");
    }
    let figures = Figures::new(&span, (first, last), key.as_ref(), &tested);
    if let Some(out) = &args.out {
        output::write(out, &figures, &reading)?;
    }
    say!("{}", print::table(&figures, &reading, clock.ticks_ms() as f64 / 1000.0));
    Ok(())
}

/// Plays the history to its end by every rule set.
fn judge(
    history: impl Iterator<Item = (EventTime, input::Fed)>,
    span: &Span,
    tested: &mut [Tested],
    progress: &mut Progress<'_>,
) -> Reading {
    let mut reading = Reading::default();
    let mut batch = Vec::with_capacity(BATCH_RECORDS);
    for (items, (at, fed)) in (1..).zip(history) {
        if span.contains(at, &fed.1) {
            batch.extend(reading.take(fed));
        }
        if batch.len() == BATCH_RECORDS {
            tested::apply_all(tested, &mut batch);
        }
        if items % BATCH_RECORDS == 0 {
            progress.tell(reading.records, tested[0].time());
        }
    }
    tested::apply_all(tested, &mut batch);
    tested::finish_all(tested);
    reading
}

/// Which part of the history counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    /// Nothing older is read.
    since: Option<EventTime>,
    /// Alerts before it are told apart.
    from: Option<EventTime>,
    /// Nothing from here on is read.
    to: Option<EventTime>,
}

impl Span {
    fn of(args: &Backtest) -> Result<Span, Failure> {
        let time = |name: &str, text: &Option<String>| {
            text.as_deref().map(|text| time(text).ok_or_else(|| no_time(name, text))).transpose()
        };
        let span = Span {
            since: time("--since", &args.since)?,
            from: time("--from", &args.from)?,
            to: time("--to", &args.to)?,
        };
        let in_order = [span.since, span.from, span.to].into_iter().flatten().is_sorted_by(|a, b| a < b);
        match in_order {
            true => Ok(span),
            false => Err(request(anyhow!("--since, --from and --to must be given in this order of time"))),
        }
    }

    /// Whether an item lies in it. What has no time of its own goes with its neighbours.
    fn contains(&self, at: EventTime, read: &input::Read) -> bool {
        let at = match read {
            input::Read::Event(event, _) => event.occurred_at,
            input::Read::Broken(_) => return true,
            _ => at,
        };
        self.since.is_none_or(|since| since <= at) && self.to.is_none_or(|to| at < to)
    }

    fn is_all(&self) -> bool {
        self.since.is_none() && self.to.is_none()
    }
}

/// A time as a person writes it: RFC 3339, or a day, which begins at midnight UTC.
fn time(text: &str) -> Option<EventTime> {
    let at = match text.parse::<jiff::civil::Date>() {
        Ok(day) if text.len() == 10 => jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?,
        _ => text.parse::<jiff::Timestamp>().ok()?,
    };
    Some(EventTime(at.as_millisecond())).filter(|at| at.is_possible())
}

fn no_time(name: &str, text: &str) -> Failure {
    request(anyhow!("{name} {text} is no time: write YYYY-MM-DD, or RFC 3339 as 2026-03-01T09:00:00Z"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::log::file::{Place, Unit};

    /// A clock on which a second passes whenever it is looked at.
    #[derive(Default)]
    struct Ticking(AtomicU64);

    impl Clock for Ticking {
        fn wall(&self) -> EventTime {
            EventTime(0)
        }

        fn ticks_ms(&self) -> u64 {
            self.0.fetch_add(1_000, Ordering::Relaxed)
        }

        fn pause_ms(&self, ms: u64) {
            self.0.fetch_add(ms, Ordering::Relaxed);
        }
    }

    /// What is said of the progress of a history of so many items.
    fn progress_of(items: u64, span: &Span, read: impl Fn(u64) -> input::Read) -> String {
        let asked = Cli::try_parse_from(["rapport", "backtest", "history.jsonl"]).unwrap();
        let Command::Backtest(args) = asked.command else { panic!("it is a backtest") };
        let mut tested: Vec<Tested> = variants::of(&args).unwrap().into_iter().map(Tested::new).collect();
        let place = Place { file: "history.jsonl".into(), unit: Unit::Line, number: 1 };
        let history = (0..items).map(|i| (at(i), (place.clone(), read(i))));
        let (clock, mut said) = (Ticking::default(), Vec::new());
        let mut progress = Progress::new("backtest", &clock, &mut said);
        judge(history, span, &mut tested, &mut progress);
        String::from_utf8(said).unwrap()
    }

    /// A second after the one before.
    fn at(i: u64) -> EventTime {
        EventTime(789_004_800_000 + 1_000 * i as i64)
    }

    /// Looked at each 20,000 items, it is told each time that two seconds have passed, whatever the items are.
    #[test]
    fn progress_is_told_every_two_seconds() {
        let forgotten = |i: u64| input::Read::Tombstone { at: at(i), id: "L1".into() };
        let ignored = |_: u64| input::Read::Ignored("it says nothing".to_owned());
        assert_eq!(progress_of(39_999, &Span::default(), forgotten), "");
        // No event has told the time.
        let lines = "backtest: 40,000 records\nbacktest: 80,000 records\n";
        assert_eq!(progress_of(99_999, &Span::default(), forgotten), lines);
        assert_eq!(progress_of(99_999, &Span::default(), ignored), lines);
        let late = Span { since: Some(at(50_000)), ..Span::default() };
        let lines = "backtest: 0 records\nbacktest: 30,000 records\n";
        assert_eq!(progress_of(99_999, &late, ignored), lines, "what is passed over takes its time as well");
    }

    #[test]
    fn a_time_is_a_day_or_an_instant() {
        assert_eq!(time("1995-01-02"), Some(EventTime(789_004_800_000)));
        assert_eq!(time("1995-01-02T00:00:01Z"), Some(EventTime(789_004_801_000)));
        assert_eq!(time("1995-01-02T01:00:00+01:00"), Some(EventTime(789_004_800_000)));
        for no_time in ["", "yesterday", "1995-01", "1995-13-01", "1970-01-01", "1995-01-02T00:00:00"] {
            assert_eq!(time(no_time), None, "{no_time}");
        }
    }
}
