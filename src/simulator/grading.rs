//! Holds what was told against what was planted.
//!
//! An alert belongs to a planted period if its rule is the one that should speak, if it speaks of the planted segment,
//! of a wider or of a narrower one, and if it began to fire within [from, to + 28 days): outcomes are known late, so
//! an alert may rightly come after the fault is over. Where both name a subject, it must be the same one. One that was
//! firing already when the fault began does not belong to it, however long it lasts.
//!
//! An alert that belongs to nothing planted but to a side effect, in the same sense, is no false one: it is beside.

use serde::{Deserialize, Serialize};

use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::{DAY_MS, EventTime, Text};

use super::truth::Planted;

/// So long after a fault its alerts still belong to it, in days.
pub const AFTER_DAYS: i64 = 28;

/// An alert from its first message to its last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// The identity of the alert; the same one may fire again later, in an episode of its own.
    pub fingerprint: Text,
    /// The rule that spoke.
    pub rule: Text,
    /// Of which segment.
    pub segment: Text,
    /// Of what in it, if it named something.
    pub subject: Option<Text>,
    /// How loud it became.
    pub severity: Severity,
    /// When the condition began to hold.
    pub since: EventTime,
    /// When it was first told.
    pub at: EventTime,
    /// When it was over; `None` if it was firing at the end.
    pub resolved: Option<EventTime>,
    /// Who was to act first.
    pub owner: OwnerTeam,
}

/// The episodes of alerts, in the order in which they began to fire.
pub fn episodes<'a>(messages: impl IntoIterator<Item = &'a Alert>) -> Vec<Episode> {
    let mut all: Vec<Episode> = Vec::new();
    for message in messages {
        let is_of = |e: &&mut Episode| e.resolved.is_none() && e.fingerprint == message.fingerprint;
        let open = all.iter_mut().rev().find(is_of);
        match (open, message.state) {
            (Some(open), AlertState::Firing) => open.severity = open.severity.max(message.severity),
            (Some(open), AlertState::Resolved) => open.resolved = Some(message.at),
            (None, AlertState::Firing) => all.push(Episode {
                fingerprint: message.fingerprint.clone(),
                rule: message.rule.clone(),
                segment: message.segment.clone(),
                subject: message.subject.clone(),
                severity: message.severity,
                since: message.since,
                at: message.at,
                resolved: None,
                owner: message.owner_team,
            }),
            (None, AlertState::Resolved) => {}
        }
    }
    all
}

/// What an episode is, held against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grade {
    /// The first one that belongs to a planted period: by it the onset is found.
    Found,
    /// One more that belongs to a planted period.
    Again,
    /// It belongs to none, but to a side effect of what was planted: it may rightly speak, and need not.
    Beside,
    /// It belongs to nothing.
    False,
}

impl Grade {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Grade::Found => "found",
            Grade::Again => "again",
            Grade::Beside => "beside",
            Grade::False => "false",
        }
    }
}

/// Episodes and planted periods, held against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graded {
    /// What each episode is.
    pub grades: Vec<Grade>,
    /// The place of the episode by which each planted period was found; `None` where it was missed.
    pub found_by: Vec<Option<usize>>,
}

/// Grades the episodes of a history by what was planted, and by its side effects.
pub fn grade(episodes: &[Episode], periods: &[Planted], side_effects: &[Planted]) -> Graded {
    let first = |period: &Planted| {
        let belong = episodes.iter().enumerate().filter(|(_, episode)| belongs(episode, period));
        belong.min_by_key(|(place, episode)| (episode.at, *place)).map(|(place, _)| place)
    };
    let found_by: Vec<Option<usize>> = periods.iter().map(first).collect();
    let of = |(place, episode): (usize, &Episode)| {
        if found_by.contains(&Some(place)) {
            Grade::Found
        } else if periods.iter().any(|period| belongs(episode, period)) {
            Grade::Again
        } else if side_effects.iter().any(|effect| belongs(episode, effect)) {
            Grade::Beside
        } else {
            Grade::False
        }
    };
    Graded { grades: episodes.iter().enumerate().map(of).collect(), found_by }
}

/// Whether an episode belongs to a planted period.
pub fn belongs(episode: &Episode, period: &Planted) -> bool {
    let same_subject = match (&episode.subject, &period.subject) {
        (Some(told), Some(planted)) => told == planted,
        _ => true,
    };
    episode.rule == period.rule
        && same_subject
        && is_wider_or_narrower(&episode.segment, &period.segment)
        && is_within(episode.at, period)
}

fn is_within(at: EventTime, period: &Planted) -> bool {
    let ends = period.to.map(|to| to.plus_ms(AFTER_DAYS * DAY_MS));
    period.from <= at && ends.is_none_or(|ends| at < ends)
}

