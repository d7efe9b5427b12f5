//! The command line of rapport.
fn main() {}
