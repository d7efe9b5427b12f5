//! Durations and exact decimals: how they are written, read and printed.
//!
//! A duration is a whole number and a unit. `ms`, `s`, `m`, `h`, `d` are time of the calendar; `bm`,
//! `bh`, `bd` are time in which a team works, where a day has as many minutes as that team's average
//! working day. The two kinds are never converted into each other.

use crate::model::definitions::Millionths;
use crate::model::{DAY_MS, HOUR_MS, MINUTE_MS};

/// The unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    BusinessMinute,
    BusinessHour,
    BusinessDay,
}

const UNITS: [(&str, Unit); 8] = [
    ("ms", Unit::Millisecond),
    ("s", Unit::Second),
    ("m", Unit::Minute),
    ("h", Unit::Hour),
    ("d", Unit::Day),
    ("bm", Unit::BusinessMinute),
    ("bh", Unit::BusinessHour),
    ("bd", Unit::BusinessDay),
];

/// A duration as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Duration {
    pub(super) n: u32,
    pub(super) unit: Unit,
}

impl Duration {
    /// Reads `30s`, `4bh`; `None` if it is nothing of the kind.
    pub(super) fn parse(text: &str) -> Option<Duration> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (n, unit) = text.split_at(digits);
        let unit = unit.strip_prefix(' ').unwrap_or(unit);
        let (_, unit) = UNITS.into_iter().find(|(word, _)| *word == unit)?;
        Some(Duration { n: n.parse().ok()?, unit })
    }

    /// Milliseconds of the calendar; `None` for business time.
    pub(super) fn calendar_ms(self) -> Option<i64> {
        let unit_ms = match self.unit {
            Unit::Millisecond => 1,
            Unit::Second => 1_000,
            Unit::Minute => MINUTE_MS,
            Unit::Hour => HOUR_MS,
            Unit::Day => DAY_MS,
            Unit::BusinessMinute | Unit::BusinessHour | Unit::BusinessDay => return None,
        };
        Some(i64::from(self.n) * unit_ms)
    }

    /// Minutes of business time, where a working day has so many; `None` for time of the calendar.
    pub(super) fn business_minutes(self, of_a_day: u32) -> Option<u64> {
        let unit = match self.unit {
            Unit::BusinessMinute => 1,
            Unit::BusinessHour => 60,
            Unit::BusinessDay => u64::from(of_a_day),
            Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => return None,
        };
        Some(u64::from(self.n) * unit)
    }
}

/// Prints milliseconds in the largest unit in which they are whole.
pub(super) fn print_ms(ms: i64) -> String {
    let units = [(DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (1_000, "s")];
    match units.into_iter().find(|(unit_ms, _)| ms != 0 && ms % unit_ms == 0) {
        Some((unit_ms, word)) => format!("{}{word}", ms / unit_ms),
        None => format!("{ms}ms"),
    }
}

/// Prints minutes of business time, in hours if they are whole.
pub(super) fn print_business_minutes(minutes: u32) -> String {
    if minutes > 0 && minutes.is_multiple_of(60) {
        format!("{}bh", minutes / 60)
    } else {
        format!("{minutes}bm")
    }
}

/// Why a text is no exact decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDecimal {
    /// It is no plain decimal number.
    NoNumber,
    /// It has digits beyond the millionths.
    TooFine,
    /// It is beyond a million million.
    TooLarge,
}

/// Reads a TOML number without losing a digit: `0.95` is 950,000 millionths.
pub(super) fn parse_decimal(written: &str) -> Result<Millionths, NoDecimal> {
    let plain = written.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return Err(NoDecimal::NoNumber);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 6 {
        return Err(NoDecimal::TooFine);
    }
    let whole: i64 = whole.parse().ok().filter(|&n| n <= 1_000_000_000_000).ok_or(NoDecimal::TooLarge)?;
    let millionths: i64 = format!("{fraction:0<6}").parse().expect("six digits are a number");
    Ok(Millionths(sign * (whole * 1_000_000 + millionths)))
}

/// Prints a decimal with as many digits as it needs: `0.95`, `6`.
pub(super) fn print_decimal(Millionths(n): Millionths) -> String {
    let (whole, fraction) = (n.abs() / 1_000_000, n.abs() % 1_000_000);
    let sign = if n < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{fraction:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_whole_number_and_a_unit() {
        let cases = [
            ("30s", Some(30_000)),
            ("100ms", Some(100)),
            ("15m", Some(900_000)),
            ("2 h", Some(7_200_000)),
            ("100d", Some(8_640_000_000)),
            ("0s", Some(0)),
            ("4bh", None),
            ("", None),
            ("s", None),
            ("1.5h", None),
            ("-1h", None),
            ("1h30m", None),
            ("99999999999d", None),
            ("1D", None),
        ];
        for (text, ms) in cases {
            assert_eq!(Duration::parse(text).and_then(Duration::calendar_ms), ms, "{text}");
        }
        let business = |text: &str| Duration::parse(text).and_then(|d| d.business_minutes(450));
        assert_eq!(business("10bm"), Some(10));
        assert_eq!(business("4bh"), Some(240));
        assert_eq!(business("10bd"), Some(4_500));
        assert_eq!(business("1d"), None);
    }

    #[test]
    fn durations_print_as_they_are_read() {
        for text in ["30s", "100ms", "15m", "2h", "100d", "0ms"] {
            assert_eq!(print_ms(Duration::parse(text).unwrap().calendar_ms().unwrap()), text);
        }
        for text in ["10bm", "4bh", "90bm", "0bm"] {
            let minutes = Duration::parse(text).unwrap().business_minutes(480).unwrap();
            assert_eq!(print_business_minutes(minutes as u32), text);
        }
    }

    #[test]
    fn decimals_keep_every_digit() {
        let cases = [
            ("0.95", Ok(950_000), "0.95"),
            ("6", Ok(6_000_000), "6"),
            ("1.5", Ok(1_500_000), "1.5"),
            ("+0.000_001", Ok(1), "0.000001"),
            ("0.9500000000", Ok(950_000), "0.95"),
            ("-0.5", Ok(-500_000), "-0.5"),
            ("0.9999999", Err(NoDecimal::TooFine), ""),
            ("1e-3", Err(NoDecimal::NoNumber), ""),
            ("nan", Err(NoDecimal::NoNumber), ""),
            ("99999999999999999999", Err(NoDecimal::TooLarge), ""),
        ];
        for (text, millionths, printed) in cases {
            let read = parse_decimal(text);
            assert_eq!(read.map(|m| m.0), millionths, "{text}");
            if let Ok(read) = read {
                assert_eq!(print_decimal(read), printed);
            }
        }
    }
}
