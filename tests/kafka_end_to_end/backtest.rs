//! A history in the event log: judged beside the group, it says what a file of the same events says, whatever the
//! daemon has written between them.

use std::path::Path;

use serde_json::Value;

use crate::support::installed::daemon::{Daemon, Said, Stop, rapport};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::{EVENT_PARTITIONS, quarter};

use super::{OUTCOMES, direct, ended};

fn backtest(config: &str, out: &Path, more: &[&str]) -> Said {
    let args = ["backtest", "--config", config, "--out", out.to_str().unwrap()];
    rapport(&[&args, more].concat())
}

fn done(config: &str, out: &Path, more: &[&str]) -> (Value, String) {
    let said = backtest(config, out, more);
    assert_eq!(said.status, Some(0), "{said:?}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    (serde_json::from_str(&read("backtest.json")).unwrap(), read("alerts.jsonl"))
}

#[test]
fn the_event_log_is_judged_as_a_file_of_its_events_is() {
    let test = "the_event_log_is_judged_as_a_file_of_its_events_is";
    let Some(installation) = direct(test, "backtest", EVENT_PARTITIONS) else { return };
    let records: Vec<_> = quarter::records().into_iter().filter(|sent| sent.reason.is_none()).collect();
    installation.send(&records);
    let mut daemon = Daemon::start(&installation.config);
    daemon.until("the end of what was sent", |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        let counted: i64 = OUTCOMES.iter().map(|outcome| ended(&scrape, "journeys", outcome)).sum();
        (counted >= records.len() as i64).then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    let written = installation.kafka.read_each(&installation.events()).len();
    assert!(written > records.len(), "the daemon has written between them");

    let members = installation.members();
    let folder = &installation.folder;
    let lines: Vec<&[u8]> = records.iter().map(|record| record.line.as_slice()).collect();
    let file = folder.join("history.jsonl");
    std::fs::write(&file, lines.join(&b'\n')).unwrap();
    let config = installation.config();
    let (of_file, alerts_of_file) = done(config, &folder.join("of-file"), &[file.to_str().unwrap()]);
    let (of_topic, alerts_of_topic) = done(config, &folder.join("of-topic"), &["--topic"]);
    assert!(alerts_of_file.contains("first_touch_slo"), "this shows little:\n{alerts_of_file}");
    assert_eq!(alerts_of_topic, alerts_of_file);
    assert_eq!(of_topic["variants"], of_file["variants"]);
    assert_eq!(of_topic["records"], written);
    let passed_over = written - records.len();
    assert_eq!(of_topic["ignored"], passed_over);
    assert_eq!(installation.members(), members, "nobody joined the group");

    // A range of times is the same range of a file.
    let range = ["--since", "2026-02-01", "--to", "2026-03-20"];
    let topic = [&["--topic"], &range[..]].concat();
    let (part_of_topic, alerts_of_topic) = done(config, &folder.join("part-of-topic"), &topic);
    let path = [&range[..], &[file.to_str().unwrap()]].concat();
    let (part_of_file, alerts_of_file) = done(config, &folder.join("part-of-file"), &path);
    assert_eq!(alerts_of_topic, alerts_of_file);
    for key in ["first_event", "last_event", "variants"] {
        assert_eq!(part_of_topic[key], part_of_file[key], "{key}");
    }

    // A range of offsets is so many records of that partition, and none of the others.
    let ranges = ["--topic", "--offsets", "1:10-110"];
    let (few, _) = done(config, &folder.join("few"), &ranges);
    assert_eq!(few["records"], 100);
    let said = backtest(config, &folder.join("none"), &["--topic", "--offsets", "9:0-10"]);
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(said.errors.contains("has no partition 9: it has 4"), "{said:?}");
}
