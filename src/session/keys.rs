//! The workspace's persistent keys: used by live input and sandbox effects, so that a key used before a restart is
//! still used after it.
//!
//! The journals of live runs are the truth; `keys.jsonl` is what follows from them, in a form that is quickly read by
//! others. At the start of a session that takes live input the one is folded and held against the other: what the file
//! lacks is added to it. A key that either knows is used, because to believe the one that knows less would let an
//! action run a second time; only a journal that holds gives a key back.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::base;
use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::journal::chain::Known;
use super::projections::KeyChange;
use super::state_files;
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::claims::{Agreement, Claims};
use crate::kernel::executor::{State, Use};
use fold::Folded;

mod claiming;
mod fold;

pub use claiming::{Claiming, OwnKeys, SharedKeys};

/// Who has a key, and what the claim counts for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    by: String,
    used: Option<Use>,
}

/// The keys in use, and what they count for, at a time; with a notice for all that was out of step. Nobody else may take
/// live input meanwhile.
pub fn load(store: &Store, now: &str) -> Result<(State, Vec<Diagnostic>), Error> {
    let mut notices = Vec::new();
    let mut folded = fold::journals(store, now)?;
    notices.extend(folded.base_fault());
    notices.extend(fold::receipts_of_lost_runs(store, &mut folded)?);
    let plan = compare(store, &folded)?;
    if !plan.lines.is_empty() {
        let _lock = store.lock()?;
        append(store, &plan.lines)?;
    }
    notices.extend(plan.notices);
    let Folded { mut state, .. } = folded;
    for (key, claim) in plan.alone {
        state.claim(&key, &claim.by);
        if let Some(used) = claim.used {
            state.count(&used, now);
        }
    }
    Ok((state, notices))
}

/// The keys in use as base and journals have them. Writes nothing.
pub fn peek(store: &Store) -> Result<State, Error> {
    Ok(fold::journals(store, "")?.state)
}

/// Every claim that `keys.jsonl` or the base of keys knows without a receipt.
pub(super) fn each_claim(store: &Store, mut hear: impl FnMut(KeyChange)) -> Result<(), Error> {
    let known = Known::read(&store.journals())?;
    if let Some(base) = base::in_force(store, &known) {
        base::each(&base.path, |_, line| {
            if let base::Line::Claimed(change) = line {
                hear(change);
            }
        })?;
    }
    each_change(store, hear)
}

/// Brings `keys.jsonl` up to what the journals say. The store's lock must be held.
pub fn mend(store: &Store, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let plan = compare(store, &fold::journals(store, "")?)?;
    append(store, &plan.lines)?;
    notices.extend(plan.notices);
    Ok(())
}

/// What is to be done, and told.
#[derive(Default)]
struct Plan {
    lines: Vec<u8>,
    /// Keys that only the file calls used: no journal gave them back.
    alone: Vec<(String, Claim)>,
    notices: Vec<Diagnostic>,
}

fn compare(store: &Store, folded: &Folded) -> Result<Plan, Error> {
    let mut plan = Plan::default();
    let mut file = Agreement::of(folded.state.claims());
    let mut unheld: HashMap<String, Claim> = HashMap::new();
    each_change(store, |change| match change {
        KeyChange::Claimed { key, by, used } if !file.hear(&key, Some(&by)) => {
            unheld.insert(key, Claim { by, used });
        }
        KeyChange::Claimed { key, .. } => drop(unheld.remove(&key)),
        KeyChange::Released { key } => {
            file.hear(&key, None);
            unheld.remove(&key);
        }
    })?;
    let lacking = file.lacking();
    let lacking = if lacking.is_empty() { Vec::new() } else { fold::texts(store, &folded.state, lacking)? };
    let first = lacking.first().map(|(key, _)| key.clone());
    let mut count = lacking.len();
    for (key, Claim { by, used }) in lacking {
        push(&mut plan.lines, &KeyChange::Claimed { key, by, used });
    }
    let mut freed = None;
    for (key, claim) in unheld {
        if folded.freed.get(&key) == Some(&claim.by) {
            push(&mut plan.lines, &KeyChange::Released { key: key.clone() });
            count += 1;
            freed.get_or_insert(key);
        } else {
            plan.alone.push((key, claim));
        }
    }
    if let Some(named) = first.as_ref().or(freed.as_ref()) {
        let said = format!(
            "keys.jsonl was out of step with the journals in {count} {} (`{named}`{}): it was brought up to what they say",
            if count == 1 { "key" } else { "keys" },
            if count == 1 { "" } else { " is the first" },
        );
        plan.notices.push(Diagnostic::warning(said).in_file(".fibric/dev/keys.jsonl"));
    }
    plan.alone.sort_unstable_by(|(key, claim), (other, others)| {
        (order(&claim.by), key.as_str()).cmp(&(order(&others.by), other.as_str()))
    });
    plan.notices.extend(tell_alone(store, &plan.alone));
    Ok(plan)
}

