//! The book of the funnel: every segment with its series, the evidence, the program facts.
//!
//! It knows what was counted, not what it means: signs and windows read it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::delta::{Evidence, Step};
use crate::model::entity::FactId;
use crate::model::event::Kind;
use crate::model::fact::Fact;
use crate::model::measure::{Cell, Measure};
use crate::model::words::Verdict;
use crate::model::{Minute, Text};

use super::super::grain::has_grades;
use super::super::journey::segments::ALL;
use super::super::terms::Terms;
use super::outages::Outages;
use super::series::{Chunk, ChunkCells, DAYS_KEPT, Day, HOURS_KEPT_DAYS, Hour, Series};

/// The segment that takes what is beyond the limit of segments.
pub const OTHER: &str = "other";

/// All series of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    series: BTreeMap<(Measure, Text), Series>,
}

/// Everything that is counted.
#[derive(Clone, Debug, Default)]
pub struct Book {
    segments: BTreeMap<Text, Segment>,
    evidence: BTreeMap<Evidence, i64>,
    programs: BTreeMap<(Kind, FactId), Fact>,
    /// When feeds did not tell. It is no count: other definitions change nothing of it.
    pub(super) outages: Outages,
    /// How many changes of counts went to `other`, ever.
    pub(super) over_limit: u64,
    /// Parts that changed since they were last asked for.
    pub(super) dirty: BTreeSet<Dirty>,
}

/// The counts behind which leads are looked for.
#[derive(Clone, Debug)]
pub struct Behind {
    /// What is counted.
    pub measures: Vec<Measure>,
    /// The subject that the counts are to have; `None` means any.
    pub subject: Option<Text>,
}

impl Behind {
    /// One count, whatever its subject.
    pub fn count(measure: Measure) -> Behind {
        Behind { measures: vec![measure], subject: None }
    }

    /// Deals of a known amount in a currency that marketing sourced and that were won.
    pub fn sourced_won(currency: &str) -> Behind {
        Behind { measures: vec![Measure::SourcedWonSize], subject: Some(currency.into()) }
    }

    /// Leads that sales sent back, for a reason (the empty one where none was given).
    pub fn sent_back(reason: &str) -> Behind {
        Behind { measures: sent_back().collect(), subject: Some(reason.into()) }
    }
}

/// The counts of leads that sales sent back.
fn sent_back() -> impl Iterator<Item = Measure> {
    Verdict::ALL.iter().filter(|verdict| verdict.is_negative()).map(|verdict| Measure::Verdicts(*verdict))
}

/// The leads behind a value, as many as an alert may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Their ids.
    pub ids: Vec<Text>,
    /// How many more there are.
    pub left_out: u64,
}

/// A part of the book that one row of state holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirty {
    /// A chunk of a series.
    Chunk(Text, Measure, Text, Chunk),
    /// A piece of evidence.
    Evidence(Evidence),
    /// A program fact.
    Program(Kind, FactId),
    /// That there is a series, though it may be empty.
    Series(Text, Measure, Text),
}

/// Days for which evidence is kept of outcomes that are watched by days: a quarter of a year, and some more.
const OUTCOMES_KEPT_DAYS: i32 = 100;

/// The first minute of which evidence is kept at a boundary: of outcomes that are watched by hours as long as hours
/// are, of others for longer; but what is evidence only as long as an item is open for as long as days are, and so are
/// won deals, of which a whole period is told.
fn evidence_kept_from(measure: Measure, boundary: Minute) -> Minute {
    let days = match measure {
        Measure::Open(_) | Measure::SourcedWonSize => DAYS_KEPT,
        Measure::TouchMissed => HOURS_KEPT_DAYS,
        _ => OUTCOMES_KEPT_DAYS,
    };
    Minute((Hour::of(boundary).0 - days * 24) * 60)
}

impl Segment {
    /// A segment in which nothing was counted.
    pub fn empty() -> &'static Segment {
        static EMPTY: Segment = Segment { series: BTreeMap::new() };
        &EMPTY
    }

    /// One series; an empty one where nothing was counted.
    pub fn series(&self, measure: Measure, subject: &str) -> &Series {
        static EMPTY: Series = Series::new();
        self.series.get(&(measure, Text::from(subject))).unwrap_or(&EMPTY)
    }

    /// The series of every subject of a measure.
    pub fn subjects(&self, measure: Measure) -> impl Iterator<Item = (&Text, &Series)> {
        self.series
            .range((measure, Text::default())..)
            .take_while(move |((known, _), _)| *known == measure)
            .map(|((_, subject), series)| (subject, series))
    }

    /// What is counted here and in none of these, which lie within it and apart from each other, of some measures. Of
    /// those with an hour the hours up to it alone are left out.
    pub fn outside(&self, parts: &[(&Segment, Option<Hour>)], reads: impl Fn(Measure) -> bool) -> Segment {
        let mut rest = Segment::default();
        for ((measure, subject), series) in self.series.iter().filter(|((measure, _), _)| reads(*measure)) {
            let mut series = series.clone();
            for (part, last) in parts {
                let part = part.series(*measure, subject);
                match last {
                    None => series.subtract(part),
                    Some(last) => series.subtract_hours(part, *last),
                }
            }
            rest.series.insert((*measure, subject.clone()), series);
        }
        rest
    }

    /// Every series.
    pub fn iter(&self) -> impl Iterator<Item = (&(Measure, Text), &Series)> {
        self.series.iter()
    }
}

