//! Definitions as people read them: as the part of a configuration file that asks for them, and what one
//! set has otherwise than another, key by key.

use std::collections::BTreeMap;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value as toml};

use super::quantity::print_ms;
use super::{Calendars, Funnel, log, rules};
use crate::model::definitions::{DIRECT, Definitions};

/// A key whose value differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The key, from the top of the file: `rule.first_touch_slo.target`; a source is `source.NAME`.
    pub key: String,
    /// What it was; `None` if there was no such key.
    pub from: Option<String>,
    /// What it is; `None` if there is no such key any more.
    pub to: Option<String>,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        write!(f, "{}: {} → {}", self.key, or_none(&self.from), or_none(&self.to))
    }
}

/// What the second definitions have otherwise than the first, in the order of the file. The key of the ids' hash is
/// no setting and never shown.
pub fn changes(before: &Definitions, after: &Definitions) -> Vec<Change> {
    let (before, after) = (settings(before), settings(after));
    let value = |of: &[(String, String)], key: &str| {
        of.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    };
    let switched: Vec<String> = after
        .iter()
        .filter_map(|(key, now)| {
            let rule = key.strip_suffix(".enabled")?;
            (value(&before, key).as_ref() != Some(now)).then(|| format!("{rule}."))
        })
        .collect();
    let only_before = before.iter().filter(|(key, _)| value(&after, key).is_none());
    let keys = after.iter().chain(only_before).map(|(key, _)| key.clone());
    let change = |key: String| Change { from: value(&before, &key), to: value(&after, &key), key };
    // That a rule is switched on or off says it all; the settings of one that is off are not known.
    let is_said = |change: &Change| {
        change.from.is_some() && change.to.is_some()
            || !switched.iter().any(|rule| change.key.starts_with(rule))
    };
    keys.map(change).filter(|change| change.from != change.to).filter(is_said).collect()
}

/// Definitions as the part of a configuration file that asks for them.
pub fn print(definitions: &Definitions) -> String {
    document(definitions).to_string()
}

fn document(definitions: &Definitions) -> DocumentMut {
    let mut document = DocumentMut::new();
    let mut section = |name: &str, print: &dyn Fn(&mut Table)| {
        let mut table = Table::new();
        print(&mut table);
        document[name] = Item::Table(table);
    };
    section("kafka", &|t| t["event_partitions"] = toml(i64::from(definitions.event_partitions)));
    section("log", &|t| {
        t["direct"] = toml(definitions.sources.iter().any(|source| source.name == DIRECT));
        t["out_of_orderness"] = toml(print_ms(definitions.out_of_orderness_ms));
        t["retention"] = toml(log::print_days(definitions.retention_days));
        t["open_retention"] = toml(log::print_days(definitions.open_retention_days));
    });
    section("funnel", &|t| {
        let funnel = Funnel {
            zone: definitions.zone.to_string(),
            dimensions: definitions.dimensions.clone(),
            horizons: definitions.horizons.clone(),
            windows_every_minutes: definitions.windows_every_minutes,
        };
        funnel.print(t);
    });
    section("calendar", &|t| Calendars::print_each(&definitions.calendars, t));
    section("rule", &|t| rules::print(&definitions.rules, t));
    section("limits", &|t| {
        t["facts_per_journey"] = toml(i64::from(definitions.limits.facts_per_journey));
        t["segments"] = toml(i64::from(definitions.limits.segments));
        t["evidence_ids"] = toml(i64::from(definitions.limits.evidence_ids));
    });
    let sources: ArrayOfTables = definitions
        .sources
        .iter()
        .filter(|source| source.name != DIRECT)
        .map(|source| {
            let mut table = Table::new();
            let mut name = toml_edit::Value::from(source.name.as_str());
            name.decor_mut().set_suffix(format!(" # {}", partitions(source.partitions)));
            table["name"] = Item::Value(name);
            table
        })
        .collect();
    if !sources.is_empty() {
        document["source"] = Item::ArrayOfTables(sources);
    }
    document
}

fn partitions(count: u32) -> String {
    if count == 1 { "1 partition".to_owned() } else { format!("{count} partitions") }
}

/// Every key with its value.
fn settings(definitions: &Definitions) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    let mut document = document(definitions);
    document.remove("source");
    flatten("", document.as_table(), &mut settings);
    let sources: BTreeMap<&str, u32> =
        definitions.sources.iter().map(|source| (source.name.as_str(), source.partitions)).collect();
    let listed = sources.into_iter().filter(|(name, _)| *name != DIRECT);
    settings.extend(listed.map(|(name, count)| (format!("source.{name}"), partitions(count))));
    settings
}

