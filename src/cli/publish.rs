//! `fibric publish --check PACK`: whether a pack may be published. Nothing is executed, and nothing leaves the machine.

use std::path::{Path, PathBuf};

use clap::ValueHint;

use super::exit::{Exit, Failure};
use super::policy::reports::Reports;
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::publish::{Check, Line, check};
use crate::report::check as report;
use crate::report::diagnostics::{Style, render};
use crate::report::junit::{Case, Outcome, Suite};
use crate::report::sarif::Finding;
use crate::workspace::Workspace;

/// Arguments of `fibric publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The pack's folder, as `packs/order-risk`.
    #[arg(value_name = "PACK", value_hint = ValueHint::DirPath)]
    pack: PathBuf,
    /// Check it, and publish nothing.
    #[arg(long, required = true)]
    check: bool,
    /// A pack for one tenant: without a listing and without fixtures.
    #[arg(long)]
    private: bool,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let root = args.pack.canonicalize().unwrap_or_else(|_| args.pack.clone());
    let outcome = checked(context, args);
    args.reports.ended(&root, "publish --check", outcome)
}

/// The folder of a pack that a person named.
pub(super) fn pack_folder(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().ok().filter(|path| path.is_dir()).ok_or_else(|| {
        let fault = Diagnostic::error(format!("there is no pack `{}`", path.display()));
        fault.help("name the folder that has `index.ts`, as in `packs/order-risk`").into()
    })
}

fn checked(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let root = pack_folder(&args.pack)?;
    let workspace = Workspace::around(&root)?;
    let ground = workspace.root.clone();
    let check = check(workspace, &root, args.private);
    let findings = findings(&check);
    let files: Vec<_> = findings.iter().filter_map(|finding| finding.diagnostic.file.clone()).collect();
    args.reports.write(&ground, &files, &[suite(&check)], &findings)?;
    if context.json {
        output::print_json(&output::json_lines(check.lines.iter().flat_map(|line| &line.faults)))?;
    } else {
        let named = args.pack.to_string_lossy();
        output::print(&report::text(&check, named.trim_end_matches('/'), output::stdout_style()))?;
    }
    Ok(match (check.author_failed, check.failed()) {
        (true, _) => Exit::Author,
        (false, 0) => Exit::Ok,
        (false, _) => Exit::Invalid,
    })
}

fn findings(check: &Check) -> Vec<Finding> {
    let about = "what keeps a pack from being published, or is odd about it";
    let faults = check.lines.iter().flat_map(|line| &line.faults);
    faults.map(|fault| Finding::new("publish/check", about, fault.clone())).collect()
}

/// A case for each line of the check.
fn suite(check: &Check) -> Suite {
    let case = |line: &Line| {
        let failure = line.failure();
        let whole = || line.faults.iter().map(|fault| render(fault, Style::Plain)).collect::<Vec<_>>().join("\n");
        Case {
            name: line.part.word().to_owned(),
            file: failure.and_then(|fault| fault.file.clone()),
            line: failure.and_then(|fault| fault.line),
            outcome: failure.map_or(Outcome::Passed, |fault| Outcome::Failed(fault.message.clone(), whole())),
        }
    };
    Suite { name: "publish --check".to_owned(), cases: check.lines.iter().map(case).collect() }
}
