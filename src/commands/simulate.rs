//! `rapport simulate`: the events of a seeded company as NDJSON, and the truth beside them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::cli::Simulate;
use crate::codec;
use crate::commands::say::say_line;
use crate::model::EventTime;
use crate::simulator::{Case, Company, Disorder, Payload, Plot, Scenario, Segment, TeamHours, Truth};

use super::{Failure, failed, request};

/// Writes the events and the truth.
pub fn simulate(args: &Simulate) -> Result<(), Failure> {
    let scenario = scenario(args)?;
    refuse_what_never_begins(&scenario)?;
    let mut company = Company::new(scenario.clone()).map_err(request)?;
    if plants(&scenario) && company.truth().periods.is_empty() {
        return Err(request(anyhow!(
            "of {} nothing happens between day {} and day {} of {}, so that nothing would be planted: give an earlier \
             --onset, more --days or a later --end, or another --case than {}",
            scenario.plot,
            scenario.onset_day,
            last_day(&scenario),
            scenario.start.rfc3339()[..10].to_owned(),
            scenario.case,
        )));
    }
    let truth_path = truth_beside(&args.out);
    let file = File::create(&args.out)
        .with_context(|| format!("cannot write {}", args.out.display()))
        .map_err(request)?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut records: u64 = 0;
    for record in company.by_ref() {
        let line = match record.payload {
            Payload::Event(event) => codec::encode_event_json(&event),
            Payload::Garbage { bytes, .. } => bytes,
        };
        out.write_all(&line).and_then(|()| out.write_all(b"\n")).map_err(failed)?;
        records += 1;
    }
    out.flush().map_err(failed)?;
    let truth = serde_json::to_vec_pretty(company.truth()).map_err(failed)?;
    std::fs::write(&truth_path, truth).map_err(failed)?;
    say_line!("{records} records in {}", args.out.display());
    say_line!("the truth about them in {}", truth_path.display());
    for planted in &company.truth().periods {
        let until = planted.to.map_or("the end".to_owned(), |to| to.rfc3339()[..10].to_owned());
        say_line!(
            "planted: {} (sign {}) in {}, from {} to {until}",
            planted.rule,
            planted.sign,
            planted.segment,
            &planted.from.rfc3339()[..10],
        );
    }
    if scenario.plot != Plot::Healthy && !plants(&scenario) {
        say_line!("nothing is planted: --dose is 0");
    }
    let calendars = calendars(company.truth());
    if !calendars.is_empty() {
        say_line!("the teams' calendars, for the configuration:\n{calendars}");
    }
    Ok(())
}

/// Whether a scenario is to plant anything.
fn plants(scenario: &Scenario) -> bool {
    scenario.plot != Plot::Healthy && scenario.dose > 0.0
}

/// The day on which everything that is planted is over.
fn last_day(scenario: &Scenario) -> u32 {
    scenario.end_day.map_or(scenario.days, |end| end.min(scenario.days))
}

/// Refuses a fault that would begin when the story, or every fault, is over.
fn refuse_what_never_begins(scenario: &Scenario) -> Result<(), Failure> {
    let second = (scenario.plot == Plot::FallingOut).then_some(("--second-onset", scenario.second_onset_day));
    let onsets = [("--onset", scenario.onset_day)].into_iter().chain(second);
    let Some((name, onset)) = onsets.into_iter().find(|(_, onset)| *onset >= last_day(scenario)) else {
        return Ok(());
    };
    let (plot, days) = (scenario.plot, scenario.days);
    match scenario.end_day {
        _ if !plants(scenario) => Ok(()),
        Some(end) if end < days => Err(request(anyhow!(
            "{name} {onset} is not before --end {end}, so that nothing of {plot} would be planted from then on: give \
             an earlier {name} or a later --end"
        ))),
        _ => Err(request(anyhow!(
            "{name} {onset} is not before the end of the story, --days {days}, so that nothing of {plot} would be \
             planted from then on: give an earlier {name} or more --days"
        ))),
    }
}

