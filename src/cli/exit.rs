//! Exit codes, stable (contract 8), and how a command fails.

use std::process::ExitCode;

use crate::kernel::diagnostic::Diagnostic;
use crate::session::error::{Error, refused};
use crate::session::state_files;

/// Every way a command can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Ok = 0,
    /// An assertion, a strict run, a gate or a comparison failed.
    Failed = 1,
    /// The arguments or the configuration are wrong.
    Usage = 2,
    /// The policy vetoed something, where that was asked to matter.
    Vetoed = 3,
    /// A contract or a pack is invalid.
    Invalid = 4,
    /// Author code failed to load or crashed.
    Author = 5,
    /// Undecidable: a predicate, or facts that were redacted.
    Undecidable = 6,
    /// Interrupted by a signal.
    Interrupted = 130,
}

impl Exit {
    /// Of several that apply, the one that is told: 5, 4, 1, 3.
    pub fn worst(of: impl IntoIterator<Item = Self>) -> Self {
        let rank = |exit: &Self| match exit {
            Self::Interrupted => 8,
            Self::Usage => 7,
            Self::Author => 6,
            Self::Invalid => 5,
            Self::Failed => 4,
            Self::Vetoed => 3,
            Self::Undecidable => 2,
            Self::Ok => 0,
        };
        of.into_iter().max_by_key(rank).unwrap_or(Self::Ok)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// Whoever read the output has gone away; nothing is wrong.
    Closed,
    /// Something to tell.
    Told {
        /// What was wrong.
        diagnostics: Vec<Diagnostic>,
        /// The code.
        exit: Exit,
    },
}

impl Failure {
    /// Wrong arguments or configuration.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self::Told { diagnostics: vec![diagnostic], exit: Exit::Usage }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::usage(diagnostic)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = if matches!(error, Error::Input(_)) { Exit::Usage } else { Exit::Failed };
        Self::Told { diagnostics: vec![error.diagnostic()], exit }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        let told = match state_files::refusal(&error) {
            Some(_) => refused(&error),
            None => Diagnostic::error(format!("cannot write: {error}")),
        };
        Self::Told { diagnostics: vec![told], exit: Exit::Failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_contract_says_which_is_told() {
        let table = [
            (vec![], Exit::Ok),
            (vec![Exit::Vetoed, Exit::Failed], Exit::Failed),
            (vec![Exit::Failed, Exit::Invalid, Exit::Vetoed], Exit::Invalid),
            (vec![Exit::Author, Exit::Invalid, Exit::Failed], Exit::Author),
            (vec![Exit::Vetoed], Exit::Vetoed),
        ];
        for (several, told) in table {
            assert_eq!(Exit::worst(several.clone()), told, "{several:?}");
        }
    }
}
