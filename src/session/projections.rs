//! The files the documentation names, derived from entries: `receipts.jsonl` with its chain, `envelopes.jsonl`,
//! `plans/`, `keys.jsonl`. They are appended under the workspace's lock; a crash between journal and projection is
//! made good by `recovery`.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chain::Link;
use super::disk::{Disk, FileDisk};
use super::error::Error;
use super::recovery;
use super::store::{Lock, Store};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Use;
use crate::kernel::journal::{Entry, Fact, Source, StageRecord};
use crate::kernel::receipt::Receipt;

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

/// An appended file and its path, for error messages.
struct Appended {
    path: PathBuf,
    disk: Box<dyn Disk>,
    /// A length at which it is known to end with a whole line.
    whole: u64,
}

impl Appended {
    fn open(path: PathBuf) -> Result<Self, Error> {
        let disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
        Ok(Self { path, disk: Box::new(disk), whole: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.disk.append(bytes).map_err(Error::disk("write", &self.path))?;
        self.whole = self.length()?;
        Ok(())
    }

    /// False when another process died in the middle of a line.
    fn ends_whole(&mut self) -> Result<bool, Error> {
        let length = self.length()?;
        if length != self.whole && !ends_with_break(&self.path).map_err(Error::disk("read", &self.path))? {
            return Ok(false);
        }
        self.whole = length;
        Ok(true)
    }

    fn length(&self) -> Result<u64, Error> {
        self.disk.length().map_err(Error::disk("read", &self.path))
    }
}

/// The open projections.
pub struct Projections {
    store: Store,
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
}

impl Projections {
    /// Opens the files.
    pub fn open(store: &Store, persistent_keys: bool, plan_files: bool) -> Result<Self, Error> {
        let keys = persistent_keys.then(|| Appended::open(store.file("keys.jsonl"))).transpose()?;
        Ok(Self {
            receipts: Appended::open(store.file("receipts.jsonl"))?,
            chain: Appended::open(store.file("receipts.chain"))?,
            envelopes: Appended::open(store.file("envelopes.jsonl"))?,
            keys,
            plan_files,
            lines: Vec::new(),
            ends: Vec::new(),
            last: (0, None),
            store: store.clone(),
        })
    }

    /// Appends what these entries say, under the workspace's lock; `receipts` are their receipts' texts, in order.
    /// Gives a notice for each thing that had to be put right first.
    pub fn project<'a>(
        &mut self,
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
        if envelopes.is_empty() && self.lines.is_empty() && keys.is_empty() {
            return Ok(Vec::new());
        }
        let at = entries.last().map_or("", |entry| &entry.at);
        let (_lock, notices) = self.lock_in_step(at)?;
        self.envelopes.append(&envelopes)?;
        self.append_lines()?;
        if let Some(file) = &mut self.keys {
            file.append(&keys)?;
        }
        Ok(notices)
    }

    /// Takes the lock. Where a process died between two files, its run is recovered first: to write behind half a line,
    /// or behind a promise of the chain that is not kept yet, would make a crash look like an edit for ever.
    fn lock_in_step(&mut self, at: &str) -> Result<(Lock, Vec<Diagnostic>), Error> {
        let lock = self.store.lock()?;
        if self.is_in_step()? {
            return Ok((lock, Vec::new()));
        }
        drop(lock);
        let notices = recovery::recover(&self.store, at)?;
        Ok((self.store.lock()?, notices))
    }

    fn is_in_step(&mut self) -> Result<bool, Error> {
        let files = [Some(&mut self.receipts), Some(&mut self.chain), Some(&mut self.envelopes), self.keys.as_mut()];
        for file in files.into_iter().flatten() {
            if !file.ends_whole()? {
                return Ok(false);
            }
        }
        self.read_last_link()?;
        Ok(self.last.1.as_ref().map_or(0, |link| link.end) == self.receipts.length()?)
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

    /// Makes what was appended survive a power cut.
    pub fn sync(&mut self) -> Result<(), Error> {
        for file in [Some(&mut self.receipts), Some(&mut self.chain), self.keys.as_mut()].into_iter().flatten() {
            file.disk.sync().map_err(Error::disk("sync", &file.path))?;
        }
        Ok(())
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
        let beside = path.with_extension(format!("json.{}", std::process::id()));
        std::fs::write(&beside, format!("{plan}\n")).map_err(Error::disk("write", &beside))?;
        std::fs::rename(&beside, &path).map_err(Error::disk("write", &path))
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
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(REACH)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).lines().last().and_then(Link::parse))
}

fn ends_with_break(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
