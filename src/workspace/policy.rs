//! The policy in force: which files, what they say, and whether the last good word has gone stale (contract 4).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Workspace;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{PolicyStamp, PolicyState};
use crate::kernel::policy::{Origin, PolicySet, TrustPolicy, file};

/// A policy and where it came from.
#[derive(Debug, Clone)]
pub struct InForce {
    /// What judges; without rules it BLOCKs everything.
    pub rules: Arc<PolicySet>,
    /// What is said of it.
    pub stamp: PolicyStamp,
}

/// The files that make the policy: `policy/trust.{yaml,yml,ts,js,py}`, or those named instead.
pub fn files(workspace: &Workspace, named: &[PathBuf]) -> Vec<PathBuf> {
    if !named.is_empty() {
        return named.to_vec();
    }
    ["yaml", "yml", "ts", "js", "py"]
        .iter()
        .map(|extension| workspace.root.join("policy").join(format!("trust.{extension}")))
        .filter(|path| path.symlink_metadata().is_ok())
        .collect()
}

impl InForce {
    /// No policy: everything is BLOCKed.
    pub fn none(diagnostics: Vec<Diagnostic>) -> Self {
        let why = diagnostics.iter().find(|fault| fault.is_error()).map_or_else(
            || "there is no `policy/trust.yaml`".to_owned(),
            |fault| fault.place().unwrap_or_else(|| fault.message.clone()) + " does not load",
        );
        let stamp = PolicyStamp {
            state: PolicyState::None,
            digest: None,
            files: Vec::new(),
            rules: 0,
            ruleset: Vec::new(),
            diagnostics,
        };
        Self { rules: Arc::new(PolicySet::none(why)), stamp }
    }

    /// Reads the policy. What does not parse leaves no policy, with the reasons in the stamp.
    pub fn read(workspace: &Workspace, named: &[PathBuf]) -> Self {
        let paths = files(workspace, named);
        let mut rules = Vec::new();
        let mut diagnostics = Vec::new();
        let mut digest = Sha256::new();
        let mut shown = Vec::new();
        for path in &paths {
            let name = workspace.shown(path);
            match read_one(workspace, path, &name) {
                Ok((text, read)) => {
                    digest.update((text.len() as u64).to_le_bytes());
                    digest.update(text.as_bytes());
                    rules.extend(read.rules);
                    diagnostics.extend(read.warnings);
                }
                Err(faults) => diagnostics.extend(faults),
            }
            shown.push(name);
        }
        if paths.is_empty() || diagnostics.iter().any(Diagnostic::is_error) {
            let mut none = Self::none(diagnostics);
            none.stamp.files = shown;
            return none;
        }
        let stamp = PolicyStamp {
            state: PolicyState::InForce,
            digest: Some(hex(&digest.finalize())),
            files: shown,
            rules: rules.len(),
            ruleset: rules.iter().map(wire).collect(),
            diagnostics,
        };
        Self { rules: Arc::new(PolicySet::compile(rules)), stamp }
    }

    /// What is in force after the files changed: what they say; or, when they are there but do not parse, the last
    /// good word, marked stale; or, when they are gone or unreadable, nothing.
    #[must_use]
    pub fn succeeded_by(&self, next: Self) -> Self {
        let unreadable = next.stamp.diagnostics.iter().any(|fault| fault.message.starts_with(UNREADABLE));
        let does_not_parse = next.stamp.state == PolicyState::None && !next.stamp.files.is_empty() && !unreadable;
        if !does_not_parse || self.stamp.state == PolicyState::None {
            return next;
        }
        let stamp =
            PolicyStamp { state: PolicyState::Stale, diagnostics: next.stamp.diagnostics, ..self.stamp.clone() };
        Self { rules: Arc::clone(&self.rules), stamp }
    }
}

/// A rule as the journal has it: bytes of a file mean nothing to who reads it later.
fn wire(rule: &TrustPolicy) -> TrustPolicy {
    let origin = Origin { span: None, ..rule.origin.clone() };
    TrustPolicy { origin, ..rule.clone() }
}

const UNREADABLE: &str = "cannot read the policy";

fn read_one(workspace: &Workspace, path: &Path, name: &str) -> Result<(String, file::PolicyFile), Vec<Diagnostic>> {
    let refuse = |message: String, help: &str| {
        let fault = Diagnostic::error(message).in_file(name);
        vec![if help.is_empty() { fault } else { fault.help(help) }]
    };
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if !matches!(extension, "yaml" | "yml") {
        return Err(refuse(
            format!("policy modules (`.{extension}`) are not supported by this version"),
            "write the policy as YAML in `policy/trust.yaml`",
        ));
    }
    // A pipe or a device would be waited for, or never end.
    let regular = std::fs::metadata(path)
        .and_then(|about| if about.is_file() { Ok(()) } else { Err(std::io::Error::other("it is not a file")) });
    let text = regular
        .and_then(|()| std::fs::read(path))
        .map_err(|error| refuse(format!("{UNREADABLE} `{name}`: {error}"), ""))?;
    let text = String::from_utf8(text)
        .map_err(|error| refuse(format!("the policy is not UTF-8 at byte {}", error.utf8_error().valid_up_to()), ""))?;
    let read = file::read(name, &text, &workspace.vocabulary)?;
    Ok((text, read))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
