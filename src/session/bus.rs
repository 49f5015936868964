//! How a session and its readers speak: committed entries go out, commands come in. The console, the plain printer and
//! the JSON printer hold nothing else of a session.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::delivery::{Inbox, Reply};
use super::journal::reader::{EntryLocation, JournalReader};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Entry, EnvelopeRef};

/// The run of a batch that is on no disk: why the session ended. Its outcome says the same.
pub const UNRECORDED: u32 = 0;

/// Entries of one run that are on disk; what a reader sees is never lost by a crash.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The run's number in the workspace.
    pub run: u32,
    /// In order, without gaps.
    pub entries: Vec<Arc<Entry>>,
    /// Where the line of each begins in the run's journal; empty when they are on no disk.
    pub offsets: Vec<u64>,
}

impl Batch {
    /// Entries that are on no disk, and can be read nowhere else.
    pub fn unwritten(run: u32, entries: Vec<Arc<Entry>>) -> Self {
        Self { run, entries, offsets: Vec::new() }
    }

    /// Takes all but the first `count` away.
    #[must_use]
    pub fn split_off(&mut self, count: usize) -> Self {
        let entries = self.entries.split_off(count.min(self.entries.len()));
        let offsets = self.offsets.split_off(count.min(self.offsets.len()));
        Self { run: self.run, entries, offsets }
    }

    /// Each entry with where it stands.
    pub fn placed(&self) -> impl Iterator<Item = (&Arc<Entry>, Option<EntryLocation>)> {
        let offsets = self.offsets.iter().map(Some).chain(std::iter::repeat(None));
        let place = |offset: &u64| EntryLocation { run: self.run, offset: *offset };
        self.entries.iter().zip(offsets).map(move |(entry, offset)| (entry, offset.map(place)))
    }
}

/// Where committed entries go. The seam where a team's stream may carry them to readers elsewhere; on one machine they go
/// through a channel.
pub trait Bus: Send + Sync {
    /// Gives a batch to whoever reads; false once nobody does, which is no error: the ledger goes on without readers.
    fn publish(&self, batch: Batch) -> bool;
}

impl Bus for SyncSender<Batch> {
    fn publish(&self, batch: Batch) -> bool {
        self.send(batch).is_ok()
    }
}

/// What a reader may ask of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The envelope a person has selected: what runs again, propose-only, after a save.
    Select(SelectedEnvelope),
    /// A person's answer to an action that is held ([`Held`](crate::kernel::journal::Held)).
    Answer {
        /// The action.
        action_id: String,
        /// Who answers.
        who: String,
        /// False for a veto.
        approve: bool,
    },
    /// A person has seen an ALERT.
    Acknowledge {
        /// Its receipt's id.
        receipt: String,
        /// Who has seen it.
        who: String,
    },
    /// Live envelopes from outside wait there; who sent them is answered once they are on disk.
    Deliver(Inbox),
    /// Live input is taken at an address.
    Listening {
        /// `http://127.0.0.1:4310`.
        address: String,
        /// Answered with whether this session takes live input.
        reply: Reply,
    },
    /// Something a person should know that concerns no envelope.
    Notice(Diagnostic),
    /// Dispose of an envelope once more, in a run of its own, with stubs and keys of its own.
    Replay(SelectedEnvelope),
    /// Play the fixtures again.
    Play,
    /// End the session.
    Stop,
}

/// An envelope that runs again after a save: the one a person selected, else the latest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedEnvelope {
    /// Which.
    pub of: EnvelopeRef,
    /// The envelope.
    pub envelope: Arc<EventEnvelope>,
    /// The time author code saw.
    pub clock: String,
}

/// A reader's end of a session.
#[derive(Debug)]
pub struct Link {
    /// Committed entries. Closed when the session has ended.
    pub batches: Receiver<Batch>,
    /// Commands.
    pub commands: SyncSender<Command>,
    /// Entries that were given out, and those of earlier runs.
    pub past: JournalReader,
}
