//! The truth that a history is held against: read, and refused where it cannot be meant.
//!
//! What cannot be found by any rule would count as missed, so that a slip of the pen looked like a fault of the rules:
//! it is refused, by its place in the file. What lies outside of the history is not a slip: it is told apart, and said.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::model::EventTime;
use crate::simulator::{Planted, Truth};

use super::super::{Failure, request, rules};

/// Reads a truth.
pub fn read(path: &Path) -> Result<Truth, Failure> {
    let text = std::fs::read(path)
        .with_context(|| format!("cannot read the truth {}", path.display()))
        .map_err(request)?;
    let truth: Truth = serde_json::from_slice(&text)
        .with_context(|| format!("{} is no truth file as `rapport simulate` writes it", path.display()))
        .map_err(request)?;
    for (list, all) in [("periods", &truth.periods), ("side_effects", &truth.side_effects)] {
        for (i, planted) in all.iter().enumerate() {
            check(planted)
                .map_err(|(field, why)| request(anyhow!("{}: {list}[{i}].{field}: {why}", path.display())))?;
        }
    }
    Ok(truth)
}

/// Whether a rule could find it; else the field at fault, and why.
fn check(planted: &Planted) -> Result<(), (&'static str, String)> {
    rules::named(&planted.rule).map_err(|why| ("rule", why))?;
    let is_pair =
        |pair: &str| pair.split_once('=').is_some_and(|(key, value)| !key.is_empty() && !value.is_empty());
    if planted.segment != "all" && !planted.segment.split(',').all(is_pair) {
        let why = format!("{:?} is no segment: write all, or KEY=VALUE as source=webinar", planted.segment);
        return Err(("segment", why));
    }
    for (field, at) in [("from", Some(planted.from)), ("to", planted.to)] {
        if let Some(at) = at.filter(|at| !at.is_possible()) {
            let why = format!("{} lies outside of 1990 to 2100: write milliseconds since 1970", at.0);
            return Err((field, why));
        }
    }
    match planted.to {
        Some(to) if to <= planted.from => {
            let (from, to) = (planted.from.rfc3339(), to.rfc3339());
            let why =
                format!("{to} is not after `from`, {from}: write a later time, or null where it lasts on");
            Err(("to", why))
        }
        _ => Ok(()),
    }
}

/// A truth as it concerns a history.
pub struct Key {
    /// What was planted and lies in the history, at least in part.
    pub periods: Vec<Planted>,
    /// What may rightly be said and need not be: the side effects, and what is left of periods outside.
    pub side_effects: Vec<Planted>,
    /// How many periods lie wholly outside of the history.
    pub outside: usize,
    /// How many of those within began before the history does.
    pub begun_before: usize,
    /// The first event and the last.
    span: (EventTime, EventTime),
}

impl Key {
    /// Of a history with this first and this last event.
    pub fn of(truth: &Truth, (first, last): (EventTime, EventTime)) -> Key {
        let is_within = |period: &Planted| period.from <= last && period.to.is_none_or(|to| to > first);
        let (periods, outside): (Vec<Planted>, Vec<Planted>) =
            truth.periods.iter().cloned().partition(is_within);
        Key {
            begun_before: periods.iter().filter(|period| period.from < first).count(),
            outside: outside.len(),
            periods,
            // Alerts may rightly come some time after a fault is over.
            side_effects: truth.side_effects.iter().cloned().chain(outside).collect(),
            span: (first, last),
        }
    }
}

/// What is to be known of periods that are not wholly in the history; nothing, if there are none.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |at: EventTime| at.rfc3339()[..10].to_owned();
        let all = self.periods.len() + self.outside;
        let of_all = |n: usize| format!("{n} of {all} planted period{}", if all == 1 { "" } else { "s" });
        if self.outside > 0 {
            let (lie, are) = if self.outside == 1 { ("lies", "is") } else { ("lie", "are") };
            let (first, last) = (day(self.span.0), day(self.span.1));
            let outside = of_all(self.outside);
            writeln!(f, "{outside} {lie} outside of the history ({first} to {last}) and {are} not counted")?;
        }
        if self.begun_before > 0 {
            let before = of_all(self.begun_before);
            let (first, its) =
                (day(self.span.0), if self.begun_before == 1 { "its delay is" } else { "their delays are" });
            writeln!(
                f,
                "{before} began before the history: {its} counted from the first event on ({first})"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DAY_MS;

    const FIRST: EventTime = EventTime(1_767_571_200_000);

    fn planted(from_day: i64, to_day: Option<i64>) -> Planted {
        let at = |day: i64| FIRST.plus_ms(day * DAY_MS);
        Planted {
            sign: 2,
            rule: "silent_leads".into(),
            segment: "all".into(),
            subject: None,
            from: at(from_day),
            to: to_day.map(at),
            dose: 1.0,
            owner_team: None,
        }
    }

    fn key(periods: Vec<Planted>) -> Key {
        let truth = Truth {
            seed: 1,
            scenario: "made up".into(),
            start: FIRST,
            days: 10,
            case: "ordinary".into(),
            calendars: None,
            periods,
            side_effects: Vec::new(),
            counts: crate::simulator::Counts::default(),
        };
        Key::of(&truth, (FIRST, FIRST.plus_ms(10 * DAY_MS)))
    }

    #[test]
    fn what_lies_wholly_outside_is_told_apart() {
        let within = [planted(0, None), planted(10, None), planted(-5, Some(1)), planted(3, Some(99))];
        let inside = key(within.to_vec());
        assert_eq!((inside.periods.len(), inside.outside, inside.begun_before), (4, 0, 1));
        let said = "1 of 4 planted periods began before the history: its delay is counted from the first event on \
                    (2026-01-05)\n";
        assert_eq!(inside.to_string(), said);
        let outside = key(vec![planted(11, None), planted(-5, Some(0)), planted(1, Some(2))]);
        assert_eq!((outside.periods.len(), outside.outside, outside.side_effects.len()), (1, 2, 2));
        let said = "2 of 3 planted periods lie outside of the history (2026-01-05 to 2026-01-15) and are not counted\n";
        assert_eq!(outside.to_string(), said);
        assert_eq!(key(vec![planted(0, None)]).to_string(), "");
    }

    #[test]
    fn what_no_rule_could_find_is_refused_by_its_field() {
        assert_eq!(check(&planted(0, None)), Ok(()));
        let refused = |change: &dyn Fn(&mut Planted)| {
            let mut wrong = planted(0, Some(1));
            change(&mut wrong);
            check(&wrong).unwrap_err()
        };
        let (field, why) = refused(&|p| p.rule = "silent_lead".into());
        assert!(field == "rule" && why.contains("did you mean silent_leads?"), "{why}");
        let (field, why) = refused(&|p| p.rule = "nosuch_rule".into());
        assert!(field == "rule" && why.contains("the rules are first_touch_slo, divergence"), "{why}");
        let (field, why) = refused(&|p| p.to = Some(p.from));
        assert!(field == "to" && why.contains("is not after `from`"), "{why}");
        let (field, why) = refused(&|p| p.from = EventTime(p.from.0 / 1_000));
        assert!(field == "from" && why.contains("milliseconds"), "{why}");
        for segment in ["webinar", "", "source=", "source=a,b"] {
            let (field, why) = refused(&|p| p.segment = segment.into());
            assert!(field == "segment" && why.contains("write all, or KEY=VALUE"), "{why}");
        }
    }
}
