//! The kernel's clock: the one place that asks what time it is.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// What `--now` is when it is not given (contract 7).
pub const FIXTURE_NOW: &str = "2026-01-01T00:00:00Z";

/// The time, RFC 3339, in milliseconds, UTC.
pub fn now() -> String {
    format!("{:.3}", Timestamp::now())
}

/// The time that schedules go by: the system's, or one that is set by hand.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Manual>>>);

struct Manual {
    now: Timestamp,
    /// Who is told that it was moved.
    told: Option<Box<dyn Fn() + Send>>,
}

impl Clock {
    /// One that stands still until it is moved.
    pub fn stopped_at(now: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(Manual { now, told: None }))))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Some(manual) => manual.lock().unwrap_or_else(PoisonError::into_inner).now,
            None => Timestamp::now(),
        }
    }

    /// Moves one that stands still, forwards or backwards; the system's is nobody's to move.
    pub fn set(&self, now: Timestamp) {
        if let Some(manual) = &self.0 {
            let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
            manual.now = now;
            if let Some(told) = &manual.told {
                told();
            }
        }
    }

    /// Calls whenever it is moved; the system's goes by itself.
    pub fn on_change(&self, call: impl Fn() + Send + 'static) {
        if let Some(manual) = &self.0 {
            manual.lock().unwrap_or_else(PoisonError::into_inner).told = Some(Box::new(call));
        }
    }

    /// True for one that only moves by hand.
    pub fn is_manual(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_manual() { "a clock set by hand" } else { "the system's clock" })
    }
}

/// A name for state that is set aside: `20260101T000000Z`.
pub fn stamp() -> String {
    Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Reads an RFC 3339 time, giving it back in UTC.
pub fn parse(text: &str) -> Result<String, String> {
    text.parse::<Timestamp>()
        .map(|time| time.to_string())
        .map_err(|_| format!("`{text}` is not a time such as `{FIXTURE_NOW}`"))
}
