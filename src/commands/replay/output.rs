//! What a replay writes into its folder.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use crate::codec::{self, DeadLetter};
use crate::funnel::report::Report;
use crate::funnel::segment::SegmentsTask;
use crate::funnel::shifts::Outcome;
use crate::funnel::signs::rule::Rule;
use crate::log::file::Place;
use crate::model::EventTime;
use crate::model::alert::Alert;
use crate::model::dead_letter::Rejection;
use crate::model::explanation::Explanation;
use crate::model::window::WindowResult;

use super::super::at_end::AtEnd;
use super::super::{Failure, configured, failed};

/// The messages about alerts.
pub const ALERTS: &str = "alerts.jsonl";
/// How each of them comes about.
pub const EXPLANATIONS: &str = "explanations.jsonl";
/// The shifts of cohort quality.
pub const SHIFTS: &str = "shifts.jsonl";

/// `summary.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Records read: the sum of the outcomes.
    pub records: u64,
    /// Added a fact or a link.
    pub applied: u64,
    /// Known already.
    pub duplicate: u64,
    /// Older than the retention allows.
    pub late: u64,
    /// Could not be read.
    pub dead_letter: u64,
    /// Had nothing to say, by rule.
    pub ignored: u64,
    /// Belonged to another entity by then.
    pub forwarded: u64,
    /// Time of the earliest event, ms.
    pub first_event: Option<EventTime>,
    /// Time of the latest event, ms.
    pub last_event: Option<EventTime>,
    /// How long the replay took.
    pub seconds: f64,
}

/// A rule in `rules.json`.
#[derive(Clone, Debug, Serialize)]
struct Stands {
    rule: &'static str,
    sign: u8,
    #[serde(flatten)]
    at_end: AtEnd,
}

impl Stands {
    fn of(rule: Rule, segments: &SegmentsTask) -> Option<Stands> {
        let at_end = AtEnd::of(rule, segments)?;
        Some(Stands { rule: rule.name(), sign: rule.sign(), at_end })
    }
}

/// The open files of a replay's folder.
pub struct Files {
    folder: PathBuf,
    alerts: BufWriter<File>,
    explanations: BufWriter<File>,
    dead_letters: BufWriter<File>,
}

impl Files {
    /// Makes the folder and the files that are written as the replay goes.
    pub fn create(folder: &Path) -> Result<Files, Failure> {
        super::folder(folder)?;
        Ok(Files {
            folder: folder.to_owned(),
            alerts: open(&folder.join(ALERTS))?,
            explanations: open(&folder.join(EXPLANATIONS))?,
            dead_letters: open(&folder.join("dead-letters.jsonl"))?,
        })
    }

    /// Adds an alert message.
    pub fn alert(&mut self, alert: &Alert) -> Result<(), Failure> {
        line(&mut self.alerts, &codec::encode_alert(alert))
    }

    /// Adds how the message about an alert comes about that was added last.
    pub fn explanation(&mut self, explanation: &Explanation) -> Result<(), Failure> {
        let text = serde_json::to_vec(explanation).expect("an explanation is always JSON");
        line(&mut self.explanations, &text)
    }

    /// Adds a dead letter.
    pub fn dead_letter(&mut self, place: &Place, rejection: &Rejection, bytes: &[u8]) -> Result<(), Failure> {
        let letter = DeadLetter {
            topic: place.file.as_ref().into(),
            partition: 0,
            offset: place.number as i64 - 1,
            timestamp: None,
            key: None,
            value: Some(bytes.to_vec()),
            headers: Vec::new(),
            reason: rejection.reason,
            field: rejection.field.clone(),
        };
        line(&mut self.dead_letters, &letter.encode())
    }

    /// Writes what is known only at the end.
    pub fn finish(
        &mut self,
        summary: &Summary,
        report: &Report,
        windows: &[WindowResult],
        shifts: &[Outcome],
        segments: &SegmentsTask,
    ) -> Result<(), Failure> {
        for file in [&mut self.alerts, &mut self.explanations, &mut self.dead_letters] {
            file.flush().map_err(failed)?;
        }
        let mut file = open(&self.folder.join("windows.jsonl"))?;
        for window in windows {
            line(&mut file, &codec::encode_window(window))?;
        }
        file.flush().map_err(failed)?;
        let mut file = open(&self.folder.join(SHIFTS))?;
        for shift in shifts.iter().flat_map(|outcome| &outcome.shifts) {
            line(&mut file, &serde_json::to_vec(shift).expect("a shift is always JSON"))?;
        }
        file.flush().map_err(failed)?;
        let rules: Vec<Stands> = Rule::ALL.iter().filter_map(|rule| Stands::of(*rule, segments)).collect();
        configured::write_json(&self.folder.join("rules.json"), &rules)?;
        configured::write_json(&self.folder.join("summary.json"), summary)?;
        configured::write_json(&self.folder.join("funnel.json"), report)
    }
}

fn open(path: &Path) -> Result<BufWriter<File>, Failure> {
    let file =
        File::create(path).with_context(|| format!("cannot write {}", path.display())).map_err(failed)?;
    Ok(BufWriter::new(file))
}

fn line(file: &mut BufWriter<File>, bytes: &[u8]) -> Result<(), Failure> {
    file.write_all(bytes).and_then(|()| file.write_all(b"\n")).map_err(failed)
}
