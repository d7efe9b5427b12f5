//! Serving the group while another call blocks.
//!
//! A call to the brokers may last as long as a transaction may, and a member that is not polled for
//! `max.poll.interval.ms` leaves its group: a slow broker would cost it its partitions. The client could commit and
//! take a transactional id in slices (after a time-out it goes on where it was), but not send places: a time-out ends
//! that call and the transaction with it. So no call is cut: another thread polls meanwhile. It decides nothing. What
//! the group asks becomes a note as ever, and what was read is handed back for the next poll.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;

use super::notes::MemberNotes;

/// What one poll brought.
pub(super) type Came<'c> = Result<BorrowedMessage<'c>, KafkaError>;

/// Makes a call. Once it has lasted for `every`, and then each time so much more has passed, the consumer is polled
/// once; gives what that brought, in order.
pub(super) fn attended<'c, T>(
    consumer: &'c BaseConsumer<MemberNotes>,
    every: Duration,
    call: impl FnOnce() -> T,
) -> (T, Vec<Came<'c>>) {
    let (calling, is_calling) = channel::<()>();
    std::thread::scope(|scope| {
        let attendant =
            std::thread::Builder::new().name("attendant".to_owned()).spawn_scoped(scope, move || {
                let mut came = Vec::new();
                while is_calling.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    came.extend(consumer.poll(Duration::ZERO));
                }
                came
            });
        let answer = call();
        drop(calling);
        // Where there is no thread to be had, nobody has polled, and nothing came.
        let came = attendant.ok().and_then(|attendant| attendant.join().ok()).unwrap_or_default();
        (answer, came)
    })
}
