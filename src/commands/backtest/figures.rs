//! What there is to say of each rule under each rule set.

use serde::Serialize;

use crate::funnel::signs::rule::Rule;
use crate::funnel::terms::Terms;
use crate::model::alert::{OwnerTeam, Severity};
use crate::model::definitions::CalendarDefinition;
use crate::model::{DAY_MS, EventTime, MINUTE_MS, Text};
use crate::simulator::Planted;
use crate::simulator::grading::{self, Episode, Grade};

use super::super::at_end::AtEnd;
use super::Span;
use super::tested::Tested;
use super::truth::Key;

/// A month, in days: a twelfth of a year.
pub const MONTH_DAYS: f64 = 30.44;

/// Everything.
pub struct Figures {
    /// The first event.
    pub first: EventTime,
    /// The last one.
    pub last: EventTime,
    /// What was asked for.
    pub from: Option<EventTime>,
    /// What was asked for.
    pub to: Option<EventTime>,
    /// How many months alerts were counted over.
    pub months: f64,
    /// What was planted, if that is known.
    pub truth: Option<TruthFigures>,
    /// Each rule set, as they were asked for.
    pub variants: Vec<VariantFigures>,
}

/// How many periods were planted.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TruthFigures {
    /// Those that are counted.
    pub planted: usize,
    /// Those that lie wholly outside of the history, and are not counted.
    pub outside: usize,
    /// Those that are counted, and began before the history does.
    pub begun_before: usize,
}

/// A rule set.
pub struct VariantFigures {
    /// What it is called.
    pub name: String,
    /// Its file, if it has one.
    pub config: Option<String>,
    /// What is otherwise than in the file.
    pub set: Option<String>,
    /// The definitions' number and hash.
    pub definitions: (u32, String),
    /// Each rule.
    pub rules: Vec<RuleFigures>,
    /// Each planted period.
    pub periods: Option<Vec<PeriodFigures>>,
    /// Each alert with what it is.
    pub episodes: Vec<(Episode, bool, Option<Grade>)>,
}

/// A rule under a rule set.
#[derive(Clone, Debug, Serialize)]
pub struct RuleFigures {
    /// Its name.
    pub rule: &'static str,
    /// Its sign.
    pub sign: u8,
    /// Whether the rule set has it.
    pub on: bool,
    /// Alerts in the time that counts.
    pub alerts: usize,
    /// Alerts before.
    pub before_from: usize,
    /// A month of the time that counts.
    pub alerts_a_month: f64,
    /// Alerts that became pages.
    pub pages: usize,
    /// Alerts that became tickets.
    pub tickets: usize,
    /// Alerts for the record.
    pub info: usize,
    /// Planted onsets that it found.
    pub found: Option<usize>,
    /// Planted onsets that it missed.
    pub missed: Option<usize>,
    /// Alerts that belong to nothing that was planted, and to none of its side effects.
    pub false_alarms: Option<usize>,
    /// Alerts that belong to a side effect of what was planted.
    pub beside: Option<usize>,
    /// From the onset to the alert, in days of the calendar.
    pub delay_days: Option<Delay>,
    /// From the onset to the alert, in working days of the team that is to act.
    pub delay_business_days: Option<Delay>,
    /// Where it stands at the end of the history, if it is on.
    pub at_end: Option<AtEnd>,
}

/// How long alerts took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Delay {
    /// Half of them took no longer.
    pub median: f64,
    /// The longest.
    pub worst: f64,
}

/// A planted period under a rule set.
#[derive(Clone, Debug, Serialize)]
pub struct PeriodFigures {
    /// The rule that should speak.
    pub rule: Text,
    /// Where it was planted.
    pub segment: Text,
    /// What it is made of.
    pub subject: Option<Text>,
    /// From when on.
    pub from: EventTime,
    /// Until when.
    pub to: Option<EventTime>,
    /// How strong.
    pub dose: f64,
    /// When it was found.
    pub found_at: Option<EventTime>,
    /// By which alert.
    pub fingerprint: Option<Text>,
    /// How long that took, in days of the calendar.
    pub delay_days: Option<f64>,
    /// And in working days of the team that is to act.
    pub delay_business_days: Option<f64>,
}

impl Figures {
    pub(super) fn new(
        span: &Span,
        (first, last): (EventTime, EventTime),
        key: Option<&Key>,
        tested: &[Tested],
    ) -> Figures {
        let counted_from = span.from.map_or(first, |from| from.max(first));
        let months = (last.0 - counted_from.0).max(0) as f64 / DAY_MS as f64 / MONTH_DAYS;
        let of = |one: &Tested| VariantFigures::new(one, (first, span.from), months, key);
        Figures {
            first,
            last,
            from: span.from,
            to: span.to,
            months,
            truth: key.map(|key| TruthFigures {
                planted: key.periods.len(),
                outside: key.outside,
                begun_before: key.begun_before,
            }),
            variants: tested.iter().map(of).collect(),
        }
    }
}

