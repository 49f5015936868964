//! An operator pack on disk (contract 9): an operator made installable. Its files are read each with what is wrong with
//! it, so that a pack that is half right can still be shown, compared and mended.
//!
//! It loads author code and proposes nothing. It must not know sessions, what is in force, or how a check is printed.

mod code;
mod json_file;
mod listing;
mod operator;
pub mod prompt;
mod requires;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use code::Guardrails;
pub use listing::{Listing, Pricing, Trial};
pub use operator::{PackOperator, operator_name};
pub use prompt::Prompt;
pub use requires::Requirement;

use crate::author::bounded_read;
use crate::author::definition::ConnectorDef;
use crate::author::host::Limits;
use crate::author::process::Hosts;
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;

/// The name of a pack's manifest core; with another ending where it is no TypeScript.
const INDEX: [&str; 4] = ["index.ts", "index.js", "index.mjs", "index.mts"];
/// The name of the file that gives a pack's operator its trigger and `run`.
pub const OPERATOR: [&str; 4] = ["operator.ts", "operator.js", "operator.mjs", "operator.mts"];
/// The name of the file with recommended rules.
const GUARDRAILS: [&str; 4] = ["guardrails.ts", "guardrails.js", "guardrails.mjs", "guardrails.mts"];
/// The prompt contract.
pub const PROMPT: &str = "prompt.md";
/// What the pack needs of a tenant.
pub const REQUIRES: &str = "requires.json";
/// The marketplace's card.
pub const LISTING: &str = "listing.json";

/// What a pack is made of, in the order in which it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who it is, in which version; its operator's code.
    Def,
    /// That it holds no credentials.
    Auth,
    /// What it may propose.
    Tools,
    /// The prompt contract.
    Prompt,
    /// Recommended rules.
    Guardrails,
    /// Capabilities it needs.
    Requires,
    /// The marketplace's card.
    Listing,
    /// Recorded envelopes, and connectors that travel with the pack.
    Fixtures,
}

impl Part {
    /// All of them, in the order of a check's lines.
    pub const ALL: [Self; 8] = [
        Self::Def,
        Self::Auth,
        Self::Tools,
        Self::Prompt,
        Self::Guardrails,
        Self::Requires,
        Self::Listing,
        Self::Fixtures,
    ];

    /// What a check's line begins with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Def => "def",
            Self::Auth => "auth",
            Self::Tools => "tools",
            Self::Prompt => "prompt.md",
            Self::Guardrails => "guardrails",
            Self::Requires => "requires",
            Self::Listing => "listing",
            Self::Fixtures => "fixtures",
        }
    }
}

/// What is needed to read a pack.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The pack's folder. Nothing outside it is read.
    pub root: &'a Path,
    /// The folder that files are named from: the workspace, or the pack where there is none around it.
    pub named_from: &'a Path,
    /// What the folder is called in faults: `packs/order-risk`; empty where it is the workspace.
    pub shown: &'a str,
    /// The names that capabilities go by.
    pub vocabulary: &'a Vocabulary,
    /// Where its code is run.
    pub hosts: &'a Hosts,
    /// What its code may use.
    pub limits: Limits,
}

/// A pack as far as it could be read. A part that is none has a fault that says why.
pub struct Pack {
    /// Its folder.
    pub root: PathBuf,
    /// What the folder is called in faults.
    pub shown: String,
    /// `index.ts`.
    pub definition: Option<ConnectorDef>,
    /// What proposes.
    pub operator: Option<PackOperator>,
    /// `prompt.md`, whatever is wrong with it.
    pub prompt: Option<Prompt>,
    /// `guardrails.ts`.
    pub guardrails: Option<Guardrails>,
    /// `requires.json`.
    pub requires: Option<Vec<Requirement>>,
    /// `listing.json`; none where there is no such file.
    pub listing: Option<Listing>,
    /// Its fixture files, sorted.
    pub fixtures: Vec<PathBuf>,
    /// The entries of the connectors that travel with it, sorted.
    pub connectors: Vec<PathBuf>,
    /// Every path it was made from, or would be once it is mended: what to watch.
    pub sources: Vec<PathBuf>,
    faults: BTreeMap<Part, Vec<Diagnostic>>,
    author_failed: bool,
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pack").field("root", &self.root).field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl Pack {
    /// Reads all of a pack's files.
    pub fn read(request: &Request<'_>) -> Self {
        let mut pack = Self {
            root: request.root.to_path_buf(),
            shown: request.shown.trim_end_matches('/').to_owned(),
            definition: None,
            operator: None,
            prompt: None,
            guardrails: None,
            requires: None,
            listing: None,
            fixtures: Vec::new(),
            connectors: Vec::new(),
            sources: Vec::new(),
            faults: BTreeMap::new(),
            author_failed: false,
        };
        if let Err(fault) = tree::check(request.root) {
            pack.fault(Part::Def, fault);
            return pack;
        }
        pack.read_definition(request);
        pack.read_prompt();
        pack.read_guardrails(request);
        pack.read_requires(request.vocabulary);
        pack.check_mentions(request.vocabulary);
        pack.read_listing();
        pack.read_operator(request);
        pack.fixtures = tree::fixtures(&pack.root);
        pack.connectors = tree::connectors(&pack.root);
        pack
    }

