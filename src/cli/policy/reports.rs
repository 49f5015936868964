//! `--junit` and `--sarif`: the same findings once more, as files for build servers and code review.

use std::path::{Path, PathBuf};

use crate::cli::exit::{Exit, Failure};
use crate::kernel::diagnostic::Diagnostic;
use crate::report::diagnostics::{Style, render};
use crate::report::junit::{self, Case, Outcome, Suite};
use crate::report::sarif::{self, Finding};

/// Files that repeat what is printed.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct Reports {
    /// Write the outcome as JUnit XML too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the findings as SARIF 2.1.0 too.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

impl Reports {
    /// Writes those that were asked for.
    pub(in crate::cli) fn write(&self, suites: &[Suite], findings: &[Finding]) -> Result<(), Failure> {
        if let Some(path) = &self.junit {
            write(path, &junit::document(suites))?;
        }
        if let Some(path) = &self.sarif {
            write(path, &sarif::document(findings))?;
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        Failure::Told { diagnostics: vec![Diagnostic::error(message)], exit: Exit::Failed }
    })
}

/// Files as cases: each fails on the errors found in it.
pub(in crate::cli) fn file_cases(files: &[String], found: &[Diagnostic]) -> Vec<Case> {
    let of = |file: Option<&str>| {
        let errors: Vec<_> = found.iter().filter(|it| it.is_error() && it.file.as_deref() == file).collect();
        let outcome = match errors.first() {
            None => Outcome::Passed,
            Some(first) => {
                let whole: Vec<_> = errors.iter().map(|error| render(error, Style::Plain)).collect();
                Outcome::Failed(first.message.clone(), whole.join("\n"))
            }
        };
        Case { name: file.unwrap_or("policy").to_owned(), file: file.map(str::to_owned), line: None, outcome }
    };
    let mut cases: Vec<_> = files.iter().map(|file| of(Some(file))).collect();
    let beside = of(None);
    if files.is_empty() || beside.outcome != Outcome::Passed {
        cases.push(beside);
    }
    cases
}
