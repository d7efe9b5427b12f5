//! `first_touch_slo`: teams that keep their promise on average, and just so.

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::alerting::{self, Life, LifeStage, Message, Patience};
use rapport::funnel::segment::book::Book;
use rapport::funnel::segment::outages::Outages;
use rapport::funnel::signs::Verdict;
use rapport::funnel::signs::out_of_sync::first_touch_slo::{self, BY_CHANCE, Edges, statement};
use rapport::model::alert::Severity;
use rapport::model::definitions::{FirstTouchSlo, Millionths};
use rapport::model::delta::Step;
use rapport::model::measure::{Cell, Measure};
use rapport::model::{EventTime, MINUTE_MS, Minute, Text, words};
use rapport::stats::burn_rate::Target;
use rapport::stats::counts::Counts;

use super::{Begun, MONDAY, MONTH, definitions, poisson, terms};

/// Minutes of a working day, of an hour and from one look to the next; a look is known by the business minutes that
/// have passed.
pub(super) const DAY: u32 = 480;
const HOUR: u32 = 60;
pub(super) const EVERY: u32 = 5;
/// Working days before anything is counted: the longest window is full.
pub(super) const BEFORE: u32 = 10;

/// When MQLs come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Come {
    /// At any minute of working time.
    AtWork,
    /// At any minute of a week; all that came while nobody worked are due at once, four hours after the opening.
    AroundTheClock,
}

/// A team that misses each with the same probability; what is due is counted by hours.
pub(super) struct Team {
    a_day: f64,
    come: Come,
    missed: f64,
    dice: ChaCha8Rng,
    /// What is due in the looks of this day.
    today: Vec<Counts>,
    /// All that was due before each hour, and at last up to now.
    before: Vec<Counts>,
    minutes: u32,
}

impl Team {
    pub(super) fn new(a_day: f64, come: Come, missed: f64, seed: u64) -> Team {
        let (today, before) = (Vec::new(), vec![Counts::default(); 2]);
        Team { a_day, come, missed, dice: ChaCha8Rng::seed_from_u64(seed), today, before, minutes: 0 }
    }

    fn day(&mut self, day: u32) {
        let looks = DAY / EVERY;
        self.today = vec![Counts::default(); looks as usize];
        let mut due = |n: u32, at: Option<u32>, dice: &mut ChaCha8Rng| {
            for _ in 0..n {
                let look = at.unwrap_or_else(|| dice.random_range(0..looks));
                let bad = u64::from(dice.random_bool(self.missed));
                let counts = &mut self.today[look as usize];
                *counts = counts.plus(Counts { n: 1, bad });
            }
        };
        let dice = &mut self.dice;
        match self.come {
            Come::AtWork => due(poisson(self.a_day, dice), None, dice),
            Come::AroundTheClock => {
                // A week has 168 hours, 40 of them at work.
                let an_hour = self.a_day * 5.0 / 168.0;
                due(poisson(8.0 * an_hour, dice), None, dice);
                let closed = if day.is_multiple_of(5) { 64.0 } else { 16.0 };
                due(poisson(closed * an_hour, dice), Some(looks / 2), dice);
            }
        }
    }

    /// The next look: what has become due since the last one.
    pub(super) fn look(&mut self) -> Counts {
        if self.minutes.is_multiple_of(DAY) {
            self.day(self.minutes / DAY);
        }
        let due = self.today[(self.minutes % DAY / EVERY) as usize];
        if self.minutes > 0 && self.minutes.is_multiple_of(HOUR) {
            self.before.push(self.before[self.before.len() - 1]);
        }
        let now = self.before.last_mut().unwrap();
        *now = now.plus(due);
        self.minutes += EVERY;
        due
    }

    /// What was due in the last so many minutes, and in the rest of the hour in which they begin.
    fn window(&self, minutes: u32) -> Counts {
        let from = self.minutes.saturating_sub(minutes) / HOUR;
        let (now, before) = (self.before[self.before.len() - 1], self.before[from as usize]);
        Counts { n: now.n - before.n, bad: now.bad - before.bad }
    }
}

/// The rule counted a second time: from which number of misses on each gate is open is worked out once.
struct Gates<'a> {
    rule: &'a FirstTouchSlo,
    target: Target,
    open_from: BTreeMap<(usize, u64), u64>,
}

