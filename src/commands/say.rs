//! What commands say to their user.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _, stdout};

/// Prints to stdout as `print!` does. Where nobody reads on, as behind `| head`, the command has done its work.
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
    match stdout().lock().write_fmt(said) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("rapport: cannot write to stdout: {error}");
            std::process::exit(1);
        }
    }
}
