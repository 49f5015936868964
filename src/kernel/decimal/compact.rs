//! Eight bytes that order as the number does, for columns of millions of values.
//!
//! Sixteen digits and every everyday magnitude fit; what does not is marked, and ties among marked ones are settled by
//! the number itself, which whoever holds the column keeps beside it.

use super::{Decimal, Digits};

/// A number from zero up. Unequal ones are ordered as the numbers are; equal ones are equal numbers where
/// [`Compact::is_exact`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Compact(u64);

// INVARIANT: 9 bits of magnitude, 54 of the first sixteen digits, and one that says that more follows. A number with
// more is greater than the one that ends there and less than the next sixteen digits.
const MORE: u64 = 1;
const DIGITS: u32 = 54;
const BIAS: i64 = 255;
const HIGHEST: i64 = 511;
/// From nineteen digits to sixteen.
const CUT: u64 = 1_000;
const PLACES: usize = 16;

impl Compact {
    /// The least and the greatest there are.
    pub const ENDS: (Self, Self) = (Self(0), Self(u64::MAX));

    /// Of a number that is not negative.
    pub fn of(number: &Decimal) -> Self {
        if number.sign <= 0 {
            return Self(0);
        }
        let biased = number.magnitude.saturating_add(BIAS);
        if biased < 1 {
            return Self(MORE);
        }
        if biased >= HIGHEST {
            return Self(u64::MAX);
        }
        let (digits, more) = match &number.digits {
            Digits::Short(digits) => (digits / CUT, digits % CUT != 0),
            Digits::Long(text) => (text.iter().take(PLACES).fold(0, |n, digit| n * 10 + u64::from(digit - b'0')), true),
        };
        Self(biased.unsigned_abs() << (DIGITS + 1) | digits << 1 | u64::from(more))
    }

    /// True when it holds the whole number.
    pub fn is_exact(self) -> bool {
        self.0 & MORE == 0
    }

    /// The number, written plainly; for an inexact one its beginning.
    pub fn number(self) -> Option<Decimal> {
        Decimal::parse(&self.text()).ok()
    }

    /// Halfway between the two, rounded up: for searching a range of numbers by halving it.
    #[must_use]
    pub fn between_up(self, other: Self) -> Self {
        Self(self.0 + (other.0 - self.0).div_ceil(2))
    }

    /// The next one down.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    fn text(self) -> String {
        let digits = self.0 >> 1 & ((1 << DIGITS) - 1);
        if digits == 0 {
            return "0".to_owned();
        }
        let all = format!("{digits:016}");
        let digits = all.trim_end_matches('0');
        let magnitude = i64::try_from(self.0 >> (DIGITS + 1)).unwrap_or(0) - BIAS;
        match usize::try_from(magnitude) {
            Ok(point) if point >= digits.len() && point <= 2 * PLACES => format!("{digits:0<point$}"),
            Ok(point @ 1..) if point < digits.len() => format!("{}.{}", &digits[..point], &digits[point..]),
            _ if (-6..=0).contains(&magnitude) => {
                format!("0.{}{digits}", "0".repeat(usize::try_from(-magnitude).unwrap_or(0)))
            }
            _ => {
                let (first, rest) = digits.split_at(1);
                let point = if rest.is_empty() { "" } else { "." };
                format!("{first}{point}{rest}e{}", magnitude - 1)
            }
        }
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
    fn everyday_numbers_fit_and_come_back() {
        for text in ["0", "1", "100", "0.1", "412.5", "0.000001", "9007199254740993", "1e200", "1.25e-200", "250"] {
            let compact = Compact::of(&d(text));
            assert!(compact.is_exact(), "{text}");
            assert_eq!(compact.number().unwrap(), d(text));
            assert_eq!(compact.text(), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_marked_and_stays_in_order() {
        let ordered = ["0", "1e-999", "1e-255", "100", "100.00000000000000001", "100.0000000000001", "1e255", "1e999"];
        let compact: Vec<_> = ordered.iter().map(|text| Compact::of(&d(text))).collect();
        assert!(compact.is_sorted(), "{compact:?}");
        let marked: Vec<_> = compact.iter().map(|number| !number.is_exact()).collect();
        assert_eq!(marked, [false, true, false, false, true, false, true, true]);
    }

    fn numbers() -> impl Strategy<Value = String> {
        let plain = ("(0|[1-9][0-9]{0,20})", "[0-9]{1,20}").prop_map(|(whole, part)| format!("{whole}.{part}"));
        let scaled = ("[0-9]", -300_i32..300).prop_map(|(digit, exponent)| format!("{digit}e{exponent}"));
        prop_oneof![plain, scaled, (0_u32..300).prop_map(|n| n.to_string())]
    }

    proptest! {
        #[test]
        fn it_orders_as_the_numbers_do(a in numbers(), b in numbers()) {
            let (a, b) = (d(&a), d(&b));
            let (x, y) = (Compact::of(&a), Compact::of(&b));
            prop_assert!(x == y || x.cmp(&y) == a.cmp(&b));
            prop_assert!(x != y || a == b || !x.is_exact());
            prop_assert!(!x.is_exact() || x.number() == Some(a));
        }
    }
}
