//! The broker: topics, transactional ids, groups, and the members that hold on to them.
//!
//! What a test does from outside (making topics, plain records, truncation, reassignment, independent
//! reading) panics when it names something that is not there: that is a bug in the test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::group::Group;
use super::marker::{End, Mark, Marker, Markers};
use super::member::Member;
use super::order::{Interleaving, Order};
use super::partition::{Content, PartitionLog};
use super::switch::SwitchState;
use super::transaction::{OpenTransaction, Transactions};
use crate::log::{Committed, LogError, NewRecord, RawRecord, TopicPartition};
use crate::model::EventTime;

/// Everything that the broker keeps.
pub(super) struct Cluster {
    pub(super) topics: BTreeMap<String, Vec<PartitionLog>>,
    pub(super) transactions: Transactions,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) order: Order,
    pub(super) now: EventTime,
    markers: Markers,
    switches: Vec<SwitchState>,
}

impl Cluster {
    /// A partition, if there is one.
    pub(super) fn partition(&self, at: &TopicPartition) -> Option<&PartitionLog> {
        self.topics.get(&at.topic).and_then(|t| t.get(at.partition as usize))
    }

    pub(super) fn partition_mut(&mut self, at: &TopicPartition) -> Option<&mut PartitionLog> {
        self.topics.get_mut(&at.topic).and_then(|t| t.get_mut(at.partition as usize))
    }

    fn switch(&mut self, member: u64) -> &mut SwitchState {
        &mut self.switches[member as usize]
    }

    /// Begins a step of a member: markers that are due arrive.
    pub(super) fn begin_step(&mut self, member: u64) -> &mut SwitchState {
        let due = self.markers.step();
        due.into_iter().for_each(|marker| self.arrive(marker));
        self.switch(member)
    }

    /// Ends a step of a member.
    pub(super) fn end_step(&mut self, member: u64, what: &str) -> Result<(), LogError> {
        self.switch(member).after(what)
    }

    pub(super) fn group(&mut self, group: &str) -> &mut Group {
        self.groups.entry(group.to_string()).or_default()
    }

    /// The content of a record to be written; without a time of its own it gets the broker's.
    pub(super) fn content(&self, record: NewRecord) -> Content {
        Content {
            timestamp: record.timestamp.unwrap_or(self.now),
            key: record.key,
            value: record.value,
            headers: record.headers,
        }
    }

    /// Takes a transactional id: fences who held it, aborts its open transaction, gives the epoch.
    pub(super) fn take_id(&mut self, id: &str) -> u32 {
        self.settle(id);
        let (epoch, open) = self.transactions.take(id);
        if let Some(open) = open {
            self.finish(id, open, End::Abort);
            self.settle(id);
        }
        epoch
    }

    /// The open transaction of an id; a new one waits for the markers of the one before.
    pub(super) fn open_transaction(&mut self, id: &str) -> &mut OpenTransaction {
        if !self.transactions.is_open(id) {
            self.settle(id);
        }
        self.transactions.open(id)
    }

    /// Commits or aborts what a transaction held: it is decided now, its markers arrive in their time.
    pub(super) fn finish(&mut self, id: &str, transaction: OpenTransaction, end: End) {
        let OpenTransaction { number, partitions, places } = transaction;
        let writes = partitions.into_iter().map(|at| Mark::Records { at, number });
        let places = places.into_iter().map(|(group, at, place)| Mark::Place { group, at, place });
        let marks: Vec<_> = writes.chain(places).collect();
        let due = self.markers.send(id, end, marks);
        due.into_iter().for_each(|marker| self.arrive(marker));
    }

    /// All markers of an id arrive.
    fn settle(&mut self, id: &str) {
        let all = self.markers.take_all(id);
        all.into_iter().for_each(|marker| self.arrive(marker));
    }

