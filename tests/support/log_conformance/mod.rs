//! The contract of the log, written once: every test here runs over each end that implements it.
//!
//! A test sees only the trait and a [`Stand`] that makes topics and members. Waiting is polling, up to a
//! number of polls; it never sleeps and never looks at a clock.

mod reading;
mod taking_over;
mod transactions;

use rapport::log::{
    AssignmentChange, Committed, Log, LogError, NewRecord, RawRecord, Road, TopicPartition, read_through,
};

pub(crate) use reading::*;
pub(crate) use taking_over::*;
pub(crate) use transactions::*;

/// Where a test takes place.
pub(crate) trait Stand {
    /// Makes a topic with a name of its own.
    fn topic(&mut self, partitions: u32) -> String;
    /// A new member of a group under an id that is its instance and transactional id; it is to read all
    /// of `reads`, which are whole topics, unless the members are reassigned.
    fn member(&mut self, group: &str, id: &str, reads: &[TopicPartition]) -> Box<dyn Log>;
    /// Tells who is to read what, where the stand does not decide that by itself.
    fn reassign(&mut self, group: &str, targets: &[(&str, Vec<TopicPartition>)]);
    /// Writes a record outside of any transaction.
    fn append(&mut self, record: NewRecord);
    /// What an independent reader sees of a partition.
    fn read_committed(&mut self, at: &TopicPartition) -> Vec<RawRecord>;
    /// Forgets records before an offset.
    fn delete_records(&mut self, at: &TopicPartition, before: i64);
    /// Where a partition ends, what open transactions have written included.
    fn end(&mut self, at: &TopicPartition) -> i64;
    /// A transaction of nobody's sends a place for a group without members, and stays open; gives its id.
    fn hold_place(&mut self, group: &str, at: &TopicPartition) -> String;
    /// Aborts the transaction of [`Stand::hold_place`].
    fn abort_held(&mut self);
    /// A name that no other test uses.
    fn unique(&mut self, name: &str) -> String;
}

/// Hands the names of all tests to a macro, so that each end lists none of them.
macro_rules! for_each_test {
    ($with:ident) => {
        $with!(
            a_transaction_shows_all_or_nothing,
            places_are_committed_with_their_texts,
            a_text_that_is_too_long_is_refused,
            records_come_back_unchanged,
            a_new_member_of_an_id_ends_what_the_old_one_left,
            the_old_member_is_fenced,
            a_failed_writer_is_renewed,
            places_are_unstable_while_another_transaction_holds_them,
            after_an_abort_the_same_records_come_again,
            the_position_passes_markers_and_aborted_records,
            what_is_unread_is_told_and_runs_out,
            reading_through_stops_before_an_open_transaction,
            what_is_gone_is_refused,
            what_is_assigned_again_goes_where_it_is_told,
            a_paused_partition_waits,
            a_partition_changes_hands_when_it_is_given_up,
            misuse_is_fatal,
            a_topic_that_is_not_there_has_no_partitions,
            what_is_accepted_is_read_once_it_is_assigned,
            what_was_accepted_can_be_taken_before_it_is_read,
            a_paused_partition_goes_on_from_where_it_is_sent,
            a_partition_is_read_aside_piece_by_piece,
            who_is_gone_is_fenced_so_that_its_places_are_known,
            what_nobody_needs_is_forgotten,
        );
    };
}
pub(crate) use for_each_test;

/// How often a test polls before it gives up; a poll over Kafka waits up to [`WAIT_MS`].
const POLLS: usize = 600;
/// How long one poll may wait.
const WAIT_MS: u64 = 50;

