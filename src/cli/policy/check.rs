//! `fibric policy check`: does it load, and what is odd about it.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::inert::inert;
use crate::kernel::journal::PolicyState;
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