    /// The file that its operator is written in, as a person would name it.
    pub fn source(&self) -> String {
        let written = OPERATOR.iter().chain(&INDEX).find(|name| self.root.join(name).is_file());
        let name = written.copied().unwrap_or(INDEX[0]);
        if self.shown.is_empty() { name.to_owned() } else { format!("{}/{name}", self.shown) }
    }

    /// The pack's id and version as receipts have them: `op-order-risk@1.0.0`.
    pub fn identity(&self) -> Option<String> {
        let definition = self.definition.as_ref()?;
        Some(format!("{}@{}", definition.id, definition.version.as_deref()?))
    }

    /// What is wrong with a part.
    pub fn faults(&self, part: Part) -> &[Diagnostic] {
        self.faults.get(&part).map_or(&[], Vec::as_slice)
    }

    /// Everything that is wrong, part by part.
    pub fn all_faults(&self) -> impl Iterator<Item = (Part, &Diagnostic)> {
        self.faults.iter().flat_map(|(part, faults)| faults.iter().map(|fault| (*part, fault)))
    }

    /// True when a part could not be used as it is.
    pub fn is_broken(&self, part: Part) -> bool {
        self.faults(part).iter().any(Diagnostic::is_error)
    }

    /// True where some of its code did not load.
    pub fn author_failed(&self) -> bool {
        self.author_failed
    }

    /// Adds a finding, its file named as a person would name it.
    pub fn fault(&mut self, part: Part, fault: Diagnostic) {
        let file = match (&*self.shown, fault.file) {
            ("", file) => file,
            (shown, None) => Some(shown.to_owned()),
            (shown, Some(file)) => Some(format!("{shown}/{file}")),
        };
        self.faults.entry(part).or_default().push(Diagnostic { file, ..fault });
    }

    /// Adds findings that name their files as the workspace does already.
    pub fn named_faults(&mut self, part: Part, faults: impl IntoIterator<Item = Diagnostic>) {
        self.faults.entry(part).or_default().extend(faults);
    }

    fn extend(&mut self, part: Part, faults: impl IntoIterator<Item = Diagnostic>) {
        for fault in faults {
            self.fault(part, fault);
        }
    }

    /// The first of the names that is there; the first of all where none is.
    fn file(&mut self, names: &[&'static str]) -> &'static str {
        let found = names.iter().find(|name| self.root.join(name).symlink_metadata().is_ok());
        let name = found.copied().unwrap_or(names[0]);
        self.sources.push(self.root.join(name));
        name
    }

    /// A text file of the pack; a fault of `part` where it cannot be read.
    fn text(&mut self, part: Part, name: &str) -> Option<String> {
        let path = self.root.join(name);
        self.sources.push(path.clone());
        match tree::inside(&self.root, &path).and_then(|()| bounded_read::read_text(&path, bounded_read::SETTINGS)) {
            Ok(text) => Some(text),
            Err(error) => {
                let absent = error.kind() == std::io::ErrorKind::NotFound;
                let message =
                    if absent { format!("`{name}` is missing") } else { format!("cannot read `{name}`: {error}") };
                self.fault(part, Diagnostic::error(message).in_file(name));
                None
            }
        }
    }

    fn read_prompt(&mut self) {
        let Some(text) = self.text(Part::Prompt, PROMPT) else { return };
        let (prompt, faults) = Prompt::read(&text);
        self.extend(Part::Prompt, faults.into_iter().map(|fault| fault.in_file(PROMPT)));
        self.prompt = Some(prompt);
    }

    /// An optional capability that the prompt is silent about: what the pack does without it nobody can say.
    fn check_mentions(&mut self, vocabulary: &Vocabulary) {
        let Some(prompt) = &self.prompt else { return };
        let silent: Vec<_> = self
            .requires
            .iter()
            .flatten()
            .filter(|one| one.optional && prompt.mention(vocabulary, &one.capability).is_none())
            .map(|one| one.capability.clone())
            .collect();
        for capability in silent {
            let message = format!("`{capability}` is optional, and the prompt does not name it");
            let help = "say in `# Constraints` or `# Refusal` what the operator does without it";
            self.fault(Part::Prompt, Diagnostic::error(message).help(help).in_file(PROMPT));
        }
    }

    fn read_requires(&mut self, vocabulary: &Vocabulary) {
        let Some(text) = self.text(Part::Requires, REQUIRES) else { return };
        let (read, faults) = requires::read(&text, vocabulary);
        self.requires = read;
        self.extend(Part::Requires, faults.into_iter().map(|fault| fault.in_file(REQUIRES)));
    }

    fn read_listing(&mut self) {
        self.sources.push(self.root.join(LISTING));
        if self.root.join(LISTING).symlink_metadata().is_err() {
            return;
        }
        let Some(text) = self.text(Part::Listing, LISTING) else { return };
        match listing::read(&text) {
            Ok(listing) => self.listing = Some(listing),
            Err(faults) => self.extend(Part::Listing, faults.into_iter().map(|fault| fault.in_file(LISTING))),
        }
    }
}
