//! The kernel's clock: the one place that asks what time it is.

use jiff::Timestamp;

/// What `--now` is when it is not given (contract 7).
pub const FIXTURE_NOW: &str = "2026-01-01T00:00:00Z";

/// The time, RFC 3339, in milliseconds, UTC.
pub fn now() -> String {
    format!("{:.3}", Timestamp::now())
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
