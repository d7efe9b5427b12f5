//! What a deal used of the content that there is.

use crate::model::EventTime;
use crate::model::fact::Says;
use crate::model::measure::Measure;

use super::super::terms::Terms;
use super::view::Deal;

/// Calls `count` for the content that `deal` used, as far as a rule asks for it: (measure, subject, time).
pub fn contribute(deal: &Deal<'_>, terms: &Terms, count: &mut dyn FnMut(Measure, &str, EventTime)) {
    let rules = &terms.definitions.rules;
    let (authors, assets) = (rules.sales_authored_share.is_some(), rules.dead_library.is_some());
    let mut known: Vec<&str> = Vec::new();
    for fact in &deal.facts {
        let Says::DealContentUsed { asset_id, author_team } = &fact.says else { continue };
        if assets {
            count(Measure::AssetUsed, asset_id, fact.at);
        }
        if !authors || known.contains(&asset_id.as_str()) {
            continue;
        }
        if known.is_empty() {
            count(Measure::ContentBegun(*author_team), "", fact.at);
        }
        known.push(asset_id);
        count(Measure::ContentUsed(*author_team), "", fact.at);
    }
}
