//! What commands say to their user. Where nobody reads on, as behind `| head`, a command goes on without a word: it may
//! have more to do than to speak, and how it ends is its own affair.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _, stdout};

/// Prints to stdout as `print!` does.
macro_rules! say {
    ($($said:tt)*) => { $crate::commands::say::print(format_args!($($said)*)) };
}

/// The same, and ends the line.
macro_rules! say_line {
    () => { $crate::commands::say::print(format_args!("\n")) };
    ($($said:tt)*) => { $crate::commands::say::print(format_args!("{}\n", format_args!($($said)*))) };
}

pub(crate) use {say, say_line};

/// Prints to stdout; the macros call it.
pub(crate) fn print(said: Arguments<'_>) {
    if let Err(error) = stdout().lock().write_fmt(said)
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("rapport: cannot write to stdout: {error}");
        std::process::exit(1);
    }
}