/// Keys that no journal has: it is gone, or the line was written by hand. They stay used.
fn tell_alone(store: &Store, alone: &[(String, Claim)]) -> Option<Diagnostic> {
    let (first, claim) = alone.first()?;
    let count = alone.len();
    let run = order(&claim.by).0;
    let why = match run {
        0 => "whose receipt has no run".to_owned(),
        run if state_files::identity(&store.journal(run)).is_ok_and(|found| found.is_some()) => {
            format!("which the journal of run {run} does not have")
        }
        run => format!("of run {run}, whose journal is gone"),
    };
    let said = format!(
        "keys.jsonl has {count} {} that no journal has: the first is `{first}`, claimed by {}, {why}; {} used",
        if count == 1 { "key" } else { "keys" },
        claim.by,
        if count == 1 { "it stays" } else { "they stay" },
    );
    let help = "`fibric receipts verify` says what is missing of the journals";
    Some(Diagnostic::warning(said).in_file(".fibric/dev/keys.jsonl").help(help))
}

/// The run and the number of `rc_12_34`; zeros for what is none.
fn order(id: &str) -> (u32, u64) {
    let parts = id.strip_prefix("rc_").and_then(|rest| rest.split_once('_'));
    parts.and_then(|(run, number)| Some((run.parse().ok()?, number.parse().ok()?))).unwrap_or_default()
}

fn push(into: &mut Vec<u8>, change: &KeyChange) {
    // Writing names and texts to memory cannot fail.
    if serde_json::to_writer(&mut *into, change).is_ok() {
        into.push(b'\n');
    }
}

fn append(store: &Store, lines: &[u8]) -> Result<(), Error> {
    let path = store.file("keys.jsonl");
    let mut disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
    disk.append(lines).and_then(|()| disk.sync()).map_err(Error::disk("write", &path))
}

/// What `keys.jsonl` says: who claimed which key.
fn read(store: &Store) -> Result<Claims, Error> {
    let mut claims = Claims::default();
    each_change(store, |change| match change {
        KeyChange::Claimed { key, by, .. } => claims.insert(&key, &by),
        KeyChange::Released { key } => claims.remove(&key),
    })?;
    Ok(claims)
}

fn each_change(store: &Store, mut hear: impl FnMut(KeyChange)) -> Result<(), Error> {
    let path = store.file("keys.jsonl");
    let Some(file) = state_files::open_existing(&path).map_err(Error::disk("read", &path))? else {
        return Ok(());
    };
    for (line, number) in BufReader::with_capacity(1 << 18, file).split(b'\n').zip(1..) {
        let line = line.map_err(Error::disk("read", &path))?;
        hear(serde_json::from_slice(&line).map_err(|_| damaged(&path, number))?);
    }
    Ok(())
}

/// Going on without a key whose journal may be gone would let its action run a second time.
fn damaged(path: &Path, number: u32) -> Diagnostic {
    let fault = Diagnostic::error("this line of the used keys is damaged, so no live input is taken");
    let fault = fault.in_file(path.to_string_lossy()).help(
        "remove the line: its key is brought back from the journals, where they have it; or start with `--fresh`, which \
         sets the old state aside with every used key",
    );
    Diagnostic { line: Some(number), ..fault }
}
