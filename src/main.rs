//! The command line of rapport: parse, do it, exit with 0 (done), 1 (it failed) or 2 (the request itself
//! is wrong).

use std::process::ExitCode;

use clap::Parser as _;

use rapport::cli::{Cli, Command, Topics};
use rapport::commands::{self, Failure};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Simulate(args) => commands::simulate::simulate(&args),
        Command::Replay(args) => commands::replay::replay(&args),
        _ => todo!(),
    };
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
