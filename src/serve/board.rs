//! The picture, shared: engine threads tell it, scrapes and readers of the page look at it.
//!
//! A mutex, although state has one owner elsewhere: several engine threads write a few figures per commit,
//! readers come a few times a second, and each must see one consistent picture. Nothing waits, computes
//! statistics or does I/O while holding it.

use std::sync::{Mutex, MutexGuard};

use tokio::sync::watch;

use crate::model::alert::Alert;
use crate::model::definitions::Definitions;
use crate::model::effect::Effect;

use super::picture::{Picture, Readiness, TaskTopics};

/// The shared picture. Whoever wants to know of changes subscribes to its version.
#[derive(Debug)]
pub struct Board {
    picture: Mutex<Picture>,
    version: watch::Sender<u64>,
}

impl Board {
    /// A board with nothing on it. The topics tell which kind of task a partition belongs to.
    pub fn new(topics: TaskTopics) -> Board {
        Board { picture: Mutex::new(Picture::new(topics)), version: watch::Sender::new(0) }
    }

    /// Something became true with a commit, or was restored.
    pub fn observe(&self, effect: &Effect) {
        self.observe_all(std::slice::from_ref(effect));
    }

    /// Everything that became true with one commit; readers see all of it or none. Gives back the messages about
    /// alerts that this instance has sent and not shown before.
    pub fn observe_all<'a>(&self, effects: &'a [Effect]) -> Vec<&'a Alert> {
        let mut news = Vec::new();
        self.change(|picture| {
            for effect in effects {
                if let (true, Effect::Alert(alert)) = (picture.observe(effect), effect) {
                    news.push(alert);
                }
            }
        });
        news
    }

    /// A transaction was committed: records and bytes written, and how long the commit took.
    pub fn committed(&self, records: u64, bytes: u64, took_ms: u64) {
        self.change(|picture| picture.committed(records, bytes, took_ms));
    }

    /// Something happened to an engine that only its figures show.
    pub fn note(&self, change: impl FnOnce(&mut Picture)) {
        self.change(change);
    }

    /// A task was restored; to be called after its effects were told.
    pub fn restored(&self, topic: &str, partition: u32, rows: u64, took_ms: u64) {
        self.change(|picture| picture.restored(topic, partition, rows, took_ms));
    }

    /// A task runs here no longer.
    pub fn task_gone(&self, topic: &str, partition: u32) {
        self.change(|picture| picture.task_gone(topic, partition));
    }

    /// These definitions are in force.
    pub fn defined(&self, number: u32, definitions: &Definitions) {
        self.change(|picture| picture.defined(number, definitions));
    }

    /// An engine thread, counted from 0, became ready or waits for something.
    pub fn set_readiness(&self, thread: usize, readiness: Readiness) {
        self.change(|picture| picture.set_readiness(thread, readiness));
    }

    /// Looks at the picture; nothing changes meanwhile, so the look should be short.
    pub fn read<T>(&self, look: impl FnOnce(&Picture) -> T) -> T {
        look(&self.lock())
    }

    /// The version of the picture, now and whenever it has changed.
    pub fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn change(&self, how: impl FnOnce(&mut Picture)) {
        let mut picture = self.lock();
        how(&mut picture);
        let version = picture.version;
        // Told under the lock, so that versions are told in their order.
        self.version.send_if_modified(|known| std::mem::replace(known, version) != version);
    }

    fn lock(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().expect("nothing panics while it holds the picture")
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{MONDAY, board, journeys, segments};

    #[test]
    fn a_commit_is_seen_whole_and_told_once() {
        let board = board();
        let mut versions = board.versions();
        assert_eq!(*versions.borrow_and_update(), 0);
        let minute = MONDAY.minute();
        board.observe_all(&[journeys(0, minute), journeys(1, minute), segments(Some(minute))]);
        assert!(versions.has_changed().unwrap());
        assert_eq!(*versions.borrow_and_update(), 3);
        board.observe_all(&[]);
        assert!(!versions.has_changed().unwrap(), "nothing happened");
        assert_eq!(board.read(|picture| (picture.version, picture.journeys.len())), (3, 2));
    }
}
