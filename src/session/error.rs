//! What can go wrong with a session itself, as opposed to what it is given.

use std::io;
use std::path::{Path, PathBuf};

use super::state_files;
use crate::kernel::diagnostic::Diagnostic;

/// A session cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused.
    #[error("cannot {verb} `{}`: {source}", path.display())]
    Disk {
        /// What was tried: `write`, `create`.
        verb: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// An input is unusable as a whole.
    #[error("{}", .0.message)]
    Input(Box<Diagnostic>),
    /// Another process has what was asked for.
    #[error("another `fibric dev` has this workspace and takes its live input")]
    Busy,
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl Error {
    /// Names the file an I/O error is about.
    pub fn disk(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Disk { verb, path, source }
    }

    /// True where a folder or file may not be written by this user, or by nobody.
    pub fn is_refused_writing(&self) -> bool {
        let kind = |source: &io::Error| source.kind();
        matches!(self, Self::Disk { source, .. }
            if matches!(kind(source), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem))
    }

    /// In the form everything else is reported in.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Input(diagnostic) => (**diagnostic).clone(),
            Self::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                Diagnostic::error(self.to_string())
                    .help("free some space and start again; every receipt that was shown is on disk")
            }
            Self::Disk { source, .. } if state_files::refusal(source).is_some() => refused(source),
            Self::Busy => Diagnostic::error(self.to_string()).help("end it first, or leave `--events` out"),
            _ => Diagnostic::error(self.to_string()),
        }
    }
}

/// What stands where state belongs, told as a whole sentence; any other error as it says.
pub fn refused(error: &io::Error) -> Diagnostic {
    match state_files::refusal(error) {
        Some(refusal) => Diagnostic::error(refusal.to_string()).help(refusal.help),
        None => Diagnostic::error(error.to_string()),
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Input(Box::new(diagnostic))
    }
}
