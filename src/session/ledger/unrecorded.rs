//! A ledger that writes nothing: what is tried and not to be told of goes through the same run as everything else.

use std::sync::Arc;

use super::Ledger;
use crate::kernel::journal::{Entry, Fact};
use crate::session::bus::{Batch, UNRECORDED};
use crate::session::error::Error;

/// Entries of a run that is on no disk.
#[derive(Debug, Default)]
pub struct UnrecordedLedger {
    seq: u64,
    pending: Vec<Arc<Entry>>,
}

impl Ledger for UnrecordedLedger {
    fn run(&self) -> u32 {
        UNRECORDED
    }

    fn append(&mut self, at: String, fact: Fact) -> Result<(), Error> {
        self.seq += 1;
        self.pending.push(Arc::new(Entry { seq: self.seq, at, fact }));
        Ok(())
    }

    fn is_group_full(&self) -> bool {
        false
    }

    fn commit(&mut self) -> Result<Option<Batch>, Error> {
        let entries = std::mem::take(&mut self.pending);
        Ok((!entries.is_empty()).then(|| Batch::unwritten(UNRECORDED, entries)))
    }

    fn make_durable(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn hand_over(&mut self) -> Result<Option<Batch>, Error> {
        self.commit()
    }

    fn close(mut self: Box<Self>) -> Result<Option<Batch>, Error> {
        self.commit()
    }
}
