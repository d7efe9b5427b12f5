//! Definitions that are applied while the daemon runs: by the command, by SIGHUP, with two instances, and what
//! is refused.
//!
//! The events are history, so that time passes with them and not with the clock on the wall.

use std::path::Path;
use std::time::Duration;

use rapport::log::kafka::Ledger;
use rapport::log::{Cause, NewRecord, Road, TopicPartition};
use rapport::model::partitioner::partition_of;
use serde_json::{Value, json};

use crate::support::installed::daemon::{Daemon, Said, Stop, rapport};
use crate::support::installed::exposition::Scrape;

use super::{NINE, direct};

const MINUTE_MS: i64 = 60_000;
/// How often one looks at two daemons, and how long one listens to each before.
const LOOKS: usize = 600;
const MOMENT: Duration = Duration::from_millis(100);
/// How far time lags behind the newest event: the bound on disorder.
const BOUND_MS: i64 = 30_000;

/// A lead of each partition becomes an MQL at this minute past nine, and so time passes in each.
fn mqls(minutes: i64, partitions: u32) -> Vec<(u32, Value)> {
    let lead = |partition: u32| {
        let mut ids = (0..).map(|n| format!("L-{minutes}-{n}"));
        ids.find(|id| partition_of(id.as_bytes(), partitions) == partition).unwrap()
    };
    let events = |partition: u32| {
        let (lead, at) = (lead(partition), NINE + minutes * MINUTE_MS);
        let created = json!({"event_id": format!("{lead} created"), "occurred_at": at, "kind": "lead_created",
            "lead_id": lead, "source": "webinar", "attributes": {"region": "emea"}});
        let mql = json!({"event_id": format!("{lead} mql"), "occurred_at": at, "kind": "lead_stage_entered",
            "lead_id": lead, "stage": "mql"});
        [(partition, created), (partition, mql)]
    };
    (0..partitions).flat_map(events).collect()
}

/// Waits until everything up to a minute past nine was judged.
fn judged(daemon: &mut Daemon, minutes: i64) {
    let what = format!("the judgement of {minutes} minutes past nine");
    daemon.until(&what, |daemon| has_judged(daemon, minutes).then_some(()));
}

fn has_judged(daemon: &Daemon, minutes: i64) -> bool {
    let end = (NINE + minutes * MINUTE_MS - BOUND_MS).div_euclid(MINUTE_MS) * MINUTE_MS;
    daemon.status().is_some_and(|status| status["aligned_at"] == end)
}

/// The number and the promise of the definitions that a daemon judges by.
fn in_force(daemon: &Daemon) -> Option<(u64, f64)> {
    let definitions = &daemon.status()?["definitions"];
    Some((definitions["number"].as_u64()?, definitions["promise"]["target"].as_f64()?))
}

fn apply(config: &Path, more: &[&str]) -> Said {
    let mut args = vec!["definitions", "apply", "--config", config.to_str().unwrap()];
    args.extend(more);
    rapport(&args)
}

const OTHERWISE: &str = "[funnel]\ndimensions = [[\"region\"]]\n[rule.first_touch_slo]\ntarget = 0.94\n";

