//! What the text of a draft last said that could be read: it is shown while the text does not load.

use super::line_diff::Hunk;
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
    /// Where the text of now differs from it.
    pub(super) moved: Vec<Hunk>,
}

impl Good {
    /// Where a line of the good text stands in the text of now; of a line that is gone, where it would.
    pub fn line_now(&self, line: usize) -> usize {
        let before = self.moved.partition_point(|hunk| hunk.old.end <= line);
        match self.moved.get(before).filter(|hunk| hunk.old.start <= line) {
            Some(hunk) => (hunk.new.start + line - hunk.old.start).min(hunk.new.end.max(hunk.new.start + 1) - 1),
            None => before.checked_sub(1).map_or(line, |at| {
                let hunk = &self.moved[at];
                hunk.new.end + line - hunk.old.end
            }),
        }
    }
}
