//! Reads single values: each function says what it expects and, if it meets something else, what
//! would be right.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::error::Place;
use super::quantity::{Duration, NoDecimal, Unit, parse_decimal, print_business_minutes, print_ms};
use super::section::{Wrong, nearest_word};
use super::tree::{Node, Shape};
use crate::model::definitions::Millionths;
use crate::model::{DAY_MS, MINUTE_MS};

/// Text. In an environment variable, whatever was written is text.
pub(super) fn text(node: &Node) -> Result<String, Wrong> {
    match &node.shape {
        Shape::Text(text) => Ok(text.clone()),
        Shape::Integer(_) | Shape::Flag(_) | Shape::Fraction | Shape::Date
            if matches!(node.place, Place::Variable(_)) =>
        {
            Ok(node.written.clone())
        }
        Shape::Table(_) | Shape::List(_) => {
            Err(Wrong::new(format!("{} is no text", node.written), "write it in quotes"))
        }
        _ => Err(Wrong::new(
            format!("{} is no text", node.written),
            format!("put it in quotes: \"{}\"", node.written),
        )),
    }
}

/// Text with something in it, in a single line.
pub(super) fn filled(node: &Node, example: &str) -> Result<String, Wrong> {
    let text = text(node)?;
    if text.trim().is_empty() {
        return Err(Wrong::new("it is empty", format!("write {example}")));
    }
    if text.trim() != text || text.chars().any(char::is_control) {
        let wrong = format!("{} has spaces around it or line breaks in it", node.written);
        return Err(Wrong::new(wrong, format!("write {example}")));
    }
    Ok(text)
}

/// `true` or `false`.
pub(super) fn flag(node: &Node) -> Result<bool, Wrong> {
    match node.shape {
        Shape::Flag(flag) => Ok(flag),
        _ => Err(Wrong::new(format!("{} is neither true nor false", node.written), "write true or false")),
    }
}

/// A whole number within a range.
pub(super) fn integer<N>(node: &Node, range: RangeInclusive<N>) -> Result<N, Wrong>
where
    N: TryFrom<i64> + PartialOrd + Display,
{
    let right = format!("write a whole number from {} to {}", range.start(), range.end());
    match node.shape {
        Shape::Integer(n) => match N::try_from(n) {
            Ok(n) if range.contains(&n) => Ok(n),
            _ => Err(Wrong::new(format!("{n} is out of range"), right)),
        },
        _ => Err(Wrong::new(format!("{} is no whole number", node.written), right)),
    }
}

