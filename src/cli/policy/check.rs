//! `fibric policy check`: does it load, and what is odd about it.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::reports::{Reports, file_cases};
use super::test;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::file::is_tests;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{ALL_BLOCKED, counted};
use crate::report::junit::Suite;
use crate::report::sarif::Finding;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::policy::test_tables;
use crate::workspace::{Workspace, config};

/// Arguments of `fibric policy check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files instead of the workspace's own; of tests (`*.tests.yaml`) form and names are checked.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with 1 when anything is odd: a name that refers to nothing loaded, a rule that is never reached.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let (tables, files): (Vec<_>, Vec<_>) =
        args.files.iter().cloned().partition(|path| is_tests(&path.to_string_lossy()));
    let tables = if args.files.is_empty() { test_tables(&workspace.root) } else { test::named(&tables)? };
    let kernel = DevKernel::load(workspace, named_policies(&files)?, &mut |_| {});
    let stamp = &kernel.policy.stamp;
    // Where only tables are named, the workspace's own policy is not what was asked about.
    let judged = args.files.is_empty() || !files.is_empty();
    let mut found = Vec::new();
    let mut names = Vec::new();
    if judged {
        found.extend(stamp.diagnostics.iter().cloned());
        if stamp.files.is_empty() {
            found.push(
                Diagnostic::error(format!("there is no policy: {ALL_BLOCKED}"))
                    .help("write `policy/trust.yaml`, a list such as `- { tool: order.hold, decision: ALLOW }`"),
            );
        }
        names.extend(stamp.files.iter().cloned());
    }
    if args.files.is_empty() {
        found.extend(idle_bindings(&kernel));
    }
    let mut counts = Vec::new();
    for path in tables {
        let name = kernel.workspace.shown(&path);
        match test::read(&kernel, &path, &name) {
            Ok((tests, odd)) => {
                counts.push(format!("{} · {}", inert(&name), counted(tests.len(), "test")));
                found.extend(odd);
            }
            Err(faults) => found.extend(faults),
        }
        names.push(name);
    }
    let suite = Suite { name: "policy check".to_owned(), cases: file_cases(&names, &found, args.strict) };
    let about = "what is wrong with a policy file, or odd about it";
    let findings: Vec<_> = found.iter().map(|it| Finding::new("policy/check", about, it.clone())).collect();
    // What is wrong with a policy that is not there has no place of its own.
    let files = if judged { &stamp.files } else { &names };
    args.reports.write(&kernel.workspace.root, files, &[suite], &findings)?;
    if context.json {
        output::print_json(&output::json_lines(&found))?;
    } else {
        let style = output::stdout_style();
        let mut text = String::new();
        for diagnostic in &found {
            let _ = writeln!(text, "{}", crate::report::diagnostics::render(diagnostic, style));
        }
        if judged && stamp.state == PolicyState::InForce {
            let rules = counted(stamp.rules, "rule");
            let _ = writeln!(text, "{} · {rules} · {}", inert(&stamp.files.join(" ")), stamp.short());
        }
        for line in &counts {
            let _ = writeln!(text, "{line}");
        }
        output::print(&text)?;
    }
    if found.iter().any(Diagnostic::is_error) {
        return Ok(Exit::Invalid);
    }
    if args.strict && !found.is_empty() {
        let fault = Diagnostic::error(format!("strict: {} (exit 1)", counted(found.len(), "warning")));
        output::print_diagnostics_beside(&[fault], context.json);
        return Ok(Exit::Failed);
    }
    Ok(Exit::Ok)
}

/// Lines of `[bindings]` that bind nothing. Whoever needs them is told of an error; where they only stand, they are odd.
fn idle_bindings(kernel: &DevKernel) -> impl Iterator<Item = Diagnostic> {
    let found = kernel.roster.problems().iter().filter(|problem| problem.file.as_deref() == Some(config::FILE));
    found.map(|problem| Diagnostic { severity: Severity::Warning, ..problem.clone() })
}
