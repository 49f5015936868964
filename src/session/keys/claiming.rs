//! Who may use an idempotency key, asked before a handler runs. The seam where a team's keys stand, which several runners
//! share: what a runner knows of its own keys the executor's state holds already, and asks first.

use crate::session::error::Error;

/// What came of asking for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claiming {
    /// Nobody else has it: the action may go on.
    Granted,
    /// Somebody else's action came first: this one is DEDUP.
    Taken {
        /// Their receipt.
        by: String,
    },
}

/// Keys that may be shared with other runners.
pub trait SharedKeys: Send {
    /// Claims a key for a receipt, unless somebody has it.
    fn claim(&mut self, key: &str, receipt: &str) -> Result<Claiming, Error>;
    /// Gives a key back that this receipt claimed: its action failed, and may be retried.
    fn give_back(&mut self, key: &str, receipt: &str) -> Result<(), Error>;
}

/// One machine's keys: the lock on live input keeps every other runner out, so whatever the executor's state does not
/// hold is free.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnKeys;

impl SharedKeys for OwnKeys {
    fn claim(&mut self, _key: &str, _receipt: &str) -> Result<Claiming, Error> {
        Ok(Claiming::Granted)
    }

    fn give_back(&mut self, _key: &str, _receipt: &str) -> Result<(), Error> {
        Ok(())
    }
}
