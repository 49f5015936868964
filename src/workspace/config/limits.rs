//! `[limits]` and `[hosts]`: what author code may use, and the processes that run it (contract 11).

use std::time::Duration;

use serde::Deserialize;

use crate::author::host::Limits;
use crate::author::process::HostOptions;

/// Keys of these tables that had another name, and what to write now.
pub const RENAMED: [(&str, &str); 2] = [
    ("call_ms", "it is `call` now, with its unit: `call = \"2s\"`"),
    ("memory_mb", "it is `memory` now, with its unit: `memory = \"64MiB\"`"),
];

/// A length of time, written `2s`, `250ms` or `1m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Time(pub Duration);

/// An amount of bytes, written `64MiB`, `16KiB` or `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub usize);

/// A count from 1 to a million.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Count(pub usize);

/// A count of entries, from 1 to ten thousand: no longer list crosses from author code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Entries(pub u64);

/// `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsTable {
    /// The author's own time for one call.
    pub call: Time,
    /// Time for one call with all waiting.
    pub wall: Time,
    /// Memory of one definition.
    pub memory: Size,
    /// Actions of one plan.
    pub actions_per_plan: Count,
    /// What one call may ask for.
    pub asks_per_call: Count,
    /// Bytes of what one call asked for and was answered.
    pub recorded_per_call: Size,
    /// Bytes of log of one call.
    pub log_per_call: Size,
    /// Bytes of one envelope.
    pub envelope: Size,
    /// Entries of one list of a definition.
    pub definition_list: Entries,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self {
            call: Time(Duration::from_secs(2)),
            wall: Time(Duration::from_secs(30)),
            memory: Size(64 << 20),
            actions_per_plan: Count(1_000),
            asks_per_call: Count(1_000),
            recorded_per_call: Size(16 << 20),
            log_per_call: Size(64 << 10),
            envelope: Size(64 << 20),
            definition_list: Entries(1_000),
        }
    }
}

impl LimitsTable {
    /// The limits in the form the hosts take.
    pub fn of_hosts(&self) -> Limits {
        Limits {
            call: self.call.0,
            wall: self.wall.0,
            memory: self.memory.0,
            asks: self.asks_per_call.0,
            log: self.log_per_call.0,
            list: self.definition_list.0,
            ..Limits::default()
        }
    }
}

/// `[hosts]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HostsTable {
    /// How many processes run author code at once.
    pub children: Count,
    /// Run author code where this system cannot confine it.
    pub unconfined: bool,
}

impl Default for HostsTable {
    fn default() -> Self {
        Self { children: Count(HostOptions::default().children), unconfined: false }
    }
}

/// The number before a unit, and the unit.
fn parted(text: &str) -> Option<(u64, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, text[digits..].trim_start()))
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let millis = parted(&text).and_then(|(number, unit)| {
            let factor = match unit {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                _ => return None,
            };
            number.checked_mul(factor)
        });
        match millis {
            Some(millis @ 1..=600_000) => Ok(Self(Duration::from_millis(millis))),
            Some(_) => Err(format!("`{text}` is not a time from `1ms` to `10m`")),
            None => Err(format!("`{text}` is not a time such as `2s` or `250ms`")),
        }
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bytes = parted(&text).and_then(|(number, unit)| {
            let factor = match unit {
                "KiB" => 1 << 10,
                "MiB" => 1 << 20,
                "GiB" => 1 << 30,
                _ => return None,
            };
            number.checked_mul(factor)
        });
        match bytes.and_then(|bytes| usize::try_from(bytes).ok()) {
            Some(bytes @ 1..=0x1_0000_0000) => Ok(Self(bytes)),
            Some(_) => Err(format!("`{text}` is not a size from `1KiB` to `4GiB`")),
            None => Err(format!("`{text}` is not a size such as `64MiB` or `16KiB`")),
        }
    }
}

impl TryFrom<i64> for Count {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match usize::try_from(number) {
            Ok(number @ 1..=1_000_000) => Ok(Self(number)),
            _ => Err(format!("{number} is not a number from 1 to 1000000")),
        }
    }
}

impl TryFrom<i64> for Entries {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match u64::try_from(number) {
            Ok(number @ 1..=10_000) => Ok(Self(number)),
            _ => Err(format!("{number} is not a number from 1 to 10000")),
        }
    }
}
