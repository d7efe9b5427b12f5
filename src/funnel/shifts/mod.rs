//! Shifts of cohort quality: from which day on more or fewer of those who came took the next step.
//!
//! What a replay of history tells beside the alerts. A rule says what to do today; a shift says that leads from a day
//! on are others than before, for the better too, when that could first be known, and what explains it. Only cohorts
//! that are old enough are read, as they stood on the business day on which they became so: what the end of the history
//! cuts off is never taken for a fall. Told of the whole company; its segments explain it.

pub mod detect;
mod explained;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Text;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::model::words::Step;
use crate::stats::binomial;
use crate::stats::interval::Confidence;
use crate::stats::two_proportion::Share;

use super::journey::segments::ALL;
use super::segment::book::Book;
use super::segment::series::Day;
use super::terms::Terms;
use detect::{Direction, Found, Thresholds};

pub use explained::{Dimensional, PartCarried};

/// Volume is compared over so many days before and after a shift.
const VOLUME_DAYS: i32 = 28;
/// That nobody took the step for so long is no chance, if it is less likely than this.
const RARE: f64 = 0.01;

/// Leads and those of them who took the step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Taken {
    /// Leads.
    pub n: u64,
    /// Those who took the step within the horizon.
    pub k: u64,
    /// The share of them.
    pub share: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Taken {
    fn of(share: Share) -> Taken {
        let interval = binomial::wilson(share.k, share.n, Confidence::P95);
        let Share { k, n } = share;
        Taken { n, k, share: share.proportion().unwrap_or(0.0), low: interval.low, high: interval.high }
    }
}

/// Cohorts of consecutive days. Days are local dates, `YYYY-MM-DD`; the last one is included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Span {
    /// The first day.
    pub first_day: String,
    /// The last day.
    pub last_day: String,
    /// What became of them.
    #[serde(flatten)]
    pub taken: Taken,
}

/// Leads a business day of marketing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Volume {
    /// In the days before the shift.
    pub before: f64,
    /// From its first day on, over as many days.
    pub after: f64,
    /// How many days, at most, are looked at on either side.
    pub days: u16,
}

/// Cohorts that could not be seen to take the step, since nobody is known to have taken it in their time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unseen {
    /// The first day on which anybody is known to have taken it.
    pub first_taken: String,
    /// Cohorts before this day had all of their time before that one.
    pub until: String,
    /// How many leads they have.
    pub leads: u64,
}

/// A shift of quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Of whom: `all`.
    pub segment: Text,
    /// Which step.
    pub step: Step,
    /// Within how many days it counts.
    pub horizon_days: u16,
    /// Which way.
    pub direction: Direction,
    /// The first day of the cohorts that differ.
    pub from: String,
    /// The last cohort day that was needed to know it.
    pub reached: String,
    /// The first day on which it could be known: that cohort was old enough.
    pub known_on: String,
    /// What was known of the new cohorts then.
    pub at_first: Taken,
    /// The level before.
    pub before: Span,
    /// The level since, up to the next shift or the last cohort that is old enough.
    pub after: Span,
    /// Whether the level since as a whole is told apart from the one before: its interval leaves out that share.
    pub lasted: bool,
    /// How many came at the same time.
    pub volume: Volume,
    /// Cohorts of the level before that could not be seen to take the step, if that is no chance.
    pub unseen: Option<Unseen>,
    /// What carries it, by dimension.
    pub explained: Vec<Dimensional>,
    /// The limit of the usual share that the chart was set against.
    pub usual: f64,
    /// The share that it was set for.
    pub shifted: f64,
    /// Where the chart stood when it told, in log-likelihood.
    pub stood_at: f64,
    /// Its threshold.
    pub threshold: f64,
}

/// A step that is followed, and how much of it was read.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Which step.
    pub step: Step,
    /// Within how many days it counts.
    pub horizon_days: u16,
    /// The cohorts that were old enough, by segment and day.
    cohorts: BTreeMap<Text, BTreeMap<Day, Share>>,
    /// The day before which cohorts were read.
    read_to: Option<Day>,
    /// The first day on which anybody took the step.
    first_taken: Option<Day>,
}

/// What was told of a step.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which step.
    pub step: Step,
    /// Within how many days it counts.
    pub horizon_days: u16,
    /// Leads that were old enough.
    pub leads: u64,
    /// Whether a shift could have been seen.
    pub is_learned: bool,
    /// The shifts.
    pub shifts: Vec<Shift>,
}

/// Everything that is followed.
#[derive(Clone, Debug)]
pub struct Shifts {
    followed: Vec<Followed>,
}

