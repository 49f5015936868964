//! The receipts as the journals have them, against `receipts.jsonl`, byte for byte. Both are in the same order but for
//! what crashes and external_runs did, so that each line is nearly always the one that is expected; what is not waits,
//! as a digest, for its counterpart.

use std::collections::HashMap;
use std::io;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Finding, Receipts, TOLD};
use crate::kernel::diagnostic::Diagnostic;
use crate::session::journal::walk;

/// What came of it.
pub(super) struct Compared {
    pub(super) chain: Finding,
    pub(super) missing: Vec<String>,
    pub(super) faults: Vec<Diagnostic>,
}

/// Waits for its counterpart.
struct Waiting {
    id: String,
    place: (u32, u64),
    times: usize,
}

type Waits = HashMap<[u8; 32], Waiting>;

pub(super) struct Whole {
    receipts: Receipts,
    /// In a journal, and not met among the receipts so far; its place is run and line.
    expected: Waits,
    /// Among the receipts, and not met in a journal so far; its place is the line.
    found: Waits,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

fn id_of(receipt: &[u8]) -> String {
    serde_json::from_slice(receipt).map_or_else(|_| "a line that is no receipt".to_owned(), |Id { id }| id)
}

fn digest(receipt: &[u8]) -> [u8; 32] {
    Sha256::digest(receipt).into()
}

/// Meets a counterpart, or waits for one.
fn meet(here: &mut Waits, there: &mut Waits, receipt: &[u8], place: (u32, u64)) {
    let digest = digest(receipt);
    if let Some(waiting) = there.get_mut(&digest) {
        waiting.times -= 1;
        if waiting.times == 0 {
            there.remove(&digest);
        }
        return;
    }
    here.entry(digest).or_insert_with(|| Waiting { id: id_of(receipt), place, times: 0 }).times += 1;
}

impl Whole {
    pub(super) fn new(receipts: Receipts) -> Self {
        Self { receipts, expected: Waits::new(), found: Waits::new() }
    }

    /// A journal has this receipt.
    pub(super) fn expect(&mut self, run: u32, number: u64, receipt: &str) -> io::Result<()> {
        let receipt = receipt.as_bytes();
        if let Some((line, text)) = self.receipts.next()? {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            if text == receipt {
                return Ok(());
            }
            meet(&mut self.found, &mut self.expected, text, (0, line));
        }
        meet(&mut self.expected, &mut self.found, receipt, (run, number));
        Ok(())
    }

    /// What is left over on both sides.
    pub(super) fn end(mut self) -> io::Result<Compared> {
        while let Some((line, text)) = self.receipts.next()? {
            meet(&mut self.found, &mut self.expected, text.strip_suffix(b"\n").unwrap_or(text), (0, line));
        }
        let mut expected: Vec<_> = self.expected.into_values().collect();
        expected.sort_unstable_by_key(|waiting| waiting.place);
        let mut found: Vec<_> = self.found.into_values().collect();
        found.sort_unstable_by_key(|waiting| waiting.place);
        let said: HashMap<&str, (u32, u64)> =
            expected.iter().map(|waiting| (waiting.id.as_str(), waiting.place)).collect();
        let mut faults = Vec::new();
        for waiting in found.iter().take(TOLD) {
            let line = waiting.place.1;
            let why = match said.get(waiting.id.as_str()) {
                Some((run, number)) => {
                    format!("line {line}: {} is not what its journal says ({}:{number})", waiting.id, walk::shown(*run))
                }
                None if waiting.times > 1 => {
                    format!("line {line}: {} is there more often than in the journals", waiting.id)
                }
                None => format!("line {line}: {} is in no journal, or there more often than in it", waiting.id),
            };
            let fault = Diagnostic::error(why).in_file(".fibric/dev/receipts.jsonl");
            faults.push(Diagnostic { line: u32::try_from(line).ok(), ..fault });
        }
        let edited: std::collections::HashSet<&str> = found.iter().map(|waiting| waiting.id.as_str()).collect();
        let lacking = expected.iter().filter(|waiting| !edited.contains(waiting.id.as_str()));
        let missing = lacking.flat_map(|waiting| std::iter::repeat_n(waiting.id.clone(), waiting.times)).collect();
        Ok(Compared { chain: self.receipts.finding()?, missing, faults })
    }
}
