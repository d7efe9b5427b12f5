//! Applying the definitions that a configuration asks for: a record in their topic, and an announcement in every
//! partition of the event log, all in one transaction.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::anyhow;

use crate::codec;
use crate::config::Config;
use crate::log::kafka::{KafkaSettings, Ledger};
use crate::log::{Cause, LogError, NewRecord, TopicPartition};
use crate::model::control::Control;
use crate::model::definitions::Definitions;
use crate::pipeline::topics::Topics;

use super::super::{Failure, configured, daemon, failed, request};
use super::known::{self, Known, difference};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To put the definitions into force.
    Apply,
    /// To say what would change, and nothing else.
    WhatWouldChange,
}

/// What came of it; prints as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The newest ones are these already.
    Nothing {
        /// Their number.
        number: u32,
    },
    /// There were none: these are the first.
    First,
    /// They follow the ones before.
    After(Following),
    /// They would follow the ones before.
    Would(Following),
}

/// Definitions that follow others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// Their number.
    pub number: u32,
    /// What they have otherwise than the ones before, a line each.
    pub changes: Vec<String>,
    /// Whether other sources are listed, or the bound on disorder is another.
    pub sources: SourcesChange,
}

/// What of the sources is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourcesChange {
    /// Nothing.
    None,
    /// The bound on disorder.
    Bound,
    /// The list.
    List,
}

/// Puts the definitions that `wanted` asks for into force in the installation that `config` names; or says what
/// would change.
pub fn apply(config: &Config, wanted: &Config, asked: Asked) -> Result<Applied, Failure> {
    let settings = daemon::kafka_settings(config)?;
    let topics = configured::topics(config);
    let place = TopicPartition::new(topics.definitions.as_str(), 0);
    let mut ledger = Ledger::connect(&settings).map_err(failed)?;
    known::expect_topic(&ledger, &topics.definitions)?;
    let asking = Asking { wanted, topics: &topics, partitions: partitions(&ledger, wanted, &topics)? };
    let before = Known::read(&mut ledger, &place)?;
    // What is wrong is told before anybody is kept from writing.
    let plan = asking.plan(&before)?;
    if asked == Asked::WhatWouldChange || matches!(plan, Plan::Nothing { .. }) {
        return Ok(plan.would());
    }
    ledger.take(&known::id(&settings)).map_err(failed)?;
    // Whoever wrote before the id was taken is seen now, and nobody writes after.
    let before = Known::read(&mut ledger, &place)?;
    let plan = asking.plan(&before)?;
    let records = match &plan {
        Plan::Nothing { .. } => return Ok(plan.would()),
        Plan::First(definitions) => vec![known::record(&place, definitions)],
        Plan::Follow(definitions, following) => asking.records(&place, definitions, following.number)?,
    };
    ledger.append(&records).map_err(|error| not_written(error, &settings))?;
    Ok(plan.done())
}

/// What is to be done.
enum Plan {
    Nothing { number: u32 },
    First(Definitions),
    Follow(Definitions, Following),
}

impl Plan {
    fn would(self) -> Applied {
        match self {
            Plan::Nothing { number } => Applied::Nothing { number },
            Plan::First(_) => Applied::Would(Following {
                number: 1,
                changes: vec!["these would be the first definitions".to_owned()],
                sources: SourcesChange::None,
            }),
            Plan::Follow(_, following) => Applied::Would(following),
        }
    }

    fn done(self) -> Applied {
        match self {
            Plan::Nothing { number } => Applied::Nothing { number },
            Plan::First(_) => Applied::First,
            Plan::Follow(_, following) => Applied::After(following),
        }
    }
}

/// What is asked, and of which cluster.
struct Asking<'a> {
    wanted: &'a Config,
    topics: &'a Topics,
    /// How many partitions each topic has that matters.
    partitions: BTreeMap<String, Option<u32>>,
}

fn partitions(
    ledger: &Ledger,
    wanted: &Config,
    topics: &Topics,
) -> Result<BTreeMap<String, Option<u32>>, Failure> {
    let names = wanted.sources.iter().map(|source| &source.name).chain([&topics.events]);
    names.map(|name| Ok((name.clone(), ledger.partitions(name).map_err(failed)?))).collect()
}

