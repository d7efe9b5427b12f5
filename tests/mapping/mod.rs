//! The mapping files in `deploy/mappings/`: on small made-up files of the same shape as the real ones,
//! with every oddity in them, and on the real ones.

mod counted;
mod made_up;
mod real;

use std::collections::BTreeMap;
use std::path::Path;

use rapport::intake::mapping::{LookupTable, Mapping, RowResult};
use rapport::log::file::{Row, Table};
use rapport::model::dead_letter::Rejection;
use rapport::model::event::Event;

/// Where every row of some files ended.
#[derive(Default)]
pub(crate) struct Mapped {
    pub(crate) events: Vec<Event>,
    ignored: BTreeMap<String, u64>,
    rejected: Vec<Rejection>,
    /// Rows that slipped, are no text or are too large.
    unreadable: u64,
}

/// The mapping file with this name.
pub(crate) fn mapping(name: &str) -> Mapping {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/mappings").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    Mapping::parse(&text, name).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// Maps files of one folder as a replay does: its lookups lie beside them.
pub(crate) fn map(mapping: &Mapping, folder: &Path, files: &[&str]) -> Mapped {
    let mut mapped = Mapped::default();
    for file in files {
        let rules = mapping.table_for(file).unwrap();
        let lookups: Vec<LookupTable> =
            rules.lookups().into_iter().map(|n| lookup(mapping, n, folder)).collect();
        let mut table = Table::open(&folder.join(file), rules.delimiter(), 1 << 20).unwrap();
        let bound = mapping.bind(rules, file, table.header(), &lookups).unwrap();
        while let Some((_, row)) = table.next().unwrap() {
            let Row::Cells(cells) = row else {
                mapped.unreadable += 1;
                continue;
            };
            match bound.row_to_events(&cells) {
                RowResult::Events(events) => mapped.events.extend(events),
                RowResult::Ignored(reason) => *mapped.ignored.entry(reason.to_owned()).or_default() += 1,
                RowResult::Rejected(rejection) => mapped.rejected.push(rejection),
            }
        }
    }
    mapped
}

fn lookup(mapping: &Mapping, number: usize, folder: &Path) -> LookupTable {
    let lookup = &mapping.lookups()[number];
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| lookup.reads(name))
        .collect();
    names.sort();
    let mut table = Table::open(&folder.join(&names[0]), lookup.delimiter(), 1 << 20).unwrap();
    let header = table.header().to_vec();
    let mut rows = Vec::new();
    while let Some((place, row)) = table.next().unwrap() {
        let Row::Cells(cells) = row else { panic!("{place}: {row:?}") };
        rows.push(cells);
    }
    lookup.read(&names[0], &header, rows).unwrap()
}