fn scenario(args: &Simulate) -> Result<Scenario, Failure> {
    let (plot, case) = played(args)?;
    let start: jiff::civil::Date = args
        .start
        .parse()
        .map_err(|_| request(anyhow!("--start {} is no date; write YYYY-MM-DD", args.start)))?;
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(start.at(0, 0, 0, 0)).map_err(request)?;
    let segment = Segment::parse(&args.segment).ok_or_else(|| {
        request(anyhow!("--segment {} is neither all, source=NAME nor region=NAME", args.segment))
    })?;
    let mut scenario = Scenario {
        start: EventTime(midnight.as_millisecond()),
        days: args.days,
        dose: args.dose,
        onset_day: args.onset,
        second_onset_day: args.second_onset,
        ramp_days: args.ramp,
        end_day: args.end,
        segment,
        plot,
        case_day: args.case_day,
        noise: args.noise,
        disorder: disorder(&args.disorder)?,
        ..Scenario::in_case(case, args.seed)
    };
    if let Some(leads) = args.leads_per_day {
        scenario.company.leads_per_business_day = leads;
    }
    Ok(scenario)
}

/// The plot, and the circumstances under which it is played.
fn played(args: &Simulate) -> Result<(Plot, Case), Failure> {
    let names = |of: &[&'static str]| of.join(", ");
    let cases: Vec<&'static str> = Case::ALL.iter().map(|case| case.as_str()).collect();
    let case = Case::parse(&args.case)
        .ok_or_else(|| request(anyhow!("no case is called {}; there are {}", args.case, names(&cases))))?;
    match (Plot::parse(&args.scenario), Case::parse(&args.scenario)) {
        (Some(plot), _) => Ok((plot, case)),
        (None, Some(played)) if case == Case::Ordinary || case == played => Ok((Plot::Healthy, played)),
        (None, Some(played)) => {
            Err(request(anyhow!("--scenario {played} and --case {case} are two cases; only one is played")))
        }
        (None, None) => {
            let mut all: Vec<&'static str> = Plot::ALL.iter().map(|plot| plot.as_str()).collect();
            all.extend(&cases);
            Err(request(anyhow!("no scenario is called {}; there are {}", args.scenario, names(&all))))
        }
    }
}

/// What the configuration should say of the calendars, where that is not its default.
fn calendars(truth: &Truth) -> String {
    let usual = TeamHours { weekdays: "09:00-17:00".into(), holidays: Vec::new() };
    let team = |(name, hours): (&str, &TeamHours)| {
        let holidays: Vec<String> = hours.holidays.iter().map(|date| format!("\"{date}\"")).collect();
        format!(
            "[calendar.{name}]\nholidays = [{}]\n[calendar.{name}.hours]\nweekdays = [\"{}\"]\n",
            holidays.join(", "),
            hours.weekdays
        )
    };
    let teams =
        truth.calendars.iter().flat_map(|known| [("sales", &known.sales), ("marketing", &known.marketing)]);
    teams.filter(|(_, hours)| **hours != usual).map(team).collect()
}

fn disorder(word: &str) -> Result<Disorder, Failure> {
    let usual = Disorder::default();
    match word {
        "none" => Ok(Disorder::none()),
        "usual" => Ok(usual),
        "bad" => Ok(Disorder {
            late_share: usual.late_share * 5.0,
            duplicate_share: usual.duplicate_share * 5.0,
            garbage_share: usual.garbage_share * 5.0,
            ..usual
        }),
        other => Err(request(anyhow!("--disorder {other} is neither none, usual nor bad"))),
    }
}

/// `events.jsonl` → `events.truth.json`.
fn truth_beside(events: &Path) -> PathBuf {
    let stem = events.file_stem().map_or_else(|| "events".into(), |stem| stem.to_string_lossy().into_owned());
    events.with_file_name(format!("{stem}.truth.json"))
}
