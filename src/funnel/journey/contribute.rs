//! What a journey contributes to the funnel at a boundary: a pure function of the facts that count
//! there. `semantics.md` has the table.

use crate::model::definitions::Divergence;
use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::measure::{Cell, Contribution, Measure};
use crate::model::words::{Author, Stage};
use crate::model::{EventTime, Minute, Text};

use super::super::terms::Terms;
use super::first_touch::{self, FirstTouch};
use super::generation::Generation;
use super::row::Row;
use super::segments;
use super::stages::Stages;
use super::stays::{self, AGEING_STAGES, open_stage, stays};
use super::verdict::{self, Outcome};
use super::view::{Deal, View};
use super::{content, handoff};

/// What a row shows to the funnel at one boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The segments in which it counts, `all` first.
    pub segments: Vec<Text>,
    /// Its contributions, sorted.
    pub contributions: Vec<Contribution>,
    /// The id that stands behind its evidence, unless erased or unknown.
    pub id: Option<Text>,
    /// Whether the journey is open, in a stage that counts or in one that was entered before the cut.
    pub open: bool,
}

impl Shown {
    /// The segments in which a measure counts.
    pub fn counted_in(&self, measure: Measure) -> &[Text] {
        match measure.is_of_all_alone() {
            true => &self.segments[..self.segments.len().min(1)],
            false => &self.segments,
        }
    }
}

/// What `row` contributes at `boundary` under a generation.
pub fn shown(row: &Row, generation: &Generation, boundary: Minute) -> Shown {
    shown_by(false, row, generation, boundary)
}

/// What `row` showed at its last emission, by the release that made it.
pub fn shown_then(row: &Row, generation: &Generation, emitted: Minute) -> Shown {
    shown_by(row.is_of_old, row, generation, emitted)
}

/// Releases of old counted first touches in time when they were made, and named no open items.
fn shown_by(is_of_old: bool, row: &Row, generation: &Generation, boundary: Minute) -> Shown {
    let terms = &generation.terms;
    let view = View::at(row, boundary);
    let rules = &terms.definitions.rules;
    let stages = Stages::of(&view);
    let stopped = |rule: &Divergence| stages.took_ms(rule.step).is_none();
    let mut out = Counting {
        contributions: Vec::new(),
        cut: generation.cut,
        names_open: rules.stage_ageing.is_some() && !is_of_old,
        names_mql: rules.divergence.as_ref().is_some_and(stopped) && !is_of_old,
    };
    stages.contribute(&mut |measure, at, grade| out.count(measure, "", at, grade));
    let stays = stays(&view);
    stays::contribute(&stays, terms, &mut |measure, at, grade| out.count(measure, "", at, grade));
    for (i, cycle) in first_touch::cycles(&view).iter().enumerate() {
        if i > 0 {
            out.count(Measure::Reentered, "", cycle.start, 0);
        }
        let at = if is_of_old { first_touch::MetAt::Touch } else { first_touch::MetAt::Deadline };
        first_touch::contribute(cycle, &view, terms, (boundary, at), &mut |measure, subject, at, grade| {
            out.count(measure, subject, at, grade);
        });
        verdict::contribute(cycle, &view, terms, boundary, &mut |measure, at| out.count(measure, "", at, 0));
    }
    out.facts(&view);
    for deal in &view.deals {
        out.deal(deal, &view, terms);
        content::contribute(deal, terms, &mut |measure, subject, at| out.count(measure, subject, at, 0));
        handoff::rounds(deal, &view, terms, boundary, &mut |measure, round, at| {
            out.count(measure, round, at, 0);
        });
    }
    let open = open_stage(&stays).is_some();
    if out.contributions.is_empty() {
        return Shown { open, ..Shown::default() };
    }
    out.contributions.sort_unstable();
    Shown {
        segments: segments::of(row, terms, boundary),
        contributions: out.contributions,
        id: row.id.clone().filter(|_| is_named(row, boundary)),
        open,
    }
}

/// Whether the journey of a row is open at `boundary`, as [`Shown::open`] says it.
pub fn is_open(row: &Row, boundary: Minute) -> bool {
    open_stage(&stays(&View::at(row, boundary))).is_some()
}

