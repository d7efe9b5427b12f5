//! What Prometheus sees: the picture in the text format, version 0.0.4.
//!
//! [`catalogue`] names every metric, [`measures`] finds the metric of a window result, [`exposition`] is a
//! pure function from the picture to the families. So a counter that is state is a counter here too, a
//! scrape is one consistent picture, and a series is gone when what it spoke of is.

pub mod catalogue;
pub mod exposition;
pub mod measures;

use prometheus::TextEncoder;

use super::board::Board;

/// The content type of the text. Prometheus 3 refuses a scrape without one.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How many series of the funnel and of alerts are exposed unless told otherwise.
pub const SERIES_MAX: usize = 2000;

/// The board as Prometheus reads it, with at most `series_max` series of the funnel and of alerts.
pub fn text(board: &Board, series_max: usize) -> String {
    let families = board.read(|picture| exposition::families(picture, series_max));
    let mut text = String::new();
    TextEncoder::new()
        .encode_utf8(&families, &mut text)
        .expect("a family is only made with its first series");
    text
}
