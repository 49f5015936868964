//! What a crash left behind, made good at the next start: torn lines are set aside, claims without a receipt become
//! `failed: interrupted`, and the projections catch up with the journals.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::history::{History, Line};
use super::projections::{self, KeyChange, key_change};
use super::store::{RunDir, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Claimed, Disposed, Entry, Fact, Held, RunKind, Source, StageRecord};
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
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
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
    for left in open.into_values() {
        last += 1;
        let disposed = left.interrupted();
        let receipt = Arc::clone(&disposed.receipt);
        let entry = Entry { seq: last, at: at.to_owned(), fact: Fact::Disposed(disposed) };
        disk.append(&json_line(&entry)).map_err(Error::disk("write", path))?;
        let (run, tool, id) = (run.number, &receipt.tool, &receipt.id);
        notices.push(Diagnostic::warning(match &left {
            Open::Claimed(_) => format!(
                "run {run}: {tool} was interrupted after its key was claimed: {id} says `failed: interrupted`, the key \
                 stays claimed"
            ),
            Open::Held(_) => {
                format!(
                    "run {run}: {tool} was interrupted before anyone answered: {id} says `refused`, its key is free"
                )
            }
        }));
        if let Open::Claimed(Claimed { key, .. }) = left {
            remains.keys.insert(key.clone(), projections::claimed(key, &receipt));
        }
        remains.receipts.push(receipt);
    }
    // The journal is the truth: it is on the device before a projection says the same.
    if sync {
        disk.sync().map_err(Error::disk("sync", path))?;
    }
    Ok(remains)
}

/// An action that was never heard of again.
enum Open {
    /// Its key was claimed.
    Claimed(Claimed),
    /// It waited for a person.
    Held(Held),
}

impl Open {
    /// Its end. After the claim its handler may have run, so the key stays claimed: whoever folds the journal must see
    /// that. What was held has claimed nothing.
    fn interrupted(&self) -> Disposed {
        match self {
            Self::Claimed(claimed) => {
                let receipt = Arc::clone(&claimed.interrupted);
                let handler = receipt.handler.unwrap_or(Handler::Stub);
                let stages = vec![StageRecord::Handler { handler, ok: false, claimed: true }];
                Disposed { arrival: claimed.arrival, stages, receipt }
            }
            Self::Held(held) => {
                let since = Some(held.since.clone());
                let stages = vec![StageRecord::Hold { since, who: None, approved: false }];
                Disposed { arrival: held.arrival, stages, receipt: Arc::clone(&held.interrupted) }
            }
        }
    }
}

fn remember(entry: Entry, live: bool, remains: &mut Remains, open: &mut BTreeMap<String, Open>) {
    if live && let Some(change) = key_change(&entry) {
        let (KeyChange::Claimed { key, .. } | KeyChange::Released { key }) = &change;
        remains.keys.insert(key.clone(), change);
    }
    match entry.fact {
        Fact::Received(received) if received.origin.source != Source::Rerun => {
            remains.envelopes.push(received.envelope);
        }
        Fact::Claimed(claimed) => {
            open.insert(claimed.action_id.clone(), Open::Claimed(claimed));
        }
        Fact::Held(held) => {
            open.insert(held.action_id.clone(), Open::Held(held));
        }
        Fact::Disposed(disposed) => {
            open.remove(&disposed.receipt.action_id);
            remains.receipts.push(disposed.receipt);
        }
        _ => {}
    }
}
