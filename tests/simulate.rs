//! `rapport simulate` as a person runs it: what would plant nothing is refused, with the way out.

use std::path::Path;
use std::process::{Command, Output};

fn simulate(args: &[&str]) -> Output {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulate.jsonl");
    let args = [&["simulate", "--leads-per-day", "1", "--out", out.to_str().unwrap()], args].concat();
    Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).output().unwrap()
}

fn played(args: &[&str]) -> String {
    let done = simulate(args);
    assert!(done.status.success(), "{args:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_fault_that_would_never_begin_is_refused() {
    let cases: [(&[&str], &str); 7] = [
        (
            &["--scenario", "silent_leads", "--onset", "40", "--days", "30"],
            "--onset 40 is not before the end of",
        ),
        (
            &["--scenario", "silent_leads", "--onset", "30", "--days", "30"],
            "an earlier --onset or more --days",
        ),
        (
            &["--scenario", "silent_leads", "--onset", "20", "--end", "10"],
            "--onset 20 is not before --end 10",
        ),
        (
            &["--scenario", "silent_leads", "--onset", "20", "--end", "20"],
            "an earlier --onset or a later --end",
        ),
        (
            &["--scenario", "silent_leads", "--days", "30", "--end", "50"],
            "--onset 60 is not before the end of",
        ),
        (&["--scenario", "falling_out", "--days", "70"], "--second-onset 72 is not before the end of"),
        // No campaign is launched in these days.
        (
            &["--scenario", "launch_without_notice", "--onset", "85"],
            "between day 85 and day 90 of 2026-01-05",
        ),
    ];
    for (args, why) in cases {
        let done = simulate(args);
        assert_eq!(done.status.code(), Some(2), "{args:?}: {done:?}");
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(said.contains(why), "{args:?}: {said}");
    }
}

#[test]
fn what_plants_something_or_is_to_plant_nothing_is_played() {
    let planted = "planted: silent_leads (sign 2) in all, from 2026-01-25 to 2026-01-30";
    assert!(played(&["--scenario", "silent_leads", "--onset", "20", "--end", "25"]).contains(planted));
    for healthy in ["healthy", "burst"] {
        let said = played(&["--scenario", healthy, "--onset", "40", "--days", "30", "--end", "10"]);
        assert!(!said.contains("planted: "), "{said}");
    }
    let said = played(&["--scenario", "silent_leads", "--dose", "0", "--days", "30"]);
    assert!(said.contains("nothing is planted: --dose is 0"), "{said}");
}
