//! From the flat record to an event: the one place where the contract is judged.
//!
//! Only the fields that the kind uses are looked at, in the order of the kind's own fields, so that
//! the same record always gets the same rejection, whatever its format and the order of its fields.
//! A rejection names the field and never the value.

use super::field::Field;
use super::flat::{Flat, Raw};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::{Attributes, Body, Event, Kind};
use crate::model::money::{AMOUNT_MINOR_MAX, Amount, Currency};
use crate::model::words::{Author, DealStatus, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict};
use crate::model::{
    ATTRIBUTES_MAX, EVENT_ID_BYTES_MAX, EventTime, ID_BYTES_MAX, REASONS_MAX, TEXT_BYTES_MAX, Text,
};

/// Floats up to here hold every whole number.
const EXACT_FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

/// The event in a flat record.
pub(crate) fn event(flat: &Flat<'_>) -> Result<Event, Rejection> {
    let kind = flat.required_word(Field::Kind, Kind::parse).map_err(|rejection| match rejection.reason {
        Reason::UnknownSymbol => Rejection { reason: Reason::UnknownKind, ..rejection },
        _ => rejection,
    })?;
    let event_id = flat.bounded(Field::EventId, EVENT_ID_BYTES_MAX)?;
    let event_id = required(event_id, Field::EventId)?;
    let occurred_at = flat.required_time(Field::OccurredAt)?;
    let body = match kind {
        Kind::LeadCreated
        | Kind::LeadStageEntered
        | Kind::LeadAssigned
        | Kind::LeadTouched
        | Kind::LeadDispositioned
        | Kind::LeadMerged
        | Kind::LeadDeleted
        | Kind::LeadErased => lead(kind, flat)?,
        Kind::DealOpened
        | Kind::DealStageEntered
        | Kind::DealAmountChanged
        | Kind::DealTouched
        | Kind::DealContentUsed
        | Kind::DealLinked
        | Kind::DealDeleted
        | Kind::DealErased => deal(kind, flat)?,
        Kind::CampaignAnnounced
        | Kind::CampaignAcknowledged
        | Kind::CampaignLaunched
        | Kind::TargetSet
        | Kind::PlaybookChanged
        | Kind::ContentPublished => program(kind, flat)?,
    };
    Ok(Event { event_id, occurred_at, body })
}

fn lead(kind: Kind, flat: &Flat<'_>) -> Result<Body, Rejection> {
    let lead_id = flat.required_id(Field::LeadId)?;
    Ok(match kind {
        Kind::LeadCreated => Body::LeadCreated {
            lead_id,
            source: flat.text(Field::Source)?,
            campaign_id: flat.id(Field::CampaignId)?,
            attributes: flat.attributes()?,
        },
        Kind::LeadStageEntered => {
            Body::LeadStageEntered { lead_id, stage: flat.required_word(Field::Stage, Stage::parse)? }
        }
        Kind::LeadAssigned => {
            Body::LeadAssigned { lead_id, owner_id: flat.required_id(Field::OwnerId)?, team: flat.team()? }
        }
        Kind::LeadTouched => Body::LeadTouched {
            lead_id,
            team: flat.required_word(Field::Team, Team::parse)?,
            channel: flat.text(Field::Channel)?,
            automated: flat.flag(Field::Automated)?,
        },
        Kind::LeadDispositioned => Body::LeadDispositioned {
            lead_id,
            verdict: flat.required_word(Field::Verdict, Verdict::parse)?,
            reason: flat.text(Field::Reason)?,
        },
        Kind::LeadMerged => {
            let into = flat.required_id(Field::Into)?;
            if into == lead_id {
                return Err(reject(Reason::ImpossibleValue, Field::Into));
            }
            Body::LeadMerged { lead_id, into }
        }
        Kind::LeadDeleted => Body::LeadDeleted { lead_id },
        Kind::LeadErased => Body::LeadErased { lead_id },
        _ => unreachable!("only kinds of leads are passed on here"),
    })
}