/// Whether the id of a row may stand behind its evidence at `boundary`: it is known and not erased.
pub fn is_named(row: &Row, boundary: Minute) -> bool {
    row.id.is_some() && !row.is_erased(row.entity.key, boundary)
}

/// The next boundary after `boundary` at which `row` contributes something else by itself: a fact begins
/// or ends to count, or a deadline passes. [`Minute::MAX`] if there is none.
pub fn next_change(row: &Row, terms: &Terms, boundary: Minute) -> Minute {
    let mut next = Minute::MAX;
    let mut consider = |candidate: Minute| {
        if candidate > boundary && candidate < next {
            next = candidate;
        }
    };
    for held in &row.held {
        consider(held.since);
        consider(held.until);
    }
    if row.entity.kind == EntityKind::Program {
        return next;
    }
    let view = View::at(row, boundary);
    for cycle in first_touch::cycles(&view) {
        if let FirstTouch::Awaited { deadline } = first_touch::first_touch(&cycle, &view, terms, boundary) {
            consider(deadline.first_boundary_after());
        }
        if let Outcome::Awaited { deadline } = verdict::outcome(&cycle, &view, terms, boundary) {
            consider(deadline.first_boundary_after());
        }
    }
    for deal in &view.deals {
        if let Some(end) = handoff::rounds(deal, &view, terms, boundary, &mut |_, _, _| {}) {
            consider(end.first_boundary_after());
        }
    }
    next
}

struct Counting {
    contributions: Vec<Contribution>,
    cut: Minute,
    /// Whether alerts name what stays in a stage.
    names_open: bool,
    /// Whether they name it as an MQL that has not gone on.
    names_mql: bool,
}

impl Counting {
    fn count(&mut self, measure: Measure, subject: &str, at: EventTime, grade: u16) {
        self.push(measure, subject, at, grade, 1);
    }

    fn push(&mut self, measure: Measure, subject: &str, at: EventTime, grade: u16, n: i64) {
        if at.minute() < self.cut {
            return;
        }
        let evidence = match measure {
            Measure::TouchMissed
            | Measure::VerdictMissed
            | Measure::HandoffSilent
            | Measure::SourcedWonSize => true,
            Measure::ContentBegun(author) => author == Author::Sales,
            Measure::Verdicts(verdict) => verdict.is_negative(),
            Measure::Entered(Stage::Mql) => self.names_mql,
            Measure::Open(stage) => self.names_open && AGEING_STAGES.contains(&stage),
            _ => false,
        };
        let cell = Cell { measure, subject: subject.into(), slice: at.minute(), grade };
        self.contributions.push(Contribution { cell, n, evidence });
    }

    fn facts(&mut self, view: &View<'_>) {
        for fact in view.lead.iter().chain(view.deals.iter().flat_map(|deal| &deal.facts)) {
            match &fact.says {
                Says::Dispositioned { verdict, reason } => {
                    self.count(Measure::Verdicts(*verdict), reason.as_deref().unwrap_or(""), fact.at, 0);
                }
                says => {
                    if let Some(team) = first_touch::human_touch(says) {
                        self.count(Measure::Touches(team), "", fact.at, 0);
                    }
                }
            }
        }
    }

    fn deal(&mut self, deal: &Deal<'_>, view: &View<'_>, terms: &Terms) {
        if let Some(at) = deal.exists_since {
            self.count(Measure::DealsOpened, "", at, 0);
        }
        if let Some(at) = deal.lost_at() {
            self.count(Measure::DealsLost, "", at, 0);
        }
        let Some(at) = deal.won_at() else { return };
        self.count(Measure::DealsWon, "", at, 0);
        let is_sourced = terms.definitions.rules.revenue_pace.is_some() && deal.is_sourced_by_marketing(view);
        if is_sourced {
            self.count(Measure::SourcedWon, "", at, 0);
        }
        let Some(amount) = deal.amount.filter(|amount| amount.minor != 0) else { return };
        let currency = amount.currency.as_str();
        self.push(Measure::WonAmount, currency, at, 0, amount.minor);
        if is_sourced {
            self.push(Measure::SourcedWonAmount, currency, at, 0, amount.minor);
            let size = terms.buckets.bucket(amount.minor.unsigned_abs());
            self.count(Measure::SourcedWonSize, currency, at, size);
        }
    }
}