impl Asking<'_> {
    fn plan(&self, known: &Known) -> Result<Plan, Failure> {
        let newest = known.newest();
        let id_key = newest.map_or_else(daemon::fresh_id_key, |(_, newest)| newest.id_key);
        let partitions = |source: &str| self.partitions.get(source).copied().flatten();
        let wanted = self.wanted.definitions(&partitions, id_key).map_err(request)?;
        self.check_partitions(&wanted, newest.map(|(_, newest)| newest))?;
        let Some((number, newest)) = newest else { return Ok(Plan::First(wanted)) };
        if *newest == wanted {
            return Ok(Plan::Nothing { number });
        }
        let sources = if newest.sources != wanted.sources {
            SourcesChange::List
        } else if newest.out_of_orderness_ms != wanted.out_of_orderness_ms {
            SourcesChange::Bound
        } else {
            SourcesChange::None
        };
        let number = number.checked_add(1).ok_or_else(|| failed(anyhow!("there are no numbers left")))?;
        let following = Following { number, changes: difference(newest, &wanted), sources };
        Ok(Plan::Follow(wanted, following))
    }

    /// The count of partitions can never change: keys are spread by it.
    fn check_partitions(&self, wanted: &Definitions, newest: Option<&Definitions>) -> Result<(), Failure> {
        let events = &self.topics.events;
        let found = self.partitions.get(events).copied().flatten();
        let Some(found) = found else {
            return Err(request(anyhow!("{events} is missing: run `rapport topics create`")));
        };
        let fixed = newest.map_or(found, |newest| newest.event_partitions);
        if wanted.event_partitions != fixed {
            return Err(request(anyhow!(
                "kafka.event_partitions = {} cannot be applied: {events} was made with {fixed}, and the count is \
                 fixed for the life of the log; set kafka.event_partitions = {fixed}, or begin anew under another \
                 topic prefix",
                wanted.event_partitions
            )));
        }
        if found != fixed {
            return Err(super::enlarged(events, found, fixed));
        }
        Ok(())
    }

    fn records(
        &self,
        place: &TopicPartition,
        definitions: &Definitions,
        number: u32,
    ) -> Result<Vec<NewRecord>, Failure> {
        let announcement = Control::DefinitionsInForce { number, definitions: Box::new(definitions.clone()) };
        let value = codec::encode_control(&announcement);
        let bytes_max = self.wanted.log.record_bytes_max as usize;
        if value.len() > bytes_max {
            return Err(request(anyhow!(
                "these definitions take {} bytes in a record, more than the {bytes_max} of log.record_bytes_max: \
                 raise it and restart every instance, or shorten the lists of holidays",
                value.len()
            )));
        }
        let announce = |partition| NewRecord {
            to: TopicPartition::new(&self.topics.events, partition),
            key: None,
            value: Some(value.clone()),
            headers: Vec::new(),
            timestamp: None,
        };
        let announcements = (0..definitions.event_partitions).map(announce);
        Ok(std::iter::once(known::record(place, definitions)).chain(announcements).collect())
    }
}

