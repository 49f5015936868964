//! `fibric policy impact`: what a draft would change, over recorded actions; a gate for pull requests.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::reports::Reports;
use crate::cli::exit::{Exit, Failure};
use crate::cli::replay::named_policies;
use crate::cli::{Context, output};
use crate::impact::{Corpus, Flip, Impact, coverage, review};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::PolicyState;
use crate::kernel::sentences::counted;
use crate::report::impact::Findings;
use crate::session::corpus::{self, Provided, Sources};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::{Workspace, fixtures};
use clap::ValueHint;

/// Arguments of `fibric policy impact`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recorded actions: receipts, journals, planned actions, plans or fixtures, or folders of them; this workspace's
    /// receipts where none are named.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    against: Vec<PathBuf>,
    /// The draft, instead of the workspace's own policy; may be given again for more.
    #[arg(long, value_name = "FILE")]
    policy: Vec<PathBuf>,
    /// The policy it is compared with, instead of the workspace's own; may be given again for more.
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// Fail when more actions than this become less strict: BLOCK → ALLOW, BLOCK → ALERT or ALERT → ALLOW.
    #[arg(long, value_name = "N", value_hint = ValueHint::Other)]
    max_newly_allowed: Option<usize>,
    #[command(flatten)]
    pub(super) reports: Reports,
}

pub(super) fn run(context: &Context, workspace: Workspace, args: &Args) -> Result<Exit, Failure> {
    let (from, draft) = (named_policies(&args.from)?, named_policies(&args.policy)?);
    let files = files(&workspace, &args.against)?;
    let mut kernel = DevKernel::load(workspace, from, &mut |_| {});
    let in_force = kernel.policy.clone();
    let draft = kernel.read_policy(&draft);
    if !args.policy.is_empty() && draft.stamp.state != PolicyState::InForce {
        return Err(Failure::Told { diagnostics: draft.stamp.diagnostics, exit: Exit::Invalid });
    }
    output::print_diagnostics_beside(&in_force.stamp.diagnostics, context.json);
    let told = |it: &&Diagnostic| !in_force.stamp.diagnostics.contains(it);
    let odd: Vec<_> = draft.stamp.diagnostics.iter().filter(told).cloned().collect();
    output::print_diagnostics_beside(&odd, context.json);
    let (mut impact, sources) = load(context, &mut kernel, &files)?;
    impact.set_in_force(Arc::clone(&in_force.rules));
    impact.set_draft(Arc::clone(&draft.rules));
    let provided = Provided::by(&kernel);
    let fixtures = proposed(context, &mut kernel);
    let coverage = fixtures.as_ref().map(|fixtures| coverage(&draft.rules, fixtures, &provided.kinds()));
    let place = |flip: &Flip| {
        let found = sources.find(flip.row, &kernel).ok().flatten()?;
        Some(format!("{}:{}", kernel.workspace.shown(&found.path), found.line))
    };
    let findings = Findings {
        impact: &impact,
        coverage: coverage.as_ref(),
        review: &review(&draft.rules, &provided.kinds()),
        place: &place,
    };
    let suites = [findings.suite(args.max_newly_allowed)];
    let results = findings.results(args.max_newly_allowed.is_some());
    args.reports.write(&kernel.workspace.root, &draft.stamp.files, &suites, &results)?;
    if context.json {
        output::print_json(&output::json_lines(&findings.json()))?;
    } else {
        output::print(&findings.text())?;
    }
    Ok(gate(context, &impact, args.max_newly_allowed))
}

/// The files that are meant, each fit to be read.
fn files(workspace: &Workspace, named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    if named.is_empty() {
        let receipts = workspace.state_dir().join("receipts.jsonl");
        if !receipts.is_file() {
            let fault = Diagnostic::error("this workspace has no receipts yet");
            return Err(Failure::usage(fault.help("play fixtures first, or name recorded actions with `--against`")));
        }
        return Ok(vec![receipts]);
    }
    let mut all = Vec::new();
    for path in named {
        all.extend(fixtures::expand(path).map_err(Failure::usage)?);
    }
    Ok(all.into_iter().map(|path| path.canonicalize().unwrap_or(path)).collect())
}

fn load(context: &Context, kernel: &mut DevKernel, files: &[PathBuf]) -> Result<(Impact, Sources), Failure> {
    let bar = output::progress("{bar:30} {bytes} of {total_bytes}");
    let loaded = RefCell::new((Impact::new(Corpus::default()), Sources::default()));
    for file in files {
        let shown = kernel.workspace.shown(file);
        if is_fixture(file) {
            let proposed = corpus::propose(kernel, std::slice::from_ref(file));
            output::print_diagnostics_beside(&proposed.faults, context.json);
            let (impact, sources) = &mut *loaded.borrow_mut();
            sources.add(impact.absorb(proposed.batch), proposed.places);
            continue;
        }
        let tally = corpus::read(file, &shown, kernel, &mut |chunk| {
            let (impact, sources) = &mut *loaded.borrow_mut();
            sources.add(impact.absorb(chunk.batch), chunk.places);
            if output::is_waited_for(&bar) {
                bar.set_length(chunk.size);
                bar.set_position(chunk.read);
            }
            ControlFlow::Continue(())
        });
        output::print_diagnostics_beside(&tally.map_err(Failure::usage)?.diagnostics(&shown), context.json);
    }
    bar.finish_and_clear();
    let (impact, sources) = loaded.into_inner();
    if impact.corpus().is_empty() {
        let fault = Diagnostic::error("there is no action to judge in what was named");
        return Err(Failure::usage(fault.help("name receipts, journals, planned actions, plans or fixtures")));
    }
    Ok((impact, sources))
}

/// True for a file of envelopes, to which operators have to answer first.
fn is_fixture(path: &Path) -> bool {
    let Ok(file) = std::fs::File::open(path) else { return false };
    let mut start = Vec::new();
    let _ = BufReader::new(std::io::Read::take(file, 1 << 16)).read_until(b'}', &mut start);
    let start = String::from_utf8_lossy(&start);
    let names = |key: &str| start.contains(&format!("\"{key}\""));
    names("event_type") && names("source") && !names("fact") && !names("idempotency_key")
}

/// What operators propose for the workspace's own fixtures; none where it has none.
fn proposed(context: &Context, kernel: &mut DevKernel) -> Option<Corpus> {
    let files = fixtures::expand(&kernel.workspace.root.join("fixtures")).ok()?;
    let proposed = corpus::propose(kernel, &files);
    output::print_diagnostics_beside(&proposed.faults, context.json);
    (!files.is_empty()).then(|| Corpus::from(proposed.batch))
}

fn gate(context: &Context, impact: &Impact, most: Option<usize>) -> Exit {
    let summary = impact.summary();
    let newly = summary.newly_allowed();
    if let Some(most) = most.filter(|most| newly > *most) {
        let actions = counted(newly, "action");
        let fault = Diagnostic::error(format!("{actions} newly allowed, at most {most} may be (exit 1)"));
        output::print_diagnostics_beside(&[fault], context.json);
        return Exit::Failed;
    }
    if summary.undecided() > 0 {
        let actions = counted(summary.undecided(), "action");
        let fault = Diagnostic::error(format!("{actions} not decided: a predicate has to be asked (exit 6)"));
        output::print_diagnostics_beside(&[fault], context.json);
        return Exit::Undecidable;
    }
    Exit::Ok
}
