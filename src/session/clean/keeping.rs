//! What of the journals is kept: the receipts that hold their keys, and the keys whose receipt is in none of them.

use std::collections::HashSet;

use super::Sum;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::claims::{Claims, KeyDigest, digest};
use crate::session::base;
use crate::session::corpus::since;
use crate::session::error::Error;
use crate::session::journal::line::{Holder, JournalLine};
use crate::session::journal::walk::Walker;
use crate::session::keys;
use crate::session::projections::KeyChange;
use crate::session::store::Store;

/// Bytes of a receipt's line in its chain, about.
const LINK: u64 = 80;

/// Hears all journals, and writes the base, where one is to be written.
pub(super) struct Keeping<'a> {
    claims: &'a Claims,
    upto: u32,
    out: Option<base::Writer>,
    written: HashSet<KeyDigest>,
    envelopes: u64,
    receipts: u64,
    /// Bytes of what is dropped of the files that follow from the journals.
    pub(super) dropped: u64,
    /// Bytes that the base has, about.
    pub(super) kept_bytes: u64,
    failed: Option<Error>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(claims: &'a Claims, upto: u32, out: Option<base::Writer>) -> Self {
        let (written, failed) = (HashSet::new(), None);
        Self { claims, upto, out, written, envelopes: 0, receipts: 0, dropped: 0, kept_bytes: 0, failed }
    }

    /// Keeps a receipt that holds its key; false for any other.
    fn keep(&mut self, receipt: &str) -> bool {
        let Some(holder) = Holder::of(receipt) else { return false };
        let short = digest(&holder.idempotency_key);
        if self.claims.of_digest(&short).as_ref() != Some(&holder.id) || !self.written.insert(short) {
            return false;
        }
        self.write(receipt.len(), |out| out.receipt(receipt));
        true
    }

    fn write(&mut self, bytes: usize, write: impl FnOnce(&mut base::Writer) -> Result<(), Error>) {
        self.kept_bytes += bytes as u64;
        if let Some(Err(error)) = self.out.as_mut().map(write) {
            self.failed.get_or_insert(error);
        }
    }

    /// The keys that are known from `keys.jsonl` or an earlier base alone: a journal was lost, or another runner's
    /// receipt holds them.
    pub(super) fn rest(&mut self, store: &Store) -> Result<(), Error> {
        keys::each_claim(store, |change| {
            let KeyChange::Claimed { key, by, .. } = &change else { return };
            let short = digest(key);
            let is_newer = since::run_of(by).is_some_and(|run| run > self.upto);
            if !is_newer && self.claims.of_digest(&short).as_ref() == Some(by) && self.written.insert(short) {
                self.write(key.len() + by.len(), |out| out.claimed(&change));
            }
        })
    }

    pub(super) fn told(&self, sum: &mut Sum) {
        (sum.envelopes, sum.receipts, sum.keys) = (self.envelopes, self.receipts, self.written.len() as u64);
    }

    /// Gives the digest of the base.
    pub(super) fn finish(self) -> Result<String, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.out.map_or_else(|| Ok(String::new()), base::Writer::finish)
    }
}

impl Walker for Keeping<'_> {
    fn kept(&mut self, _number: u64, receipt: &str) {
        self.keep(receipt);
    }

    fn line(&mut self, run: u32, _number: u64, text: &[u8]) {
        if run > self.upto {
            return;
        }
        match JournalLine::read(text) {
            JournalLine::Received(envelope) => {
                self.envelopes += 1;
                self.dropped += envelope.len() as u64 + 1;
            }
            JournalLine::Disposed { receipt, .. } if !self.keep(receipt) => {
                self.receipts += 1;
                self.dropped += receipt.len() as u64 + 1 + LINK;
            }
            _ => {}
        }
    }

    // A state that does not hold was refused before.
    fn fault(&mut self, _fault: Diagnostic) {}
}