impl Book {
    /// One segment; `None` where nothing was counted.
    pub fn segment(&self, name: &str) -> Option<&Segment> {
        self.segments.get(name)
    }

    /// One segment as it is read: empty where nothing was counted.
    pub fn segment_or_empty(&self, name: &str) -> &Segment {
        self.segment(name).unwrap_or_else(|| Segment::empty())
    }

    /// How many changes of counts went to `other`, ever.
    pub fn over_limit(&self) -> u64 {
        self.over_limit
    }

    /// Every segment by name, `all` first.
    pub fn segments(&self) -> impl Iterator<Item = (&Text, &Segment)> {
        let all = self.segments.get_key_value(ALL);
        all.into_iter().chain(self.segments.iter().filter(|(name, _)| *name != ALL))
    }

    /// Applies the changes of one boundary; calls `changed` for each segment and measure touched.
    pub fn apply(
        &mut self,
        boundary: Minute,
        step: Step,
        terms: &Terms,
        changed: &mut dyn FnMut(&Text, Measure),
    ) {
        let hours_from = Hour(Hour::of(boundary).0 - HOURS_KEPT_DAYS * 24);
        let days_from = Day(terms.days.local_day(boundary.start().0) - DAYS_KEPT);
        for ((segment, cell), n) in step.counts {
            let segment = self.admit(segment, terms);
            changed(&segment, cell.measure);
            self.add(segment, &cell, n, hours_from, days_from, terms);
        }
        for (evidence, n) in step.evidence {
            if evidence.slice < evidence_kept_from(evidence.measure, boundary) {
                continue;
            }
            self.add_evidence(evidence, n);
        }
        for fact in step.programs {
            let key = (fact.says.kind(), fact.id);
            self.dirty.insert(Dirty::Program(key.0, key.1));
            self.programs.insert(key, fact);
        }
    }

    /// Adds to the standing of a piece of evidence. An older release did not say what evidence speaks of: what is taken
    /// back and does not stand by its subject was told without one, and is taken back from there.
    fn add_evidence(&mut self, evidence: Evidence, n: i64) {
        let mut standing = self.standing(&evidence).unwrap_or(0) + n;
        if standing < 0 && !evidence.subject.is_empty() {
            let of_old = Evidence { subject: Text::default(), ..evidence.clone() };
            let told = self.standing(&of_old).unwrap_or(0);
            let taken_back = told.clamp(0, -standing);
            if taken_back > 0 {
                self.set_evidence(of_old, told - taken_back);
                standing += taken_back;
            }
        }
        self.set_evidence(evidence, standing);
    }

    fn set_evidence(&mut self, evidence: Evidence, standing: i64) {
        self.dirty.insert(Dirty::Evidence(evidence.clone()));
        match standing {
            0 => self.evidence.remove(&evidence),
            standing => self.evidence.insert(evidence, standing),
        };
    }

    /// The segment's own name while there is room, `other` beyond it. For `all` there always is.
    fn admit(&mut self, segment: Text, terms: &Terms) -> Text {
        let full = self.segments.len() >= terms.definitions.limits.segments as usize;
        if !full || segment == ALL || self.segments.contains_key(&segment) {
            return segment;
        }
        self.over_limit += 1;
        Text::const_new(OTHER)
    }

    fn add(&mut self, segment: Text, cell: &Cell, n: i64, hours_from: Hour, days_from: Day, terms: &Terms) {
        let day = Day(terms.days.local_day(cell.slice.start().0));
        if day < days_from {
            return;
        }
        let hour = Hour::of(cell.slice);
        let all_series = &mut self.segments.entry(segment.clone()).or_default().series;
        let series = all_series.entry((cell.measure, cell.subject.clone())).or_insert_with(|| {
            self.dirty.insert(Dirty::Series(segment.clone(), cell.measure, cell.subject.clone()));
            Series::new()
        });
        let mut touch = |chunk| {
            self.dirty.insert(Dirty::Chunk(segment.clone(), cell.measure, cell.subject.clone(), chunk));
        };
        if has_grades(cell.measure) {
            series.add_grade(day, cell.grade, n);
            touch(Chunk::Grades(day));
        } else {
            series.add_day(day, n);
            touch(Chunk::Days(day.0.div_euclid(32)));
            if hour >= hours_from {
                series.add_hour(hour, n);
                touch(Chunk::Hours(hour.0.div_euclid(24)));
            }
        }
    }

