//! How finely counts are told apart: by hour and day, and by day alone where a measure has grades.
//!
//! A journey speaks in minutes. When it says all of itself again, after a switch of definitions, the minutes
//! of one hour and day are one: of a million journeys each would have minutes of its own.

use crate::model::measure::{Cell, Measure};
use crate::model::{EventTime, Minute};

use super::terms::Terms;

/// Minutes of an hour.
const HOUR: i32 = 60;

/// Whether a measure is counted by day and grade instead of by hour and day.
pub fn has_grades(measure: Measure) -> bool {
    matches!(
        measure,
        Measure::Converted(_) | Measure::TouchDelay(_) | Measure::Left(_) | Measure::SourcedWonSize
    )
}

/// The cell of the first minute that counts where this one counts: of the same day, and where hours are told
/// apart of the same hour.
pub fn coarse(cell: &Cell, terms: &Terms) -> Cell {
    let slice = cell.slice;
    let day = terms.days.local_day(slice.start().0);
    let day_start = EventTime(terms.days.day_start_ms(day)).minute();
    let first = match has_grades(cell.measure) {
        true => day_start,
        false => day_start.max(Minute(slice.0.div_euclid(HOUR) * HOUR)),
    };
    // Where a clock was set back over midnight the hour may begin on another day.
    let is_same_day = terms.days.local_day(first.start().0) == day;
    Cell { slice: if is_same_day { first } else { slice }, ..cell.clone() }
}
