//! The report, as it stands in `benches/SIGNS.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use crate::findings::{self, Alerts, Figures, Row, TOUCH_BUDGET};

/// Lines of single alerts and misses that are shown at most.
const LINES_MAX: usize = 80;
/// The aim: a median delay of at most so many times the best.
const RATIO_AIM: f64 = 1.25;

/// Writes the report.
pub fn report(figures: &Figures, seconds: f64) -> String {
    let mut text = String::from(HEAD);
    let (companies, records) = figures.played;
    let _ = writeln!(
        text,
        "{companies} companies, {records} records, seeds {} to {}; {seconds:.0} s of one core on {}, {}, rapport {}.\n",
        figures.seeds.0,
        figures.seeds.1,
        machine(),
        said("rustc", &["--version"]),
        said("git", &["describe", "--always", "--dirty"]),
    );
    if !figures.healthy.is_empty() {
        healthy(&mut text, figures);
    }
    if !figures.planted.is_empty() {
        planted(&mut text, figures);
    }
    text
}

const HEAD: &str = "# What the rules find, and how often they cry wolf

Simulated companies, each played through the pure core with the default configuration, as the daemon would have judged
it. Made by one command, which also writes this file; thresholds are not tuned on the seeds that are reported.

```
cargo bench --bench signs
```

What is played stands in `benches/signs/scenarios.toml`. A month has 30.44 days. Each group has seeds of its own: those from
2000 on are reported, those below 1000 are for development (`-- --development`).

";

fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} cores ({})", model.map_or("unknown", |(_, name)| name.trim()))
}

