//! Reads an explanation from the folder of a replay.

use std::io::BufRead as _;
use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use crate::model::alert::Alert;
use crate::model::explanation::Explanation;

use super::super::replay::output::{ALERTS, EXPLANATIONS};
use super::super::{Failure, request};
use super::Explained;

/// The last message about the alert whose fingerprint begins with these digits.
pub(super) fn read(folder: &Path, digits: &str) -> Result<Explained, Failure> {
    let explanations: Vec<Explanation> = lines(&folder.join(EXPLANATIONS))?;
    let found: Vec<Explanation> =
        explanations.into_iter().filter(|explanation| explanation.fingerprint.starts_with(digits)).collect();
    let Some(explanation) = found.last().cloned() else {
        let hint = format!("the keys of alerts stand in {ALERTS} there");
        return Err(request(anyhow::anyhow!(
            "no alert in {} begins with {digits}; {hint}",
            folder.display()
        )));
    };
    if found.iter().any(|other| other.fingerprint != explanation.fingerprint) {
        return Err(request(anyhow::anyhow!("several alerts begin with {digits}: write more digits")));
    }
    let alerts: Vec<Alert> = lines(&folder.join(ALERTS))?;
    let is_it = |alert: &Alert| (&alert.fingerprint, alert.at) == (&explanation.fingerprint, explanation.at);
    match alerts.into_iter().find(is_it) {
        Some(alert) => Ok(Explained { alert, explanation }),
        None => Err(request(anyhow::anyhow!("{ALERTS} and {EXPLANATIONS} are not of the same replay"))),
    }
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Failure> {
    let read = || -> anyhow::Result<Vec<T>> {
        let file = std::fs::File::open(path).with_context(|| format!("{}", path.display()))?;
        let mut all = Vec::new();
        for (number, line) in (1..).zip(std::io::BufReader::new(file).lines()) {
            let place = || format!("{}:{number}", path.display());
            all.push(serde_json::from_str(&line.with_context(place)?).with_context(place)?);
        }
        Ok(all)
    };
    read().map_err(request)
}
