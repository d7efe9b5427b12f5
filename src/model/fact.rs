//! What a journey remembers of an event: its time, its identity and what it says, without the
//! names of the entities, which the row that holds it knows.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::entity::{FactId, IdSpace};
use super::event::{Attributes, Body, Event, Kind};
use super::money::{Amount, Currency};
use super::words::{Author, DealStatus, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict};
use super::{EventTime, Text};

/// One fact of a lead, a deal or a program. [`Fact::order`] is the order of facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// When it happened.
    pub at: EventTime,
    /// Hash of its event id.
    pub id: FactId,
    /// What it says.
    pub says: Says,
}

/// What a fact says. Merges and links are not facts of a journey: they say where its facts live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of the event of the same name")]
pub enum Says {
    /// `lead_created`.
    Created { source: Option<Text>, campaign_id: Option<Text>, attributes: Attributes },
    /// `lead_stage_entered`.
    StageEntered { stage: Stage },
    /// `lead_assigned`.
    Assigned { owner_id: Text, team: Option<Text> },
    /// `lead_touched`.
    Touched { team: Team, channel: Option<Text>, automated: bool },
    /// `lead_dispositioned`.
    Dispositioned { verdict: Verdict, reason: Option<Text> },
    /// `lead_deleted`.
    Deleted,
    /// `lead_erased`.
    Erased,
    /// `deal_opened`.
    DealOpened { amount: Option<Amount>, origin: Option<Origin>, attributes: Attributes },
    /// `deal_stage_entered`.
    DealStageEntered { stage: Text, status: DealStatus, amount: Option<Amount>, reason: Option<Text> },
    /// `deal_amount_changed`.
    DealAmountChanged { amount: Amount },
    /// `deal_touched`.
    DealTouched { team: Team, channel: Option<Text>, automated: bool },
    /// `deal_content_used`.
    DealContentUsed { asset_id: Text, author_team: Author },
    /// `deal_deleted`.
    DealDeleted,
    /// `deal_erased`.
    DealErased,
    /// `campaign_announced`.
    CampaignAnnounced { campaign_id: Text, team: Text },
    /// `campaign_acknowledged`.
    CampaignAcknowledged { campaign_id: Text, team: Text },
    /// `campaign_launched`.
    CampaignLaunched { campaign_id: Text, team: Text },
    /// `target_set`.
    TargetSet {
        team: Text,
        measure: TargetMeasure,
        from: EventTime,
        to: EventTime,
        value: i64,
        currency: Option<Currency>,
    },
    /// `playbook_changed`.
    PlaybookChanged { change: PlaybookChange, reasons: Box<[Text]> },
    /// `content_published`.
    ContentPublished { asset_id: Text, author_team: Author },
}

impl Says {
    /// The kind of event that says this.
    pub fn kind(&self) -> Kind {
        match self {
            Says::Created { .. } => Kind::LeadCreated,
            Says::StageEntered { .. } => Kind::LeadStageEntered,
            Says::Assigned { .. } => Kind::LeadAssigned,
            Says::Touched { .. } => Kind::LeadTouched,
            Says::Dispositioned { .. } => Kind::LeadDispositioned,
            Says::Deleted => Kind::LeadDeleted,
            Says::Erased => Kind::LeadErased,
            Says::DealOpened { .. } => Kind::DealOpened,
            Says::DealStageEntered { .. } => Kind::DealStageEntered,
            Says::DealAmountChanged { .. } => Kind::DealAmountChanged,
            Says::DealTouched { .. } => Kind::DealTouched,
            Says::DealContentUsed { .. } => Kind::DealContentUsed,
            Says::DealDeleted => Kind::DealDeleted,
            Says::DealErased => Kind::DealErased,
            Says::CampaignAnnounced { .. } => Kind::CampaignAnnounced,
            Says::CampaignAcknowledged { .. } => Kind::CampaignAcknowledged,
            Says::CampaignLaunched { .. } => Kind::CampaignLaunched,
            Says::TargetSet { .. } => Kind::TargetSet,
            Says::PlaybookChanged { .. } => Kind::PlaybookChanged,
            Says::ContentPublished { .. } => Kind::ContentPublished,
        }
    }
}

