//! The rule in words.

use crate::model::definitions::{Definitions, Divergence};

use super::super::super::percent;
use super::super::super::rule::Rule;
use super::super::super::statement::{ONE_CAUSE, Statement, budget};
use super::measured::{ADVICE, days_words, step_words};
use super::{Slowness, least_days, slowness};

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.divergence.as_ref()?;
    let (step, horizon) = (step_words(rule), days_words(rule.horizon_days));
    Some(Statement {
        rule: Rule::Divergence.name(),
        sign: Rule::Divergence.sign(),
        says: "More MQLs come, and they are worth less.".to_owned(),
        counts: format!("MQLs a business day, and those of them that went {step} within {horizon}."),
        out_of: "All MQLs, by the day of their entry.".to_owned(),
        window: format!("The last {} days.", rule.detect_days),
        left_out: format!(
            "For the conversion all who are younger than {horizon}: a burst of new ones cannot look \
                           like a fall."
        ),
        usual: usual(rule),
        least: format!(
            "{} fewer than {} MQLs in the days that it learns from, or fewer than {} of these days, and where so \
             few MQLs go on that no fall could be rare enough to speak of.",
            if rule.baseline.is_some() {
                "Of the whole company before its first MQL; in a segment with"
            } else {
                "With"
            },
            rule.min_n,
            least_days(rule)
        ),
        speaks: format!(
            "Opens a ticket when both detectors are at their thresholds: a Poisson CUSUM set for {} \
                         times the volume, a Bernoulli CUSUM set for {} times the conversion. One of them alone is \
                         another story. Where more MQLs count on some days of the week, as those of weekends do on \
                         Monday, the threshold of volume is higher by what a usual week swings{}.",
            rule.volume_factor.as_f64(),
            rule.quality_factor.as_f64(),
            if rule.baseline.is_some() { ", but not of the whole company" } else { "" }
        ),
        false_alarms: format!(
            "{} Each detector takes the root of its part, since both must speak. So that holds where volume and \
             conversion both stay as they are; while really many more good leads come than in the days it learns \
             from, the conversion alone decides, and a false alarm is up to {:.0} times as likely in one segment.",
            budget(rule.alerts_per_month.as_f64()),
            (1.0 / rule.alerts_per_month.as_f64()).sqrt().max(1.0)
        ),
        stays: format!(
            "Detectors and what is usual stand still while an alert lives; a flood that was told of is not told \
             again. {ONE_CAUSE}"
        ),
        over: format!(
            "Over the last {} business days since it began the volume is back, or over as many days that are old \
             enough the conversion is.",
            rule.clear_days
        ),
        blind_to: blind_to(rule),
        act: ADVICE.to_owned(),
    })
}

/// What it cannot see.
fn blind_to(rule: &Divergence) -> String {
    let horizon = days_words(rule.horizon_days);
    let Slowness { volume_days, volume, quality_days, quality } = slowness(rule);
    let set = match rule.baseline {
        Some(_) => "In the whole company a fault that was usual when what is usual was set. In a segment a",
        None => "A",
    };
    format!(
        "{set} fault that is older than the days it learns from, and what grows so slowly that it is learned as usual \
         meanwhile: by less than about {} more MQLs within {volume_days} days, or {} less conversion within \
         {quality_days}. A flood that is over within {horizon}.",
        percent(volume - 1.0),
        percent(1.0 - quality)
    )
}

fn usual(rule: &Divergence) -> String {
    let days = rule.baseline_days;
    let learned = format!(
        "own in up to {days} days before the window: the volume at its upper limit (Garwood), the conversion at its \
         lower one (Wilson), both one-sided 95 %."
    );
    match rule.baseline {
        Some(set) => format!(
            "Of the whole company {} MQLs a business day and a conversion of {}, as set; of every other segment its \
             {learned}",
            set.mqls_per_business_day,
            percent(set.conversion)
        ),
        None => format!("Each segment's {learned}"),
    }
}
