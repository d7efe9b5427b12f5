//! Texts with columns in braces: `"{opportunity_id}-won"`. `{{` and `}}` are braces.

use std::borrow::Cow;

use super::columns::{Column, Columns, RowView};
use super::error::Problems;
use super::tree::Node;
use crate::model::Text;

/// A text that is made of constant parts and cells.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Constant(Text),
    Cell(Column),
}

impl Template {
    /// The text of one cell.
    pub(super) fn cell(column: Column) -> Template {
        Template { parts: vec![Part::Cell(column)] }
    }

    /// Reads a template; a brace that is not closed, or not opened, is noted.
    pub(super) fn parse(
        text: &str,
        node: &Node,
        columns: &mut Columns,
        problems: &mut Problems,
    ) -> Option<Template> {
        let (mut parts, mut constant, mut rest) = (Vec::new(), Text::default(), text);
        while let Some(at) = rest.find(['{', '}']) {
            constant.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            let behind = &rest[at + 1..];
            if let Some(behind) = behind.strip_prefix(brace) {
                constant.push_str(brace);
                rest = behind;
                continue;
            }
            let Some((name, behind)) = behind.split_once('}').filter(|(name, _)| is_column(brace, name))
            else {
                let way_out = "a column is written `{name}`, a brace itself `{{` or `}}`";
                problems.note(node, format!("`{text}` has a brace without its partner: {way_out}"));
                return None;
            };
            if !constant.is_empty() {
                parts.push(Part::Constant(std::mem::take(&mut constant)));
            }
            parts.push(Part::Cell(columns.number(name, node)));
            rest = behind;
        }
        constant.push_str(rest);
        if !constant.is_empty() {
            parts.push(Part::Constant(constant));
        }
        Some(Template { parts })
    }

    /// The text without any cell, if it is one.
    pub(super) fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Constant(text)] => Some(text),
            _ => None,
        }
    }

    /// The columns in it.
    pub(super) fn columns(&self) -> impl Iterator<Item = Column> {
        self.parts.iter().filter_map(|part| match part {
            Part::Constant(_) => None,
            Part::Cell(column) => Some(*column),
        })
    }

    /// The text for a row; empty when there are cells in it and all of them are empty.
    pub(super) fn of<'t: 'r, 'r>(&'t self, row: &RowView<'r>) -> Cow<'r, str> {
        match self.parts.as_slice() {
            [Part::Constant(text)] => Cow::Borrowed(text),
            [Part::Cell(column)] => Cow::Borrowed(row.cell(*column)),
            _ if self.columns().all(|column| row.cell(column).is_empty()) => Cow::Borrowed(""),
            parts => Cow::Owned(
                parts
                    .iter()
                    .map(|part| match part {
                        Part::Constant(text) => text,
                        Part::Cell(column) => row.cell(*column),
                    })
                    .collect(),
            ),
        }
    }
}

fn is_column(brace: &str, name: &str) -> bool {
    brace == "{" && !name.is_empty() && !name.contains('{')
}
