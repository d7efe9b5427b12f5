//! The rules that are deployed beside rapport.

use std::process::Command;

use rapport::serve::metrics::catalogue;

use crate::support::Skip;

/// The rules for Prometheus are rules, of metrics that there are.
#[test]
fn the_rules_for_prometheus_can_be_used() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/prometheus/rules.yml");
    let text = std::fs::read_to_string(path).unwrap();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named: Vec<&str> = text.split(|c| !is_word(c)).filter(|word| word.starts_with("rapport_")).collect();
    assert!(named.len() >= 3, "{named:?}");
    for name in named {
        assert!(catalogue::ALL.iter().any(|family| family.name == name), "there is no metric {name}");
    }
    match Command::new("promtool").args(["check", "rules", path]).output() {
        Err(e) => Skip { why: format!("promtool: {e}") }.announce("the_rules_for_prometheus_can_be_used"),
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{said}");
        }
    }
}
