//! One `[[table.event]]`: for which rows it speaks, and how each field of its event is made.

use std::borrow::Cow;

use super::columns::{Column, Columns, RowView};
use super::contract::{FieldType, fields_of, is_currency, type_of, words_of};
use super::error::{Problems, unknown};
use super::moment::Moment;
use super::number::{self, Number};
use super::phrase::{Phrase, Scope, Stop};
use super::tree::{Holds, Node, Section};
use super::when::When;
use crate::codec::{self, Field, Flat, Owned, Raw};
use crate::model::Text;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::{Event, Kind};

/// How an event is made of a row.
#[derive(Debug)]
pub(super) struct EventRule {
    kind: Kind,
    pub(super) when: When,
    fields: Vec<(Field, Filler)>,
}

/// How a field is made of a row.
#[derive(Debug)]
enum Filler {
    Text(Phrase),
    Time(Moment),
    Number(Number),
    Flag(Flag),
    List(Vec<Phrase>),
    Pairs(Vec<(Text, Phrase)>),
}

#[derive(Debug)]
enum Flag {
    Constant(bool),
    Word(Phrase),
}

impl EventRule {
    pub(super) fn parse(node: &Node, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<EventRule> {
        let section = node.table(problems)?;
        let when = When::parse(section, scope.columns, problems);
        let kind_node = section.need("kind", problems)?;
        let word = kind_node.text(problems)?;
        let Some(kind) = Kind::parse(word) else {
            problems.note(kind_node, unknown("kind", word, Kind::ALL.iter().map(|kind| kind.as_str())));
            return None;
        };
        let (needed, optional) = fields_of(kind);
        let known: Vec<&str> = needed.iter().chain(optional).copied().collect();
        for field in &needed {
            if section.get(field).is_none() {
                problems.note(node, format!("{} needs `{field}`", kind.as_str()));
            }
        }
        if section.get("amount_minor").is_some() && section.get("currency").is_none() {
            problems.note(node, "an amount needs a `currency` beside it");
        }
        let mut fields = Vec::new();
        for (name, node) in section.entries {
            if matches!(name.as_str(), "kind" | "when") {
                continue;
            }
            match Field::parse(name) {
                Some(field) if known.contains(&name.as_str()) => {
                    let filler = Filler::parse(field, node, scope, problems);
                    fields.extend(filler.map(|filler| (field, filler)));
                }
                Some(_) => problems.note(node, format!("{} has no field `{name}`", kind.as_str())),
                None => {
                    problems.note(node, unknown("key", name, known.iter().copied().chain(["kind", "when"])))
                }
            }
        }
        let rule = EventRule { kind, when, fields };
        rule.check_constants(section, problems);
        Some(rule)
    }

    /// Notes each constant that its field can never take.
    fn check_constants(&self, section: Section<'_>, problems: &mut Problems) {
        for (field, filler) in &self.fields {
            let (Filler::Text(phrase) | Filler::Flag(Flag::Word(phrase))) = filler else { continue };
            let node = section.get(field.as_str()).expect("a field was read from its key");
            for constant in phrase.constants() {
                match words_of(self.kind, field.as_str()) {
                    Some(words) if !words.contains(&constant) => {
                        problems.note(node, unknown(field.as_str(), constant, words));
                    }
                    None if *field == Field::Currency && !is_currency(constant) => {
                        problems
                            .note(node, format!("`{constant}` is no ISO 4217 code: three capital letters"));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The event for a row for which the rule speaks.
    pub(super) fn event<'t>(&'t self, row: &RowView<'_>, columns: &Columns) -> Result<Event, NoEvent<'t>> {
        let mut flat = Flat::new();
        flat.put(Field::Kind, Raw::Text(self.kind.as_str()));
        for (field, filler) in &self.fields {
            let raw = filler.raw(row).map_err(|fault| match fault.stop {
                Stop::Ignored(reason) => NoEvent::Ignored(reason),
                Stop::Rejected(reason) => {
                    let name = match fault.key {
                        Some(key) => format!("{field}.{key}", field = field.as_str()),
                        None => field.as_str().to_owned(),
                    };
                    NoEvent::Rejected(reject(reason, &name, &fault.phrase.columns(), columns))
                }
            })?;
            flat.put(*field, raw);
        }
        codec::event(&flat).map_err(|Rejection { reason, field }| {
            let name = field.unwrap_or_default();
            let filler = self.fields.iter().find(|(field, _)| field.as_str() == name);
            let made_of = filler.map(|(_, filler)| filler.columns()).unwrap_or_default();
            NoEvent::Rejected(reject(reason, &name, &made_of, columns))
        })
    }

    /// The lookups that its fields use, by number.
    pub(super) fn lookups(&self) -> impl Iterator<Item = usize> {
        self.fields.iter().flat_map(|(_, filler)| filler.lookups())
    }
}

/// Why a row for which a rule speaks gives no event.
pub(super) enum NoEvent<'t> {
    Ignored(&'t str),
    Rejected(Rejection),
}

impl Filler {
    fn parse(field: Field, node: &Node, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<Filler> {
        match type_of(field.as_str()) {
            FieldType::Text => Phrase::parse(node, scope, problems).map(Filler::Text),
            FieldType::Time => Moment::parse(node, scope, problems).map(Filler::Time),
            FieldType::Number => Number::parse(node, scope, problems).map(Filler::Number),
            FieldType::Flag => match &node.holds {
                Holds::Flag(flag) => Some(Filler::Flag(Flag::Constant(*flag))),
                _ => Phrase::parse(node, scope, problems).map(|phrase| Filler::Flag(Flag::Word(phrase))),
            },
            FieldType::List => {
                let list = node.list(problems)?.iter();
                Some(Filler::List(list.filter_map(|node| Phrase::parse(node, scope, problems)).collect()))
            }
            FieldType::Pairs => {
                let entries = node.table(problems)?.entries.iter();
                let pair = |(name, node): &(String, Node)| {
                    Some((Text::from(name), Phrase::parse(node, scope, problems)?))
                };
                Some(Filler::Pairs(entries.filter_map(pair).collect()))
            }
        }
    }

    fn raw<'t: 'r, 'r>(&'t self, row: &RowView<'r>) -> Result<Raw<'r>, Fault<'t>> {
        Ok(match self {
            Filler::Text(phrase) => Fault::of(phrase, phrase.of(row))?.map_or(Raw::Absent, text),
            Filler::Time(moment) => {
                Fault::of(&moment.phrase, moment.of(row))?.map_or(Raw::Absent, Raw::Instant)
            }
            Filler::Number(Number::Constant(number)) => Raw::Int(*number),
            Filler::Number(Number::Decimal { phrase, factor }) => {
                Fault::of(phrase, number::decimal(phrase, *factor, row))?.map_or(Raw::Absent, Raw::Int)
            }
            Filler::Flag(Flag::Constant(flag)) => Raw::Bool(*flag),
            Filler::Flag(Flag::Word(phrase)) => match Fault::of(phrase, phrase.of(row))?.as_deref() {
                None => Raw::Absent,
                Some("true") => Raw::Bool(true),
                Some("false") => Raw::Bool(false),
                Some(_) => return Fault::of(phrase, Err(Stop::Rejected(Reason::WrongType))),
            },
            Filler::List(phrases) => {
                let mut list = Vec::new();
                for phrase in phrases {
                    list.extend(Fault::of(phrase, phrase.of(row))?.map(Text::from));
                }
                Owned::List(list).into()
            }
            Filler::Pairs(phrases) => {
                let mut pairs = Vec::new();
                for (key, phrase) in phrases {
                    let value = phrase.of(row).map_err(|stop| Fault { stop, key: Some(key), phrase })?;
                    pairs.extend(value.map(|value| (key.clone(), Text::from(value))));
                }
                Owned::Pairs(pairs).into()
            }
        })
    }

    fn phrases(&self) -> Vec<&Phrase> {
        match self {
            Filler::Text(phrase) | Filler::Flag(Flag::Word(phrase)) => vec![phrase],
            Filler::Time(moment) => vec![&moment.phrase],
            Filler::Number(Number::Decimal { phrase, .. }) => vec![phrase],
            Filler::Number(Number::Constant(_)) | Filler::Flag(Flag::Constant(_)) => Vec::new(),
            Filler::List(phrases) => phrases.iter().collect(),
            Filler::Pairs(pairs) => pairs.iter().map(|(_, phrase)| phrase).collect(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        self.phrases().into_iter().flat_map(Phrase::columns).collect()
    }

    fn lookups(&self) -> Vec<usize> {
        self.phrases().into_iter().flat_map(Phrase::lookups).collect()
    }
}

/// What stopped a row, and which phrase of a field it was.
struct Fault<'t> {
    stop: Stop<'t>,
    /// Of several values that are told apart by keys, which.
    key: Option<&'t Text>,
    phrase: &'t Phrase,
}

impl<'t> Fault<'t> {
    fn of<T>(phrase: &'t Phrase, result: Result<T, Stop<'t>>) -> Result<T, Fault<'t>> {
        result.map_err(|stop| Fault { stop, key: None, phrase })
    }
}

/// A rejection that names beside the field the columns of which it was made: `occurred_at (won_date)`.
fn reject(reason: Reason, field: &str, made_of: &[Column], columns: &Columns) -> Rejection {
    let mut names: Vec<&str> = Vec::new();
    for column in made_of {
        let name = columns.name(*column).as_str();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match (field, names.as_slice()) {
        ("", _) => Rejection::whole(reason),
        (field, []) => Rejection::field(reason, field),
        (field, names) => Rejection::field(reason, &format!("{field} ({})", names.join(", "))),
    }
}

/// A text as the flat record holds it.
fn text(text: Cow<'_, str>) -> Raw<'_> {
    match text {
        Cow::Borrowed(text) => Raw::Text(text),
        Cow::Owned(text) => Owned::Text(text).into(),
    }
}
