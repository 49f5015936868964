//! `fibric policy diff A B`: does B let through anything that A did not, and the smallest action that shows it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::reports::Reports;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::impact::compare::{self, Change, Comparison, Difference, Relation, Undecided, Witness, Word};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::PolicySet;
use crate::kernel::sanitize::inert;
use crate::report::junit::{Case, Outcome, Suite};
use crate::report::sarif::{Finding, Level};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;
use crate::workspace::policy::InForce;

/// Arguments of `fibric policy diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The policy file that is in force.
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The policy file that would be.
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Exit with 1 when B lets anything through that A did not, or asks a person less; with 6 where only a predicate
    /// knows.
    #[arg(long)]
    no_new_access: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
}

/// Differences that are printed; the rest is counted. JSON has them all.
const SHOWN: usize = 20;

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let before = load(&kernel, context, &args.before)?;
    let after = load(&kernel, context, &args.after)?;
    // Predicates are the same ones only where all of the code is.
    let same = before.stamp.digest == after.stamp.digest;
    let before = before.rules;
    let after = if same { after.rules } else { Arc::new(after.rules.asking_apart_from(&before)) };
    let comparison = compare::compare(&before, &after);
    let exit = match (args.no_new_access, comparison.opens(), comparison.relation()) {
        (true, Some(true), _) => Exit::Failed,
        (true, None, _) | (false, _, Relation::Undecided) => Exit::Undecidable,
        _ => Exit::Ok,
    };
    let files = [kernel.workspace.shown(&canonical(&args.after)), kernel.workspace.shown(&canonical(&args.before))];
    let findings = findings(&comparison, &after, args.no_new_access);
    args.reports.write(&kernel.workspace.root, &files, &[suite(args, &comparison, exit)], &findings)?;
    if context.json {
        output::print_json(&output::json_lines(&lines(&comparison)))?;
    } else {
        output::print(&text(&comparison))?;
    }
    let told = match exit {
        Exit::Failed => "no-new-access: B lets through what A did not (exit 1)",
        Exit::Undecidable if !args.no_new_access => {
            "only predicates know how B stands to A, and a comparison asks none (exit 6)"
        }
        Exit::Undecidable => "no-new-access: only a predicate knows whether B lets through what A did not (exit 6)",
        _ => return Ok(exit),
    };
    output::print_diagnostics_beside(&[Diagnostic::error(told)], context.json);
    Ok(exit)
}

/// A policy that loads: what does not can be compared with nothing.
fn load(kernel: &DevKernel, context: &Context, path: &Path) -> Result<InForce, Failure> {
    let read = kernel.read_policy(&named_policies(std::slice::from_ref(&path.to_path_buf()))?);
    if read.stamp.state == PolicyState::InForce {
        output::print_diagnostics_beside(&read.stamp.diagnostics, context.json);
        return Ok(read);
    }
    Err(Failure::Told { diagnostics: read.stamp.diagnostics, exit: Exit::Invalid })
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn sentence(comparison: &Comparison) -> &'static str {
    match comparison.relation() {
        Relation::Undecided if comparison.opens() == Some(true) => {
            "cannot be decided: B lets through what A did not, and only predicates know whether A does too"
        }
        Relation::Undecided => "cannot be decided: only predicates know how B stands to A",
        Relation::Equal => "equal: both say the same of every action",
        Relation::Stricter => "stricter: B lets through nothing that A did not",
        Relation::Looser => "looser: B lets through what A did not",
        Relation::Incomparable => "incomparable: each lets through what the other does not",
    }
}

fn action(witness: &Witness) -> String {
    let tool = witness.tool.as_deref().map_or("any other tool".into(), inert);
    let any = if witness.only_others { "any other connector" } else { "any connector" };
    let connector = witness.connector.as_deref().map_or(any.into(), inert);
    let value = witness.value.as_ref().map_or_else(|| "no value".to_owned(), |value| format!("value {value}"));
    let by = witness.operator.as_deref().map_or_else(String::new, |name| format!(" by {}", inert(name)));
    format!("{tool} on {connector}, {value}{by}")
}

fn word(word: &Word) -> String {
    let mut text = format!("{} {}", word.decision, inert(&word.reason));
    for (_, limit) in &word.gates.limits {
        let _ = write!(text, ", limit {limit}");
    }
    for argument in &word.gates.single_flight {
        let _ = write!(text, ", single_flight {}", inert(argument));
    }
    text
}

fn told(difference: &Difference) -> String {
    let Difference { change, witness, before, after } = difference;
    format!("{:8} {}\n    A {}\n    B {}\n", change.word(), action(witness), word(before), word(after))
}

