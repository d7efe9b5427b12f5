//! What the user said: the command line, and nothing done about it yet.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::simulator::{Case, Plot};

/// Watches how marketing and sales get along.
///
/// rapport reads the CRM's lead and deal events from Kafka, keeps the funnel in memory, and tells both
/// teams, with evidence, which of four signs of a broken partnership is showing: as alerts on a topic, as
/// Prometheus gauges, and on a page.
///
/// Begin with `rapport demo`: it needs nothing beside itself.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch a company whose two teams fall out, on a broker inside this process.
    Demo(Demo),
    /// Run the daemon.
    Run(ConfigFile),
    /// Read files of events instead of Kafka and print the funnel and the alerts.
    ///
    /// Reads NDJSON (.json, .jsonl, .ndjson), Avro container files and, with a mapping, CSV; all of them
    /// also gzipped. Events of several files are merged by their time.
    ///
    /// A file may be named as SOURCE=FILE, with a source of the configuration: what it holds counts as sent by that
    /// source, so that `no_data` tells of each source apart, as the daemon does. Without, all is sent by one, `direct`.
    ///
    /// It also says from which day on the quality of cohorts shifted, for better or worse: more or fewer of the MQLs
    /// took the step that `divergence` watches, or were won (within `funnel.horizons`, 90 days by default). Cohorts are
    /// read once they are old enough, so that the end of the files is never taken for a fall. Each shift comes with the
    /// date on which it could first be known, with how many MQLs came at the same time, and with what carries it: for
    /// each dimension, how much is due to another mix of segments, and how much to other shares within them.
    Replay(Replay),
    /// Judge a history by one or several rule sets: how often each rule speaks, and what it finds.
    ///
    /// Reads files as `replay` does, or with --topic the event log of the cluster that the configuration names,
    /// without joining its group. Every rule set counts and judges the same records. For each rule it prints how
    /// many alerts there were, how many a month (30.44 days of event time) and how loud; with a truth file, as
    /// `simulate` writes it, also which planted onsets were found, after how many days (median, and the worst in
    /// brackets), and how many alerts belong to nothing that was planted (`false`), or only to a side effect of it
    /// (`beside`): they may rightly speak, and need not.
    ///
    /// An alert belongs to a planted period if it is of the same rule, in the planted segment or a wider or narrower
    /// one, and began between the onset and 28 days after the end.
    #[command(after_long_help = BACKTEST_EXAMPLE)]
    Backtest(Backtest),
    /// Write the events of a seeded company, and the truth beside them.
    Simulate(Simulate),
    /// Kafka topics.
    #[command(subcommand)]
    Topics(Topics),
    /// Check the configuration, the cluster and the topics, and say everything that is wrong at once; then the rights.
    Check(Check),
    /// The definitions in the log: what is counted, over which days, split by what, and judged by which rules.
    #[command(subcommand)]
    Definitions(Definitions),
    /// The state of the tasks.
    #[command(subcommand)]
    State(State),
    /// Every rule in words, with the settings that it has.
    ///
    /// Says of each what it counts and out of what, over which time, who is left out, what is usual, when it
    /// speaks and how often for nothing, what ends it, what it cannot see, and what there is to do.
    Rules(Rules),
    /// How an alert came about: the sum, from which a person can work its value out by hand.
    ///
    /// Asks the daemon that judges, or reads what `replay --out` has written:
    ///
    ///   rapport explain 97b249c2a79e6665
    ///   rapport explain 97b249c2a79e6665 --folder out
    #[command(verbatim_doc_comment)]
    Explain(Explain),
}

/// `rules`
#[derive(Debug, Args)]
pub struct Rules {
    /// The configuration file; without one the defaults hold.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON, an object a rule.
    #[arg(long)]
    pub json: bool,
    /// Only these rules, such as first_touch_slo.
    #[arg(value_name = "RULE")]
    pub rules: Vec<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// The alert, by its fingerprint: the key of its record. The first digits are enough.
    pub fingerprint: String,
    /// The folder that `replay --out` has written, instead of a daemon.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub folder: Option<PathBuf>,
    /// Where the daemon serves its page.
    #[arg(long, default_value = "http://127.0.0.1:9464", value_name = "URL")]
    pub url: String,
    /// Of an alert that has been resolved: how it came about when it fired last.
    #[arg(long)]
    pub fired: bool,
    /// Print JSON: the alert and its explanation.
    #[arg(long)]
    pub json: bool,
}

