//! A rule in words, with the settings that it has: what `rapport rules` prints.

use serde::Serialize;

use super::percent;
use super::rule::Rule;
use super::share_rule::ShareRule;
use super::usual_share::{LEAST_DAYS, MONTH_BUSINESS_DAYS, SetShare};
use crate::model::alert::Severity;
use crate::model::definitions::{Definitions, ShareWatch};

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Its name.
    pub rule: &'static str,
    /// The sign that it belongs to; 0 for none.
    pub sign: u8,
    /// What it says when it speaks, in one sentence.
    pub says: String,
    /// What is counted.
    pub counts: String,
    /// Out of what.
    pub out_of: String,
    /// Over which time.
    pub window: String,
    /// Who does not count.
    pub left_out: String,
    /// What is held to be normal.
    pub usual: String,
    /// How much must be known; with less it says `learning`.
    pub least: String,
    /// When it speaks, and how loudly.
    pub speaks: String,
    /// How often it may speak for nothing.
    pub false_alarms: String,
    /// What keeps it from coming and going.
    pub stays: String,
    /// What ends it.
    pub over: String,
    /// What it cannot see.
    pub blind_to: String,
    /// What there is to do.
    pub act: String,
}

/// What a person reads first, and then, of a statement.
pub const LABELS: [&str; 13] = [
    "says",
    "counts",
    "out of",
    "window",
    "left out",
    "usual",
    "learning",
    "speaks",
    "false alarms",
    "stays",
    "over",
    "blind to",
    "what to do",
];

impl Statement {
    /// Each part with its label.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parts = [
            &self.says,
            &self.counts,
            &self.out_of,
            &self.window,
            &self.left_out,
            &self.usual,
            &self.least,
            &self.speaks,
            &self.false_alarms,
            &self.stays,
            &self.over,
            &self.blind_to,
            &self.act,
        ];
        LABELS.into_iter().zip(parts.into_iter().map(String::as_str))
    }
}

/// A rule by these definitions; `None` where it is off.
pub fn of(rule: Rule, definitions: &Definitions) -> Option<Statement> {
    use super::{incurious_marketing, mql_tunnel_vision, no_data, out_of_sync, shadow_content};
    match rule {
        Rule::FirstTouchSlo => out_of_sync::first_touch_slo::statement(definitions),
        Rule::Divergence => mql_tunnel_vision::divergence::statement(definitions),
        Rule::RevenuePace => mql_tunnel_vision::revenue_pace::statement(definitions),
        Rule::NoRevenueTarget => mql_tunnel_vision::no_revenue_target::statement(definitions),
        Rule::SilentLeads => out_of_sync::silent_leads::statement(definitions),
        Rule::ReasonlessRejections => out_of_sync::reasonless_rejections::statement(definitions),
        Rule::LaunchWithoutNotice => out_of_sync::launch_without_notice::statement(definitions),
        Rule::UnansweredRejections => incurious_marketing::unanswered_rejections::statement(definitions),
        Rule::StageAgeing => incurious_marketing::stage_ageing::statement(definitions),
        Rule::AbsentAfterHandoff => incurious_marketing::absent_after_handoff::statement(definitions),
        Rule::SalesAuthoredShare => shadow_content::sales_authored_share::statement(definitions),
        Rule::DeadLibrary => shadow_content::dead_library::statement(definitions),
        Rule::NoData => no_data::statement(definitions),
    }
}

/// What is a rule's own among those that watch a share.
pub struct OwnWords {
    /// See [`Statement`].
    pub says: String,
    /// See [`Statement`].
    pub counts: String,
    /// See [`Statement`].
    pub out_of: String,
    /// See [`Statement`].
    pub left_out: String,
    /// See [`Statement`].
    pub blind_to: &'static str,
    /// See [`Statement`].
    pub act: &'static str,
}

/// Where a rule stands as learning though it knows what is usual: it could never speak.
const TOO_RARE: &str = "nothing could be rare enough to speak of: nearly all is bad from the first day on, or outcomes \
                        are too few";

/// A rule that watches a share.
pub fn of_share(rule: &ShareRule, watch: &ShareWatch, own: OwnWords) -> Statement {
    let (rule, of_set, whose) =
        (rule.rule, rule.of_set, if rule.of_all_alone { "The" } else { "Each segment's own" });
    let factor = watch.odds_factor.as_f64();
    let set = watch.baseline.map(|set| percent(set.as_f64()));
    let learned = format!(
        "{whose} share in the {} days before the window, taken at its upper limit (one-sided 95 %, Wilson), so that a \
         poorly known one asks for more evidence",
        watch.baseline_days
    );
    let until_learned = format!(
        "Until there are {LEAST_DAYS} days before the window with {} outcomes, and where {TOO_RARE}.",
        watch.min_n
    );
    let stands = "It stands still while an alert lives";
    let (usual, least) = match (set, of_set) {
        (None, _) => (format!("{learned}. {stands}."), until_learned),
        (Some(set), SetShare::Least) => (
            format!(
                "{learned}. {stands}. Where it is less than {set}, in whichever segment and of \
                 whatever it speaks, it is that, as set."
            ),
            until_learned,
        ),
        (Some(set), SetShare::Usual) => {
            (format!("{set}, as set."), format!("Only before the first outcome, and where {TOO_RARE}."))
        }
    };
    Statement {
        rule: rule.name(),
        sign: rule.sign(),
        says: own.says,
        counts: own.counts,
        out_of: own.out_of,
        window: format!("The last {} days of which all outcomes are known, day by day.", watch.detect_days),
        left_out: own.left_out,
        usual,
        least,
        speaks: format!(
            "{} when a Bernoulli CUSUM that is set for {factor} times the usual odds reaches its threshold: many bad \
             ones in a few days, or a few too many for weeks. Where the share differs by the day of the week, the \
             threshold is higher by what a usual week swings.",
            spoken(watch.severity)
        ),
        false_alarms: budget(watch.alerts_per_month.as_f64()),
        stays: format!(
            "Detector, threshold and usual share stand still from the first day to the last of an alert. {ONE_CAUSE}"
        ),
        over: format!(
            "Over the last {} days with outcomes since it began the share is nearer to the usual one than to what \
             the detector is set for, and a second CUSUM over all days since then shows that it is as usual again; or \
             no outcome was seen for {} days.",
            watch.clear_days, watch.detect_days
        ),
        blind_to: own.blind_to.to_owned(),
        act: own.act.to_owned(),
    }
}

/// Who keeps quiet for whom.
pub const ONE_CAUSE: &str = "While a wider segment speaks, those within it keep quiet, and so does a wider one that \
                             would be in order without those within it that were told of.";

/// How loudly, as the beginning of a sentence.
pub fn spoken(severity: Severity) -> String {
    match severity {
        Severity::Page => "Pages",
        Severity::Ticket => "Opens a ticket",
        Severity::Info => "Tells for the record",
    }
    .to_owned()
}

/// A budget of false alarms in words.
pub fn budget(alerts_per_month: f64) -> String {
    format!(
        "{alerts_per_month} a month of {MONTH_BUSINESS_DAYS} business days for the whole company, shared evenly by \
         what is watched; each threshold is solved from its share and from its own volume."
    )
}
