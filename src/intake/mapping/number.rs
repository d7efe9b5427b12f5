//! Whole numbers out of decimals, exactly: `{ column = "price", factor = 100 }` turns 12.34 into 1234
//! minor units. No float is involved, and nothing is rounded: 12.345 is rejected.

use super::columns::RowView;
use super::error::Problems;
use super::phrase::{KEYS, Phrase, Scope, Stop};
use super::tree::{Holds, Node};
use crate::model::dead_letter::Reason;

/// The largest factor: no currency has more than four decimals, but a unit may be a million.
const FACTOR_MAX: i64 = 1_000_000_000;

/// How a number is read.
#[derive(Debug)]
pub(super) enum Number {
    Constant(i64),
    Decimal { phrase: Phrase, factor: i64 },
}

impl Number {
    pub(super) fn parse(node: &Node, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<Number> {
        match &node.holds {
            Holds::Whole(number) => Some(Number::Constant(*number)),
            Holds::Table(_) => {
                let section = node.table(problems)?.only(&[KEYS, &["factor"]].concat(), problems);
                let phrase = Phrase::of_section(section, scope, problems);
                let factor = match section.get("factor") {
                    None => Some(1),
                    Some(node) => match &node.holds {
                        Holds::Whole(factor) if (1..=FACTOR_MAX).contains(factor) => Some(*factor),
                        Holds::Whole(_) => {
                            problems.note(node, format!("a factor lies between 1 and {FACTOR_MAX}"));
                            None
                        }
                        other => node.wrong("a whole number", other, problems),
                    },
                };
                Some(Number::Decimal { phrase: phrase?, factor: factor? })
            }
            Holds::Text(_) => {
                Some(Number::Decimal { phrase: Phrase::parse(node, scope, problems)?, factor: 1 })
            }
            other => node.wrong("a whole number, a text or a table", other, problems),
        }
    }
}

/// The text of a phrase times a factor; `None` if there is nothing to say.
pub(super) fn decimal<'t>(
    phrase: &'t Phrase,
    factor: i64,
    row: &RowView<'_>,
) -> Result<Option<i64>, Stop<'t>> {
    match phrase.of(row)? {
        None => Ok(None),
        Some(text) => times(&text, factor).map(Some).map_err(Stop::Rejected),
    }
}

/// A decimal (a sign, digits, a point, digits) times a factor, if that is a whole number.
fn times(decimal: &str, factor: i64) -> Result<i64, Reason> {
    let unsigned = decimal.strip_prefix(['+', '-']).unwrap_or(decimal);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return Err(Reason::WrongType);
    }
    // Zeros at the end of a fraction say nothing; so many digits that they overflow are no amount.
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("0{whole}{fraction}").parse::<i128>().map_err(|_| Reason::ImpossibleValue)?;
    let scale = u32::try_from(fraction.len()).ok().and_then(|scale| 10_i128.checked_pow(scale));
    let scaled = digits.checked_mul(i128::from(factor)).ok_or(Reason::ImpossibleValue)?;
    let scale = scale.ok_or(Reason::ImpossibleValue)?;
    if scaled % scale != 0 {
        return Err(Reason::ImpossibleValue);
    }
    let sign = if decimal.starts_with('-') { -1 } else { 1 };
    i64::try_from(sign * (scaled / scale)).map_err(|_| Reason::ImpossibleValue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_multiplied_exactly_or_not_at_all() {
        for (decimal, factor, expected) in [
            ("1054", 100, Ok(105_400)),
            ("0", 100, Ok(0)),
            ("0.0", 100, Ok(0)),
            ("12.34", 100, Ok(1234)),
            ("12.3", 100, Ok(1230)),
            ("12.3400000000000000000000000000000000000000", 100, Ok(1234)),
            (".5", 10, Ok(5)),
            ("5.", 1, Ok(5)),
            ("-0.07", 100, Ok(-7)),
            ("+7", 1, Ok(7)),
            // 1.15 × 100 is 114.99999999999999 in binary floating point.
            ("1.15", 100, Ok(115)),
            ("0.3333", 30_000, Ok(9_999)),
            ("12.345", 100, Err(Reason::ImpossibleValue)),
            ("9223372036854775807", 1, Ok(i64::MAX)),
            ("9223372036854775808", 1, Err(Reason::ImpossibleValue)),
            ("99999999999999999999999999999999999999999", 1, Err(Reason::ImpossibleValue)),
            ("0.00000000000000000000000000000000000000000001", 1, Err(Reason::ImpossibleValue)),
            (".", 1, Err(Reason::WrongType)),
            ("-", 1, Err(Reason::WrongType)),
            ("1e5", 1, Err(Reason::WrongType)),
            ("1,234.00", 100, Err(Reason::WrongType)),
            ("$5", 1, Err(Reason::WrongType)),
            ("--5", 1, Err(Reason::WrongType)),
            (" 5", 1, Err(Reason::WrongType)),
            ("٣", 1, Err(Reason::WrongType)),
        ] {
            assert_eq!(times(decimal, factor), expected, "{decimal} × {factor}");
        }
    }
}
