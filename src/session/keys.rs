//! The workspace's persistent keys: used by live input and sandbox effects, so that a key used before a restart is
//! still used after it.
//!
//! The journals of live runs are the truth; `keys.jsonl` is what follows from them, in a form that is quickly read by
//! others. At the start of a session that takes live input the one is folded and held against the other: what the file
//! lacks is added to it. A key that either knows is used, because to believe the one that knows less would let an
//! action run a second time; only a journal that holds gives a key back.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::projections::KeyChange;
use super::state_files::{self, Access};
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::{State, Use};
use fold::Claims;

mod fold;

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
    let (mut folded, known) = (fold::journals(store)?, read(store)?);
    notices.extend(fold::receipts_of_lost_runs(store, &known, &mut folded)?);
    let plan = compare(store, &folded, &known);
    if !plan.lines.is_empty() {
        let _lock = store.lock()?;
        append(store, &plan.lines)?;
    }
    notices.extend(plan.notices);
    let Claims { held, .. } = folded;
    let mut all = known;
    all.retain(|key, _| !held.contains_key(key) && !plan.freed.contains(key));
    all.extend(held);
    let uses: Vec<Use> = all.values().filter_map(|claim| claim.used.clone()).collect();
    let state = State::with_claims(all.into_iter().map(|(key, claim)| (key, claim.by))).with_uses(uses, now);
    Ok((state, notices))
}

/// Brings `keys.jsonl` up to what the journals say. The store's lock must be held.
pub fn mend(store: &Store, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let (folded, known) = (fold::journals(store)?, read(store)?);
    let plan = compare(store, &folded, &known);
    append(store, &plan.lines)?;
    notices.extend(plan.notices);
    Ok(())
}

/// What is to be done, and told.
#[derive(Default)]
struct Plan {
    lines: Vec<u8>,
    /// Keys that the file calls used and a journal gave back.
    freed: HashSet<String>,
    notices: Vec<Diagnostic>,
}

fn compare(store: &Store, folded: &Claims, known: &HashMap<String, Claim>) -> Plan {
    let mut plan = Plan::default();
    let mut first: Option<&str> = None;
    let mut lacking: Vec<_> =
        folded.held.iter().filter(|(key, claim)| known.get(*key).is_none_or(|other| other.by != claim.by)).collect();
    lacking.sort_unstable_by_key(|(_, claim)| order(&claim.by));
    for (key, claim) in &lacking {
        first.get_or_insert(key);
        let change = KeyChange::Claimed { key: (*key).clone(), by: claim.by.clone(), used: claim.used.clone() };
        push(&mut plan.lines, &change);
    }
    let mut alone: Vec<(&String, &Claim)> = Vec::new();
    for (key, claim) in known {
        if folded.held.contains_key(key) {
            continue;
        }
        if folded.freed.get(key) == Some(&claim.by) {
            push(&mut plan.lines, &KeyChange::Released { key: key.clone() });
            plan.freed.insert(key.clone());
        } else {
            alone.push((key, claim));
        }
    }
    let count = lacking.len() + plan.freed.len();
    if count > 0 {
        let named = first.or_else(|| plan.freed.iter().next().map(String::as_str)).unwrap_or_default();
        let said = format!(
            "keys.jsonl was out of step with the journals in {count} {} (`{named}`{}): it was brought up to what they say",
            if count == 1 { "key" } else { "keys" },
            if count == 1 { "" } else { " is the first" },
        );
        plan.notices.push(Diagnostic::warning(said).in_file(".fibric/dev/keys.jsonl"));
    }
    plan.notices.extend(tell_alone(store, alone));
    plan
}

/// Keys that no journal has: it is gone, or the line was written by hand. They stay used.
fn tell_alone(store: &Store, mut alone: Vec<(&String, &Claim)>) -> Option<Diagnostic> {
    alone.sort_unstable_by_key(|(key, claim)| (order(&claim.by), key.as_str()));
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

/// What `keys.jsonl` says: key → the receipt that claimed it.
fn read(store: &Store) -> Result<HashMap<String, Claim>, Error> {
    let path = store.file("keys.jsonl");
    let mut claims = HashMap::new();
    let file = match state_files::open(&path, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(claims),
        Err(error) => return Err(Error::disk("read", &path)(error)),
    };
    for (line, number) in BufReader::new(file).split(b'\n').zip(1..) {
        let line = line.map_err(Error::disk("read", &path))?;
        match serde_json::from_slice(&line).map_err(|_| damaged(&path, number))? {
            KeyChange::Claimed { key, by, used } => claims.insert(key, Claim { by, used }),
            KeyChange::Released { key } => claims.remove(&key),
        };
    }
    Ok(claims)
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
