//! The segments in which a journey counts: `all`, and one for each dimension.

use crate::model::definitions::Dimension;
use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::{Minute, Text};

use super::super::terms::Terms;
use super::row::{Held, Row, Whose};

/// The segment that everything belongs to.
pub const ALL: &str = "all";
/// The value of a key that no fact names.
pub const EMPTY: &str = "(empty)";

/// The segments of `row` at `boundary`, sorted; in each dimension the one that was frozen, once an erasure has
/// taken effect, or that of empty values where the dimension came later.
pub fn of(row: &Row, terms: &Terms, boundary: Minute) -> Vec<Text> {
    let resolved = |dimension: &Dimension| match &row.frozen {
        None => name(dimension, |key| value_of(row, key, boundary)),
        Some(frozen) => {
            let kept = frozen.iter().find(|segment| makes(dimension, segment));
            kept.cloned().unwrap_or_else(|| name(dimension, |_| None))
        }
    };
    let mut segments = vec![Text::const_new(ALL)];
    segments.extend(terms.definitions.dimensions.iter().map(resolved));
    segments.sort_unstable();
    segments
}

/// Whether a segment is one of a dimension: it has the dimension's keys in their order.
pub fn makes(dimension: &Dimension, segment: &str) -> bool {
    let named = segment.split(',').map(|pair| pair.split_once('=').map_or("", |(key, _)| key));
    let keys = dimension.keys.iter().map(|key| {
        let mut escaped = Text::default();
        push_escaped(&mut escaped, key);
        escaped
    });
    keys.eq(named)
}

/// How many keys a segment has.
pub fn depth(segment: &str) -> usize {
    if segment.contains('=') { segment.split(',').count() } else { 0 }
}

/// The keys of a segment: two that have the same ones lie apart from each other.
pub fn keys(segment: &str) -> Vec<&str> {
    segment.split(',').filter_map(|pair| pair.split_once('=')).map(|(key, _)| key).collect()
}

/// Of segments with more pairs than this wider ones are looked for among all.
const PAIRS_MAX: usize = 4;

/// Whether everything that belongs to one segment belongs to the other, by their names: the wider one is `all`, or
/// each of its values is one of the narrower's. None lies within itself.
pub fn lies_within(narrow: &str, wide: &str) -> bool {
    let holds = |pair: &str| narrow.split(',').any(|own| own == pair);
    narrow != wide && (wide == ALL || (depth(wide) > 0 && wide.split(',').all(holds)))
}

/// The names that wider segments than this one may have: `all`, and some or all of its pairs in any other order. `None`
/// where these are too many to be asked for one by one.
pub fn wider(narrow: &str) -> Option<Vec<Text>> {
    let pairs: Vec<&str> = match depth(narrow) {
        0 => Vec::new(),
        _ => narrow.split(',').collect(),
    };
    if pairs.len() > PAIRS_MAX {
        return None;
    }
    let mut wider: Vec<Text> = if narrow == ALL { Vec::new() } else { vec![ALL.into()] };
    let mut longest: Vec<Vec<&str>> = vec![Vec::new()];
    for _ in 0..pairs.len() {
        longest = longest.iter().flat_map(|name| one_longer(name, &pairs)).collect();
        let names = longest.iter().map(|name| Text::from(name.join(",")));
        wider.extend(names.filter(|name| name != narrow));
    }
    Some(wider)
}

/// Each way to write another pair behind these.
fn one_longer<'p>(name: &[&'p str], pairs: &[&'p str]) -> Vec<Vec<&'p str>> {
    let others = pairs.iter().filter(|pair| !name.contains(pair));
    others.map(|pair| name.iter().chain([pair]).copied().collect()).collect()
}

fn name<'a>(dimension: &Dimension, value_of: impl Fn(&str) -> Option<&'a Text>) -> Text {
    let mut name = Text::default();
    for key in &dimension.keys {
        if !name.is_empty() {
            name.push(',');
        }
        push_escaped(&mut name, key);
        name.push('=');
        match value_of(key) {
            Some(value) => push_escaped(&mut name, value),
            None => name.push_str(EMPTY),
        }
    }
    name
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

    #[test]
    fn the_names_of_wider_segments_are_those_that_it_lies_within() {
        let names =
            ["all", "a=1", "b=2", "c=3", "a=1,b=2", "b=2,a=1", "a=1,c=3", "b=2,c=3", "a=1,b=2,c=3", "a=2"];
        for narrow in names {
            let mut expected: Vec<&str> =
                names.into_iter().filter(|wide| lies_within(narrow, wide)).collect();
            let named = wider(narrow).unwrap();
            let mut found: Vec<&str> =
                names.into_iter().filter(|name| named.iter().any(|wide| wide == name)).collect();
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{narrow}");
            assert!(named.iter().all(|wide| lies_within(narrow, wide)), "{narrow}: {named:?}");
        }
        assert_eq!(wider("a=1,b=2,c=3,d=4").unwrap().len(), 1 + 4 + 12 + 24 + 23);
        assert_eq!(wider("a=1,b=2,c=3,d=4,e=5"), None);
    }

    #[test]
    fn a_segment_belongs_to_the_dimension_whose_keys_it_names() {
        let dimension = |keys: &[&str]| Dimension { keys: keys.iter().map(|key| Text::from(*key)).collect() };
        for (keys, segment, belongs) in [
            (&["source"][..], "source=a%2Cb%3Dc", true),
            (&["source"], "source=a,region=b", false),
            (&["source", "region"], "source=a,region=b", true),
            (&["region", "source"], "source=a,region=b", false),
            (&["a=b"], "a%3Db=c", true),
            (&["source"], "all", false),
            (&["source"], "sources=a", false),
        ] {
            assert_eq!(makes(&dimension(keys), segment), belongs, "{keys:?} {segment}");
        }
    }
}
