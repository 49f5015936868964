//! `fibric policy check`: does it load, and what is odd about it.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::inert::inert;
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::TrustPolicy;
use crate::report::plain::counted;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;

/// Arguments of `fibric policy check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files instead of the workspace's own.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let kernel = DevKernel::load(workspace, named_policies(&args.files)?, &mut |_| {});
    let stamp = &kernel.policy.stamp;
    let mut found = stamp.diagnostics.clone();
    if stamp.files.is_empty() {
        found.push(
            Diagnostic::error("there is no policy: every action is BLOCKed")
                .help("write `policy/trust.yaml`, a list such as `- { tool: order.hold, decision: ALLOW }`"),
        );
    }
    found.extend(unprovided(&kernel));
    found.extend(unknown_operators(&kernel));
    if context.json {
        output::print_json(&output::json_lines(&found))?;
    } else {
        let style = output::stdout_style();
        let mut text = String::new();
        for diagnostic in &found {
            let _ = writeln!(text, "{}", crate::report::diagnostics::render(diagnostic, style));
        }
        if stamp.state == PolicyState::InForce {
            let _ = writeln!(
                text,
                "{} · {} · {}",
                inert(&stamp.files.join(" ")),
                counted(stamp.rules, "rule"),
                stamp.short()
            );
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