    /// Forgets what is older than it is kept, as of `boundary`, and frees the series and segments in which
    /// nothing is counted any more; gives the segments that it took something from so. Called once a day of event
    /// time.
    pub fn forget(&mut self, boundary: Minute, terms: &Terms) -> BTreeSet<Text> {
        let mut freed = BTreeSet::new();
        let hours_from = Hour(Hour::of(boundary).0 - HOURS_KEPT_DAYS * 24);
        let days_from = Day(terms.days.local_day(boundary.start().0) - DAYS_KEPT);
        for (name, segment) in &mut self.segments {
            for ((measure, subject), series) in &mut segment.series {
                for chunk in series.forget_before(hours_from, days_from) {
                    self.dirty.insert(Dirty::Chunk(name.clone(), *measure, subject.clone(), chunk));
                }
                if series.is_empty() {
                    self.dirty.insert(Dirty::Series(name.clone(), *measure, subject.clone()));
                    freed.insert(name.clone());
                }
            }
            segment.series.retain(|_, series| !series.is_empty());
        }
        self.segments.retain(|_, segment| !segment.series.is_empty());
        // What was taken back but never told was told before it was evidence: of an older release.
        let is_old =
            |(e, n): &(&Evidence, &i64)| **n <= 0 || e.slice < evidence_kept_from(e.measure, boundary);
        let old: Vec<Evidence> = self.evidence.iter().filter(is_old).map(|(e, _)| e.clone()).collect();
        for evidence in old {
            self.evidence.remove(&evidence);
            self.dirty.insert(Dirty::Evidence(evidence));
        }
        freed
    }

    /// The ids behind counts of a segment in `span`, as kept at `boundary`: newest first, each once, and how many
    /// more there are than these.
    pub fn evidence(
        &self,
        behind: &Behind,
        segment: &str,
        spans: &[Range<Minute>],
        boundary: Minute,
        most: usize,
    ) -> Named {
        let bound = |measure, slice| Evidence {
            measure,
            slice,
            id: Text::default(),
            subject: Text::default(),
            segments: Vec::new(),
        };
        let of = |(measure, span): (Measure, &Range<Minute>)| {
            // What is older may still be here, but is not told of any more.
            let from = span.start.max(evidence_kept_from(measure, boundary));
            let (first, end) = (bound(measure, from), bound(measure, span.end.max(from)));
            self.evidence
                .range(first..end)
                .filter(|(_, standing)| **standing > 0)
                .map(|(evidence, _)| evidence)
        };
        let is_meant = |evidence: &&Evidence| {
            evidence.segments.iter().any(|s| s == segment)
                && behind.subject.as_ref().is_none_or(|subject| *subject == evidence.subject)
        };
        let each = behind.measures.iter().flat_map(|measure| spans.iter().map(|span| (*measure, span)));
        let meant = each.flat_map(of).filter(is_meant);
        let mut standing: Vec<(Minute, &Text)> =
            meant.map(|evidence| (evidence.slice, &evidence.id)).collect();
        standing.sort_unstable();
        let mut known = BTreeSet::new();
        let mut ids = Vec::new();
        for (_, id) in standing.into_iter().rev() {
            if known.insert(id) && ids.len() < most {
                ids.push(id.clone());
            }
        }
        Named { left_out: (known.len() - ids.len()) as u64, ids }
    }

    /// When feeds did not tell.
    pub fn outages(&self) -> &Outages {
        &self.outages
    }

    /// Every program fact.
    pub fn programs(&self) -> impl Iterator<Item = &Fact> {
        self.programs.values()
    }

    /// Everything is dropped, but for what was counted of all times.
    pub(super) fn begin_anew(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        dirty.extend(self.parts());
        let outages = std::mem::take(&mut self.outages);
        *self = Book { over_limit: self.over_limit, outages, dirty, ..Book::default() };
    }

    /// Every part that one row of state holds.
    pub(super) fn parts(&self) -> Vec<Dirty> {
        let mut parts = Vec::new();
        for (name, segment) in &self.segments {
            for ((measure, subject), series) in segment.iter() {
                parts.push(Dirty::Series(name.clone(), *measure, subject.clone()));
                let chunks = series.chunks().into_iter();
                parts
                    .extend(chunks.map(|chunk| Dirty::Chunk(name.clone(), *measure, subject.clone(), chunk)));
            }
        }
        parts.extend(self.evidence.keys().cloned().map(Dirty::Evidence));
        parts.extend(self.programs.keys().map(|(kind, id)| Dirty::Program(*kind, *id)));
        parts
    }

