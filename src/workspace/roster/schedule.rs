//! Operators that run at intervals: how an interval is written, and which envelopes are made for them.

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::Route;

/// An operator with `trigger: { every }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name.
    pub operator: String,
    /// The interval as the author wrote it.
    pub every: String,
    /// The same in seconds, at least one.
    pub seconds: i64,
}

/// A year and a day: more than that is a mistake.
const MOST: i64 = 367 * 86_400;

impl Schedule {
    /// Reads an interval: `30s`, `15m`, `1h`, `1d`.
    pub fn parse(operator: &str, every: &str) -> Result<Self, String> {
        let digits = every.find(|c: char| !c.is_ascii_digit()).unwrap_or(every.len());
        let unit = match &every[digits..] {
            "s" => Some(1),
            "m" => Some(60),
            "h" => Some(3_600),
            "d" => Some(86_400),
            _ => None,
        };
        let seconds = unit.and_then(|unit: i64| every[..digits].parse::<i64>().ok()?.checked_mul(unit));
        match seconds {
            Some(seconds @ 1..MOST) => Ok(Self { operator: operator.to_owned(), every: every.to_owned(), seconds }),
            Some(_) => Err(format!("`{every}` is not an interval from `1s` to `366d`")),
            None => Err(format!("`{every}` is not an interval such as `30s`, `15m`, `1h` or `1d`")),
        }
    }

    /// True for an envelope that was made for this operator, also where it is replayed.
    pub fn is_of(&self, envelope: &EventEnvelope) -> bool {
        envelope.source == "schedule" && envelope.event_type.strip_prefix("schedule.") == Some(&self.operator)
    }

    /// The way such an envelope takes.
    pub fn route(&self) -> Route {
        Route { operator: self.operator.clone(), trigger: format!("every {}", self.every) }
    }
}
