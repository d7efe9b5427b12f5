//! `unanswered_rejections`: a reason that stands below its limit or at it, told of by chance.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::alerting::{self, Message, Patience};
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::incurious_marketing::UNANSWERED_REJECTIONS;
use rapport::funnel::signs::incurious_marketing::unanswered_rejections::{
    BY_CHANCE, ByChance, SEGMENTS, statement,
};
use rapport::funnel::signs::program_rule::{Alive, Place};
use rapport::funnel::signs::scene::Scene;
use rapport::model::alert::Severity;
use rapport::model::definitions::{Millionths, UnansweredRejections};
use rapport::model::measure::Measure;
use rapport::model::words::Verdict as SalesVerdict;
use rapport::model::{DAY_MS, EventTime, Text};

use super::{
    Begun, Counted, MONDAY, MONTH, business_days, definitions, is_business_day, on_business_days, terms,
};

/// What began in so many companies and months in which sales sends so many leads back each business day, that share of
/// them for one reason and the rest for twelve others, beside so many segments.
fn begun_beside(judged: usize, a_day: u32, share: f64, (companies, months): (u32, u32), seed: u64) -> Begun {
    let terms = terms(|definitions| {
        definitions.rules.unanswered_rejections.as_mut().unwrap().waits_for_first = false;
    });
    let rule = terms.definitions.rules.unanswered_rejections.as_ref().unwrap();
    let first = MONDAY.plus(i32::from(rule.window_days * rule.windows));
    let last = on_business_days(first, MONTH * months).last().unwrap();
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut begun = Begun::default();
    for _ in 0..companies {
        let mut counted = Counted::default();
        for day in (MONDAY.0..last.0).map(Day).filter(|day| is_business_day(*day)) {
            for _ in 0..a_day {
                let reason = match dice.random_bool(share) {
                    true => "it".to_owned(),
                    false => format!("other {}", dice.random_range(0..12)),
                };
                counted.add(&terms, day, Measure::Verdicts(SalesVerdict::Rejected), &reason, 0, 1);
            }
        }
        let book = counted.book(&terms, first);
        let mut life = None;
        for today in on_business_days(first, MONTH * months) {
            let now = EventTime(terms.days.day_start_ms(today.0));
            let scene = Scene::new(&terms, &book, now.minute());
            let segment = book.segment("all").unwrap();
            let alive = [Alive { subject: Text::const_new("it"), since: now }];
            let place = Place { scene: &scene, name: "all", segment, judged, alive: &alive };
            let found = (UNANSWERED_REJECTIONS.read)(&place);
            let verdict = found.iter().find(|finding| finding.subject == "it").unwrap().verdict;
            let elapsed = |from: EventTime| {
                let from = Day(terms.days.local_day(from.0));
                business_days(from.plus(1), today.plus(1)) as i64 * DAY_MS
            };
            let clear_ms = i64::from(rule.clear_days) * DAY_MS;
            let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms, may_begin: true };
            begun.days += u32::from(life.is_none());
            let message;
            (life, message) = alerting::step(life, verdict, now, None, &patience);
            begun.alerts += u32::from(matches!(message, Some(Message::Firing(_))));
        }
    }
    begun
}

fn begun(a_day: u32, share: f64, of: (u32, u32), seed: u64) -> Begun {
    begun_beside(1, a_day, share, of, seed)
}

/// What is worth least in a segment with few: ten negative verdicts in each window.
#[test]
fn many_segments_together_are_told_of_as_seldom_as_the_rule_says() {
    let each = |together: f64| together / SEGMENTS as f64;
    let beside = |share: f64| begun_beside(SEGMENTS, 1, share, (250, 12), 173);
    let at_the_limit = beside(0.3);
    at_the_limit.assert_at_most(each(BY_CHANCE.in_segments), "at the limit");
    at_the_limit.assert_no_exaggeration(each(BY_CHANCE.in_segments));
    beside(BY_CHANCE.lower_share).assert_at_most(each(BY_CHANCE.in_segments_below), "below the limit");
}

/// With 10, 30 and 100 negative verdicts in each window.
#[test]
fn a_reason_at_its_limit_or_below_is_told_of_as_seldom_as_the_rule_says() {
    for (i, a_day) in [1, 3, 10].into_iter().enumerate() {
        let seed = 70 + i as u64;
        let of = format!("{a_day} a day");
        let at_the_limit = begun(a_day, 0.3, (100, 12), seed);
        at_the_limit.assert_at_most(BY_CHANCE.at_the_limit, &format!("{of} at the limit"));
        if a_day == 1 {
            at_the_limit.assert_no_exaggeration(BY_CHANCE.at_the_limit);
        }
        let below = begun(a_day, BY_CHANCE.lower_share, (100, 12), seed);
        let allowed = if a_day < 3 { BY_CHANCE.below } else { BY_CHANCE.below_with_many };
        below.assert_at_most(allowed, &format!("{of} below the limit"));
        if a_day == 1 {
            below.assert_no_exaggeration(BY_CHANCE.below);
        }
    }
}

#[test]
fn the_figure_is_stated_for_the_settings_for_which_it_was_counted() {
    let said = |change: fn(&mut UnansweredRejections)| {
        let mut definitions = definitions();
        change(definitions.rules.unanswered_rejections.as_mut().unwrap());
        statement(&definitions).unwrap().false_alarms
    };
    let by_default = said(|_| {});
    let ByChance { at_the_limit, below, below_with_many, in_segments, in_segments_below, .. } = BY_CHANCE;
    for figure in [at_the_limit, below, below_with_many, in_segments, in_segments_below] {
        assert!(by_default.contains(&format!(" {figure} ")), "{figure}: {by_default}");
    }
    assert_eq!(said(|rule| rule.waits_for_first = false), by_default);
    assert_eq!(said(|rule| rule.severity = Severity::Info), by_default);
    let others: [fn(&mut UnansweredRejections); 5] = [
        |rule| rule.windows = 1,
        |rule| rule.window_days = 7,
        |rule| rule.share = Millionths(200_000),
        |rule| rule.min_n = 5,
        |rule| rule.clear_days = 1,
    ];
    for other in others {
        let said = said(other);
        assert!(!said.chars().any(|c| c.is_ascii_digit()), "{said}");
    }
}