impl Shifts {
    /// Follows what `divergence` takes for quality, if it is on, and who is won in the end.
    pub fn new(definitions: &Definitions) -> Shifts {
        let of_rule = definitions.rules.divergence.as_ref().map(|rule| (rule.step, rule.horizon_days));
        let won = definitions.horizons.get(&Step::MqlToWon).map(|days| (Step::MqlToWon, *days));
        let mut steps: Vec<(Step, u16)> = of_rule.into_iter().chain(won).collect();
        steps.dedup();
        let followed = |(step, horizon_days)| Followed {
            step,
            horizon_days,
            cohorts: BTreeMap::new(),
            read_to: None,
            first_taken: None,
        };
        Shifts { followed: steps.into_iter().map(followed).collect() }
    }

    /// Reads the cohorts that are old enough by the start of `today` and were not when it was called last. To be
    /// called on each business day.
    pub fn look(&mut self, book: &Book, today: Day) {
        self.followed.iter_mut().for_each(|followed| followed.look(book, today));
    }

    /// Everything that can be told of what was read.
    pub fn told(&self, terms: &Terms) -> Vec<Outcome> {
        // Each step has two charts, and all of them share the false alarms.
        let alpha = detect::FALSE_A_MONTH / (2 * self.followed.len()).max(1) as f64;
        let mut thresholds = Thresholds::default();
        self.followed.iter().map(|followed| followed.told(terms, alpha, &mut thresholds)).collect()
    }
}

impl Followed {
    fn look(&mut self, book: &Book, today: Day) {
        let taken = book.segment_or_empty(ALL).series(Measure::Entered(self.step.to()), "").first_day();
        self.first_taken = [self.first_taken, taken].into_iter().flatten().min();
        let (from, to) = (self.read_to.unwrap_or(Day(i32::MIN)), today.plus(-i32::from(self.horizon_days)));
        if from >= to {
            return;
        }
        for (name, segment) in book.segments() {
            let entered = segment.series(Measure::Entered(self.step.from()), "");
            let mut read: BTreeMap<Day, Share> = entered
                .each_day(from, to)
                .filter(|(_, n)| *n > 0)
                .map(|(day, n)| (day, Share { k: 0, n: n as u64 }))
                .collect();
            let converted = segment.series(Measure::Converted(self.step), "");
            for (day, _, k) in converted.each_grade(from, to).filter(|(_, age, _)| *age < self.horizon_days) {
                if let Some(share) = read.get_mut(&day) {
                    share.k = (share.k + k.max(0) as u64).min(share.n);
                }
            }
            if !read.is_empty() {
                self.cohorts.entry(name.clone()).or_default().extend(read);
            }
        }
        self.read_to = Some(to);
    }

    fn sum(&self, segment: &str, from: Day, to: Day) -> Share {
        let days = self.cohorts.get(segment).into_iter().flat_map(|days| days.range(from..to.max(from)));
        days.fold(Share { k: 0, n: 0 }, |sum, (_, day)| Share { k: sum.k + day.k, n: sum.n + day.n })
    }

    fn told(&self, terms: &Terms, alpha: f64, thresholds: &mut Thresholds) -> Outcome {
        let none = BTreeMap::new();
        let whole = self.cohorts.get(ALL).unwrap_or(&none);
        let business_days = |from: Day, to: Day| {
            (from.0..to.0).filter(|day| terms.marketing.is_business_day(*day)).count() as u64
        };
        let findings = detect::find(whole, &business_days, alpha, thresholds);
        let end = whole.keys().next_back().map_or(Day(0), |last| last.plus(1));
        let nexts = findings.shifts.iter().skip(1).map(|next| next.from).chain([end]);
        let shift = |(found, to): (&Found, Day)| self.shift(terms, found, to, &business_days);
        Outcome {
            step: self.step,
            horizon_days: self.horizon_days,
            leads: whole.values().map(|share| share.n).sum(),
            is_learned: findings.is_learned,
            shifts: findings.shifts.iter().zip(nexts).map(shift).collect(),
        }
    }