fn undecided(open: &Undecided) -> String {
    let direction = match (open.may_be_looser, open.may_be_stricter) {
        (true, true) => "looser or stricter",
        (true, false) => "looser",
        _ => "stricter",
    };
    format!(
        "not decided {}: may be {direction}, as the predicate of {} says\n",
        action(&open.witness),
        open.rules.join(", ")
    )
}

fn text(comparison: &Comparison) -> String {
    let mut text = format!("{}\n", sentence(comparison));
    text.extend(comparison.differences.iter().take(SHOWN).map(told));
    if comparison.differences.len() > SHOWN {
        let _ = writeln!(text, "and {} more", comparison.differences.len() - SHOWN);
    }
    text.extend(comparison.undecided.iter().take(SHOWN).map(undecided));
    if comparison.undecided.len() > SHOWN {
        let _ = writeln!(text, "and {} more not decided", comparison.undecided.len() - SHOWN);
    }
    text
}

fn lines(comparison: &Comparison) -> Vec<Value> {
    let head = json!({ "relation": comparison.relation().word(), "new_access": comparison.opens() });
    let action = |witness: &Witness| json!({ "operator": witness.operator, "connector": witness.connector, "tool": witness.tool, "value": witness.value });
    let word = |word: &Word| {
        json!({ "decision": word.decision, "rule": word.rule, "reason": word.reason, "confirm": word.gates.confirm,
            "limits": word.gates.limits.iter().map(|(_, limit)| limit).collect::<Vec<_>>(),
            "single_flight": word.gates.single_flight })
    };
    let differences = comparison.differences.iter().map(|it| {
        json!({ "change": it.change.word(), "looser": it.change.is_looser(), "action": action(&it.witness),
            "before": word(&it.before), "after": word(&it.after) })
    });
    let undecided = comparison.undecided.iter().map(|it| {
        json!({ "change": "undecided", "action": action(&it.witness), "rules": it.rules,
            "may_be_looser": it.may_be_looser, "may_be_stricter": it.may_be_stricter })
    });
    std::iter::once(head).chain(differences).chain(undecided).collect()
}

/// The comparison as one case, which fails exactly where the command does.
fn suite(args: &Args, comparison: &Comparison, exit: Exit) -> Suite {
    let outcome = match exit {
        Exit::Ok => Outcome::Passed,
        Exit::Undecidable => Outcome::Errored("a predicate leaves it undecided".to_owned(), text(comparison)),
        _ => Outcome::Failed(sentence(comparison).to_owned(), text(comparison)),
    };
    let file = Some(args.after.display().to_string());
    let name = if args.no_new_access { "no new access" } else { "can be compared" };
    let case = Case { name: name.to_owned(), file, line: None, outcome };
    let name = format!("policy diff {} {}", args.before.display(), args.after.display());
    Suite { name, cases: vec![case] }
}

fn findings(comparison: &Comparison, after: &PolicySet, gate: bool) -> Vec<Finding> {
    let place = |rule: Option<&str>, found: Diagnostic| {
        let origin = after.rules().iter().map(|it| &it.origin).find(|origin| rule == Some(origin.name().as_str()));
        match origin {
            Some(origin) => Diagnostic { line: origin.line, ..found.in_file(&*origin.file) },
            None => found,
        }
    };
    let differences = comparison.differences.iter().map(|it| {
        let message =
            format!("{} {}: A {}, B {}", it.change.word(), action(&it.witness), word(&it.before), word(&it.after));
        let found = place(it.after.rule.as_deref(), Diagnostic::warning(message));
        let level = match (it.change.is_looser(), gate) {
            (true, true) => Level::Error,
            (true, false) => Level::Warning,
            (false, _) => Level::Note,
        };
        Finding { level, ..Finding::new(id(it.change), about(it.change), found) }
    });
    let open = comparison.undecided.iter().map(|it| {
        let found = place(it.rules.last().map(String::as_str), Diagnostic::warning(undecided(it).trim_end()));
        Finding::new("policy/undecided", "only a predicate knows whether the second policy lets more through", found)
    });
    differences.chain(open).collect()
}

fn id(change: Change) -> &'static str {
    match change {
        Change::Opened => "policy/opened",
        Change::Quieter => "policy/quieter",
        Change::Ungated => "policy/ungated",
        Change::Closed => "policy/closed",
        Change::Raised => "policy/raised",
        Change::Gated => "policy/gated",
    }
}

fn about(change: Change) -> &'static str {
    match change {
        Change::Opened => "an action that was BLOCKed acts",
        Change::Quieter => "an action is no longer raised to a person, or no longer waits for one",
        Change::Ungated => "a limit or a locked argument is wider or gone",
        Change::Closed => "an action that acted is BLOCKed",
        Change::Raised => "an action is raised to a person, or waits for one",
        Change::Gated => "a limit or a locked argument is new or narrower",
    }
}
