//! The next number up or down, by one unit of the last place written.

use super::Decimal;

impl Decimal {
    /// One unit of the last written place more or less: `250` → `251`, `2.50` → `2.49`. `None` below zero.
    pub fn stepped(&self, up: bool) -> Option<Self> {
        if self.sign < 0 {
            return None;
        }
        let text = self.text.trim_start_matches('-');
        let (mantissa, exponent) = text.find(['e', 'E']).map_or((text, ""), |at| text.split_at(at));
        let mut digits = mantissa.as_bytes().to_vec();
        let carried = carry(&mut digits, up);
        if carried && !up {
            return None;
        }
        let ahead = if carried { "1" } else { "" };
        let stepped = format!("{ahead}{}", String::from_utf8_lossy(&digits));
        let fraction = stepped.find('.').unwrap_or(stepped.len());
        let needless = stepped[..fraction.saturating_sub(1)].bytes().take_while(|digit| *digit == b'0').count();
        Self::parse(&format!("{}{exponent}", &stepped[needless..])).ok()
    }
}

/// Adds or takes one at the last digit; true when it runs over the first.
fn carry(digits: &mut [u8], up: bool) -> bool {
    let (last, first) = if up { (b'9', b'0') } else { (b'0', b'9') };
    for digit in digits.iter_mut().rev().filter(|digit| **digit != b'.') {
        if *digit == last {
            *digit = first;
        } else {
            *digit = if up { *digit + 1 } else { *digit - 1 };
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_one_of_the_last_place() {
        let step = |text: &str, up| Decimal::parse(text).unwrap().stepped(up).map(|number| number.to_string());
        for (text, up, down) in [
            ("250", "251", Some("249")),
            ("2.50", "2.51", Some("2.49")),
            ("0", "1", None),
            ("0.00", "0.01", None),
            ("999.9", "1000.0", Some("999.8")),
            ("100", "101", Some("99")),
            ("1.00", "1.01", Some("0.99")),
            ("1e2", "2e2", Some("0e2")),
            ("9007199254740992", "9007199254740993", Some("9007199254740991")),
            ("-0", "1", None),
        ] {
            assert_eq!(step(text, true).as_deref(), Some(up));
            assert_eq!(step(text, false).as_deref(), down);
        }
        assert_eq!(step("-1", true), None);
    }
}
