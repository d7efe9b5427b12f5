//! A rule that watches a share, as its sign describes it: what is counted, who is to act, and how it is said.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, Millionths, ShareWatch};
use crate::model::explanation::Sum;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::model::{EventTime, Text};
use crate::stats::counts::Counts;

use super::super::segment::book::{Behind, Segment};
use super::super::segment::series::Day;
use super::carriers::{self, Part};
use super::mix::{Mixed, mix};
use super::no_data::rests_on;
use super::outage_days::{Outage, of_the_same_days, outage_days};
use super::rule::Rule;
use super::scene::Scene;
use super::share_watch::{self, End, Sight, Watch};
use super::told_days::ToldDays;
use super::usual_share::{Outcomes, SetShare};
use super::{Measured, Resolved, day_said, percent, share_sum, worth};
use crate::funnel::journey::segments::{ALL, lies_within};

/// A rule that watches a share.
pub struct ShareRule {
    /// Which one.
    pub rule: Rule,
    /// Its settings, if it is on.
    pub settings: fn(&Definitions) -> Option<&ShareWatch>,
    /// Whether it is judged for the whole company alone.
    pub of_all_alone: bool,
    /// Whether it reads a measure.
    pub reads: fn(Measure) -> bool,
    /// What it speaks of in a segment: one empty subject where it speaks of the segment itself.
    pub subjects: fn(&Scene<'_>, &Segment) -> Vec<Text>,
    /// What a share that is set as usual is to it.
    pub of_set: SetShare,
    /// How many days an outcome takes, where the rule learns that, but not of days that were told of; `None` while it
    /// does.
    pub span: fn(&Scene<'_>, &Segment, &str, &ToldDays) -> Option<u16>,
    /// The outcomes of a segment and subject, with that span, as they were counted.
    pub outcomes: fn(&Scene<'_>, &Segment, &str, u16) -> Outcomes,
    /// Of which days an outage leaves outcomes unknown, with that span: `[from, to)`.
    pub unknown: fn(&Outage<'_>, u16) -> (Day, Day),
    /// Behind which counts stand the leads that alerts name, by the rule's subject; `None` where outcomes are no
    /// journeys.
    pub evidence: fn(&str) -> Option<Behind>,
    /// What the sum tells besides: what was counted, where outcomes are no journeys.
    pub details: fn(&Told<'_>, &mut Sum),
    /// The stage in which a bad outcome is a journey that may be lost, by its subject; `None` where outcomes are no
    /// journeys.
    pub at_risk: fn(&str) -> Option<Stage>,
    /// Who is to act first.
    pub owner: OwnerTeam,
    /// What there is to say.
    pub words: fn(&Told<'_>) -> Words,
}

/// What a rule reads, for whom it is to be put into words.
pub struct Told<'a> {
    /// Where and when.
    pub scene: &'a Scene<'a>,
    /// The segment's name.
    pub name: &'a str,
    /// What the rule speaks of.
    pub subject: &'a str,
    /// What is normal.
    pub watch: &'a Watch,
    /// How many days an outcome takes.
    pub span: u16,
    /// The first day that is told of.
    pub since: Day,
    /// The outcomes of the days from there on.
    pub seen: Counts,
    /// Those of the last days with outcomes, by which it is judged whether it is over.
    pub lately: Counts,
}

/// What there is to say.
pub struct Words {
    /// One sentence for the person who is called.
    pub summary: String,
    /// What the two teams should do.
    pub advice: &'static str,
    /// The sentence for when it is over.
    pub resolved: String,
}

impl Told<'_> {
    /// Whose leads these are, for a sentence: nothing for those of the whole company.
    pub fn whose(&self) -> String {
        if self.name == "all" { String::new() } else { format!(" ({})", self.name) }
    }

    /// The first day that is told of, for a sentence: `6 Apr`, with its year if that is long ago.
    pub fn since(&self) -> String {
        day_said(self.since, self.scene.today)
    }

    /// How the share stood and how it was: `31.0 % (usual: 12.0 %)`.
    pub fn share_and_usual(&self) -> String {
        format!("{} (usual: {})", percent(self.seen.share()), percent(self.watch.baseline.share))
    }

    /// How the share stands lately.
    pub fn lately(&self) -> String {
        percent(self.lately.share())
    }

    /// How it was, and how it stood while it was told of: `(usual: 12.0 %); since 6 Apr it was 31.0 %`.
    pub fn usual_and_since(&self) -> String {
        let (usual, seen) = (self.watch.baseline.share, self.seen.share());
        format!("(usual: {}); since {} it was {}", percent(usual), self.since(), percent(seen))
    }
}

/// The one subject of rules that speak of the segment itself.
pub fn no_subjects(_: &Scene<'_>, _: &Segment) -> Vec<Text> {
    vec![Text::default()]
}

/// Outcomes that are known on the day to which they belong.
pub fn the_same_days(outage: &Outage<'_>, _: u16) -> (Day, Day) {
    of_the_same_days(outage)
}

/// The span of outcomes that are known on their day.
pub fn no_span(_: &Scene<'_>, _: &Segment, _: &str, _: &ToldDays) -> Option<u16> {
    Some(0)
}

/// Rules whose evidence says what was counted.
pub fn no_details(_: &Told<'_>, _: &mut Sum) {}

/// Outcomes that are no journeys have no worth.
pub fn no_worth(_: &str) -> Option<Stage> {
    None
}

/// A case of a rule that is watched: where, of what, and what the detector sees.
pub struct Case<'a> {
    /// The segment's name.
    pub name: &'a str,
    /// What the rule speaks of.
    pub subject: &'a str,
    /// How many days an outcome takes.
    pub span: u16,
    /// The detector.
    pub watch: &'a Watch,
    /// What shows that it is over.
    pub end: End,
    /// The outcomes.
    pub outcomes: &'a Outcomes,
    /// All segments.
    pub names: &'a [Text],
    /// The days that were told of: other segments learn nothing from them either.
    pub told: &'a ToldDays,
    /// The segments within it that were told of by themselves.
    pub told_apart: &'a [Text],
}

/// What there is to do where nothing but the mix has changed.
const ADVICE_MIX: &str = "Nothing got worse by itself: more comes of what was always so. Marketing and sales: say \
                          whether this mix is wanted, and what it needs that the old one did not.";

/// What there is to do when an alert ends, and it is not quite as usual yet.
const ADVICE_NEARLY: &str = "It is nearer to what is usual than to what was told of, and not quite there: go on with \
                             what helped.";

/// The outcomes of the last days by which it is judged whether it is over, and none before the first that is told.
fn lately(settings: &ShareWatch, watch: &Watch, outcomes: &Outcomes, since: Day) -> Counts {
    let days = share_watch::each_day(watch, outcomes);
    let told = days.iter().rev().take_while(|(day, ..)| *day >= since);
    let last = told.take(usize::from(settings.clear_days).max(1));
    last.fold(Counts::default(), |sum, (_, day, _)| sum.plus(*day))
}

impl ShareRule {
    /// The days of which it does not know all outcomes, since a feed did not tell.
    pub fn outage_days(&self, scene: &Scene<'_>, span: u16) -> ToldDays {
        outage_days(scene, rests_on(self.rule), |outage| (self.unknown)(outage, span))
    }

    /// The outcomes of a segment and subject, with that span, of the days of which all are known.
    pub fn known_outcomes(&self, scene: &Scene<'_>, segment: &Segment, subject: &str, span: u16) -> Outcomes {
        let outcomes = (self.outcomes)(scene, segment, subject, span);
        outcomes.without(&self.outage_days(scene, span))
    }

    /// The figures behind a reading.
    pub fn measure(&self, scene: &Scene<'_>, settings: &ShareWatch, case: &Case<'_>) -> Measured {
        let Case { name, subject, span, watch, outcomes, .. } = *case;
        let start = |day: Day| EventTime(scene.terms.days.day_start_ms(day.0));
        let Sight { since, seen, .. } = share_watch::look(watch, outcomes);
        let lately = lately(settings, watch, outcomes, since);
        let told = Told { scene, name, subject, watch, span, since, seen, lately };
        let words = (self.words)(&told);
        let expected = |counts: Counts| counts.n as f64 * watch.baseline.share;
        let whole = Part { segment: name.into(), counts: seen, expected: expected(seen) };
        let learned = |name: &Text| self.part(scene, settings, case, since, (name, 0.0));
        // What is set as the least that is usual is that of each part.
        let least = settings.baseline.filter(|_| self.of_set == SetShare::Least);
        let least = least.map_or(0.0, Millionths::as_f64);
        let part = |name: &Text| self.part(scene, settings, case, since, (name, least));
        let within = |name: &&Text| !self.of_all_alone && lies_within(name, case.name);
        let mixed: Vec<Mixed> = case.names.iter().filter(within).map(part).collect();
        let parts: Vec<Part> = mixed.iter().map(|mixed| mixed.part.clone()).collect();
        let is_usual = |counts, expected| share_watch::is_as_expected(watch, counts, expected);
        let carried = carriers::carried(&whole, &parts, case.told_apart, is_usual);
        let usual_n = outcomes.sum(watch.baseline.days.0, watch.baseline.days.1).n;
        // What is set knows of no mix.
        let learned_whole = (!watch.baseline.is_set()).then(|| Mixed { part: whole.clone(), usual_n });
        let mix = learned_whole.and_then(|whole| mix(&whole, &mixed, is_usual));
        let where_it_lies =
            || carried.sentence(|rest| format!("without it {}", percent(rest.counts.share())));
        let sentence = match &mix {
            Some(mix) if mix.is_all() => mix.sentence(),
            Some(mix) => where_it_lies() + &mix.sentence(),
            None => where_it_lies(),
        };
        let mut sum = share_sum::sum(scene, settings, (watch, case.told), outcomes);
        share_sum::tell_end(settings, watch, case.end, outcomes, &mut sum);
        let left_out = self.outage_days(scene, span);
        left_out.tell(watch.baseline.days.0.min(since), outcomes.known_to, &mut sum);
        (self.details)(&told, &mut sum);
        if let Some(mix) = &mix {
            mix.tell(&mut sum);
        }
        if let Some(worth) = (self.at_risk)(subject).and_then(|stage| worth::of_stage(scene, stage)) {
            let from = "bad outcomes - outcomes x baseline, at least 0";
            worth.tell((seen.bad as f64 - expected(seen)).max(0.0), from, &mut sum);
        }
        sum.carriers = carried.carriers;
        let here = if watch.baseline.is_set() { learned(&name.into()).part } else { whole };
        let elsewhere = carriers::elsewhere(&learned(&ALL.into()).part, &here, carriers::is_alike);
        let others = elsewhere.map_or_else(String::new, |elsewhere| {
            elsewhere.tell(&mut sum);
            elsewhere.sentence(|rest| {
                let usual = (rest.expected / rest.counts.n as f64).clamp(0.0, 1.0);
                format!("it is {} (usual: {})", percent(rest.counts.share()), percent(usual))
            })
        });
        Measured {
            value: seen.share(),
            baseline: Some(watch.baseline.share),
            threshold: watch.baseline.p0,
            interval: Some(seen.interval().into()),
            n: seen.n,
            excluded_immature: outcomes.young,
            window: (start(since), start(outcomes.known_to)),
            owner: self.owner,
            evidence: (self.evidence)(subject)
                .map(|behind| {
                    let spans = scene.minutes_but(since, outcomes.known_to, &left_out);
                    scene.evidence(&behind, name, &spans)
                })
                .unwrap_or_default(),
            summary: words.summary + &sentence + &others,
            advice: if mix.is_some_and(|mix| mix.is_all()) { ADVICE_MIX } else { words.advice }.to_owned(),
            resolved: Resolved::by(lately.share() <= watch.baseline.p0, words.resolved, ADVICE_NEARLY),
            sum,
        }
    }

    /// Another segment beside the one that is told of, counted over the days that are told and with the span of that
    /// one, since outcomes that take another time can't be taken from one another. What is usual in it is learned from
    /// the same days as there, and at least so much; where it has too few outcomes in them, or what is usual is set, it
    /// is the same.
    fn part(
        &self,
        scene: &Scene<'_>,
        settings: &ShareWatch,
        case: &Case<'_>,
        since: Day,
        (name, least): (&Text, f64),
    ) -> Mixed {
        let usual = &case.watch.baseline;
        let segment = scene.book.segment_or_empty(name);
        let outcomes = self.known_outcomes(scene, segment, case.subject, case.span);
        let counts = outcomes.sum(since, case.outcomes.known_to);
        let before = outcomes.without(case.told).sum(usual.days.0, usual.days.1);
        let is_known = usual.n > 0 && before.n >= u64::from(settings.min_n).max(1);
        let share = if is_known { before.share().max(least) } else { usual.share };
        let part = Part { segment: name.clone(), counts, expected: counts.n as f64 * share };
        Mixed { part, usual_n: before.n }
    }
}
