//! Puts what is committed on the board, and what the engine does into the log of the process: each change of
//! state once.

use std::sync::Arc;

use crate::engine::{EngineEvent, Observer};
use crate::log::TopicPartition;
use crate::model::alert::Alert;
use crate::model::effect::Effect;
use crate::serve::board::Board;
use crate::serve::picture::Lag;

use super::holding::{Holding, News};

/// A restore that is under way is told each time that so many tenths more of it are done.
const TENTHS: u64 = 10;

/// Who is told by an engine thread.
pub struct BoardObserver {
    board: Arc<Board>,
    /// The restore that was told of last, and how many tenths of it were done.
    told: Option<(TopicPartition, u64)>,
    /// Who was said to hold time back.
    holding: Holding,
    /// Whether it was said that old records cannot be forgotten.
    trouble_with_trimming: bool,
}

impl BoardObserver {
    /// One for an engine thread.
    pub fn new(board: Arc<Board>) -> BoardObserver {
        BoardObserver { board, told: None, holding: Holding::default(), trouble_with_trimming: false }
    }

    fn tell(&mut self, effects: &[Effect]) {
        self.board.observe_all(effects).into_iter().for_each(log_alert);
        for effect in effects {
            let Effect::Journeys(figures) = effect else { continue };
            match self.holding.note(figures) {
                None => {}
                Some(News::Free) => tracing::info!("no source holds time back any more"),
                Some(News::Held(holder)) => {
                    let told = holder.time.map_or_else(|| "never".to_owned(), |time| time.rfc3339());
                    let ahead = holder.ahead.map(|time| time.rfc3339());
                    tracing::warn!(
                        source = %holder.source, partition = holder.partition, told, ahead,
                        "this source holds time back: nothing is judged beyond what it has told; look whether it is \
                         still written and read, or take it off the list of sources"
                    );
                }
            }
        }
    }

    fn tell_restoring(&mut self, at: TopicPartition, read: u64, all: u64) {
        let (topic, partition) = (&at.topic, at.partition);
        self.board.note(|picture| picture.restoring(topic, partition, all.saturating_sub(read)));
        let tenths = read * TENTHS / all.max(1);
        let is_news = match &self.told {
            Some((told, tenths_told)) if *told == at => tenths > *tenths_told,
            _ => tenths > 0,
        };
        if is_news {
            tracing::info!(partition = %at, offsets = read, of = all, "restoring");
            self.told = Some((at, tenths));
        }
    }
}

fn log_alert(alert: &Alert) {
    tracing::info!(
        rule = %alert.rule, segment = %alert.segment, state = ?alert.state,
        severity = alert.severity.as_str(), at = %alert.at.rfc3339(), "alert"
    );
}

impl Observer<Effect> for BoardObserver {
    fn committed(&mut self, effects: Vec<Effect>) {
        self.tell(&effects);
    }

    /// What is news here was sent by this instance in a commit whose answer it did not get.
    fn restored(&mut self, effects: Vec<Effect>) {
        self.tell(&effects);
    }

    fn event(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Committed { records, bytes, took_ms } => {
                self.board.committed(records, bytes, took_ms);
            }
            EngineEvent::Rebuilding { cause, why, aborted } => {
                tracing::warn!(cause = cause.as_str(), %why, aborted, "starting again from what is committed");
                self.board.note(|picture| picture.rebuilt(cause.as_str(), aborted));
            }
            EngineEvent::RebuildFailed { cause, why } => {
                tracing::debug!(cause = cause.as_str(), %why, "cannot start again yet");
                self.board.note(|picture| picture.engine.rebuilds_failed += 1);
            }
            EngineEvent::Rebalanced(kind, partitions) => {
                tracing::info!(?partitions, "the group has {} partitions", kind.as_str());
                self.board.note(|picture| picture.rebalanced(kind.as_str()));
            }
            EngineEvent::Restoring(at, read, all) => self.tell_restoring(at, read, all),
            EngineEvent::Restored(at, rows, took_ms) => {
                tracing::info!(partition = %at, rows, took_ms, "restored");
                self.board.restored(&at.topic, at.partition, rows, took_ms);
            }
            EngineEvent::ForeignState(at, records) => {
                tracing::warn!(
                    partition = %at, records,
                    "records in its state topic were not written by rapport and are passed over: look who writes there"
                );
                self.board.note(|picture| picture.foreign_state(&at.topic, at.partition, records));
            }
            EngineEvent::Fenced(at, owner) => {
                tracing::warn!(
                    partition = %at, owner,
                    "took the transactional id of a member that is gone, which ends its transaction"
                );
                self.board.note(|picture| picture.engine.fences += 1);
            }
            EngineEvent::Gone(at) => {
                tracing::info!(partition = %at, "given away");
                if at.topic == self.board.read(|picture| picture.topics.events.clone()) {
                    self.holding.forget(at.partition);
                }
                self.board.task_gone(&at.topic, at.partition);
            }
            EngineEvent::Paused(at, paused) => {
                let what = if paused { "waits for slower partitions" } else { "goes on" };
                tracing::info!(partition = %at, "{what}");
                self.board.note(|picture| picture.set_paused(&at.topic, at.partition, paused));
            }
            EngineEvent::Lag { partition: at, records, ms } => {
                let lag = Lag { records, ms };
                self.board.note(|picture| picture.set_consumer_lag(&at.topic, at.partition, lag));
            }
            EngineEvent::NotTrimmed(why) => {
                if !std::mem::replace(&mut self.trouble_with_trimming, true) {
                    tracing::warn!(%why, "records that nobody needs cannot be deleted: state topics grow");
                }
                self.board.note(|picture| picture.engine.trims_failed += 1);
            }
        }
    }
}

#[cfg(test)]
mod tests;
