//! Confining the process that runs author code: no file, no socket, no process, no more memory than it was given.
//!
//! [`Confinement::begin`] is for the time before the process has a second thread, [`Confinement::seal`] for the moment
//! before the first line of foreign input. Knows nothing of engines or messages. Rules and figures are those of contract
//! 11; where a system cannot confine, it says so and the caller decides (`[hosts] unconfined`).

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
pub mod probe;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// Why a process could not be confined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Unconfined {
    /// The barrier that could not be raised.
    pub what: &'static str,
    /// What the system said.
    pub why: String,
}

/// A process half way into its confinement.
#[derive(Debug)]
pub struct Confinement(());

impl Confinement {
    /// Takes away the file system, the network and every inherited descriptor but the first three, and bounds memory to
    /// `memory` bytes above what the process has mapped. Call it while the process has one thread.
    pub fn begin(memory: u64) -> Result<Self, Unconfined> {
        system::begin(memory).map(|()| Self(()))
    }

    /// Leaves only the calls that computing and answering need, to every thread. None can be started afterwards.
    pub fn seal(self) -> Result<(), Unconfined> {
        system::seal()
    }
}
