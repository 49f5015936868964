//! `fibric clean`: old runs are removed; the keys they used, and the receipts that hold these, are kept.

use clap::ValueHint;
use jiff::Timestamp;
use serde::Serialize;

use super::exit::{Exit, Failure};
use super::receipts::since;
use super::{Context, output};
use crate::kernel::sentences::{counted, sized};
use crate::serve;
use crate::session::clean::{self, Cleaner, Kept, Sum, Why};
use crate::session::clock;
use crate::session::error::Error;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric clean`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Keep what is younger than that, or was written since: `7d`, `90m`, `2026-06-01T00:00:00Z`.
    #[arg(long, value_name = "WHEN", value_hint = ValueHint::Other, value_parser = since)]
    keep: Timestamp,
    /// Say what would be removed, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    sum: &'a Sum,
    dry_run: bool,
    /// Bytes of what is kept now.
    state: u64,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let state = workspace.state_dir();
    let store = Store::reading(state.clone());
    let sum = if args.dry_run || store.runs().is_empty() {
        clean::look(&store, args.keep)?
    } else {
        let at = clock::now();
        let (cleaner, found) = Cleaner::begin(Store::open(state.clone())?, &at).map_err(|error| refused(&error))?;
        output::print_diagnostics_beside(&found, context.json);
        serve::settle_requests(&state).map_err(Error::disk("settle", &state.join("requests.jsonl")))?;
        let (sum, told) = cleaner.clean(args.keep, &at).map_err(|error| refused(&error))?;
        output::print_diagnostics_beside(&told, context.json);
        sum
    };
    let left = store.bytes()?;
    if context.json {
        let printed = Printed { sum: &sum, dry_run: args.dry_run, state: left };
        output::print_json(&output::json_lines([&printed]))?;
    } else {
        output::print(&text(&sum, args.dry_run, left))?;
    }
    Ok(Exit::Ok)
}

/// That it may not clean now is no fault of the arguments.
fn refused(error: &Error) -> Failure {
    Failure::Told { diagnostics: vec![error.diagnostic()], exit: Exit::Failed }
}

fn text(sum: &Sum, is_dry: bool, left: u64) -> String {
    let mut text = match sum.upto {
        None => "nothing to remove: no run is that old\n".to_owned(),
        Some(upto) => {
            let removed = if is_dry { "would remove" } else { "removed" };
            let freed = if is_dry { "about " } else { "" };
            format!(
                "{removed} {} (up to run {upto}): {} and {} · {freed}{} free\nkeeps {} that are used, each with its \
                 receipt\n",
                counted(sum.runs, "run"),
                counted(sum.envelopes, "envelope"),
                counted(sum.receipts, "receipt"),
                sized(sum.freed),
                counted(sum.keys, "key"),
            )
        }
    };
    if let Some(Kept { run, why }) = &sum.kept {
        let why = match why {
            Why::Recent => "it is younger",
            Why::Alive => "it is being written",
            Why::Open => "it has not ended: the next `fibric dev` recovers it",
        };
        text += &format!("keeps run {run} and those that began after it: {why}\n");
    }
    text + &format!("state: {}\n", sized(left))
}
