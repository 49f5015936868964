//! When a question is asked again: pauses that grow and are not the same for everyone, within the deadline, and what the
//! endpoint asks for itself.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, SystemTime};

use jiff::fmt::rfc2822::DateTimeParser;

/// The longest first pause; with short deadlines it is a twentieth of them.
const FIRST: Duration = Duration::from_millis(500);

/// How the pause before the next attempt comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// Wait so long.
    For(Duration),
    /// The endpoint asks to wait longer than there is time.
    TooLong(Duration),
    /// There is no time for another attempt.
    NoTime,
}

/// The pause after that many attempts, with so much time `left` of `timeout`; `random` is from 0 to 1.
pub(super) fn pause(attempts: u32, asked: Option<Duration>, left: Duration, timeout: Duration, random: f64) -> Pause {
    if let Some(asked) = asked {
        return if asked < left { Pause::For(asked) } else { Pause::TooLong(asked) };
    }
    let first = FIRST.min(timeout / 20);
    let longest = first.saturating_mul(1 << attempts.saturating_sub(1).min(10));
    // At least half of it, so that a burst of many is spread and none comes at once.
    let pause = longest.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0);
    if pause < left { Pause::For(pause) } else { Pause::NoTime }
}

/// A number from 0 to 1 that differs from process to process and call to call.
pub(super) fn random() -> f64 {
    // Seeded by the system anew for each state: good enough for pauses, and for nothing else.
    let bits = RandomState::new().build_hasher().finish() >> 32;
    f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(u32::MAX)
}

/// How long `Retry-After` asks to wait: seconds, or until a date.
pub(super) fn asked(header: &str, now: SystemTime) -> Option<Duration> {
    const LONGEST: u64 = 1_000_000;
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(LONGEST)));
    }
    let until = DateTimeParser::new().parse_timestamp(header).ok()?;
    let until = SystemTime::from(until);
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

/// What is said where no answer came in time.
pub(super) fn too_late(timeout: Duration) -> String {
    format!("there was no answer within {} (`[reasoner] timeout`)", in_words(timeout))
}

/// `20 s`, `250 ms`.
pub(super) fn in_words(time: Duration) -> String {
    let millis = time.as_millis();
    if millis.is_multiple_of(1000) { format!("{} s", millis / 1000) } else { format!("{millis} ms") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_endpoint_asks_for_is_kept_or_given_up() {
        let (left, timeout) = (Duration::from_secs(5), Duration::from_secs(20));
        let wait = |asked| pause(1, Some(Duration::from_secs(asked)), left, timeout, 0.3);
        assert_eq!(wait(2), Pause::For(Duration::from_secs(2)));
        assert_eq!(wait(5), Pause::TooLong(Duration::from_secs(5)));
        assert_eq!(wait(u64::MAX), Pause::TooLong(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn both_forms_of_the_header_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(asked(" 12 ", now), Some(Duration::from_secs(12)));
        assert_eq!(asked("99999999999", now), Some(Duration::from_secs(1_000_000)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
        assert_eq!(asked("Sun, 06 Nov 1993 08:49:37 GMT", now), None, "a day of the week that it was not");
        assert_eq!(asked("Sat, 06 Nov 1993 08:49:37 GMT", now), Some(Duration::ZERO));
        for nothing in ["", "soon", "-1", "1.5", "\u{1b}[31m"] {
            assert_eq!(asked(nothing, now), None, "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_are_spread_and_end_before_the_deadline(
            attempts in 1_u32..40, left in 0_u64..30_000, timeout in 1_u64..30_000, random in 0.0_f64..1.0,
        ) {
            let (left, timeout) = (Duration::from_millis(left), Duration::from_millis(timeout));
            if let Pause::For(time) = pause(attempts, None, left, timeout, random) {
                prop_assert!(time < left);
                prop_assert!(time <= FIRST.min(timeout / 20) * 1024);
                let whole = pause(attempts, None, Duration::MAX, timeout, 1.0);
                prop_assert!(matches!(whole, Pause::For(most) if time <= most && time * 2 >= most));
            }
        }

        #[test]
        fn a_random_number_is_one(_n in 0..20) {
            prop_assert!((0.0..=1.0).contains(&random()));
        }
    }
}
