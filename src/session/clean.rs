//! Removing old runs: their journals, what follows from these in `receipts.jsonl` and `envelopes.jsonl`, and their plan
//! files. What is kept of them is the base of keys ([`super::base`]): every key that is used, with the receipt that holds it.
//!
//! Runs go oldest first and only as a whole, up to one that is too new, so that what is left begins at one place. A clean
//! is one line of the chain of journals: all that it leaves is prepared beside and on disk before that line is, and
//! nothing is removed until it is ([`finish`]). Cut off before it, everything is as it was; behind it, the next start
//! goes on.
//!
//! It holds the lock on live input and takes no run that is being written. What does not hold against its seals is not
//! cleaned: an edit would be hidden by it.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::base::{self, Base, Cleaned};
use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::journal::chain::{Event, Known, Line};
use super::journal::tail::Tail;
use super::journal::walk;
use super::mending::copying;
use super::receipt_chain::Finding;
use super::state_files;
use super::store::{Lock, Store};
use super::{attention, audit, keys, recovery};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::State;
use keeping::Keeping;

mod finish;
mod keeping;

pub use finish::finish;

/// What a clean removes and keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// The last of the runs that are removed; none where nothing is.
    pub upto: Option<u32>,
    /// How many runs are removed.
    pub runs: usize,
    /// Their envelopes.
    pub envelopes: u64,
    /// Their receipts, but for those that hold a key.
    pub receipts: u64,
    /// Keys of the base.
    pub keys: u64,
    /// Bytes that are free for it; about so many, before it is done.
    pub freed: u64,
    /// The first run that is kept, and why it is.
    pub kept: Option<Kept>,
}

/// Why a run is kept, and those that began after it with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// The run.
    pub run: u32,
    /// What is so of it.
    pub why: Why,
}

/// What keeps a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its last entry is not old enough, or says no time.
    Recent,
    /// A process writes it.
    Alive,
    /// It has not ended and is not recovered.
    Open,
}

/// What would be removed of runs whose last entry is older than that. Writes nothing.
pub fn look(store: &Store, before: Timestamp) -> Result<Sum, Error> {
    let _lock = store.lock_to_read()?;
    let mut sum = choose(store, before)?;
    let Some(upto) = sum.upto else { return Ok(sum) };
    let state = keys::peek(store)?;
    let mut keeping = Keeping::new(state.claims(), upto, None);
    walk::through(store, &mut keeping)?;
    keeping.rest(store)?;
    keeping.told(&mut sum);
    sum.freed = (sum.freed + keeping.dropped).saturating_sub(keeping.kept_bytes);
    Ok(sum)
}

/// A workspace that nobody else takes live input of.
pub struct Cleaner {
    store: Store,
    _live: Lock,
}

impl Cleaner {
    /// Takes the lock on live input, and has crashes recovered; with what was found.
    pub fn begin(store: Store, at: &str) -> Result<(Self, Vec<Diagnostic>), Error> {
        let Some(live) = store.live_lock()? else {
            let fault = Diagnostic::error("a `fibric dev` has this workspace: nothing is cleaned while it runs");
            return Err(fault.help("end it first, or look with `--dry-run`").into());
        };
        let notices = recovery::recover(&store, at)?;
        Ok((Self { store, _live: live }, notices))
    }

    /// Removes the runs whose last entry is older than that.
    pub fn clean(&self, before: Timestamp, at: &str) -> Result<(Sum, Vec<Diagnostic>), Error> {
        let store = &self.store;
        let (state, mut notices) = keys::load(store, at)?;
        let _lock = store.lock()?;
        let mut sum = choose(store, before)?;
        if let Some(Kept { run, why: Why::Alive }) = sum.kept {
            let fault = Diagnostic::error(format!("run {run} is being written by another process: nothing is cleaned"));
            return Err(fault.help("try again when it has ended, or look with `--dry-run`").into());
        }
        let Some(upto) = sum.upto else { return Ok((sum, notices)) };
        sound(store)?;
        let size = store.bytes()?;
        let seal = self.prepare(&state, &Cleaned { upto, at: at.to_owned() }, &mut sum)?;
        link(store, upto, seal)?;
        finish(store, &mut Vec::new(), &mut notices)?;
        sum.freed = size.saturating_sub(store.bytes()?);
        Ok((sum, notices))
    }

