//! The gates of a replay: what made one fail, the exit code, and the sentence that says so.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::report::replay::Report;
use crate::session::dev_kernel::DevKernel;
use crate::session::golden::Golden;

/// What was asked to matter.
pub(super) struct Gate {
    pub strict: bool,
    pub fail_on_block: bool,
    /// False where nothing was disposed of: then no policy was asked.
    pub disposes: bool,
}

/// A finished replay.
pub(super) struct Replayed<'a> {
    /// As they were typed.
    pub paths: &'a [PathBuf],
    /// How many files they mean.
    pub files: usize,
    /// Envelopes that `--where` passed over.
    pub unselected: u64,
    pub kernel: &'a DevKernel,
    pub report: &'a Report,
    /// What is to be as it was recorded; none where it is being recorded.
    pub golden: Option<&'a Golden>,
}

impl Gate {
    /// The exit code (contract 8), and what is to be said. Without `--strict` a replay that ran is a success.
    pub fn judge(&self, replayed: &Replayed<'_>) -> (Exit, Vec<Diagnostic>) {
        let (kernel, report) = (replayed.kernel, replayed.report);
        let mut found: Vec<_> = replayed.nothing(self.strict).into_iter().collect();
        let mut failed: Vec<(Exit, String)> = Vec::new();
        if (self.strict || self.fail_on_block) && self.disposes && report.blocked > 0 {
            failed.push((Exit::Vetoed, many(report.blocked, "action", "blocked by policy")));
        }
        if self.strict {
            let broken = kernel.roster.loaded().filter(|loaded| loaded.failure.is_some()).count();
            if broken > 0 {
                let verb = if broken == 1 { "does" } else { "do" };
                failed.push((Exit::Author, format!("{} {verb} not load", counted(broken, "definition"))));
            }
            if report.crashes > 0 {
                failed.push((Exit::Author, format!("author code failed on {}", counted(report.crashes, "envelope"))));
            }
            if report.missed > 0 {
                failed.push((Exit::Failed, many(report.missed, "plan", "not to be had from the recordings")));
            }
            let broken = kernel.tape.broken().count();
            if broken > 0 {
                failed.push((Exit::Failed, format!("{} of recordings cannot be read whole", counted(broken, "file"))));
            }
            if kernel.policy.stamp.diagnostics.iter().any(Diagnostic::is_error) && self.disposes {
                failed.push((Exit::Invalid, "the policy does not load".to_owned()));
            }
            if report.refused > 0 {
                failed.push((Exit::Failed, many(report.refused, "envelope", "refused")));
            }
            if report.invalid > 0 {
                failed.push((Exit::Failed, many(report.invalid, "action", "refused in validation")));
            }
            if report.failures > 0 {
                failed.push((Exit::Failed, many(report.failures, "input or plan", "unreadable")));
            }
            let unbound = kernel.roster.problems().iter().filter(|problem| problem.is_error()).count();
            if unbound > 0 {
                failed.push((Exit::Failed, format!("{} in the bindings", counted(unbound, "error"))));
            }
            if !found.is_empty() {
                failed.push((Exit::Failed, "no envelope was replayed".to_owned()));
            }
        }
        let golden: Vec<_> = replayed.golden.map(unlike_golden).unwrap_or_default();
        let only_golden = failed.is_empty();
        failed.extend(golden.into_iter().map(|why| (Exit::Failed, why)));
        // Envelopes that were read well are something, so this only has to be said.
        if self.strict || self.fail_on_block {
            found.extend(replayed.unanswered());
        }
        let exit = Exit::worst(failed.iter().map(|(exit, _)| *exit));
        if !failed.is_empty() {
            let name = match (only_golden, self.strict) {
                (true, _) => "golden",
                (false, true) => "strict",
                (false, false) => "fail-on-block",
            };
            let why: Vec<_> = failed.into_iter().map(|(_, why)| why).collect();
            let told = Diagnostic::error(format!("{name}: {} (exit {})", why.join("; "), exit as u8));
            let help =
                "`--record` takes the plans as they are now; with `--where`, only those of the envelopes it selects";
            found.push(if only_golden { told.help(help) } else { told });
        }
        (exit, found)
    }
}

/// Why a replay is not what was recorded.
fn unlike_golden(golden: &Golden) -> Vec<String> {
    let mut why = Vec::new();
    let differing = golden.failures();
    if differing > 0 {
        let verb = if differing == 1 { "is" } else { "are" };
        why.push(format!("{} {verb} not as recorded", counted(differing, "plan")));
    }
    let broken = golden.broken().count();
    if broken > 0 {
        why.push(format!("{} of golden plans cannot be read whole", counted(broken, "file")));
    }
    why
}

impl Replayed<'_> {
    /// Why nobody was asked anything, although there were envelopes.
    fn unanswered(&self) -> Option<Diagnostic> {
        if self.report.envelopes == 0 || self.report.routed > 0 {
            return None;
        }
        let envelopes = counted(self.report.envelopes, "envelope");
        let why = if self.kernel.roster.operators().next().is_none() {
            "no operator is loaded"
        } else {
            "no trigger matched"
        };
        Some(Diagnostic::warning(format!("none of {envelopes} reached an operator: {why}")))
    }

    /// Why there was nothing to replay: a gate over nothing would pass whatever the code does.
    fn nothing(&self, strict: bool) -> Option<Diagnostic> {
        if self.report.envelopes > 0 || self.report.refused > 0 || self.report.failures > 0 {
            return None;
        }
        let names: Vec<_> = self.paths.iter().map(|path| format!("`{}`", path.display())).collect();
        let names = names.join(", ");
        let say = |message: String| if strict { Diagnostic::error(message) } else { Diagnostic::warning(message) };
        Some(if self.unselected > 0 {
            say(format!("`--where` selects none of the {} in {names}", counted(self.unselected, "envelope")))
        } else if self.files > 0 {
            say(format!("there is no envelope in {names}"))
        } else {
            let deeper = self.paths.iter().find_map(|path| folder_within(path));
            say(format!("there is no `*.jsonl` or `*.json` file directly in {names}")).help(match deeper {
                Some(folder) => format!(
                    "deeper folders are not looked into: name `{0}` itself, or `'{1}/**/*.jsonl'`",
                    folder.display(),
                    folder.parent().unwrap_or(&folder).display()
                ),
                None => "write one envelope a line into a file there".to_owned(),
            })
        })
    }
}

fn folder_within(path: &Path) -> Option<PathBuf> {
    let mut folders: Vec<_> =
        path.read_dir().ok()?.flatten().map(|item| item.path()).filter(|item| item.is_dir()).collect();
    folders.sort();
    folders.into_iter().next()
}

/// `3 actions were blocked by policy`.
fn many(n: u64, noun: &str, what: &str) -> String {
    format!("{} {} {what}", counted(n, noun), if n == 1 { "was" } else { "were" })
}
