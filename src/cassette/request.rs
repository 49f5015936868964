//! What identifies a request: SHA-256 over its JSON with sorted members, digits kept (contract 7).

use std::fmt::Write as _;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::kernel::json::{Raw, Value};

/// Which of the two an operator asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A read of `ctx.sense`.
    Sense,
    /// An answer of `ctx.reason`.
    Reason,
}

impl Kind {
    /// The file that its recordings are in.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Sense => "sense.jsonl",
            Self::Reason => "reason.jsonl",
        }
    }

    /// The members of its requests, sorted.
    pub(super) fn members(self) -> [&'static str; 3] {
        match self {
            Self::Sense => ["args", "capability", "connector"],
            Self::Reason => ["goal", "input", "prompt"],
        }
    }

    /// The member that holds what the operator handed over; the others are the frame it stands in.
    pub(super) fn content(self) -> &'static str {
        match self {
            Self::Sense => "args",
            Self::Reason => "input",
        }
    }
}

/// One request, with its digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    raw: Raw,
    digest: String,
}

impl Request {
    /// A read through a capability, by its canonical name, of the connector it is bound to.
    pub fn sense(connector: &str, capability: &str, args: &Raw) -> Self {
        Self::of(json!({ "args": args.value(), "capability": capability, "connector": connector }))
    }

    /// A question to the reasoner; the prompt contract is a pack's, other operators have none.
    pub fn reason(prompt: Option<&str>, goal: &str, input: &Raw) -> Self {
        Self::of(json!({ "goal": goal, "input": input.value(), "prompt": prompt }))
    }

    /// A request as it stands in a recording; none where its members are not those of its kind.
    pub(super) fn of_recording(kind: Kind, value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let known = kind.members();
        let is_whole = members.len() == known.len() && known.iter().all(|name| members.contains_key(*name));
        is_whole.then(|| Self::of(value.clone()))
    }

    fn of(mut value: Value) -> Self {
        value.sort_all_objects();
        let raw = Raw::of(&value);
        let digest = digest(raw.as_str());
        Self { raw, digest }
    }

    /// Its text, members sorted.
    pub fn raw(&self) -> &Raw {
        &self.raw
    }

    /// The digest, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// SHA-256 of a text, in hexadecimal: how recordings know what they are of.
pub fn digest(text: &str) -> String {
    let mut shown = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}
