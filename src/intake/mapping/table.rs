//! One `[[table]]`: which files it reads, and what each row of them says.

use std::cmp::Reverse;

use super::MappingError;
use super::columns::{Column, Columns, RowView};
use super::error::Problems;
use super::files::Files;
use super::lookup::{Lookup, LookupTable};
use super::phrase::Scope;
use super::rule::{EventRule, NoEvent};
use super::tree::{Holds, Node};
use super::when::When;
use crate::model::Text;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::Event;

/// A `[[table]]` of a mapping.
#[derive(Debug)]
pub struct Table {
    files: Files,
    columns: Columns,
    events: Vec<EventRule>,
    ignore: Vec<(When, Text)>,
    mapping_file: String,
}

/// A table whose columns have been found in the header of a file, ready for its rows.
#[derive(Debug)]
pub struct BoundTable<'t> {
    table: &'t Table,
    places: Vec<usize>,
    lookups: Vec<Option<&'t LookupTable>>,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowResult<'t> {
    /// One event or more, in the order of the mapping.
    Events(Vec<Event>),
    /// Nothing, by a rule of the mapping that names this reason.
    Ignored(&'t str),
    /// It cannot be mapped, or an event of it breaks a rule of the contract: none of its events counts. The
    /// field is that of the contract with the columns of which it was made, `occurred_at (won_date)`; of a
    /// row for which neither an event nor a reason to ignore it was found, the column that decides.
    Rejected(Rejection),
}

impl Table {
    pub(super) fn parse(
        node: &Node,
        lookups: &[Lookup],
        mapping_file: &str,
        problems: &mut Problems,
    ) -> Option<Table> {
        let section = node.table(problems)?.only(&["files", "delimiter", "event", "ignore"], problems);
        let files = Files::parse(section, "files", problems);
        let mut columns = Columns::default();
        let mut scope = Scope { columns: &mut columns, lookups };
        let events = section.need("event", problems)?.list(problems)?;
        let events =
            events.iter().filter_map(|event| EventRule::parse(event, &mut scope, problems)).collect();
        let mut ignore = Vec::new();
        let rules = match section.get("ignore") {
            None => &[],
            Some(node) => match &node.holds {
                Holds::Table(_) => std::slice::from_ref(node),
                _ => node.list(problems)?,
            },
        };
        for rule in rules {
            let section = rule.table(problems)?.only(&["when", "reason"], problems);
            section.need("when", problems);
            let when = When::parse(section, &mut columns, problems);
            let reason = section.need_text("reason", problems);
            ignore.extend(reason.map(|reason| (when, Text::from(reason))));
        }
        Some(Table { files: files?, columns, events, ignore, mapping_file: mapping_file.to_owned() })
    }

    /// The pattern of the base names of its files.
    pub fn file_pattern(&self) -> &str {
        &self.files.pattern
    }

    /// Whether a file, by its base name, is this table's.
    pub fn reads(&self, file_name: &str) -> bool {
        self.files.mean(file_name)
    }

    /// How the cells of its files are parted.
    pub fn delimiter(&self) -> u8 {
        self.files.delimiter
    }

    /// The lookups of the mapping that its events use, by their place in
    /// [`Mapping::lookups`](super::Mapping::lookups), each once, in order.
    pub fn lookups(&self) -> Vec<usize> {
        let mut used: Vec<usize> = self.events.iter().flat_map(EventRule::lookups).collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Finds the columns in the header of a file; `lookups` are those that have been read, found by name.
    pub(super) fn bind<'t>(
        &'t self,
        file: &str,
        header: &[Text],
        known: &[Lookup],
        lookups: &'t [LookupTable],
    ) -> Result<BoundTable<'t>, Vec<MappingError>> {
        let mut problems = Problems::new(&self.mapping_file);
        let places = self.columns.find(file, header, &mut problems);
        let used = self.lookups();
        let mut bound = Vec::with_capacity(known.len());
        for (number, lookup) in known.iter().enumerate() {
            let table = lookups.iter().find(|table| table.name() == lookup.name());
            if table.is_none() && used.contains(&number) {
                let pattern = lookup.file_pattern();
                let problem = format!("the file {pattern} of this lookup is needed beside {file}");
                problems.note_at(lookup.said(), problem);
            }
            bound.push(table);
        }
        problems.or(Some(BoundTable { table: self, places, lookups: bound }))
    }
}

impl<'t> BoundTable<'t> {
    /// What a row of the file says; its cells are in the order of the header.
    pub fn row_to_events(&self, cells: &[Text]) -> RowResult<'t> {
        let row = RowView { cells, places: &self.places, lookups: &self.lookups };
        let mut events = Vec::new();
        for rule in self.table.events.iter().filter(|rule| rule.when.holds(&row)) {
            match rule.event(&row, &self.table.columns) {
                Ok(event) => events.push(event),
                Err(NoEvent::Ignored(reason)) => return RowResult::Ignored(reason),
                Err(NoEvent::Rejected(rejection)) => return RowResult::Rejected(rejection),
            }
        }
        if !events.is_empty() {
            return RowResult::Events(events);
        }
        match self.table.ignore.iter().find(|(when, _)| when.holds(&row)) {
            Some((_, reason)) => RowResult::Ignored(reason),
            None => RowResult::Rejected(self.table.unmapped()),
        }
    }
}

impl Table {
    /// The rejection of a row for which no event speaks: it names the column that decides, which is the one
    /// that most conditions look at, of several the one that is named first.
    fn unmapped(&self) -> Rejection {
        let whens = self.events.iter().map(|rule| &rule.when).chain(self.ignore.iter().map(|(when, _)| when));
        let looked_at: Vec<Column> = whens.flat_map(When::columns).collect();
        let times = |column: Column| looked_at.iter().filter(|other| **other == column).count();
        match looked_at.iter().copied().max_by_key(|column| (times(*column), Reverse(*column))) {
            Some(column) => Rejection::field(Reason::UnmappedRow, self.columns.name(column)),
            None => Rejection::whole(Reason::UnmappedRow),
        }
    }
}
