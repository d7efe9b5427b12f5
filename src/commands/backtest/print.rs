//! The table that a backtest prints.

use std::fmt::Write as _;

use crate::model::EventTime;
use crate::model::outcome::Outcome;
use crate::simulator::grading::Grade;

use super::super::at_end::AtEnd;
use super::super::replay::print::grouped;
use super::super::replay::reading::{Reading, dead_letters, records};
use super::figures::{Delay, Figures, MONTH_DAYS, RuleFigures, VariantFigures};

/// Everything that there is to read.
pub fn table(figures: &Figures, reading: &Reading, seconds: f64) -> String {
    let mut text = String::new();
    let rejected = reading.set_aside.of(Outcome::DeadLetter);
    let day = |at: EventTime| at.rfc3339()[..10].to_owned();
    let _ = writeln!(
        text,
        "{} {} from {} to {} in {seconds:.1} s: {} ignored, {} {}.",
        grouped(reading.records),
        records(reading.records),
        day(figures.first),
        day(figures.last),
        grouped(reading.set_aside.of(Outcome::Ignored)),
        grouped(rejected),
        dead_letters(rejected),
    );
    for line in reading.set_aside_lines() {
        let _ = writeln!(text, "  {line}");
    }
    let from = figures.from.map_or_else(String::new, |from| format!(" from {} on", day(from)));
    let _ = writeln!(
        text,
        "Alerts{from} are counted over {:.1} months of {MONTH_DAYS} days of event time.",
        figures.months
    );
    let _ = writeln!(text);
    rules(&mut text, figures);
    text
}

/// A row for each rule, or with several rule sets a row for each of them under each rule.
fn rules(text: &mut String, figures: &Figures) {
    let several = figures.variants.len() > 1;
    let names = figures.variants.iter().map(|variant| variant.name.chars().count() + 2);
    let width = names.chain([24]).max().unwrap_or(24);
    let (before, truth) = (figures.from.is_some(), figures.truth.is_some());
    let _ = write!(
        text,
        "{:width$} {:>7} {:>8} {:>6} {:>8} {:>5}",
        "", "alerts", "a month", "pages", "tickets", "info"
    );
    if before {
        let _ = write!(text, " {:>7}", "before");
    }
    if truth {
        let columns = ["found", "missed", "false", "beside", "delay days", "working days"];
        let [found, missed, falsely, beside, days, working] = columns;
        let _ = write!(text, " {found:>6} {missed:>7} {falsely:>6} {beside:>7} {days:>15} {working:>15}");
    }
    let _ = writeln!(text);
    let (mut silent, mut unjudged) = (Vec::new(), Vec::new());
    for (i, first) in figures.variants.first().into_iter().flat_map(|one| one.rules.iter().enumerate()) {
        let each = || figures.variants.iter().map(move |variant| (variant, &variant.rules[i]));
        if each().all(|(_, rule)| has_nothing_to_say(rule)) {
            silent.push(first.rule);
            if each().all(|(_, rule)| rule.at_end.is_some_and(|at_end| !at_end.had_enough)) {
                unjudged.push(first.rule);
            }
            continue;
        }
        if several {
            let _ = writeln!(text, "{}", first.rule);
        }
        for (variant, rule) in each() {
            let label = if several { format!("  {}", variant.name) } else { rule.rule.to_owned() };
            of_rule(text, &format!("{label:width$}"), rule, before);
        }
    }
    if !silent.is_empty() {
        let _ = writeln!(text, "no alert: {}", silent.join(", "));
    }
    if !unjudged.is_empty() {
        let _ = writeln!(text, "  of these never had enough to judge: {}", unjudged.join(", "));
    }
    for variant in &figures.variants {
        remarks(text, variant, several);
    }
}

fn has_nothing_to_say(rule: &RuleFigures) -> bool {
    let planted = rule.found.unwrap_or(0) + rule.missed.unwrap_or(0);
    rule.alerts + rule.before_from + planted == 0
}

