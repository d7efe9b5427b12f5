//! The mapping by small tables: what is said of a row, and what becomes of it.

mod files;
mod rows;

use super::{LookupTable, Mapping, RowResult};
use crate::codec::encode_event_json;
use crate::model::Text;

fn texts(cells: &[&str]) -> Vec<Text> {
    cells.iter().map(|cell| Text::from(*cell)).collect()
}

fn parsed(text: &str) -> Mapping {
    Mapping::parse(text, "m.toml").unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// The problems of a mapping file, as a person sees them.
fn problems(text: &str) -> Vec<String> {
    let errors = Mapping::parse(text, "m.toml").err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

/// What becomes of a row: the JSON of its events, the reason why it is ignored, or the rejection.
fn outcome(mapping: &Mapping, header: &[&str], row: &[&str], lookups: &[LookupTable]) -> String {
    let bound = mapping.bind(&mapping.tables()[0], "t.csv", &texts(header), lookups).unwrap();
    match bound.row_to_events(&texts(row)) {
        RowResult::Events(events) => {
            let json = |event| String::from_utf8(encode_event_json(event)).unwrap();
            events.iter().map(json).collect::<Vec<_>>().join(" ")
        }
        RowResult::Ignored(reason) => format!("ignored: {reason}"),
        RowResult::Rejected(rejection) => format!("rejected: {rejection}"),
    }
}
