//! The segments in which a journey counts: `all`, and one for each dimension.

use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::{Minute, Text};

use super::super::terms::Terms;
use super::row::{Held, Row, Whose};

/// The segment that everything belongs to.
pub const ALL: &str = "all";
/// The value of a key that no fact names.
pub const EMPTY: &str = "(empty)";

/// The segments of `row` at `boundary`, sorted; as they were frozen, once an erasure has taken effect.
pub fn of(row: &Row, terms: &Terms, boundary: Minute) -> Vec<Text> {
    if let Some(frozen) = &row.frozen {
        return frozen.clone();
    }
    let mut segments = vec![Text::const_new(ALL)];
    for dimension in &terms.definitions.dimensions {
        let mut name = Text::default();
        for key in &dimension.keys {
            if !name.is_empty() {
                name.push(',');
            }
            push_escaped(&mut name, key);
            name.push('=');
            match value_of(row, key, boundary) {
                Some(value) => push_escaped(&mut name, value),
                None => name.push_str(EMPTY),
            }
        }
        segments.push(name);
    }
    segments.sort_unstable();
    segments
}

/// The first value that is said for `key`: by the lead itself, by leads merged into it, by its deals.
fn value_of<'a>(row: &'a Row, key: &str, boundary: Minute) -> Option<&'a Text> {
    let counting = || row.held.iter().filter(|h| h.counts_at(boundary));
    let own = |h: &&Held| h.whose == Whose::Own && row.entity.kind == EntityKind::Lead;
    let values = |h: &'a Held| said(&h.fact.says, key);
    counting()
        .filter(own)
        .find_map(values)
        .or_else(|| counting().filter(|h| !own(h)).filter(|h| is_lead(row, h)).find_map(values))
        .or_else(|| counting().filter(|h| !is_lead(row, h)).find_map(values))
}

fn is_lead(row: &Row, held: &Held) -> bool {
    row.entity_of(held.whose).kind == EntityKind::Lead
}

fn said<'a>(says: &'a Says, key: &str) -> Option<&'a Text> {
    let value = match says {
        Says::Created { source, .. } if key == "source" => source.as_ref(),
        Says::Created { campaign_id, .. } if key == "campaign_id" => campaign_id.as_ref(),
        Says::Created { attributes, .. } | Says::DealOpened { attributes, .. } => attributes.get(key),
        _ => None,
    };
    value.filter(|v| !v.is_empty())
}

fn push_escaped(name: &mut Text, value: &str) {
    for c in value.chars() {
        match c {
            '%' => name.push_str("%25"),
            ',' => name.push_str("%2C"),
            '=' => name.push_str("%3D"),
            c => name.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_break_out_of_its_name() {
        let mut name = Text::default();
        push_escaped(&mut name, "a=b,c%");
        assert_eq!(name, "a%3Db%2Cc%25");
    }
}
