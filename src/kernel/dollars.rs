//! Amounts of US dollars, exact: what answers of a model cost. No float is involved, so that sums are what their parts
//! come to.

use std::fmt;
use std::iter::Sum;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Digits after the point of an amount.
const DIGITS: usize = 15;

/// Digits after the point of a price per million tokens: with more, one token would cost less than can be said.
const PRICE_DIGITS: usize = 9;

const WHOLE: u128 = 10_u128.pow(15);

/// The highest amount that is read, in dollars.
const HIGHEST: u128 = 1_000_000_000;

/// An amount from zero on, in units of 10⁻¹⁵ dollars. Written as a decimal: `0.0002076`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dollars(u128);

impl Dollars {
    /// Reads `0.15`, with at most fifteen digits after the point.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || fraction.len() > DIGITS {
            return None;
        }
        let whole = whole.parse::<u128>().ok().filter(|whole| *whole <= HIGHEST)?;
        Some(Self(whole * WHOLE + format!("{fraction:0<DIGITS$}").parse::<u128>().ok()?))
    }

    /// Reads a price per million tokens, with at most nine digits after the point.
    pub fn price(text: &str) -> Option<Self> {
        let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        Self::parse(text).filter(|_| digits <= PRICE_DIGITS)
    }

    /// What so many tokens cost at this price per million.
    #[must_use]
    pub fn for_tokens(self, tokens: u64) -> Self {
        const MILLION: u128 = 1_000_000;
        // INVARIANT: a price is a multiple of 10⁻⁹, so that nothing is lost by dividing first.
        Self((self.0 / MILLION).saturating_mul(u128::from(tokens)))
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self(sum.0.saturating_add(one.0)))
    }
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:0DIGITS$}", self.0 % WHOLE);
        let fraction = fraction.trim_end_matches('0');
        write!(f, "{}", self.0 / WHOLE)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no amount of dollars")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_cost_what_their_price_says_to_the_last_digit() {
        let cost = |price: &str, tokens| Dollars::price(price).unwrap().for_tokens(tokens).to_string();
        assert_eq!(cost("0.15", 812), "0.0001218");
        assert_eq!(cost("0.6", 143), "0.0000858");
        assert_eq!(cost("0.000000001", 1), "0.000000000000001");
        assert_eq!(cost("15", 1_000_000), "15");
        assert_eq!(cost("0", 99), "0");
        let tenth = Dollars::price("0.1").unwrap().for_tokens(1_000_000);
        assert_eq!([tenth, tenth, tenth].into_iter().sum::<Dollars>().to_string(), "0.3");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "0.0000000000000001", "1000000001", "NaN"] {
            assert_eq!(Dollars::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Dollars::price("0.0000000001"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(price in 0_u64..10_000_000_000, tokens in 0_u64..10_000_000) {
            let text = format!("{}.{:09}", price / 1_000_000_000, price % 1_000_000_000);
            let cost = Dollars::price(&text).unwrap().for_tokens(tokens);
            prop_assert_eq!(Dollars::parse(&cost.to_string()), Some(cost));
            prop_assert_eq!(cost.0, u128::from(price) * u128::from(tokens));
        }
    }
}
