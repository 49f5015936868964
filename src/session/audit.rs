//! Holding the receipts against their chain and against the journals.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use super::chain::{self, Finding};
use super::error::Error;
use super::history::History;
use super::store::Store;
use crate::kernel::journal::Fact;
use crate::kernel::receipt::Receipt;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The chain's word.
    pub chain: Finding,
    /// Ids of receipts that a journal holds and `receipts.jsonl` does not.
    pub missing: Vec<String>,
}

/// Audits a workspace's receipts. The lock keeps writers out meanwhile.
pub fn audit(store: &Store) -> Result<Audit, Error> {
    let _lock = store.lock()?;
    let receipts = store.file("receipts.jsonl");
    let links = store.file("receipts.chain");
    let chain = chain::verify(open(&receipts)?, open(&links)?).map_err(Error::disk("read", &receipts))?;
    let mut written = HashSet::new();
    for line in open(&receipts)?.split(b'\n') {
        let line = line.map_err(Error::disk("read", &receipts))?;
        if let Ok(receipt) = serde_json::from_slice::<Receipt>(&line) {
            written.insert(receipt.id);
        }
    }
    let mut missing = Vec::new();
    for run in store.runs() {
        // What a living run has just put into its journal is on its way into the receipts.
        if store.is_alive(run) {
            continue;
        }
        let Ok(history) = History::open(&store.journal(run)) else { continue };
        for entry in history.entries() {
            if let Fact::Disposed(disposed) = entry.fact
                && !written.contains(&disposed.receipt.id)
            {
                missing.push(disposed.receipt.id.clone());
            }
        }
    }
    Ok(Audit { chain, missing })
}

fn open(path: &Path) -> Result<BufReader<Box<dyn Read>>, Error> {
    match File::open(path) {
        Ok(file) => Ok(BufReader::with_capacity(1 << 18, Box::new(file))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BufReader::new(Box::new(std::io::empty()))),
        Err(error) => Err(Error::disk("read", path)(error)),
    }
}
