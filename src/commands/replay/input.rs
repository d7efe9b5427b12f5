//! The files of a replay as one stream in the order of event time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use crate::codec::{self, Format, Record, SchemaStore};
use crate::config::Config;
use crate::intake::mapping::{LookupTable, Mapping, RowResult};
use crate::log::file::{FileKind, Item, Place, Records, Row, Table, kind_of, merge};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::Event;
use crate::model::record::Came;
use crate::model::{EventTime, Text};

use super::super::{Failure, configured, request};

/// What one item of a file turned out to be.
#[derive(Debug)]
pub enum Read {
    /// An event, and who sent it.
    Event(Box<Event>, Came),
    /// Everything of this id is to be forgotten, as of a time.
    Tombstone {
        /// When that was written.
        at: EventTime,
        /// The id.
        id: Text,
    },
    /// Nothing, for this reason.
    Ignored(String),
    /// A dead letter: why, and the bytes.
    Rejected(Rejection, Vec<u8>),
    /// The file cannot be read on.
    Broken(String),
}

/// An item with its place.
pub type Fed = (Place, Read);

/// A stream of items by event time; what has no time of its own goes with the item before it.
pub type Stream = Box<dyn Iterator<Item = (EventTime, Fed)>>;

/// A mapping, and the tables that it looks things up in.
struct Tables {
    mapping: Mapping,
    lookups: Vec<LookupTable>,
}

/// What is read, in the order of event time.
pub type History = Box<dyn Iterator<Item = (EventTime, Fed)>>;

/// A file of a history.
pub struct File {
    path: PathBuf,
    came: Came,
}

/// The files that are named: `FILE`, or `SOURCE=FILE` for what a source of the configuration has sent.
pub fn files(named: &[PathBuf], config: &Config) -> Result<Vec<File>, Failure> {
    named.iter().map(|name| file(name, config)).collect()
}

fn file(name: &Path, config: &Config) -> Result<File, Failure> {
    let split = name.to_str().and_then(|text| text.split_once('='));
    let Some((source, path)) = split.filter(|_| !name.exists()) else {
        return Ok(File { path: name.to_owned(), came: Came::Direct });
    };
    if !config.sources.iter().any(|listed| listed.name == source) {
        let known: Vec<&str> = config.sources.iter().map(|listed| listed.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(request(anyhow!(
            "{}: {source} is no source of the configuration; it has {known}",
            name.display()
        )));
    }
    Ok(File { path: path.into(), came: Came::Intake { source: source.into() } })
}

/// Opens files: records as they are, tables by the mapping file, with the schemas of a folder.
pub fn history(
    files: &[File],
    mapping: Option<&Path>,
    schemas: Option<&Path>,
    bytes_max: usize,
) -> Result<History, Failure> {
    let paths: Vec<&Path> = files.iter().map(|file| file.path.as_path()).collect();
    let tables = mapping.map(|path| tables(path, &paths, bytes_max)).transpose()?;
    let mut schema_files = configured::schemas(schemas)?;
    let opened = streams(files, tables.as_ref(), &mut schema_files, bytes_max)?;
    let schemas: Arc<SchemaStore> = Arc::new(configured::schema_store(schema_files)?);
    let streams: Vec<_> = opened.into_iter().map(|file| file.stream(&schemas, bytes_max)).collect();
    Ok(Box::new(merge(streams)))
}

/// Reads a mapping and every lookup table of it that is among the files or beside them.
fn tables(path: &Path, files: &[&Path], bytes_max: usize) -> Result<Tables, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the mapping {}", path.display()))
        .map_err(request)?;
    let mapping = Mapping::parse(&text, &path.display().to_string()).map_err(listed)?;
    let mut lookups = Vec::new();
    for lookup in mapping.lookups() {
        let beside = files.iter().filter_map(|file| file.parent());
        let found = beside.flat_map(|dir| std::fs::read_dir(dir).into_iter().flatten().flatten());
        let mut paths: Vec<_> =
            found.map(|entry| entry.path()).filter(|p| lookup.reads(&base_name(p))).collect();
        paths.sort();
        let Some(file) = paths.first() else {
            let pattern = lookup.file_pattern();
            return Err(request(anyhow!(
                "the mapping looks things up in {pattern}, which is not beside the files"
            )));
        };
        let mut table = Table::open(file, lookup.delimiter(), bytes_max).map_err(request)?;
        let mut rows = Vec::new();
        while let Some((_, row)) = table.next().map_err(request)? {
            if let Row::Cells(cells) = row {
                rows.push(cells);
            }
        }
        lookups.push(lookup.read(&base_name(file), table.header(), rows).map_err(listed)?);
    }
    Ok(Tables { mapping, lookups })
}

/// The names of the files that a mapping reads only to look things up.
impl Tables {
    fn is_lookup(&self, path: &Path) -> bool {
        let name = base_name(path);
        self.mapping.table_for(&name).is_none() && self.mapping.lookups().iter().any(|l| l.reads(&name))
    }
}

