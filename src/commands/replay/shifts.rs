//! How shifts of cohort quality are printed.

use crate::commands::say::say_line;
use crate::funnel::shifts::detect::Direction;
use crate::funnel::shifts::{Dimensional, Outcome, PartCarried, Shift, Taken};
use crate::model::words::Step;

use super::print::grouped;

/// So many segments are named.
const MOST: usize = 5;
/// A segment that carries less of a shift is not worth a name.
const LEAST: f64 = 0.05;

/// Prints every shift; of a step without any, that there is none, or why none could be seen.
pub(super) fn print(outcomes: &[Outcome]) {
    if outcomes.iter().all(|outcome| outcome.leads == 0) {
        return;
    }
    let any = outcomes.iter().any(|outcome| !outcome.shifts.is_empty());
    say_line!("\nCohort quality{}", if any { " shifted" } else { "" });
    for outcome in outcomes {
        let what = what(outcome.step, outcome.horizon_days);
        for shift in &outcome.shifts {
            told(&what, shift);
        }
        let old = grouped(outcome.leads);
        match (outcome.shifts.is_empty(), outcome.is_learned) {
            (false, _) => {}
            (true, true) => say_line!("  {what}: no shift in {old} that are old enough"),
            (true, false) => say_line!("  {what}: learning, with {old} that are old enough"),
        }
    }
}

fn told(what: &str, shift: &Shift) {
    let way = match shift.direction {
        Direction::Better => "better",
        Direction::Worse => "worse",
    };
    let (before, after, at_first) = (&shift.before, &shift.after, &shift.at_first);
    let came = came(shift.step);
    say_line!(
        "  {what}: {way} from the {came} of {} on, {} → {}",
        shift.from,
        percent(before.taken.share),
        percent(after.taken.share)
    );
    say_line!("      before, {} to {}: {}", before.first_day, before.last_day, taken(&before.taken));
    say_line!("      after, {} to {}: {}", after.first_day, after.last_day, taken(&after.taken));
    if !shift.lasted {
        say_line!("      which did not last: the cohorts since are not told apart from those before");
    }
    say_line!(
        "      first known on {}, when the {came} of {} were {} days old: {} of {} by then",
        shift.known_on,
        shift.reached,
        shift.horizon_days,
        grouped(at_first.k),
        grouped(at_first.n)
    );
    let volume = &shift.volume;
    say_line!(
        "      volume at the same time: {:.1} → {:.1} {came} a business day ({} days on either side)",
        volume.before,
        volume.after,
        volume.days
    );
    // The first dimension that tells anything apart; the file has them all.
    if let Some(dimension) = shift.explained.iter().find(|dimension| dimension.parts.len() > 1) {
        explained(dimension);
    }
    if let Some(unseen) = &shift.unseen {
        say_line!(
            "      nobody is known to have got there before {}, so {} {came} of before {} could not be seen to: look \
             at what was recorded before you look at people",
            unseen.first_taken,
            grouped(unseen.leads),
            unseen.until
        );
    }
}

fn explained(dimension: &Dimensional) {
    let keys: Vec<&str> = dimension.keys.iter().map(|key| key.as_str()).collect();
    let all = dimension.mix + dimension.rate;
    // Not −0.
    let part = |points: f64| format!("{:.0} %", (100.0 * points / all).round() + 0.0);
    say_line!(
        "      by {}: {} is another mix, {} other shares within",
        keys.join(", "),
        part(dimension.mix),
        part(dimension.rate)
    );
    let carries = |of: &&PartCarried| (of.mix + of.rate) / all >= LEAST;
    for carrier in dimension.parts.iter().filter(carries).take(MOST) {
        say_line!(
            "        {:>5} {}: {} of {} → {} of {}",
            part(carrier.mix + carrier.rate),
            carrier.segment,
            percent(carrier.before.share),
            grouped(carrier.before.n),
            percent(carrier.after.share),
            grouped(carrier.after.n)
        );
    }
}

fn taken(taken: &Taken) -> String {
    let (k, n) = (grouped(taken.k), grouped(taken.n));
    format!("{k} of {n}, {} ({} to {})", percent(taken.share), percent(taken.low), percent(taken.high))
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Who came: `MQLs`.
fn came(step: Step) -> String {
    format!("{}s", step.from().as_str().to_uppercase())
}

/// A step as people write it: `MQL→SQL within 14 days`.
fn what(step: Step, days: u16) -> String {
    let step = step.as_str().replace("_to_", "→").to_uppercase().replace("WON", "won");
    format!("{step} within {days} days")
}