/// One of a closed set of words.
pub(super) fn word<T: Copy>(node: &Node, words: &[(&'static str, T)]) -> Result<T, Wrong> {
    let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let right = format!("write one of {}", all.join(", "));
    let text = match &node.shape {
        Shape::Text(text) => text,
        _ => return Err(Wrong::new(format!("{} is no word", node.written), right)),
    };
    if let Some((_, value)) = words.iter().find(|(word, _)| word == text) {
        return Ok(*value);
    }
    let right = match nearest_word(text, all.iter().copied()) {
        Some(near) => format!("{right}; the nearest is {near}"),
        None => right,
    };
    Err(Wrong::new(format!("{} is no such word", node.written), right))
}

/// An exact decimal within bounds that `holds` checks and `bounds` names.
pub(super) fn decimal(
    node: &Node,
    bounds: &str,
    holds: impl FnOnce(Millionths) -> bool,
) -> Result<Millionths, Wrong> {
    let right = format!("write a number {bounds}");
    if !matches!(node.shape, Shape::Integer(_) | Shape::Fraction) {
        return Err(Wrong::new(format!("{} is no number", node.written), right));
    }
    match parse_decimal(&node.written) {
        Ok(n) if holds(n) => Ok(n),
        Ok(_) | Err(NoDecimal::TooLarge) => {
            Err(Wrong::new(format!("{} is out of range", node.written), right))
        }
        Err(NoDecimal::TooFine) => {
            Err(Wrong::new(format!("{} has more than 6 decimals", node.written), "round it to 6 decimals"))
        }
        Err(NoDecimal::NoNumber) => {
            let wrong = format!("{} is no plain decimal", node.written);
            Err(Wrong::new(wrong, format!("{right}, without an exponent")))
        }
    }
}

/// A float above 0, for what is measured rather than counted.
pub(super) fn positive(node: &Node, bounds: &str, below: f64) -> Result<f64, Wrong> {
    let right = format!("write a number {bounds}");
    match node.written.replace('_', "").parse::<f64>() {
        _ if !matches!(node.shape, Shape::Integer(_) | Shape::Fraction) => {
            Err(Wrong::new(format!("{} is no number", node.written), right))
        }
        Ok(n) if n > 0.0 && n < below => Ok(n),
        _ => Err(Wrong::new(format!("{} is out of range", node.written), right)),
    }
}

/// A duration of the calendar within a range, in ms.
pub(super) fn calendar_ms(node: &Node, range: RangeInclusive<i64>) -> Result<i64, Wrong> {
    let (low, high) = (print_ms(*range.start()), print_ms(*range.end()));
    let right = format!("write a duration from \"{low}\" to \"{high}\" in ms, s, m, h or d");
    let ms = duration(node, &right)?.calendar_ms();
    let ms = ms.ok_or_else(|| Wrong::new(format!("{} is business time", node.written), right.clone()))?;
    if range.contains(&ms) {
        Ok(ms)
    } else {
        Err(Wrong::new(format!("{} is out of range", node.written), right))
    }
}

/// A duration of business time within a range, in minutes of it.
pub(super) fn business_minutes(
    node: &Node,
    minutes_of_a_day: u32,
    range: RangeInclusive<u32>,
) -> Result<u32, Wrong> {
    let (low, high) = (print_business_minutes(*range.start()), print_business_minutes(*range.end()));
    let right = format!("write a duration from \"{low}\" to \"{high}\" in bm, bh or bd");
    let minutes = duration(node, &right)?.business_minutes(minutes_of_a_day);
    let minutes =
        minutes.ok_or_else(|| Wrong::new(format!("{} is not business time", node.written), right.clone()))?;
    match u32::try_from(minutes) {
        Ok(minutes) if range.contains(&minutes) => Ok(minutes),
        _ => Err(Wrong::new(format!("{} is out of range", node.written), right)),
    }
}

/// Whole days of the calendar within a range: `"14d"` or `14`.
pub(super) fn days<N>(node: &Node, range: RangeInclusive<N>) -> Result<N, Wrong>
where
    N: TryFrom<i64> + PartialOrd + Display,
{
    whole_days(node, range, Unit::Day, "d")
}

/// Whole business days within a range: `"5bd"` or `5`.
pub(super) fn business_days(node: &Node, range: RangeInclusive<u16>) -> Result<u16, Wrong> {
    whole_days(node, range, Unit::BusinessDay, "bd")
}

/// Whole days within a range, or `"forever"`.
pub(super) fn days_or_forever(node: &Node, range: RangeInclusive<u32>) -> Result<Option<u32>, Wrong> {
    match &node.shape {
        Shape::Text(text) if text == "forever" => Ok(None),
        _ => days(node, range)
            .map(Some)
            .map_err(|Wrong { wrong, right }| Wrong::new(wrong, format!("{right}, or \"forever\""))),
    }
}

fn whole_days<N>(node: &Node, range: RangeInclusive<N>, unit: Unit, word: &str) -> Result<N, Wrong>
where
    N: TryFrom<i64> + PartialOrd + Display,
{
    let right = format!("write \"{}{word}\" to \"{}{word}\"", range.start(), range.end());
    let n = match node.shape {
        Shape::Integer(n) => n,
        _ => {
            let duration = duration(node, &right)?;
            if duration.unit != unit {
                return Err(Wrong::new(format!("{} is not in {word}", node.written), right));
            }
            i64::from(duration.n)
        }
    };
    match N::try_from(n) {
        Ok(n) if range.contains(&n) => Ok(n),
        _ => Err(Wrong::new(format!("{} is out of range", node.written), right)),
    }
}

fn duration(node: &Node, right: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong::new(format!("{} is no duration", node.written), right);
    match &node.shape {
        Shape::Text(text) => Duration::parse(text).ok_or_else(wrong),
        Shape::Integer(n) => Err(Wrong::new(format!("{n} has no unit"), right)),
        _ => Err(wrong()),
    }
}

/// Whole minutes that divide a day, so that the same minutes come back each day.
pub(super) fn minutes_of_a_day(node: &Node) -> Result<u16, Wrong> {
    let ms = calendar_ms(node, MINUTE_MS..=DAY_MS)?;
    if ms % MINUTE_MS == 0 && DAY_MS % ms == 0 {
        return Ok(u16::try_from(ms / MINUTE_MS).expect("a day has 1440 minutes"));
    }
    let wrong = format!("{} does not divide a day into whole minutes", node.written);
    Err(Wrong::new(wrong, "write one of \"1m\", \"5m\", \"10m\", \"15m\", \"30m\", \"1h\", \"1d\""))
}

/// The name of a topic, as Kafka allows it.
pub(super) fn topic(node: &Node) -> Result<String, Wrong> {
    let text = filled(node, "a topic's name")?;
    match topic_fault(&text) {
        None => Ok(text),
        Some(fault) => Err(Wrong::new(format!("{} {fault}", node.written), TOPIC_RIGHT)),
    }
}

/// What would be right for a topic's name.
pub(super) const TOPIC_RIGHT: &str = "use 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'";

/// Why Kafka would refuse a topic of this name.
pub(super) fn topic_fault(name: &str) -> Option<&'static str> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if name.is_empty() || name == "." || name == ".." {
        Some("cannot name a topic")
    } else if name.len() > 249 {
        Some("is too long for a topic's name")
    } else if !name.bytes().all(legal) {
        Some("has a character that a topic's name cannot have")
    } else {
        None
    }
}

/// An IANA time zone.
pub(super) fn zone(node: &Node) -> Result<String, Wrong> {
    let name = filled(node, "an IANA zone, such as \"Europe/Berlin\"")?;
    if jiff::tz::TimeZone::get(&name).is_ok_and(|zone| !zone.is_unknown()) {
        return Ok(name);
    }
    let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
    let right = match nearest_word(&name, known.iter().map(String::as_str)) {
        Some(near) => format!("write an IANA zone; the nearest is {near}"),
        None => "write an IANA zone, such as \"Europe/Berlin\"".to_owned(),
    };
    Err(Wrong::new(format!("{} is no zone that is known", node.written), right))
}
