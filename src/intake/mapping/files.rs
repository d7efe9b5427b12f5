//! Which files a table or a lookup reads: a pattern on the base name, `*` for any text and `?` for any
//! one character, and the delimiter of their cells.

use super::error::Problems;
use super::tree::Section;

/// A pattern of file names and how their cells are parted.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) pattern: String,
    pub(super) delimiter: u8,
}

impl Files {
    /// Reads the pattern under `key`, and `delimiter`, a comma if nothing is said.
    pub(super) fn parse(section: Section<'_>, key: &str, problems: &mut Problems) -> Option<Files> {
        let pattern = section.need_text(key, problems);
        let delimiter = match section.get("delimiter") {
            None => Some(b','),
            Some(node) => match node.text(problems)?.as_bytes() {
                [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Some(*byte),
                _ => {
                    problems
                        .note(node, "a delimiter is one ASCII character, such as \",\", \";\" or \"\\t\"");
                    None
                }
            },
        };
        Some(Files { pattern: pattern?.to_owned(), delimiter: delimiter? })
    }

    /// Whether a file is meant: its base name, with or without `.gz`, fits the pattern.
    pub(super) fn mean(&self, file_name: &str) -> bool {
        let base = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
        fits(&self.pattern, base) || base.strip_suffix(".gz").is_some_and(|base| fits(&self.pattern, base))
    }
}

/// Whether a name fits a pattern. On a mismatch only the last star is tried again, one character further.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                n = from + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_base_name_with_or_without_gz() {
        for (pattern, name, expected) in [
            ("*closed_deals*.csv", "olist_closed_deals_dataset.csv", true),
            ("*closed_deals*.csv", "/data/x/closed_deals.csv", true),
            ("*closed_deals*.csv", "C:\\data\\closed_deals.csv", true),
            ("*closed_deals*.csv", "closed_deals.csv.gz", true),
            ("*closed_deals*.csv", "closed_deals.tsv", false),
            ("*closed_deals*.csv", "closed_deals/other.csv", false),
            ("a?c*", "abc", true),
            ("a?c*", "ac", false),
            ("*ab*ab", "abcabxab", true),
            ("*ab*ab", "abcabx", false),
            ("", "", true),
            ("**", "é", true),
            ("?", "é", true),
        ] {
            let files = Files { pattern: pattern.to_owned(), delimiter: b',' };
            assert_eq!(files.mean(name), expected, "{pattern} {name}");
        }
    }
}
