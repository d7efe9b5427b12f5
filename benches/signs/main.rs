//! What the rules find in simulated companies, after how long, and how often they cry wolf where nothing is wrong.
//!
//! ```text
//! cargo bench --bench signs                    all of it; writes benches/SIGNS.md
//! cargo bench --bench signs -- --development   seeds below 1000 instead of those from 2000 on, nothing is written
//! cargo bench --bench signs -- --quick         a small part, nothing is written
//! cargo bench --bench signs -- --only RULE     one rule; healthy companies are not played
//! cargo bench --bench signs -- --only healthy  healthy companies alone
//! cargo bench --bench signs -- --set RULE.KEY=VALUE   with a setting otherwise; nothing is written
//! cargo bench --bench signs -- --plan FILE     other scenarios of the same form; nothing is written
//! cargo bench --bench signs -- --why           says of each onset what the best chart knew
//! ```
//!
//! A run that is broken off goes on where it stopped when it is begun again.
//!
//! What is played stands in `scenarios.toml`: `plan` reads it, `play` plays a company, `yardstick` says how soon its
//! fault could have been found, `findings` puts both side by side, `kept` keeps that, and `report` writes it down.

mod findings;
mod kept;
mod plan;
mod play;
mod report;
mod yardstick;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rapport::engine::clock::{Clock as _, SystemClock};

use findings::{Company, Figures};
use kept::{Kept, Timed};
use plan::{Plan, Seeds};

/// Playing is small allocations by the million.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What was asked for.
struct Asked {
    seeds: Seeds,
    quick: bool,
    only: Option<String>,
    set: Vec<(String, String)>,
    plan: Option<String>,
    why: bool,
}

fn main() -> ExitCode {
    // `cargo test --all-targets` starts it as well, and would wait for it for long.
    if !std::env::args().any(|arg| arg == "--bench") {
        eprintln!("signs: run it with `cargo bench --bench signs`");
        return ExitCode::SUCCESS;
    }
    match asked(std::env::args().skip(1).filter(|arg| arg != "--bench")).and_then(|asked| run(&asked)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("signs: {error}");
            ExitCode::FAILURE
        }
    }
}

fn asked(mut args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked =
        Asked { seeds: Seeds::Reported, quick: false, only: None, set: Vec::new(), plan: None, why: false };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--development" => asked.seeds = Seeds::Development,
            "--quick" => asked.quick = true,
            "--only" => asked.only = Some(args.next().ok_or("--only needs the name of a rule, or healthy")?),
            "--plan" => asked.plan = Some(args.next().ok_or("--plan needs a file")?),
            "--why" => asked.why = true,
            "--set" => {
                let set = args.next().unwrap_or_default();
                let (key, value) = set.split_once('=').ok_or("--set needs RULE.KEY=VALUE")?;
                asked.set.push((key.to_owned(), value.to_owned()));
            }
            other => return Err(format!("{other} is no option; the file's own words say which there are")),
        }
    }
    Ok(asked)
}

fn run(asked: &Asked) -> Result<(), String> {
    let clock = SystemClock::new();
    let plan = match &asked.plan {
        Some(file) => Plan::parse(&std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?)?,
        None => Plan::parse(include_str!("scenarios.toml"))?,
    };
    let terms = play::terms(&asked.set)?;
    let companies = findings::companies(&plan, asked.seeds, asked.quick, asked.only.as_deref());
    if companies.is_empty() {
        return Err("nothing is played: no rule of the scenario file has this name".to_owned());
    }
    // The largest first, so that no thread is left alone with one in the end.
    let mut order: Vec<usize> = (0..companies.len()).collect();
    order.sort_by(|a, b| companies[*b].weight().total_cmp(&companies[*a].weight()));
    let kept = Kept::of_this_program(&asked.set)?;
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(place) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let company = &companies[*place];
                    let finding = kept.get(company).map(Ok).unwrap_or_else(|| {
                        let began = clock.ticks_ms();
                        let finding = findings::of(company, &terms)?;
                        let seconds = (clock.ticks_ms() - began) as f64 / 1000.0;
                        let timed = Timed { finding, seconds };
                        kept.put(company, &timed);
                        Ok(timed)
                    });
                    let mut done = done.lock().unwrap_or_else(|e| e.into_inner());
                    done.push((*place, finding));
                    if done.len() % 20 == 0 {
                        let seconds = clock.ticks_ms() / 1000;
                        eprintln!("signs: {} of {} companies, {seconds} s", done.len(), companies.len());
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(place, _)| *place);
    let timed = done.into_iter().map(|(_, timed)| timed).collect::<Result<Vec<Timed>, String>>()?;
    let seconds = timed.iter().map(|timed| timed.seconds).sum();
    let findings = timed.into_iter().map(|timed| timed.finding);
    let pairs: Vec<(&Company, findings::Finding)> = companies.iter().zip(findings).collect();
    let figures = Figures::new(&plan, &pairs);
    if asked.why {
        pairs.iter().for_each(|(company, finding)| findings::say_why(company, finding));
    }
    let is_as_it_stands = asked.only.is_none() && asked.set.is_empty() && asked.plan.is_none();
    let whole = !asked.quick && is_as_it_stands && asked.seeds == Seeds::Reported;
    let text = report::report(&figures, seconds);
    print!("{text}");
    if whole {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/SIGNS.md");
        std::fs::write(path, text).map_err(|e| format!("cannot write {path}: {e}"))?;
        eprintln!("signs: written to benches/SIGNS.md");
    }
    Ok(())
}
