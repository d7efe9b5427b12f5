//! A lead, deal or program event as a CRM pipeline puts it on Kafka: the public contract.
//!
//! `schemas/event.avsc` is the same in Avro. The log's own records are in [`super::control`].

use serde::{Deserialize, Serialize};

use super::entity::{EntityKind, EntityName};
use super::money::{Amount, Currency};
use super::words::{Author, DealStatus, Family, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict};
use super::{EventTime, Text};

/// One event of the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Identity, together with the entity and the kind: seen twice it is the same fact.
    pub event_id: Text,
    /// When it happened in the CRM.
    pub occurred_at: EventTime,
    /// What happened.
    pub body: Body,
}

/// Free `key = value` pairs that feed segments, sorted by key, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(pub Box<[(Text, Text)]>);

impl Attributes {
    /// Sorts the pairs; of a key that is said twice the last value holds.
    pub fn new(pairs: impl IntoIterator<Item = (Text, Text)>) -> Attributes {
        let sorted: std::collections::BTreeMap<Text, Text> = pairs.into_iter().collect();
        Attributes(sorted.into_iter().collect())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Text> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    }
}

/// What happened, with the fields of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the contract's own names; the variants say what they mean")]
pub enum Body {
    /// A lead became known.
    LeadCreated { lead_id: Text, source: Option<Text>, campaign_id: Option<Text>, attributes: Attributes },
    /// A lead entered a stage.
    LeadStageEntered { lead_id: Text, stage: Stage },
    /// A lead was given to a person (and perhaps a team of theirs).
    LeadAssigned { lead_id: Text, owner_id: Text, team: Option<Text> },
    /// Somebody, or a machine, got in touch with a lead.
    LeadTouched { lead_id: Text, team: Team, channel: Option<Text>, automated: bool },
    /// Sales gave its verdict on a lead.
    LeadDispositioned { lead_id: Text, verdict: Verdict, reason: Option<Text> },
    /// Two leads turned out to be one: `lead_id` lives on as `into`.
    LeadMerged { lead_id: Text, into: Text },
    /// A lead should never have counted.
    LeadDeleted { lead_id: Text },
    /// Privacy: the person is to be forgotten, the counts stay.
    LeadErased { lead_id: Text },
    /// A deal was opened.
    DealOpened {
        deal_id: Text,
        lead_id: Option<Text>,
        amount: Option<Amount>,
        origin: Option<Origin>,
        attributes: Attributes,
    },
    /// A deal entered a stage of its pipeline.
    DealStageEntered {
        deal_id: Text,
        lead_id: Option<Text>,
        stage: Text,
        status: DealStatus,
        amount: Option<Amount>,
        reason: Option<Text>,
    },
    /// The amount of a deal changed.
    DealAmountChanged { deal_id: Text, lead_id: Option<Text>, amount: Amount },
    /// Somebody, or a machine, got in touch about a deal.
    DealTouched { deal_id: Text, lead_id: Option<Text>, team: Team, channel: Option<Text>, automated: bool },
    /// A piece of content was used to sell.
    DealContentUsed { deal_id: Text, lead_id: Option<Text>, asset_id: Text, author_team: Author },
    /// A deal turned out to belong to a lead.
    DealLinked { deal_id: Text, lead_id: Text },
    /// A deal should never have counted.
    DealDeleted { deal_id: Text, lead_id: Option<Text> },
    /// Privacy: as for a lead.
    DealErased { deal_id: Text, lead_id: Option<Text> },
    /// A campaign was announced to the other team.
    CampaignAnnounced { campaign_id: Text, team: Text, attributes: Attributes },
    /// The other team acknowledged a campaign.
    CampaignAcknowledged { campaign_id: Text, team: Text, attributes: Attributes },
    /// A campaign went out.
    CampaignLaunched { campaign_id: Text, team: Text, attributes: Attributes },
    /// A team was given a target for `from` (inclusive) to `to` (exclusive).
    TargetSet {
        team: Text,
        measure: TargetMeasure,
        from: EventTime,
        to: EventTime,
        value: i64,
        currency: Option<Currency>,
    },
    /// Marketing changed its playbook, naming the reject reasons that it answers.
    PlaybookChanged { change: PlaybookChange, reasons: Box<[Text]> },
    /// A piece of content was published.
    ContentPublished { asset_id: Text, author_team: Author },
}

/// Makes the list of kinds in the order in which facts of equal time are sorted.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// The kind of an event: one enum over all families. The order breaks ties of event time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "named as the variants of Body")]
        pub enum Kind { $($variant),+ }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),+];

            /// The word in the record.
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$variant => $word),+ }
            }

            /// The kind with this word, if there is one.
            pub fn parse(word: &str) -> Option<Kind> {
                match word { $($word => Some(Kind::$variant),)+ _ => None }
            }
        }

        impl Body {
            /// The kind of this event.
            pub fn kind(&self) -> Kind {
                match self { $(Body::$variant { .. } => Kind::$variant),+ }
            }
        }
    };
}

