//! The import graph of an entry: every file it reaches, stripped, with a digest of them all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::resolve::{Target, resolve};
use super::strip::{MAX_SOURCE, Stripped};
use crate::author::bounded_read;
use crate::author::host::Limits;
use crate::author::message::{Program, ProgramModule};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Span;

/// One file of the graph.
pub struct Module {
    /// What its author wrote.
    pub text: String,
    /// What runs.
    pub code: String,
    /// The way back, for TypeScript: a source map, as JSON.
    pub map: Option<String>,
    /// Specifier to module name, and where the specifier stands.
    pub imports: BTreeMap<String, (String, Span)>,
}

/// An entry and all it imports. Modules are named by their path relative to the root, `operators/order-risk.ts`.
pub struct Graph {
    /// Name of the entry.
    pub entry: String,
    /// All modules but the kernel's own.
    pub modules: BTreeMap<String, Module>,
    /// True when no call can leave anything behind for the next.
    pub steady: bool,
    /// The files, and where imports were looked for: what to watch.
    pub files: Vec<PathBuf>,
    /// Short digest over names and contents.
    pub revision: String,
}

/// Why there is no graph, and what to watch for it to heal.
pub struct Broken {
    /// What was wrong.
    pub diagnostic: Diagnostic,
    /// Files that were read, and where imports were looked for.
    pub files: Vec<PathBuf>,
    /// Digest over what was read.
    pub revision: String,
}

/// Files of one graph.
const MAX_FILES: usize = 500;

/// Makes a file runnable, given its name and text.
pub type Strip<'a> = dyn FnMut(&str, &str) -> Result<Stripped, Box<Diagnostic>> + 'a;

struct Walk<'a, 's> {
    root: &'a Path,
    /// What modules are named from.
    named_from: &'a Path,
    /// The text of an entry that has no file, until it is read.
    generated: Option<String>,
    strip: &'a mut Strip<'s>,
    modules: BTreeMap<String, Module>,
    files: BTreeSet<PathBuf>,
    digests: BTreeMap<String, [u8; 32]>,
    steady: bool,
}

impl Graph {
    /// Reads the entry and everything it imports, all of it below the first of the roots, named from the second.
    pub fn read(roots: (&Path, &Path), entry: &Path, strip: &mut Strip<'_>) -> Result<Self, Box<Broken>> {
        Self::walk(roots, entry, None, strip)
    }

    /// The same of an entry that has no file, with its text.
    pub fn generated(
        roots: (&Path, &Path),
        entry: &Path,
        text: &str,
        strip: &mut Strip<'_>,
    ) -> Result<Self, Box<Broken>> {
        Self::walk(roots, entry, Some(text.to_owned()), strip)
    }

    fn walk(
        (root, named_from): (&Path, &Path),
        entry: &Path,
        generated: Option<String>,
        strip: &mut Strip<'_>,
    ) -> Result<Self, Box<Broken>> {
        let mut walk = Walk {
            root,
            named_from,
            generated,
            strip,
            modules: BTreeMap::new(),
            files: BTreeSet::new(),
            digests: BTreeMap::new(),
            steady: true,
        };
        match walk.run(entry) {
            Ok(entry) => {
                let revision = walk.revision();
                Ok(Self {
                    entry,
                    modules: walk.modules,
                    steady: walk.steady,
                    files: walk.files.into_iter().collect(),
                    revision,
                })
            }
            Err(diagnostic) => {
                let revision = walk.revision();
                Err(Box::new(Broken { diagnostic: *diagnostic, files: walk.files.into_iter().collect(), revision }))
            }
        }
    }

    /// What a host needs of it.
    pub fn program(&self, limits: &Limits) -> Program {
        let module = |(name, module): (&String, &Module)| ProgramModule {
            name: name.clone(),
            code: module.code.clone(),
            imports: module
                .imports
                .iter()
                .map(|(specifier, (target, _))| (specifier.clone(), target.clone()))
                .collect(),
        };
        Program {
            entry: self.entry.clone(),
            steady: self.steady,
            modules: self.modules.iter().map(module).collect(),
            call_ms: u64::try_from(limits.call.as_millis()).unwrap_or(u64::MAX),
            memory: limits.memory,
            stack: limits.stack,
            log: limits.log,
        }
    }
}

impl Walk<'_, '_> {
    fn run(&mut self, entry: &Path) -> Result<String, Box<Diagnostic>> {
        let name = self.name(entry);
        let mut waiting = VecDeque::from([(name.clone(), entry.to_path_buf())]);
        while let Some((name, path)) = waiting.pop_front() {
            if self.modules.contains_key(&name) {
                continue;
            }
            if self.modules.len() >= MAX_FILES {
                return Err(Box::new(
                    Diagnostic::error(format!("more than {MAX_FILES} files are imported")).in_file(name),
                ));
            }
            self.files.insert(path.clone());
            let text = match self.generated.take() {
                Some(text) => text,
                None => read(&path, &name)?,
            };
            // The same code is the same revision, wherever it is kept.
            self.digests.insert(relative(self.root, &path), Sha256::digest(text.as_bytes()).into());
            let stripped = (self.strip)(&name, &text)?;
            self.steady &= stripped.steady;
            let mut imports = BTreeMap::new();
            for (specifier, span) in stripped.imports {
                let mut looked = Vec::new();
                let target = resolve(self.root, &path, &specifier, &mut looked);
                self.files.extend(looked);
                let target =
                    target.map_err(|diagnostic| Box::new(diagnostic.in_file(&*name).at_span(&text, &span, 1)))?;
                let imported = match target {
                    Target::Builtin(name) => name.to_owned(),
                    Target::File(path) => {
                        let name = self.name(&path);
                        waiting.push_back((name.clone(), path));
                        name
                    }
                };
                imports.insert(specifier, (imported, span));
            }
            let code = stripped.code.unwrap_or_else(|| text.clone());
            self.modules.insert(name, Module { text, code, map: stripped.map, imports });
        }
        Ok(name)
    }

    fn name(&self, path: &Path) -> String {
        relative(self.named_from, path)
    }

    fn revision(&self) -> String {
        let mut digest = Sha256::new();
        for (name, content) in &self.digests {
            digest.update(name.len().to_le_bytes());
            digest.update(name.as_bytes());
            digest.update(content);
        }
        let mut short = String::new();
        for byte in digest.finalize().iter().take(6) {
            let _ = write!(short, "{byte:02x}");
        }
        short
    }
}

/// A path from a folder that holds it, with forward slashes.
fn relative(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read(path: &Path, name: &str) -> Result<String, Box<Diagnostic>> {
    let refuse = |message: String| Box::new(Diagnostic::error(message).in_file(name));
    let bytes = bounded_read::read(path, MAX_SOURCE as u64 - 1).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => refuse(format!("`{name}` is too large to be loaded: the limit is 1 MiB")),
        _ => refuse(format!("`{name}` cannot be read: {error}")),
    })?;
    String::from_utf8(bytes).map_err(|_| refuse(format!("`{name}` is not UTF-8")))
}
