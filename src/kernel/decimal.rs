//! Exact decimals for values and ceilings: read from JSON number text, compared without ever passing through a float.
//!
//! Comparing takes time linear in the digits written, whatever the exponent says, so `1e999999999` is harmless.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::json::Number;

mod compact;
mod step;

pub use compact::Compact;

/// A number as written, comparable exactly.
#[derive(Clone)]
pub struct Decimal {
    text: Box<str>,
    sign: i8,
    /// Power of ten of the first digit: the number is `0.DIGITS × 10^magnitude`.
    magnitude: i64,
    digits: Digits,
}

/// Significant digits without leading or trailing zeros, left-aligned.
#[derive(Clone, PartialEq, Eq)]
enum Digits {
    /// Up to 19 digits, scaled to exactly 19, so that two of them compare as integers.
    Short(u64),
    /// More than 19 digits, as ASCII.
    Long(Box<[u8]>),
}

const SHORT: usize = 19;

/// Why a text is not a decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number")]
pub struct NotANumber(pub String);

impl Decimal {
    /// Reads a JSON number (`12`, `-0.50`, `1.5e3`).
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let refuse = || NotANumber(text.chars().take(60).collect());
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent).ok_or_else(refuse)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(refuse()),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let needless_zero = whole.len() > 1 && whole.starts_with('0');
        if whole.is_empty() || needless_zero || !digits.iter().all(u8::is_ascii_digit) {
            return Err(refuse());
        }
        let leading = digits.iter().take_while(|d| **d == b'0').count();
        let trailing = digits.iter().rev().take_while(|d| **d == b'0').count();
        if leading == digits.len() {
            return Ok(Self { text: text.into(), sign: 0, magnitude: 0, digits: Digits::Short(0) });
        }
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(leading).unwrap_or(i64::MAX);
        Ok(Self {
            text: text.into(),
            sign: if text.starts_with('-') { -1 } else { 1 },
            magnitude: exponent.saturating_add(point),
            digits: Digits::of(&digits[leading..digits.len() - trailing]),
        })
    }

    /// The text it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True below zero; minus zero is zero.
    pub fn is_negative(&self) -> bool {
        self.sign < 0
    }

    /// `0 <= self && self <= ceiling`, the clause of a `maxValue` (contract 3).
    pub fn is_within(&self, ceiling: &Self) -> bool {
        !self.is_negative() && self <= ceiling
    }

    /// True from 2^53 on, where a double no longer holds every integer.
    pub fn exceeds_a_double(&self) -> bool {
        const LIMIT: u64 = 9_007_199_254_740_992 * 1_000;
        self.sign != 0 && (self.magnitude, &self.digits) >= (16, &Digits::Short(LIMIT))
    }

    fn magnitude_cmp(&self, other: &Self) -> Ordering {
        self.magnitude.cmp(&other.magnitude).then_with(|| self.digits.cmp(&other.digits))
    }
}

fn read_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // An exponent beyond i64 only has to stay at the far end of the order.
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
    Some(if negative { -size } else { size })
}

impl Digits {
    fn of(digits: &[u8]) -> Self {
        if digits.len() > SHORT {
            return Self::Long(digits.into());
        }
        let padding = std::iter::repeat_n(&b'0', SHORT - digits.len());
        Self::Short(digits.iter().chain(padding).fold(0, |n, d| n * 10 + u64::from(d - b'0')))
    }
}

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        let text = |short: u64| format!("{short:019}").into_bytes();
        match (self, other) {
            (Self::Short(a), Self::Short(b)) => a.cmp(b),
            (Self::Long(a), Self::Long(b)) => a.cmp(b),
            // A long one has a non-zero digit past the 19th, so equal heads leave it the larger.
            (Self::Short(a), Self::Long(b)) => text(*a).as_slice().cmp(b),
            (Self::Long(a), Self::Short(b)) => a.as_ref().cmp(text(*b).as_slice()),
        }
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sign.cmp(&other.sign).then_with(|| match self.sign {
            0 => Ordering::Equal,
            1 => self.magnitude_cmp(other),
            _ => other.magnitude_cmp(self),
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Number::from_string_unchecked(self.text.to_string()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = super::json::Raw::deserialize(deserializer)?;
        Self::parse(raw.as_str()).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn neighbours_of_two_to_the_53_are_told_apart() {
        assert!(d("9007199254740993") > d("9007199254740992"));
        assert!(!d("9007199254740993").is_within(&d("9007199254740992")));
        assert!(d("100").is_within(&d("1e2")));
        assert!(!d("100.00000000000000000000000000000001").is_within(&d("100")));
        assert!(d("-0.0").is_within(&d("0")));
        assert!(!d("-1e-400").is_within(&d("5")));
    }

    #[test]
    fn a_huge_exponent_costs_nothing() {
        assert!(d("1e99999999999999999999") > d("9e999999"));
        assert!(d("1e-99999999999999999999") < d("1e-5"));
        assert_eq!(d("0e99999999999"), d("0"));
    }

    #[test]
    fn doubles_end_at_two_to_the_53() {
        assert!(!d("9007199254740991").exceeds_a_double());
        assert!(!d("9007199254740991.5").exceeds_a_double());
        assert!(d("9007199254740992").exceeds_a_double());
        assert!(d("9007199254740992.00000000001").exceeds_a_double());
        assert!(!d("0").exceeds_a_double());
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "-", "1.", ".5", "01", "1e", "1e+", "NaN", "1_0", "0x1", "1OO", "+1", " 1", "١"] {
            assert!(Decimal::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn it_orders_as_integers_do(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(d(&a.to_string()).cmp(&d(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn shifting_the_point_changes_nothing(n in any::<i64>(), shift in 0_u32..30) {
            let shifted = format!("{n}{}e-{shift}", "0".repeat(shift as usize));
            if n != 0 {
                prop_assert_eq!(d(&shifted), d(&n.to_string()));
            }
        }

        #[test]
        fn one_more_digit_is_more(head in "[1-9][0-9]{0,40}", tail in "[0-9]{0,30}[1-9]") {
            let longer = format!("{head}.{tail}");
            prop_assert!(d(&longer) > d(&head));
        }
    }
}