/// What the rows do not say of a rule set: its hash, what is off, what it missed.
fn remarks(text: &mut String, variant: &VariantFigures, several: bool) {
    let off: Vec<&str> = variant.rules.iter().filter(|rule| !rule.on).map(|rule| rule.rule).collect();
    let missed = || variant.periods.iter().flatten().filter(|period| period.found_at.is_none());
    let _ = writeln!(text, "\n{}: definitions {}", variant.name, variant.definitions.1);
    if !off.is_empty() {
        let _ = writeln!(text, "  off: {}", off.join(", "));
    }
    let _ = writeln!(text, "  {:24}{}", "at the end", AtEnd::head());
    for rule in &variant.rules {
        if let Some(at_end) = rule.at_end {
            let _ = writeln!(text, "    {:22}{}", rule.rule, at_end.row());
        }
    }
    for period in missed() {
        let is_off = if off.contains(&period.rule.as_str()) { ": the rule is off" } else { "" };
        let day = &period.from.rfc3339()[..10];
        let _ = writeln!(text, "  missed: {} in {}, planted from {day}{is_off}", period.rule, period.segment);
    }
    let falsely = variant
        .episodes
        .iter()
        .filter(|(_, is_before, grade)| !is_before && !several && *grade == Some(Grade::False));
    for (episode, _, _) in falsely {
        let subject = episode.subject.as_ref().map_or_else(String::new, |subject| format!(" ({subject})"));
        let day = &episode.at.rfc3339()[..10];
        let _ = writeln!(text, "  false: {} in {}{subject}, on {day}", episode.rule, episode.segment);
    }
}

fn of_rule(text: &mut String, label: &str, rule: &RuleFigures, before: bool) {
    if !rule.on {
        let _ = writeln!(text, "{label} {:>7}", "off");
        return;
    }
    let _ = write!(
        text,
        "{label} {:>7} {:>8.2} {:>6} {:>8} {:>5}",
        rule.alerts, rule.alerts_a_month, rule.pages, rule.tickets, rule.info
    );
    if before {
        let _ = write!(text, " {:>7}", rule.before_from);
    }
    if let (Some(found), Some(missed), Some(all_false), Some(beside)) =
        (rule.found, rule.missed, rule.false_alarms, rule.beside)
    {
        let delay = |delay: Option<Delay>| {
            delay.map_or("–".to_owned(), |d| format!("{:.1} (≤ {:.1})", d.median, d.worst))
        };
        let _ = write!(
            text,
            " {found:>6} {missed:>7} {all_false:>6} {beside:>7} {:>15} {:>15}",
            delay(rule.delay_days),
            delay(rule.delay_business_days)
        );
    }
    let _ = writeln!(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However large a number is, it does not run into the next one.
    #[test]
    fn columns_stand_apart() {
        let delay = Some(Delay { median: 3654.4, worst: 123_654.4 });
        let rule = RuleFigures {
            rule: "first_touch_slo",
            sign: 2,
            on: true,
            alerts: 1_234_567_890,
            before_from: 1_234_567_890,
            alerts_a_month: 123_456_789.25,
            pages: 1_234_567_890,
            tickets: 1_234_567_890,
            info: 1_234_567_890,
            found: Some(1_234_567_890),
            missed: Some(1_234_567_890),
            false_alarms: Some(1_234_567_890),
            beside: Some(1_234_567_890),
            delay_days: delay,
            delay_business_days: delay,
            at_end: Some(AtEnd {
                kept: u32::MAX,
                learning: u32::MAX,
                holding: u32::MAX,
                broken: u32::MAX,
                had_enough: true,
            }),
        };
        let mut text = String::new();
        of_rule(&mut text, "first_touch_slo", &rule, true);
        // Both delays are three words each: 3654.4 (≤ 123654.4).
        assert_eq!(text.split_whitespace().count(), 11 + 2 * 3, "{text}");
        assert_eq!(rule.at_end.unwrap().row().split_whitespace().count(), 4);
    }
}
