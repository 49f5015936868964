//! What the text of a draft last said that could be read: it is shown while the text does not load.

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::policy::TrustPolicy;

/// What the text last said that could be read.
#[derive(Debug, Clone, Default)]
pub struct Good {
    /// Its rules.
    pub rules: Vec<TrustPolicy>,
    /// What its writer may not expect.
    pub warnings: Vec<Diagnostic>,
    /// Counts the readings.
    pub version: u64,
    /// Its text, to find a rule again in a text that does not load.
    pub(super) text: String,
    /// The lines that are as they were, and how many there were and are.
    pub(super) moved: (usize, usize, usize),
}
