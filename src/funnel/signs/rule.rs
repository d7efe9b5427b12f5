//! The rules by name.

use serde::{Deserialize, Serialize};

use crate::model::definitions::{Definitions, Rules};

/// Declares the rules, each once: variant, name, sign.
macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $field:ident, $sign:literal);+ $(;)?) => {
        /// A rule, in the order in which alerts of one boundary are told. The order is that of the state: new ones
        /// come last.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Rule { $($(#[$doc])* $variant),+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Rule] = &[$(Rule::$variant),+];

            /// Its name, also in the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Rule::$variant => stringify!($field)),+ }
            }

            /// The sign that it belongs to; 0 for none.
            pub fn sign(self) -> u8 {
                match self { $(Rule::$variant => $sign),+ }
            }

            /// Whether these definitions have it.
            pub fn is_on(self, definitions: &Definitions) -> bool {
                let Rules { $($field),+ } = &definitions.rules;
                match self { $(Rule::$variant => $field.is_some()),+ }
            }
        }
    };
}

rules! {
    /// MQLs get no human touch in time.
    FirstTouchSlo = first_touch_slo, 2;
    /// More MQLs, of less worth.
    Divergence = divergence, 1;
    /// MQLs on plan, revenue not.
    RevenuePace = revenue_pace, 1;
    /// A target for MQLs and none for revenue.
    NoRevenueTarget = no_revenue_target, 1;
    /// No verdict by sales.
    SilentLeads = silent_leads, 2;
    /// Sent back without a reason.
    ReasonlessRejections = reasonless_rejections, 2;
    /// A campaign that sales was not told of.
    LaunchWithoutNotice = launch_without_notice, 2;
    /// The same reason again, and nothing changed.
    UnansweredRejections = unanswered_rejections, 3;
    /// Items grow old in a stage.
    StageAgeing = stage_ageing, 3;
    /// Marketing leaves open deals alone.
    AbsentAfterHandoff = absent_after_handoff, 3;
    /// Sales writes what it uses.
    SalesAuthoredShare = sales_authored_share, 4;
    /// Nobody uses what marketing publishes.
    DeadLibrary = dead_library, 4;
    /// What used to arrive has stopped.
    NoData = no_data, 0;
}

impl Rule {
    /// Whether it is judged once a business day.
    pub fn is_daily(self) -> bool {
        !matches!(self, Rule::FirstTouchSlo | Rule::NoData)
    }
}
