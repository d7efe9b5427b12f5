//! `rapport state rebuild`: makes the state of all tasks anew from the event log, where it was lost.

use crate::cli::ConfigFile;
use crate::commands::say::say;
use crate::engine::clock::{Clock as _, SystemClock};
use crate::pipeline::rebuild::{Progress, Rebuilt, rebuild};

use super::daemon::{self, Joined};
use super::{Failure, configured, failed};

/// Progress is told this often, in ms.
const PROGRESS_EVERY_MS: u64 = 2_000;

/// Makes the state anew; says how far it has come, and in the end what was done.
pub fn rebuild_state(args: &ConfigFile) -> Result<(), Failure> {
    let mut config = configured::config(args.config.as_deref())?;
    // A member of its own: under the name of an instance it would push that one out instead of seeing it.
    config.kafka.instance_id = None;
    let clock = SystemClock::new();
    let settings = daemon::kafka_settings(&config)?;
    // Dead members are in the group for their session, and their transactions are open until their timeout.
    let session_ms = u64::try_from(settings.session_timeout_ms(true)).unwrap_or(0);
    let patience_ms =
        session_ms.max(u64::from(settings.transaction_timeout_ms)) + daemon::PATIENCE_BEYOND_TIMEOUT_MS;
    let Joined { mut log, tasks, .. } = daemon::join(&config, &settings, &clock)?;
    let mut told_ms = clock.ticks_ms();
    let mut tell = |progress: Progress| match progress {
        Progress::Waiting => eprintln!("waiting for the group {} to be empty", config.kafka.group_id),
        Progress::Committed(at) => eprintln!("{at}: its state is written"),
        Progress::Read(at, next, end) => {
            if clock.ticks_ms() - told_ms >= PROGRESS_EVERY_MS {
                told_ms = clock.ticks_ms();
                eprintln!("{at}: {} % of {end} records", next.saturating_mul(100) / end.max(1));
            }
        }
    };
    let rebuilt = rebuild(&mut log, &tasks, &clock, patience_ms, &mut tell).map_err(failed)?;
    say!("{}", summary(rebuilt));
    Ok(())
}

fn summary(Rebuilt { tasks, records, rows, alerts }: Rebuilt) -> String {
    if tasks == 0 {
        return "there is no state yet: the group has no place in any partition\n".to_owned();
    }
    let alerts = match alerts {
        0 => "no alert had been left untold".to_owned(),
        n => format!("{n} messages of alerts that had not been told were written"),
    };
    format!("the state of {tasks} tasks was made anew from {records} records: {rows} rows; {alerts}\n")
}
