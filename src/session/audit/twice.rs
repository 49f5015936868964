//! Whether a key was applied twice: among live runs, which share their keys, two receipts whose handlers ran under one
//! key, and no release in between. Only digests of keys are kept.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::TOLD;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::RunKind;
use crate::session::journal::line::{Holder, JournalLine};
use crate::session::journal::walk;

/// The first half of a digest: of two keys that share it, no one will ever have heard.
type Short = [u8; 16];

fn short(text: &str) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    short
}

/// Listens to the journals.
#[derive(Default)]
pub(super) struct Twice {
    live: HashSet<u32>,
    /// Key → the receipt that claimed it, as the run and the line where it stands.
    held: HashMap<Short, (u32, u64)>,
    pub(super) faults: Vec<Diagnostic>,
}

impl Twice {
    /// A receipt of the base of keys, which holds its key.
    pub(super) fn kept(&mut self, number: u64, receipt: &str) {
        if let Some(holder) = Holder::of(receipt) {
            self.handled(0, number, &holder, true);
        }
    }

    pub(super) fn line(&mut self, run: u32, number: u64, line: &JournalLine<'_>) {
        match line {
            JournalLine::Started(RunKind::Live) => {
                self.live.insert(run);
            }
            JournalLine::Disposed { receipt, claimed: Some(claimed) } if self.live.contains(&run) => {
                if let Some(holder) = Holder::of(receipt) {
                    self.handled(run, number, &holder, *claimed);
                }
            }
            _ => {}
        }
    }

    fn handled(&mut self, run: u32, number: u64, holder: &Holder, claimed: bool) {
        let key = short(&holder.idempotency_key);
        if let Some((first, line)) = self.held.get(&key)
            && self.faults.len() < TOLD
        {
            let (id, key) = (&holder.id, &holder.idempotency_key);
            let said = format!(
                "the key `{key}` was applied twice: by {id}, and before by the receipt in {}:{line}",
                walk::shown(*first)
            );
            let fault = Diagnostic::error(said).in_file(walk::shown(run));
            self.faults.push(Diagnostic { line: u32::try_from(number).ok(), ..fault });
        }
        if claimed {
            self.held.entry(key).or_insert((run, number));
        }
    }
}
