//! What a screen asks of the journals of runs, and what it is answered.

use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::Entry;
use crate::kernel::receipt::Receipt;
use crate::replayer::fork::OtherPolicy;
use crate::replayer::runs::RunBrief;
use crate::replayer::scan::Portion;
use crate::replayer::schedules;
use crate::replayer::search;
use crate::session::operator_fork;

/// An action that predicates are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AboutAction {
    /// Its receipt.
    pub receipt: Arc<Receipt>,
    /// The envelope it answers.
    pub envelope: Arc<EventEnvelope>,
}

/// One thing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalRequest {
    /// Which runs there are.
    Runs,
    /// Index a run from a place on, a portion at a time.
    Scan {
        /// The run.
        run: u32,
        /// Bytes that are indexed.
        from: u64,
    },
    /// Read single entries.
    Entries {
        /// The run.
        run: u32,
        /// Which, each with where its line begins.
        places: Vec<(u32, u64)>,
    },
    /// Read another policy's rules, in YAML or code, and ask its predicates about an action.
    Policy {
        /// The file, from the workspace.
        file: String,
        /// The action.
        about: Box<AboutAction>,
    },
    /// Ask another revision of an operator what it would have proposed.
    OperatorFork(operator_fork::Question),
    /// Which plans of a run have an action on an entity.
    PlansOn {
        /// The run.
        run: u32,
        /// The entity.
        entity: String,
    },
    /// Look at every order of some plans of a run.
    Interleave {
        /// The run.
        run: u32,
        /// Which plans, and what is looked for.
        request: schedules::Request,
    },
    /// Find the next action that a query lets through.
    Find {
        /// From where.
        begin: search::From,
        /// The query, as it was typed.
        query: String,
    },
}

/// What was read.
#[derive(Debug, Clone)]
pub enum JournalReply {
    /// The newest runs, the newest first.
    Runs(Vec<RunBrief>),
    /// Some lines of a run.
    Scanned {
        /// The run.
        run: u32,
        /// The lines.
        portion: Box<Portion>,
    },
    /// A run is indexed as far as it is written.
    ScanEnded {
        /// The run.
        run: u32,
        /// Why it could not be read.
        fault: Option<String>,
    },
    /// Entries; none where one could not be read.
    Entries {
        /// The run.
        run: u32,
        /// Each with its number in the index.
        entries: Vec<(u32, Option<Arc<Entry>>)>,
    },
    /// Another policy's rules, or what is wrong with them.
    Policy {
        /// The file.
        file: String,
        /// The receipt of the action that its predicates were asked about.
        receipt: String,
        /// The rules, with what was answered.
        policy: Result<Arc<OtherPolicy>, String>,
    },
    /// Both futures of a plan, or why there is no other.
    OperatorFork {
        /// What was asked.
        question: operator_fork::Question,
        /// What would have been proposed, and what would have come of it.
        futures: Result<Arc<operator_fork::Futures>, String>,
    },
    /// The plans with an action on an entity, or why they cannot be read.
    PlansOn {
        /// The run.
        run: u32,
        /// The entity.
        entity: String,
        /// The plans.
        plans: Result<Vec<schedules::Candidate>, String>,
    },
    /// What all orders of some plans come to, or why nothing can be said.
    Interleaved {
        /// The run.
        run: u32,
        /// What was asked.
        request: schedules::Request,
        /// What was found.
        found: Result<Arc<schedules::Explored>, String>,
    },
    /// Where the next action begins that a query lets through.
    Found {
        /// The run.
        run: u32,
        /// None where there is none, a sentence where the journal could not be read.
        found: Result<Option<u64>, String>,
    },
}