/// Whether one of two segments contains the other; each contains itself.
pub fn is_wider_or_narrower(a: &str, b: &str) -> bool {
    let pairs = |name: &str| -> Vec<String> {
        if name == "all" { Vec::new() } else { name.split(',').map(str::to_owned).collect() }
    };
    let (a, b) = (pairs(a), pairs(b));
    a.iter().all(|pair| b.contains(pair)) || b.iter().all(|pair| a.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = DAY_MS;

    fn episode(rule: &str, segment: &str, at: i64) -> Episode {
        Episode {
            fingerprint: format!("{rule} {segment}").into(),
            rule: rule.into(),
            segment: segment.into(),
            subject: None,
            severity: Severity::Ticket,
            since: EventTime(at),
            at: EventTime(at),
            resolved: None,
            owner: OwnerTeam::Sales,
        }
    }

    fn period(rule: &str, segment: &str, from: i64, to: Option<i64>) -> Planted {
        Planted {
            sign: 2,
            rule: rule.into(),
            segment: segment.into(),
            subject: None,
            from: EventTime(from),
            to: to.map(EventTime),
            dose: 1.0,
            owner_team: None,
        }
    }

    fn grades(episodes: &[Episode], periods: &[Planted]) -> Vec<Grade> {
        grade(episodes, periods, &[]).grades
    }

    #[test]
    fn an_alert_belongs_from_the_onset_until_28_days_after_the_end() {
        let planted = [period("silent_leads", "all", 10 * DAY, Some(20 * DAY))];
        let at = |ms: i64| grades(&[episode("silent_leads", "all", ms)], &planted)[0];
        assert_eq!(at(10 * DAY - 1), Grade::False, "it spoke before there was anything");
        assert_eq!(at(10 * DAY), Grade::Found);
        assert_eq!(at(48 * DAY - 1), Grade::Found);
        assert_eq!(at(48 * DAY), Grade::False, "too late to speak of that");
        let lasting = [period("silent_leads", "all", 10 * DAY, None)];
        assert_eq!(grades(&[episode("silent_leads", "all", 999 * DAY)], &lasting), [Grade::Found]);
    }

    #[test]
    fn the_first_finds_and_later_ones_find_nothing_new() {
        let planted = [period("silent_leads", "all", 0, None)];
        let told = [episode("silent_leads", "source=a", 2 * DAY), episode("silent_leads", "all", DAY)];
        let graded = grade(&told, &planted, &[]);
        assert_eq!(graded.grades, [Grade::Again, Grade::Found]);
        assert_eq!(graded.found_by, [Some(1)]);
    }

    #[test]
    fn a_wider_and_a_narrower_segment_speak_of_the_planted_one_and_another_does_not() {
        let planted = [period("silent_leads", "source=a", 0, None)];
        let of = |segment: &str| grades(&[episode("silent_leads", segment, DAY)], &planted)[0];
        assert_eq!(of("source=a"), Grade::Found);
        assert_eq!(of("all"), Grade::Found);
        assert_eq!(of("source=a,region=b"), Grade::Found);
        assert_eq!(of("source=b"), Grade::False);
        assert_eq!(of("region=b"), Grade::False);
        assert!(is_wider_or_narrower("source=a,region=b", "region=b"));
        assert!(!is_wider_or_narrower("source=a", "source=ab"));
    }

    #[test]
    fn another_rule_finds_nothing_and_is_false_unless_it_speaks_of_a_side_effect() {
        let planted = [period("silent_leads", "all", 10 * DAY, None)];
        let effects = [period("stage_ageing", "all", 10 * DAY, None)];
        let told = [episode("stage_ageing", "all", 9 * DAY), episode("stage_ageing", "source=a", 10 * DAY)];
        let graded = grade(&told, &planted, &effects);
        assert_eq!(graded.grades, [Grade::False, Grade::Beside]);
        assert_eq!(graded.found_by, [None]);
        assert_eq!(grades(&told, &planted), [Grade::False, Grade::False]);
    }

    #[test]
    fn an_alert_of_another_subject_does_not_find() {
        let named = |subject: &str| Some(Text::from(subject));
        let planted =
            [Planted { subject: named("too_small"), ..period("unanswered_rejections", "all", 0, None) }];
        let of = |subject| {
            grades(&[Episode { subject, ..episode("unanswered_rejections", "all", DAY) }], &planted)[0]
        };
        assert_eq!(of(named("too_small")), Grade::Found);
        assert_eq!(of(named("no_budget")), Grade::False);
        assert_eq!(of(None), Grade::Found, "it speaks of the segment itself");
    }

    #[test]
    fn one_alert_may_find_two_periods_and_a_period_may_be_missed() {
        let planted = [
            period("silent_leads", "all", 0, Some(5 * DAY)),
            period("silent_leads", "all", 7 * DAY, None),
            period("silent_leads", "all", 9 * DAY, None),
        ];
        let graded = grade(&[episode("silent_leads", "all", 8 * DAY)], &planted, &[]);
        assert_eq!(graded.found_by, [Some(0), Some(0), None]);
    }
}