fn not_written(error: LogError, settings: &KafkaSettings) -> Failure {
    let id = known::id(settings);
    if error.cause == Cause::Fenced {
        return failed(anyhow!(
            "nothing was applied: another one took the transactional id {id} at the same time, by `rapport \
             definitions apply`, a SIGHUP or a first start; look at `rapport definitions show`, and apply again if it \
             is still needed"
        ));
    }
    let advice = "whether they were applied is not known; look at `rapport definitions show`, and apply again if \
                  need be";
    failed(anyhow::Error::new(error).context(advice))
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, changes: &[String]| {
            changes.iter().try_for_each(|change| writeln!(f, "  {change}"))
        };
        match self {
            Applied::Nothing { number } => {
                writeln!(f, "nothing to apply: the newest definitions, no. {number}, are these already")
            }
            Applied::First => {
                writeln!(f, "applied the first definitions: they hold from the beginning of the log")
            }
            Applied::Would(following) => {
                writeln!(f, "would apply definitions no. {}:", following.number)?;
                list(f, &following.changes)
            }
            Applied::After(following) => {
                writeln!(f, "applied definitions no. {}:", following.number)?;
                list(f, &following.changes)?;
                writeln!(
                    f,
                    "each partition counts everything anew by them from its next minute of event time on; until every \
                     one does, nothing is judged"
                )?;
                match following.sources {
                    SourcesChange::None => Ok(()),
                    SourcesChange::Bound => {
                        writeln!(f, "the intakes take the other out_of_orderness when they start next")
                    }
                    SourcesChange::List => writeln!(
                        f,
                        "the list of sources is another: restart every instance with this configuration, since sources \
                         are subscribed to at the start; time waits for a source that is new until it reports"
                    ),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load;
    use crate::model::EventTime;

    const LEADS: &str = "[[source]]\nname = \"crm.leads\"\n";

    fn config(text: &str) -> Config {
        load(text, "test", &[]).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// What follows from a file in a cluster with an event log of eight partitions and a topic of leads, after
    /// the definitions of other files.
    fn plan(before: &[&str], text: &str) -> Result<(Plan, Vec<NewRecord>), String> {
        let (wanted, topics) = (config(text), Topics::default());
        let partitions = [("crm.events", 8), ("crm.leads", 3)];
        let partitions = partitions.map(|(name, count)| (name.to_owned(), Some(count))).into();
        let asking = Asking { wanted: &wanted, topics: &topics, partitions };
        let defined = |text: &&str| config(text).definitions(&|_| Some(3), *b"a key of the ids").unwrap();
        let known = Known::of_all(before.iter().map(defined).map(|d| (EventTime(0), d)).collect());
        let said = |failure| match failure {
            Failure::Request(why) | Failure::Failed(why) => why.to_string(),
        };
        let plan = asking.plan(&known).map_err(said)?;
        let place = TopicPartition::new("rapport.definitions", 0);
        let records = match &plan {
            Plan::Follow(definitions, following) => asking.records(&place, definitions, following.number),
            _ => Ok(Vec::new()),
        };
        Ok((plan, records.map_err(said)?))
    }

    #[test]
    fn what_follows_is_written_and_announced_everywhere() {
        let (plan, records) = plan(&["", LEADS], "[log]\nretention = \"30d\"\n").unwrap();
        let Plan::Follow(definitions, following) = &plan else { panic!("these are others") };
        assert_eq!((following.number, following.sources), (3, SourcesChange::List));
        assert_eq!(definitions.id_key, *b"a key of the ids", "it is never drawn again");
        let to: Vec<String> = records.iter().map(|record| record.to.to_string()).collect();
        assert_eq!(to[0], "rapport.definitions[0]");
        assert_eq!(to[1..], (0..8).map(|p| format!("crm.events[{p}]")).collect::<Vec<_>>());
        let said = plan.done().to_string();
        assert!(said.contains("  log.direct: false → true\n  log.retention: \"100d\" → \"30d\"\n"), "{said}");
        assert!(said.contains("restart every instance with this configuration"), "{said}");
    }

    #[test]
    fn another_bound_is_said_to_reach_intakes_later() {
        let (plan, _) = plan(&[LEADS], &format!("[log]\nout_of_orderness = \"5m\"\n{LEADS}")).unwrap();
        let said = plan.done().to_string();
        assert!(
            said.contains("out_of_orderness when they start next") && !said.contains("restart"),
            "{said}"
        );
    }

    #[test]
    fn the_same_again_is_nothing_but_what_was_before_the_newest_is_something() {
        let other = "[log]\nretention = \"30d\"\n";
        assert!(matches!(plan(&["", other], other), Ok((Plan::Nothing { number: 2 }, _))));
        assert!(matches!(plan(&["", other], ""), Ok((Plan::Follow(_, Following { number: 3, .. }), _))));
        assert!(matches!(plan(&[], other), Ok((Plan::First(_), _))));
    }

    #[test]
    fn what_can_never_be_is_refused_with_the_way_out() {
        let refused = |text: &str| plan(&[""], text).err().unwrap();
        let said = refused("[kafka]\nevent_partitions = 16\n");
        assert!(
            said.starts_with("kafka.event_partitions = 16 cannot be applied: crm.events was made with 8"),
            "{said}"
        );
        let said = refused("[[source]]\nname = \"nobody.made.it\"\n");
        assert!(
            said.contains("there is no topic \"nobody.made.it\"; create it, or correct the name"),
            "{said}"
        );
        let holidays: Vec<String> = (1..=9999).map(|year| format!("\"{year:04}-12-25\"")).collect();
        let said = refused(&format!(
            "[calendar.sales]\nholidays = [{}]\n[log]\nrecord_bytes_max = 65536\n",
            holidays.join(", ")
        ));
        assert!(said.contains("bytes in a record, more than the 65536 of log.record_bytes_max"), "{said}");
    }
}