fn said(program: &str, args: &[&str]) -> String {
    let done = Command::new(program).args(args).output();
    done.map_or_else(|_| "unknown".to_owned(), |done| String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

fn a_month(alerts: Alerts, months: f64) -> String {
    let rate = |n: usize| format!("{:.3} ({n})", n as f64 / months);
    format!("{} | {} | {}", rate(alerts.pages), rate(alerts.tickets), rate(alerts.info))
}

fn healthy(text: &mut String, figures: &Figures) {
    let months: f64 = figures.healthy.iter().map(|(_, case)| case.months).sum();
    let mut all = Alerts::default();
    let mut rules = std::collections::BTreeMap::<&str, Alerts>::new();
    for (_, case) in &figures.healthy {
        add(&mut all, case.alerts);
        case.rules.iter().for_each(|(rule, alerts)| add(rules.entry(rule).or_default(), *alerts));
    }
    text.push_str(
        "## Healthy companies\n\nNothing is planted, so every alert is a false one. The first months of each company, in \
         which most rules are learning, do not count. The aims: at most 0.1 pages and 0.5 tickets a company-month. \
         Behind each rate, in brackets, how many alerts that were.\n\n\
         | case | companies | company-months | pages a month | tickets a month | info a month |\n|---|---|---|---|---|---|\n",
    );
    for (name, case) in &figures.healthy {
        let row = a_month(case.alerts, case.months);
        let _ = writeln!(text, "| {name} | {} | {:.1} | {row} |", case.companies, case.months);
    }
    let companies: usize = figures.healthy.iter().map(|(_, case)| case.companies).sum();
    let _ = writeln!(text, "| **all** | {companies} | {months:.1} | {} |", a_month(all, months));
    text.push_str("\n| rule | pages a month | tickets a month | info a month |\n|---|---|---|---|\n");
    for (rule, alerts) in rules {
        let _ = writeln!(text, "| {rule} | {} |", a_month(alerts, months));
    }
    text.push_str(
        "\nThe alerts:\n\n| case | leads a day | seed | rule | segment, subject | severity | when \
                   |\n|---|---|---|---|---|---|---|\n",
    );
    lines(text, &figures.wolves);
}

fn add(sum: &mut Alerts, more: Alerts) {
    sum.pages += more.pages;
    sum.tickets += more.tickets;
    sum.info += more.info;
}

fn planted(text: &mut String, figures: &Figures) {
    let _ = write!(
        text,
        "\n## Planted faults\n\nThe aims: at least 95 % found, and a median delay of at most 1.25 times the best. Delays \
         are in days of the calendar from the onset; a company in which nothing was found counts as one that waits for \
         ever. An onset is found by an alert of the rule, in the planted segment or a wider or narrower one, that began \
         after it. *Best* is the median of the best delay that CUSUM theory allows in each company: a chart that knows \
         the healthy share (of the outcomes before the onset) and the share during the fault, with the threshold of the \
         rule's own budget for one segment, over the same daily outcomes known at the same time, from the onset with \
         S = 0. Of divergence it is two such charts, of which both must alarm. Of first_touch_slo, which promises no \
         rate, the chart may alarm {TOUCH_BUDGET} times a company-month, which is its part of the aims, and goes over the \
         outcomes hour by hour. Of rules that detect no change but read what is so (no_revenue_target, \
         launch_without_notice, unanswered_rejections, revenue_pace, no_data) it is the first evaluation at which their own \
         definition is met on the same log. *Again*: how many more alerts told of it \
         to the end, of parts before or after the whole, or once more of the same. *Right team*: where the fault is \
         somebody's, how many alerts call that team. *Right place*: how many of them are of \
         the planted segment or say that it lies there, and in no other; a flood lies in the source it comes from, and of a \
         fault that lies everywhere an alert of a segment may say that it is not only there. *False* are alerts of any rule that belong neither to what was \
         planted nor to a side effect of it.\n\n\
         | rule | plot | leads a day | segment | dose | companies | onsets | found | share | again | median days | best | ratio | right team | right place | \
         false |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    );
    for (case, rule, size, segment, dose, row) in &figures.planted {
        let days = |days: Option<f64>| days.map_or("–".to_owned(), |days| format!("{days:.1}"));
        let ratio = row
            .median
            .zip(row.best)
            .map_or("–".to_owned(), |(median, best)| format!("{:.2}", median / best));
        let teams = match row.teams {
            (0, _) => "–".to_owned(),
            (asked, right) => format!("{right} of {asked}"),
        };
        let _ = writeln!(
            text,
            "| {rule} | {case} | {size} | {segment} | {dose} | {} | {} | {} | {:.0} % | {} | {} | {} | {ratio} | {teams} \
             | {} of {} | {} |",
            row.companies,
            row.onsets,
            row.found,
            100.0 * row.found as f64 / row.onsets.max(1) as f64,
            row.again,
            days(row.median),
            days(row.best),
            row.placed,
            row.found,
            row.falsely,
        );
    }
    all_planted(text, figures);
    if !figures.missed.is_empty() {
        text.push_str(
            "\nWhat was missed:\n\n| rule | plot | leads a day | segment | dose | seed | the ideal chart \
                       alarms | what there was to see |\n|---|---|---|---|---|---|---|---|\n",
        );
        lines(text, &figures.missed);
    }
}

/// Rules that detect no change but read what is so: the best is their own definition.
const READ_WHAT_IS_SO: [&str; 5] =
    ["no_data", "no_revenue_target", "launch_without_notice", "unanswered_rejections", "revenue_pace"];

fn all_planted(text: &mut String, figures: &Figures) {
    text.push_str(
        "\nBy rule. The ratio is the median of what each onset took over the best of its own company; one that was missed \
         took for ever.\n\n| rule | onsets | found | share | alerts an onset | ratio | rows with a ratio of at most 1.25 |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (_, rule, ..) in figures.planted.iter().filter(|(_, rule, ..)| told.insert(rule)) {
        sums(text, figures, rule, |of| of == rule);
    }
    sums(text, figures, "**rules that detect a change**", |of| !READ_WHAT_IS_SO.contains(&of));
    sums(text, figures, "**all**", |_| true);
}

/// A line for some of the rules together.
fn sums(text: &mut String, figures: &Figures, name: &str, is_of: impl Fn(&str) -> bool) {
    let rows = || figures.planted.iter().filter(|(_, rule, ..)| is_of(rule)).map(|(.., row)| row);
    let sum = |of: fn(&Row) -> usize| rows().map(of).sum::<usize>();
    let (onsets, found, again) = (sum(|row| row.onsets), sum(|row| row.found), sum(|row| row.again));
    let within = rows().filter(|row| row.median.zip(row.best).is_some_and(|(m, best)| m / best <= RATIO_AIM));
    let of_rules = figures.ratios.iter().filter(|(rule, _)| is_of(rule)).map(|(_, ratio)| *ratio);
    let median = findings::median(&mut of_rules.collect::<Vec<f64>>());
    let _ = writeln!(
        text,
        "| {name} | {onsets} | {found} | {:.1} % | {:.2} | {} | {} of {} |",
        100.0 * found as f64 / onsets.max(1) as f64,
        (found + again) as f64 / onsets.max(1) as f64,
        median.map_or("–".to_owned(), |median| format!("{median:.2}")),
        within.count(),
        rows().count(),
    );
}

fn lines(text: &mut String, lines: &[String]) {
    for line in lines.iter().take(LINES_MAX) {
        let _ = writeln!(text, "| {line} |");
    }
    if let Some(more) = lines.len().checked_sub(LINES_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nand {more} more.");
    }
}