    /// A series, if there is one.
    pub(super) fn series(&self, segment: &str, measure: Measure, subject: &Text) -> Option<&Series> {
        self.segments.get(segment)?.series.get(&(measure, subject.clone()))
    }

    /// How often a piece of evidence stands.
    pub(super) fn standing(&self, evidence: &Evidence) -> Option<i64> {
        self.evidence.get(evidence).copied()
    }

    /// A program fact by the place of its kind and its id.
    pub(super) fn program(&self, kind: u8, id: FactId) -> Option<&Fact> {
        let kind = Kind::ALL.get(usize::from(kind))?;
        self.programs.get(&(*kind, id))
    }

    /// Takes a chunk of a series back from state.
    pub(super) fn load_chunk(
        &mut self,
        segment: Text,
        measure: Measure,
        subject: Text,
        chunk: Chunk,
        cells: Option<ChunkCells>,
    ) {
        let cells = cells.unwrap_or_else(|| chunk.empty());
        if !cells.is_empty() || self.series(&segment, measure, &subject).is_some() {
            let all_series = &mut self.segments.entry(segment).or_default().series;
            all_series.entry((measure, subject)).or_default().load(chunk, cells);
        }
    }

    /// Takes it back from state that there is a series, or is none any more.
    pub(super) fn load_series(&mut self, segment: Text, measure: Measure, subject: Text, is_there: bool) {
        let key = (measure, subject);
        if is_there {
            self.segments.entry(segment).or_default().series.entry(key).or_default();
        } else if let Some(known) = self.segments.get_mut(&segment) {
            known.series.remove(&key);
            if known.series.is_empty() {
                self.segments.remove(&segment);
            }
        }
    }

    /// Takes a piece of evidence back from state.
    pub(super) fn load_evidence(&mut self, evidence: Evidence, standing: Option<i64>) {
        match standing {
            Some(n) => self.evidence.insert(evidence, n),
            None => self.evidence.remove(&evidence),
        };
    }

    /// Takes a program fact back from state.
    pub(super) fn load_program(&mut self, kind: u8, id: FactId, fact: Option<Fact>) {
        let Some(kind) = Kind::ALL.get(usize::from(kind)) else { return };
        match fact {
            Some(fact) => self.programs.insert((*kind, id), fact),
            None => self.programs.remove(&(*kind, id)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::words::Stage;

    const DAY: i32 = 24 * 60;
    const TOUCH: Measure = Measure::TouchMissed;
    const VERDICT: Measure = Measure::VerdictMissed;
    const OPEN: Measure = Measure::Open(Stage::Sql);

    /// A book to which a piece of evidence is told, or taken from, at boundaries.
    struct Told(Book, Terms);

    impl Told {
        fn new() -> Told {
            let plain = crate::config::Config::default().definitions(&|_| Some(1), *b"a key of the ids");
            Told(Book::default(), Terms::new(plain.unwrap(), 1).unwrap())
        }

        fn tell(&mut self, day: i32, measure: Measure, of_day: i32, n: i64) {
            let mut step = Step::default();
            let evidence = Evidence {
                measure,
                slice: Minute(of_day * DAY),
                id: "lead 1".into(),
                subject: Text::default(),
                segments: vec![ALL.into()],
            };
            step.add_evidence(evidence, n);
            self.0.apply(Minute(day * DAY), step, &self.1, &mut |_, _| {});
        }

        fn named(&self, day: i32, measure: Measure) -> usize {
            let ever = Minute::MIN..Minute::MAX;
            self.0.evidence(&Behind::count(measure), ALL, &[ever], Minute(day * DAY), 10).ids.len()
        }
    }

    #[test]
    fn evidence_is_told_of_as_long_as_it_is_watched_and_open_items_longer() {
        let mut told = Told::new();
        told.tell(1000, TOUCH, 1000, 1);
        told.tell(1000, VERDICT, 1000, 1);
        told.tell(1000, OPEN, 1000, 1);
        assert_eq!((told.named(1035, TOUCH), told.named(1036, TOUCH)), (1, 0));
        assert_eq!((told.named(1100, VERDICT), told.named(1101, VERDICT)), (1, 0));
        assert_eq!((told.named(1400, OPEN), told.named(1401, OPEN)), (1, 0));
        // The item moves on long after hours of its entry are kept.
        told.tell(1100, OPEN, 1000, -1);
        assert_eq!(told.named(1100, OPEN), 0);
    }

    #[test]
    fn what_is_taken_back_but_was_never_told_is_forgotten() {
        let mut told = Told::new();
        told.tell(1000, OPEN, 990, -1);
        told.tell(1000, OPEN, 991, 1);
        told.0.forget(Minute(1001 * DAY), &told.1);
        let left: Vec<i64> = told.0.evidence.values().copied().collect();
        assert_eq!(left, [1]);
    }
}