kinds! {
    LeadCreated = "lead_created",
    LeadStageEntered = "lead_stage_entered",
    LeadAssigned = "lead_assigned",
    LeadTouched = "lead_touched",
    LeadDispositioned = "lead_dispositioned",
    LeadMerged = "lead_merged",
    LeadDeleted = "lead_deleted",
    LeadErased = "lead_erased",
    DealOpened = "deal_opened",
    DealStageEntered = "deal_stage_entered",
    DealAmountChanged = "deal_amount_changed",
    DealTouched = "deal_touched",
    DealContentUsed = "deal_content_used",
    DealLinked = "deal_linked",
    DealDeleted = "deal_deleted",
    DealErased = "deal_erased",
    CampaignAnnounced = "campaign_announced",
    CampaignAcknowledged = "campaign_acknowledged",
    CampaignLaunched = "campaign_launched",
    TargetSet = "target_set",
    PlaybookChanged = "playbook_changed",
    ContentPublished = "content_published",
}

impl Kind {
    /// The family that it belongs to; none for erasures, which come when somebody asks for them.
    pub fn family(self) -> Option<Family> {
        Some(match self {
            Kind::LeadCreated
            | Kind::LeadStageEntered
            | Kind::LeadAssigned
            | Kind::LeadMerged
            | Kind::LeadDeleted => Family::Leads,
            Kind::LeadTouched | Kind::DealTouched => Family::Touches,
            Kind::LeadDispositioned => Family::Verdicts,
            Kind::DealOpened
            | Kind::DealStageEntered
            | Kind::DealAmountChanged
            | Kind::DealLinked
            | Kind::DealDeleted => Family::Deals,
            Kind::DealContentUsed | Kind::ContentPublished => Family::Content,
            Kind::CampaignAnnounced
            | Kind::CampaignAcknowledged
            | Kind::CampaignLaunched
            | Kind::TargetSet
            | Kind::PlaybookChanged => Family::Programs,
            Kind::LeadErased | Kind::DealErased => return None,
        })
    }
}

impl Body {
    /// The families as which it is heard: that of its kind, and of a human touch by sales that of these as well.
    pub fn families(&self) -> impl Iterator<Item = Family> + use<> {
        let of_sales = matches!(
            self,
            Body::LeadTouched { team: Team::Sales, automated: false, .. }
                | Body::DealTouched { team: Team::Sales, automated: false, .. }
        );
        self.kind().family().into_iter().chain(of_sales.then_some(Family::SalesTouches))
    }
}

impl Event {
    /// The entity whose fact this is: a lead, a deal or a program.
    pub fn entity(&self) -> EntityName {
        let (kind, id) = match &self.body {
            Body::LeadCreated { lead_id, .. }
            | Body::LeadStageEntered { lead_id, .. }
            | Body::LeadAssigned { lead_id, .. }
            | Body::LeadTouched { lead_id, .. }
            | Body::LeadDispositioned { lead_id, .. }
            | Body::LeadMerged { lead_id, .. }
            | Body::LeadDeleted { lead_id }
            | Body::LeadErased { lead_id } => (EntityKind::Lead, lead_id),
            Body::DealOpened { deal_id, .. }
            | Body::DealStageEntered { deal_id, .. }
            | Body::DealAmountChanged { deal_id, .. }
            | Body::DealTouched { deal_id, .. }
            | Body::DealContentUsed { deal_id, .. }
            | Body::DealLinked { deal_id, .. }
            | Body::DealDeleted { deal_id, .. }
            | Body::DealErased { deal_id, .. } => (EntityKind::Deal, deal_id),
            Body::CampaignAnnounced { campaign_id, .. }
            | Body::CampaignAcknowledged { campaign_id, .. }
            | Body::CampaignLaunched { campaign_id, .. } => (EntityKind::Program, campaign_id),
            Body::TargetSet { team, .. } => (EntityKind::Program, team),
            Body::PlaybookChanged { .. } => {
                return EntityName { kind: EntityKind::Program, id: "marketing".into() };
            }
            Body::ContentPublished { asset_id, .. } => (EntityKind::Program, asset_id),
        };
        EntityName { kind, id: id.clone() }
    }

    /// The lead that a deal event names, which makes the deal part of that lead's journey.
    pub fn named_lead(&self) -> Option<&Text> {
        match &self.body {
            Body::DealOpened { lead_id, .. }
            | Body::DealStageEntered { lead_id, .. }
            | Body::DealAmountChanged { lead_id, .. }
            | Body::DealTouched { lead_id, .. }
            | Body::DealContentUsed { lead_id, .. }
            | Body::DealDeleted { lead_id, .. }
            | Body::DealErased { lead_id, .. } => lead_id.as_ref(),
            _ => None,
        }
    }

    /// The key of its record in the event log: the lead where one is named, else the deal, else the
    /// campaign, team or asset. `deal_linked` is keyed by its deal.
    pub fn record_key(&self) -> Text {
        match self.named_lead() {
            Some(lead_id) => lead_id.clone(),
            None => self.entity().id,
        }
    }
}
