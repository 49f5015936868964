//! The policy in force: which files, what they say, and whether the last good word has gone stale (contract 4).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Workspace;
use super::predicates::Predicates;
use crate::author::bounded_read;
use crate::author::host::Limits;
use crate::author::load::{CodeKind, LoadFailure, Request, RuntimeKind, load_rules};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{PolicyStamp, PolicyState};
use crate::kernel::policy::{LoadedNames, Origin, PolicySet, TrustPolicy, file, unknown_names};

mod seen;

pub use seen::Seen;

/// A policy and where it came from.
#[derive(Debug, Clone)]
pub struct InForce {
    /// What judges; without rules it BLOCKs everything.
    pub rules: Arc<PolicySet>,
    /// What is said of it.
    pub stamp: PolicyStamp,
    /// What its rules in code ask.
    pub predicates: Arc<Predicates>,
    /// What its files looked like when they were read.
    pub seen: Seen,
    /// The texts of those in YAML, by the names that places give them.
    texts: Arc<[(String, String)]>,
    /// True when a file is there that could not be read at all.
    unreadable: bool,
    /// Every path it was made from, or would be once it is mended: what to watch.
    pub sources: Vec<PathBuf>,
}

/// The files that make the policy where they are there: `policy/trust.{yaml,yml,ts,js,py}`, or those named instead.
fn candidates(workspace: &Workspace, named: &[PathBuf]) -> Vec<PathBuf> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let folder = workspace.root.join("policy");
    ["yaml", "yml", "ts", "js", "py"].iter().map(|extension| folder.join(format!("trust.{extension}"))).collect()
}

impl InForce {
    /// No policy: everything is BLOCKed.
    fn none(diagnostics: Vec<Diagnostic>, seen: Seen) -> Self {
        let why = why_none(&diagnostics);
        let stamp = PolicyStamp {
            state: PolicyState::None,
            digest: None,
            files: Vec::new(),
            rules: 0,
            ruleset: Vec::new(),
            diagnostics,
        };
        let (rules, texts) = (Arc::new(PolicySet::none(why)), Arc::default());
        Self { rules, stamp, predicates: Arc::default(), seen, texts, unreadable: false, sources: Vec::new() }
    }

    /// Reads the policy. What does not parse leaves no policy, with the reasons in the stamp.
    pub fn read(workspace: &Workspace, named: &[PathBuf]) -> Self {
        let mut paths = candidates(workspace, named);
        // Looked at before anything is read, so that what is saved meanwhile is noticed.
        let seen = Seen::now(paths.clone());
        paths.retain(|path| !named.is_empty() || path.symlink_metadata().is_ok());
        let mut rules = Vec::new();
        let mut diagnostics = Vec::new();
        let mut digest = PolicyDigest::default();
        let mut shown = Vec::new();
        let mut predicates = Predicates::default();
        let mut texts = Vec::new();
        let mut unreadable = false;
        let mut sources = Vec::new();
        for path in &paths {
            let name = workspace.shown(path);
            // A link may be led elsewhere, and what it leads to may be saved.
            sources.extend(std::iter::once(path.clone()).chain(path.canonicalize()));
            let bytes = bounded_read::read(path, file::MAX_BYTES as u64).map_err(|error| {
                unreadable = true;
                vec![Diagnostic::error(format!("cannot read the policy `{name}`: {error}")).in_file(&*name)]
            });
            match bytes
                .and_then(|bytes| text_of(bytes, &name))
                .and_then(|text| read_one(workspace, path, &name, text, &mut predicates, &mut sources))
            {
                Ok((text, read)) => {
                    digest.take(&text);
                    rules.extend(read.rules);
                    diagnostics.extend(read.warnings);
                    texts.push((name.clone(), text));
                }
                Err(faults) => diagnostics.extend(faults),
            }
            shown.push(name);
        }
        if paths.is_empty() || diagnostics.iter().any(Diagnostic::is_error) {
            let mut none = Self::none(diagnostics, seen);
            none.stamp.files = shown;
            return Self { unreadable, sources, ..none };
        }
        let stamp = PolicyStamp {
            state: PolicyState::InForce,
            digest: Some(digest.hex()),
            files: shown,
            rules: rules.len(),
            ruleset: rules.iter().map(wire).collect(),
            diagnostics,
        };
        let (rules, predicates) = (Arc::new(PolicySet::compile(rules)), Arc::new(predicates));
        Self { rules, stamp, predicates, seen, texts: texts.into(), unreadable, sources }
    }

    /// Warns of names that refer to nothing loaded; of none where nothing is known to be loaded.
    #[must_use]
    pub fn held_to(mut self, loaded: Option<&LoadedNames>) -> Self {
        if let Some(loaded) = loaded {
            let text_of = |file: &str| self.texts.iter().find(|(name, _)| name == file).map(|(_, text)| text.as_str());
            self.stamp.diagnostics.extend(unknown_names(self.rules.rules(), loaded, &text_of));
        }
        self
    }

