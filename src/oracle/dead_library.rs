//! The rule `dead_library` (sign 4): nobody uses what marketing has published.
//!
//! Rules: `src/funnel/semantics.md`, "Rules that watch a share" and the periods below its table.

use std::collections::BTreeMap;

use super::outcomes::Outcomes;
use super::shares::{Look, ShareRule};
use crate::model::Text;
use crate::model::alert::OwnerTeam;
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::{Author, Family};

/// Periods that began earlier are forgotten.
const KEPT_DAYS: i32 = 400;
/// So many periods of an asset are looked at.
const PERIODS: i32 = 2;

pub(super) const DEAD_LIBRARY: ShareRule = ShareRule {
    name: "dead_library",
    sign: 4,
    owner: OwnerTeam::Marketing,
    of_all_alone: true,
    learns_anyway: false,
    rests_on: &[Family::Content],
    watch: |rules| rules.dead_library.as_ref().map(|rule| &rule.watch),
    is_wanted: |measure| measure == Measure::AssetUsed,
    subjects: |_| vec![Text::default()],
    span: |_, _, _| Some(0),
    outcomes,
    unknown: |look, _, outage| {
        let rule = look.judged.rulebook.definitions.rules.dead_library.as_ref();
        (outage.first_day, outage.last_day + rule.map_or(0, |rule| i32::from(rule.unused_days)))
    },
    evidence: |_, _| false,
    at_risk: |_| None,
};

/// Periods of assets by the day on which they end; bad are those in which the asset was not used.
fn outcomes(look: &Look, _: &Text, _: i32) -> Outcomes {
    let mut outcomes = Outcomes::new(look.day);
    let rulebook = look.judged.rulebook;
    let Some(rule) = &rulebook.definitions.rules.dead_library else { return outcomes };
    let unused_days = i32::from(rule.unused_days).max(1);
    let mut published: BTreeMap<Text, i32> = BTreeMap::new();
    let mut of_any: Vec<i32> = vec![];
    for fact in look.judged.programs(look.at) {
        if let Says::ContentPublished { asset_id, author_team: Author::Marketing } = fact.says {
            // In the order of facts the last one is the latest.
            let day = rulebook.days.day_of(fact.at);
            published.insert(asset_id, day);
            of_any.push(day);
        }
    }
    let uses = look.counted.each("all", Measure::AssetUsed);
    let Some(first_use) = uses.filter(|of| of.3 != 0).map(|of| of.1).min() else { return outcomes };
    let Some(first_of_any) = of_any.into_iter().min() else { return outcomes };
    for (asset, first) in published {
        let used = || look.counted.each("all", Measure::AssetUsed).filter(|of| *of.0 == asset && of.3 > 0);
        for place in 0..PERIODS {
            let (begins, ends) = (first + place * unused_days, first + (place + 1) * unused_days);
            let is_mixed = ends > first_of_any + PERIODS * unused_days;
            let is_counted = is_mixed && begins >= first_use.max(look.day - KEPT_DAYS);
            if is_counted && begins < look.day && look.day <= ends {
                outcomes.young += 1;
            }
            if is_counted && ends < look.day {
                let is_used = used().any(|(_, day, _, _)| begins <= day && day < ends);
                outcomes.add(ends, 1, i64::from(!is_used));
            }
        }
    }
    outcomes
}
