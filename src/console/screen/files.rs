//! What a screen asks of the workspace's files, and what it is answered. A request is a value; the terminal's side
//! performs it, and the answer comes back to the screen that asked.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::corpus::{CorpusReply, CorpusRequest};
use super::journals::{JournalReply, JournalRequest};
use super::reviews::{ReviewReply, ReviewRequest};
use crate::coverage::Gap;
use crate::impact::{Batch, Row};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::policy::file::PolicyTest;
use crate::session::corpus::{Places, Sources};

/// One thing to do with files. Names of files are relative to the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRequest {
    /// Read a file, and the draft of it that was kept.
    Read {
        /// The file.
        file: String,
    },
    /// Write a file whole or not at all, unless it says something else than expected.
    Replace {
        /// The file.
        file: String,
        /// What it is to say.
        text: String,
        /// What it has to say until then; none for no file.
        over: Option<String>,
    },
    /// Write what tests a boundary that nothing tests: a fixture, or a policy test where no envelope leads there.
    WriteTest {
        /// The boundary.
        boundary: Boundary,
        /// The policy file it is in.
        file: String,
        /// Recorded envelopes that led to such actions.
        recorded: Vec<Arc<EventEnvelope>>,
    },
    /// Keep a draft for after a crash.
    KeepDraft(KeptDraft),
    /// Drop the draft that was kept.
    ForgetDraft {
        /// The file whose draft it was.
        file: String,
    },
    /// Give a draft to the person's editor.
    HandDraft {
        /// The file whose draft it is.
        file: String,
        /// What the draft says.
        text: String,
        /// The line to start on, from 1.
        line: u32,
    },
    /// Take a draft back that the person's editor was given.
    TakeDraftBack {
        /// The file whose draft it is.
        file: String,
    },
    /// Read the receipts of earlier sessions, a portion at a time.
    ReadReceipts {
        /// Up to those of this run, which come as entries.
        before: u32,
    },
    /// Read single actions of those receipts again.
    RecallActions {
        /// Where the actions stand.
        archive: Archive,
        /// Which of them.
        rows: Vec<Row>,
    },
    /// Add an envelope to a file of fixtures, unless it is there.
    AddFixture {
        /// The file.
        file: String,
        /// The envelope.
        envelope: Arc<EventEnvelope>,
    },
    /// Read journals of runs.
    Journal(JournalRequest),
    /// Do something with fixtures, their results and their recorded plans.
    Corpus(CorpusRequest),
    /// Do something with the review of a run.
    Review(ReviewRequest),
}

/// A draft as it is kept: what it says, and what was on disk when it began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// The file whose draft it is.
    pub file: String,
    /// What was on disk; none for no file.
    pub base: Option<String>,
    /// What the draft says.
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

/// A boundary that nothing tests; the same one of the same policy is equal.
#[derive(Debug, Clone)]
pub struct Boundary(pub Box<Gap>);

impl PartialEq for Boundary {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.policy, &other.0.policy) && self.0.survivor == other.0.survivor
    }
}

impl Eq for Boundary {}

/// What a recorded action is called, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// The receipt's id.
    pub id: String,
    /// The entity the action is on.
    pub entity: String,
    /// The file and line the receipt stands on.
    pub place: String,
}

/// Some recorded actions.
#[derive(Debug, Clone)]
pub struct Portion {
    /// The actions.
    pub batch: Batch,
    /// Where they stand.
    pub places: Places,
    /// Bytes read so far.
    pub read: u64,
    /// Bytes there are.
    pub size: u64,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum FileReply {
    /// A file was read.
    Read {
        /// The file.
        file: String,
        /// What it says; none where there is none.
        text: Option<String>,
        /// The capabilities that are named in this workspace.
        vocabulary: Arc<Vocabulary>,
        /// A draft of the file from an earlier time.
        kept: Option<KeptDraft>,
        /// The policy tests of the workspace, from all tables that can be read.
        tests: Vec<PolicyTest>,
    },
    /// A file could not be read.
    Unreadable {
        /// The file.
        file: String,
        /// Why, as the system says it.
        why: String,
    },
    /// A file was written.
    Replaced {
        /// The file.
        file: String,
        /// What it says.
        text: String,
    },
    /// A file was not written, because it says something else by now.
    Differs {
        /// What it says; none where it is gone.
        text: Option<String>,
    },
    /// Something could not be done.
    Failed {
        /// What, and why.
        why: String,
    },
    /// A boundary has a test now.
    TestWritten {
        /// What was written, and where.
        told: String,
        /// The actions that operators answer a fixture with.
        fixture: Option<Box<Batch>>,
        /// The policy tests there are now, where one was added.
        tests: Option<Vec<PolicyTest>>,
    },
    /// What a draft says that the person's editor had.
    TakenBack {
        /// The text.
        text: String,
    },
    /// Some of the receipts of earlier sessions.
    Receipts(Box<Portion>),
    /// All receipts of earlier sessions have been read.
    ReceiptsEnd {
        /// What of them could not be read.
        fault: Option<Diagnostic>,
    },
    /// Actions that were read again; none where that failed.
    Recalled(Vec<(Row, Option<Brief>)>),
    /// A file of fixtures has an envelope now.
    FixtureAdded {
        /// The file.
        file: String,
    },
    /// What was read of journals.
    Journal(JournalReply),
    /// What came of something with fixtures.
    Corpus(CorpusReply),
    /// What came of something with a review.
    Review(ReviewReply),
}
