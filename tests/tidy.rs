//! The rules of the house, as a test: which room may know which, how long files are, what every file
//! opens with, which words are not used.

use std::path::{Path, PathBuf};

/// Which rooms a room may name in `use crate::…`. The arrows point one way.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("stats", &[]),
    ("funnel", &["model", "stats"]),
    ("oracle", &["model", "stats"]),
    ("codec", &["model"]),
    ("intake", &["model", "codec"]),
    ("log", &["model"]),
    ("engine", &["log", "model"]),
    ("pipeline", &["engine", "funnel", "intake", "codec", "log", "model"]),
    ("serve", &["log", "model"]),
    ("config", &["model"]),
    ("simulator", &["model"]),
    (
        "commands",
        &[
            "cli",
            "codec",
            "config",
            "engine",
            "funnel",
            "intake",
            "log",
            "model",
            "pipeline",
            "serve",
            "simulator",
            "stats",
        ],
    ),
];

/// Lines of a file before its tests.
const LINES_MAX: usize = 500;
/// Characters of a line of code.
const LINE_CHARS_MAX: usize = 120;

/// Words that say nothing about a thing, and what to do instead.
const BANNED: &[(&str, &str)] = &[
    ("Manager", "name what it does"),
    ("Helper", "name what it does"),
    ("Util", "put it where it belongs"),
    ("todo!(", "do it, or leave it out"),
    ("unimplemented!(", "do it, or leave it out"),
    ("FIXME", "mend it"),
    ("XXX", "mend it"),
    ("dbg!(", "remove it"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), "rs", &mut found);
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    found.into_iter().map(named).collect()
}

/// The part of a file that is not its unit tests.
fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

fn assert_none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

#[test]
fn arrows_point_one_way() {
    let mut faults = Vec::new();
    for (name, text) in rust_files("src") {
        let Some(room) =
            name.strip_prefix("src/").and_then(|rest| rest.split_once('/')).map(|(room, _)| room)
        else {
            continue;
        };
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == room) else {
            faults.push(format!("{name}: the room {room} is not in the table of arrows"));
            continue;
        };
        for part in before_tests(&text).split("crate::").skip(1) {
            let named: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_room = ARROWS.iter().any(|(known, _)| *known == named) || named == "cli";
            if is_room && named != room && !allowed.contains(&named.as_str()) {
                faults.push(format!("{name}: {room} must not know {named}"));
            }
        }
    }
    assert_none("arrows", &faults);
}

#[test]
fn only_the_kafka_room_names_its_client() {
    let stray =
        |(name, text): &(String, String)| text.contains("rdkafka::") && !name.starts_with("src/log/kafka/");
    let faults: Vec<String> = rust_files("src").into_iter().filter(stray).map(|(name, _)| name).collect();
    assert_none("rdkafka outside src/log/kafka", &faults);
}

#[test]
fn only_one_file_of_the_kafka_room_makes_errors() {
    let makes = |(name, text): &(String, String)| {
        let is_elsewhere = name.starts_with("src/log/kafka/") && !name.starts_with("src/log/kafka/errors");
        is_elsewhere && before_tests(text).contains("LogError::new(")
    };
    let faults: Vec<String> = rust_files("src").into_iter().filter(makes).map(|(name, _)| name).collect();
    assert_none("errors with a road of their own", &faults);
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for (name, text) in ["src", "tests"].into_iter().flat_map(rust_files) {
        if !text.starts_with("//!") {
            faults.push(format!("{name}: opens without //!"));
        }
        let lines = before_tests(&text).lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{name}: {lines} lines, at most {LINES_MAX}"));
        }
        for (i, line) in text.lines().enumerate() {
            if line.chars().count() > LINE_CHARS_MAX && !line.contains("http") {
                faults.push(format!("{name}:{}: {} characters", i + 1, line.chars().count()));
            }
        }
    }
    assert_none("files", &faults);
}

#[test]
fn banned_words_are_not_used() {
    let mut faults = Vec::new();
    for (name, text) in rust_files("src") {
        for (word, instead) in BANNED {
            if text.contains(word) {
                faults.push(format!("{name}: {word} ({instead})"));
            }
        }
    }
    assert_none("words", &faults);
}

#[test]
fn the_changelog_and_the_licence_are_there() {
    let read = |name: &str| std::fs::read_to_string(root().join(name)).unwrap();
    assert!(read("LICENSE").contains("Apache License"));
    let changelog = read("CHANGELOG.md");
    assert!(changelog.contains("## [Unreleased]"), "the changelog has a place for what comes");
    for line in changelog.lines().filter(|line| line.starts_with("- ")) {
        let typed = ["- [CHANGE]", "- [FEATURE]", "- [ENHANCEMENT]", "- [BUGFIX]"];
        assert!(typed.iter().any(|start| line.starts_with(start)), "the changelog line has no type: {line}");
    }
    assert!(read("README.md").contains("cargo run --release -- demo"));
}
