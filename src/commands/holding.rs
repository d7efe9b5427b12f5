//! Which sources hold time back in the partitions of an engine thread, as a person is to hear of it: once each, and
//! once when it is over.
//!
//! While a history is read, sources take turns at being the last by hours; so what was said is remembered until no
//! partition waits for anybody any more.

use std::collections::BTreeSet;

use crate::model::effect::{Holder, JourneysFigures};
use crate::model::{HOUR_MS, Text};

/// A source holds time back once it is behind another by more than this, in ms of event time.
const FAR_MS: i64 = HOUR_MS;
/// It does no longer once it is within this.
const NEAR_MS: i64 = FAR_MS / 2;

/// The partitions whose time is held back, and who was named for it.
#[derive(Debug, Default)]
pub struct Holding {
    held: BTreeSet<u32>,
    named: BTreeSet<(Text, u32)>,
}

/// What there is to say.
#[derive(Debug, PartialEq, Eq)]
pub enum News<'a> {
    /// This one holds time back.
    Held(&'a Holder),
    /// Nobody does any more.
    Free,
}

impl Holding {
    /// A partition stands so; says what is new.
    pub fn note<'a>(&mut self, figures: &'a JourneysFigures) -> Option<News<'a>> {
        let holder = figures.held_by.as_ref();
        match holder.map(|holder| (holder, holder.behind_ms())) {
            Some((holder, behind)) if behind.is_none_or(|ms| ms > FAR_MS) => {
                self.held.insert(figures.partition);
                let name = (holder.source.clone(), holder.partition);
                self.named.insert(name).then_some(News::Held(holder))
            }
            Some((_, Some(ms))) if ms > NEAR_MS => None,
            _ => {
                self.held.remove(&figures.partition);
                let is_over = self.held.is_empty() && !self.named.is_empty();
                is_over.then(|| {
                    self.named.clear();
                    News::Free
                })
            }
        }
    }

    /// A partition is read here no longer.
    pub fn forget(&mut self, partition: u32) {
        self.held.remove(&partition);
        if self.held.is_empty() {
            self.named.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::counters::JourneyCounters;
    use crate::model::outcome::Tally;
    use crate::model::{EventTime, MINUTE_MS, Minute};

    /// Partition `partition` waits for a source whose time is so many minutes behind; for ever, if it never told one.
    fn waits(partition: u32, source: &str, behind_minutes: Option<i64>) -> JourneysFigures {
        let ahead = EventTime(100 * HOUR_MS);
        let time = behind_minutes.map(|minutes| ahead.plus_ms(-minutes * MINUTE_MS));
        let holder = Holder { source: source.into(), partition: 0, time, ahead: Some(ahead) };
        JourneysFigures {
            partition,
            time: Minute::MIN,
            held_by: Some(holder),
            tally: Tally::default(),
            counters: JourneyCounters::default(),
            rows: 0,
            unknown_fields: 0,
        }
    }

    #[test]
    fn each_source_that_holds_time_back_is_named_once_until_nobody_does() {
        let mut holding = Holding::default();
        let table = [
            (0, "deals", Some(60), ""),
            (0, "deals", Some(61), "deals"),
            (1, "deals", Some(90), ""),
            (0, "leads", None, "leads"),
            (0, "deals", Some(500), ""),
            (0, "leads", Some(31), ""),
            (0, "leads", Some(30), ""),
            (1, "leads", Some(45), ""),
            (1, "leads", Some(0), "free"),
            (1, "leads", Some(0), ""),
            (1, "leads", Some(100), "leads"),
        ];
        for (step, (partition, source, behind, said)) in table.into_iter().enumerate() {
            let figures = waits(partition, source, behind);
            let news = match holding.note(&figures) {
                None => String::new(),
                Some(News::Free) => "free".to_owned(),
                Some(News::Held(holder)) => holder.source.to_string(),
            };
            assert_eq!(news, said, "step {step}");
        }
        holding.forget(1);
        assert_eq!(holding.note(&waits(0, "leads", Some(0))), None, "who is gone is not waited for");
    }
}
