//! The ALERTs that wait for a person when a session begins: raised in earlier runs, and not acknowledged since. It follows
//! from the journals: the newest list of what was carried over, what was raised since, and who has seen what.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::base;
use super::error::Error;
use super::journal::chain::Known;
use super::journal::line::fact_name;
use super::journal::tail::Tail;
use super::store::Store;
use crate::kernel::journal::{Alert, Entry, Fact, RunKind};

/// False for a line that says nothing of an ALERT: few say anything, and all of a run are looked at.
fn may_speak(line: &str) -> bool {
    match fact_name(line.as_bytes()) {
        Some(b"disposed") => line.contains("\"ALERT\""),
        Some(fact) => matches!(fact, b"acknowledged" | b"carried" | b"run_started"),
        None => true,
    }
}

/// The ALERTs of runs before `own` that wait, in the order in which they were raised; none where no live run came
/// before. A run that is no longer there, or cannot be read, has none.
pub fn waiting(store: &Store, own: u32) -> Result<Option<Vec<Alert>>, Error> {
    let mut is_first = true;
    let mut seen = HashSet::new();
    let mut raised: BTreeMap<u32, Vec<Alert>> = BTreeMap::new();
    let mut is_whole = false;
    for run in store.runs().into_iter().rev().filter(|run| *run < own) {
        let found = read(&store.journal(run), run)?;
        is_first &= !found.is_live;
        seen.extend(found.acknowledged);
        raised.insert(run, found.raised);
        if let Some(carried) = found.carried {
            // What waited then stands in it, and what came before it is in there.
            raised.entry(0).or_default().extend(carried);
            is_whole = true;
            break;
        }
    }
    if !is_whole {
        let kept = kept(store)?;
        is_first &= kept.is_none();
        raised.entry(0).or_default().extend(kept.unwrap_or_default());
    }
    let mut waiting: Vec<Alert> = raised.into_values().flatten().collect();
    waiting.retain(|alert| !seen.contains(&alert.receipt));
    let mut once = HashSet::new();
    waiting.retain(|alert| once.insert(alert.receipt.clone()));
    Ok((!is_first || !waiting.is_empty()).then_some(waiting))
}

/// Those that waited in the runs that were cleaned away; none where none was.
fn kept(store: &Store) -> Result<Option<Vec<Alert>>, Error> {
    let Some(base) = base::in_force(store, &Known::read(&store.journals())?) else { return Ok(None) };
    let mut alerts = Vec::new();
    base::each(&base.path, |_, line| {
        if let base::Line::Alert(alert) = line {
            alerts.push(alert);
        }
    })?;
    Ok(Some(alerts))
}

#[derive(Default)]
struct Found {
    is_live: bool,
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
        if !may_speak(&line) {
            continue;
        }
        let Ok(Entry { fact, .. }) = serde_json::from_str(&line) else { continue };
        match fact {
            // A replay raises nothing.
            Fact::RunStarted(started) if started.kind == RunKind::Replay => return Ok(Found::default()),
            Fact::RunStarted(started) => found.is_live = started.kind == RunKind::Live,
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
