//! From an entry file to a host: which engine runs it, what to watch, and why it could not be loaded.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::embedded::{self, Embedded};
pub use super::embedded::{Predicate, RuleCode};
use super::host::{Host, Limits};
use super::process::{Client, Hosts};
use super::source::{Broken, Graph};
use crate::author::definition::Definition;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Value;

/// What an entry is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    /// A connector.
    Connector,
    /// An operator.
    Operator,
    /// Either, as it says.
    Any,
}

/// How an entry asks to be run, from the workspace's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuntimeKind {
    /// In the embedded engine.
    #[default]
    Embedded,
    /// `runtime = "node"`.
    Node,
}

/// What to load.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The workspace or pack: nothing outside it is read.
    pub root: &'a Path,
    /// The entry file.
    pub entry: &'a Path,
    /// What it should be.
    pub kind: CodeKind,
    /// How it asks to be run.
    pub runtime: RuntimeKind,
    /// What it may use.
    pub limits: Limits,
    /// Where its host comes from.
    pub hosts: &'a Hosts,
}

/// A loaded entry.
pub struct Loaded {
    /// The code, ready to run.
    pub host: Box<dyn Host>,
    /// Every file of its import graph, canonical, and every path where an import was looked for.
    pub files: Vec<PathBuf>,
    /// Short digest over their contents.
    pub revision: String,
}

/// An entry that could not be loaded.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .diagnostic.message)]
pub struct LoadFailure {
    /// The first thing that was wrong.
    pub diagnostic: Box<Diagnostic>,
    /// What else was wrong.
    pub further: Vec<Diagnostic>,
    /// Every file that was read, and where others were looked for, to watch for the repair.
    pub files: Vec<PathBuf>,
    /// Short digest over their contents.
    pub revision: String,
}

/// The code of a policy, ready to be asked.
pub struct LoadedRules {
    /// Its predicates.
    pub code: RuleCode,
    /// What it exports, rule by rule.
    pub rules: Vec<Value>,
    /// Every file of its import graph, canonical, and every path where an import was looked for.
    pub files: Vec<PathBuf>,
    /// Short digest over its files.
    pub revision: String,
}

/// Loads the code of a policy.
pub fn load_rules(request: &Request<'_>) -> Result<LoadedRules, LoadFailure> {
    let mut client = Client::new(request.hosts, request.limits);
    let graph = read(request, &mut client)?;
    let (code, rules) =
        RuleCode::load(&graph, request.limits, client).map_err(|diagnostics| broken(&graph, diagnostics))?;
    Ok(LoadedRules { code, rules, files: graph.files.clone(), revision: graph.revision.clone() })
}

/// Loads an entry.
pub fn load(request: &Request<'_>) -> Result<Loaded, LoadFailure> {
    let mut client = Client::new(request.hosts, request.limits);
    let graph = read(request, &mut client)?;
    host(request, &graph, client)
}

/// Loads an entry that has no file: `text` is what would stand in it.
pub fn load_generated(request: &Request<'_>, text: &str) -> Result<Loaded, LoadFailure> {
    let mut client = Client::new(request.hosts, request.limits);
    let strip = &mut |name: &str, text: &str| embedded::strip(&mut client, name, text);
    let graph = Graph::generated(request.root, request.entry, text, strip).map_err(|broken| of_graph(*broken))?;
    host(request, &Arc::new(graph), client)
}

fn host(request: &Request<'_>, graph: &Arc<Graph>, client: Client) -> Result<Loaded, LoadFailure> {
    let failure = |diagnostics| broken(graph, diagnostics);
    let host = Embedded::load(graph, request.limits, client).map_err(failure)?;
    request.hosts.warm(1);
    let misplaced = match (host.definition(), request.kind) {
        (Definition::Connector(_), CodeKind::Operator) => Some(("a connector", "an operator")),
        (Definition::Operator(_), CodeKind::Connector) => Some(("an operator", "a connector")),
        _ => None,
    };
    if let Some((found, wanted)) = misplaced {
        let message = format!("`{}` exports {found} where {wanted} is expected", graph.entry);
        return Err(failure(vec![Diagnostic::error(message).in_file(&*graph.entry)]));
    }
    Ok(Loaded { host: Box::new(host), files: graph.files.clone(), revision: graph.revision.clone() })
}

/// The first of what is wrong with a graph, and the rest.
fn broken(graph: &Graph, mut diagnostics: Vec<Diagnostic>) -> LoadFailure {
    let first =
        if diagnostics.is_empty() { Diagnostic::error("it could not be loaded") } else { diagnostics.remove(0) };
    LoadFailure {
        diagnostic: Box::new(first),
        further: diagnostics,
        files: graph.files.clone(),
        revision: graph.revision.clone(),
    }
}

/// Everything an entry imports.
fn read(request: &Request<'_>, client: &mut Client) -> Result<Arc<Graph>, LoadFailure> {
    let shown = shown_name(request);
    let refuse = |diagnostic: Diagnostic| LoadFailure {
        diagnostic: Box::new(diagnostic.in_file(&*shown)),
        further: Vec::new(),
        files: vec![request.entry.to_path_buf()],
        revision: String::new(),
    };
    runnable(request, &shown).map_err(refuse)?;
    let root = request.root.canonicalize();
    let root = root.map_err(|error| refuse(Diagnostic::error(format!("the workspace cannot be read: {error}"))))?;
    let entry = request.entry.canonicalize();
    let entry = entry.map_err(|error| refuse(Diagnostic::error(format!("`{shown}` cannot be read: {error}"))))?;
    if !entry.starts_with(&root) {
        return Err(refuse(Diagnostic::error(format!("`{shown}` leads out of the workspace"))));
    }
    let strip = &mut |name: &str, text: &str| embedded::strip(client, name, text);
    let graph = Graph::read(&root, &entry, strip).map_err(|broken| of_graph(*broken))?;
    Ok(Arc::new(graph))
}

fn of_graph(broken: Broken) -> LoadFailure {
    let Broken { diagnostic, files, revision } = broken;
    LoadFailure { diagnostic: Box::new(diagnostic), further: Vec::new(), files, revision }
}

fn shown_name(request: &Request<'_>) -> String {
    let inside = request.entry.strip_prefix(request.root).unwrap_or(request.entry);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn runnable(request: &Request<'_>, shown: &str) -> Result<(), Diagnostic> {
    const ONLY: &str = "this version runs TypeScript and JavaScript in its embedded engine only";
    if request.runtime == RuntimeKind::Node {
        return Err(Diagnostic::error(format!("`{shown}` asks for `runtime = \"node\"`, which cannot be run yet"))
            .help(format!("{ONLY}: leave `runtime` out of `fibric.toml`")));
    }
    match request.entry.extension().and_then(|extension| extension.to_str()) {
        Some("ts" | "mts" | "js" | "mjs") => Ok(()),
        Some("py") => Err(Diagnostic::error(format!("`{shown}` is Python, which cannot be run yet")).help(ONLY)),
        _ => Err(Diagnostic::error(format!("`{shown}` is not a file that can be run")).help(ONLY)),
    }
}
