//! The files the documentation names, derived from entries: `receipts.jsonl` with its chain, `envelopes.jsonl`,
//! `plans/`, `keys.jsonl`. They are appended under the workspace's lock; a crash between journal and projection is
//! made good by `recovery`.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::disk::Disk;
use super::error::Error;
use super::journal::chain::{self, Event, Line};
use super::receipt_chain::Link;
use super::state_files::{self, Access, Identity};
use super::store::{Lock, Store};
use super::{keys, mending, recovery};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Use;
use crate::kernel::journal::{Entry, Fact, Source, StageRecord};
use crate::kernel::receipt::Receipt;
use appended::Appended;

mod appended;

/// One line of `keys.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChange {
    /// A receipt claimed a key.
    Claimed {
        /// The key.
        key: String,
        /// The receipt.
        by: String,
        /// What the claim counts for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Use>,
    },
    /// A key is free again.
    Released {
        /// The key.
        key: String,
    },
}

/// What an entry does to the persistent keys.
pub fn key_change(entry: &Entry) -> Option<KeyChange> {
    let Fact::Disposed(disposed) = &entry.fact else { return None };
    let key = disposed.receipt.idempotency_key.clone();
    disposed.stages.iter().find_map(|stage| match stage {
        StageRecord::Handler { claimed: true, .. } => Some(claimed(key.clone(), &disposed.receipt)),
        StageRecord::Handler { claimed: false, .. } => Some(KeyChange::Released { key: key.clone() }),
        _ => None,
    })
}

/// A key that a receipt claimed.
pub fn claimed(key: String, receipt: &Receipt) -> KeyChange {
    let Receipt { operator, tool, at, .. } = receipt.clone();
    KeyChange::Claimed { key, by: receipt.id.clone(), used: Some(Use { operator, tool, at }) }
}

/// Bytes of a link's line, about.
const LINK_BYTES: usize = 80;

/// A group that is in its run's journal.
#[derive(Debug)]
pub struct Sealed {
    /// The run.
    pub run: u32,
    /// Where in the journal it ends.
    pub end: u64,
    /// With which seal.
    pub seal: String,
}

/// The open projections.
pub struct Projections {
    store: Store,
    journals: Appended,
    receipts: Appended,
    chain: Appended,
    envelopes: Appended,
    keys: Option<Appended>,
    plan_files: bool,
    /// The receipts of a group, one line each, and where each ends: kept, so that no receipt is allocated for.
    lines: Vec<u8>,
    ends: Vec<usize>,
    /// The last link written, and how long the chain was then: another process may have added to it since.
    last: (u64, Option<Link>),
    /// The same of the chain of journals.
    last_line: (u64, Option<Line>),
    /// The lock on live input, as it was when this run began: who has another takes live input too.
    live_lock: Option<Identity>,
}

impl Projections {
    /// Opens the files.
    pub fn open(store: &Store, persistent_keys: bool, plan_files: bool) -> Result<Self, Error> {
        let keys = persistent_keys.then(|| Appended::open(store.file("keys.jsonl"))).transpose()?;
        let live_lock = store.file("live.lock");
        let live_lock = if persistent_keys {
            state_files::identity(&live_lock).map_err(Error::disk("read", &live_lock))?
        } else {
            None
        };
        Ok(Self {
            journals: Appended::open(store.journals())?,
            receipts: Appended::open(store.file("receipts.jsonl"))?,
            chain: Appended::open(store.file("receipts.chain"))?,
            envelopes: Appended::open(store.file("envelopes.jsonl"))?,
            keys,
            plan_files,
            lines: Vec::new(),
            ends: Vec::new(),
            last: (0, None),
            last_line: (0, None),
            live_lock,
            store: store.clone(),
        })
    }

