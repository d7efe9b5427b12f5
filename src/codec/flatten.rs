//! From an event to the flat record, from which both formats are written.
//!
//! The inverse of `event.rs`; a field that an event leaves open stays absent.

use super::field::Field;
use super::flat::{Flat, Raw};
use crate::model::event::{Attributes, Body, Event};
use crate::model::money::{Amount, Currency};
use crate::model::{EventTime, Text};

/// The flat record of an event.
pub(crate) fn flatten(event: &Event) -> Flat<'_> {
    let mut flat = Flat::new();
    flat.say(Field::EventId, &event.event_id);
    flat.say_time(Field::OccurredAt, event.occurred_at);
    flat.say(Field::Kind, event.body.kind().as_str());
    match &event.body {
        Body::CampaignAnnounced { campaign_id, team, attributes }
        | Body::CampaignAcknowledged { campaign_id, team, attributes }
        | Body::CampaignLaunched { campaign_id, team, attributes } => {
            flat.say(Field::CampaignId, campaign_id);
            flat.say(Field::Team, team);
            flat.say_attributes(attributes);
        }
        Body::TargetSet { team, measure, from, to, value, currency } => {
            flat.say(Field::Team, team);
            flat.say(Field::Measure, measure.as_str());
            flat.say_time(Field::From, *from);
            flat.say_time(Field::To, *to);
            flat.put(Field::Value, Raw::Int(*value));
            flat.say_maybe(Field::Currency, currency.as_ref().map(Currency::as_str));
        }
        Body::PlaybookChanged { change, reasons } => {
            flat.say(Field::Change, change.as_str());
            flat.put(Field::Reasons, Raw::List(reasons));
        }
        Body::ContentPublished { asset_id, author_team } => {
            flat.say(Field::AssetId, asset_id);
            flat.say(Field::AuthorTeam, author_team.as_str());
        }
        body @ (Body::LeadCreated { .. }
        | Body::LeadStageEntered { .. }
        | Body::LeadAssigned { .. }
        | Body::LeadTouched { .. }
        | Body::LeadDispositioned { .. }
        | Body::LeadMerged { .. }
        | Body::LeadDeleted { .. }
        | Body::LeadErased { .. }) => flat.say_lead(body),
        body @ (Body::DealOpened { .. }
        | Body::DealStageEntered { .. }
        | Body::DealAmountChanged { .. }
        | Body::DealTouched { .. }
        | Body::DealContentUsed { .. }
        | Body::DealLinked { .. }
        | Body::DealDeleted { .. }
        | Body::DealErased { .. }) => flat.say_deal(body),
    }
    flat
}

impl<'a> Flat<'a> {
    fn say(&mut self, field: Field, text: &'a str) {
        self.put(field, Raw::Text(text));
    }

    fn say_maybe(&mut self, field: Field, text: Option<&'a str>) {
        if let Some(text) = text {
            self.say(field, text);
        }
    }

    fn say_time(&mut self, field: Field, time: EventTime) {
        self.put(field, Raw::Instant(time.0));
    }

    fn say_amount(&mut self, amount: Option<&'a Amount>) {
        if let Some(Amount { minor, currency }) = amount {
            self.put(Field::AmountMinor, Raw::Int(*minor));
            self.say(Field::Currency, currency.as_str());
        }
    }

    fn say_attributes(&mut self, Attributes(pairs): &'a Attributes) {
        if !pairs.is_empty() {
            self.put(Field::Attributes, Raw::Pairs(pairs));
        }
    }

    fn say_lead(&mut self, body: &'a Body) {
        match body {
            Body::LeadCreated { lead_id, source, campaign_id, attributes } => {
                self.say(Field::LeadId, lead_id);
                self.say_maybe(Field::Source, source.as_deref());
                self.say_maybe(Field::CampaignId, campaign_id.as_deref());
                self.say_attributes(attributes);
            }
            Body::LeadStageEntered { lead_id, stage } => {
                self.say(Field::LeadId, lead_id);
                self.say(Field::Stage, stage.as_str());
            }
            Body::LeadAssigned { lead_id, owner_id, team } => {
                self.say(Field::LeadId, lead_id);
                self.say(Field::OwnerId, owner_id);
                self.say_maybe(Field::Team, team.as_deref());
            }
            Body::LeadTouched { lead_id, team, channel, automated } => {
                self.say(Field::LeadId, lead_id);
                self.say(Field::Team, team.as_str());
                self.say_maybe(Field::Channel, channel.as_deref());
                self.put(Field::Automated, Raw::Bool(*automated));
            }
            Body::LeadDispositioned { lead_id, verdict, reason } => {
                self.say(Field::LeadId, lead_id);
                self.say(Field::Verdict, verdict.as_str());
                self.say_maybe(Field::Reason, reason.as_deref());
            }
            Body::LeadMerged { lead_id, into } => {
                self.say(Field::LeadId, lead_id);
                self.say(Field::Into, into);
            }
            Body::LeadDeleted { lead_id } | Body::LeadErased { lead_id } => self.say(Field::LeadId, lead_id),
            _ => unreachable!("only events of leads are passed on here"),
        }
    }

    fn say_deal(&mut self, body: &'a Body) {
        match body {
            Body::DealOpened { deal_id, lead_id, amount, origin, attributes } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
                self.say_amount(amount.as_ref());
                self.say_maybe(Field::Origin, origin.map(|origin| origin.as_str()));
                self.say_attributes(attributes);
            }
            Body::DealStageEntered { deal_id, lead_id, stage, status, amount, reason } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
                self.say(Field::Stage, stage);
                self.say(Field::Status, status.as_str());
                self.say_amount(amount.as_ref());
                self.say_maybe(Field::Reason, reason.as_deref());
            }
            Body::DealAmountChanged { deal_id, lead_id, amount } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
                self.say_amount(Some(amount));
            }
            Body::DealTouched { deal_id, lead_id, team, channel, automated } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
                self.say(Field::Team, team.as_str());
                self.say_maybe(Field::Channel, channel.as_deref());
                self.put(Field::Automated, Raw::Bool(*automated));
            }
            Body::DealContentUsed { deal_id, lead_id, asset_id, author_team } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
                self.say(Field::AssetId, asset_id);
                self.say(Field::AuthorTeam, author_team.as_str());
            }
            Body::DealLinked { deal_id, lead_id } => self.say_deal_ids(deal_id, Some(lead_id)),
            Body::DealDeleted { deal_id, lead_id } | Body::DealErased { deal_id, lead_id } => {
                self.say_deal_ids(deal_id, lead_id.as_ref());
            }
            _ => unreachable!("only events of deals are passed on here"),
        }
    }

    fn say_deal_ids(&mut self, deal_id: &'a Text, lead_id: Option<&'a Text>) {
        self.say(Field::DealId, deal_id);
        self.say_maybe(Field::LeadId, lead_id.map(Text::as_str));
    }
}
