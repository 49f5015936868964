//! The journal entry: the one type from which everything shown is derived. A run's journal is an ordered stream of
//! these, one JSON line each; console, plain printer, JSON output and reports are only readers of it.
//!
//! Facts carry each stage's input, output and state, so that the kernel's state at any entry can be had by folding
//! entries, without running author code again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::Diagnostic;
use super::envelope::EventEnvelope;
use super::json::Raw;
use super::plan::{Digits, ExecutionPlan};
use super::receipt::{Decision, Receipt, Ruling, Verdict};

mod alerts;
mod listening;
mod loads;
mod reasoning;
mod stages;

pub use alerts::{Acknowledged, Alert, Carried};
pub use listening::Listening;
pub use loads::{CodeKind, Loaded, PolicyStamp, PolicyState};
pub use reasoning::{ReasonedBy, Reasoning, Tokens};
pub use stages::{Met, StageRecord, ValidWith};

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the run, from 1, without gaps.
    pub seq: u64,
    /// When, RFC 3339, by the kernel's clock.
    pub at: String,
    /// What.
    pub fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A run began. Always the first entry.
    RunStarted(RunStarted),
    /// An envelope was accepted.
    Received(Received),
    /// Something offered as an envelope was not accepted.
    Refused(Refused),
    /// The router matched an envelope to operators, or to none.
    Routed(Routed),
    /// An operator proposed a plan, or failed to.
    Proposed(Proposed),
    /// An action waits for a person; said again when the policy's word on it changes.
    Held(Held),
    /// A person answered. What came of it is in the disposition that follows.
    Answered(Answered),
    /// ALERTs of earlier runs that nobody has acknowledged: they still wait.
    Carried(Carried),
    /// A person has seen an ALERT.
    Acknowledged(Acknowledged),
    /// A key was claimed; written durably before the handler runs.
    Claimed(Claimed),
    /// An action reached its end.
    Disposed(Disposed),
    /// Author code was loaded or failed to load.
    Loaded(Loaded),
    /// The policy in force changed, or failed to.
    PolicyLoaded(PolicyStamp),
    /// Live input is taken at an address.
    Listening(Listening),
    /// Something a person should know that concerns no single envelope.
    Noticed(Diagnostic),
    /// What an earlier notice said is no longer so.
    Settled(Diagnostic),
    /// The run ended by itself.
    RunEnded(RunEnded),
}

impl Fact {
    /// The ordinal of the envelope it is about, in its run.
    pub fn arrival(&self) -> Option<u64> {
        match self {
            Self::Received(received) => Some(received.arrival),
            Self::Routed(routed) => Some(routed.arrival),
            Self::Proposed(proposed) => Some(proposed.arrival),
            Self::Held(held) => Some(held.arrival),
            Self::Answered(answered) => Some(answered.arrival),
            Self::Claimed(claimed) => Some(claimed.arrival),
            Self::Disposed(disposed) => Some(disposed.arrival),
            _ => None,
        }
    }
}

/// Why a run exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// A live session: persistent keys.
    Live,
    /// Fixtures played by `fibric dev`: keys of its own.
    Play,
    /// `fibric dev replay`: keys of its own.
    Replay,
}

/// The first entry of every journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The run's number in the workspace.
    pub run: u32,
    /// Why it exists.
    pub kind: RunKind,
    /// The local tenant.
    pub tenant: String,
    /// The version of `fibric` that wrote it.
    pub version: String,
    /// True when plans are not disposed.
    pub propose_only: bool,
    /// Names of connections whose handlers run for real.
    pub live_connections: Vec<String>,
    /// True where author code may run unconfined.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unconfined: bool,
    /// The policy at the start.
    pub policy: PolicyStamp,
}

/// Where an envelope came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// By which way: printed as `src=`.
    pub source: Source,
    /// The file, relative to the workspace where it is inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line it starts on, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// The way an envelope came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// From a fixture file.
    Fixture,
    /// From outside while the session runs.
    Live,
    /// Made for an operator that runs at intervals.
    Schedule,
    /// The selected envelope again, after a save; propose-only.
    Rerun,
}

impl Source {
    /// The word printed after `src=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fixture => "fixture",
            Self::Live => "live",
            Self::Schedule => "schedule",
            Self::Rerun => "rerun",
        }
    }
}

/// An envelope of some run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EnvelopeRef {
    /// The run's number.
    pub run: u32,
    /// Its ordinal in the run.
    pub arrival: u64,
}

/// An accepted envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Ordinal in the run, from 1: what later facts call the envelope by, because event ids may repeat.
    pub arrival: u64,
    /// The ten fields.
    pub envelope: Arc<EventEnvelope>,
    /// Whence.
    pub origin: Origin,
    /// The time author code sees, RFC 3339.
    pub clock: String,
    /// On a rerun, the envelope it runs again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun_of: Option<EnvelopeRef>,
    /// Warnings about it: keys given twice in the payload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Diagnostic>,
}

