//! What a screen asks about the review of a run: the notes that are kept for it, and the file.

use crate::review::notes::Notes;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewRequest {
    /// Read the notes of a run.
    Read {
        /// The run.
        run: u32,
    },
    /// Keep them.
    Keep {
        /// The run.
        run: u32,
        /// What is said of its steps.
        notes: Notes,
    },
    /// Write the review of a run.
    Export {
        /// The run.
        run: u32,
        /// The file; Markdown and HTML where it ends so.
        file: String,
    },
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum ReviewReply {
    /// The notes of a run.
    Notes {
        /// The run.
        run: u32,
        /// What is said of its steps, or why that cannot be read.
        notes: Result<Notes, String>,
    },
    /// A review was written: where, and what verifying it comes to.
    Exported(String),
    /// Something could not be done.
    Failed(String),
}
