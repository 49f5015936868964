//! The dev kernel at work: sources, the run loop, the ledger on disk, keys.

pub mod bus;
