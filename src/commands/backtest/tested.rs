//! Rule sets at work: a funnel for each, fed in step with the same records.

use std::num::NonZero;

use crate::funnel::segment::Told;
use crate::funnel::signs::rule::Rule;
use crate::model::Minute;
use crate::model::alert::Alert;
use crate::model::record::LogRecord;
use crate::pipeline::local::Local;

use super::super::at_end::AtEnd;
use super::variants::Variant;

/// A delta is judged after this many records; the answer does not depend on it.
const COMMIT_EVERY_RECORDS: usize = 1_000;

/// A rule set and its funnel.
pub struct Tested {
    /// The rule set.
    pub variant: Variant,
    /// Every message about an alert, in order.
    pub messages: Vec<Alert>,
    local: Local,
}

impl Tested {
    /// A rule set that has seen nothing yet.
    pub fn new(variant: Variant) -> Tested {
        let local = Local::new(&variant.terms);
        Tested { variant, messages: Vec::new(), local }
    }

    /// How far it has come.
    pub fn time(&self) -> Minute {
        self.local.time()
    }

    /// Where a rule stands by now; `None` where it is off.
    pub fn at_end(&self, rule: Rule) -> Option<AtEnd> {
        AtEnd::of(rule, self.local.segments())
    }

    fn apply(&mut self, records: &[LogRecord]) {
        for some in records.chunks(COMMIT_EVERY_RECORDS) {
            for record in some {
                self.local.follow(record.clone());
            }
            let told = self.local.commit_all();
            self.note(told);
        }
    }

    fn finish(&mut self) {
        let told = self.local.finish();
        self.note(told);
    }

    /// What an alert names is not needed here, and there may be many of them.
    fn note(&mut self, told: Vec<Told>) {
        let alert = |told| match told {
            Told::Alert(alert) => Some(Alert { evidence: Vec::new(), ..alert }),
            Told::Explained(_) | Told::Window(_) | Told::WindowGone(_) | Told::Erased(_) => None,
        };
        self.messages.extend(told.into_iter().filter_map(alert));
    }
}

/// Applies the records in every rule set, and takes them away.
pub fn apply_all(tested: &mut [Tested], records: &mut Vec<LogRecord>) {
    each(tested, &|one| one.apply(records));
    records.clear();
}

/// Lets time pass the last of the records in every rule set.
pub fn finish_all(tested: &mut [Tested]) {
    each(tested, &|one| one.finish());
}

/// Does the same to each, on as many threads as there are processors.
fn each(tested: &mut [Tested], work: &(dyn Fn(&mut Tested) + Sync)) {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(tested.len());
    if threads <= 1 {
        return tested.iter_mut().for_each(work);
    }
    let share = tested.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for some in tested.chunks_mut(share) {
            scope.spawn(move || some.iter_mut().for_each(work));
        }
    });
}
