//! Reads an explanation from the folder of a replay.

use std::io::BufRead as _;
use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use crate::model::alert::{Alert, AlertState};
use crate::model::explanation::Explanation;

use super::super::replay::output::{ALERTS, EXPLANATIONS};
use super::super::{Failure, request};
use super::Explained;

/// The last message about the alert whose fingerprint begins with these digits, or the last by which it fired.
pub(super) fn read(folder: &Path, digits: &str, fired: bool) -> Result<Explained, Failure> {
    let explanations: Vec<Explanation> = lines(&folder.join(EXPLANATIONS))?;
    let found: Vec<Explanation> =
        explanations.into_iter().filter(|explanation| explanation.fingerprint.starts_with(digits)).collect();
    let Some(explanation) = found.last() else {
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
    let told = alerts.into_iter().filter(|alert| alert.fingerprint == explanation.fingerprint);
    let mut wanted = told.filter(|alert| !fired || alert.state == AlertState::Firing);
    let last = wanted.next_back().and_then(|alert| {
        let explanation = found.iter().rfind(|explanation| explanation.at == alert.at)?.clone();
        Some(Explained { alert, explanation })
    });
    last.ok_or_else(|| request(anyhow::anyhow!("{ALERTS} and {EXPLANATIONS} are not of the same replay")))
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
