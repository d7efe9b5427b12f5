//! The suite must see a protocol that is broken on purpose. Each mutation breaks one promise that the engine and
//! its ends give each other, and some schedule has to notice.

use super::draw::draw;
use super::world::{run, run_broken};

/// A broken promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Places are committed apart from the transaction that holds their effects.
    PlacesApart,
    /// After a failure the transaction is not aborted: what was written before goes with what is written after.
    AbortSkipped,
    /// After a failure the transaction is aborted and the producer kept.
    ProducerKept,
    /// The group does not look at generations: whoever was given up may still commit.
    GenerationsIgnored,
    /// The broker does not look at epochs: who was fenced may still write and commit.
    EpochsIgnored,
    /// After a rebuild the log goes on from where it was.
    SeekDropped,
    /// Partitions are given back before what was read of them is committed.
    TakenAnsweredFirst,
    /// A place that was looked up once is known for good.
    PlacesRemembered,
    /// A place is believed while an open transaction holds another one, which nobody ends.
    PlacesUnstable,
    /// A block of state is lost now and then.
    BlockLost,
    /// State is written outside of the transaction.
    BlocksApart,
    /// Readers see what is not committed.
    UncommittedRead,
    /// A record that was polled is lost now and then.
    RecordLost,
    /// Records of a poll come in the wrong order.
    RecordsReversed,
    /// A record is written twice now and then, as by a producer that is not idempotent.
    WrittenTwice,
    /// A record that was written is lost now and then.
    WriteLost,
    /// A commit that failed is taken for done.
    FailureSwallowed,
    /// Places say one record more than was read.
    PlacesAhead,
    /// State that is still needed is deleted.
    TrimmedTooFar,
    /// A restored task has forgotten its time.
    TimeForgotten,
    /// What has changed is not always written.
    ChangeForgotten,
    /// What a stateless task remembered is gone.
    MemoForgotten,
    /// A row is not restored.
    RowForgotten,
    /// A row that was removed is restored.
    RemovalForgotten,
    /// The tasks that were thrown away go on as they are.
    StateKept,
    /// What belongs at the end of a transaction is left out now and then.
    EndForgotten,
}

/// Within so many seeds each mutation is to be noticed.
pub const SEEDS: u64 = 500;

/// Runs seeds until one notices; the same seed unbroken notices nothing.
fn is_noticed(mutation: Mutation) {
    for seed in 0..SEEDS {
        let schedule = draw(seed);
        let Err(failure) = run_broken(&schedule, Some(mutation)) else { continue };
        if run(&schedule).is_ok() {
            println!("{mutation:?}: noticed by seed {seed} as {}", failure.kind);
            return;
        }
    }
    panic!("{mutation:?} goes unnoticed in {SEEDS} schedules");
}

macro_rules! noticed {
    ($($test:ident: $mutation:ident,)*) => {
        $(#[test] fn $test() { is_noticed(Mutation::$mutation); })*
    };
}

noticed! {
    places_apart_from_their_transaction_are_noticed: PlacesApart,
    an_abort_that_is_skipped_is_noticed: AbortSkipped,
    a_producer_that_is_kept_after_a_failure_is_noticed: ProducerKept,
    a_group_that_ignores_generations_is_noticed: GenerationsIgnored,
    a_broker_that_ignores_epochs_is_noticed: EpochsIgnored,
    a_seek_that_is_dropped_is_noticed: SeekDropped,
    partitions_given_back_before_a_commit_are_noticed: TakenAnsweredFirst,
    places_known_for_good_are_noticed: PlacesRemembered,
    places_that_are_not_stable_are_noticed: PlacesUnstable,
    lost_blocks_of_state_are_noticed: BlockLost,
    blocks_apart_from_their_transaction_are_noticed: BlocksApart,
    reading_what_is_not_committed_is_noticed: UncommittedRead,
    lost_records_are_noticed: RecordLost,
    records_in_the_wrong_order_are_noticed: RecordsReversed,
    records_written_twice_are_noticed: WrittenTwice,
    lost_writes_are_noticed: WriteLost,
    failures_that_are_swallowed_are_noticed: FailureSwallowed,
    places_ahead_of_what_was_read_are_noticed: PlacesAhead,
    state_that_is_deleted_too_early_is_noticed: TrimmedTooFar,
    a_forgotten_time_is_noticed: TimeForgotten,
    forgotten_changes_are_noticed: ChangeForgotten,
    a_forgotten_memo_is_noticed: MemoForgotten,
    forgotten_rows_are_noticed: RowForgotten,
    forgotten_removals_are_noticed: RemovalForgotten,
    state_that_is_kept_after_a_failure_is_noticed: StateKept,
    forgotten_ends_of_transactions_are_noticed: EndForgotten,
}
