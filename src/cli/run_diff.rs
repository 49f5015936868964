//! `fibric dev diff`: what is different between two runs, and what of it is worse.

use clap::ValueHint;
use serde_json::json;

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::report::run_diff;
use crate::session::base;
use crate::session::journal::walk;
use crate::session::run_diff::{Kind, RunDiff, Side, read};
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric dev diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run before: the number of its folder below `.fibric/dev/runs`, which `--json` prints first.
    #[arg(value_name = "RUN_A", value_hint = ValueHint::Other)]
    first: u32,
    /// The run after.
    #[arg(value_name = "RUN_B", value_hint = ValueHint::Other)]
    second: u32,
    /// Only what is worse: newly blocked, failed or invalid. Nothing else fails the comparison then.
    #[arg(long, value_name = "WHAT")]
    only: Option<Only>,
}

/// What of the differences is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// What is newly blocked, failed or invalid.
    Regressions,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    let runs = store.runs();
    for run in [args.first, args.second] {
        there_is(&store, run, &runs)?;
    }
    let (first, second) = (read(&store, args.first)?, read(&store, args.second)?);
    let diff = RunDiff::between(&first, &second);
    let mut told = said_of(&store, (args.first, &first), (args.second, &second));
    let is_nothing = diff.shared == 0;
    if is_nothing {
        let fault = format!("run {} and run {} have no envelope in common", args.first, args.second);
        told.push(Diagnostic::error(fault).help("compare two runs of the same fixtures"));
    }
    output::print_diagnostics_beside(&told, context.json);
    let worse_only = args.only == Some(Only::Regressions);
    if context.json {
        output::print_json(&output::json_lines(&lines(&diff, args, worse_only)))?;
    } else {
        output::print(&run_diff::text(&diff, (args.first, args.second), worse_only))?;
    }
    let differs = if worse_only { diff.regressions() > 0 } else { !diff.changes.is_empty() };
    let failed = differs || is_nothing || told.iter().any(Diagnostic::is_error);
    Ok(if failed { Exit::Failed } else { Exit::Ok })
}

/// Refuses a run that is not there, naming the nearest that is.
pub(super) fn there_is(store: &Store, run: u32, runs: &[u32]) -> Result<(), Failure> {
    if runs.contains(&run) {
        return Ok(());
    }
    if let Some(told) = base::told_of(store, run) {
        return Err(Failure::usage(told));
    }
    let fault = Diagnostic::error(format!("there is no run {run}"));
    let help = match runs.iter().min_by_key(|other| other.abs_diff(run)) {
        Some(nearest) => format!("the nearest is run {nearest}; the newest is run {}", runs.last().unwrap_or(nearest)),
        None => "there are no runs yet: `fibric dev replay fixtures` makes one".to_owned(),
    };
    Err(Failure::usage(fault.help(help)))
}

/// What is to be known of the comparison itself.
fn said_of(store: &Store, first: (u32, &Side), second: (u32, &Side)) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for (run, side) in [first, second] {
        told.extend(side.faults.iter().cloned());
        if !side.ended {
            let why = if store.is_alive(run) { "is still going on" } else { "did not end by itself" };
            let note = format!("run {run} {why}: what came of its last envelopes may be missing");
            told.push(Diagnostic::warning(note).in_file(walk::shown(run)));
        }
    }
    let (before, after) = (first.1, second.1);
    if before.propose_only != after.propose_only {
        let run = if before.propose_only { first.0 } else { second.0 };
        told.push(Diagnostic::warning(format!("run {run} stopped at the plans: only they are compared")));
    }
    if before.policy != after.policy {
        told.push(Diagnostic::warning(format!("run {} and run {} had different policies", first.0, second.0)));
    }
    told
}

fn lines(diff: &RunDiff, args: &Args, worse_only: bool) -> Vec<serde_json::Value> {
    let count = |wanted: &Kind| diff.changes.iter().filter(|change| change.kind == *wanted).count();
    let sum = json!({ "diff": { "run_a": args.first, "run_b": args.second, "shared": diff.shared, "same": diff.same,
        "only_in_a": count(&Kind::OnlyInFirst), "only_in_b": count(&Kind::OnlyInSecond),
        "regressions": diff.regressions() } });
    let wanted = diff.changes.iter().filter(|change| !worse_only || change.regression.is_some());
    std::iter::once(sum).chain(wanted.map(|change| json!({ "change": change }))).collect()
}
