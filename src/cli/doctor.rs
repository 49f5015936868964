//! `fibric doctor`: is everything in order, and if not, what to do.

use std::io::IsTerminal as _;

use serde::Serialize;

use super::exit::{Exit, Failure};
use super::receipts::verified;
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::PolicyState;
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{ALL_BLOCKED, counted, policy_size, sized};
use crate::reason::rules::RuleFile;
use crate::report::diagnostics;
use crate::session::dev_kernel::DevKernel;
use crate::session::receipt_chain::Finding;
use crate::session::store::Store;
use crate::session::tape::{Mode, Tape};
use crate::session::{audit, reasoner};
use crate::workspace::config::ReasonerKind;
use crate::workspace::{Workspace, fixtures};

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    said: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<Diagnostic>,
}

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let checks = match Workspace::open(&context.workspace) {
        Ok(workspace) => examine(workspace),
        Err(fault) => {
            vec![Check { name: "workspace", ok: false, said: "cannot be opened".to_owned(), diagnostics: vec![fault] }]
        }
    };
    let well = checks.iter().all(|check| check.ok);
    if context.json {
        output::print_json(&output::json_lines(&checks))?;
    } else {
        let style = output::stdout_style();
        let mut text = String::new();
        for check in &checks {
            text += &format!("{}  {:11} {}\n", if check.ok { "ok" } else { "!!" }, check.name, inert(&check.said));
            for found in &check.diagnostics {
                text += &format!("{}\n", diagnostics::render(found, style));
            }
        }
        output::print(&text)?;
    }
    Ok(if well { Exit::Ok } else { Exit::Failed })
}

fn examine(workspace: Workspace) -> Vec<Check> {
    let mut checks = vec![Check {
        name: "workspace",
        ok: true,
        said: format!("{} · tenant {}", workspace.root.display(), workspace.config.tenant),
        diagnostics: Vec::new(),
    }];
    let store = Store::reading(workspace.state_dir());
    let kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    checks.extend([
        confinement(&kernel),
        code(&kernel),
        bindings(&kernel),
        policy(&kernel),
        reasoner(&kernel),
        corpus(&kernel),
    ]);
    checks.push(ledger(&store));
    let terminal = std::io::stdout().is_terminal();
    let said =
        if terminal { "this is a terminal: `fibric` opens the console" } else { "no terminal: `fibric` prints lines" };
    checks.push(Check { name: "terminal", ok: true, said: said.to_owned(), diagnostics: Vec::new() });
    checks
}

/// What author code could reach, tried by one of its processes.
fn confinement(kernel: &DevKernel) -> Check {
    let (ok, said) = match kernel.workspace.hosts.self_test() {
        Ok(found) => {
            let reached: Vec<_> =
                found.iter().filter(|attempt| attempt.refused.is_none()).map(|attempt| attempt.what.as_str()).collect();
            let count = found.len();
            if reached.is_empty() {
                (true, format!("author code reaches no file, network or process: all of {count} attempts refused"))
            } else {
                (false, format!("author code could {}", reached.join(", ")))
            }
        }
        Err(why) => (false, format!("author code cannot be run confined: {why}")),
    };
    let fault = || {
        Diagnostic::warning("author code would run without its barriers")
            .help("Linux 5.13 or newer confines it; `[hosts] unconfined = true` in `fibric.toml` runs it all the same")
    };
    Check { name: "confinement", ok, said, diagnostics: if ok { Vec::new() } else { vec![fault()] } }
}

fn code(kernel: &DevKernel) -> Check {
    let diagnostics: Vec<_> = kernel.roster.loaded().filter_map(|loaded| loaded.failure.clone()).collect();
    let said = format!(
        "{}, {}",
        counted(kernel.roster.connectors().count(), "connector"),
        counted(kernel.roster.operators().count(), "operator")
    );
    Check { name: "author code", ok: diagnostics.is_empty(), said, diagnostics }
}

fn bindings(kernel: &DevKernel) -> Check {
    let diagnostics = kernel.roster.problems().to_vec();
    let bound = kernel.roster.bindings().values().filter(|bound| bound.is_ok()).count();
    let ok = !diagnostics.iter().any(Diagnostic::is_error);
    Check { name: "bindings", ok, said: format!("{bound} capabilities bound"), diagnostics }
}

