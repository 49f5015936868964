//! `--junit` and `--sarif`: the same findings once more, as files for build servers and code review. However a command
//! ends, the files that were asked for are there and say so.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::kernel::diagnostic::Diagnostic;
use crate::report::diagnostics::{Style, render};
use crate::report::junit::{self, Case, Outcome, Suite};
use crate::report::sarif::{self, Finding, Ground};

/// What stands for the policy where nothing else has a place.
const POLICY: &str = "policy/trust.yaml";

/// Files that repeat what is printed.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct Reports {
    /// Write the outcome as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the findings as SARIF 2.1.0 too.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    /// True once they are written, or one of them could not be.
    #[arg(skip)]
    done: Cell<bool>,
}

impl Reports {
    /// JUnit alone, for a command that has no findings of a policy.
    pub(in crate::cli) fn junit(path: Option<PathBuf>) -> Self {
        Self { junit: path, ..Self::default() }
    }

    /// True where JUnit was asked for.
    pub(in crate::cli) fn has_junit(&self) -> bool {
        self.junit.is_some()
    }

    /// Writes those that were asked for. `root` is the workspace's folder; `files` are those that were looked at, the
    /// first of which stands for what has no place of its own.
    pub(in crate::cli) fn write(
        &self,
        root: &Path,
        files: &[String],
        suites: &[Suite],
        findings: &[Finding],
    ) -> Result<(), Failure> {
        self.done.set(true);
        if let Some(path) = &self.junit {
            output::write_file(path, &junit::document(suites))?;
        }
        if let Some(path) = &self.sarif {
            let ground = Ground { folder: &below_repository(root), file: files.first().map_or(POLICY, String::as_str) };
            output::write_file(path, &sarif::document(findings, ground))?;
        }
        Ok(())
    }

    /// Writes why a command ended before it had anything to report.
    pub(in crate::cli) fn ended(
        &self,
        root: &Path,
        command: &str,
        outcome: Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let Err(Failure::Told { diagnostics, exit }) = outcome else { return outcome };
        if !self.done.get() {
            let whole: Vec<_> = diagnostics.iter().map(|it| render(it, Style::Plain)).collect();
            let message = diagnostics.first().map_or_else(String::new, |first| first.message.clone());
            let outcome = Outcome::Errored(message, whole.join("\n"));
            let case = Case { name: format!("{command} runs"), file: None, line: None, outcome };
            let suite = Suite { name: command.to_owned(), cases: vec![case] };
            let about = "the command could not be carried out";
            let findings: Vec<_> =
                diagnostics.iter().map(|it| Finding::new("fibric/failed", about, it.clone())).collect();
            // What ended the command is what is told, whether or not this can be written.
            let _ = self.write(root, &[], &[suite], &findings);
        }
        Err(Failure::Told { diagnostics, exit })
    }
}

/// A workspace's folder relative to the root of the repository that holds it; empty where it is that root, or in none.
pub(in crate::cli) fn below_repository(root: &Path) -> String {
    let repository = root.ancestors().find(|folder| folder.join(".git").exists());
    let below = repository.and_then(|repository| root.strip_prefix(repository).ok());
    below.map_or_else(String::new, |below| below.to_string_lossy().replace('\\', "/"))
}

/// Files as cases: each fails on the errors found in it, and where it is strict on warnings too.
pub(in crate::cli) fn file_cases(files: &[String], found: &[Diagnostic], strict: bool) -> Vec<Case> {
    let of = |file: Option<&str>| {
        let counts = |it: &&Diagnostic| (strict || it.is_error()) && it.file.as_deref() == file;
        let faults: Vec<_> = found.iter().filter(counts).collect();
        let outcome = match faults.first() {
            None => Outcome::Passed,
            Some(first) => {
                let whole: Vec<_> = faults.iter().map(|fault| render(fault, Style::Plain)).collect();
                Outcome::Failed(first.message.clone(), whole.join("\n"))
            }
        };
        Case { name: file.unwrap_or("policy").to_owned(), file: file.map(str::to_owned), line: None, outcome }
    };
    // What was found in a file that was not asked about makes the command fail all the same.
    let others = found.iter().filter_map(|it| it.file.as_ref()).filter(|file| !files.contains(file));
    let mut all: Vec<&String> = files.iter().collect();
    for other in others {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    let mut cases: Vec<_> = all.into_iter().map(|file| of(Some(file))).collect();
    let beside = of(None);
    if files.is_empty() || beside.outcome != Outcome::Passed {
        cases.push(beside);
    }
    cases
}
