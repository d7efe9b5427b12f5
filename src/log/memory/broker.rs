//! The broker as a test holds it: what it makes, changes and looks at from outside.
//!
//! What a test does from outside (making topics, plain records, truncation, reassignment, independent
//! reading) panics when it names something that is not there: that is a bug in the test.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::client::Client;
use super::cluster::{Cluster, raw};
use super::local::Seating;
use super::member::Member;
use super::moving::CoordinatorType;
use super::order::{Interleaving, Order};
use super::partition::{Isolation, PartitionLog};
use super::switch::{Effect, SwitchState};
use super::times::Times;
use crate::log::{Committed, NewRecord, RawRecord, TopicPartition};
use crate::model::EventTime;

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
        Broker { cluster: Arc::new(Mutex::new(Cluster::new())) }
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

    /// A piece that is read aside spans at most so many offsets.
    pub fn set_piece(&self, offsets: i64) {
        self.lock().piece_offsets = offsets;
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
        self.read_committed_from(at, 0).0
    }

    /// The same from an offset on, and the offset from which such a reader goes on.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn read_committed_from(&self, at: &TopicPartition, from: i64) -> (Vec<RawRecord>, i64) {
        let cluster = self.lock();
        let log = cluster.partition(at).unwrap_or_else(|| panic!("no partition {at}"));
        let end = log.stable_end();
        let offsets = log.low().max(from)..end;
        (
            offsets
                .filter_map(|o| log.shown(o, Isolation::Committed).map(|content| raw(at, o, content)))
                .collect(),
            end.max(from),
        )
    }

    /// The offset behind the last entry of a partition, what open transactions have written included.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn end(&self, at: &TopicPartition) -> i64 {
        self.lock().partition(at).unwrap_or_else(|| panic!("no partition {at}")).end()
    }

    /// The end of a partition for readers of what is committed: an open transaction holds it.
    ///
    /// # Panics
    /// When there is no such partition.
    pub fn stable_end(&self, at: &TopicPartition) -> i64 {
        self.lock().partition(at).unwrap_or_else(|| panic!("no partition {at}")).stable_end()
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

    /// Every place that a group has ever committed, in the order in which they became visible.
    pub fn committed_history(&self, group: &str) -> Vec<(TopicPartition, Committed)> {
        self.lock().groups.get(group).map_or_else(Vec::new, |g| g.history.clone())
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
        let number = cluster.new_member();
        cluster.group(group).join(transactional_id, number, assignment);
        let epoch = cluster.take_id(transactional_id);
        Member::new(self.clone(), number, group, transactional_id, epoch, Seating::ByHand)
    }

    /// A member takes a transactional id and subscribes to these partitions with everybody else in the group,
    /// which shares them out by itself. One with a name of its own (`is_static`) takes the place of the member
    /// of that id; otherwise that one stays in the group until its session is over.
    pub fn subscribe(
        &self,
        group: &str,
        transactional_id: &str,
        is_static: bool,
        inputs: &[TopicPartition],
    ) -> Member {
        let mut cluster = self.lock();
        let number = cluster.new_member();
        let epoch = cluster.take_id(transactional_id);
        let seating = Seating::Subscribed { is_static };
        let member = Member::new(self.clone(), number, group, transactional_id, epoch, seating);
        let seat = member.local.seat().expect("it has subscribed");
        let now_ms = cluster.ticks_ms;
        cluster.group(group).coordinator.subscribe(inputs);
        cluster.group(group).coordinator.sit(&seat, number, now_ms);
        // Not all clients speak at the same moment.
        let first_beat_ms = now_ms + (number * 7) % cluster.times.heartbeat_ms.max(1);
        cluster.clients.insert(number, Client::new(group, &seat, is_static, first_beat_ms));
        member
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

    /// Sets how long things take and last from now on.
    pub fn set_times(&self, times: Times) {
        self.lock().times = times;
    }

    /// How much of the broker's own time has passed, in ms.
    pub fn ticks_ms(&self) -> u64 {
        self.lock().ticks_ms
    }

    /// Lets so much of the broker's time pass, while no member does anything.
    pub fn pass(&self, ms: u64) {
        let mut cluster = self.lock();
        cluster.pass(ms);
        cluster.deliver();
    }

    /// The broker answers nobody and nothing goes on in it, or it is there again: what was under way goes on,
    /// and every member has a new session.
    pub fn set_down(&self, is_down: bool) {
        let mut cluster = self.lock();
        cluster.is_down = is_down;
        let now_ms = cluster.ticks_ms;
        cluster.groups.values_mut().for_each(|group| group.coordinator.hear_all(now_ms));
    }

    /// Whether the broker is down.
    pub fn is_down(&self) -> bool {
        self.lock().is_down
    }

    /// A coordinator moves at the next request to it, which is in flight then and is carried out or not. The move takes
    /// so many ms of the broker's time, in which nobody answers for what it looks after.
    pub fn move_coordinator(&self, of: CoordinatorType, in_flight: Effect, takes_ms: u64) {
        self.lock().moves.announce(of, in_flight, takes_ms);
    }

    /// Every coordinator that is on its way arrives, and none sets off any more.
    pub fn settle_coordinators(&self) {
        let mut cluster = self.lock();
        let now_ms = cluster.ticks_ms;
        cluster.moves.settle(now_ms);
        cluster.pass(1);
    }

    /// How many coordinators have moved.
    pub fn coordinators_moved(&self) -> u64 {
        self.lock().moves.begun
    }

    /// Whether a coordinator is on its way.
    pub fn is_moving(&self, of: CoordinatorType) -> bool {
        self.lock().moves.is_moving(of)
    }

    /// Lets all members of a group that subscribed join again: a new generation begins.
    pub fn rebalance(&self, group: &str) {
        let mut cluster = self.lock();
        let now_ms = cluster.ticks_ms;
        cluster.group(group).coordinator.begin_joining(now_ms);
    }

    /// Gives all members of a group that subscribed up.
    pub fn disband(&self, group: &str) {
        self.lock().group(group).coordinator.clear();
    }

    /// How many generations a group has had, as far as it shares out by itself.
    pub fn generation(&self, group: &str) -> u32 {
        self.lock().group(group).coordinator.generation()
    }

    /// Whether a group waits for nobody, and each of its members knows what it has decided.
    pub fn is_calm(&self, group: &str) -> bool {
        let mut cluster = self.lock();
        let coordinator = &cluster.group(group).coordinator;
        let (is_stable, holders) = (coordinator.is_stable(), coordinator.holders());
        let generation = coordinator.generation();
        let knows = |holder: &u64| {
            let client = cluster.clients.get(holder);
            client.is_some_and(|c| c.generation == Some(generation) && c.is_free() && !c.rejoins)
        };
        is_stable && holders.iter().all(knows)
    }

    /// How many faults have struck members.
    pub fn faults_struck(&self) -> u64 {
        self.lock().faults_struck()
    }

    /// Whether any transaction is open, or any marker or request under way.
    pub fn is_anything_under_way(&self) -> bool {
        let cluster = self.lock();
        !cluster.transactions.open_ids().is_empty() || !cluster.markers.is_empty() || !cluster.sea.is_empty()
    }
}
