//! Facts about what is loaded: author code at which revision, and which policy judges.

use serde::{Deserialize, Serialize};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::TrustPolicy;

/// What kind of author code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodeKind {
    /// A connector.
    Connector,
    /// An operator.
    Operator,
}

impl CodeKind {
    /// The word printed after `loaded`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connector => "connector",
            Self::Operator => "operator",
        }
    }
}

/// Author code was read from disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// Connector or operator.
    pub kind: CodeKind,
    /// Its name, or the file's stem when it never loaded.
    pub name: String,
    /// The entry file, relative to the workspace.
    pub file: String,
    /// Digest of what is on disk; null when the file is gone.
    pub on_disk: Option<String>,
    /// Digest of what runs: the last good one when loading failed; null when nothing does.
    pub running: Option<String>,
    /// What was declared, for people: `@1.0.0 (2 tools, 3 events)`, `(requires orders.read)`.
    pub summary: String,
    /// The capabilities a connector has tools for, by their canonical names, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provides: Vec<String>,
    /// The capabilities an operator may sense and propose, by their canonical names, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// The types of the events a connector emits, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// What sets an operator going: a dotted glob over event types, or an interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// Why it did not load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Diagnostic>,
    /// What else was wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<Diagnostic>,
    /// How long it took, in microseconds.
    pub micros: u64,
}

impl Loaded {
    /// The report of what never loaded.
    pub fn nothing_of(kind: CodeKind, name: String) -> Self {
        Self {
            kind,
            name,
            file: String::new(),
            on_disk: None,
            running: None,
            summary: String::new(),
            provides: Vec::new(),
            requires: Vec::new(),
            events: Vec::new(),
            trigger: None,
            failure: None,
            further: Vec::new(),
            micros: 0,
        }
    }
}

/// Which policy is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyStamp {
    /// In force, stale or none.
    pub state: PolicyState,
    /// SHA-256 of the files in force, hex; null when there is none.
    pub digest: Option<String>,
    /// The files, relative to the workspace.
    pub files: Vec<String>,
    /// How many rules.
    pub rules: usize,
    /// The rules that judge, in order, so that a reader can ask `explain` instead of guessing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruleset: Vec<TrustPolicy>,
    /// What was wrong with what is on disk, and warnings about what is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

impl PolicyStamp {
    /// The first four characters of the digest, as a person names a policy.
    pub fn short(&self) -> &str {
        self.digest.as_deref().and_then(|digest| digest.get(..4)).unwrap_or("none")
    }
}

/// Whether the policy on disk is the one that judges (contract 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyState {
    /// What is on disk judges.
    InForce,
    /// What is on disk does not parse; the last good one judges, for stubs only.
    Stale,
    /// There is none: everything is BLOCKed.
    None,
}
