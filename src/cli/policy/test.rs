//! `fibric policy test`: tables of actions and what the policy must say of each.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::reports::{Reports, file_cases};
use crate::author::bounded_read;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::{absolute, named_policies};
use crate::cli::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::ExecutorEnv as _;
use crate::kernel::journal::PolicyState;
use crate::kernel::policy::file::{MAX_BYTES, PolicyTest, read_tests};
use crate::kernel::policy::{Subject, unknown_names_in_tests};
use crate::kernel::receipt::Verdict;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{counted, no_policy};
use crate::report::junit::{Case, Outcome, Suite};
use crate::report::sarif::Finding;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::Workspace;
use crate::workspace::policy::test_tables;

/// Arguments of `fibric policy test`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tables of tests [default: policy/*.tests.yaml].
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A policy file instead of the workspace's own; may be given again for more.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// Exit with 1 when anything is odd: a table that holds no test, a name that refers to nothing loaded, no policy.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    pub(super) reports: Reports,
}

/// A test and what came of it.
struct Tried {
    test: PolicyTest,
    verdict: Verdict,
    /// Why it failed.
    faults: Vec<String>,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let paths = if args.files.is_empty() { test_tables(&workspace.root) } else { named(&args.files)? };
    if paths.is_empty() {
        let fault = Diagnostic::error("there are no policy tests").help(
            "write `policy/trust.tests.yaml`, a list such as `- { action: { tool: order.hold }, expect: ALLOW }`",
        );
        return Err(fault.into());
    }
    let kernel = DevKernel::load(workspace, named_policies(&args.policy)?, &mut |_| {});
    let stamp = &kernel.policy.stamp;
    let mut found: Vec<Diagnostic> = stamp.diagnostics.clone();
    if stamp.files.is_empty() {
        found.extend(no_policy(stamp).map(Diagnostic::warning));
    }
    let (mut names, mut tried) = (Vec::new(), Vec::new());
    for path in &paths {
        let name = kernel.workspace.shown(path);
        match read(&kernel, path, &name) {
            // Without the policy that is meant, its tests would say nothing.
            Ok((tests, odd)) if stamp.state == PolicyState::InForce || stamp.files.is_empty() => {
                found.extend(odd);
                tried.extend(tests.into_iter().map(|test| try_one(&kernel, test)));
            }
            Ok((_, odd)) => found.extend(odd),
            Err(faults) => found.extend(faults),
        }
        names.push(name);
    }
    let unread = found.iter().any(Diagnostic::is_error);
    let failed = tried.iter().any(|tried| !tried.faults.is_empty());
    let files: Vec<String> = stamp.files.iter().chain(&names).cloned().collect();
    let loads = Suite { name: "policy files".to_owned(), cases: file_cases(&files, &found, args.strict) };
    let cases = tried.iter().map(case).collect();
    let findings = findings(&found, &tried);
    let suites = [loads, Suite { name: "policy test".to_owned(), cases }];
    args.reports.write(&kernel.workspace.root, &files, &suites, &findings)?;
    output::print_diagnostics_beside(&found, context.json);
    if context.json {
        output::print_json(&output::json_lines(&tried.iter().map(line).collect::<Vec<_>>()))?;
    } else {
        output::print(&text(&tried))?;
    }
    let odd = args.strict && !found.is_empty();
    if odd {
        let fault = Diagnostic::error(format!("strict: {} (exit 1)", counted(found.len(), "warning")));
        output::print_diagnostics_beside(&[fault], context.json);
    }
    let when = |holds: bool, exit| if holds { exit } else { Exit::Ok };
    Ok(Exit::worst([when(unread, Exit::Invalid), when(failed || odd, Exit::Failed)]))
}

/// The tables that are named, each of which has to be there.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    match paths.iter().find(|path| !path.exists()) {
        Some(missing) => {
            Err(Failure::usage(Diagnostic::error(format!("there is no table of tests `{}`", missing.display()))))
        }
        None => Ok(absolute(paths)),
    }
}

/// Reads one table, with what is odd about it.
pub(super) fn read(
    kernel: &DevKernel,
    path: &Path,
    name: &str,
) -> Result<(Vec<PolicyTest>, Vec<Diagnostic>), Vec<Diagnostic>> {
    let text = bounded_read::read_text(path, MAX_BYTES as u64)
        .map_err(|error| vec![Diagnostic::error(format!("cannot read the tests `{name}`: {error}")).in_file(name)])?;
    let tests = read_tests(name, &text, &kernel.workspace.vocabulary)?;
    let mut odd = Vec::new();
    if tests.is_empty() {
        let help = "write one, as in `- { action: { tool: order.hold }, expect: ALLOW }`";
        odd.push(Diagnostic::warning(format!("`{name}` holds no test")).help(help).in_file(name));
    }
    if let Some(names) = kernel.names() {
        odd.extend(unknown_names_in_tests(name, &text, &tests, &names));
    }
    Ok((tests, odd))
}