fn flatten(prefix: &str, table: &Table, into: &mut Vec<(String, String)>) {
    for (key, item) in table {
        let key = format!("{prefix}{key}");
        match item {
            Item::Table(table) => flatten(&format!("{key}."), table, into),
            Item::ArrayOfTables(tables) => {
                let each = tables.iter().map(|table| {
                    let pairs =
                        table.iter().map(|(key, item)| format!("{key} = {}", item.to_string().trim()));
                    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
                });
                into.push((key, format!("[{}]", each.collect::<Vec<_>>().join(", "))));
            }
            item => into.push((key, item.to_string().trim().to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn defined(text: &str) -> Definitions {
        let config = load(text, "test", &[]).unwrap_or_else(|errors| panic!("{errors}"));
        config.definitions(&|_| Some(3), *b"a key of the ids").unwrap()
    }

    #[test]
    fn what_is_printed_asks_for_the_same_again() {
        let everything = include_str!("../../tests/config/valid/everything.toml");
        for text in ["", everything, "[rule.divergence]\nenabled = false\n"] {
            let definitions = defined(text);
            let printed = print(&definitions);
            assert_eq!(defined(&printed), definitions, "{printed}");
        }
    }

    #[test]
    fn changes_are_told_key_by_key() {
        let windows = |short: &str| {
            format!(
                "[{{ long = \"8bh\", short = \"{short}\", burn = 6, severity = \"page\", gate = 0.003 }}]"
            )
        };
        let (one, other) = (windows("2bh"), windows("1bh"));
        let before = format!("[[source]]\nname = \"crm.leads\"\n[rule.first_touch_slo]\nwindows = {one}\n");
        let after = format!(
            "[log]\nretention = \"30d\"\n[funnel]\ndimensions = [[\"region\"]]\n[[source]]\nname = \"crm.deals\"\n\
             [calendar.sales]\nholidays = [\"2026-12-25\"]\n[rule.first_touch_slo]\nwindows = {other}\n\
             [rule.divergence]\nenabled = false\n"
        );
        let told: Vec<String> =
            changes(&defined(&before), &defined(&after)).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "log.retention: \"100d\" → \"30d\"",
                "funnel.dimensions: [[\"source\"], [\"source\", \"region\"]] → [[\"region\"]]",
                "calendar.sales.holidays: [] → [\"2026-12-25\"]",
                &format!("rule.first_touch_slo.windows: {one} → {other}"),
                "rule.divergence.enabled: true → false",
                "source.crm.deals: none → 3 partitions",
                "source.crm.leads: 3 partitions → none",
            ]
        );
        assert_eq!(changes(&defined(&before), &defined(&before)), []);
    }

    #[test]
    fn every_part_of_the_definitions_can_be_told_apart() {
        let plain = defined("");
        let mut others = Vec::new();
        let mut other = |change: &dyn Fn(&mut Definitions)| {
            let mut changed = plain.clone();
            change(&mut changed);
            others.push(changed);
        };
        other(&|d| d.event_partitions = 9);
        other(&|d| d.out_of_orderness_ms = 7);
        other(&|d| d.retention_days = None);
        other(&|d| d.open_retention_days = None);
        other(&|d| d.zone = "Asia/Tokyo".into());
        other(&|d| d.calendars.get_mut("marketing").unwrap().weekly[6] = vec![(0, 1)]);
        other(&|d| d.calendars.get_mut("sales").unwrap().zone = "Asia/Tokyo".into());
        other(&|d| *d.horizons.values_mut().next().unwrap() = 99);
        other(&|d| d.windows_every_minutes = 30);
        other(&|d| d.limits.facts_per_journey = 11);
        other(&|d| d.limits.segments = 11);
        other(&|d| d.limits.evidence_ids = 11);
        other(&|d| d.sources[0].partitions = 4);
        other(&|d| d.rules.first_touch_slo.as_mut().unwrap().gate.0 = 7);
        other(&|d| d.rules.divergence.as_mut().unwrap().clear_days = 7);
        for other in others {
            // `direct` counts as one partition in each of the log's, whatever is said.
            let is_direct = other.sources != plain.sources;
            assert_eq!(changes(&plain, &other).len(), usize::from(!is_direct), "{other:?}");
        }
    }
}
