//! `fibric.toml`: tenant, bindings, added capabilities, limits. Every key is optional; an unknown one is an error.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::author::bounded_read;
use crate::author::host::Limits;
use crate::author::process::HostOptions;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

mod capabilities;
mod http;
mod limits;
mod reasoner;
mod redact;
mod watch;

pub use capabilities::Capabilities;
pub use http::HttpTable;
pub use limits::{HostsTable, LimitsTable};
pub use reasoner::{ReasonerKind, ReasonerTable};
pub use redact::RedactTable;
pub use watch::WatchTable;

/// The file's name.
pub const FILE: &str = "fibric.toml";

const KEYS: [&str; 38] = [
    "tenant",
    "bindings",
    "capabilities",
    "limits",
    "connections",
    "add",
    "call",
    "wall",
    "memory",
    "actions_per_plan",
    "asks_per_call",
    "recorded_per_call",
    "log_per_call",
    "envelope",
    "definition_list",
    "hosts",
    "children",
    "unconfined",
    "connector",
    "base_url",
    "sandbox",
    "runtime",
    "watch",
    "ignore",
    "http",
    "port",
    "body",
    "redact",
    "fields",
    "reasoner",
    "kind",
    "rules",
    "model",
    "secret",
    "timeout",
    "retries",
    "input_price",
    "output_price",
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
    /// The processes that run it.
    pub hosts: HostsTable,
    /// Sandbox connections by name.
    pub connections: BTreeMap<String, Connection>,
    /// Saves that nothing comes of.
    pub watch: WatchTable,
    /// The HTTP surface.
    pub http: HttpTable,
    /// What a review does not give away.
    pub redact: RedactTable,
    /// What answers `ctx.reason`.
    pub reasoner: ReasonerTable,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tenant: "t_local".to_owned(),
            bindings: BTreeMap::new(),
            capabilities: Capabilities::default(),
            limits: LimitsTable::default(),
            hosts: HostsTable::default(),
            connections: BTreeMap::new(),
            watch: WatchTable::default(),
            http: HttpTable::default(),
            redact: RedactTable::default(),
            reasoner: ReasonerTable::default(),
        }
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
        match bounded_read::read_text(&root.join(FILE), bounded_read::SETTINGS) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Diagnostic::error(format!("cannot read `{FILE}`: {error}")).in_file(FILE)),
        }
    }

    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let mut config: Self = toml::from_str(text).map_err(|error| at_fault(text, &error))?;
        config.capabilities = Capabilities::read(text)?;
        Ok(config)
    }

    /// The limits in the form the hosts take.
    pub fn limits(&self) -> Limits {
        self.limits.of_hosts()
    }

    /// How the processes that run author code are started.
    pub fn host_options(&self) -> HostOptions {
        HostOptions { children: self.hosts.children.0, memory: self.limits.memory.0, unconfined: self.hosts.unconfined }
    }
}

fn at_fault(text: &str, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().trim_end_matches('.').to_owned();
    let mut fault = Diagnostic::error(lower_first(&message)).in_file(FILE);
    if let Some(unknown) = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next()) {
        fault.message = format!("unknown key `{unknown}`");
        let renamed = limits::RENAMED.iter().find(|(old, _)| *old == unknown).map(|(_, now)| (*now).to_owned());
        fault.help = renamed.or_else(|| did_you_mean(unknown, KEYS));
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
        let fault = Config::parse("tenant = \"t\"\n[limits]\nactions_per_plans = 3\n").unwrap_err();
        assert_eq!(fault.message, "unknown key `actions_per_plans`");
        assert_eq!((fault.line, fault.help.as_deref()), (Some(3), Some("did you mean `actions_per_plan`?")));
        let fault = Config::parse("[limits]\ncall_ms = 3\n").unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("it is `call` now, with its unit: `call = \"2s\"`"));
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn limits_of_nothing_are_refused() {
        for wrong in [
            "call = \"0s\"",
            "call = \"2\"",
            "call = 2",
            "call = \"11m\"",
            "memory = \"64\"",
            "memory = \"5GiB\"",
            "memory = \"-1MiB\"",
            "memory = \"99999999999999999999GiB\"",
            "asks_per_call = 0",
            "asks_per_call = -1",
            "asks_per_call = \"1\"",
        ] {
            let fault = Config::parse(&format!("[limits]\n{wrong}\n")).unwrap_err();
            assert_eq!(fault.line, Some(2), "{wrong}: {fault:?}");
        }
        let read = Config::parse("[limits]\ncall = \"250ms\"\nmemory = \"8MiB\"\n").unwrap().limits();
        assert_eq!((read.call.as_millis(), read.memory), (250, 8 << 20));
        assert!(Config::parse("tenant = 3\n").unwrap_err().line.is_some());
    }
}
