//! What a crash left behind, made good at the next start: torn lines are set aside, claims without a receipt become
//! `failed: interrupted`, and the projections catch up with the journals.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::journal::chain::{self, Event, Known, Reach};
use super::journal::walk;
use super::projections::{self, KeyChange, key_change};
use super::store::{RunDir, Store};
use super::{clean, mending, torn};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Claimed, Disposed, Entry, Fact, Held, Source, StageRecord};
use crate::kernel::receipt::{Handler, Receipt};
use catch_up::{catch_up, json_line};

mod catch_up;
mod groups;
#[cfg(test)]
pub(in crate::session) mod tests;

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
    put_right(store, at, None, true)
}

/// The same from within a run that is writing: its group that ends there is not to be brought back, but on its way.
pub fn recover_beside(store: &Store, at: &str, own: (u32, u64)) -> Result<Vec<Diagnostic>, Error> {
    put_right(store, at, Some(own), true)
}

/// `sync` is off only where a test recovers thousands of times.
fn put_right(store: &Store, at: &str, own: Option<(u32, u64)>, sync: bool) -> Result<Vec<Diagnostic>, Error> {
    let _lock = store.lock()?;
    let mut notices = Vec::new();
    for name in [chain::FILE, "receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"] {
        torn::cut(&store.file(name), name, &mut notices)?;
    }
    let mut left = Vec::new();
    clean::finish(store, &mut notices, &mut left)?;
    notices.append(&mut left);
    mending::what_is_gone(store, own, &mut notices)?;
    let crashed = store.crashed();
    if !crashed.is_empty() {
        bring_back(store, crashed, at, sync, &mut notices)?;
    }
    mending::tell_what_is_short(store, &mut notices)?;
    Ok(notices)
}

fn bring_back(
    store: &Store,
    crashed: Vec<RunDir>,
    at: &str,
    sync: bool,
    notices: &mut Vec<Diagnostic>,
) -> Result<(), Error> {
    let known = Known::read(&store.journals())?;
    let (own, foreign): (Vec<_>, Vec<_>) =
        crashed.into_iter().partition(|run| known.last.is_none() || known.knows(run.number));
    for run in foreign {
        let number = run.number;
        let said = format!("run {number} is marked as crashed, and was not begun here: nothing of it is taken");
        let help = format!("look where it comes from; remove `runs/open/{number:04}` and `runs/{number:04}`");
        notices.push(Diagnostic::warning(said).in_file(walk::shown(number)).help(help));
    }
    let mut all = Remains { envelopes_from: u64::MAX, ..Remains::default() };
    for run in &own {
        let reach = known.runs.get(&run.number);
        let from = reach.map_or(run.envelopes_from, |reach| reach.envelopes_from);
        all.envelopes_from = all.envelopes_from.min(from);
        let remains = read_remains(store, run, reach, at, sync, notices)?;
        all.receipts.extend(remains.receipts);
        all.envelopes.extend(remains.envelopes);
        all.keys.extend(remains.keys);
    }
    if own.is_empty() {
        return Ok(());
    }
    catch_up(store, &all, sync, notices)?;
    for run in own {
        run.close()?;
    }
    Ok(())
}

fn read_remains(
    store: &Store,
    run: &RunDir,
    reach: Option<&Reach>,
    at: &str,
    sync: bool,
    notices: &mut Vec<Diagnostic>,
) -> Result<Remains, Error> {
    let path = &run.journal;
    let mut remains = Remains::default();
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    let (found, mut seals) = groups::read(run.number, path, reach, notices)?;
    for entry in found.entries {
        remember(entry, found.live, &mut remains, &mut open);
    }
    if let Some(group) = found.unlinked {
        link(store, group)?;
    }
    if open.is_empty() {
        return Ok(remains);
    }
    let mut lines = Vec::new();
    for (seq, left) in (found.last_seq + 1..).zip(open.into_values()) {
        let disposed = left.interrupted();
        let receipt = Arc::clone(&disposed.receipt);
        let entry = Entry { seq, at: at.to_owned(), fact: Fact::Disposed(disposed) };
        lines.extend(json_line(&entry));
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
    let seal = seals.seal(&mut lines);
    let mut disk = FileDisk::open(path).map_err(Error::disk("open", path))?;
    disk.append(&lines).map_err(Error::disk("write", path))?;
    // The journal is the truth: it is on the device before a projection says the same.
    if sync {
        disk.sync().map_err(Error::disk("sync", path))?;
    }
    let end = disk.length().map_err(Error::disk("read", path))?;
    link(store, Event::Group { run: run.number, end, seal })?;
    Ok(remains)
}

fn link(store: &Store, group: Event) -> Result<(), Error> {
    let path = store.journals();
    let last = chain::last(&path).map_err(Error::disk("read", &path))?;
    store.link(last.as_ref(), group).map(|_| ())
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
                Disposed { arrival: claimed.arrival, stages, met: None, receipt }
            }
            Self::Held(held) => {
                let since = Some(held.since.clone());
                let stages = vec![StageRecord::Hold { since, who: None, approved: false }];
                Disposed { arrival: held.arrival, stages, met: None, receipt: Arc::clone(&held.interrupted) }
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
