//! What the Policy screen asks of the world outside, and what it is told. What is asked is a value; the terminal's side
//! performs it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::impact::{Batch, Row};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::session::corpus::{Places, Sources};

/// One thing to do with files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chore {
    /// Read a policy file, and the draft of it that was kept.
    Read {
        /// The file, relative to the workspace.
        file: String,
    },
    /// Write it whole or not at all, unless it is no longer what the draft began from.
    Save {
        /// The file.
        file: String,
        /// What it is to say.
        text: String,
        /// What it has to say until then; none for no file.
        over: Option<String>,
    },
    /// Keep a draft for after a crash.
    Keep(Kept),
    /// There is nothing to keep any more.
    Forget {
        /// The file whose draft it was.
        file: String,
    },
    /// Give the draft to the person's editor.
    Hand {
        /// The file whose draft it is.
        file: String,
        /// What it says.
        text: String,
        /// The line to start on, from 1.
        line: u32,
    },
    /// Add a line to a file of fixtures.
    Fixture {
        /// The file.
        file: String,
        /// The envelope.
        line: String,
    },
    /// Read the receipts of earlier sessions, a portion at a time.
    Record {
        /// Up to those of this run, which come as entries.
        before: u32,
    },
    /// Read actions of the record again.
    Recall {
        /// Where they stand.
        archive: Archive,
        /// Which.
        rows: Vec<Row>,
    },
    /// Take it back from there.
    Fetch {
        /// The file whose draft it is.
        file: String,
    },
}

/// A draft as it is kept: what it says, and what was on disk when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The policy file.
    pub file: String,
    /// What was on disk; none for no file.
    pub base: Option<String>,
    /// What it says.
    pub text: String,
}

/// Where recorded actions stand on disk; the same one is equal.
#[derive(Debug, Clone, Default)]
pub struct Archive(pub Arc<Sources>);

impl PartialEq for Archive {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Archive {}

/// What a recorded action is called, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The receipt.
    pub id: String,
    /// The entity it acts on.
    pub entity: String,
    /// The line it stands on, with its file.
    pub place: String,
}

/// Some recorded actions.
#[derive(Debug, Clone)]
pub struct Portion {
    /// They.
    pub batch: Batch,
    /// Where they stand.
    pub places: Places,
    /// Bytes read so far.
    pub read: u64,
    /// Bytes there are.
    pub size: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Word {
    /// A file was read.
    Read {
        /// The file.
        file: String,
        /// What it says; none where there is none.
        text: Option<String>,
        /// The names its rules may use.
        vocabulary: Arc<Vocabulary>,
        /// A draft of it from an earlier time.
        kept: Option<Kept>,
    },
    /// It could not be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// It was written.
    Saved {
        /// The file.
        file: String,
        /// What it says.
        text: String,
    },
    /// It was not written, because it says something else by now.
    Differs {
        /// The file.
        file: String,
        /// What it says; none where it is gone.
        text: Option<String>,
    },
    /// It could not be written.
    Failed {
        /// Why.
        why: String,
    },
    /// A fixture was written.
    Wrote {
        /// To that file.
        file: String,
    },
    /// Some of the receipts on disk.
    Portion(Box<Portion>),
    /// Actions that were read again; none where that failed.
    Recalled(Vec<(Row, Option<Brief>)>),
    /// There are no more.
    Recorded {
        /// What of them could not be read.
        fault: Option<Diagnostic>,
    },
    /// The person's editor left this.
    Fetched {
        /// What the draft says now.
        text: String,
    },
    /// A person has paused.
    Paused,
    /// The terminal is back from another program.
    Back,
}
