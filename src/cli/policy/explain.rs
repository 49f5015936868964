//! `fibric policy explain`: why it decides as it does, action by action.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::author::bounded_read;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::ExecutorEnv as _;
use crate::kernel::json::{self, Value};
use crate::kernel::plan::{Digits, PlannedAction};
use crate::kernel::policy::{Explanation, Subject};
use crate::kernel::sanitize::inert;
use crate::kernel::shape::ShapeError;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;
use crate::workspace::fixtures::{self, Offered};
use clap::ValueHint;

/// Arguments of `fibric policy explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A policy file instead of the workspace's own; may be given again for more.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// Planned actions, one JSON object a line, or a plan; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    actions: PathBuf,
    /// Who proposes: guardrail documents for this operator speak too.
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    operator: Option<String>,
    /// The envelope they answer, for predicates.
    #[arg(long, value_name = "FILE")]
    envelope: Option<PathBuf>,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let Args { policy, actions, operator, envelope } = args;
    let envelope = envelope.as_deref().map(read_envelope).transpose()?.flatten();
    let (name, read) = if actions.as_os_str() == "-" {
        ("standard input".to_owned(), bounded_read::text_from(io::stdin(), LONGEST))
    } else {
        (actions.display().to_string(), read_actions(actions))
    };
    let text = read.map_err(|error| Diagnostic::error(format!("cannot read `{name}`: {error}")))?;
    let kernel = DevKernel::load(workspace, named_policies(policy)?, &mut |_| {});
    output::print_diagnostics_beside(&kernel.policy.stamp.diagnostics, context.json);
    if let (Some(name), Some(names)) = (operator.as_deref(), kernel.names())
        && !names.operators.contains(name)
    {
        let help = did_you_mean(name, names.operators.iter().map(String::as_str));
        let warning = Diagnostic::warning(format!("no loaded operator is called `{name}`"));
        output::print_diagnostics_beside(&[Diagnostic { help, ..warning }], context.json);
    }
    let policy = operator.as_deref().map_or(kernel.policy.rules.general(), |name| kernel.policy.rules.of(name));
    let (mut invalid, mut exit) = (Vec::new(), Exit::Ok);
    let offered = offered(&name, &text);
    if offered.is_empty() {
        let told = Diagnostic::warning(format!("there is no action in `{name}`"));
        output::print_diagnostics_beside(&[told.help("write one JSON object a line, or a plan")], context.json);
    }
    for action in offered {
        match action.and_then(|action| action.read(&kernel)) {
            Ok(action) => {
                let explanation = {
                    let mut asking = kernel.policy.predicates.about(&action, envelope.as_deref());
                    policy.explain(&Subject::from(&action), &mut asking)
                };
                if context.json {
                    output::json(&explanation)?;
                } else {
                    output::print(&explained(&action, &explanation))?;
                }
            }
            Err(faults) => {
                exit = Exit::Invalid;
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
    output::print_diagnostics_beside(&invalid, false);
    Ok(exit)
}

/// Bytes of actions that are read.
const LONGEST: u64 = 64 << 20;

/// A plain file, or what comes out of a pipe.
fn read_actions(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.is_file() {
        return bounded_read::read_text(path, LONGEST);
    }
    bounded_read::text_from(std::fs::File::open(path)?, LONGEST)
}

/// The first envelope of a file.
fn read_envelope(path: &Path) -> Result<Option<Arc<EventEnvelope>>, Failure> {
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut first = None;
    for offered in fixtures::open(&canonical, &path.display().to_string())? {
        match offered {
            Offered::Refused { diagnostics, .. } => return Err(Failure::Told { diagnostics, exit: Exit::Usage }),
            Offered::Envelope { envelope, .. } => first = first.or(Some(envelope)),
            Offered::Noticed(_) | Offered::Passed => {}
        }
    }
    Ok(first)
}

/// Something that should be an action, and where it stands.
struct OfferedAction<'a> {
    file: &'a str,
    /// The text that holds it, which is JSON, and the number of its first line.
    text: &'a str,
    first_line: u32,
    /// Where in that text.
    pointer: String,
    value: Value,
}

/// What a file offers: the actions of a plan, one action over several lines, or one action a line.
fn offered<'a>(file: &'a str, text: &'a str) -> Vec<Result<OfferedAction<'a>, Vec<Diagnostic>>> {
    let action = |text, first_line, pointer, value| OfferedAction { file, text, first_line, pointer, value };
    if let Ok(document) = json::read(text) {
        let Some(Value::Array(actions)) = document.value.get("actions") else {
            return vec![Ok(action(text, 1, String::new(), document.value))];
        };
        let numbered = actions.iter().enumerate();
        return numbered.map(|(index, item)| Ok(action(text, 1, format!("/actions/{index}"), item.clone()))).collect();
    }
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let read = |(line, number)| match json::read(line) {
        Ok(document) => Ok(action(line, number, String::new(), document.value)),
        Err(error) => {
            let span = error.offset..error.offset + 1;
            Err(vec![Diagnostic::error(error.message).in_file(file).at_span(line, &span, number)])
        }
    };
    lines.map(read).collect()
}

impl OfferedAction<'_> {
    /// The action, its capability canonical and its connector bound, as the executor would judge it.
    fn read(&self, kernel: &DevKernel) -> Result<PlannedAction, Vec<Diagnostic>> {
        let at = |message: String, pointer: &str, key| {
            let span = json::locate(self.text, pointer, key).unwrap_or(0..self.text.len());
            Diagnostic::error(message).in_file(self.file).at_span(self.text, &span, self.first_line)
        };
        let mut action = PlannedAction::from_json(&self.value, Digits::Written).map_err(|faults| {
            let place = |fault: ShapeError| {
                let fault = fault.under(&self.pointer);
                let found = at(fault.message, &fault.pointer, fault.key).at_pointer(fault.pointer);
                Diagnostic { help: fault.help, ..found }
            };
            faults.into_iter().map(place).collect::<Vec<_>>()
        })?;
        let tool = format!("{}/tool", self.pointer);
        action.tool = kernel.canonical(&action.tool).map_err(|reason| vec![at(reason, &tool, false)])?;
        if action.connector.is_none() {
            action.connector = kernel.bind(&action.tool).ok().map(|binding| binding.connector);
        }
        Ok(action)
    }
}

fn explained(action: &PlannedAction, explanation: &Explanation) -> String {
    let mut text = format!("{}  {}\n", explanation.decision, inert(&explanation.reason));
    let connector = action.connector.as_deref().unwrap_or("no connector");
    let _ = writeln!(text, "  {} on {}", inert(&action.tool), inert(connector));
    for rung in &explanation.ladder {
        let mark = if rung.deciding { "▌" } else { " " };
        let decision = rung.decision().map_or("", |decision| decision.word());
        let row = format!("  {mark} {:24} {:36} {decision}", inert(&rung.rule), inert(&rung.clause));
        let _ = writeln!(text, "{}", row.trim_end());
    }
    for flip in &explanation.flips {
        let _ = writeln!(text, "  {} → {}", inert(&flip.text), flip.decision);
    }
    text
}
