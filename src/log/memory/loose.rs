//! What Kafka offers and the contract of the log does not, because it breaks exactly-once: here so that tests
//! can show that it does.

use super::member::Member;
use super::partition::Isolation;
use crate::log::{Committed, LogError, NewRecord, TopicPartition};

impl Member {
    /// Ends the open transaction without its effects and keeps the producer, whatever may still be under way
    /// from it.
    pub fn abort_and_keep_the_producer(&mut self) {
        let mut cluster = self.broker.lock();
        let local = &mut self.local;
        if cluster.transactions.holds(&local.id, local.epoch) {
            cluster.abort(&local.id);
        } else {
            local.epoch = cluster.take_id(&local.id);
        }
        local.in_transaction = false;
        local.outbox.clear();
        local.spoiled = None;
    }

    /// Goes on after a failure as though nothing had been: what was written stays in the open transaction, if this
    /// member still has one. Whether it has.
    pub fn go_on_without_abort(&mut self) -> bool {
        let holds = self.broker.lock().transactions.holds(&self.local.id, self.local.epoch);
        let goes_on = holds && self.local.in_transaction;
        if goes_on {
            self.local.spoiled = None;
        }
        goes_on
    }

    /// Commits places outside of any transaction, of any generation.
    pub fn commit_places_apart(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        self.write("commit places apart", |cluster, local, _| {
            let group = cluster.group(&local.group);
            group.history.extend(places.iter().cloned());
            group.places.extend(places.iter().cloned());
            Ok(())
        })
    }

    /// Writes a record outside of any transaction.
    pub fn produce_apart(&mut self, record: NewRecord) -> Result<(), LogError> {
        self.write("produce apart", |cluster, _, _| {
            let at = record.to.clone();
            let content = cluster.content(record);
            cluster.partition_mut(&at).expect("topics are never removed").append(None, content);
            Ok(())
        })
    }

    /// From now on this member sends places as one that is of no generation, and this broker lets it.
    pub fn speak_of_no_generation(&mut self) {
        self.local.is_lawless = true;
    }

    /// From now on this member writes as if nobody had ever taken its id.
    pub fn speak_of_the_newest_epoch(&mut self) {
        self.local.is_forging = true;
    }

    /// From now on this member also sees records of open transactions.
    pub fn read_uncommitted(&mut self) {
        self.local.isolation = Isolation::Uncommitted;
    }
}