    /// A shift in words and figures; the new level goes on to before `to`.
    fn shift(&self, terms: &Terms, found: &Found, to: Day, business_days: &dyn Fn(Day, Day) -> u64) -> Shift {
        let span = |from: Day, to: Day, taken: Share| Span {
            first_day: from.date(),
            last_day: to.plus(-1).date(),
            taken: Taken::of(taken),
        };
        let known = found.reached.plus(1);
        // Two shifts may overlap where the later one began before the earlier one was known.
        let to = to.max(known);
        let end = self.cohorts[ALL].keys().next_back().map_or(to, |last| last.plus(1));
        let a_day =
            |from: Day, to: Day| self.sum(ALL, from, to).n as f64 / business_days(from, to).max(1) as f64;
        let volume = Volume {
            before: a_day(found.from.plus(-VOLUME_DAYS).max(found.level_from), found.from),
            after: a_day(found.from, found.from.plus(VOLUME_DAYS).min(end)),
            days: VOLUME_DAYS as u16,
        };
        let names = self.cohorts.keys().filter(|name| *name != ALL);
        let parts = names
            .map(|name| (name, self.sum(name, found.level_from, found.from), self.sum(name, found.from, to)));
        let wholes = (self.sum(ALL, found.level_from, found.from), self.sum(ALL, found.from, to));
        let (before, after) = (span(found.level_from, found.from, wholes.0), span(found.from, to, wholes.1));
        Shift {
            segment: ALL.into(),
            step: self.step,
            horizon_days: self.horizon_days,
            direction: found.direction,
            from: found.from.date(),
            reached: found.reached.date(),
            known_on: known.plus(i32::from(self.horizon_days)).date(),
            at_first: Taken::of(self.sum(ALL, found.from, known)),
            lasted: !(after.taken.low..=after.taken.high).contains(&before.taken.share),
            before,
            after,
            volume,
            unseen: self.unseen(found),
            explained: explained::by_dimension(&terms.definitions.dimensions, wholes, parts),
            usual: found.p0,
            shifted: found.p1,
            stood_at: found.s,
            threshold: found.h,
        }
    }

    /// The cohorts of the level before whose time was over before anybody took the step, if the others of that level
    /// took it so often that this is no chance.
    fn unseen(&self, found: &Found) -> Option<Unseen> {
        let first = self.first_taken?;
        let until = first.plus(-i32::from(self.horizon_days)).min(found.from);
        let (unseen, others) =
            (self.sum(ALL, found.level_from, until), self.sum(ALL, until.max(found.level_from), found.from));
        let usual = others.proportion()?;
        let is_rare = unseen.n > 0 && binomial::at_most(0, unseen.n, usual).value() < RARE;
        is_rare.then(|| Unseen { first_taken: first.date(), until: until.date(), leads: unseen.n })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::delta::Step as Counted;
    use crate::model::measure::Cell;
    use crate::model::{DAY_MS, EventTime, Minute};

    const DAYS: i32 = 200;
    const A_DAY: i64 = 20;

    fn terms() -> Arc<Terms> {
        let plain = crate::config::Config::default().definitions(&|_| Some(1), *b"a key of the ids");
        Arc::new(Terms::new(plain.unwrap(), 1).unwrap())
    }

    fn noon(day: i32) -> Minute {
        EventTime(i64::from(day) * DAY_MS + DAY_MS / 2).minute()
    }

    /// What becomes known on a day: leads come until the end, and half of those of ten days before take the step.
    fn known_on(today: i32) -> Counted {
        let cell = |measure, day, grade| Cell { measure, subject: Text::default(), slice: noon(day), grade };
        let mut counted = Counted::default();
        let mut add = |cell: Cell, n| {
            for segment in [ALL, "source=ads"] {
                *counted.counts.entry((segment.into(), cell.clone())).or_default() += n;
            }
        };
        if today < DAYS {
            add(cell(Measure::Entered(Step::MqlToSql.from()), today, 0), A_DAY);
        }
        if (0..DAYS).contains(&(today - 10)) {
            add(cell(Measure::Converted(Step::MqlToSql), today - 10, 10), A_DAY / 2);
        }
        counted
    }

    /// Whatever day the history ends on, half of those who were read took the step: nobody is read too soon.
    #[test]
    fn young_cohorts_are_never_read() {
        let terms = terms();
        let (mut book, mut shifts) = (Book::default(), Shifts::new(&terms.definitions));
        for today in 0..DAYS + 30 {
            shifts.look(&book, Day(today));
            let outcome = &shifts.told(&terms)[0];
            assert_eq!((outcome.step, outcome.horizon_days), (Step::MqlToSql, 14), "as divergence has it");
            let old_enough = (today - 14).clamp(0, DAYS) as u64;
            assert_eq!(outcome.leads, old_enough * A_DAY as u64, "day {today}");
            assert!(outcome.shifts.is_empty(), "day {today}");
            let all = shifts.followed[0].sum(ALL, Day(0), Day(DAYS));
            assert_eq!(all.k, all.n / 2, "day {today}");
            book.apply(noon(today).next(), known_on(today), &terms, &mut |_, _| {});
        }
        assert!(shifts.told(&terms)[0].is_learned);
    }
}
