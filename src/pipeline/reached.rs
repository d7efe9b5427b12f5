//! How far the segments task has come, in the words of its memo: what others read to keep pace with it.

use std::fmt;
use std::str::FromStr;

use crate::model::Minute;

/// Before the first boundary that waits.
const WAITS: char = '~';

/// How far the segments task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// Every partition has passed this boundary, and everything up to it is judged.
    Judged(Minute),
    /// A partition has not reported at all: nothing is judged, and this is the first boundary that waits for it.
    Waits(Minute),
}

impl Reached {
    /// The boundary of which it speaks.
    pub(super) fn minute(self) -> Minute {
        match self {
            Reached::Judged(minute) | Reached::Waits(minute) => minute,
        }
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reached::Judged(minute) => write!(f, "{}", minute.0),
            Reached::Waits(minute) => write!(f, "{WAITS}{}", minute.0),
        }
    }
}

impl FromStr for Reached {
    type Err = std::num::ParseIntError;

    fn from_str(memo: &str) -> Result<Reached, std::num::ParseIntError> {
        match memo.strip_prefix(WAITS) {
            Some(minute) => minute.parse().map(|minute| Reached::Waits(Minute(minute))),
            None => memo.parse().map(|minute| Reached::Judged(Minute(minute))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_is_read_back() {
        for (reached, memo) in
            [(Reached::Judged(Minute(29_541_003)), "29541003"), (Reached::Waits(Minute(-5)), "~-5")]
        {
            assert_eq!(reached.to_string(), memo);
            assert_eq!(memo.parse(), Ok(reached));
        }
        assert!("".parse::<Reached>().is_err() && "~".parse::<Reached>().is_err());
    }
}