impl<'a> Gates<'a> {
    fn new(rule: &'a FirstTouchSlo) -> Gates<'a> {
        let target = Target::from_millionths(rule.target.0).unwrap();
        Gates { rule, target, open_from: BTreeMap::new() }
    }

    /// The loudest window that is over.
    fn verdict(&mut self, team: &Team) -> Option<Severity> {
        let mut loudest = None;
        for (i, window) in self.rule.windows.iter().enumerate() {
            let (long, short) = (team.window(window.long_minutes), team.window(window.short_minutes));
            let is_over = long.n >= u64::from(self.rule.min_n)
                && self.target.is_burning_above(short, window.burn.0)
                && self.target.is_burning_above(long, window.burn.0);
            if is_over {
                let (target, gate) = (self.target, self.rule.gate_of(window).0);
                let is_open = |bad: &u64| target.is_gate_open(Counts { n: long.n, bad: *bad }, gate);
                let first = || (0..=long.n).find(is_open).unwrap_or(u64::MAX);
                if long.bad >= *self.open_from.entry((i, long.n)).or_insert_with(first) {
                    loudest = loudest.max(Some(window.severity));
                }
            }
        }
        loudest
    }
}

/// Alerts that began in teams that just keep their promise: those that paged, at once or later, and the others.
#[derive(Default)]
pub(super) struct Alerts {
    pub(super) pages: Begun,
    pub(super) tickets: Begun,
}

impl Alerts {
    /// An alert begins, or one that fired is told more loudly.
    pub(super) fn tell(&mut self, severity: Severity, fired: bool) {
        match severity {
            Severity::Page => {
                self.pages.alerts += 1;
                self.tickets.alerts = self.tickets.alerts.saturating_sub(u32::from(fired));
            }
            _ => self.tickets.alerts += 1,
        }
    }
}

/// What began in so many years of a team.
fn begun(a_day: f64, come: Come, years: u32, seed: u64) -> Alerts {
    let terms = terms(|_| {});
    let rule = terms.definitions.rules.first_touch_slo.as_ref().unwrap();
    let (mut gates, mut alerts) = (Gates::new(rule), Alerts::default());
    let for_ms = i64::from(rule.for_minutes) * MINUTE_MS;
    let clear_ms = i64::from(rule.clear_minutes) * MINUTE_MS;
    let (mut team, mut life) = (Team::new(a_day, come, 0.05, seed), None);
    let days = years * 12 * MONTH;
    for look in 0..(BEFORE + days) * DAY / EVERY {
        team.look();
        if look < BEFORE * DAY / EVERY {
            continue;
        }
        let breach = gates.verdict(&team);
        if breach.is_none() && life.is_none() {
            continue;
        }
        // Time is business time here.
        let now = EventTime(i64::from(team.minutes) * MINUTE_MS);
        let elapsed = |from: EventTime| now.0 - from.0;
        let patience = Patience { elapsed_ms: &elapsed, for_ms, clear_ms, may_begin: true };
        let fired = life.as_ref().is_some_and(|life: &Life| life.stage != LifeStage::Pending);
        let verdict = breach.map_or(Verdict::Kept, Verdict::Broken);
        let message;
        (life, message) = alerting::step(life, verdict, now, None, &patience);
        if let Some(Message::Firing(severity)) = message {
            alerts.tell(severity, fired);
        }
    }
    (alerts.pages.days, alerts.tickets.days) = (days, days);
    alerts
}

/// The minute of the calendar at which so much working time has passed: of an evening, not of the next morning.
pub(super) fn minute(passed: u32) -> Minute {
    let (day, rest) = ((passed - 1) / DAY, (passed - 1) % DAY + 1);
    let day = MONDAY.0 + (day / 5 * 7 + day % 5) as i32;
    Minute(day * 24 * 60 + 9 * 60 + rest as i32)
}

/// What the rule itself says at each look of so many days, which is what the second count says.
fn said(a_day: f64, come: Come, missed: f64, days: u32, seed: u64) -> Vec<Option<Severity>> {
    let terms = terms(|_| {});
    let rule = terms.definitions.rules.first_touch_slo.as_ref().unwrap();
    let (mut gates, mut team) = (Gates::new(rule), Team::new(a_day, come, missed, seed));
    let (mut book, mut all) = (Book::default(), Vec::new());
    for _ in 0..(BEFORE + days) * DAY / EVERY {
        let slice = minute(team.minutes + 1);
        let due = team.look();
        let (at, mut step) = (minute(team.minutes), Step::default());
        let mut count = |measure, subject: &str, n: u64| {
            let cell = Cell { measure, subject: subject.into(), slice, grade: 0 };
            step.counts.insert((Text::const_new("all"), cell), n as i64);
        };
        count(Measure::TouchMissed, "sales", due.bad);
        count(Measure::TouchMet, "", due.n - due.bad);
        count(Measure::Touches(words::Team::Sales), "", 1);
        step.counts.retain(|_, n| *n > 0);
        book.apply(at, step, &terms, &mut |_, _| {});
        if team.minutes < BEFORE * DAY {
            continue;
        }
        let edges = Edges::at(rule, &terms, &Outages::default(), at);
        let reading = first_touch_slo::read(rule, &book, book.segment("all").unwrap(), &edges);
        let said = match reading.verdict(rule, |_| true).0 {
            Verdict::Broken(severity) => Some(severity),
            _ => None,
        };
        assert_eq!(said, gates.verdict(&team), "{a_day} a day, after {} minutes", team.minutes);
        all.push(said);
    }
    all
}

#[test]
fn the_rule_says_at_each_look_what_a_second_count_says() {
    let mut all = Vec::new();
    for (i, a_day) in [5.0, 20.0, 100.0].into_iter().enumerate() {
        for come in [Come::AtWork, Come::AroundTheClock] {
            for missed in [0.05, 0.08, 0.12] {
                all.extend(said(a_day, come, missed, 42, 80 + i as u64));
            }
        }
    }
    for said in [None, Some(Severity::Ticket), Some(Severity::Page)] {
        let times = all.iter().filter(|one| **one == said).count();
        assert!(times > 100, "{said:?}: {times}");
    }
}

/// There are always touches by sales here: where there are none, alerts begin less often.
#[test]
fn a_team_at_its_promise_is_told_of_as_seldom_as_the_rule_says() {
    for (i, a_day) in [5.0, 20.0, 60.0, 100.0].into_iter().enumerate() {
        for (come, years) in [(Come::AtWork, 400), (Come::AroundTheClock, 150)] {
            let Alerts { pages, tickets } = begun(a_day, come, years, 90 + i as u64);
            pages.assert_at_most(BY_CHANCE.pages, &format!("pages, {a_day} a day, {come:?}"));
            tickets.assert_at_most(BY_CHANCE.tickets, &format!("tickets, {a_day} a day, {come:?}"));
            if (a_day, come) == (20.0, Come::AtWork) {
                pages.assert_no_exaggeration(BY_CHANCE.pages);
                tickets.assert_no_exaggeration(BY_CHANCE.tickets);
            }
        }
    }
}

#[test]
fn the_figure_is_stated_for_the_settings_for_which_it_was_counted() {
    let said = |change: fn(&mut FirstTouchSlo)| {
        let mut definitions = definitions();
        change(definitions.rules.first_touch_slo.as_mut().unwrap());
        statement(&definitions).unwrap().false_alarms
    };
    let figures =
        format!("{} times a month as a page and {} times as a ticket", BY_CHANCE.pages, BY_CHANCE.tickets);
    assert!(said(|_| {}).contains(&figures), "{}", said(|_| {}));
    const { assert!((BY_CHANCE.pages + BY_CHANCE.tickets) * 12.0 < 1.0, "less than once a year") };
    let others: [fn(&mut FirstTouchSlo); 7] = [
        |rule| rule.target = Millionths(900_000),
        |rule| rule.min_n = 5,
        |rule| rule.for_minutes = 0,
        |rule| rule.clear_minutes = 60,
        |rule| rule.windows[0].long_minutes = 540,
        |rule| rule.windows[4].gate = Some(Millionths(10_000)),
        |rule| rule.windows.truncate(4),
    ];
    for other in others {
        let said = said(other);
        assert!(!said.chars().any(|c| c.is_ascii_digit()), "{said}");
    }
}
