//! Prints the configuration as it holds, every key with its value: TOML again, secrets masked.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::quantity::print_decimal;
use super::{Config, rules};
use crate::model::definitions::Millionths;

impl Config {
    /// The whole configuration as TOML. Secrets are `***`; those kept in a file or a variable are named by
    /// it. Loading the text gives this configuration again, unless a secret is masked.
    pub fn effective(&self) -> String {
        let mut document = DocumentMut::new();
        let mut section = |name: &str, print: &dyn Fn(&mut Table)| {
            let mut table = Table::new();
            print(&mut table);
            document[name] = Item::Table(table);
        };
        section("kafka", &|t| self.kafka.print(t));
        section("log", &|t| self.log.print(t));
        section("funnel", &|t| self.funnel.print(t));
        section("calendar", &|t| self.calendars.print(t));
        section("rule", &|t| rules::print(&self.rules, t));
        section("limits", &|t| self.limits.print(t));
        section("alerts", &|t| self.alerts.print(t));
        section("http", &|t| self.http.print(t));
        section("logging", &|t| self.logging.print(t));
        if !self.sources.is_empty() {
            let sources: ArrayOfTables = self.sources.iter().map(super::Source::print).collect();
            document["source"] = Item::ArrayOfTables(sources);
        }
        document.to_string()
    }
}

/// A number with exactly the digits that it has.
pub(super) fn decimal(n: Millionths) -> Item {
    let value: Value = print_decimal(n).parse().expect("a decimal is a TOML number");
    Item::Value(value)
}
