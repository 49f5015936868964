//! The files the documentation names, derived from entries: `receipts.jsonl` with its chain, `envelopes.jsonl`,
//! `plans/`, `keys.jsonl`. They are appended under the workspace's lock; a crash between journal and projection is
//! made good by `recovery`.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chain::Link;
use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::store::Store;
use crate::kernel::journal::{Entry, Fact, Source, StageRecord};

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
        StageRecord::Handler { claimed: true, .. } => {
            Some(KeyChange::Claimed { key: key.clone(), by: disposed.receipt.id.clone() })
        }
        StageRecord::Handler { claimed: false, .. } => Some(KeyChange::Released { key: key.clone() }),
        _ => None,
    })
}

/// An appended file and its path, for error messages.
struct Appended {
    path: PathBuf,
    disk: FileDisk,
}

impl Appended {
    fn open(path: PathBuf) -> Result<Self, Error> {
        let disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
        Ok(Self { path, disk })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.disk.append(bytes).map_err(Error::disk("write", &self.path))
    }

    fn len(&self) -> Result<u64, Error> {
        self.disk.len().map_err(Error::disk("read", &self.path))
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
            last: (0, None),
            store: store.clone(),
        })
    }

    /// Appends what these entries say, under the workspace's lock.
    pub fn project(&mut self, entries: &[Arc<Entry>]) -> Result<(), Error> {
        let mut envelopes = Vec::new();
        let mut receipts = Vec::new();
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
                Fact::Disposed(disposed) => {
                    let mut line = Vec::with_capacity(768);
                    push_line(&mut line, &disposed.receipt, &self.receipts.path)?;
                    receipts.push(line);
                    if self.keys.is_some()
                        && let Some(change) = key_change(entry)
                    {
                        push_line(&mut keys, &change, &self.store.file("keys.jsonl"))?;
                    }
                }
                _ => {}
            }
        }
        if envelopes.is_empty() && receipts.is_empty() && keys.is_empty() {
            return Ok(());
        }
        let _lock = self.store.lock()?;
        self.envelopes.append(&envelopes)?;
        self.append_receipts(&receipts)?;
        if let Some(file) = &mut self.keys {
            file.append(&keys)?;
        }
        Ok(())
    }

    /// Appends receipt lines and their links. The chain goes first: it promises what must follow, so that a crash in
    /// between is told from an edit. The lock must be held.
    pub fn append_receipts(&mut self, lines: &[Vec<u8>]) -> Result<(), Error> {
        if lines.is_empty() {
            return Ok(());
        }
        let chain_length = self.chain.len()?;
        if self.last.0 != chain_length {
            self.last.1 = last_link(&self.chain.path).map_err(Error::disk("read", &self.chain.path))?;
        }
        let mut end = self.receipts.len()?;
        let mut links = String::new();
        for line in lines {
            end += line.len() as u64;
            let link = Link::after(self.last.1.as_ref(), end, line);
            links.push_str(&link.line());
            self.last.1 = Some(link);
        }
        self.last.0 = chain_length + links.len() as u64;
        self.chain.append(links.as_bytes())?;
        self.receipts.append(&lines.concat())
    }

    /// Appends raw lines to a projection during recovery. The lock must be held.
    pub fn append_recovered(&mut self, receipts: &[u8], envelopes: &[u8], keys: &[u8]) -> Result<(), Error> {
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
    // Damage is for `receipts verify` to tell; what is written from here on is chained anew.
    Ok(String::from_utf8_lossy(&tail).lines().last().and_then(Link::parse))
}
