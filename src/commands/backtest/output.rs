//! What a backtest writes into its folder; the fields are described with the [command](super).

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::model::outcome::Outcome;

use super::super::replay::reading::Reading;
use super::super::{Failure, configured, failed};
use super::figures::{Figures, VariantFigures};

/// Writes `backtest.json` and `alerts.jsonl`.
pub fn write(folder: &Path, figures: &Figures, reading: &Reading) -> Result<(), Failure> {
    let variants: Result<Vec<Value>, _> = figures.variants.iter().map(variant).collect();
    let whole = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "first_event": figures.first,
        "last_event": figures.last,
        "from": figures.from,
        "to": figures.to,
        "months": figures.months,
        "records": reading.records,
        "ignored": reading.set_aside.of(Outcome::Ignored),
        "dead_letter": reading.set_aside.of(Outcome::DeadLetter),
        "truth": figures.truth,
        "variants": variants.map_err(failed)?,
    });
    configured::write_json(&folder.join("backtest.json"), &whole)?;
    let mut text = Vec::new();
    for variant in &figures.variants {
        alerts(variant, &mut text).map_err(failed)?;
    }
    let path = folder.join("alerts.jsonl");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display())).map_err(failed)
}

fn variant(variant: &VariantFigures) -> serde_json::Result<Value> {
    let (number, hash) = &variant.definitions;
    Ok(json!({
        "name": variant.name,
        "config": variant.config,
        "set": variant.set,
        "definitions": { "number": number, "hash": hash },
        "rules": serde_json::to_value(&variant.rules)?,
        "periods": serde_json::to_value(&variant.periods)?,
    }))
}

fn alerts(variant: &VariantFigures, text: &mut Vec<u8>) -> anyhow::Result<()> {
    for (episode, is_before, grade) in &variant.episodes {
        let line = json!({
            "variant": variant.name,
            "fingerprint": episode.fingerprint,
            "rule": episode.rule,
            "segment": episode.segment,
            "subject": episode.subject,
            "severity": episode.severity,
            "since": episode.since,
            "at": episode.at,
            "resolved": episode.resolved,
            "owner_team": episode.owner,
            "before_from": is_before,
            "grade": grade.map(|grade| grade.as_str()),
        });
        serde_json::to_writer(&mut *text, &line)?;
        text.write_all(b"\n")?;
    }
    Ok(())
}