/// Something that was offered and not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Whence.
    pub origin: Origin,
    /// The envelope, when it was one (of another tenant).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Arc<EventEnvelope>>,
    /// Why; at least one.
    pub diagnostics: Vec<Diagnostic>,
    /// How many things it stands for: of very many that are no envelopes, the last are summed up.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: u64,
}

fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_one(count: &u64) -> bool {
    *count == 1
}

/// Who an envelope was offered to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// The envelope.
    pub arrival: u64,
    /// Operators whose trigger matched, in name order, each with that trigger.
    pub to: Vec<Route>,
    /// When none matched, the trigger that came nearest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Route>,
}

/// An operator and its trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The operator's name.
    pub operator: String,
    /// Its trigger glob.
    pub trigger: String,
}

/// What an operator made of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// The envelope.
    pub arrival: u64,
    /// `pl_…`, unique in the workspace.
    pub plan_id: String,
    /// Who proposed it.
    pub operator: String,
    /// Pack id@version, null outside a pack.
    pub operator_version: Option<String>,
    /// Digest of the code that ran.
    pub revision: String,
    /// The plan's text, exactly as proposed; null when there is none.
    pub plan: Option<Raw>,
    /// Why there is no plan: author code failed, or what it returned is not a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Diagnostic>,
    /// What it read on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Read>,
    /// What it reasoned with on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasoned: Vec<Reasoning>,
    /// What it logged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogLine>,
    /// How long author code took, in microseconds, without waiting for what it asked.
    pub micros: u64,
    /// Where the plan was written, relative to the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Of a plan that is not disposed of because its envelope ran again: what would be said of each action, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would: Vec<Would>,
}

/// What validation and the policy would say of an action that is not disposed of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Would {
    /// The capability, by its canonical name where it has one.
    pub tool: String,
    /// The entity.
    pub entity_key: String,
    /// The verdict it would have, as far as keys, limits and people leave it.
    pub verdict: Verdict,
}

impl Proposed {
    /// True when author code gave no plan.
    pub fn failed(&self) -> bool {
        self.failure.is_some() || self.plan.is_none()
    }

    /// True where something it asked for is not recorded, so that there could be no plan.
    pub fn missed(&self) -> bool {
        self.reads.iter().any(|read| read.missed) || self.reasoned.iter().any(|reasoning| reasoning.missed)
    }

    /// The plan in typed form; author code's numbers are floats.
    pub fn typed(&self) -> Option<ExecutionPlan> {
        ExecutionPlan::parse(self.plan.as_ref()?.as_str(), Digits::Float).ok()
    }
}

/// One inline read by an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The capability asked for.
    pub capability: String,
    /// The connector that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// What was asked.
    pub args: Raw,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Raw>,
    /// Why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// True where a recording answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recorded: bool,
    /// True where there was no answer because nothing of the kind is recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub missed: bool,
}

/// One line author code logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `debug`, `info`, `warn` or `error`.
    pub level: String,
    /// The text.
    pub text: String,
}

/// A key on its way to the handler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The envelope.
    pub arrival: u64,
    /// The action.
    pub action_id: String,
    /// The key.
    pub key: String,
    /// What the receipt will say if nothing more is ever heard: `failed`, `interrupted`.
    pub interrupted: Arc<Receipt>,
}

/// An action that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The envelope.
    pub arrival: u64,
    /// The action.
    pub action_id: String,
    /// The policy's word: ALERT, with its rule and reason.
    pub verdict: Verdict,
    /// Since when.
    pub since: String,
    /// What the receipt will say if nothing more is ever heard: BLOCK, `refused`. It tells the action, too.
    pub interrupted: Arc<Receipt>,
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The envelope.
    pub arrival: u64,
    /// The action.
    pub action_id: String,
    /// Who.
    pub who: String,
    /// False for a veto.
    pub approved: bool,
}

/// The end of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    /// The envelope.
    pub arrival: u64,
    /// What each stage saw and said, in order, up to the one that decided.
    pub stages: Vec<StageRecord>,
    /// What it met, where it ended before its lock; absent in journals of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<Met>,
    /// The receipt.
    // INVARIANT: the last member; the ledger takes its text from the line.
    pub receipt: Arc<Receipt>,
}

impl Disposed {
    /// True for an ALERT that acted without anybody's answer: it stands until somebody acknowledges it.
    pub fn raises(&self) -> bool {
        self.receipt.verdict.decision == Ruling::Alert
            && !self.stages.iter().any(|stage| matches!(stage, StageRecord::Hold { .. }))
    }

    /// What a policy that only watches would have decided otherwise, and why.
    pub fn shadow(&self) -> Option<(Decision, &str)> {
        self.stages.iter().rev().find_map(|stage| match stage {
            StageRecord::Shadow { decision, reason, .. } => Some((*decision, reason.as_str())),
            _ => None,
        })
    }
}

/// The last entry of a run that ended by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEnded {
    /// Envelopes accepted.
    pub envelopes: u64,
    /// Things refused.
    pub refused: u64,
    /// Envelopes no trigger matched.
    pub unrouted: u64,
    /// Plans proposed.
    pub plans: u64,
    /// Receipts written.
    pub receipts: u64,
}
