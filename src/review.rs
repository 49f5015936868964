//! A review: one run as evidence that verifies itself. It carries the run's journal and, beside it, what follows from
//! the journal (envelopes, plans, policies, receipts), so that whoever reads it needs nothing else.
//!
//! Verifying asks the kernel alone: every disposition is replayed through the executor's state machine under the rules
//! that are in the file. No author code runs, nothing is written, nothing outside the file is read. Must not know how
//! anything is printed.

pub mod archive;
pub mod contents;
pub mod difference;
pub mod export;
pub mod notes;
mod recorded;
pub mod redact;
pub mod rejudge;
#[cfg(test)]
mod tests;
pub mod verify;
