//! A run's ledger: entries go in, and come out when they are durable. The seam where a team's stream may stand in place
//! of files; a run knows nothing else of it.
//!
//! INVARIANT: an entry is in a [`Batch`] only after it is durable, so that what is shown survives a crash.

use super::bus::Batch;
use super::error::Error;
use crate::kernel::journal::Fact;

mod files;
mod pipeline;
mod unrecorded;
mod writer;

pub use files::FileLedger;
#[cfg(test)]
pub(super) use files::tests;
pub use unrecorded::UnrecordedLedger;

/// How a ledger writes.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Sync each group to the device. Off only in a benchmark's baseline.
    pub sync: bool,
    /// Write `plans/*.json`.
    pub plan_files: bool,
    /// Keys go to the workspace's persistent `keys.jsonl`.
    pub persistent_keys: bool,
}

/// The open ledger of one run.
pub trait Ledger: Send {
    /// The run's number.
    fn run(&self) -> u32;
    /// Adds an entry to the pending group; `at` is wall time, RFC 3339.
    fn append(&mut self, at: String, fact: Fact) -> Result<(), Error>;
    /// True when the pending group is large or old enough to be worth a sync.
    fn is_group_full(&self) -> bool;
    /// Makes the pending group durable and gives it out; none when nothing is pending.
    fn commit(&mut self) -> Result<Option<Batch>, Error>;
    /// Makes the pending group durable and keeps it, to be given out with what follows: the caller is in the middle of
    /// something and has nobody to give it to.
    fn make_durable(&mut self) -> Result<(), Error>;
    /// Lets the pending group become durable meanwhile, and gives out what is durable by now. A group that is full only
    /// by age is waited for: its readers watch slow author code.
    fn hand_over(&mut self) -> Result<Option<Batch>, Error>;
    /// Ends the run: nothing of it is left to recover.
    fn close(self: Box<Self>) -> Result<Option<Batch>, Error>;
}
