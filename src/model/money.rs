//! Money: integer minor units of one currency, never mixed.

use std::fmt;

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::Text;

/// The largest amount that is taken as possible, in minor units (10 trillion of a currency with cents).
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000_000;

/// An ISO 4217 code: three capital letters. Text where people read it (JSON), three bytes elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads three capital ASCII letters.
    pub fn parse(code: &str) -> Option<Currency> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Currency(letters))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a currency is made of ASCII letters")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.as_str())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let currency = if deserializer.is_human_readable() {
            Currency::parse(&Text::deserialize(deserializer)?)
        } else {
            let letters = <[u8; 3]>::deserialize(deserializer)?;
            std::str::from_utf8(&letters).ok().and_then(Currency::parse)
        };
        currency.ok_or_else(|| de::Error::custom("a currency is three capital letters"))
    }
}

/// An amount in minor units of its currency: 12.34 EUR is 1234.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units (cents); negative for a correction.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_text_in_json_and_three_bytes_in_postcard() {
        let euro = Currency::parse("EUR").unwrap();
        assert_eq!(serde_json::to_string(&euro).unwrap(), "\"EUR\"");
        assert_eq!(serde_json::from_str::<Currency>("\"EUR\"").unwrap(), euro);
        assert_eq!(postcard::to_stdvec(&euro).unwrap(), b"EUR");
        assert_eq!(postcard::from_bytes::<Currency>(b"EUR").unwrap(), euro);
        assert!(serde_json::from_str::<Currency>("\"eur\"").is_err());
        assert!(postcard::from_bytes::<Currency>(&[0xff, b'U', b'R']).is_err());
    }
}