fn deal(kind: Kind, flat: &Flat<'_>) -> Result<Body, Rejection> {
    let deal_id = flat.required_id(Field::DealId)?;
    if kind == Kind::DealLinked {
        return Ok(Body::DealLinked { deal_id, lead_id: flat.required_id(Field::LeadId)? });
    }
    let lead_id = flat.id(Field::LeadId)?;
    Ok(match kind {
        Kind::DealOpened => Body::DealOpened {
            deal_id,
            lead_id,
            amount: flat.amount()?,
            origin: flat.word(Field::Origin, Origin::parse)?,
            attributes: flat.attributes()?,
        },
        Kind::DealStageEntered => Body::DealStageEntered {
            deal_id,
            lead_id,
            stage: required(flat.bounded(Field::Stage, TEXT_BYTES_MAX)?, Field::Stage)?,
            status: flat.required_word(Field::Status, DealStatus::parse)?,
            amount: flat.amount()?,
            reason: flat.text(Field::Reason)?,
        },
        Kind::DealAmountChanged => Body::DealAmountChanged {
            deal_id,
            lead_id,
            amount: required(flat.amount()?, Field::AmountMinor)?,
        },
        Kind::DealTouched => Body::DealTouched {
            deal_id,
            lead_id,
            team: flat.required_word(Field::Team, Team::parse)?,
            channel: flat.text(Field::Channel)?,
            automated: flat.flag(Field::Automated)?,
        },
        Kind::DealContentUsed => Body::DealContentUsed {
            deal_id,
            lead_id,
            asset_id: flat.required_id(Field::AssetId)?,
            author_team: flat.required_word(Field::AuthorTeam, Author::parse)?,
        },
        Kind::DealDeleted => Body::DealDeleted { deal_id, lead_id },
        Kind::DealErased => Body::DealErased { deal_id, lead_id },
        _ => unreachable!("only kinds of deals are passed on here"),
    })
}

fn program(kind: Kind, flat: &Flat<'_>) -> Result<Body, Rejection> {
    Ok(match kind {
        Kind::CampaignAnnounced => {
            let (campaign_id, team, attributes) = campaign(flat)?;
            Body::CampaignAnnounced { campaign_id, team, attributes }
        }
        Kind::CampaignAcknowledged => {
            let (campaign_id, team, attributes) = campaign(flat)?;
            Body::CampaignAcknowledged { campaign_id, team, attributes }
        }
        Kind::CampaignLaunched => {
            let (campaign_id, team, attributes) = campaign(flat)?;
            Body::CampaignLaunched { campaign_id, team, attributes }
        }
        Kind::TargetSet => target(flat)?,
        Kind::PlaybookChanged => Body::PlaybookChanged {
            change: flat.required_word(Field::Change, PlaybookChange::parse)?,
            reasons: flat.reasons()?,
        },
        Kind::ContentPublished => Body::ContentPublished {
            asset_id: flat.required_id(Field::AssetId)?,
            author_team: flat.required_word(Field::AuthorTeam, Author::parse)?,
        },
        _ => unreachable!("only kinds of programs are passed on here"),
    })
}

fn campaign(flat: &Flat<'_>) -> Result<(Text, Text, Attributes), Rejection> {
    Ok((flat.required_id(Field::CampaignId)?, flat.required_id(Field::Team)?, flat.attributes()?))
}

fn target(flat: &Flat<'_>) -> Result<Body, Rejection> {
    let team = flat.required_id(Field::Team)?;
    let measure = flat.required_word(Field::Measure, TargetMeasure::parse)?;
    let from = flat.required_time(Field::From)?;
    let to = flat.required_time(Field::To)?;
    if to <= from {
        return Err(reject(Reason::ImpossibleValue, Field::To));
    }
    let value = required(flat.whole(Field::Value)?, Field::Value)?;
    if value < 0 {
        return Err(reject(Reason::ImpossibleValue, Field::Value));
    }
    Ok(Body::TargetSet { team, measure, from, to, value, currency: flat.currency()? })
}

fn reject(reason: Reason, field: Field) -> Rejection {
    Rejection::field(reason, field.as_str())
}

fn required<T>(value: Option<T>, field: Field) -> Result<T, Rejection> {
    value.ok_or_else(|| reject(Reason::MissingField, field))
}

