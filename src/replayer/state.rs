//! The kernel's state before an entry: who holds a key or an entity, which policy judges, what has been counted. Keys
//! and locks are looked up among their changes; counters come from the checkpoint before and at most a thousand entries
//! after it.

use super::index::{CHECKPOINT, Index, Kind, Mark};
use super::indexed_entry::hashed;
use crate::kernel::receipt::Ruling;

/// What a run has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Envelopes accepted.
    pub envelopes: u32,
    /// Things refused.
    pub refused: u32,
    /// Envelopes no trigger matched.
    pub unmatched: u32,
    /// Plans with actions.
    pub plans: u32,
    /// Empty plans.
    pub refusals: u32,
    /// Author code that failed.
    pub failed_plans: u32,
    /// Actions allowed.
    pub allowed: u32,
    /// Actions raised.
    pub alerted: u32,
    /// Actions stopped.
    pub blocked: u32,
    /// Actions whose key was used.
    pub deduplicated: u32,
    /// Actions whose handler failed.
    pub failed: u32,
}

impl Counters {
    /// Receipts written.
    pub fn receipts(&self) -> u32 {
        self.allowed + self.alerted + self.blocked + self.deduplicated
    }

    pub(super) fn take(&mut self, kind: Kind, mark: Mark) {
        let count = match (kind, mark) {
            (Kind::Envelope, _) => &mut self.envelopes,
            (Kind::Refused, _) => &mut self.refused,
            (Kind::Routed, Mark::Unmatched) => &mut self.unmatched,
            (Kind::Proposed, Mark::Planned) => &mut self.plans,
            (Kind::Proposed, Mark::EmptyPlan) => &mut self.refusals,
            (Kind::Proposed, Mark::NoPlan) => &mut self.failed_plans,
            (Kind::Action, mark) => {
                self.failed += u32::from(mark.failed());
                match mark.ruling() {
                    Some(Ruling::Allow) => &mut self.allowed,
                    Some(Ruling::Alert) => &mut self.alerted,
                    Some(Ruling::Block) => &mut self.blocked,
                    Some(Ruling::Dedup) => &mut self.deduplicated,
                    None => return,
                }
            }
            _ => return,
        };
        *count += 1;
    }
}

/// The state before an entry.
#[derive(Debug, Clone, Copy)]
pub struct StateView<'a> {
    index: &'a Index,
    before: u32,
}

impl<'a> StateView<'a> {
    /// The state before that entry; after all where there is none.
    pub fn before(index: &'a Index, entry: u32) -> Self {
        Self { index, before: entry.min(index.len()) }
    }

    /// What was counted.
    pub fn counters(&self) -> Counters {
        let upto = self.before as usize;
        let from = upto / CHECKPOINT;
        // The last checkpoint is made with the entry after it.
        let from = from.min(self.index.checkpoints.len().saturating_sub(1));
        let mut counters = self.index.checkpoints.get(from).copied().unwrap_or_default();
        for slot in self.index.slots.iter().take(upto).skip(from * CHECKPOINT) {
            counters.take(slot.kind(), slot.mark());
        }
        counters
    }

    /// The entry of this run by which a key is held.
    pub fn key(&self, key: &str) -> Option<u32> {
        self.index.keys.holder(hashed(key), self.before)
    }

    /// How many keys this run holds.
    pub fn keys(&self) -> u32 {
        self.index.keys.count(self.before)
    }

    /// The entry by which an entity is locked. Within an envelope's actions only live runs write that down.
    pub fn lock(&self, entity: &str) -> Option<u32> {
        self.index.locks.holder(hashed(entity), self.before)
    }

    /// The digest of the policy that judges, with the entry that said so.
    pub fn policy(&self) -> Option<(u32, Option<&'a str>)> {
        self.index.policy(self.before)
    }
}
