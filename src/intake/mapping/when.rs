//! Conditions on a row: each looks at one column, and all of a list must hold.

use super::columns::{Column, Columns, RowView};
use super::error::Problems;
use super::tree::{Holds, Node, Section};
use crate::model::Text;

/// Conditions that must all hold; an empty list always does.
#[derive(Debug, Default)]
pub(super) struct When {
    conditions: Vec<(Column, Test)>,
}

#[derive(Debug)]
enum Test {
    OneOf(Vec<Text>),
    NoneOf(Vec<Text>),
    Empty,
    NotEmpty,
}

impl When {
    /// Reads the `when` of a section: one table or a list of tables; nothing is the empty list.
    pub(super) fn parse(section: Section<'_>, columns: &mut Columns, problems: &mut Problems) -> When {
        let mut when = When::default();
        let conditions = match section.get("when") {
            None => &[],
            Some(node) => match &node.holds {
                Holds::List(conditions) => conditions.as_slice(),
                _ => std::slice::from_ref(node),
            },
        };
        for condition in conditions {
            when.conditions.extend(parse_condition(condition, columns, problems));
        }
        when
    }

    /// Whether all of them hold.
    pub(super) fn holds(&self, row: &RowView<'_>) -> bool {
        self.conditions.iter().all(|(column, test)| {
            let cell = row.cell(*column);
            match test {
                Test::OneOf(values) => values.iter().any(|value| value == cell),
                Test::NoneOf(values) => values.iter().all(|value| value != cell),
                Test::Empty => cell.is_empty(),
                Test::NotEmpty => !cell.is_empty(),
            }
        })
    }

    /// The columns that are looked at, one for each condition.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column> {
        self.conditions.iter().map(|(column, _)| *column)
    }
}

fn parse_condition(node: &Node, columns: &mut Columns, problems: &mut Problems) -> Option<(Column, Test)> {
    const KEYS: [&str; 6] = ["column", "equals", "not_equals", "one_of", "none_of", "empty"];
    let section = node.table(problems)?.only(&KEYS, problems);
    let column = section.need("column", problems).and_then(|node| Some((node.text(problems)?, node)));
    let tests: Vec<&Node> = KEYS[1..].iter().filter_map(|key| section.get(key)).collect();
    let [test] = tests.as_slice() else {
        let tests = "`equals`, `not_equals`, `one_of`, `none_of` and `empty`";
        problems.note(node, format!("one of {tests} is needed, and only one"));
        return None;
    };
    let test = if section.get("equals").is_some() {
        Test::OneOf(vec![test.text(problems)?.into()])
    } else if section.get("not_equals").is_some() {
        Test::NoneOf(vec![test.text(problems)?.into()])
    } else if section.get("one_of").is_some() {
        Test::OneOf(texts(test, problems)?)
    } else if section.get("none_of").is_some() {
        Test::NoneOf(texts(test, problems)?)
    } else {
        match &test.holds {
            Holds::Flag(true) => Test::Empty,
            Holds::Flag(false) => Test::NotEmpty,
            other => test.wrong("true or false", other, problems)?,
        }
    };
    let (name, node) = column?;
    Some((columns.number(name, node), test))
}

fn texts(node: &Node, problems: &mut Problems) -> Option<Vec<Text>> {
    let nodes = node.list(problems)?;
    let texts: Vec<Option<Text>> = nodes.iter().map(|node| node.text(problems).map(Text::from)).collect();
    texts.into_iter().collect()
}
