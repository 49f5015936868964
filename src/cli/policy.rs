//! `fibric policy`: does it load, and why does it decide as it does.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::exit::{Exit, Failure};
use super::replay::named_policies;
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Law as _;
use crate::kernel::inert::inert;
use crate::kernel::journal::PolicyState;
use crate::kernel::json;
use crate::kernel::plan::{Digits, PlannedAction};
use crate::kernel::policy::{Explanation, NoPredicates, Subject};
use crate::report::plain::counted;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;
use crate::workspace::fixtures::{self, Offered};

/// Arguments of `fibric policy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Say whether policy files load, and what is odd about them.
    Check {
        /// Files instead of the workspace's own.
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Judge actions, with every rule that was tried and what would change the verdict.
    Explain {
        /// Policy files instead of the workspace's own.
        #[arg(long, value_name = "FILE", num_args = 1..)]
        policy: Vec<PathBuf>,
        /// Planned actions, one JSON object a line.
        #[arg(long, value_name = "FILE")]
        actions: PathBuf,
        /// The envelope they answer, for predicates.
        #[arg(long, value_name = "FILE")]
        envelope: Option<PathBuf>,
    },
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    match args.command {
        Sub::Check { files } => check(context, workspace, &files),
        Sub::Explain { policy, actions, envelope } => {
            explain(context, workspace, &policy, &actions, envelope.as_deref())
        }
    }
}

fn check(context: &Context, workspace: Workspace, files: &[PathBuf]) -> Result<Exit, Failure> {
    let kernel = DevKernel::load(workspace, named_policies(files)?, &mut |_| {});
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

fn explain(
    context: &Context,
    workspace: Workspace,
    policy: &[PathBuf],
    actions: &Path,
    envelope: Option<&Path>,
) -> Result<Exit, Failure> {
    if let Some(path) = envelope {
        read_envelope(path)?;
    }
    let name = actions.display().to_string();
    let text = std::fs::read_to_string(actions)
        .map_err(|error| Diagnostic::error(format!("cannot read `{name}`: {error}")))?;
    let kernel = DevKernel::load(workspace, named_policies(policy)?, &mut |_| {});
    output::complain_beside(&kernel.policy.stamp.diagnostics, context.json);
    let mut invalid = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        match read_action(&kernel, &name, number, line) {
            Ok(action) => {
                let explanation = kernel.policy.rules.explain(&Subject::from(&action), &mut NoPredicates);
                if context.json {
                    output::json(&explanation)?;
                } else {
                    output::print(&explained(&action, &explanation))?;
                }
            }
            Err(faults) => {
                let reason = format!(
                    "validate: {}",
                    faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ")
                );
                if context.json {
                    output::json(
                        &serde_json::json!({"decision": "BLOCK", "rule": null, "reason": reason, "ladder": []}),
                    )?;
                } else {
                    output::print(&format!("BLOCK  {}\n", inert(&reason)))?;
                    invalid.extend(faults);
                }
            }
        }
    }
    output::complain_beside(&invalid, false);
    Ok(Exit::Ok)
}

fn read_envelope(path: &Path) -> Result<(), Failure> {
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    for offered in fixtures::open(&canonical, &path.display().to_string())? {
        if let Offered::Refused { diagnostics, .. } = offered {
            return Err(Failure::Told { diagnostics, exit: Exit::Usage });
        }
    }
    Ok(())
}

/// One action, its capability canonical and its connector bound, as the executor would judge it.
fn read_action(kernel: &DevKernel, file: &str, number: u32, line: &str) -> Result<PlannedAction, Vec<Diagnostic>> {
    let at = |message: String, span: &json::Span| Diagnostic::error(message).in_file(file).at_span(line, span, number);
    let document = json::read(line).map_err(|error| vec![at(error.message, &(error.offset..error.offset + 1))])?;
    let mut action = PlannedAction::from_json(&document.value, Digits::Written).map_err(|faults| {
        let place = |fault: crate::kernel::shape::ShapeError| {
            let span = json::locate(line, &fault.pointer, fault.key).unwrap_or(0..line.len());
            let found = at(fault.message, &span).at_pointer(fault.pointer);
            Diagnostic { help: fault.help, ..found }
        };
        faults.into_iter().map(place).collect::<Vec<_>>()
    })?;
    let span = json::locate(line, "/tool", false).unwrap_or(0..line.len());
    action.tool = kernel.canonical(&action.tool).map_err(|reason| vec![at(reason, &span)])?;
    if action.connector.is_none() {
        action.connector = kernel.bind(&action.tool).ok().map(|binding| binding.connector);
    }
    Ok(action)
}

fn explained(action: &PlannedAction, explanation: &Explanation) -> String {
    let mut text = format!("{}  {}\n", explanation.decision, inert(&explanation.reason));
    let connector = action.connector.as_deref().unwrap_or("no connector");
    let _ = writeln!(text, "  {} on {}", inert(&action.tool), inert(connector));
    for rung in &explanation.ladder {
        let mark = if rung.deciding { "▌" } else { " " };
        let decision = rung.decision().map_or("", |decision| decision.word());
        let _ = writeln!(text, "  {mark} {:24} {:36} {decision}", inert(&rung.rule), inert(&rung.clause));
    }
    for flip in &explanation.flips {
        let _ = writeln!(text, "  {} → {}", inert(&flip.text), flip.decision);
    }
    text
}
