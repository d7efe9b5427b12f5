//! A log that keeps its promises, or breaks the one that it is told to break.

use std::collections::BTreeMap;

use rapport::log::memory::Member;
use rapport::log::{
    AssignmentChange, Committed, Log, LogError, NewRecord, Piece, Polled, Road, TopicPartition,
};

use super::mutations::Mutation;

/// The log of an instance.
pub struct MutantLog {
    log: Member,
    mutation: Option<Mutation>,
    known: BTreeMap<TopicPartition, Option<Committed>>,
    calls: u64,
    goes_on: bool,
}

impl MutantLog {
    /// A log over this one.
    pub fn new(mut log: Member, mutation: Option<Mutation>) -> MutantLog {
        match mutation {
            Some(Mutation::UncommittedRead) => log.read_uncommitted(),
            Some(Mutation::GenerationsIgnored) => log.speak_of_no_generation(),
            Some(Mutation::EpochsIgnored) => log.speak_of_the_newest_epoch(),
            _ => {}
        }
        MutantLog { log, mutation, known: BTreeMap::new(), calls: 0, goes_on: false }
    }

    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// Whether to break something now, of about every so-many-th chance.
    fn strikes(&mut self, mutation: Mutation, every: u64) -> bool {
        self.calls += u64::from(self.is(mutation));
        self.is(mutation) && self.calls.is_multiple_of(every)
    }
}

fn is_state(at: &TopicPartition) -> bool {
    at.topic.ends_with("-state")
}

impl Log for MutantLog {
    fn id(&self) -> &str {
        self.log.id()
    }

    fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError> {
        let mut polled = self.log.poll(wait_ms)?;
        if !polled.records.is_empty() && self.strikes(Mutation::RecordLost, 5) {
            polled.records.pop();
        }
        if self.is(Mutation::RecordsReversed) {
            polled.records.reverse();
        }
        if let (Some(AssignmentChange::Taken(taken)), true) =
            (&polled.change, self.is(Mutation::TakenAnsweredFirst))
        {
            self.log.unassign(taken)?;
        }
        Ok(polled)
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.log.accept(partitions)
    }

    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.log.assign(from)
    }

    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.log.unassign(partitions)
    }

    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        if self.is(Mutation::SeekDropped) { Ok(()) } else { self.log.seek(to) }
    }

    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        self.log.pause(partitions, paused)
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        if self.is(Mutation::PlacesUnstable) {
            return self.log.last_committed(partitions);
        }
        let places = self.log.committed(partitions)?;
        if !self.is(Mutation::PlacesRemembered) {
            return Ok(places);
        }
        let known = &mut self.known;
        let remembered = |(at, place): (&TopicPartition, Option<Committed>)| {
            known.entry(at.clone()).or_insert(place).clone()
        };
        Ok(partitions.iter().zip(places).map(remembered).collect())
    }

    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        self.log.last_committed(partitions)
    }

    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.log.watermarks(partition)
    }

    fn written_end(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.log.written_end(partition)
    }

    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.log.position(partition)
    }

    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError> {
        self.log.partitions(topic)
    }

    fn read_aside(&mut self, partition: &TopicPartition, from: i64, wait_ms: u64) -> Result<Piece, LogError> {
        self.log.read_aside(partition, from, wait_ms)
    }

    fn begin(&mut self) -> Result<(), LogError> {
        // The transaction that was not aborted is still open.
        if std::mem::take(&mut self.goes_on) { Ok(()) } else { self.log.begin() }
    }

    fn produce(&mut self, record: NewRecord) -> Result<(), LogError> {
        let is_state = is_state(&record.to);
        if is_state && self.is(Mutation::BlocksApart) {
            return self.log.produce_apart(record);
        }
        if is_state && self.strikes(Mutation::BlockLost, 7) {
            return Ok(());
        }
        if !is_state && self.strikes(Mutation::WriteLost, 11) {
            return Ok(());
        }
        if !is_state && self.strikes(Mutation::WrittenTwice, 11) {
            self.log.produce(record.clone())?;
        }
        self.log.produce(record)
    }

    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        match self.mutation {
            Some(Mutation::PlacesApart) => {
                self.log.commit(&[])?;
                self.log.commit_places_apart(places)
            }
            Some(Mutation::PlacesAhead) => {
                let ahead = |place: &Committed| Committed { offset: place.offset + 1, ..place.clone() };
                let ahead: Vec<_> = places.iter().map(|(at, place)| (at.clone(), ahead(place))).collect();
                self.log.commit(&ahead)
            }
            Some(Mutation::FailureSwallowed) => match self.log.commit(places) {
                Err(error) if error.road == Road::Rebuild => {
                    self.log.abort_and_keep_the_producer();
                    Ok(())
                }
                done => done,
            },
            _ => self.log.commit(places),
        }
    }

    fn renew(&mut self) -> Result<(), LogError> {
        if self.is(Mutation::AbortSkipped) && self.log.go_on_without_abort() {
            self.goes_on = true;
            return Ok(());
        }
        if self.is(Mutation::ProducerKept) {
            self.log.abort_and_keep_the_producer();
            return Ok(());
        }
        self.log.renew()
    }

    fn fence(&mut self, id: &str) -> Result<(), LogError> {
        if self.is(Mutation::PlacesUnstable) {
            return Ok(());
        }
        self.log.fence(id)
    }

    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        if !self.is(Mutation::TrimmedTooFar) {
            return self.log.trim(before);
        }
        let too_far: Vec<_> = before.iter().map(|(at, offset)| (at.clone(), offset + 12)).collect();
        self.log.trim(&too_far)
    }
}
