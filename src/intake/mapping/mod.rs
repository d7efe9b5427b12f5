//! Rows of CSV files to events, as a mapping file in TOML says.
//!
//! ```toml
//! [[table]]
//! files = "*closed_deals*.csv"
//!
//! [[table.event]]
//! kind = "deal_stage_entered"
//! when = [{ column = "won_date", empty = false }]
//! event_id = "won"
//! occurred_at = { column = "won_date", formats = ["%Y-%m-%d %H:%M:%S"], zone = "UTC" }
//! deal_id = "{seller_id}"
//! lead_id = "{mql_id}"
//! stage = "won"
//! status = "won"
//!
//! [[table.ignore]]
//! when = [{ column = "won_date", empty = true }]
//! reason = "not won"
//! ```
//!
//! Every row ends in exactly one [`RowResult`]: events, a reason to ignore it, or a rejection. `ignore` is
//! asked when no event speaks for a row. Pure: files are read by others, and the rows of a `[[lookup]]`
//! are given as an already-read [`LookupTable`].

mod columns;
mod contract;
mod error;
mod files;
mod lookup;
mod moment;
mod number;
mod phrase;
mod rule;
mod table;
mod template;
mod tree;
mod when;

#[cfg(test)]
mod tests;

pub use error::MappingError;
pub use lookup::{Lookup, LookupTable};
pub use table::{BoundTable, RowResult, Table};

use error::Problems;
use tree::{Holds, Node, Section};

use crate::model::Text;

/// A mapping file.
#[derive(Debug)]
pub struct Mapping {
    lookups: Vec<Lookup>,
    tables: Vec<Table>,
}

impl Mapping {
    /// Reads a mapping file; `file_name` stands in its errors.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of its lines.
    pub fn parse(text: &str, file_name: &str) -> Result<Mapping, Vec<MappingError>> {
        let mut problems = Problems::new(file_name);
        let mapping = tree::read(text, &mut problems)
            .and_then(|root| Mapping::of_root(&root, file_name, &mut problems));
        problems.or(mapping)
    }

    fn of_root(root: &Node, file_name: &str, problems: &mut Problems) -> Option<Mapping> {
        let section = root.table(problems)?.only(&["lookup", "table"], problems);
        let mut lookups: Vec<Lookup> = Vec::new();
        for node in entries(section, "lookup", problems) {
            if let Some(lookup) = Lookup::parse(node, file_name, problems) {
                if lookups.iter().any(|other| other.name() == lookup.name()) {
                    problems.note(node, format!("another lookup is called `{}` too", lookup.name()));
                }
                lookups.push(lookup);
            }
        }
        section.need("table", problems);
        let tables = entries(section, "table", problems);
        let tables =
            tables.iter().filter_map(|node| Table::parse(node, &lookups, file_name, problems)).collect();
        Some(Mapping { lookups, tables })
    }

    /// The table for a file, by its base name; the first whose pattern fits.
    pub fn table_for(&self, file_name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.reads(file_name))
    }

    /// Every table, in the order of the file.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Every lookup, in the order of the file.
    pub fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }

    /// Finds the columns of a table in the header of `file`. Each lookup that the table uses
    /// ([`Table::lookups`]) must have been read.
    ///
    /// # Errors
    /// Each column that is not in the header, or is there twice, and each lookup that has not been read.
    pub fn bind<'t>(
        &'t self,
        table: &'t Table,
        file: &str,
        header: &[Text],
        lookups: &'t [LookupTable],
    ) -> Result<BoundTable<'t>, Vec<MappingError>> {
        table.bind(file, header, &self.lookups, lookups)
    }
}

/// The entries of a list of tables that may be missing.
fn entries<'n>(section: Section<'n>, key: &str, problems: &mut Problems) -> &'n [Node] {
    match section.get(key) {
        None => &[],
        Some(node) => match &node.holds {
            Holds::List(nodes) => nodes,
            _ => {
                problems.note(node, format!("write [[{key}]], with two brackets"));
                &[]
            }
        },
    }
}