/// The configuration file.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The configuration file (TOML); deploy/config.example.toml shows every key with its default.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// End after the story with a summary, instead of going on until Ctrl-C.
    #[arg(long)]
    pub exit: bool,
    /// Seed of the company.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Seconds that the story takes.
    #[arg(long, default_value_t = 40, value_name = "SECONDS")]
    pub seconds: u64,
    /// Where the page and the metrics are served; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9464")]
    pub listen: std::net::SocketAddr,
}

/// `replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// The configuration file; without one the defaults hold.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How the columns of CSV files become events; deploy/mappings holds examples.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Write alerts.jsonl, explanations.jsonl, shifts.jsonl, windows.jsonl, dead-letters.jsonl, rules.json,
    /// summary.json and funnel.json here.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Forget facts and journeys as the configuration's retention says; by default everything is kept.
    #[arg(long)]
    pub retention: bool,
    /// Directory of Avro schemas for Confluent-framed values, as ID.avsc.
    #[arg(long, value_name = "DIR")]
    pub schemas: Option<PathBuf>,
    /// Files of events, each of a source or of none.
    #[arg(required = true, value_name = "[SOURCE=]FILE")]
    pub files: Vec<PathBuf>,
}

/// What `backtest --help` ends with.
const BACKTEST_EXAMPLE: &str = "\
Example: would another gate have paged less, and what would it have missed?

  rapport simulate --scenario slow_first_touch --days 120 --onset 90 --out company.jsonl
  rapport backtest --truth company.truth.json --from 2026-03-01 \\
      --vary first_touch_slo.gate=0.01,0.0001 --out compared company.jsonl

Days before --from are for learning: their alerts are counted apart. A comma within brackets, braces or quotes
belongs to a value of --vary.

--out DIR gets two files for programs. backtest.json: version, first_event, last_event, from, to, months, records,
ignored, dead_letter, truth (how many periods are planted, how many lie outside of the history and are not counted,
and how many of those planted have begun_before it), and for each variant its name, config, set, definitions (number
and hash), rules (alerts, before_from, alerts_a_month, pages, tickets, info, found, missed, false_alarms, beside,
delay_days and delay_business_days with median and worst; at_end: in how many segments and subjects it is kept,
learning, holding and broken, and whether it ever had_enough to judge) and planted periods (found_at, fingerprint,
delays). alerts.jsonl: a line for each alert of each variant (variant, fingerprint, rule, segment, subject, severity,
since, at, resolved, owner_team, before_from, grade: found, again, beside or false). Times are milliseconds since
1970.";

/// `backtest`
#[derive(Debug, Args)]
pub struct Backtest {
    /// The configuration file; without one the defaults hold. Its retention holds as it would for the daemon.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Another configuration file, judged beside the first; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub against: Vec<PathBuf>,
    /// The configuration with one setting of a rule otherwise, once for each value; may be given several times.
    #[arg(long, value_name = "RULE.KEY=V1,V2,…")]
    pub vary: Vec<String>,
    /// What was planted, as `simulate` writes it beside the events.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// Write backtest.json and alerts.jsonl here.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Read no event from before this time: YYYY-MM-DD (midnight UTC) or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Count alerts from before this time apart.
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Read no event from this time on.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Read the event log from Kafka instead of files.
    #[arg(long, conflicts_with_all = ["files", "mapping", "schemas"])]
    pub topic: bool,
    /// With --topic, read only these offsets of a partition, the last exclusive; may be given several times, and
    /// partitions that are not named are then not read.
    #[arg(long, value_name = "PARTITION:FROM-TO", requires = "topic")]
    pub offsets: Vec<String>,
    /// How the columns of CSV files become events; deploy/mappings holds examples.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Directory of Avro schemas for Confluent-framed values, as ID.avsc.
    #[arg(long, value_name = "DIR")]
    pub schemas: Option<PathBuf>,
    /// Files of events, each of a source or of none, as for `replay`.
    #[arg(required_unless_present = "topic", value_name = "[SOURCE=]FILE")]
    pub files: Vec<PathBuf>,
}

/// What `simulate --help` says of the scenarios.
fn scenarios() -> String {
    let line = |name: &str, meaning: &str| format!("  {name}\n      {meaning}\n");
    let plots: String = Plot::ALL.iter().map(|plot| line(plot.as_str(), plot.meaning())).collect();
    let cases: String = Case::ALL.iter().map(|case| line(case.as_str(), case.meaning())).collect();
    format!(
        "Plots, for --scenario: what becomes of the two teams, from --onset on.\n{plots}\n\
         Cases, for --case, or for --scenario with nothing planted: circumstances under which a healthy company looks \
         odd. Those that have a beginning begin on --case-day.\n{cases}"
    )
}

