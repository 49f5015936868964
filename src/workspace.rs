//! Finding, configuring, loading, watching and reloading a workspace (contract 6).
//!
//! Knows files and author code; knows nothing of runs, keys or screens.

pub mod config;
pub mod discover;
pub mod fixtures;
pub mod git_revision;
pub mod named_file;
pub mod names;
pub mod policy;
pub mod predicates;
pub mod recordings;
pub mod roster;
pub mod secrets;
mod unused;
pub mod watch;

use std::path::{Path, PathBuf};

use crate::author::process::Hosts;
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use config::Config;

/// A workspace's ground: where it is and what it is configured to be.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The folder, canonical.
    pub root: PathBuf,
    /// `fibric.toml`, or its defaults.
    pub config: Config,
    /// The shipped vocabulary and the workspace's additions.
    pub vocabulary: Vocabulary,
    /// The processes that run its author code.
    pub hosts: Hosts,
}

impl Workspace {
    /// Opens the workspace that holds `from`, reading `fibric.toml` if there is one.
    pub fn open(from: &Path) -> Result<Self, Diagnostic> {
        let root = discover::root(from)?;
        let config = Config::read(&root)?;
        let vocabulary = config.capabilities.vocabulary().map_err(|faults| {
            let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
            Diagnostic::error(format!("`[capabilities]`: {}", said.join("; "))).in_file(config::FILE)
        })?;
        let hosts = Hosts::new(config.host_options());
        Ok(Self { root, config, vocabulary, hosts })
    }

    /// The workspace that holds a folder; where none does, the folder itself with nothing configured.
    pub fn around(folder: &Path) -> Result<Self, Diagnostic> {
        if discover::root(folder).is_ok() {
            return Self::open(folder);
        }
        let root = folder
            .canonicalize()
            .map_err(|error| Diagnostic::error(format!("cannot open `{}`: {error}", folder.display())))?;
        let config = Config::default();
        let hosts = Hosts::new(config.host_options());
        Ok(Self { root, config, vocabulary: Vocabulary::shipped(), hosts })
    }

    /// Where the kernel keeps its state.
    pub fn state_dir(&self) -> PathBuf {
        self.root.join(".fibric").join("dev")
    }

    /// A path as a person would name it: relative to the root where it is inside, with forward slashes.
    pub fn shown(&self, path: &Path) -> String {
        shown(&self.root, path)
    }
}

/// A path relative to `root` where it is inside, with forward slashes.
pub fn shown(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.to_string_lossy().replace('\\', "/")
}
