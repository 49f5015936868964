//! `--trials N`: each proposal as often, and how far it is the same each time.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::Args;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::report::trials::{Totals, lines};
use crate::session::clock;
use crate::session::dev_kernel::DevKernel;
use crate::session::replay::Select;
use crate::session::trials::Plan;

/// Tries the envelopes of some files, and judges what came of it.
pub(super) fn run(
    context: &Context,
    args: &Args,
    times: u32,
    kernel: &mut DevKernel,
    (files, select): (&[PathBuf], Option<Select<'_>>),
    interrupted: &Arc<AtomicBool>,
) -> Result<Exit, Failure> {
    let plan = Plan {
        files,
        select,
        times,
        now: args.now.as_deref().unwrap_or(clock::FIXTURE_NOW),
        is_stopped: &|| interrupted.load(Ordering::Relaxed),
    };
    let mut totals = Totals::default();
    let trials = plan.through(kernel, &mut |tried| {
        totals.add(&tried);
        let printed =
            if context.json { output::json(&json!({ "tried": tried })) } else { output::print(&lines(&tried)) };
        printed.map_err(Failure::from)
    })?;
    output::print_diagnostics_beside(&trials.faults, context.json);
    if trials.interrupted || interrupted.load(Ordering::Relaxed) {
        output::print_diagnostics_beside(&[Diagnostic::error("interrupted (exit 130)")], context.json);
        return Ok(Exit::Interrupted);
    }
    if context.json {
        let Totals { proposals, unstable, failing, .. } = totals;
        output::json(&json!({ "trials": { "envelopes": trials.envelopes, "times": times, "proposals": proposals,
            "unstable": unstable, "failing": failing } }))?;
    } else {
        output::print(&totals.text(&trials, times))?;
    }
    let mut why = Vec::new();
    if totals.unstable > 0 {
        let verb = if totals.unstable == 1 { "is" } else { "are" };
        why.push(format!("{} {verb} not the same each time", counted(totals.unstable, "proposal")));
    }
    if !trials.faults.is_empty() {
        why.push(format!("{} in what was read", counted(trials.faults.len(), "fault")));
    }
    let broken = kernel.roster.loaded().filter(|loaded| loaded.failure.is_some()).count();
    if broken > 0 {
        why.push(format!(
            "{} not load",
            if broken == 1 { "1 definition does".to_owned() } else { format!("{broken} definitions do") }
        ));
    }
    if totals.proposals == 0 {
        why.push("nothing was tried".to_owned());
    }
    if !args.strict {
        if totals.proposals == 0 {
            output::print_diagnostics_beside(&[Diagnostic::warning("nothing was tried")], context.json);
        }
        return Ok(Exit::Ok);
    }
    if why.is_empty() {
        return Ok(Exit::Ok);
    }
    let exit = if broken > 0 { Exit::Author } else { Exit::Failed };
    let told = Diagnostic::error(format!("strict: {} (exit {})", why.join("; "), exit as u8));
    output::print_diagnostics_beside(&[told], context.json);
    Ok(exit)
}
