//! What deals were sold with.
//!
//! Rules: `src/funnel/semantics.md`, "Content".

use super::journey::{Journey, one, one_of};
use crate::model::definitions::Rules;
use crate::model::fact::Says;
use crate::model::measure::{Contribution, Measure};
use crate::model::words::Author;

/// Uses of assets, as far as rules ask for them.
pub(super) fn contributions(journey: &Journey, rules: &Rules) -> Vec<Contribution> {
    let mut all = vec![];
    for deal in journey.deals() {
        let mut known = vec![];
        for (_, fact) in journey.facts.iter().filter(|(entity, _)| *entity == deal.entity) {
            let Says::DealContentUsed { asset_id, author_team } = &fact.says else { continue };
            let (at, author) = (fact.at, *author_team);
            if rules.dead_library.is_some() {
                all.push(one_of(Measure::AssetUsed, asset_id, at, 0));
            }
            if rules.sales_authored_share.is_some() {
                if known.is_empty() {
                    let evidence = author == Author::Sales;
                    all.push(Contribution { evidence, ..one(Measure::ContentBegun(author), at, 0) });
                }
                if !known.contains(&asset_id) {
                    all.push(one(Measure::ContentUsed(author), at, 0));
                }
            }
            known.push(asset_id);
        }
    }
    all
}
