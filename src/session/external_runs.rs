//! Replays that other processes run in this workspace: their entries are read from their journals as they are written,
//! and told like the session's own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::bus::{Batch, Bus};
use super::journal::reader::{self, EntryLocation};
use super::journal::tail::Tail;
use super::store::Store;
use crate::kernel::journal::{Fact, RunKind};

/// The runs this process began. Held locked while one begins, so that it is never taken for a neighbour's.
pub type Own = Arc<Mutex<BTreeSet<u32>>>;

/// Follows external_runs until it is dropped.
#[derive(Debug)]
pub struct ExternalRuns(
    #[expect(dead_code, reason = "the thread ends with the watcher")] Arc<Mutex<RecommendedWatcher>>,
);

/// Starts a run that is this process's own.
pub fn begin<T, E>(own: &Own, start: impl FnOnce() -> Result<T, E>, number: impl Fn(&T) -> u32) -> Result<T, E> {
    let mut runs = own.lock().unwrap_or_else(PoisonError::into_inner);
    let run = start()?;
    runs.insert(number(&run));
    Ok(run)
}

/// Tells of replays that begin from now on; none where the folder cannot be watched.
pub fn follow(store: &Store, own: Own, bus: Arc<dyn Bus>) -> Option<ExternalRuns> {
    let (raw, changes) = channel();
    let runs = store.dir().join("runs");
    let mut watcher = notify::recommended_watcher(move |event| forward(&raw, event)).ok()?;
    watcher.watch(&runs, RecursiveMode::NonRecursive).ok()?;
    let watcher = Arc::new(Mutex::new(watcher));
    let weak = Arc::downgrade(&watcher);
    let mut following = Following { store: store.clone(), own, bus, journals: BTreeMap::new() };
    let watch = move |folder: &Path, on: bool| {
        let Some(watcher) = weak.upgrade() else { return };
        let Ok(mut watcher) = watcher.lock() else { return };
        // A folder that cannot be watched is a replay that is not shown.
        let _ = if on { watcher.watch(folder, RecursiveMode::NonRecursive) } else { watcher.unwatch(folder) };
    };
    let body = move || following.through(&changes, &runs, &watch);
    thread::Builder::new().name("external_runs".to_owned()).spawn(body).ok()?;
    Some(ExternalRuns(watcher))
}

fn forward(raw: &Sender<Vec<PathBuf>>, event: notify::Result<Event>) {
    if let Ok(event) = event
        && !event.kind.is_access()
    {
        let _ = raw.send(event.paths);
    }
}

struct Following {
    store: Store,
    own: Own,
    bus: Arc<dyn Bus>,
    journals: BTreeMap<u32, Journal>,
}

#[derive(Debug)]
struct Journal {
    tail: Tail,
    /// Known once its first line is there.
    replay: Option<bool>,
}

impl Following {
    fn through(&mut self, changes: &Receiver<Vec<PathBuf>>, runs: &Path, watch: &dyn Fn(&Path, bool)) {
        for paths in changes {
            let numbers: BTreeSet<u32> = paths.iter().filter_map(|path| number(path, runs)).collect();
            for number in numbers {
                if !self.journals.contains_key(&number) {
                    if self.own.lock().unwrap_or_else(PoisonError::into_inner).contains(&number) {
                        continue;
                    }
                    // Watched first, then read: what comes in between is read twice by its place, never missed.
                    watch(&runs.join(format!("{number:04}")), true);
                    let tail = Tail::from_start(&self.store.journal(number));
                    self.journals.insert(number, Journal { tail, replay: None });
                }
                if !self.more(number) {
                    watch(&runs.join(format!("{number:04}")), false);
                }
            }
        }
    }

    /// Tells what was added to a journal; false once nothing more can come.
    fn more(&mut self, run: u32) -> bool {
        let Some(journal) = self.journals.get_mut(&run) else { return false };
        let Ok((offset, text)) = journal.tail.added() else { return true };
        let (places, entries): (Vec<EntryLocation>, Vec<_>) =
            reader::entries(EntryLocation { run, offset }, &text).entries.into_iter().unzip();
        let batch = Batch { run, entries, offsets: places.into_iter().map(|place| place.offset).collect() };
        if let Some(Fact::RunStarted(started)) = batch.entries.first().map(|entry| &entry.fact) {
            journal.replay = Some(started.kind == RunKind::Replay);
        }
        if journal.replay == Some(false) {
            return false;
        }
        let ended = batch.entries.iter().any(|entry| matches!(entry.fact, Fact::RunEnded(_)));
        if !batch.entries.is_empty() && !self.bus.publish(batch) {
            return false;
        }
        !ended
    }
}

/// The run a path below the folder of runs is about.
fn number(path: &Path, runs: &Path) -> Option<u32> {
    path.strip_prefix(runs).ok()?.components().next()?.as_os_str().to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::session::ledger::{FileLedger, Ledger as _, Options};

    fn write(store: &Store, kind: &str, notes: u64) -> u32 {
        let options = Options { sync: false, plan_files: false, persistent_keys: false };
        let mut ledger = FileLedger::begin(store, options).unwrap();
        let started = format!(
            r#"{{"run_started":{{"run":1,"kind":"{kind}","tenant":"t","version":"0","propose_only":false,
            "live_connections":[],"policy":{{"state":"none","digest":null,"files":[],"rules":0,"ruleset":[],
            "diagnostics":[]}}}}}}"#
        );
        ledger.append(String::new(), serde_json::from_str(&started).unwrap()).unwrap();
        for _ in 0..notes {
            ledger.append(String::new(), Fact::Noticed(Diagnostic::warning("n"))).unwrap();
            ledger.commit().unwrap();
        }
        let number = ledger.run();
        ledger.close().unwrap();
        number
    }

    #[test]
    fn a_neighbours_replay_is_told_whole_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        write(&store, "replay", 3);
        let (tell, told) = sync_channel(64);
        let own = Own::default();
        let following = follow(&store, Arc::clone(&own), Arc::new(tell)).unwrap();
        begin(&own, || Ok::<_, ()>(write(&store, "replay", 5)), |run| *run).unwrap();
        write(&store, "play", 5);
        let theirs = write(&store, "replay", 40);
        let mut entries = 0;
        while entries < 41 {
            let batch = told.recv_timeout(Duration::from_secs(30)).unwrap();
            assert_eq!(batch.run, theirs);
            for (entry, place) in batch.placed() {
                entries += 1;
                assert_eq!((entry.seq, place.map(|place| place.run)), (entries, Some(theirs)));
            }
        }
        drop(following);
        assert!(told.recv().is_err(), "nothing else was told, and the thread ended");
    }
}
