//! The circuit breaker of dead letters: one bad record is set aside and the log goes on, but when too
//! many are bad something is wrong with the source or the settings, and to go on would hide it.

/// When too many records are dead letters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerSettings {
    /// Share of a window's records that may be dead letters.
    pub ratio_max: f64,
    /// Records in a window.
    pub window_records: u32,
    /// Dead letters in a row.
    pub in_a_row_max: u32,
}

impl Default for BreakerSettings {
    fn default() -> BreakerSettings {
        BreakerSettings { ratio_max: 0.05, window_records: 1000, in_a_row_max: 1000 }
    }
}

/// What a person can do about it.
const WAY_OUT: &str = "look into the topic of dead letters for the reason, mend the source or its encoding and start \
                       again, or allow more under [log.dead_letter]";

/// Counts the records of one task since it began to run.
#[derive(Clone, Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    records: u32,
    bad: u32,
    in_a_row: u32,
}

/// How a record ended, as far as the breaker cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// It could be read.
    Good,
    /// It is a dead letter.
    Bad,
}

impl Breaker {
    /// A breaker that has seen nothing.
    pub fn new(settings: BreakerSettings) -> Breaker {
        Breaker { settings, records: 0, bad: 0, in_a_row: 0 }
    }

    /// Counts a record; says why to stop, if it is time to.
    pub fn count(&mut self, quality: Quality) -> Option<String> {
        self.records += 1;
        match quality {
            Quality::Good => self.in_a_row = 0,
            Quality::Bad => {
                self.bad += 1;
                self.in_a_row += 1;
            }
        }
        let settings = &self.settings;
        if self.in_a_row >= settings.in_a_row_max {
            let rows = self.in_a_row;
            return Some(format!("{rows} records in a row are dead letters; {WAY_OUT}"));
        }
        if self.records < settings.window_records {
            return None;
        }
        let (bad, records) = (self.bad, self.records);
        (self.records, self.bad) = (0, 0);
        (f64::from(bad) > settings.ratio_max * f64::from(records)).then(|| {
            format!(
                "{bad} of the last {records} records are dead letters, more than the {} % allowed; {WAY_OUT}",
                settings.ratio_max * 100.0
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops_at(settings: BreakerSettings, qualities: impl IntoIterator<Item = Quality>) -> Option<usize> {
        let mut breaker = Breaker::new(settings);
        qualities.into_iter().position(|quality| breaker.count(quality).is_some())
    }

    #[test]
    fn it_opens_above_the_ratio_and_in_a_row_but_not_for_a_few() {
        let settings = BreakerSettings { ratio_max: 0.1, window_records: 10, in_a_row_max: 5 };
        let every = |n: usize| (0..100).map(move |i| if i % n == 0 { Quality::Bad } else { Quality::Good });
        assert_eq!(stops_at(settings, every(10)), None);
        assert_eq!(stops_at(settings, every(4)), Some(9));
        assert_eq!(stops_at(settings, std::iter::repeat_n(Quality::Bad, 9)), Some(4));
    }
}
