//! Which fields an event of each kind has, and of what type, so that a mapping file is judged before the
//! first row. The rows themselves are judged by the codec, as every event is.

use crate::model::event::Kind;
use crate::model::money::Currency;
use crate::model::words::{Author, DealStatus, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict};

/// The fields of every event.
const OF_ALL: [&str; 2] = ["event_id", "occurred_at"];

/// The type of a field in a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldType {
    Text,
    Time,
    Number,
    Flag,
    List,
    Pairs,
}

/// The type of a field.
pub(super) fn type_of(field: &str) -> FieldType {
    match field {
        "occurred_at" | "from" | "to" => FieldType::Time,
        "amount_minor" | "value" => FieldType::Number,
        "automated" => FieldType::Flag,
        "reasons" => FieldType::List,
        "attributes" => FieldType::Pairs,
        _ => FieldType::Text,
    }
}

/// The fields without which an event of a kind is none, and those that it may have.
pub(super) fn fields_of(kind: Kind) -> (Vec<&'static str>, &'static [&'static str]) {
    let (needed, optional): (&[&str], &[&str]) = match kind {
        Kind::LeadCreated => (&["lead_id"], &["source", "campaign_id", "attributes"]),
        Kind::LeadStageEntered => (&["lead_id", "stage"], &[]),
        Kind::LeadAssigned => (&["lead_id", "owner_id"], &["team"]),
        Kind::LeadTouched => (&["lead_id", "team"], &["channel", "automated"]),
        Kind::LeadDispositioned => (&["lead_id", "verdict"], &["reason"]),
        Kind::LeadMerged => (&["lead_id", "into"], &[]),
        Kind::LeadDeleted | Kind::LeadErased => (&["lead_id"], &[]),
        Kind::DealOpened => (&["deal_id"], &["lead_id", "amount_minor", "currency", "origin", "attributes"]),
        Kind::DealStageEntered => {
            (&["deal_id", "stage", "status"], &["lead_id", "amount_minor", "currency", "reason"])
        }
        Kind::DealAmountChanged => (&["deal_id", "amount_minor", "currency"], &["lead_id"]),
        Kind::DealTouched => (&["deal_id", "team"], &["lead_id", "channel", "automated"]),
        Kind::DealContentUsed => (&["deal_id", "asset_id", "author_team"], &["lead_id"]),
        Kind::DealLinked => (&["deal_id", "lead_id"], &[]),
        Kind::DealDeleted | Kind::DealErased => (&["deal_id"], &["lead_id"]),
        Kind::CampaignAnnounced | Kind::CampaignAcknowledged | Kind::CampaignLaunched => {
            (&["campaign_id", "team"], &["attributes"])
        }
        Kind::TargetSet => (&["team", "measure", "from", "to", "value"], &["currency"]),
        Kind::PlaybookChanged => (&["change"], &["reasons"]),
        Kind::ContentPublished => (&["asset_id", "author_team"], &[]),
    };
    ([&OF_ALL, needed].concat(), optional)
}

/// The words of a field that has a closed set of them in events of a kind.
pub(super) fn words_of(kind: Kind, field: &str) -> Option<Vec<&'static str>> {
    fn all<T: Copy>(words: &[T], as_str: fn(T) -> &'static str) -> Option<Vec<&'static str>> {
        Some(words.iter().map(|word| as_str(*word)).collect())
    }
    match (kind, field) {
        (Kind::LeadStageEntered, "stage") => all(Stage::ALL, Stage::as_str),
        (Kind::LeadTouched | Kind::DealTouched, "team") => all(Team::ALL, Team::as_str),
        (_, "verdict") => all(Verdict::ALL, Verdict::as_str),
        (_, "origin") => all(Origin::ALL, Origin::as_str),
        (_, "status") => all(DealStatus::ALL, DealStatus::as_str),
        (_, "author_team") => all(Author::ALL, Author::as_str),
        (_, "measure") => all(TargetMeasure::ALL, TargetMeasure::as_str),
        (_, "change") => all(PlaybookChange::ALL, PlaybookChange::as_str),
        (_, "automated") => Some(vec!["true", "false"]),
        _ => None,
    }
}

/// Whether a constant can stand in a field that has no closed set of words, but rules of its own.
pub(super) fn is_currency(code: &str) -> bool {
    Currency::parse(code).is_some()
}
