//! The batch answer: what the funnel is, and which alerts there are, for a whole event log at once.
//!
//! Slow and obvious on purpose. It shares no logic with the processor, only the nouns and the
//! statistics, so that the two can be held against each other; both follow `src/funnel/semantics.md`.
//! It never keeps a difference: every number is counted anew from the facts of each row, and anew under each
//! set of definitions. It answers for logs with fewer segments and facts than the limits allow.

mod calendar;
mod chart_runs;
mod content;
mod counted;
mod dead_library;
mod divergence;
mod erased;
mod first_touch;
mod flood;
mod funnel;
mod generation;
mod grain;
mod journey;
mod launch;
mod lifecycle;
mod message;
mod no_data;
mod order;
mod outages;
mod outcomes;
mod partition;
mod programs;
mod rejections;
mod revenue;
mod rounds;
mod row;
mod segments;
mod share_rules;
mod shares;
mod stage_ageing;
mod stages;
mod time;
mod touch_hours;
mod touches;
mod usual_share;
mod verdicts;
mod weeks;
mod wider;
mod worth;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub use calendar::{Calendar, Days};
pub use row::{Demand, Demanded};

use crate::model::alert::Alert;
use crate::model::counters::JourneyCounters;
use crate::model::definitions::Definitions;
use crate::model::delta::Evidence;
use crate::model::fact::Fact;
use crate::model::measure::Cell;
use crate::model::outcome::{Outcome, Tally};
use crate::model::record::LogRecord;
use crate::model::{EventTime, MINUTE_MS, Minute, Text};
use crate::stats::quantile::{LogBuckets, RelativeError};
use funnel::{Funnel, Part};
use journey::Journey;
use partition::Partition;

/// What follows from a whole event log.
pub struct Answer {
    /// By partition.
    pub partitions: Vec<PartitionAnswer>,
    /// Every message of the boundaries that are judged, in order; summary and advice are empty.
    pub alerts: Vec<Alert>,
    /// How often a rule held its state because what it rests on had stopped arriving.
    pub held: usize,
    funnel: Funnel,
}

/// What follows from one partition of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionAnswer {
    /// T after the last record.
    pub time: Minute,
    /// T after each record.
    pub times: Vec<Minute>,
    /// How each record ended; none for control records and forwarded copies.
    pub outcomes: Vec<Option<Outcome>>,
    /// How many ended how.
    pub tally: Tally,
    /// What is counted besides.
    pub counters: JourneyCounters,
    /// The records that are to be written because of each record.
    pub demanded: Vec<Vec<Demand>>,
    /// The numbers under which it counts, with the first boundary of each, in order; *never* for definitions
    /// that held before any boundary was passed.
    pub switches: Vec<(u32, Minute)>,
}

impl Answer {
    /// The number under which a boundary is judged; none where the partitions count it under different ones
    /// or where one has not passed it.
    pub fn judged(&self, boundary: Minute) -> Option<u32> {
        let judged = self.funnel.judged();
        judged.iter().find(|judged| judged.contains(boundary)).map(|judged| judged.number)
    }

    /// What was counted under a number by a boundary: counts by (segment, cell), never 0. A partition that has
    /// left the number behind stands as it stood before its next switch.
    pub fn counts(&self, number: u32, boundary: Minute) -> BTreeMap<(Text, Cell), i64> {
        self.funnel.counts(number, boundary)
    }

    /// Such counts in the grain in which they are kept under a number: by hour and day, and by day alone where a
    /// measure has grades. What is emitted at a switch is told so.
    pub fn kept(&self, number: u32, counts: &BTreeMap<(Text, Cell), i64>) -> BTreeMap<(Text, Cell), i64> {
        self.funnel.kept(number, counts)
    }

    /// Everything that stands as evidence by a boundary under a number, never 0.
    pub fn evidence(&self, number: u32, boundary: Minute) -> BTreeMap<Evidence, i64> {
        self.funnel.evidence(number, boundary)
    }

    /// The program facts that have been emitted by a boundary under a number, in fact order.
    pub fn programs(&self, number: u32, boundary: Minute) -> Vec<Fact> {
        self.funnel.programs(number, boundary)
    }
}

/// The rules that watch a share, in the order in which they are judged.
const SHARE_RULES: [shares::ShareRule; 6] = [
    share_rules::SILENT_LEADS,
    share_rules::REASONLESS_REJECTIONS,
    stage_ageing::STAGE_AGEING,
    share_rules::ABSENT_AFTER_HANDOFF,
    share_rules::SALES_AUTHORED_SHARE,
    dead_library::DEAD_LIBRARY,
];

/// The rules over programs, judged after them.
const PROGRAM_RULES: [programs::ProgramRule; 4] = [
    revenue::REVENUE_PACE,
    revenue::NO_REVENUE_TARGET,
    launch::LAUNCH_WITHOUT_NOTICE,
    rejections::UNANSWERED_REJECTIONS,
];

/// The order of rules in definitions, in which their alerts end.
const ENDINGS: [&str; 13] = [
    "first_touch_slo",
    "divergence",
    "revenue_pace",
    "no_revenue_target",
    "silent_leads",
    "reasonless_rejections",
    "launch_without_notice",
    "unanswered_rejections",
    "stage_ageing",
    "absent_after_handoff",
    "sales_authored_share",
    "dead_library",
    "no_data",
];

/// The definitions with what is worked out of them once.
pub(crate) struct Rulebook {
    definitions: Definitions,
    sales: Calendar,
    marketing: Calendar,
    days: Days,
    buckets: LogBuckets,
    deadlines: RefCell<BTreeMap<EventTime, Option<EventTime>>>,
    verdict_deadlines: RefCell<BTreeMap<EventTime, Option<EventTime>>>,
    rounds: RefCell<BTreeMap<(EventTime, i64), Option<EventTime>>>,
}

