//! Any event, for the property tests: every kind, every optional field there or not, texts up to
//! their limits and of any characters.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::event::{Attributes, Body, Event};
use crate::model::money::{AMOUNT_MINOR_MAX, Amount, Currency};
use crate::model::words::{Author, DealStatus, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict};
use crate::model::{EARLIEST, EventTime, LATEST, Text};

/// Up to `chars_max` characters, of which each takes at most 4 bytes.
fn text(chars_max: usize) -> impl Strategy<Value = Text> {
    let plain = "[a-zA-Z0-9_-]{1,30}".prop_map(Text::from);
    let wild = vec(any::<char>(), 1..=chars_max).prop_map(|chars| chars.into_iter().collect());
    prop_oneof![3 => plain, 1 => wild]
}

fn id() -> impl Strategy<Value = Text> {
    text(64)
}

fn words() -> impl Strategy<Value = Text> {
    text(256)
}

fn time() -> impl Strategy<Value = EventTime> {
    (EARLIEST.0..LATEST.0).prop_map(EventTime)
}

fn currency() -> impl Strategy<Value = Currency> {
    "[A-Z]{3}".prop_map(|code| Currency::parse(&code).unwrap())
}

fn amount() -> impl Strategy<Value = Amount> {
    (-AMOUNT_MINOR_MAX..=AMOUNT_MINOR_MAX, currency())
        .prop_map(|(minor, currency)| Amount { minor, currency })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let value = prop_oneof![1 => Just(Text::default()), 9 => words()];
    vec((words(), value), 0..=8).prop_map(Attributes::new)
}

fn lead() -> impl Strategy<Value = Body> {
    prop_oneof![
        (id(), of(words()), of(id()), attributes()).prop_map(|(lead_id, source, campaign_id, attributes)| {
            Body::LeadCreated { lead_id, source, campaign_id, attributes }
        }),
        (id(), select(Stage::ALL)).prop_map(|(lead_id, stage)| Body::LeadStageEntered { lead_id, stage }),
        (id(), id(), of(id())).prop_map(|(lead_id, owner_id, team)| Body::LeadAssigned {
            lead_id,
            owner_id,
            team
        }),
        (id(), select(Team::ALL), of(words()), any::<bool>()).prop_map(
            |(lead_id, team, channel, automated)| { Body::LeadTouched { lead_id, team, channel, automated } }
        ),
        (id(), select(Verdict::ALL), of(words()))
            .prop_map(|(lead_id, verdict, reason)| { Body::LeadDispositioned { lead_id, verdict, reason } }),
        (id(), id())
            .prop_filter("a lead does not become itself", |(lead_id, into)| lead_id != into)
            .prop_map(|(lead_id, into)| Body::LeadMerged { lead_id, into }),
        id().prop_map(|lead_id| Body::LeadDeleted { lead_id }),
        id().prop_map(|lead_id| Body::LeadErased { lead_id }),
    ]
}

fn deal() -> impl Strategy<Value = Body> {
    prop_oneof![
        (id(), of(id()), of(amount()), of(select(Origin::ALL)), attributes()).prop_map(
            |(deal_id, lead_id, amount, origin, attributes)| {
                Body::DealOpened { deal_id, lead_id, amount, origin, attributes }
            }
        ),
        (id(), of(id()), words(), select(DealStatus::ALL), of(amount()), of(words())).prop_map(
            |(deal_id, lead_id, stage, status, amount, reason)| {
                Body::DealStageEntered { deal_id, lead_id, stage, status, amount, reason }
            }
        ),
        (id(), of(id()), amount())
            .prop_map(|(deal_id, lead_id, amount)| { Body::DealAmountChanged { deal_id, lead_id, amount } }),
        (id(), of(id()), select(Team::ALL), of(words()), any::<bool>()).prop_map(
            |(deal_id, lead_id, team, channel, automated)| {
                Body::DealTouched { deal_id, lead_id, team, channel, automated }
            }
        ),
        (id(), of(id()), id(), select(Author::ALL)).prop_map(|(deal_id, lead_id, asset_id, author_team)| {
            Body::DealContentUsed { deal_id, lead_id, asset_id, author_team }
        }),
        (id(), id()).prop_map(|(deal_id, lead_id)| Body::DealLinked { deal_id, lead_id }),
        (id(), of(id())).prop_map(|(deal_id, lead_id)| Body::DealDeleted { deal_id, lead_id }),
        (id(), of(id())).prop_map(|(deal_id, lead_id)| Body::DealErased { deal_id, lead_id }),
    ]
}

fn program() -> impl Strategy<Value = Body> {
    let campaign = || (id(), id(), attributes());
    prop_oneof![
        campaign().prop_map(|(campaign_id, team, attributes)| {
            Body::CampaignAnnounced { campaign_id, team, attributes }
        }),
        campaign().prop_map(|(campaign_id, team, attributes)| {
            Body::CampaignAcknowledged { campaign_id, team, attributes }
        }),
        campaign().prop_map(|(campaign_id, team, attributes)| {
            Body::CampaignLaunched { campaign_id, team, attributes }
        }),
        (id(), select(TargetMeasure::ALL), time(), time(), 0..=i64::MAX, of(currency()))
            .prop_filter("a period has a length", |(_, _, from, to, _, _)| from != to)
            .prop_map(|(team, measure, a, b, value, currency)| {
                Body::TargetSet { team, measure, from: a.min(b), to: a.max(b), value, currency }
            }),
        (select(PlaybookChange::ALL), vec(words(), 0..=8))
            .prop_map(|(change, reasons)| { Body::PlaybookChanged { change, reasons: reasons.into() } }),
        (id(), select(Author::ALL))
            .prop_map(|(asset_id, author_team)| { Body::ContentPublished { asset_id, author_team } }),
    ]
}

/// Any event that the contract allows.
pub(super) fn any_event() -> impl Strategy<Value = Event> {
    (text(32), time(), prop_oneof![lead(), deal(), program()])
        .prop_map(|(event_id, occurred_at, body)| Event { event_id, occurred_at, body })
}
