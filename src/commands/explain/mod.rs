//! `rapport explain`: how an alert came about, asked of the daemon or read from a replay's folder.

mod daemon;
mod folder;
mod print;

use serde::{Deserialize, Serialize};

use crate::cli::Explain;
use crate::commands::say::{say, say_line};
use crate::model::alert::Alert;
use crate::model::explanation::Explanation;

use super::Failure;

/// A message about an alert, and how it comes about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Explained {
    alert: Alert,
    explanation: Explanation,
}

/// Prints the explanation of an alert.
pub fn explain(args: &Explain) -> Result<(), Failure> {
    let explained = match &args.folder {
        Some(folder) => folder::read(folder, &args.fingerprint, args.fired)?,
        None => daemon::ask(&args.url, &args.fingerprint, args.fired)?,
    };
    if args.json {
        say_line!("{}", serde_json::to_string_pretty(&explained).expect("an explanation is always JSON"));
    } else {
        say!("{}", print::text(&explained));
    }
    Ok(())
}
