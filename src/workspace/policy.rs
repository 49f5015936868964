//! The policy in force: which files, what they say, and whether the last good word has gone stale (contract 4).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Workspace;
use super::predicates::Predicates;
use crate::author::host::Limits;
use crate::author::load::{CodeKind, LoadFailure, Request, RuntimeKind, load_rules};
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
    /// What its rules in code ask.
    pub predicates: Arc<Predicates>,
    /// Every path it was made from, or would be once it is mended: what to watch.
    pub sources: Vec<PathBuf>,
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
        Self { rules: Arc::new(PolicySet::none(why)), stamp, predicates: Arc::default(), sources: Vec::new() }
    }

    /// Reads the policy. What does not parse leaves no policy, with the reasons in the stamp.
    pub fn read(workspace: &Workspace, named: &[PathBuf]) -> Self {
        let paths = files(workspace, named);
        let mut rules = Vec::new();
        let mut diagnostics = Vec::new();
        let mut digest = Sha256::new();
        let mut shown = Vec::new();
        let mut predicates = Predicates::default();
        let mut sources = Vec::new();
        for path in &paths {
            let name = workspace.shown(path);
            // A link may be led elsewhere, and what it leads to may be saved.
            sources.extend(std::iter::once(path.clone()).chain(path.canonicalize()));
            match read_one(workspace, path, &name, &mut predicates, &mut sources) {
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
            none.sources = sources;
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
        Self { rules: Arc::new(PolicySet::compile(rules)), stamp, predicates: Arc::new(predicates), sources }
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
        Self { rules: Arc::clone(&self.rules), stamp, predicates: Arc::clone(&self.predicates), sources: next.sources }
    }
}

/// A rule as the journal has it: bytes of a file mean nothing to who reads it later.
fn wire(rule: &TrustPolicy) -> TrustPolicy {
    let origin = Origin { span: None, ..rule.origin.clone() };
    TrustPolicy { origin, ..rule.clone() }
}

const UNREADABLE: &str = "cannot read the policy";

/// How long a predicate may take: it answers about one action, and everything waits for it.
const PATIENCE: Duration = Duration::from_millis(250);

fn read_one(
    workspace: &Workspace,
    path: &Path,
    name: &str,
    predicates: &mut Predicates,
    sources: &mut Vec<PathBuf>,
) -> Result<(String, file::PolicyFile), Vec<Diagnostic>> {
    let refuse = |message: String, help: &str| {
        let fault = Diagnostic::error(message).in_file(name);
        vec![if help.is_empty() { fault } else { fault.help(help) }]
    };
    // A pipe or a device would be waited for, or never end.
    let regular = std::fs::metadata(path)
        .and_then(|about| if about.is_file() { Ok(()) } else { Err(std::io::Error::other("it is not a file")) });
    let text = regular
        .and_then(|()| std::fs::read(path))
        .map_err(|error| refuse(format!("{UNREADABLE} `{name}`: {error}"), ""))?;
    let text = String::from_utf8(text)
        .map_err(|error| refuse(format!("the policy is not UTF-8 at byte {}", error.utf8_error().valid_up_to()), ""))?;
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "yaml" | "yml" => file::read(name, &text, &workspace.vocabulary).map(|read| (text, read)),
        "ts" | "mts" | "js" | "mjs" => read_code(workspace, path, name, predicates, sources),
        extension => Err(refuse(
            format!("a policy in `.{extension}` cannot be read by this version"),
            "write it in YAML as `policy/trust.yaml`, or in TypeScript as `policy/trust.ts`",
        )),
    }
}

/// Rules that code exports. What stands for its text is the digest of all it imports.
fn read_code(
    workspace: &Workspace,
    path: &Path,
    name: &str,
    predicates: &mut Predicates,
    sources: &mut Vec<PathBuf>,
) -> Result<(String, file::PolicyFile), Vec<Diagnostic>> {
    let limits = Limits { call: PATIENCE, ..Limits::default() };
    let inside = path.starts_with(&workspace.root);
    let root = if inside { &*workspace.root } else { path.parent().unwrap_or(path) };
    let request = Request { root, entry: path, kind: CodeKind::Any, runtime: RuntimeKind::Embedded, limits, hosts: &workspace.hosts };
    let loaded = load_rules(&request).map_err(|failure| {
        let LoadFailure { diagnostic, further, files, .. } = failure;
        sources.extend(files);
        std::iter::once(*diagnostic).chain(further).collect::<Vec<_>>()
    })?;
    sources.extend(loaded.files);
    let mut coded = file::read_coded(name, &loaded.rules, &workspace.vocabulary)?;
    for (rule, id) in predicates.add(loaded.code, &coded.predicates) {
        if let Some(rule) = coded.file.rules.get_mut(rule as usize) {
            rule.predicate = Some(id);
        }
    }
    Ok((loaded.revision, coded.file))
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
