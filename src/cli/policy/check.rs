//! `fibric policy check`: does it load, and what is odd about it.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::reports::{Reports, file_cases};
use super::test;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::{absolute, named_policies};
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::inert::inert;
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::TrustPolicy;
use crate::kernel::policy::file::is_tests;
use crate::report::junit::Suite;
use crate::report::plain::counted;
use crate::report::sarif::Finding;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;

/// Arguments of `fibric policy check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files instead of the workspace's own; of tests (`*.tests.yaml`) only the form is checked.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reports: Reports,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let (tables, files): (Vec<_>, Vec<_>) =
        args.files.iter().cloned().partition(|path| is_tests(&path.to_string_lossy()));
    let tables = if args.files.is_empty() { test::tables(&workspace) } else { absolute(&tables) };
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
                Diagnostic::error("there is no policy: every action is BLOCKed")
                    .help("write `policy/trust.yaml`, a list such as `- { tool: order.hold, decision: ALLOW }`"),
            );
        }
        found.extend(unprovided(&kernel));
        found.extend(unknown_operators(&kernel));
        names.extend(stamp.files.iter().cloned());
    }
    let mut counts = Vec::new();
    for path in tables {
        let name = kernel.workspace.shown(&path);
        match test::read(&kernel, &path, &name) {
            Ok(tests) => counts.push(format!("{} · {}", inert(&name), counted(tests.len(), "test"))),
            Err(faults) => found.extend(faults),
        }
        names.push(name);
    }
    let suite = Suite { name: "policy check".to_owned(), cases: file_cases(&names, &found) };
    let about = "what is wrong with a policy file, or odd about it";
    let findings: Vec<_> = found.iter().map(|it| Finding::new("policy/check", about, it.clone())).collect();
    args.reports.write(&[suite], &findings)?;
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
    Ok(if found.iter().any(Diagnostic::is_error) { Exit::Invalid } else { Exit::Ok })
}

/// Tools a policy mentions that nothing loaded provides: a warning, because it is only mentioned (contract 1).
fn unprovided(kernel: &DevKernel) -> Vec<Diagnostic> {
    let known = |tool: &str| kernel.roster.bindings().contains_key(tool);
    kernel
        .policy
        .rules
        .rules()
        .iter()
        .filter_map(|rule| {
            let tool = rule.tool.as_deref().filter(|tool| !known(tool))?;
            let warning = Diagnostic::warning(format!(
                "no loaded tool provides `{tool}`, so rule {} decides nothing",
                rule.origin.number
            ));
            Some(Diagnostic { line: rule.origin.line, ..warning.in_file(&*rule.origin.file) })
        })
        .collect()
}

/// Operators that a document speaks of and nothing loaded defines.
fn unknown_operators(kernel: &DevKernel) -> Vec<Diagnostic> {
    let rules = kernel.policy.rules.rules();
    let unknown = |name: &&str| kernel.roster.operator_def(name).is_none();
    let warn = |name: &str| {
        let applies =
            |rule: &&TrustPolicy| rule.guard.as_ref().is_some_and(|it| it.applies_to.as_deref() == Some(name));
        let file = rules.iter().find(applies).map_or_else(String::new, |rule| rule.origin.file.clone());
        let message = format!("no loaded operator is called `{name}`, so this document decides nothing");
        Diagnostic::warning(message).in_file(file).help("`applies_to` is the name of an operator; leave it out for all")
    };
    kernel.policy.rules.operators().filter(unknown).map(warn).collect()
}