impl Rulebook {
    fn new(definitions: &Definitions) -> Rulebook {
        Rulebook {
            sales: Calendar::new(definitions.calendars.get("sales")),
            marketing: Calendar::new(definitions.calendars.get("marketing")),
            days: Days::new(&definitions.zone),
            definitions: definitions.clone(),
            buckets: LogBuckets::new(RelativeError::TwoPercent),
            deadlines: RefCell::default(),
            verdict_deadlines: RefCell::default(),
            rounds: RefCell::default(),
        }
    }

    /// Whether time can be kept by these definitions: there are such zones and dates, and each team works some
    /// time of the week.
    fn keeps_time(definitions: &Definitions) -> bool {
        let mut calendars = definitions.calendars.values();
        Days::is_zone(&definitions.zone) && calendars.all(Calendar::is_sound)
    }

    /// By when a cycle that starts then has to be touched; none without a promise.
    fn deadline(&self, starts: EventTime) -> Option<EventTime> {
        let promise_ms =
            i64::from(self.definitions.rules.first_touch_slo.as_ref()?.within_minutes) * MINUTE_MS;
        let mut known = self.deadlines.borrow_mut();
        *known.entry(starts).or_insert_with(|| self.sales.deadline(starts, promise_ms))
    }

    /// By when sales is to have said what it thinks of a lead whose cycle starts then; none where nobody asks.
    fn verdict_deadline(&self, starts: EventTime) -> Option<EventTime> {
        let rule = self.definitions.rules.silent_leads.as_ref()?;
        let promise_ms = i64::from(rule.within_minutes) * MINUTE_MS;
        let mut known = self.verdict_deadlines.borrow_mut();
        *known.entry(starts).or_insert_with(|| self.sales.deadline(starts, promise_ms))
    }

    /// When the n-th round of a deal ends that exists since then; none where nobody asks.
    fn round_ends(&self, exists: EventTime, n: i64) -> Option<EventTime> {
        let rule = self.definitions.rules.absent_after_handoff.as_ref()?;
        let rounds_ms = n * i64::from(rule.within_minutes) * MINUTE_MS;
        let mut known = self.rounds.borrow_mut();
        *known.entry((exists, n)).or_insert_with(|| self.marketing.deadline(exists, rounds_ms))
    }
}

/// The rulebooks of all definitions in a log, each once: walking the days of a calendar is slow.
#[derive(Default)]
pub(crate) struct Rulebooks(RefCell<Vec<Rc<Rulebook>>>);

impl Rulebooks {
    fn of(&self, definitions: &Definitions) -> Rc<Rulebook> {
        let mut known = self.0.borrow_mut();
        if let Some(rulebook) = known.iter().find(|rulebook| rulebook.definitions == *definitions) {
            return rulebook.clone();
        }
        let new = Rc::new(Rulebook::new(definitions));
        known.push(new.clone());
        new
    }
}

/// Answers for a whole event log: every record of every partition, in order, with the control records
/// that the processor wrote. The definitions are those that hold from its beginning; the others are announced
/// in it.
///
/// # Panics
/// When definitions name a zone or a holiday that is none: they are checked before they hold.
pub fn answer(first_definitions: &Definitions, log: &[Vec<LogRecord>]) -> Answer {
    let rulebooks = Rc::new(Rulebooks::default());
    let mut partitions = vec![];
    let mut parts = vec![];
    for (number, records) in log.iter().enumerate() {
        let number = u32::try_from(number).expect("a log has few partitions");
        let mut partition = Partition::new(number, first_definitions, &rulebooks);
        for record in records {
            partition.read(record);
            partition.free(|row, boundary| Journey::of(row, boundary).is_open());
        }
        let (generations, time) = (&partition.generations, partition.time());
        partitions.push(PartitionAnswer {
            time,
            times: partition.times,
            outcomes: partition.outcomes,
            tally: partition.tally,
            counters: partition.counters,
            demanded: partition.demanded,
            switches: generations.iter().map(|generation| (generation.number, generation.from)).collect(),
        });
        let rows = partition.freed.into_iter().chain(partition.rows.into_values()).collect();
        parts.push(Part::new(rows, partition.generations, partition.heard, time));
    }
    let time = partitions.iter().map(|partition| partition.time).min().unwrap_or(Minute::MIN);
    let funnel = Funnel { parts, time };
    let judged = funnel.judged();
    let (of_feeds, silent) = no_data::said(&judged);
    let mut rules = vec![of_feeds, first_touch::said(&judged, &silent), divergence::said(&judged, &silent)];
    rules.extend(SHARE_RULES.iter().map(|rule| shares::said(rule, &judged, &silent)));
    rules.extend(PROGRAM_RULES.iter().map(|rule| programs::said(rule, &judged, &silent)));
    let mut endings: Vec<Alert> = rules.iter().flat_map(|said| said.endings.clone()).collect();
    let place = |alert: &Alert| ENDINGS.iter().position(|rule| alert.rule == *rule);
    endings.sort_by_key(place);
    let others = rules.into_iter().flat_map(|said| said.messages);
    let mut said: Vec<(bool, Alert)> = endings.into_iter().map(|alert| (true, alert)).collect();
    said.extend(others.map(|alert| (false, alert)));
    // Each list is in order already, and so are the rules; the sort is stable, so that at one boundary endings come
    // first.
    said.sort_by_key(|(_, alert)| alert.at);
    let alerts = erased::told_again(said, &judged, funnel.erasures());
    Answer { partitions, alerts, held: silent.held.get(), funnel }
}
