//! `fibric diff OLD NEW`, `fibric diff PACK OLD NEW`: two versions of a pack, what comes of the change, and whether the version rises by enough.

use std::path::{Path, PathBuf};

use clap::ValueHint;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::exit::{Exit, Failure};
use super::publish::pack_folder;
use super::{Context, output};
use crate::kernel::diagnostic::Diagnostic;
use crate::report::upgrade as report;
use crate::upgrade::{Comparison, Judged, Pair, Source, Upgrade};
use crate::workspace::Workspace;
use crate::workspace::git_revision::GitRevision;

/// Arguments of `fibric diff`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "fibric diff [OPTIONS] <OLD> <NEW>\n       fibric diff [OPTIONS] <PACK> <OLD> <NEW>")]
pub(super) struct Args {
    /// The folder of the old version; or the pack's folder, where two git revisions follow.
    #[arg(value_name = "OLD|PACK", value_hint = ValueHint::DirPath)]
    first: PathBuf,
    /// The folder of the new version; or the git revision of the old one.
    #[arg(value_name = "NEW|OLD", value_hint = ValueHint::DirPath)]
    second: PathBuf,
    /// The git revision of the new version; `.` for the files as they are.
    #[arg(value_name = "NEW")]
    third: Option<String>,
}

/// A version's files, where they are: in a folder of the person's, or copied out of git.
struct Version {
    folder: PathBuf,
    named_from: PathBuf,
    /// Kept until the comparison is over.
    _copied: Option<TempDir>,
}

impl Version {
    fn source(&self) -> Source<'_> {
        Source { folder: &self.folder, named_from: &self.named_from }
    }
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let (workspace, old, new) = versions(args)?;
    let bar = output::progress("{pos} of {len} plans proposed");
    let compared = Upgrade::between(&workspace, old.source(), new.source(), &mut |done, all| {
        if output::is_waited_for(&bar) {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
        true
    });
    bar.finish_and_clear();
    let upgrade = compared.map_err(|diagnostics| Failure::Told { diagnostics, exit: Exit::Invalid })?;
    output::print_diagnostics_beside(&upgrade.faults, context.json);
    if context.json {
        print_json(&upgrade)?;
    } else {
        output::print(&report::text(&upgrade))?;
    }
    Ok(if upgrade.is_enough() { Exit::Ok } else { Exit::Invalid })
}

fn versions(args: &Args) -> Result<(Workspace, Version, Version), Failure> {
    let there = |workspace: &Workspace, folder: PathBuf| {
        let named_from = workspace.root.clone();
        Version { folder, named_from, _copied: None }
    };
    let Some(new) = &args.third else {
        let (old, new) = (pack_folder(&args.first)?, pack_folder(&args.second)?);
        let workspace = Workspace::around(&new)?;
        let (old, new) = (there(&workspace, old), there(&workspace, new));
        return Ok((workspace, old, new));
    };
    let pack = pack_folder(&args.first)?;
    let workspace = Workspace::around(&pack)?;
    let old = at_revision(&workspace, &pack, &args.second.to_string_lossy())?;
    let new = if new == "." { there(&workspace, pack) } else { at_revision(&workspace, &pack, new)? };
    Ok((workspace, old, new))
}

/// The pack as it was at a git revision, in a folder of its own.
fn at_revision(workspace: &Workspace, pack: &Path, name: &str) -> Result<Version, Failure> {
    let (within, inside) = match pack.strip_prefix(&workspace.root) {
        Ok(inside) if inside.components().next().is_some() => (workspace.root.clone(), inside.to_path_buf()),
        // A pack that is its own workspace is looked for from the folder above it.
        _ => match (pack.parent(), pack.file_name()) {
            (Some(above), Some(name)) => (above.to_path_buf(), PathBuf::from(name)),
            _ => return Err(Diagnostic::error("the root of a file system is no pack").into()),
        },
    };
    let revision = GitRevision::find(&within, name)?;
    let copied = tempfile::tempdir().map_err(|error| Diagnostic::error(format!("cannot copy a version: {error}")))?;
    // What names the version stands before the names of its files.
    let shown: String =
        name.chars().map(|c| if c.is_alphanumeric() || "._~^-".contains(c) { c } else { '_' }).collect();
    let named_from = copied.path().canonicalize().map_err(|error| Diagnostic::error(error.to_string()))?;
    let folder = named_from.join(format!("@{shown}"));
    if !revision.export(&within, &inside, &folder)? {
        let fault = Diagnostic::error(format!("there is no `{}` in revision `{name}`", inside.display()));
        return Err(fault.help("`git log --oneline -- PACK` lists the revisions that have it").into());
    }
    Ok(Version { folder, named_from, _copied: Some(copied) })
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
