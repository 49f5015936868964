//! The ALERTs that wait for a person when a session begins: raised in earlier runs, and not acknowledged since. It follows
//! from the journals: the newest list of what was carried over, what was raised since, and who has seen what.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::error::Error;
use super::store::Store;
use super::tail::Tail;
use crate::kernel::journal::{Alert, Entry, Fact, RunKind};

/// What lines are about that have to be read: any other says nothing of an ALERT.
const SPEAK: [&str; 4] = ["\"ALERT\"", "\"acknowledged\"", "\"carried\"", "\"run_started\""];

/// The ALERTs of runs before `own` that wait, in the order in which they were raised. A run that is no longer there, or
/// cannot be read, has none.
pub fn waiting(store: &Store, own: u32) -> Result<Vec<Alert>, Error> {
    let mut seen = HashSet::new();
    let mut raised: BTreeMap<u32, Vec<Alert>> = BTreeMap::new();
    for run in store.runs().into_iter().rev().filter(|run| *run < own) {
        let found = read(&store.journal(run), run)?;
        seen.extend(found.acknowledged);
        raised.insert(run, found.raised);
        if let Some(carried) = found.carried {
            // What waited then stands in it, and what came before it is in there.
            raised.entry(0).or_default().extend(carried);
            break;
        }
    }
    let mut waiting: Vec<Alert> = raised.into_values().flatten().collect();
    waiting.retain(|alert| !seen.contains(&alert.receipt));
    let mut once = HashSet::new();
    waiting.retain(|alert| once.insert(alert.receipt.clone()));
    Ok(waiting)
}

#[derive(Default)]
struct Found {
    raised: Vec<Alert>,
    acknowledged: Vec<String>,
    carried: Option<Vec<Alert>>,
}

fn read(journal: &Path, run: u32) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut journal_lines = Tail::from_start(journal);
    let Ok(lines) = journal_lines.lines() else { return Ok(found) };
    for line in lines {
        let line = line.map_err(Error::disk("read", journal))?;
        if !SPEAK.iter().any(|word| line.contains(word)) {
            continue;
        }
        let Ok(Entry { fact, .. }) = serde_json::from_str(&line) else { continue };
        match fact {
            // A replay raises nothing.
            Fact::RunStarted(started) if started.kind == RunKind::Replay => return Ok(Found::default()),
            Fact::Disposed(disposed) if disposed.raises() => {
                found.raised.push(Alert { run, receipt: disposed.receipt.id.clone() });
            }
            Fact::Acknowledged(acknowledged) => found.acknowledged.push(acknowledged.receipt),
            Fact::Carried(carried) => found.carried = Some(carried.alerts),
            _ => {}
        }
    }
    Ok(found)
}