impl Flat<'_> {
    /// The text of a field, if it is said.
    fn said(&self, field: Field) -> Result<Option<&str>, Rejection> {
        match self.get(field) {
            Raw::Absent => Ok(None),
            raw => raw.text().map(Some).ok_or_else(|| reject(Reason::WrongType, field)),
        }
    }

    /// Text of 1 to `bytes_max` bytes.
    fn bounded(&self, field: Field, bytes_max: usize) -> Result<Option<Text>, Rejection> {
        match self.said(field)? {
            None => Ok(None),
            Some("") => Err(reject(Reason::ImpossibleValue, field)),
            Some(text) if text.len() > bytes_max => Err(reject(Reason::TooLong, field)),
            Some(text) => Ok(Some(Text::from(text))),
        }
    }

    fn id(&self, field: Field) -> Result<Option<Text>, Rejection> {
        self.bounded(field, ID_BYTES_MAX)
    }

    fn required_id(&self, field: Field) -> Result<Text, Rejection> {
        required(self.id(field)?, field)
    }

    /// Text that nobody has to say: empty is as good as absent.
    fn unless_empty(&self, field: Field, bytes_max: usize) -> Result<Option<Text>, Rejection> {
        match self.said(field)? {
            Some("") => Ok(None),
            _ => self.bounded(field, bytes_max),
        }
    }

    fn text(&self, field: Field) -> Result<Option<Text>, Rejection> {
        self.unless_empty(field, TEXT_BYTES_MAX)
    }

    fn team(&self) -> Result<Option<Text>, Rejection> {
        self.unless_empty(Field::Team, ID_BYTES_MAX)
    }

    fn word<T>(&self, field: Field, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Rejection> {
        match self.said(field)? {
            None => Ok(None),
            Some(word) => parse(word).map(Some).ok_or_else(|| reject(Reason::UnknownSymbol, field)),
        }
    }

    fn required_word<T>(&self, field: Field, parse: fn(&str) -> Option<T>) -> Result<T, Rejection> {
        required(self.word(field, parse)?, field)
    }

    fn flag(&self, field: Field) -> Result<bool, Rejection> {
        match self.get(field) {
            Raw::Absent => Ok(false),
            Raw::Bool(flag) => Ok(*flag),
            _ => Err(reject(Reason::WrongType, field)),
        }
    }

    fn whole(&self, field: Field) -> Result<Option<i64>, Rejection> {
        match self.get(field) {
            Raw::Absent => Ok(None),
            Raw::Int(n) => Ok(Some(*n)),
            _ => Err(reject(Reason::WrongType, field)),
        }
    }

    fn required_time(&self, field: Field) -> Result<EventTime, Rejection> {
        let time = match self.get(field) {
            Raw::Absent => return Err(reject(Reason::MissingField, field)),
            Raw::Int(ms) | Raw::Instant(ms) => Some(*ms),
            Raw::Float(ms) if ms.fract() == 0.0 && ms.abs() <= EXACT_FLOAT_MAX => Some(*ms as i64),
            raw => raw.text().and_then(|text| Some(text.parse::<jiff::Timestamp>().ok()?.as_millisecond())),
        };
        match time.map(EventTime) {
            Some(time) if time.is_possible() => Ok(time),
            Some(_) => Err(reject(Reason::ImpossibleValue, field)),
            None => Err(reject(Reason::WrongType, field)),
        }
    }

    fn currency(&self) -> Result<Option<Currency>, Rejection> {
        match self.said(Field::Currency)? {
            None => Ok(None),
            Some(code) => match Currency::parse(code) {
                Some(currency) => Ok(Some(currency)),
                None => Err(reject(Reason::ImpossibleValue, Field::Currency)),
            },
        }
    }

    /// An amount with its currency; a currency alone says nothing.
    fn amount(&self) -> Result<Option<Amount>, Rejection> {
        let Some(minor) = self.whole(Field::AmountMinor)? else {
            return Ok(None);
        };
        if minor.unsigned_abs() > AMOUNT_MINOR_MAX.unsigned_abs() {
            return Err(reject(Reason::ImpossibleValue, Field::AmountMinor));
        }
        Ok(Some(Amount { minor, currency: required(self.currency()?, Field::Currency)? }))
    }

    fn attributes(&self) -> Result<Attributes, Rejection> {
        let field = Field::Attributes;
        let pairs = match self.get(field) {
            Raw::Absent => return Ok(Attributes::default()),
            raw => raw.pairs().ok_or_else(|| reject(Reason::WrongType, field))?,
        };
        let is_long = |text: &Text| text.len() > TEXT_BYTES_MAX;
        if pairs.len() > ATTRIBUTES_MAX || pairs.iter().any(|(key, value)| is_long(key) || is_long(value)) {
            return Err(reject(Reason::TooLong, field));
        }
        if pairs.iter().any(|(key, _)| key.is_empty()) {
            return Err(reject(Reason::ImpossibleValue, field));
        }
        Ok(Attributes::new(pairs.iter().cloned()))
    }

    /// The reasons that are named; an empty one names nothing.
    fn reasons(&self) -> Result<Box<[Text]>, Rejection> {
        let field = Field::Reasons;
        let list = match self.get(field) {
            Raw::Absent => return Ok(Box::default()),
            raw => raw.list().ok_or_else(|| reject(Reason::WrongType, field))?,
        };
        if list.len() > REASONS_MAX || list.iter().any(|reason| reason.len() > TEXT_BYTES_MAX) {
            return Err(reject(Reason::TooLong, field));
        }
        Ok(list.iter().filter(|reason| !reason.is_empty()).cloned().collect())
    }
}