    fn arrive(&mut self, marker: Marker) {
        match (marker.mark, marker.end) {
            (Mark::Records { at, number }, end) => {
                let log = self.partition_mut(&at).expect("topics are never removed");
                log.end_transaction(number, end);
            }
            (Mark::Place { group, at, place }, End::Commit) => {
                self.group(&group).places.insert(at, place);
            }
            (Mark::Place { .. }, End::Abort) => {}
        }
    }

    /// Whether a place of this partition is not decided, or its marker is on the way.
    pub(super) fn holds_place(&self, group: &str, at: &TopicPartition) -> bool {
        self.transactions.holds_place(group, at) || self.markers.hold_place(group, at)
    }
}

/// The record at an offset as a reader sees it.
pub(super) fn raw(at: &TopicPartition, offset: i64, content: &Content) -> RawRecord {
    RawRecord {
        at: at.clone(),
        offset,
        timestamp: content.timestamp,
        key: content.key.clone(),
        value: content.value.clone(),
        headers: content.headers.clone(),
    }
}

/// A broker in this process; clones are holds on the same one.
#[derive(Clone)]
pub struct Broker {
    /// Shared because members are owned by engines while tests look on and pull switches, some of them
    /// from other threads; no call ever holds it while foreign code runs.
    cluster: Arc<Mutex<Cluster>>,
}

impl Default for Broker {
    fn default() -> Broker {
        Broker::new()
    }
}

impl Broker {
    /// An empty broker: polls bring up to 500 records, partition after partition; now is 1970.
    pub fn new() -> Broker {
        let cluster = Cluster {
            topics: BTreeMap::new(),
            transactions: Transactions::default(),
            groups: BTreeMap::new(),
            order: Order::new(500, Interleaving::InTurn),
            now: EventTime(0),
            markers: Markers::default(),
            switches: Vec::new(),
        };
        Broker { cluster: Arc::new(Mutex::new(cluster)) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn with_switch<T>(&self, member: u64, f: impl FnOnce(&mut SwitchState) -> T) -> T {
        f(self.lock().switch(member))
    }

    /// Makes a topic.
    ///
    /// # Panics
    /// When there is one of that name already.
    pub fn create_topic(&self, topic: &str, partitions: u32) {
        let logs = (0..partitions).map(|_| PartitionLog::default()).collect();
        let previous = self.lock().topics.insert(topic.to_string(), logs);
        assert!(previous.is_none(), "topic {topic} is there already");
    }

    /// Sets how many records a poll brings at most, and how it mixes partitions.
    pub fn set_batches(&self, batch_max: usize, interleaving: Interleaving) {
        self.lock().order = Order::new(batch_max, interleaving);
    }

    /// Lets the markers of a commit arrive late, one by one, each after up to `steps_max` further steps of
    /// any members, drawn from `seed`. A commit is then answered, as in Kafka, before every partition
    /// shows it; until they have arrived readers stop before the transaction, and its places are unstable.
    pub fn delay_markers(&self, steps_max: u64, seed: u64) {
        self.lock().markers.delay(steps_max, seed);
    }

    /// Sets the time that records without one of their own get from now on.
    pub fn set_now(&self, now: EventTime) {
        self.lock().now = now;
    }

    /// Writes a record outside of any transaction, as a plain producer does, and gives its offset.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn append(&self, record: NewRecord) -> i64 {
        let mut cluster = self.lock();
        let at = record.to.clone();
        let content = cluster.content(record);
        cluster.partition_mut(&at).unwrap_or_else(|| panic!("no partition {at}")).append(None, content)
    }

    /// Every record of a partition that a read-committed reader sees, apart from any group.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn read_committed(&self, at: &TopicPartition) -> Vec<RawRecord> {
        let cluster = self.lock();
        let log = cluster.partition(at).unwrap_or_else(|| panic!("no partition {at}"));
        let offsets = log.low()..log.stable_end();
        offsets.filter_map(|o| log.shown(o).map(|content| raw(at, o, content))).collect()
    }