#[test]
fn definitions_are_applied_while_the_daemon_runs() {
    let Some(installation) = direct("definitions_are_applied_while_the_daemon_runs", "applied", 1) else {
        return;
    };
    let other = installation.with("other", OTHERWISE);
    let show = |more: &[&str]| {
        let mut args = vec!["definitions", "show", "--config", installation.config()];
        args.extend(more);
        rapport(&args)
    };
    let said = show(&[]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(
        said.out.contains("is empty: the first start of `rapport run` writes the first definitions"),
        "{said:?}"
    );

    installation.write(&mqls(0, 1));
    let mut daemon = Daemon::start(&installation.config);
    installation.write(&mqls(20, 1));
    judged(&mut daemon, 20);
    assert_eq!(in_force(&daemon), Some((1, 0.95)));

    let changes = "  funnel.dimensions: [[\"source\"], [\"source\", \"region\"]] → [[\"region\"]]\n  \
                   rule.first_touch_slo.target: 0.95 → 0.94\n";
    let said = apply(&other, &["--dry-run"]);
    assert_eq!((said.status, said.out), (Some(0), format!("would apply definitions no. 2:\n{changes}")));
    assert_eq!(installation.read("rapport.definitions").len(), 1);
    let said = apply(&other, &[]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.out.starts_with(&format!("applied definitions no. 2:\n{changes}")), "{}", said.out);
    assert_eq!(installation.read("rapport.definitions").len(), 2);
    let said = apply(&other, &[]);
    let nothing = "nothing to apply: the newest definitions, no. 2, are these already\n";
    assert_eq!((said.status, said.out.as_str()), (Some(0), nothing));

    installation.write(&mqls(40, 1));
    judged(&mut daemon, 40);
    daemon.until("the definitions in force", |daemon| (in_force(daemon)? == (2, 0.94)).then_some(()));
    let scrape = Scrape::read(&daemon.metrics().unwrap());
    assert_eq!(scrape.single("rapport_definitions_number"), Some(2.0));
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    let windows = installation.latest("rapport.windows");
    let of = |segment: &str| {
        let prefix = format!("{segment}|");
        let records: Vec<_> = windows.iter().filter(|(key, _)| key.starts_with(&prefix)).collect();
        (records.len(), records.iter().filter(|(_, value)| value.is_some()).count())
    };
    let (all, known) = of("source=webinar");
    assert!(all > 20 && known == 0, "{known} of {all} windows of a segment that is no more are still known");
    let (all, known) = of("region=emea");
    assert!(all > 20 && known == all, "{known} of {all} windows of a segment that is new are known");

    let mut daemon = Daemon::start(&installation.config);
    daemon.until("the definitions of its state", |daemon| (in_force(daemon)? == (2, 0.94)).then_some(()));
    daemon.until("a warning that the file differs", |daemon| {
        daemon
            .has_said("the configuration differs from the newest definitions in the log, no. 2")
            .then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));

    let said = show(&[]);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines[0].starts_with("   1  20") && lines[0].ends_with("Z  the first"), "{}", said.out);
    assert!(lines[1].starts_with("   2  20") && lines[1].contains("Z  funnel.dimensions: "), "{}", said.out);
    assert!(lines[2].ends_with("  rule.first_touch_slo.target: 0.95 → 0.94"), "{}", said.out);
    let said = show(&["--number", "1"]);
    assert!(said.out.contains("target = 0.95\n"), "{}", said.out);
    let said = show(&["--number", "2", "--format", "json"]);
    let whole: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(whole["rules"]["first_touch_slo"]["target"], 940_000);
    assert!(whole.get("id_key").is_none(), "the key of the ids' hash is nobody's business");
    let said = show(&["--number", "3"]);
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(
        said.errors.contains("there are no definitions no. 3 in")
            && said.errors.contains("it goes from 1 to 2")
    );
}

