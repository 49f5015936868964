//! How the flow went lately, for sparklines: buckets of so many entries each, not of so much time, so that a session in
//! which nothing happens draws nothing.

use std::collections::VecDeque;

use super::Counters;

/// Stages of the flow line.
pub const STAGES: usize = 9;
/// Entries a bucket holds.
const FULL: u32 = 24;
/// Buckets kept.
const KEPT: usize = 16;

/// The last buckets, oldest first.
#[derive(Debug, Default)]
pub struct Activity {
    buckets: VecDeque<[u32; STAGES]>,
    entries: u32,
}

impl Activity {
    /// One entry moved the counts from `before` to `after`.
    pub fn beat(&mut self, before: &Counters, after: &Counters) {
        if self.buckets.is_empty() || self.entries == FULL {
            if self.buckets.len() == KEPT {
                self.buckets.pop_front();
            }
            self.buckets.push_back([0; STAGES]);
            self.entries = 0;
        }
        self.entries += 1;
        if let Some(bucket) = self.buckets.back_mut() {
            for ((slot, now), then) in bucket.iter_mut().zip(after.stages()).zip(before.stages()) {
                *slot = slot.saturating_add(u32::try_from(now - then).unwrap_or(u32::MAX));
            }
        }
    }

    /// One stage's buckets, oldest first, as eighths of the fullest of them.
    pub fn stage(&self, stage: usize) -> impl Iterator<Item = usize> {
        let of = move |bucket: &[u32; STAGES]| bucket.get(stage).copied().unwrap_or(0);
        let most = self.buckets.iter().map(of).max().unwrap_or(0).max(1);
        self.buckets.iter().map(move |bucket| (of(bucket) as usize * 7).div_ceil(most as usize))
    }
}
