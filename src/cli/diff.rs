//! `fibric diff OLD NEW`: two versions of a pack, what comes of the change, and whether the version rises by enough.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::ValueHint;
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::report::upgrade as report;
use crate::upgrade::{Comparison, Judged, Pair, Upgrade};
use crate::workspace::Workspace;

/// Arguments of `fibric diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the old version.
    #[arg(value_name = "OLD", value_hint = ValueHint::DirPath)]
    old: PathBuf,
    /// The folder of the new version.
    #[arg(value_name = "NEW", value_hint = ValueHint::DirPath)]
    new: PathBuf,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (old, new) = (folder(&args.old)?, folder(&args.new)?);
    let workspace = Workspace::around(&new)?;
    let mut progress = Progress::start(context.json);
    let compared = Upgrade::between(&workspace, &old, &new, &mut |done, all| progress.tell(done, all));
    progress.clear();
    let upgrade = compared.map_err(|diagnostics| Failure::Told { diagnostics, exit: Exit::Invalid })?;
    output::print_diagnostics_beside(&upgrade.faults, context.json);
    if context.json {
        print_json(&upgrade)?;
    } else {
        output::print(&report::text(&upgrade))?;
    }
    Ok(if upgrade.is_enough() { Exit::Ok } else { Exit::Invalid })
}

fn folder(path: &Path) -> Result<PathBuf, Failure> {
    path.canonicalize().ok().filter(|path| path.is_dir()).ok_or_else(|| {
        let fault = Diagnostic::error(format!("there is no pack `{}`", path.display()));
        fault.help("name the folder that has `index.ts`, as in `packs/order-risk`").into()
    })
}

/// How far the replays are, on a terminal that somebody waits at.
struct Progress {
    shown: bool,
    next: Instant,
    wanted: bool,
}

impl Progress {
    fn start(json: bool) -> Self {
        let wanted = !json && std::io::stderr().is_terminal();
        Self { shown: false, next: Instant::now() + Duration::from_millis(300), wanted }
    }

    fn tell(&mut self, done: usize, all: usize) -> bool {
        if self.wanted && Instant::now() >= self.next {
            self.next = Instant::now() + Duration::from_millis(100);
            self.shown = true;
            let _ = write!(std::io::stderr(), "\r\x1b[K{done} of {all} plans proposed");
        }
        true
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn print_json(upgrade: &Upgrade) -> Result<(), Failure> {
    let differing: Vec<_> = upgrade.differing().collect();
    let pairs = || differing.iter().flat_map(|one| &one.pairs);
    output::json(&json!({
        "required": upgrade.required(), "declared": upgrade.declared(), "ok": upgrade.is_enough(),
        "id": upgrade.id, "old": upgrade.old.to_string(), "new": upgrade.new.to_string(),
        "needs": upgrade.needs().to_string(), "prompt_exercised": upgrade.prompt_exercised,
        "envelopes": upgrade.comparisons.len(), "differ": differing.len(),
        "breaks_dedup": pairs().filter(|pair| pair.breaks_dedup()).count(),
        "newly_allowed": pairs().filter(|pair| pair.newly_allowed()).count(),
    }))?;
    for change in &upgrade.changes {
        output::json(&json!({ "change": change }))?;
    }
    for comparison in differing {
        output::json(&json!({ "envelope": of(comparison) }))?;
    }
    Ok(())
}

fn of(comparison: &Comparison) -> Value {
    let envelope = &comparison.fixture.envelope;
    json!({
        "file": comparison.fixture.file, "line": comparison.fixture.line, "event_id": envelope.event_id,
        "event_type": envelope.event_type, "correlation_id": envelope.correlation_id,
        "old": { "routed": comparison.old.routed, "plan": comparison.old.plan, "failure": comparison.old.failure },
        "new": { "routed": comparison.new.routed, "plan": comparison.new.plan, "failure": comparison.new.failure },
        "actions": comparison.pairs.iter().map(action).collect::<Vec<_>>(),
    })
}

fn action(pair: &Pair) -> Value {
    let side = |judged: &Option<Judged>| {
        judged
            .as_ref()
            .map(|one| json!({ "action": one.action, "tool": one.tool, "verdict": one.joined, "tenant": one.alone }))
    };
    json!({
        "old": side(&pair.old), "new": side(&pair.new), "field": pair.field.as_ref().map(|field| &field.field),
        "breaks_dedup": pair.breaks_dedup(), "newly_allowed": pair.newly_allowed(),
    })
}
