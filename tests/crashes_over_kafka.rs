//! The real program over a real Apache Kafka, killed in every way, and a verifier of what is left that is as
//! strict as Kafka's own system tests of exactly-once. One broker serves the whole binary, except where it is
//! the broker that dies.

#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect is to fail there")]

/// How the program is killed, and what is left.
mod kafka_crashes;
/// What tests share.
mod support;