/// Opens every file; `store` learns the schemas of Avro files.
fn streams(
    files: &[File],
    tables: Option<&Tables>,
    schema_files: &mut Vec<(String, String)>,
    bytes_max: usize,
) -> Result<Vec<Opened>, Failure> {
    let mut opened = Vec::new();
    for File { path, came } in files {
        match kind_of(path).map_err(request)? {
            FileKind::Table => {
                let Some(tables) = tables else {
                    let name = path.display();
                    return Err(request(anyhow!("{name} is a table: name a mapping file with --mapping")));
                };
                if !tables.is_lookup(path) {
                    opened.push(Opened::Table(table(path, tables, came, bytes_max)?));
                }
            }
            FileKind::Lines | FileKind::Container => {
                let records = Records::open(path, bytes_max).map_err(request)?;
                schema_files
                    .extend(records.schema().map(|text| (base_name(path) + ".avsc", text.to_owned())));
                opened.push(Opened::Records(records, came.clone()));
            }
        }
    }
    Ok(opened)
}

/// An open file.
enum Opened {
    /// Records to be decoded as they come.
    Records(Records, Came),
    /// Rows, already mapped and sorted.
    Table(Vec<(EventTime, Fed)>),
}

impl Opened {
    /// Its items by event time.
    fn stream(self, schemas: &Arc<SchemaStore>, bytes_max: usize) -> Stream {
        match self {
            Opened::Table(items) => Box::new(items.into_iter()),
            Opened::Records(mut records, came) => {
                let schemas = schemas.clone();
                let mut last = EventTime(i64::MIN);
                let mut at = None;
                Box::new(std::iter::from_fn(move || {
                    let fed = match records.next() {
                        Ok(Some((place, Item::Record(bytes)))) => {
                            (place, decode(bytes, &came, &schemas, bytes_max))
                        }
                        Ok(Some((place, Item::TooLarge { .. }))) => {
                            (place, Read::Rejected(Rejection::whole(Reason::TooLarge), Vec::new()))
                        }
                        Ok(None) => return None,
                        Err(error) => (at.clone()?, Read::Broken(error.to_string())),
                    };
                    at = Some(fed.0.clone());
                    if let Read::Event(event, _) = &fed.1 {
                        last = event.occurred_at;
                    }
                    Some((last, fed))
                }))
            }
        }
    }
}

fn decode(bytes: &[u8], came: &Came, schemas: &SchemaStore, bytes_max: usize) -> Read {
    match codec::decode_within(bytes, Format::Auto, schemas, bytes_max) {
        Ok(decoded) => match decoded.record {
            Record::Event(event) => Read::Event(Box::new(event), came.clone()),
            Record::Control(_) => Read::Ignored("a record of the log's own".to_owned()),
        },
        Err(rejection) => Read::Rejected(rejection, bytes.to_vec()),
    }
}

fn table(
    path: &Path,
    tables: &Tables,
    came: &Came,
    bytes_max: usize,
) -> Result<Vec<(EventTime, Fed)>, Failure> {
    let name = base_name(path);
    let mapped = tables.mapping.table_for(&name).ok_or_else(|| {
        let known: Vec<&str> = tables.mapping.tables().iter().map(|t| t.file_pattern()).collect();
        request(anyhow!("the mapping has no table for {name}; it knows {}", known.join(", ")))
    })?;
    let mut rows = Table::open(path, mapped.delimiter(), bytes_max).map_err(request)?;
    let bound = tables.mapping.bind(mapped, &name, rows.header(), &tables.lookups).map_err(listed)?;
    let mut items: Vec<(EventTime, Fed)> = Vec::new();
    let mut last = EventTime(i64::MIN);
    while let Some((place, row)) = rows.next().map_err(request)? {
        let read = match row {
            Row::Cells(cells) => match bound.row_to_events(&cells) {
                RowResult::Events(events) => {
                    for event in events {
                        last = event.occurred_at;
                        items.push((last, (place.clone(), Read::Event(Box::new(event), came.clone()))));
                    }
                    continue;
                }
                RowResult::Ignored(reason) => Read::Ignored(reason.to_owned()),
                RowResult::Rejected(rejection) => Read::Rejected(rejection, rows.text()),
            },
            Row::WrongCount { .. } | Row::NotText => {
                Read::Rejected(Rejection::whole(Reason::Malformed), rows.text())
            }
            Row::TooLarge { .. } => Read::Rejected(Rejection::whole(Reason::TooLarge), Vec::new()),
        };
        items.push((last, (place, read)));
    }
    items.sort_by_key(|(at, _)| *at);
    Ok(items)
}

fn base_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn listed<E: std::fmt::Display>(errors: Vec<E>) -> Failure {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    request(anyhow!("the mapping cannot be used:\n  {}", lines.join("\n  ")))
}