impl VariantFigures {
    fn new(
        tested: &Tested,
        (first, from): (EventTime, Option<EventTime>),
        months: f64,
        key: Option<&Key>,
    ) -> VariantFigures {
        let terms = &tested.variant.terms;
        let episodes = grading::episodes(&tested.messages);
        let graded = key.map(|key| grading::grade(&episodes, &key.periods, &key.side_effects));
        let period = |(period, found): (&Planted, &Option<usize>)| {
            let found = found.map(|place| &episodes[place]);
            let delay = |days: &dyn Fn(&Episode) -> f64| found.map(days);
            // Nobody could have spoken before there was anything.
            let onset = period.from.max(first);
            PeriodFigures {
                rule: period.rule.clone(),
                segment: period.segment.clone(),
                subject: period.subject.clone(),
                from: period.from,
                to: period.to,
                dose: period.dose,
                found_at: found.map(|episode| episode.at),
                fingerprint: found.map(|episode| episode.fingerprint.clone()),
                delay_days: delay(&|e| (e.at.0 - onset.0) as f64 / DAY_MS as f64),
                delay_business_days: delay(&|e| business_days(terms, e.owner, onset, e.at)),
            }
        };
        let periods = graded
            .as_ref()
            .zip(key)
            .map(|(graded, key)| key.periods.iter().zip(&graded.found_by).map(period).collect::<Vec<_>>());
        let grades = graded.map(|graded| graded.grades);
        let episodes: Vec<(Episode, bool, Option<Grade>)> = episodes
            .into_iter()
            .enumerate()
            .map(|(i, episode)| {
                let is_before = from.is_some_and(|from| episode.at < from);
                (episode, is_before, grades.as_ref().map(|grades| grades[i]))
            })
            .collect();
        let rules = Rule::ALL
            .iter()
            .map(|rule| RuleFigures::new(*rule, tested, &episodes, periods.as_deref(), months))
            .collect();
        VariantFigures {
            name: tested.variant.name.clone(),
            config: tested.variant.config.as_ref().map(|path| path.display().to_string()),
            set: tested.variant.set.clone(),
            definitions: (terms.number, tested.variant.hash.clone()),
            rules,
            periods,
            episodes,
        }
    }
}

impl RuleFigures {
    fn new(
        rule: Rule,
        tested: &Tested,
        episodes: &[(Episode, bool, Option<Grade>)],
        periods: Option<&[PeriodFigures]>,
        months: f64,
    ) -> RuleFigures {
        let name = rule.name();
        let mine = || episodes.iter().filter(move |(episode, _, _)| episode.rule == name);
        let counted: Vec<_> = mine().filter(|(_, is_before, _)| !is_before).collect();
        let loud = |severity| counted.iter().filter(|(episode, _, _)| episode.severity == severity).count();
        let graded = |wanted: Grade| {
            periods.map(|_| counted.iter().filter(|(_, _, grade)| *grade == Some(wanted)).count())
        };
        let planted = || periods.into_iter().flatten().filter(move |period| period.rule == name);
        let onsets =
            |found: bool| periods.map(|_| planted().filter(|p| p.found_at.is_some() == found).count());
        RuleFigures {
            rule: name,
            sign: rule.sign(),
            on: rule.is_on(&tested.variant.terms.definitions),
            alerts: counted.len(),
            before_from: mine().count() - counted.len(),
            alerts_a_month: if months > 0.0 { counted.len() as f64 / months } else { 0.0 },
            pages: loud(Severity::Page),
            tickets: loud(Severity::Ticket),
            info: loud(Severity::Info),
            found: onsets(true),
            missed: onsets(false),
            false_alarms: graded(Grade::False),
            beside: graded(Grade::Beside),
            delay_days: Delay::of(planted().filter_map(|period| period.delay_days).collect()),
            delay_business_days: Delay::of(
                planted().filter_map(|period| period.delay_business_days).collect(),
            ),
            at_end: tested.at_end(rule),
        }
    }
}

impl Delay {
    /// The delay of what was found; `None` if nothing was.
    pub fn of(mut delays: Vec<f64>) -> Option<Delay> {
        delays.sort_by(f64::total_cmp);
        let (last, middle) = (delays.len().checked_sub(1)?, delays.len() / 2);
        let median = match delays.len() % 2 {
            0 => (delays[middle - 1] + delays[middle]) / 2.0,
            _ => delays[middle],
        };
        Some(Delay { median, worst: delays[last] })
    }
}

/// Working time between two times in average working days of the team; operations work as marketing does.
fn business_days(terms: &Terms, team: OwnerTeam, from: EventTime, to: EventTime) -> f64 {
    let (clock, name) = match team {
        OwnerTeam::Sales => (&terms.sales, "sales"),
        OwnerTeam::Marketing | OwnerTeam::Operations => (&terms.marketing, "marketing"),
    };
    let day_ms = terms.definitions.calendars.get(name).map_or(8 * 60 * MINUTE_MS, working_day_ms);
    clock.between_ms(from.0, to.0) as f64 / day_ms as f64
}

fn working_day_ms(calendar: &CalendarDefinition) -> i64 {
    let minutes = |(start, end): &(u16, u16)| match end > start {
        true => i64::from(*end) - i64::from(*start),
        false => 24 * 60 - i64::from(*start) + i64::from(*end),
    };
    let week: i64 = calendar.weekly.iter().flatten().map(minutes).sum();
    let days = calendar.weekly.iter().filter(|day| !day.is_empty()).count().max(1) as i64;
    (week * MINUTE_MS / days).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_delays_are_no_longer_than_the_median() {
        assert_eq!(Delay::of(vec![]), None);
        assert_eq!(Delay::of(vec![3.0]), Some(Delay { median: 3.0, worst: 3.0 }));
        assert_eq!(Delay::of(vec![5.0, 1.0]), Some(Delay { median: 3.0, worst: 5.0 }));
        assert_eq!(Delay::of(vec![5.0, 1.0, 2.0]), Some(Delay { median: 2.0, worst: 5.0 }));
    }

    #[test]
    fn a_working_day_is_the_average_of_those_on_which_the_team_works() {
        let mut weekly: [Vec<(u16, u16)>; 7] = Default::default();
        weekly[0] = vec![(9 * 60, 12 * 60), (13 * 60, 18 * 60)];
        weekly[1] = vec![(22 * 60, 2 * 60)];
        let calendar = CalendarDefinition { zone: "UTC".into(), weekly, holidays: Vec::new() };
        assert_eq!(working_day_ms(&calendar), 6 * 60 * MINUTE_MS);
    }
}