    /// The offset behind the last entry of a partition, what open transactions have written included.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn end(&self, at: &TopicPartition) -> i64 {
        self.lock().partition(at).unwrap_or_else(|| panic!("no partition {at}")).end()
    }

    /// The first offset of a partition that is not forgotten.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn start(&self, at: &TopicPartition) -> i64 {
        self.lock().partition(at).unwrap_or_else(|| panic!("no partition {at}")).low()
    }

    /// Appends what takes an offset and is never shown, as the marker of a transaction.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn append_hidden(&self, at: &TopicPartition) {
        let mut cluster = self.lock();
        cluster.partition_mut(at).unwrap_or_else(|| panic!("no partition {at}")).append_hidden();
    }

    /// Commits a place for a group, as a member did long ago.
    pub fn set_place(&self, group: &str, at: &TopicPartition, place: Committed) {
        self.lock().group(group).places.insert(at.clone(), place);
    }

    /// Changes the text of a committed place, as nobody should.
    pub fn edit_place(&self, group: &str, at: &TopicPartition, edit: impl FnOnce(&str) -> String) {
        if let Some(place) = self.lock().group(group).places.get_mut(at) {
            place.metadata = edit(&place.metadata);
        }
    }

    /// The place that a group has committed, whatever open transactions hold.
    pub fn committed_place(&self, group: &str, at: &TopicPartition) -> Option<Committed> {
        self.lock().groups.get(group).and_then(|g| g.places.get(at).cloned())
    }

    /// Forgets the records of a partition before an offset.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn delete_records(&self, at: &TopicPartition, before: i64) {
        let mut cluster = self.lock();
        cluster.partition_mut(at).unwrap_or_else(|| panic!("no partition {at}")).truncate(before);
    }

    /// Forgets a group's committed places, as a broker does after `offsets.retention.minutes`.
    pub fn forget_places(&self, group: &str) {
        self.lock().group(group).places.clear();
    }

    /// Aborts every open transaction and fences its writer, as a broker does after
    /// `transaction.timeout.ms`.
    pub fn expire_transactions(&self) {
        let mut cluster = self.lock();
        for id in cluster.transactions.open_ids() {
            cluster.take_id(&id);
        }
    }

    /// Takes a transactional id away from whoever holds it, as a second producer of that id does.
    pub fn fence(&self, transactional_id: &str) {
        self.lock().take_id(transactional_id);
    }

    /// A member joins a group to read `assignment`; its transactional id is its name in the group. Who
    /// had that id before is fenced, loses its partitions, and its open transaction is aborted.
    ///
    /// # Panics
    /// When another id of the group is to read one of these partitions.
    pub fn join(&self, group: &str, transactional_id: &str, assignment: &[TopicPartition]) -> Member {
        let mut cluster = self.lock();
        let number = cluster.switches.len() as u64;
        cluster.switches.push(SwitchState::default());
        cluster.group(group).join(transactional_id, number, assignment);
        let epoch = cluster.take_id(transactional_id);
        Member::new(self.clone(), number, group, transactional_id, epoch)
    }

    /// Sets anew what each of these members is to read. A partition that changes hands is first taken
    /// from the one (`Taken`), and given to the other (`Given`) once it is unassigned there.
    ///
    /// # Panics
    /// When a partition would be read by two members.
    pub fn reassign(&self, group: &str, targets: &[(&str, Vec<TopicPartition>)]) {
        let mut cluster = self.lock();
        let group = cluster.group(group);
        group.clear_targets(targets.iter().map(|(id, _)| *id));
        targets.iter().for_each(|(id, target)| group.set_target(id, target));
    }

    /// Gives a member up, as when its session has timed out: its partitions are free at once, it will be
    /// told `Lost`, it is to read nothing until [`Broker::reassign`]. A transaction that is open stays.
    pub fn expel(&self, group: &str, transactional_id: &str) {
        self.lock().group(group).expel(transactional_id);
    }
}
