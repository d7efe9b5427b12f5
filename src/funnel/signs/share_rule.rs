//! A rule that watches a share, as its sign describes it: what is counted, who is to act, and how it is said.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, ShareWatch};
use crate::model::measure::Measure;
use crate::model::{EventTime, Text};

use super::super::segment::book::Segment;
use super::super::segment::series::Day;
use super::rule::Rule;
use super::scene::Scene;
use super::share_watch::{Counts, Outcomes, Sight, Watch};
use super::{Measured, percent};

/// A rule that watches a share.
pub struct ShareRule {
    /// Which one.
    pub rule: Rule,
    /// Its settings, if it is on.
    pub settings: fn(&Definitions) -> Option<&ShareWatch>,
    /// Whether it is judged for the whole company alone.
    pub of_all_alone: bool,
    /// What it speaks of in a segment: one empty subject where it speaks of the segment itself.
    pub subjects: fn(&Scene<'_>, &Segment) -> Vec<Text>,
    /// How many days an outcome takes, where the rule learns that; `None` while it does.
    pub span: fn(&Scene<'_>, &Segment, &str) -> Option<u16>,
    /// The outcomes of a segment and subject, with that span.
    pub outcomes: fn(&Scene<'_>, &Segment, &str, u16) -> Outcomes,
    /// Behind which count stand the leads that alerts name.
    pub evidence: Option<Measure>,
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
    /// The outcomes of the watched days.
    pub seen: Counts,
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

    /// How the share stood and how it was: `31.0 % (usual: 12.0 %)`.
    pub fn share_and_usual(&self) -> String {
        format!("{} (usual: {})", percent(self.seen.share()), percent(self.watch.baseline.share))
    }
}

/// The one subject of rules that speak of the segment itself.
pub fn no_subjects(_: &Scene<'_>, _: &Segment) -> Vec<Text> {
    vec![Text::default()]
}

/// The span of outcomes that are known on their day.
pub fn no_span(_: &Scene<'_>, _: &Segment, _: &str) -> Option<u16> {
    Some(0)
}

impl ShareRule {
    /// The figures behind a reading.
    pub fn measure(
        &self,
        scene: &Scene<'_>,
        (name, subject): (&str, &str),
        (watch, span): (&Watch, u16),
        outcomes: &Outcomes,
        Sight { seen, .. }: Sight,
    ) -> Measured {
        let start = |day: Day| EventTime(scene.terms.days.day_start_ms(day.0));
        let words = (self.words)(&Told { scene, name, subject, watch, span, seen });
        Measured {
            value: seen.share(),
            baseline: Some(watch.baseline.share),
            threshold: watch.baseline.p0,
            interval: Some(seen.interval().into()),
            n: seen.n,
            excluded_immature: outcomes.young,
            window: (start(watch.from), start(outcomes.known_to)),
            owner: self.owner,
            evidence: scene.evidence(self.evidence, name, watch.from, outcomes.known_to),
            summary: words.summary,
            advice: words.advice.to_owned(),
            resolved: words.resolved,
        }
    }
}
