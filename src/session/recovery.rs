//! What a crash left behind, made good at the next start: torn lines are set aside, claims without a receipt become
//! `failed: interrupted`, and the projections catch up with the journals.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::history::{History, Line};
use super::projections::{KeyChange, key_change};
use super::store::{RunDir, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Claimed, Disposed, Entry, Fact, RunKind, Source, StageRecord};
use crate::kernel::receipt::{Handler, Receipt};
use catch_up::{catch_up, cut_torn, json_line};

mod catch_up;
#[cfg(test)]
mod tests;

/// What the journals of crashed runs hold that the projections must have.
#[derive(Default)]
struct Remains {
    receipts: Vec<Arc<Receipt>>,
    envelopes: Vec<Arc<EventEnvelope>>,
    keys: BTreeMap<String, KeyChange>,
    /// Where in `envelopes.jsonl` the first of these runs may have begun to write.
    envelopes_from: u64,
}

/// Recovers every run that neither ended nor lives. Gives a notice for each thing that was found and done.
pub fn recover(store: &Store, at: &str) -> Result<Vec<Diagnostic>, Error> {
    put_right(store, at, true)
}

/// `sync` is off only where a test recovers thousands of times.
fn put_right(store: &Store, at: &str, sync: bool) -> Result<Vec<Diagnostic>, Error> {
    let crashed = store.crashed();
    if crashed.is_empty() {
        return Ok(Vec::new());
    }
    let _lock = store.lock()?;
    let mut notices = Vec::new();
    let envelopes_from = crashed.iter().map(|run| run.envelopes_from).min().unwrap_or(0);
    let mut all = Remains { envelopes_from, ..Remains::default() };
    for run in &crashed {
        let remains = read_remains(run, at, sync, &mut notices)?;
        all.receipts.extend(remains.receipts);
        all.envelopes.extend(remains.envelopes);
        all.keys.extend(remains.keys);
    }
    catch_up(store, &all, sync, &mut notices)?;
    for run in crashed {
        run.close()?;
    }
    Ok(notices)
}

fn read_remains(run: &RunDir, at: &str, sync: bool, notices: &mut Vec<Diagnostic>) -> Result<Remains, Error> {
    let path = &run.journal;
    let mut remains = Remains::default();
    let mut open: BTreeMap<String, Claimed> = BTreeMap::new();
    let mut live = false;
    let mut last = 0;
    cut_torn(path, &format!("run {}", run.number), notices)?;
    for line in History::open(path).map_err(Error::disk("read", path))? {
        match line {
            Line::Entry(entry) => {
                last = entry.seq;
                if let Fact::RunStarted(started) = &entry.fact {
                    live = started.kind == RunKind::Live;
                }
                remember(*entry, live, &mut remains, &mut open);
            }
            Line::Damaged { number, reason } => notices.push(
                Diagnostic::warning(format!("run {}: line {number} of its journal is damaged: {reason}", run.number))
                    .in_file(path.to_string_lossy()),
            ),
            Line::Torn { .. } => {}
        }
    }
    if open.is_empty() {
        return Ok(remains);
    }
    let mut disk = FileDisk::open(path).map_err(Error::disk("open", path))?;
    for claimed in open.into_values() {
        last += 1;
        let entry = Entry { seq: last, at: at.to_owned(), fact: Fact::Disposed(interrupted(&claimed)) };
        disk.append(&json_line(&entry)).map_err(Error::disk("write", path))?;
        let receipt = claimed.interrupted;
        notices.push(Diagnostic::warning(format!(
            "run {}: {} was interrupted after its key was claimed: {} says `failed: interrupted`, the key stays claimed",
            run.number, receipt.tool, receipt.id
        )));
        remains.keys.insert(claimed.key.clone(), KeyChange::Claimed { key: claimed.key, by: receipt.id.clone() });
        remains.receipts.push(receipt);
    }
    // The journal is the truth: it is on the device before a projection says the same.
    if sync {
        disk.sync().map_err(Error::disk("sync", path))?;
    }
    Ok(remains)
}

/// The end of an action that was never heard of again after its claim. Its handler may have run, so the key stays
/// claimed: whoever folds the journal must see that.
fn interrupted(claimed: &Claimed) -> Disposed {
    let receipt = Arc::clone(&claimed.interrupted);
    let handler = receipt.handler.unwrap_or(Handler::Stub);
    let stages = vec![StageRecord::Handler { handler, ok: false, claimed: true }];
    Disposed { arrival: claimed.arrival, stages, receipt }
}

fn remember(entry: Entry, live: bool, remains: &mut Remains, open: &mut BTreeMap<String, Claimed>) {
    if live && let Some(change) = key_change(&entry) {
        let (KeyChange::Claimed { key, .. } | KeyChange::Released { key }) = &change;
        remains.keys.insert(key.clone(), change);
    }
    match entry.fact {
        Fact::Received(received) if received.origin.source != Source::Rerun => {
            remains.envelopes.push(received.envelope);
        }
        Fact::Claimed(claimed) => {
            open.insert(claimed.action_id.clone(), claimed);
        }
        Fact::Disposed(disposed) => {
            open.remove(&disposed.receipt.action_id);
            remains.receipts.push(disposed.receipt);
        }
        _ => {}
    }
}