#[test]
fn what_cannot_be_applied_is_refused_with_the_way_out() {
    let test = "what_cannot_be_applied_is_refused_with_the_way_out";
    let Some(installation) = direct(test, "refused", 2) else { return };
    let said = apply(&installation.config, &["--dry-run"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert!(said.out.contains("these would be the first definitions"), "{said:?}");
    let said = apply(&installation.config, &[]);
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.out, "applied the first definitions: they hold from the beginning of the log\n");
    assert_eq!(installation.read("crm.events").len(), 0, "nothing is to be announced");
    let text = std::fs::read_to_string(&installation.config).unwrap();
    let more = installation.folder.join("more.toml");
    std::fs::write(&more, text.replace("event_partitions = 2", "event_partitions = 3")).unwrap();
    for config in [more.as_path(), &installation.with("source", "[[source]]\nname = \"nobody.made.it\"\n")] {
        for arguments in [&["--dry-run"][..], &[]] {
            let said = apply(config, arguments);
            assert_eq!(said.status, Some(2), "{said:?}");
            let way_out = match config == more {
                true => "set kafka.event_partitions = 2, or begin anew under another topic prefix",
                false => "there is no topic \"nobody.made.it\"; create it, or correct the name",
            };
            assert!(said.errors.contains(way_out), "{}", said.errors);
        }
    }
    assert_eq!(installation.read("rapport.definitions").len(), 1);
}

/// A SIGHUP reads the file again. What is wrong with it is said, all of it, and the daemon goes on.
#[test]
fn a_hangup_applies_what_the_file_says_now() {
    let Some(installation) = direct("a_hangup_applies_what_the_file_says_now", "hangup", 1) else { return };
    installation.write(&mqls(0, 1));
    let config = installation.with("changing", "");
    let mut daemon = Daemon::start(&config);
    installation.write(&mqls(20, 1));
    judged(&mut daemon, 20);
    installation
        .with("changing", "[rule.first_touch_slo]\ntarget = 1.5\n[funnel]\nzone = \"Europe/Atlantis\"\n");
    daemon.hang_up();
    daemon.until("everything that is wrong with the file", |daemon| {
        let said = ["the daemon goes on as before", "rule.first_touch_slo.target", "funnel.zone"];
        said.iter().all(|said| daemon.has_said(said)).then_some(())
    });
    installation.with("changing", OTHERWISE);
    daemon.hang_up();
    daemon.until("word of what was applied", |daemon| {
        (daemon.has_said("applied definitions no. 2") && daemon.has_said("0.95 → 0.94")).then_some(())
    });
    installation.write(&mqls(40, 1));
    judged(&mut daemon, 40);
    daemon.until("the definitions in force", |daemon| (in_force(daemon)? == (2, 0.94)).then_some(()));
    daemon.hang_up();
    daemon.until("word that all is applied", |daemon| {
        daemon.has_said("nothing to apply: the newest definitions, no. 2, are these already").then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    assert_eq!(installation.read("rapport.definitions").len(), 2);
}

/// Two instances hear of the change by the event log, whoever applies it; hung up at the same time, one of them
/// applies it and the other has nothing to apply, or is told to look again.
#[test]
fn two_instances_come_to_the_same_definitions() {
    let test = "two_instances_come_to_the_same_definitions";
    let Some(installation) = direct(test, "instances", 4) else { return };
    installation.write(&mqls(0, 4));
    let configs = ["rapport-1", "rapport-2"].map(|instance| installation.another(instance, ""));
    let mut daemons = configs.each_ref().map(|config| Daemon::start(config));
    let shares = |daemons: &mut [Daemon; 2]| {
        daemons.each_mut().map(|daemon| {
            assert!(daemon.listen(MOMENT), "{}", daemon.said());
            daemon.status().and_then(|status| Some(status["partitions"].as_array()?.len())).unwrap_or(0)
        })
    };
    let shared = (0..LOOKS).map(|_| shares(&mut daemons)).find(|[one, two]| one * two > 0 && one + two == 4);
    shared.expect("each has its share of the partitions");
    for config in &configs {
        let text = std::fs::read_to_string(config).unwrap();
        std::fs::write(config, text + OTHERWISE).unwrap();
    }
    daemons.iter().for_each(Daemon::hang_up);
    let heard = [
        "applied definitions no. 2",
        "nothing to apply: the newest definitions, no. 2",
        "nothing was applied:",
    ];
    for daemon in &mut daemons {
        daemon.until("an answer to the hangup", |daemon| {
            heard.iter().any(|h| daemon.has_said(h)).then_some(())
        });
    }
    let applied = daemons.iter().filter(|daemon| daemon.has_said(heard[0])).count();
    assert_eq!(applied, 1, "one of them has applied it");
    assert_eq!(installation.read("rapport.definitions").len(), 2);
    installation.write(&mqls(20, 4));
    // Who judges may change while they share.
    let judged = (0..LOOKS).any(|_| {
        daemons.iter_mut().any(|daemon| {
            assert!(daemon.listen(MOMENT), "{}", daemon.said());
            has_judged(daemon, 20) && in_force(daemon) == Some((2, 0.94))
        })
    });
    assert!(judged, "{}", daemons.each_ref().map(Daemon::said).concat());
    for daemon in daemons {
        assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    }
}

/// Of two who apply at the same time the one who came later writes, and the other one writes nothing.
#[test]
fn whoever_takes_the_id_later_writes() {
    let test = "whoever_takes_the_id_later_writes";
    let Some(installation) = direct(test, "fenced", 1) else { return };
    let settings = installation.kafka.settings(&installation.prefix, "nobody");
    let ledger = || Ledger::connect(&settings).unwrap();
    let (mut early, mut late) = (ledger(), ledger());
    let at = TopicPartition::new(installation.topic("rapport.definitions"), 0);
    let record = |text: &str| {
        let value = Some(text.as_bytes().to_vec());
        NewRecord { to: at.clone(), key: None, value, headers: Vec::new(), timestamp: None }
    };
    assert_eq!(early.append(&[record("none")]).unwrap_err().road, Road::Fatal, "no id was taken");
    early.take("definitions").unwrap();
    late.take("definitions").unwrap();
    let error = early.append(&[record("early")]).unwrap_err();
    assert_eq!(error.cause, Cause::Fenced, "{error}");
    late.append(&[record("late")]).unwrap();
    // What is committed can be read a little later.
    let mut read =
        || early.read(&at).unwrap().into_iter().filter_map(|record| record.value).collect::<Vec<_>>();
    let values = (0..LOOKS).map(|_| read()).find(|values| !values.is_empty());
    assert_eq!(values, Some(vec![b"late".to_vec()]));
    assert_eq!(late.partitions("nobody.made.it").unwrap(), None);
    assert_eq!(late.partitions(&at.topic).unwrap(), Some(1));
}
