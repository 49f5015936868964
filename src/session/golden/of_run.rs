//! A run held against what was recorded of its fixtures, after it was played: from its journal, without running anything.

use std::collections::HashSet;
use std::path::PathBuf;

use super::{Finding, Golden};
use crate::kernel::journal::{Entry, Fact, Source};
use crate::session::error::Error;
use crate::session::journal::scan::History;
use crate::session::store::Store;
use crate::workspace::Workspace;
use crate::workspace::recordings::{digest, golden_path};

/// What is found of a run's plans; what is wrong with the recordings is told by the first of it.
pub fn of_run(workspace: &Workspace, store: &Store, run: u32) -> Result<Vec<Finding>, Error> {
    let path = store.journal(run);
    let read = || History::open(&path).map_err(Error::disk("read", &path)).map(History::entries);
    let mut names = HashSet::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in read()? {
        if let Some(name) = fixture(&entry).filter(|name| names.insert((*name).clone())) {
            files.push(workspace.root.join(name));
        }
    }
    // A live run, say, has played none.
    files.retain(|file| golden_path(file).is_file());
    let (mut golden, faults) = Golden::open(workspace, &files, false);
    if let Some(fault) = faults.into_iter().next() {
        return Err(fault.into());
    }
    let (mut pass, mut seen) = (1, HashSet::new());
    for entry in read()? {
        if pass == 1 && place(&entry).is_some_and(|place| !seen.insert(place)) {
            pass = 2;
        }
        golden.entry(pass, &entry);
    }
    // What was not played is not gone.
    golden.finish(true);
    Ok(golden.findings)
}

fn fixture(entry: &Entry) -> Option<&String> {
    let origin = match &entry.fact {
        Fact::Received(received) => &received.origin,
        Fact::Refused(refused) => &refused.origin,
        _ => return None,
    };
    origin.file.as_ref().filter(|_| origin.source == Source::Fixture)
}

/// Where an envelope stood, and which: seen twice, the files are played once more.
fn place(entry: &Entry) -> Option<(String, Option<u32>, String)> {
    let file = fixture(entry)?.clone();
    match &entry.fact {
        Fact::Received(received) => Some((file, received.origin.line, digest(&received.envelope))),
        _ => None,
    }
}