impl Says {
    /// How far along it is among facts of its kind: what is said of one moment is taken to have come about in the
    /// order of a funnel, and a deal to be open first.
    fn progress(&self) -> u8 {
        match self {
            Says::StageEntered { stage } => *stage as u8,
            Says::DealStageEntered { status, .. } => *status as u8,
            _ => 0,
        }
    }

    /// Whether this forgets its entity.
    pub fn is_erasure(&self) -> bool {
        matches!(self, Says::Erased | Says::DealErased)
    }
}

impl Fact {
    /// The fact in an event; `None` for `lead_merged` and `deal_linked`, which say where facts live.
    pub fn of(event: &Event, ids: &IdSpace) -> Option<Fact> {
        let says = match event.body.clone() {
            Body::LeadCreated { source, campaign_id, attributes, .. } => {
                Says::Created { source, campaign_id, attributes }
            }
            Body::LeadStageEntered { stage, .. } => Says::StageEntered { stage },
            Body::LeadAssigned { owner_id, team, .. } => Says::Assigned { owner_id, team },
            Body::LeadTouched { team, channel, automated, .. } => Says::Touched { team, channel, automated },
            Body::LeadDispositioned { verdict, reason, .. } => Says::Dispositioned { verdict, reason },
            Body::LeadMerged { .. } | Body::DealLinked { .. } => return None,
            Body::LeadDeleted { .. } => Says::Deleted,
            Body::LeadErased { .. } => Says::Erased,
            Body::DealOpened { amount, origin, attributes, .. } => {
                Says::DealOpened { amount, origin, attributes }
            }
            Body::DealStageEntered { stage, status, amount, reason, .. } => {
                Says::DealStageEntered { stage, status, amount, reason }
            }
            Body::DealAmountChanged { amount, .. } => Says::DealAmountChanged { amount },
            Body::DealTouched { team, channel, automated, .. } => {
                Says::DealTouched { team, channel, automated }
            }
            Body::DealContentUsed { asset_id, author_team, .. } => {
                Says::DealContentUsed { asset_id, author_team }
            }
            Body::DealDeleted { .. } => Says::DealDeleted,
            Body::DealErased { .. } => Says::DealErased,
            Body::CampaignAnnounced { campaign_id, team, .. } => {
                Says::CampaignAnnounced { campaign_id, team }
            }
            Body::CampaignAcknowledged { campaign_id, team, .. } => {
                Says::CampaignAcknowledged { campaign_id, team }
            }
            Body::CampaignLaunched { campaign_id, team, .. } => Says::CampaignLaunched { campaign_id, team },
            Body::TargetSet { team, measure, from, to, value, currency } => {
                Says::TargetSet { team, measure, from, to, value, currency }
            }
            Body::PlaybookChanged { change, reasons } => Says::PlaybookChanged { change, reasons },
            Body::ContentPublished { asset_id, author_team } => {
                Says::ContentPublished { asset_id, author_team }
            }
        };
        Some(Fact { at: event.occurred_at, id: ids.fact_id(&event.event_id), says })
    }

    /// The order of facts: event time, then kind, then meaning, then content. Two facts that are equal in all of it
    /// say the same; the hash of the event id, which is another one in each installation, only tells them apart.
    pub fn order(&self, other: &Fact) -> Ordering {
        let by_meaning = |fact: &Fact| (fact.at, fact.says.kind(), fact.says.progress());
        let by_content = || self.canonical().cmp(&other.canonical());
        by_meaning(self).cmp(&by_meaning(other)).then_with(by_content).then(self.id.cmp(&other.id))
    }

    /// The bytes by which two contents are compared: of one identity the smaller is kept, of one moment it comes first.
    pub fn canonical(&self) -> Vec<u8> {
        postcard::to_stdvec(&(self.at, &self.says)).expect("a fact always encodes")
    }
}