fn tp(topic: &str, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn record(to: &TopicPartition, value: &str) -> NewRecord {
    NewRecord {
        to: to.clone(),
        key: Some(b"key".to_vec()),
        value: Some(value.as_bytes().to_vec()),
        headers: Vec::new(),
        timestamp: None,
    }
}

fn place(at: &TopicPartition, offset: i64, text: &str) -> (TopicPartition, Committed) {
    (at.clone(), Committed { offset, metadata: text.to_string() })
}

fn values(records: &[RawRecord]) -> Vec<String> {
    records.iter().map(|r| String::from_utf8_lossy(r.value.as_deref().unwrap_or(b"-")).into_owned()).collect()
}

/// Polls until `done` says so; gives all records and changes that came.
fn poll_until(
    log: &mut dyn Log,
    what: &str,
    mut done: impl FnMut(&mut dyn Log, &[RawRecord], &[AssignmentChange]) -> bool,
) -> (Vec<RawRecord>, Vec<AssignmentChange>) {
    let (mut records, mut changes) = (Vec::new(), Vec::new());
    for _ in 0..POLLS {
        let polled = log.poll(WAIT_MS).unwrap_or_else(|e| panic!("{what}: {e}"));
        records.extend(polled.records);
        match polled.change {
            // That there is nothing to read yet.
            Some(AssignmentChange::Given(given)) if given.is_empty() => log.accept(&given).unwrap(),
            change => changes.extend(change),
        }
        if done(log, &records, &changes) {
            return (records, changes);
        }
    }
    panic!("{what}: gave up after {} records and {changes:?}", records.len());
}

/// Waits until the group has given this member partitions, and gives them.
fn given(log: &mut dyn Log) -> Vec<TopicPartition> {
    let (_, changes) = poll_until(log, "waiting to be given partitions", |_, _, c| !c.is_empty());
    match changes.as_slice() {
        [AssignmentChange::Given(given)] => given.clone(),
        other => panic!("expected partitions to be given, not {other:?}"),
    }
}

/// Waits to be given partitions and reads each from its start.
fn start(log: &mut dyn Log) -> Vec<TopicPartition> {
    let given = given(log);
    let from: Vec<_> = given.iter().map(|at| (at.clone(), 0)).collect();
    log.assign(&from).unwrap();
    given
}

fn read(log: &mut dyn Log, count: usize) -> Vec<RawRecord> {
    poll_until(log, &format!("waiting for {count} records"), |_, records, _| records.len() >= count).0
}

fn write(log: &mut dyn Log, records: &[NewRecord], places: &[(TopicPartition, Committed)]) {
    log.begin().unwrap();
    records.iter().for_each(|r| log.produce(r.clone()).unwrap());
    log.commit(places).unwrap();
}

/// Waits for committed places until they are stable.
fn stable(log: &mut dyn Log, at: &[TopicPartition]) -> Vec<Option<Committed>> {
    for _ in 0..POLLS {
        match log.committed(at) {
            Ok(places) => return places,
            Err(e) => assert_eq!(e.road, Road::Retry, "{e}"),
        }
    }
    panic!("the places of {at:?} never became stable");
}

fn through(log: &mut dyn Log, at: &TopicPartition, from: i64) -> Result<Vec<RawRecord>, LogError> {
    let mut records = Vec::new();
    read_through(log, at, from, &mut |r| records.push(r)).map(|()| records)
}

/// What an independent reader sees, once it sees as much as expected: a commit is answered before its
/// marker has reached every partition.
fn visible(stand: &mut dyn Stand, at: &TopicPartition, count: usize) -> Vec<String> {
    for _ in 0..POLLS {
        let records = stand.read_committed(at);
        if records.len() >= count {
            return values(&records);
        }
    }
    panic!("{count} records never became visible in {at}");
}

/// Waits until the readable end of a partition is `end`, for the same reason.
fn wait_for_end(log: &mut dyn Log, at: &TopicPartition, end: i64) {
    for _ in 0..POLLS {
        if log.watermarks(at).unwrap().1 == end {
            return;
        }
    }
    panic!("the readable end of {at} never became {end}: it is {:?}", log.watermarks(at));
}

/// Renews the writer, however often it must be asked.
fn renew(log: &mut dyn Log) {
    for _ in 0..POLLS {
        match log.renew() {
            Ok(()) => return,
            Err(e) => assert_eq!(e.road, Road::Retry, "{e}"),
        }
    }
    panic!("the writer could not be renewed");
}
