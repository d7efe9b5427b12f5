//! Everything that needs no program beside this one.

mod equality;
mod stories;
mod support;