    /// What it would be with more rules beside its own: of all that speak the strictest decides. Without a policy the
    /// rules are one.
    #[must_use]
    pub fn joined_with(&self, more: &[TrustPolicy]) -> Self {
        let rules = self.rules.rules().iter().chain(more).cloned().collect();
        Self { rules: Arc::new(PolicySet::compile(rules)), ..self.clone() }
    }

    /// What is in force after the files changed: what they say; or, when they are there but do not parse, the last
    /// good word, marked stale; or, when they are gone or unreadable, nothing.
    #[must_use]
    pub fn succeeded_by(&self, next: Self) -> Self {
        let does_not_parse = next.stamp.state == PolicyState::None && !next.stamp.files.is_empty() && !next.unreadable;
        if !does_not_parse || self.stamp.state == PolicyState::None {
            return next;
        }
        let stamp =
            PolicyStamp { state: PolicyState::Stale, diagnostics: next.stamp.diagnostics, ..self.stamp.clone() };
        let (rules, predicates) = (Arc::clone(&self.rules), Arc::clone(&self.predicates));
        Self {
            rules,
            stamp,
            predicates,
            seen: next.seen,
            texts: Arc::clone(&self.texts),
            unreadable: false,
            sources: next.sources,
        }
    }
}

/// Why there is no policy, as every verdict then says, given what was wrong.
pub fn why_none(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().find(|fault| fault.is_error()).map_or_else(
        || "there is no `policy/trust.yaml`".to_owned(),
        |fault| fault.place().unwrap_or_else(|| fault.message.clone()) + " does not load",
    )
}

/// What stands for the texts of a policy's files, in order, as its digest.
#[derive(Debug, Clone, Default)]
pub struct PolicyDigest(Sha256);

impl PolicyDigest {
    /// Takes the next file's text.
    pub fn take(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// The digest, hex.
    pub fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

/// A rule as the journal has it: bytes of a file mean nothing to who reads it later.
fn wire(rule: &TrustPolicy) -> TrustPolicy {
    let origin = Origin { span: None, ..rule.origin.clone() };
    TrustPolicy { origin, ..rule.clone() }
}

/// How long a predicate may take: it answers about one action, and everything waits for it.
const PATIENCE: Duration = Duration::from_millis(250);

fn text_of(bytes: Vec<u8>, name: &str) -> Result<String, Vec<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        vec![Diagnostic::error(format!("the policy is not UTF-8 at byte {at}")).in_file(name)]
    })
}

fn read_one(
    workspace: &Workspace,
    path: &Path,
    name: &str,
    text: String,
    predicates: &mut Predicates,
    sources: &mut Vec<PathBuf>,
) -> Result<(String, file::PolicyFile), Vec<Diagnostic>> {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "yaml" | "yml" => file::read(name, &text, &workspace.vocabulary).map(|read| (text, read)),
        "ts" | "mts" | "js" | "mjs" => read_code(workspace, path, &text, name, predicates, sources),
        extension => {
            let fault = Diagnostic::error(format!("a policy in `.{extension}` cannot be read by this version"));
            let help = "write it in YAML as `policy/trust.yaml`, or in TypeScript as `policy/trust.ts`";
            Err(vec![fault.help(help).in_file(name)])
        }
    }
}

/// Rules that code exports. What stands for its text is the digest of all it imports.
fn read_code(
    workspace: &Workspace,
    path: &Path,
    text: &str,
    name: &str,
    predicates: &mut Predicates,
    sources: &mut Vec<PathBuf>,
) -> Result<(String, file::PolicyFile), Vec<Diagnostic>> {
    let limits = Limits { call: PATIENCE, ..Limits::default() };
    let inside = path.starts_with(&workspace.root);
    let root = if inside { &*workspace.root } else { path.parent().unwrap_or(path) };
    let request = Request {
        root,
        entry: path,
        kind: CodeKind::Any,
        runtime: RuntimeKind::Embedded,
        limits,
        hosts: &workspace.hosts,
    };
    let loaded = load_rules(&request).map_err(|failure| {
        let LoadFailure { diagnostic, further, files, .. } = failure;
        sources.extend(files);
        std::iter::once(*diagnostic).chain(further).collect::<Vec<_>>()
    })?;
    sources.extend(loaded.files);
    let mut coded = file::read_coded(name, &loaded.rules, &workspace.vocabulary)
        .map_err(|faults| file::placed(faults, &loaded.rules, text))?;
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

/// The tables of policy tests of a workspace, in order; one that cannot be read too, so that it is told.
pub fn test_tables(root: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(root.join("policy")).into_iter().flatten().flatten();
    let mut paths: Vec<_> = listed
        .map(|entry| entry.path())
        .filter(|path| file::is_tests(&path.to_string_lossy()) && !path.is_dir())
        .collect();
    paths.sort();
    paths
}