fn policy(kernel: &DevKernel) -> Check {
    let stamp = &kernel.policy.stamp;
    let said = match stamp.state {
        PolicyState::InForce | PolicyState::Stale => policy_size(stamp),
        PolicyState::None => format!("none in force: {ALL_BLOCKED}"),
    };
    Check { name: "policy", ok: stamp.state == PolicyState::InForce, said, diagnostics: stamp.diagnostics.clone() }
}

/// What answers operators, and whether it could.
fn reasoner(kernel: &DevKernel) -> Check {
    let table = &kernel.workspace.config.reasoner;
    let rules = reasoner::rules(&kernel.workspace);
    let mut diagnostics: Vec<_> = rules.iter().flat_map(RuleFile::faults).collect();
    let said = match table.kind {
        ReasonerKind::Stub => rules.map_or_else(|| "stubs".to_owned(), |_| "stubs, else the rule file".to_owned()),
        ReasonerKind::Recorded => {
            diagnostics.extend(Tape::new(&kernel.workspace.root, Mode::Playing).open_home());
            "recordings".to_owned()
        }
        ReasonerKind::Model => {
            diagnostics.extend(reasoner::check(&kernel.workspace, None).err());
            let model = table.model.as_deref().unwrap_or("the operator's");
            let place = table.base_url.as_ref().map_or_else(String::new, |url| format!(" at {}", url.0));
            format!("model {model}{place}")
        }
    };
    Check { name: "reasoner", ok: diagnostics.is_empty(), said, diagnostics }
}

fn corpus(kernel: &DevKernel) -> Check {
    let folder = kernel.workspace.root.join("fixtures");
    if !folder.is_dir() {
        return Check { name: "fixtures", ok: true, said: "no fixtures folder".to_owned(), diagnostics: Vec::new() };
    }
    let mut diagnostics = Vec::new();
    let mut envelopes = 0;
    for file in fixtures::expand(&folder).unwrap_or_default() {
        match fixtures::open(&file, &kernel.workspace.shown(&file)) {
            Ok(offers) => {
                for offered in offers {
                    match offered {
                        fixtures::Offered::Envelope { .. } => envelopes += 1,
                        fixtures::Offered::Refused { diagnostics: faults, .. } => diagnostics.extend(faults),
                        fixtures::Offered::Passed => {}
                        fixtures::Offered::Noticed(notice) => diagnostics.push(notice),
                    }
                }
            }
            Err(fault) => diagnostics.push(fault),
        }
    }
    let ok = !diagnostics.iter().any(Diagnostic::is_error);
    Check { name: "fixtures", ok, said: counted(envelopes, "envelope"), diagnostics }
}

/// Tells of a state that has grown large: nothing in it is ever removed by itself.
fn large(bytes: u64) -> Option<Diagnostic> {
    const LARGE: u64 = 1_000_000_000;
    let told = || {
        Diagnostic::warning(format!("`.fibric/dev` has {}", sized(bytes)))
            .help("`fibric clean --keep 7d --dry-run` says what older runs would make free; used keys are kept")
    };
    (bytes > LARGE).then(told)
}

fn ledger(store: &Store) -> Check {
    let check = |ok, said, diagnostics| Check { name: "state", ok, said, diagnostics };
    match audit::audit(store, None) {
        Ok(mut audit) => match audit.chain {
            Finding::Broken { line, reason } => {
                check(false, format!("receipts.jsonl line {line}: {reason}"), Vec::new())
            }
            Finding::Sound { .. } if !audit.missing.is_empty() => {
                let said = format!("{} missing; run `fibric receipts verify`", counted(audit.missing.len(), "receipt"));
                check(false, said, Vec::new())
            }
            Finding::Sound { .. } if !audit.faults.is_empty() => {
                check(false, "something in it was changed from outside".to_owned(), audit.faults)
            }
            Finding::Sound { receipts } => {
                let size = store.bytes().unwrap_or(0);
                audit.notes.extend(large(size));
                check(true, format!("{} · {}", verified(receipts), sized(size)), audit.notes)
            }
        },
        Err(error) => check(false, error.to_string(), vec![error.diagnostic()]),
    }
}
