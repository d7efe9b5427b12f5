//! The demo as a newcomer meets it: the story, told faster, ends with the planted alerts and nothing before
//! them, and says so.

use std::process::Command;

#[test]
fn the_story_ends_with_the_planted_alerts_and_none_before() {
    let told = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["demo", "--exit", "--seconds", "20", "--listen", "127.0.0.1:0"])
        .output()
        .expect("the program starts");
    let (out, errors) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success(), "{}\n{out}\n{errors}", told.status);
    let figure = |says: &str| {
        let line = out.lines().find(|line| line.trim_start().starts_with(says));
        let last = line.and_then(|line| line.split_whitespace().next_back());
        last.and_then(|figure| figure.parse::<u32>().ok()).unwrap_or_else(|| panic!("no {says} in\n{out}"))
    };
    assert_eq!(figure("Alerts in the healthy month:"), 0, "{out}");
    assert!(figure("divergence, after the flood began") >= 1, "{out}");
    assert!(figure("first_touch_slo, after sales slowed") >= 1, "{out}");
    for says in [
        "page      http://127.0.0.1:",
        "/metrics\n",
        "rapport.alerts",
        "▌ TICKET  divergence",
        "▌ PAGE  first_touch_slo",
    ] {
        assert!(out.contains(says), "{says} is missing in\n{out}");
    }
}
