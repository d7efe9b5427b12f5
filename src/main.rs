//! The command line of rapport: parse, do it, exit with 0 (done), 1 (it failed) or 2 (the request itself
//! is wrong).

use std::process::ExitCode;

use clap::Parser as _;

use rapport::cli::{Cli, Command, Definitions, State, Topics};
use rapport::commands::{self, Failure};
use rapport::log::crash_points;

/// Restoring and counting are small allocations by the million.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(args) => commands::simulate::simulate(&args),
        Command::Replay(args) => commands::replay::replay(&args),
        Command::Backtest(args) => commands::backtest::backtest(&args),
        Command::Check(args) => commands::check::check(&args),
        Command::Topics(Topics::Create(args)) => commands::topics::create(&args),
        Command::Definitions(Definitions::Apply(args)) => commands::definitions::apply_file(&args),
        Command::Definitions(Definitions::Show(args)) => commands::definitions::show(&args),
        Command::State(State::Rebuild(args)) => commands::state::rebuild_state(&args),
        Command::Rules(args) => commands::rules::rules(&args),
        Command::Explain(args) => commands::explain::explain(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Demo(args) => commands::demo::demo(&args),
    };
    crash_points::wait_for_death();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Request(error)) => {
            eprintln!("rapport: {error:#}");
            ExitCode::from(2)
        }
        Err(Failure::Failed(error)) => {
            eprintln!("rapport: {error:#}");
            ExitCode::FAILURE
        }
    }
}
