//! The closed sets of words that events speak: stages, teams, verdicts, statuses.
//!
//! Each word has one spelling, shared by JSON, Avro, metrics and configuration.

use serde::{Deserialize, Serialize};

/// Makes an enum whose variants have one spelling each, in JSON, Avro, labels and configuration.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The one spelling of this word.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The word with this spelling, if there is one.
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How far a lead has come. The order is that of the funnel; `Disqualified` stands outside it.
    Stage {
        /// Known, not yet qualified by anyone.
        Lead = "lead",
        /// Marketing qualified.
        Mql = "mql",
        /// Sales accepted: sales agreed to work it.
        Sal = "sal",
        /// Sales qualified: a conversation confirmed a real opportunity.
        Sql = "sql",
        /// An open deal exists.
        Opportunity = "opportunity",
        /// A deal was won.
        Customer = "customer",
        /// Out, after contact.
        Disqualified = "disqualified",
    }
}

impl Stage {
    /// The stages that can be *reached*, in the order of the funnel.
    pub const FUNNEL: [Stage; 6] =
        [Stage::Lead, Stage::Mql, Stage::Sal, Stage::Sql, Stage::Opportunity, Stage::Customer];
}

words! {
    /// A conversion between two stages that is followed by cohort of entry.
    Step {
        /// From a known lead to a marketing qualified one.
        LeadToMql = "lead_to_mql",
        /// From marketing qualified to accepted by sales.
        MqlToSal = "mql_to_sal",
        /// From marketing qualified to sales qualified.
        MqlToSql = "mql_to_sql",
        /// From marketing qualified to a won deal.
        MqlToWon = "mql_to_won",
        /// From accepted to sales qualified.
        SalToSql = "sal_to_sql",
        /// From sales qualified to an open deal.
        SqlToOpportunity = "sql_to_opportunity",
        /// From sales qualified to a won deal.
        SqlToWon = "sql_to_won",
        /// From an open deal to a won one.
        OpportunityToWon = "opportunity_to_won",
    }
}

impl Step {
    /// The stage whose entry starts the clock.
    pub fn from(self) -> Stage {
        match self {
            Step::LeadToMql => Stage::Lead,
            Step::MqlToSal | Step::MqlToSql | Step::MqlToWon => Stage::Mql,
            Step::SalToSql => Stage::Sal,
            Step::SqlToOpportunity | Step::SqlToWon => Stage::Sql,
            Step::OpportunityToWon => Stage::Opportunity,
        }
    }

    /// The stage whose entry is the conversion.
    pub fn to(self) -> Stage {
        match self {
            Step::LeadToMql => Stage::Mql,
            Step::MqlToSal => Stage::Sal,
            Step::MqlToSql | Step::SalToSql => Stage::Sql,
            Step::SqlToOpportunity => Stage::Opportunity,
            Step::MqlToWon | Step::SqlToWon | Step::OpportunityToWon => Stage::Customer,
        }
    }
}

words! {
    /// One of the two partners.
    Team {
        /// Marketing.
        Marketing = "marketing",
        /// Sales.
        Sales = "sales",
    }
}

words! {
    /// Who made a piece of content.
    Author {
        /// Marketing.
        Marketing = "marketing",
        /// Sales.
        Sales = "sales",
        /// Neither: a partner, an agency, product.
        Other = "other",
    }
}

words! {
    /// Who brought a deal.
    Origin {
        /// Marketing.
        Marketing = "marketing",
        /// Sales.
        Sales = "sales",
        /// A partner.
        Partner = "partner",
    }
}

words! {
    /// What sales says of a lead.
    Verdict {
        /// Sales will work it.
        Accepted = "accepted",
        /// Sent back before contact.
        Rejected = "rejected",
        /// Sent back to be nurtured.
        Recycled = "recycled",
        /// Out, after contact.
        Disqualified = "disqualified",
    }
}

impl Verdict {
    /// Whether the verdict ends the open stage and closes the MQL cycle.
    pub fn is_negative(self) -> bool {
        self != Verdict::Accepted
    }
}

words! {
    /// Whether a deal is still open.
    DealStatus {
        /// Still being worked.
        Open = "open",
        /// Won.
        Won = "won",
        /// Lost.
        Lost = "lost",
    }
}

words! {
    /// What a target counts.
    TargetMeasure {
        /// Marketing qualified leads.
        Mql = "mql",
        /// Sales qualified leads.
        Sql = "sql",
        /// Won deals.
        Won = "won",
        /// Won revenue, in minor units of a currency.
        Revenue = "revenue",
    }
}

words! {
    /// What marketing changed in answer to what sales reports.
    PlaybookChange {
        /// The scoring.
        Scoring = "scoring",
        /// The definition of a qualified lead.
        Definition = "definition",
        /// The nurture programme.
        Nurture = "nurture",
        /// The content.
        Content = "content",
    }
}

words! {
    /// Kinds of events that one feed of a CRM brings: they usually stop together.
    Family {
        /// Leads and the stages that they enter.
        Leads = "leads",
        /// Touches of leads and deals.
        Touches = "touches",
        /// Verdicts of sales on leads.
        Verdicts = "verdicts",
        /// Deals, their stages and amounts.
        Deals = "deals",
        /// Content used in deals, and published.
        Content = "content",
        /// Campaigns, targets and the playbook.
        Programs = "programs",
        /// Of the touches those by a person of sales. The last one: the state knows families by their place.
        SalesTouches = "sales_touches",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for &stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        }
        for &step in Step::ALL {
            assert_eq!(step.as_str(), step_name(step), "a step is named after its stages");
            assert!(step.from() < step.to());
        }
        assert_eq!(Stage::parse("MQL"), None);
    }

    fn step_name(step: Step) -> String {
        let to = if step.to() == Stage::Customer { "won" } else { step.to().as_str() };
        format!("{}_to_{to}", step.from())
    }
}
