//! What documents quote is what the program says: each example alert of `docs/signs.md` is a message of a story.

use std::collections::BTreeSet;
use std::path::Path;

use rapport::funnel::signs::rule::Rule;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What alerts say in the stories.
fn messages() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let stories = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut messages = BTreeSet::new();
    for story in stories {
        let text = std::fs::read_to_string(story).unwrap();
        for part in text.split("\nsummaries\n").skip(1) {
            let rows = part.lines().take_while(|line| line.starts_with("  "));
            messages.extend(rows.map(|row| row.trim().to_owned()));
        }
    }
    messages
}

/// The rules of a document, each with what is quoted below its heading, line breaks joined.
fn examples(document: &str) -> Vec<(&'static str, String)> {
    let of_rule = |part: &str| {
        let heading = part.lines().next().unwrap_or_default();
        let rule = Rule::ALL.iter().find(|rule| heading.contains(&format!("`{}`", rule.name())))?;
        let quoted: Vec<&str> = part.lines().filter_map(|line| line.strip_prefix("> ")).collect();
        Some((rule.name(), quoted.join(" ")))
    };
    document.split("\n##").filter_map(of_rule).collect()
}

#[test]
fn every_rule_is_explained_with_an_alert_of_a_story() {
    let (document, messages) = (read("docs/signs.md"), messages());
    let examples = examples(&document);
    for rule in Rule::ALL {
        let of_rule = examples.iter().filter(|(name, _)| *name == rule.name()).count();
        assert_eq!(of_rule, 1, "docs/signs.md has a heading for {}", rule.name());
    }
    for (rule, example) in examples {
        assert!(messages.contains(&example), "no story says of {rule}: {example:?}");
    }
}
