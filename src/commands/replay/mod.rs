//! `rapport replay`: the same processor over files. Prints the funnel and the alerts; writes them too if
//! asked to.

pub(super) mod input;
pub mod output;
pub(super) mod print;
pub(super) mod reading;
mod shifts;

use std::path::Path;

use anyhow::Context as _;

use crate::cli::Replay;
use crate::engine::clock::{Clock, SystemClock};
use crate::funnel::report;
use crate::funnel::segment::Told;
use crate::funnel::segment::series::Day;
use crate::funnel::shifts::Shifts;
use crate::funnel::signs::business_day;
use crate::funnel::terms::Terms;
use crate::model::Minute;
use crate::model::outcome::Outcome;
use crate::pipeline::local::Local;

use super::{Failure, configured, failed, request};
use input::Read;
use output::{Files, Summary};
use reading::{Progress, Reading};

/// A delta is judged after this many records; the answer does not depend on it.
const COMMIT_EVERY_RECORDS: u64 = 1_000;

/// Replays the files.
pub fn replay(args: &Replay) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let config = configured::config(args.config.as_deref())?;
    let mut definitions = configured::local_definitions(&config)?;
    if !args.retention {
        definitions.retention_days = None;
        definitions.open_retention_days = None;
    }
    // Only the last value of each window is written, and it is computed at the end.
    definitions.windows_every_minutes = 24 * 60;
    let terms = configured::terms(definitions, 1)?;
    let bytes_max = config.log.record_bytes_max as usize;
    let files = input::files(&args.files, &config)?;
    let history = input::history(&files, args.mapping.as_deref(), args.schemas.as_deref(), bytes_max)?;
    let mut out = args.out.as_deref().map(Files::create).transpose()?;

    let mut run = Run::new(Local::new(&terms), &terms);
    let mut stderr = std::io::stderr();
    let mut progress = Progress::new("replay", &clock, &mut stderr);
    for (_, fed) in history {
        run.feed(fed, out.as_mut())?;
        if run.is_another_day() {
            let told = run.local.commit_all();
            run.tell(told, out.as_mut())?;
            run.look(&terms);
        }
        if run.reading.records.is_multiple_of(COMMIT_EVERY_RECORDS) {
            let told = run.local.commit_all();
            run.tell(told, out.as_mut())?;
            progress.tell(run.reading.records, run.local.time());
        }
    }
    let told = run.local.finish();
    run.tell(told, out.as_mut())?;
    if run.is_another_day() {
        run.look(&terms);
    }

    let end = run.local.time();
    let report = report::report(run.local.rows(), &terms, end);
    let summary = run.summary(clock.ticks_ms() as f64 / 1000.0);
    let shifts = run.shifts.told(&terms);
    if let Some(out) = &mut out {
        let segments = run.local.segments();
        out.finish(&summary, &report, &segments.windows_now(), &shifts, segments)?;
    }
    print::all(&summary, &report, &shifts, &run);
    match run.reading.broken.first() {
        None => Ok(()),
        Some(broken) => Err(failed(anyhow::anyhow!("{broken}"))),
    }
}

/// A replay under way.
struct Run {
    local: Local,
    reading: Reading,
    alerts: Vec<crate::model::alert::Alert>,
    shifts: Shifts,
    /// The opening of the business day on which cohorts are read next.
    opens: Option<Minute>,
}

impl Run {
    fn new(local: Local, terms: &Terms) -> Run {
        let shifts = Shifts::new(&terms.definitions);
        Run {
            local,
            reading: Reading::default(),
            alerts: Vec::new(),
            shifts,
            opens: Some(Minute(Minute::MIN.0 + 1)),
        }
    }

    /// Whether marketing has opened since cohorts were read last, as time stands.
    fn is_another_day(&self) -> bool {
        self.opens.is_some_and(|opens| self.local.time() >= opens)
    }

    /// Reads the cohorts that are old enough by now. Everything up to now must be judged.
    fn look(&mut self, terms: &Terms) {
        let now = self.local.time();
        self.shifts.look(self.local.segments().book(), Day(terms.days.local_day(now.start().0)));
        self.opens = business_day::next_opening(terms, now);
    }

    fn feed(&mut self, fed: input::Fed, out: Option<&mut Files>) -> Result<(), Failure> {
        if let ((place, Read::Rejected(rejection, bytes)), Some(out)) = (&fed, out) {
            out.dead_letter(place, rejection, bytes)?;
        }
        if let Some(record) = self.reading.take(fed) {
            self.local.follow(record);
        }
        Ok(())
    }

    fn tell(&mut self, told: Vec<Told>, mut out: Option<&mut Files>) -> Result<(), Failure> {
        for told in told {
            match told {
                Told::Alert(alert) => {
                    if let Some(out) = &mut out {
                        out.alert(&alert)?;
                    }
                    self.alerts.push(alert);
                }
                Told::Explained(explanation) => {
                    if let Some(out) = &mut out {
                        out.explanation(&explanation)?;
                    }
                }
                Told::Window(_) | Told::WindowGone(_) | Told::Erased(_) => {}
            }
        }
        Ok(())
    }

    fn summary(&self, seconds: f64) -> Summary {
        let mut tally = self.local.tally();
        tally.add(&self.reading.set_aside);
        Summary {
            records: tally.total(),
            applied: tally.of(Outcome::Applied),
            duplicate: tally.of(Outcome::Duplicate),
            late: tally.of(Outcome::Late),
            dead_letter: tally.of(Outcome::DeadLetter),
            ignored: tally.of(Outcome::Ignored),
            forwarded: tally.of(Outcome::Forwarded),
            first_event: self.reading.first,
            last_event: self.reading.last,
            seconds,
        }
    }
}

/// A folder to write to, made if needed.
pub(super) fn folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display())).map_err(request)
}
