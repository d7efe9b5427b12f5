//! The plots: what becomes of the two teams of a simulated company.
//!
//! One for each rule that can speak, named after it, with a suffix where there are several ways to break the same
//! promise; and the older ones, of which some plant two things at once.

use std::fmt;

/// Declares names, each once, with the sentence that says what they mean.
macro_rules! named {
    ($(#[$of:meta])* $type:ident { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$of])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[doc = $doc])+ $variant),+ }

        impl $type {
            /// Every one.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The name on the command line and in the truth.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $word),+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $($type::$variant => concat!($($doc),+).trim_ascii()),+ }
            }

            /// The one of this name, if there is one.
            pub fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some($type::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// What becomes of the two teams.
    Plot {
    /// They get along; nothing is planted.
    Healthy = "healthy",
    /// Sign 1: a flood of MQLs from one poor source. Volume times 2.2, MQL to SQL roughly halved.
    MqlTunnelVision = "mql_tunnel_vision",
    /// Sign 2: about 35 % of the MQLs miss the promise of a human touch within 4 business hours.
    SlowFirstTouch = "slow_first_touch",
    /// Sign 2: sales says nothing more about most leads.
    SilentSales = "silent_sales",
    /// Sign 3: one reject reason leads and nothing is done about it; marketing leaves open deals alone.
    IncuriousMarketing = "incurious_marketing",
    /// Sign 4: sales writes most of the content that it uses.
    ShadowContent = "shadow_content",
    /// The demo's story: after a healthy time the flood of sign 1, later slow first touches as well.
    FallingOut = "falling_out",
    /// The flood of mql_tunnel_vision.
    Divergence = "divergence",
    /// MQLs stay on plan, nine of ten deals of marketing's that would have been won are lost.
    RevenuePace = "revenue_pace",
    /// Marketing goes on setting targets for MQLs, and sets none for revenue.
    NoRevenueTarget = "no_revenue_target",
    /// Sales is slow with the first human touch, as in slow_first_touch.
    FirstTouchSlo = "first_touch_slo",
    /// Routing is slow: 40 % of the MQLs reach a rep when the promise is nearly or quite over.
    FirstTouchSloRouting = "first_touch_slo_routing",
    /// A third of the MQLs are never assigned; somebody finds them, too late.
    FirstTouchSloUnassigned = "first_touch_slo_unassigned",
    /// Marketing sends twice the MQLs, as good as ever and without notice; sales calls as many in time as ever.
    FirstTouchSloSurge = "first_touch_slo_surge",
    /// Sales says nothing more about most leads, as in silent_sales.
    SilentLeads = "silent_leads",
    /// Six of ten reasons for sending leads back are no longer given.
    ReasonlessRejections = "reasonless_rejections",
    /// Sales acknowledges campaigns no longer.
    LaunchWithoutNotice = "launch_without_notice",
    /// Sales acknowledges campaigns one to three business days before their launch.
    LaunchWithoutNoticeShort = "launch_without_notice_short",
    /// Half of the reject reasons become one and the same, and marketing answers all but that one.
    UnansweredRejections = "unanswered_rejections",
    /// Nine of ten leads in SAL that will come to nothing stay there for weeks longer.
    StageAgeing = "stage_ageing",
    /// Half of the deals are opened weeks after their lead has become an SQL.
    StageAgeingSql = "stage_ageing_sql",
    /// Half of the deals that will be lost stay open for months longer.
    StageAgeingOpportunity = "stage_ageing_opportunity",
    /// Marketing leaves out 19 of 20 touches of open deals.
    AbsentAfterHandoff = "absent_after_handoff",
    /// Sales writes most of the content that it uses, as in shadow_content.
    SalesAuthoredShare = "sales_authored_share",
    /// Of marketing's content reps use the same three pieces over and over.
    DeadLibrary = "dead_library",
    /// The feed of touches stops while all else goes on.
    NoData = "no_data",
    /// No touch by a person of sales is told of any more, while those of marketing and of machines go on.
    NoDataSalesTouches = "no_data_sales_touches",
    /// The feed of leads and their stages stops.
    NoDataLeads = "no_data_leads",
    /// The feed of verdicts stops.
    NoDataVerdicts = "no_data_verdicts",
    /// The feed of deals stops.
    NoDataDeals = "no_data_deals",
    /// The feed of content that is used stops.
    NoDataContent = "no_data_content",
    }
}

pub(super) use named;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_say_something() {
        for &plot in Plot::ALL {
            assert_eq!(Plot::parse(plot.as_str()), Some(plot));
            assert!(plot.meaning().ends_with('.'), "{plot}: {}", plot.meaning());
        }
        assert_eq!(Plot::parse("happy"), None);
    }
}
