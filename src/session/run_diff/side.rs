//! One run as a comparison needs it: its envelopes, what was proposed for each, and what came of that. A line that is no
//! entry is told with its place, and the rest is read.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};

use super::Regression;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact, Proposed, Received};
use crate::kernel::json::Raw;
use crate::kernel::receipt::Receipt;
use crate::session::error::Error;
use crate::session::journal::line::fact_name;
use crate::session::journal::walk;
use crate::session::state_files::{self, Access};
use crate::session::store::Store;
use crate::workspace::recordings::digest;

/// Lines that are told to be damaged; more are counted.
const SAID: usize = 20;

/// A run.
#[derive(Debug, Default)]
pub struct Side {
    /// Its envelopes in the order in which they came, but for those that ran again.
    pub seen: Vec<Seen>,
    /// True when nothing was disposed of.
    pub propose_only: bool,
    /// True once it has ended by itself.
    pub ended: bool,
    /// Digest of the policy at its start.
    pub policy: Option<String>,
    /// Lines of its journal that are no entries.
    pub faults: Vec<Diagnostic>,
    by_arrival: HashMap<u64, usize>,
    alike: HashMap<String, u32>,
}

/// An envelope, and what came of it.
#[derive(Debug)]
pub struct Seen {
    /// Its digest, and which of those that are alike in the run it is.
    pub key: (String, u32),
    /// The fixture file it is from.
    pub file: Option<String>,
    /// The line it starts on.
    pub line: Option<u32>,
    /// Its type.
    pub event_type: String,
    /// Its correlation id.
    pub correlation_id: String,
    /// What was proposed, in the order of operators.
    pub plans: Vec<Plan>,
}

/// What an operator proposed, and what came of it.
#[derive(Debug)]
pub struct Plan {
    /// Who proposed it.
    pub operator: String,
    /// The plan; none where there is none, or what was returned is not one.
    pub plan: Option<Raw>,
    /// Why there is none.
    pub failure: Option<String>,
    /// True where something was returned that is no plan.
    pub returned: bool,
    /// The receipts of its actions, in the order of the plan.
    pub disposed: Vec<Receipt>,
    id: String,
}

impl Plan {
    /// What is wrong with it as a whole.
    pub fn fault(&self) -> Option<Regression> {
        self.failure.as_ref().map(|_| if self.returned { Regression::Invalid } else { Regression::Failed })
    }
}

/// Reads a run.
pub fn read(store: &Store, run: u32) -> Result<Side, Error> {
    let path = store.journal(run);
    let file = state_files::open(&path, Access::Read).map_err(Error::disk("read", &path))?;
    let mut reader = BufReader::with_capacity(1 << 18, file);
    let (mut side, mut line, mut damaged) = (Side::default(), Vec::new(), 0_usize);
    let is_alive = store.is_alive(run);
    for number in 1_u32.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(Error::disk("read", &path))?;
        if read == 0 {
            break;
        }
        let is_whole = line.ends_with(b"\n");
        // What a living run is writing just now is on its way.
        if !is_whole && is_alive {
            break;
        }
        let is_wanted = !matches!(fact_name(&line), Some(b"routed" | b"claimed" | b"loaded" | b"held" | b"carried"));
        if is_whole && !is_wanted {
            continue;
        }
        match entry(&line).filter(|_| is_whole) {
            Some(entry) => side.take(entry),
            None if side.faults.len() < SAID => {
                let what = if is_whole { "is no entry" } else { "is cut off" };
                let fault =
                    Diagnostic::error(format!("this line of the journal of run {run} {what}: it is passed over"));
                side.faults.push(Diagnostic { line: Some(number), ..fault.in_file(walk::shown(run)) });
            }
            None => damaged += 1,
        }
    }
    if damaged > 0 {
        let fault = format!("{damaged} more lines of the journal of run {run} are no entries");
        side.faults.push(Diagnostic::error(fault).in_file(walk::shown(run)));
    }
    for plan in side.seen.iter_mut().flat_map(|seen| &mut seen.plans) {
        plan.disposed.sort_by_key(|receipt| number_of(&receipt.action_id));
    }
    Ok(side)
}

fn entry(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}

/// The last part of an id such as `ac_3_17`: actions are numbered in the order of their plan.
pub fn number_of(id: &str) -> u64 {
    id.rsplit('_').next().and_then(|number| number.parse().ok()).unwrap_or(u64::MAX)
}

impl Side {
    fn take(&mut self, entry: Entry) {
        match entry.fact {
            Fact::RunStarted(started) => {
                self.propose_only = started.propose_only;
                self.policy = started.policy.digest;
            }
            Fact::Received(received) if received.rerun_of.is_none() => self.received(&received),
            Fact::Proposed(proposed) => self.proposed(proposed),
            Fact::Disposed(disposed) => {
                let Some(seen) = self.seen_at(disposed.arrival) else { return };
                let receipt = disposed.receipt;
                if let Some(plan) = seen.plans.iter_mut().find(|plan| plan.id == receipt.plan_id) {
                    plan.disposed.push((*receipt).clone());
                }
            }
            Fact::RunEnded(_) => self.ended = true,
            _ => {}
        }
    }

    fn seen_at(&mut self, arrival: u64) -> Option<&mut Seen> {
        let at = self.by_arrival.get(&arrival)?;
        self.seen.get_mut(*at)
    }

    fn received(&mut self, received: &Received) {
        let envelope = &received.envelope;
        let digest = digest(envelope);
        let occurrence = self.alike.entry(digest.clone()).or_default();
        *occurrence += 1;
        self.by_arrival.insert(received.arrival, self.seen.len());
        self.seen.push(Seen {
            key: (digest, *occurrence),
            file: received.origin.file.clone(),
            line: received.origin.line,
            event_type: envelope.event_type.clone(),
            correlation_id: envelope.correlation_id.clone(),
            plans: Vec::new(),
        });
    }

    fn proposed(&mut self, proposed: Proposed) {
        let Some(seen) = self.seen_at(proposed.arrival) else { return };
        let failure = proposed.failure.map(|failure| failure.message);
        let returned = proposed.plan.is_some();
        let plan = proposed.plan.filter(|_| failure.is_none());
        let (operator, id) = (proposed.operator, proposed.plan_id);
        seen.plans.push(Plan { operator, plan, failure, returned, disposed: Vec::new(), id });
    }
}
