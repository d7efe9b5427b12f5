//! What is at risk: what journeys of `all` brought so far, by the stage that they entered.
//!
//! Rules: `src/funnel/semantics.md`, "What is at risk".

use std::collections::BTreeMap;

use super::funnel::Judged;
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::words::{Stage, Step};
use crate::model::{Minute, Text};

/// So many days are looked at.
const DAYS: i32 = 365;
/// With fewer entries nothing is known of a stage, and with fewer deals won nothing of what one brings.
const LEAST_ENTRIES: i64 = 100;
const LEAST_WINS: i64 = 10;

/// Of so many entries to a stage: the minor units of the currency that has the most of them, if any are at risk.
pub(super) fn at_risk(judged: &Judged, at: Minute, entries: f64, stage: Stage) -> Option<(i64, Currency)> {
    let step = match stage {
        Stage::Mql => Step::MqlToWon,
        Stage::Sql => Step::SqlToWon,
        Stage::Opportunity => Step::OpportunityToWon,
        _ => return None,
    };
    let horizon = *judged.rulebook.definitions.horizons.get(&step)?;
    let today = judged.rulebook.days.day_of(at.start());
    let matured = today - i32::from(horizon) - 1;
    let (mut entered, mut won, mut wins) = (0, 0, 0);
    let mut amounts: BTreeMap<Text, i64> = BTreeMap::new();
    for contributed in judged.at(at) {
        for of in &contributed.contributions {
            let day = judged.rulebook.days.day_of(of.cell.slice.start());
            if !(today - DAYS..today).contains(&day) {
                continue;
            }
            match of.cell.measure {
                Measure::Entered(entry) if entry == stage && day < matured => entered += of.n,
                Measure::Converted(taken) if taken == step && day < matured && of.cell.grade < horizon => {
                    won += of.n;
                }
                Measure::DealsWon => wins += of.n,
                Measure::WonAmount => *amounts.entry(of.cell.subject.clone()).or_default() += of.n,
                _ => {}
            }
        }
    }
    if entered < LEAST_ENTRIES || wins < LEAST_WINS {
        return None;
    }
    let each = |(code, amount): (Text, i64)| {
        let minor = entries * (won as f64 / entered as f64 * (amount as f64 / wins as f64));
        Some((minor.round() as i64, Currency::parse(&code)?))
    };
    // Of several with as much, the first by its code.
    let all = amounts.into_iter().filter_map(each).filter(|&(minor, _)| minor > 0);
    all.min_by_key(|&(minor, currency)| (std::cmp::Reverse(minor), currency))
}
