//! `fibric.toml`: tenant, bindings, added capabilities, limits. Every key is optional; an unknown one is an error.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::author::host::Limits;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

mod capabilities;

pub use capabilities::Capabilities;

/// The file's name.
pub const FILE: &str = "fibric.toml";

const KEYS: [&str; 12] = [
    "tenant",
    "bindings",
    "capabilities",
    "limits",
    "connections",
    "add",
    "call_ms",
    "memory_mb",
    "connector",
    "base_url",
    "sandbox",
    "runtime",
];

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The local tenant; envelopes of another are refused.
    pub tenant: String,
    /// Capability → connector, where more than one provides it.
    pub bindings: BTreeMap<String, String>,
    /// Additions to the vocabulary.
    #[serde(deserialize_with = "Capabilities::later")]
    pub capabilities: Capabilities,
    /// What author code may use.
    pub limits: LimitsTable,
    /// Sandbox connections by name.
    pub connections: BTreeMap<String, Connection>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tenant: "t_local".to_owned(),
            bindings: BTreeMap::new(),
            capabilities: Capabilities::default(),
            limits: LimitsTable::default(),
            connections: BTreeMap::new(),
        }
    }
}

/// `[limits]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsTable {
    /// Milliseconds author code may run in one call.
    pub call_ms: u64,
    /// Mebibytes of memory one connector or operator may use.
    pub memory_mb: usize,
}

impl Default for LimitsTable {
    fn default() -> Self {
        Self { call_ms: 2_000, memory_mb: 64 }
    }
}

/// `[connections.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    /// The connector it belongs to; the connection's own name when left out.
    pub connector: Option<String>,
    /// Where `ctx.http` may speak to.
    pub base_url: Option<String>,
    /// True switches it on; it still has to be named on the command line.
    pub sandbox: bool,
}

impl Config {
    /// Reads the file in `root`; defaults when there is none.
    pub fn read(root: &Path) -> Result<Self, Diagnostic> {
        match std::fs::read_to_string(root.join(FILE)) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Diagnostic::error(format!("cannot read `{FILE}`: {error}")).in_file(FILE)),
        }
    }

    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let mut config: Self = toml::from_str(text).map_err(|error| at_fault(text, &error))?;
        config.capabilities = Capabilities::read(text)?;
        for (name, value) in
            [("limits.call_ms", config.limits.call_ms), ("limits.memory_mb", config.limits.memory_mb as u64)]
        {
            if value == 0 || value > 600_000 {
                let fault = Diagnostic::error(format!("`{name}` is {value}, expected 1 to 600000"));
                return Err(fault.in_file(FILE));
            }
        }
        Ok(config)
    }

    /// The limits in the form the hosts take.
    pub fn limits(&self) -> Limits {
        Limits {
            call: Duration::from_millis(self.limits.call_ms),
            memory: self.limits.memory_mb * 1024 * 1024,
            ..Limits::default()
        }
    }
}

fn at_fault(text: &str, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().trim_end_matches('.').to_owned();
    let mut fault = Diagnostic::error(lower_first(&message)).in_file(FILE);
    if let Some(unknown) = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        fault.message = format!("unknown key `{unknown}`");
        fault.help = did_you_mean(unknown, KEYS);
    }
    match error.span() {
        Some(span) => fault.at_span(text, &span, 1),
        None => fault,
    }
}

fn lower_first(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest() {
        let fault = Config::parse("tenant = \"t\"\n[limits]\ncall_mss = 3\n").unwrap_err();
        assert_eq!(fault.message, "unknown key `call_mss`");
        assert_eq!((fault.line, fault.help.as_deref()), (Some(3), Some("did you mean `call_ms`?")));
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn limits_of_nothing_are_refused() {
        assert!(Config::parse("[limits]\ncall_ms = 0\n").is_err());
        assert!(Config::parse("tenant = 3\n").unwrap_err().line.is_some());
    }
}
