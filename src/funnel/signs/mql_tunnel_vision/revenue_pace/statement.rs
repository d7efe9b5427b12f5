//! The rule in words.

use crate::model::definitions::Definitions;
use crate::stats::normal;

use super::super::super::percent;
use super::super::super::rule::Rule;
use super::super::super::statement::{Statement, spoken};
use super::{ADVICE, a_look};

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.revenue_pace.as_ref()?;
    let (limit, days) = (normal::quantile(1.0 - a_look(rule)), 1.0 / a_look(rule));
    Some(Statement {
        rule: Rule::RevenuePace.name(),
        sign: Rule::RevenuePace.sign(),
        says: "The MQLs are on plan, the revenue that they are for is not.".to_owned(),
        counts:
            "Won revenue of deals that marketing sourced, by the day of the win: the deal's origin or, where \
                 none is said, that its lead was an MQL before it was opened."
                .to_owned(),
        out_of:
            "The target for the part of the period's business days that is over, each currency by itself, of \
                 the whole company."
                .to_owned(),
        window: "The period of the target for revenue that runs.".to_owned(),
        left_out:
            "Deals that are still open, deals without an amount or in a currency without a target, and the part \
                   of the plan that is for days before anything was counted; of revenue also the first days of the \
                   log, as many as from MQL to won (`funnel.horizons`), since of deals that were opened before it \
                   nobody knows who sourced them."
                .to_owned(),
        usual: "The plan: a compound Poisson sum of deals of the sizes that were won so far.".to_owned(),
        least: format!(
            "Until {} of the period is over, that of the MQLs as well, and {} deals of known size were won; and while \
             so many won deals have no amount, or one in a currency without a target, that at the usual size they \
             could explain what is missing.",
            percent(rule.least_elapsed.as_f64()),
            rule.min_n
        ),
        speaks: format!(
            "{} when the MQLs are on plan and the revenue is {limit:.2} standard deviations or more behind it: as \
             far as a plan that is kept would be by chance on one business day in {days:.0}.",
            spoken(rule.severity)
        ),
        false_alarms: format!(
            "{} a month for the company, a look each business day.",
            rule.alerts_per_month.as_f64()
        ),
        stays: format!(
            "The gap must fall below {:.2} standard deviations; the MQLs stay on plan with nine tenths of it.",
            limit / 2.0
        ),
        over: "Half of the gap is made up, the MQLs fall behind as well, the amounts of so many deals are missing \
               that it cannot be told, or the period is over."
            .to_owned(),
        blind_to:
            "Deals that close in another period than their leads came in, and a plan that was never in reach."
                .to_owned(),
        act: ADVICE.to_owned(),
    })
}
