//! What build servers are given of a replay: JUnit XML, and annotations where GitHub Actions runs it.

use super::{Args, Reader};
use crate::cli::exit::Failure;
use crate::cli::policy::reports::{Reports, below_repository};
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::report::annotations::annotation;
use crate::report::replay::cases::{Cases, Matters};
use crate::session::dev_kernel::DevKernel;

/// Annotations that are made; a page shows no more of one step.
const ANNOTATIONS: usize = 50;

fn in_actions() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

/// What gathers cases, where somebody wants them.
pub(super) fn cases(args: &Args, reports: &Reports) -> Option<Cases> {
    let matters = Matters { strict: args.strict, blocked: args.fail_on_block };
    (reports.has_junit() || in_actions()).then(|| Cases::of(matters))
}

/// Writes what was asked for: of what was found before the replay and after it, and what of it failed.
pub(super) fn report(
    context: &Context,
    kernel: &DevKernel,
    reports: &Reports,
    reader: &mut Reader,
    (before, after): (&[Diagnostic], &[Diagnostic]),
) -> Result<(), Failure> {
    let Some(mut cases) = reader.cases.take() else { return Ok(()) };
    if !reader.golden.is_recording() {
        cases.golden(&reader.golden);
    }
    let root = &kernel.workspace.root;
    // Nothing but JSON is printed where JSON was asked for.
    if in_actions() && !context.json {
        let folder = below_repository(root);
        let found = before.iter().chain(cases.faults()).chain(after).take(ANNOTATIONS);
        let lines: String = found.map(|found| annotation(found, &folder) + "\n").collect();
        output::print(&lines)?;
    }
    let gate = after.iter().rev().find(|told| told.is_error());
    reports.write(root, &[], &cases.suites(gate.map(|told| told.message.as_str())), &[])
}