/// `simulate`
#[derive(Debug, Args)]
#[command(after_long_help = scenarios())]
pub struct Simulate {
    /// What is played: a plot, or a case in which nothing is planted; --help lists both.
    #[arg(long, default_value = "healthy")]
    pub scenario: String,
    /// The circumstances under which a plot is played; --help lists them.
    #[arg(long, default_value = "ordinary")]
    pub case: String,
    /// Day on which the circumstances begin, counted from the start.
    #[arg(long, default_value_t = 60, value_name = "DAY")]
    pub case_day: u32,
    /// How much the company varies from week to week and from rep to rep, from 0 (by chance alone) to 1.
    #[arg(long, default_value_t = 0.4)]
    pub noise: f64,
    /// Seed: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Where the events go, as NDJSON; the truth goes beside them (events.jsonl → events.truth.json).
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// First day (UTC).
    #[arg(long, default_value = "2026-01-05", value_name = "YYYY-MM-DD")]
    pub start: String,
    /// Days of story.
    #[arg(long, default_value_t = 90)]
    pub days: u32,
    /// New leads in a business day.
    #[arg(long, value_name = "N")]
    pub leads_per_day: Option<f64>,
    /// Day on which the fault begins, counted from the start.
    #[arg(long, default_value_t = 60, value_name = "DAY")]
    pub onset: u32,
    /// Day on which the second fault of falling_out begins.
    #[arg(long, default_value_t = 72, value_name = "DAY")]
    pub second_onset: u32,
    /// Days over which a fault grows from nothing to its dose; 0: it begins at once.
    #[arg(long, default_value_t = 0, value_name = "DAYS")]
    pub ramp: u32,
    /// Day on which the faults end.
    #[arg(long, value_name = "DAY")]
    pub end: Option<u32>,
    /// Strength of the fault, from 0 to 1.
    #[arg(long, default_value_t = 1.0)]
    pub dose: f64,
    /// The part of the company that is touched: all, source=NAME or region=NAME.
    #[arg(long, default_value = "all")]
    pub segment: String,
    /// How events arrive: none (in order, once), usual, or bad (five times the usual).
    #[arg(long, default_value = "none")]
    pub disorder: String,
}

/// `topics`
#[derive(Debug, Subcommand)]
pub enum Topics {
    /// Create the topics that are missing, as they must be.
    Create(ConfigFile),
}

/// `check`
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file; without one the defaults are checked.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Check the file alone, without asking Kafka.
    #[arg(long)]
    pub offline: bool,
    /// Do not try the rights: by default one transaction for each of rapport's own topics is begun and aborted,
    /// which readers never see.
    #[arg(long)]
    pub read_only: bool,
    /// Print the effective configuration, secrets masked.
    #[arg(long)]
    pub print: bool,
}

/// `state`
#[derive(Debug, Subcommand)]
pub enum State {
    /// Make the state of all tasks anew from the event log, where the state topics were damaged or lost.
    ///
    /// Every record up to the committed places is applied once more, and what follows from it is thrown away, since
    /// it was written before; alerts that the segments task had not come to are written now. It needs the event log
    /// from its first record on, every instance of the group stopped, and memory for all partitions at once. It may be
    /// interrupted and begun again.
    Rebuild(ConfigFile),
}

/// `definitions`
#[derive(Debug, Subcommand)]
pub enum Definitions {
    /// Put the definitions of the configuration file into force while the log runs.
    ///
    /// They are appended to their topic and announced in every partition of the event log, in one transaction. Each
    /// partition counts everything anew by them from its next minute of event time on; nothing is read again. A
    /// SIGHUP makes `rapport run` do the same.
    Apply(DefinitionsApply),
    /// List the definitions that were applied, each with what it changed; or print one of them whole.
    Show(DefinitionsShow),
}

/// `definitions apply`
#[derive(Debug, Args)]
pub struct DefinitionsApply {
    /// The configuration file whose definitions are to hold.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say what would change, key by key, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `definitions show`
#[derive(Debug, Args)]
pub struct DefinitionsShow {
    /// The configuration file, for the cluster and the topics.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print the definitions of this number whole.
    #[arg(long, value_name = "N")]
    pub number: Option<u32>,
    /// How they are printed: as the part of a configuration file that asks for them, or as JSON.
    #[arg(long, value_enum, default_value_t = DefinitionsFormat::Toml, requires = "number")]
    pub format: DefinitionsFormat,
}

/// How definitions are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DefinitionsFormat {
    /// As the part of a configuration file that asks for them.
    Toml,
    /// As JSON.
    Json,
}