    /// Appends what these entries say, under the workspace's lock; `receipts` are their receipts' texts, in order.
    /// Gives a notice for each thing that had to be put right first.
    pub fn project<'a>(
        &mut self,
        group: Sealed,
        entries: &[Arc<Entry>],
        receipts: impl Iterator<Item = &'a [u8]>,
    ) -> Result<Vec<Diagnostic>, Error> {
        self.lines.clear();
        self.ends.clear();
        for text in receipts {
            self.lines.extend_from_slice(text);
            self.lines.push(b'\n');
            self.ends.push(self.lines.len());
        }
        let mut envelopes = Vec::new();
        let mut keys = Vec::new();
        for entry in entries {
            match &entry.fact {
                Fact::Received(received) if received.origin.source != Source::Rerun => {
                    push_line(&mut envelopes, &received.envelope, &self.envelopes.path)?;
                }
                Fact::Proposed(proposed) => {
                    if let (true, Some(file), Some(plan)) = (self.plan_files, &proposed.file, &proposed.plan) {
                        self.write_plan(file, plan.as_str())?;
                    }
                }
                Fact::Disposed(_) if self.keys.is_some() => {
                    if let Some(change) = key_change(entry) {
                        push_line(&mut keys, &change, &self.store.file("keys.jsonl"))?;
                    }
                }
                _ => {}
            }
        }
        let own = (group.run, group.end);
        let at = entries.last().map_or("", |entry| &entry.at);
        let (_lock, notices) = self.lock_in_step(at, own)?;
        self.link(group, envelopes.len() as u64)?;
        self.envelopes.append(&envelopes)?;
        self.append_lines()?;
        if let Some(file) = &mut self.keys {
            file.append(&keys)?;
        }
        Ok(notices)
    }

    /// Takes the lock. Where a process died between two files, its run is recovered first: to write behind half a line,
    /// or behind a promise of the chain that is not kept yet, would make a crash look like an edit for ever.
    fn lock_in_step(&mut self, at: &str, own: (u32, u64)) -> Result<(Lock, Vec<Diagnostic>), Error> {
        let lock = self.store.lock()?;
        if self.is_in_step()? {
            return Ok((lock, Vec::new()));
        }
        let lost = self.lost()?;
        drop(lock);
        let told = |(name, what): &(String, &str)| {
            let said = format!("{name} {what} while this session had it open: it goes on with what the journals hold");
            Diagnostic::warning(said).in_file(format!(".fibric/dev/{name}"))
        };
        let mut notices: Vec<_> = lost.iter().map(told).collect();
        notices.extend(recovery::recover_beside(&self.store, at, own)?);
        let lock = self.store.lock()?;
        self.take_up(&lost, own, &mut notices)?;
        Ok((lock, notices))
    }

    fn is_in_step(&mut self) -> Result<bool, Error> {
        for file in self.files() {
            if file.lost()?.is_some() || !file.ends_whole()? {
                return Ok(false);
            }
        }
        self.read_last_link()?;
        Ok(self.last.1.as_ref().map_or(0, |link| link.end) == self.receipts.length()?)
    }

    fn files(&mut self) -> impl Iterator<Item = &mut Appended> {
        let all = [&mut self.journals, &mut self.receipts, &mut self.chain, &mut self.envelopes];
        all.into_iter().chain(self.keys.as_mut())
    }

    /// The files that somebody removed, replaced or cut, with what was done to each.
    fn lost(&mut self) -> Result<Vec<(String, &'static str)>, Error> {
        let mut lost = Vec::new();
        for file in self.files() {
            if let Some(what) = file.lost()? {
                lost.push((file.path.file_name().unwrap_or_default().to_string_lossy().into_owned(), what));
            }
        }
        Ok(lost)
    }

    /// Goes on with files that somebody removed, replaced or cut while they were open: what is lost of them is written
    /// anew from the journals first. The lock must be held.
    fn take_up(
        &mut self,
        lost: &[(String, &str)],
        own: (u32, u64),
        notices: &mut Vec<Diagnostic>,
    ) -> Result<(), Error> {
        let any = |names: &[&str]| lost.iter().any(|(lost, _)| names.contains(&lost.as_str()));
        if any(&[chain::FILE]) {
            mending::chain(&self.store, Some(own), notices)?;
            self.journals.reopen()?;
            self.last_line = (0, None);
        }
        if any(&["receipts.jsonl", "receipts.chain"]) {
            mending::receipts(&self.store, notices)?;
            self.receipts.reopen()?;
            self.chain.reopen()?;
            self.last = (0, None);
        }
        if any(&["envelopes.jsonl"]) {
            mending::envelopes(&self.store, notices)?;
            self.envelopes.reopen()?;
        }
        if let Some(file) = self.keys.as_mut().filter(|_| any(&["keys.jsonl"])) {
            keys::mend(&self.store, notices)?;
            file.reopen()?;
        }
        Ok(())
    }

    /// Refuses to go on where another process may have taken the live input meanwhile: its keys are not these.
    pub fn may_go_on(&self) -> Result<(), Error> {
        let Some(held) = self.live_lock else { return Ok(()) };
        let path = self.store.file("live.lock");
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        if found.is_some_and(|found| found.file == held.file) {
            return Ok(());
        }
        let fault = Diagnostic::error("the lock on live input was removed or replaced while this session held it");
        let help = "start again; another session may have taken live input meanwhile, so this one claims no more keys";
        Err(fault.in_file(".fibric/dev/live.lock").help(help).into())
    }

    /// Adds a group to the chain of journals, before what follows from it. The lock must be held.
    fn link(&mut self, group: Sealed, envelopes: u64) -> Result<(), Error> {
        let length = self.journals.length()?;
        if self.last_line.0 != length {
            let path = &self.journals.path;
            self.last_line = (length, chain::last(path).map_err(Error::disk("read", path))?);
        }
        let receipts = self.receipts.length()? + self.lines.len() as u64;
        let envelopes = self.envelopes.length()? + envelopes;
        let previous = self.last_line.1.as_ref().map(|line| line.hash.as_str());
        let event = Event::Group { run: group.run, end: group.end, seal: group.seal };
        let line = Line::after(previous, event, receipts, envelopes);
        let mut text = String::new();
        line.write_to(&mut text);
        self.journals.append(text.as_bytes())?;
        self.last_line = (length + text.len() as u64, Some(line));
        Ok(())
    }

    fn read_last_link(&mut self) -> Result<(), Error> {
        let length = self.chain.length()?;
        if self.last.0 != length {
            let link = last_link(&self.chain.path).map_err(Error::disk("read", &self.chain.path))?;
            self.last = (length, link);
        }
        Ok(())
    }

    /// Appends receipt lines and their links. The chain goes first: it promises what must follow, so that a crash in
    /// between is told from an edit. The lock must be held.
    pub fn append_receipts(&mut self, lines: &[Vec<u8>]) -> Result<(), Error> {
        self.lines.clear();
        self.ends.clear();
        for line in lines {
            self.lines.extend_from_slice(line);
            self.ends.push(self.lines.len());
        }
        self.append_lines()
    }

    fn append_lines(&mut self) -> Result<(), Error> {
        if self.lines.is_empty() {
            return Ok(());
        }
        self.read_last_link()?;
        let before = self.receipts.length()?;
        let mut links = String::with_capacity(self.ends.len() * LINK_BYTES);
        let mut start = 0;
        for end in &self.ends {
            let link = Link::after(self.last.1.as_ref(), before + *end as u64, &self.lines[start..*end]);
            link.write_to(&mut links);
            self.last.1 = Some(link);
            start = *end;
        }
        self.last.0 += links.len() as u64;
        self.chain.append(links.as_bytes())?;
        self.receipts.append(&self.lines)
    }

    /// Appends raw lines to the files during recovery. The lock must be held.
    pub fn append_recovered(
        &mut self,
        links: &[u8],
        receipts: &[u8],
        envelopes: &[u8],
        keys: &[u8],
    ) -> Result<(), Error> {
        self.chain.append(links)?;
        self.receipts.append(receipts)?;
        self.envelopes.append(envelopes)?;
        match &mut self.keys {
            Some(file) => file.append(keys),
            None => Ok(()),
        }
    }

    /// Makes what was appended survive a power cut. All at once: files that are synced together share what the disk does.
    pub fn sync(&mut self) -> Result<(), Error> {
        let sync = |file: &mut Appended| file.disk.sync().map_err(Error::disk("sync", &file.path));
        let at_once = std::thread::scope(|scope| {
            let threads = self.synced().map(|file| thread::Builder::new().spawn_scoped(scope, move || sync(file)));
            let threads: Vec<_> = threads.collect();
            let ended = threads.into_iter().map(|thread| thread.ok().and_then(|thread| thread.join().ok()));
            ended.collect::<Vec<_>>()
        });
        at_once.into_iter().zip(self.synced()).try_for_each(|(ended, file)| ended.unwrap_or_else(|| sync(file)))
    }

    /// Those that are made durable: the envelopes are in the journals too, and nothing is decided by their file.
    fn synced(&mut self) -> impl Iterator<Item = &mut Appended> {
        [&mut self.journals, &mut self.receipts, &mut self.chain].into_iter().chain(self.keys.as_mut())
    }

    /// Puts the receipts on another disk.
    #[cfg(test)]
    pub fn receipts_on(&mut self, disk: Box<dyn Disk>) {
        self.receipts.disk = disk;
    }

    /// Writes a plan beside and renames it into place, so that a reader never sees half of one.
    fn write_plan(&self, file: &str, plan: &str) -> Result<(), Error> {
        let name = Path::new(file).file_name().unwrap_or_default();
        let path = self.store.file("plans").join(name);
        let text = format!("{plan}\n");
        let written = state_files::write_whole(&path, text.as_bytes()).or_else(|error| match path.parent() {
            Some(folder) if error.kind() == std::io::ErrorKind::NotFound => {
                state_files::create_folders(folder)?;
                state_files::write_whole(&path, text.as_bytes())
            }
            _ => Err(error),
        });
        written.map_err(Error::disk("write", &path))
    }
}

fn push_line(into: &mut Vec<u8>, value: &impl Serialize, path: &Path) -> Result<(), Error> {
    serde_json::to_writer(&mut *into, value).map_err(|error| Error::disk("write", path)(error.into()))?;
    into.push(b'\n');
    Ok(())
}

/// The last whole link of a chain file.
fn last_link(path: &Path) -> std::io::Result<Option<Link>> {
    const REACH: u64 = 256;
    let mut file = state_files::open(path, Access::Read)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(REACH)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).lines().last().and_then(Link::parse))
}
