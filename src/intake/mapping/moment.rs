//! Times: a phrase, the formats in which it may be written, and the zone of those that name none.
//!
//! ```toml
//! occurred_at = { column = "won_date", formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"], zone = "UTC" }
//! occurred_at = "{timestamp}"    # RFC 3339
//! ```
//!
//! A date without a time is its first instant. Of a local time that a zone has twice the earlier one is
//! meant; one that it skips is moved forward by what was skipped.

use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use super::columns::RowView;
use super::error::Problems;
use super::phrase::{KEYS, Phrase, Scope, Stop};
use super::tree::{Holds, Node};
use crate::model::dead_letter::Reason;

/// The word for RFC 3339 in a list of formats.
const RFC_3339: &str = "rfc3339";

/// How a time is read.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) phrase: Phrase,
    formats: Vec<Format>,
}

#[derive(Debug)]
enum Format {
    Rfc3339,
    /// A format that names an offset.
    Instant(String),
    /// A format of local times.
    Local(String, TimeZone),
}

impl Moment {
    pub(super) fn parse(node: &Node, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<Moment> {
        if !matches!(node.holds, Holds::Table(_)) {
            let phrase = Phrase::parse(node, scope, problems)?;
            return Some(Moment { phrase, formats: vec![Format::Rfc3339] });
        }
        let section = node.table(problems)?.only(&[KEYS, &["formats", "zone"]].concat(), problems);
        let phrase = Phrase::of_section(section, scope, problems);
        let zone = section.get("zone").map(|node| parse_zone(node, problems));
        let formats = match section.get("formats") {
            None => vec![Format::Rfc3339],
            Some(list) => {
                let list = list.list(problems)?;
                if list.is_empty() {
                    problems.note(section.node, "`formats` is empty");
                }
                let parse = |node| Format::parse(node, zone.as_ref(), problems);
                let parsed: Vec<Option<Format>> = list.iter().map(parse).collect();
                parsed.into_iter().collect::<Option<Vec<Format>>>()?
            }
        };
        if let Some(node) = section.get("zone")
            && !formats.iter().any(|format| matches!(format, Format::Local(..)))
        {
            problems.note(node, "no format needs a zone: each names its own offset");
        }
        Some(Moment { phrase: phrase?, formats })
    }

    /// The time for a row in ms since 1970: by the first format that fits.
    pub(super) fn of<'t>(&'t self, row: &RowView<'_>) -> Result<Option<i64>, Stop<'t>> {
        let Some(text) = self.phrase.of(row)? else { return Ok(None) };
        let ms = self.formats.iter().find_map(|format| format.read(&text));
        ms.map(Some).ok_or(Stop::Rejected(Reason::WrongType))
    }
}

/// A zone by its IANA name; a name that is none is noted.
fn parse_zone(node: &Node, problems: &mut Problems) -> Option<TimeZone> {
    let name = node.text(problems)?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        problems.note(
            node,
            format!("unknown zone `{name}`: an IANA name such as Europe/Berlin or UTC is needed"),
        );
    }
    zone
}

impl Format {
    fn parse(node: &Node, zone: Option<&Option<TimeZone>>, problems: &mut Problems) -> Option<Format> {
        let format = node.text(problems)?;
        if format == RFC_3339 {
            return Some(Format::Rfc3339);
        }
        // A format is tried on a time: what it writes it must read back, at least to the day.
        let day = civil::date(2018, 11, 26);
        let sample = TimeZone::UTC.to_timestamp(day.at(21, 43, 9, 0)).expect("UTC has every time");
        let written = BrokenDownTime::from(sample).to_string(format);
        let read = written.and_then(|text| strtime::parse(format, text));
        let read = match read {
            Ok(read) => read,
            Err(error) => {
                problems.note(node, format!("`{format}` is no format of times: {error}"));
                return None;
            }
        };
        if read.to_timestamp().is_ok() {
            return Some(Format::Instant(format.to_owned()));
        }
        if read.to_date().ok() != Some(day) {
            problems.note(node, format!("`{format}` does not say which day is meant"));
            return None;
        }
        match zone {
            Some(Some(zone)) => Some(Format::Local(format.to_owned(), zone.clone())),
            Some(None) => None,
            None => {
                problems.note(
                    node,
                    format!("`{format}` names no offset, so a `zone` is needed beside `formats`"),
                );
                None
            }
        }
    }

    fn read(&self, text: &str) -> Option<i64> {
        let time = match self {
            Format::Rfc3339 => text.parse::<Timestamp>().ok()?,
            Format::Instant(format) => strtime::parse(format, text).ok()?.to_timestamp().ok()?,
            Format::Local(format, zone) => {
                let local = strtime::parse(format, text).ok()?.to_datetime().ok()?;
                // 9999-12-31, which stands for "never", is a date but no instant: an impossible value.
                zone.to_timestamp(local).unwrap_or(Timestamp::MAX)
            }
        };
        Some(time.as_millisecond())
    }
}