    /// Writes the new base and what follows from it into a folder of their own; gives the base's digest, by which that
    /// folder is called. The store's lock must be held.
    fn prepare(&self, state: &State, cleaned: &Cleaned, sum: &mut Sum) -> Result<String, Error> {
        let (store, upto) = (&self.store, cleaned.upto);
        let new = store.file(&format!("{}new", base::PREPARED));
        state_files::create_folders(&new).map_err(Error::disk("create", &new))?;
        let path = new.join(base::FILE);
        let mut writer = base::Writer::begin(&path, cleaned)?;
        for alert in attention::waiting(store, upto + 1)?.iter().flatten() {
            writer.alert(alert)?;
        }
        let mut keeping = Keeping::new(state.claims(), upto, Some(writer));
        walk::through(store, &mut keeping)?;
        keeping.rest(store)?;
        keeping.told(sum);
        let seal = keeping.finish()?;
        self.project(&Base { upto, path, seal: Some(seal.clone()) }, &new)?;
        let prepared = base::prepared(store, &seal);
        state_files::rename(&new, &prepared).map_err(Error::disk("write", &prepared))?;
        state_files::sync_folder_of(&prepared.join(base::FILE));
        state_files::sync_folder_of(&prepared);
        Ok(seal)
    }

    /// What follows from a base and the runs it does not stand for.
    fn project(&self, base: &Base, folder: &Path) -> Result<(), Error> {
        let file = |name: &str| folder.join(name);
        copying::receipts(&self.store, Some(base), &file("receipts.jsonl"), &file("receipts.chain"))?;
        copying::envelopes(&self.store, Some(base), &file("envelopes.jsonl"))?;
        Ok(())
    }
}

/// Which runs are old enough. The store's lock must be held.
fn choose(store: &Store, before: Timestamp) -> Result<Sum, Error> {
    let upto = Known::read(&store.journals())?.cleaned_upto();
    let mut sum = Sum::default();
    for run in store.runs().into_iter().filter(|run| *run > upto) {
        let why = match () {
            () if store.is_alive(run) => Some(Why::Alive),
            () if store.is_open(run) => Some(Why::Open),
            () if ended(store, run)?.is_none_or(|ended| ended >= before) => Some(Why::Recent),
            () => None,
        };
        // A run that is alive keeps all of it from being cleaned, wherever it stands.
        match (why, &sum.kept) {
            (Some(Why::Alive), _) | (Some(_), None) => sum.kept = why.map(|why| Kept { run, why }),
            (None, None) => {
                sum.upto = Some(run);
                sum.runs += 1;
                sum.freed += store.bytes_of(run)?;
            }
            _ => {}
        }
    }
    Ok(sum)
}

/// When a run's last entry was written; none where no line says so.
fn ended(store: &Store, run: u32) -> Result<Option<Timestamp>, Error> {
    #[derive(Deserialize)]
    struct Entry {
        at: Timestamp,
    }
    let path = store.journal(run);
    let lines = Tail::last(&path, 1).and_then(|mut tail| tail.read()).map_err(Error::disk("read", &path))?;
    // A folder without an entry is of a run that crashed as it began.
    if lines.is_empty() && store.length_of(run)? == 0 {
        return Ok(Some(Timestamp::MIN));
    }
    Ok(lines.last().and_then(|line| serde_json::from_str::<Entry>(line).ok()).map(|entry| entry.at))
}

/// Refuses a state that does not hold.
fn sound(store: &Store) -> Result<(), Error> {
    let found = audit::held(store, None)?;
    if found.is_sound() {
        return Ok(());
    }
    let first = match (&found.chain, found.missing.first(), found.faults.first()) {
        (Finding::Broken { line, reason }, ..) => format!("receipts.jsonl line {line}: {reason}"),
        (_, Some(id), _) => format!("{id} is not in receipts.jsonl"),
        (_, _, fault) => fault.map(|fault| fault.message.clone()).unwrap_or_default(),
    };
    let fault = Diagnostic::error(format!("what is kept does not hold, and a clean would hide it: {first}"));
    Err(fault.help("`fibric receipts verify` says all of it").into())
}

/// The line that puts a base in force. The store's lock must be held.
fn link(store: &Store, upto: u32, base: String) -> Result<(), Error> {
    let prepared = base::prepared(store, &base);
    let path = store.journals();
    let known = Known::read(&path)?;
    let length = |name: &str| {
        let path = prepared.join(name);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        Ok::<_, Error>(found.map_or(0, |found| found.length))
    };
    let (receipts, envelopes) = (length("receipts.jsonl")?, length("envelopes.jsonl")?);
    let mut last = known.last;
    let mut text = String::new();
    let newest = store.runs().last().copied().unwrap_or(upto);
    let older = last.is_none().then_some(Event::Unchained(newest));
    for event in older.into_iter().chain([Event::Cleaned { upto, base }]) {
        let line = Line::after(last.as_ref().map(|line| line.hash.as_str()), event, receipts, envelopes);
        line.write_to(&mut text);
        last = Some(line);
    }
    let mut disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
    disk.append(text.as_bytes()).and_then(|()| disk.sync()).map_err(Error::disk("write", &path))
}

#[cfg(test)]
mod tests;