fn try_one(kernel: &DevKernel, test: PolicyTest) -> Tried {
    let mut action = test.action();
    if action.connector.is_none() {
        action.connector = kernel.bind(&test.tool).ok().map(|binding| binding.connector);
    }
    let mut asking = kernel.policy.predicates.about(&action, None);
    let rules = &kernel.policy.rules;
    let policy = test.operator.as_deref().map_or_else(|| rules.general(), |operator| rules.of(operator));
    let verdict = policy.judge(&Subject::from(&action), &mut asking);
    let mut faults = Vec::new();
    if verdict.decision != test.expect.into() {
        faults.push(format!("expected {}, found {}", test.expect, verdict.decision));
    }
    if let Some(rule) = test.rule.as_deref().filter(|rule| !names(verdict.rule.as_deref(), rule)) {
        faults.push(format!("expected rule {rule}, found {}", verdict.rule.as_deref().unwrap_or("none")));
    }
    if let Some(reason) = test.reason.as_deref().filter(|reason| !verdict.reason.contains(reason)) {
        faults.push(format!("expected a reason with `{reason}`"));
    }
    Tried { test, verdict, faults }
}

/// True when a rule's name is this one, or ends with it.
fn names(found: Option<&str>, wanted: &str) -> bool {
    found.is_some_and(|found| found == wanted || found.strip_suffix(wanted).is_some_and(|head| head.ends_with('/')))
}

/// What a test is called; without a name, by what it tries.
fn title(test: &PolicyTest) -> String {
    test.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| {
        let value = test.value.as_ref().map_or_else(String::new, |value| format!(", value {}", value.number));
        let connector = test.connector.as_ref().map_or_else(String::new, |name| format!(" on {name}"));
        let by = test.operator.as_ref().map_or_else(String::new, |name| format!(" by {name}"));
        format!("{}{connector}{value}{by} is {}", test.tool, test.expect)
    })
}

fn text(tried: &[Tried]) -> String {
    let mut text = String::new();
    for Tried { test, verdict, faults } in tried {
        let mark = if faults.is_empty() { "ok  " } else { "FAIL" };
        let _ = writeln!(text, "{mark}  {}", inert(&title(test)));
        if !faults.is_empty() {
            let place = test.origin.line.map_or_else(String::new, |line| format!("{}:{line}: ", test.origin.file));
            let _ = writeln!(text, "      {}{}", inert(&place), inert(&faults.join("; ")));
            let _ = writeln!(text, "      {} {}", verdict.decision, inert(&verdict.reason));
        }
    }
    let failed = tried.iter().filter(|tried| !tried.faults.is_empty()).count();
    let _ = writeln!(text, "{} · {} passed · {failed} failed", counted(tried.len(), "test"), tried.len() - failed);
    text
}

fn line(tried: &Tried) -> Value {
    let Tried { test, verdict, faults } = tried;
    json!({ "name": title(test), "file": test.origin.file, "line": test.origin.line, "passed": faults.is_empty(),
        "expected": test.expect, "decision": verdict.decision, "rule": verdict.rule, "reason": verdict.reason,
        "faults": faults })
}

fn case(tried: &Tried) -> Case {
    let Tried { test, verdict, faults } = tried;
    let outcome = if faults.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(faults.join("; "), format!("{} {}", verdict.decision, verdict.reason))
    };
    Case { name: title(test), file: Some(test.origin.file.clone()), line: test.origin.line, outcome }
}

fn findings(found: &[Diagnostic], tried: &[Tried]) -> Vec<Finding> {
    let files = found.iter().map(|it| Finding::new("policy/check", "what is wrong with a policy file", it.clone()));
    let failed = tried.iter().filter(|tried| !tried.faults.is_empty()).map(|Tried { test, verdict, faults }| {
        let message = format!("{}: {}; {} {}", title(test), faults.join("; "), verdict.decision, verdict.reason);
        let failed = Diagnostic { line: test.origin.line, ..Diagnostic::error(message).in_file(&*test.origin.file) };
        Finding::new("policy/test", "the policy says other than a test expects", failed)
    });
    files.chain(failed).collect()
}
