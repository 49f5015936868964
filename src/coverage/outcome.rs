//! What came of an envelope in a run, in as much as cells and lists of fixtures ask: where it was routed, which plans
//! there were, and how each action was disposed of.

use std::collections::HashMap;

use serde::Serialize;

use crate::impact::Action;
use crate::kernel::journal::{Entry, Fact, Received, Refused};
use crate::kernel::plan::Amount;
use crate::kernel::receipt::{Cause, Outcome, Receipt, Ruling};
use crate::workspace::recordings::digest;

/// What came of an envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EnvelopeOutcome {
    /// The run.
    pub run: u32,
    /// Its ordinal there; 0 where it was refused.
    pub arrival: u64,
    /// Why it was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The operators it was offered to.
    pub routed: Vec<String>,
    /// What they proposed.
    pub plans: Vec<PlanOutcome>,
    /// What was disposed of, in the order of the journal.
    pub actions: Vec<ActionOutcome>,
}

/// A plan, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanOutcome {
    /// Who proposed it.
    pub operator: String,
    /// Digest of the code that ran.
    pub revision: String,
    /// How many actions it has; none at all is a refusal.
    pub actions: usize,
    /// Why there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// An action that was disposed of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionOutcome {
    /// Who proposed it.
    pub operator: String,
    /// The connector it was bound to.
    pub connector: Option<String>,
    /// The capability.
    pub tool: String,
    /// The amount.
    pub value: Option<Amount>,
    /// What it came to.
    pub decision: Ruling,
    /// Why, in one sentence.
    pub reason: String,
    /// The same as a value.
    #[serde(skip)]
    pub cause: Cause,
    /// What became of it.
    pub outcome: Outcome,
    /// The entity.
    #[serde(skip)]
    pub entity_key: String,
    /// The key.
    #[serde(skip)]
    pub idempotency_key: String,
    /// The receipt.
    pub receipt: String,
    /// Digest of the policy that judged.
    #[serde(skip)]
    pub policy: Option<String>,
}

impl ActionOutcome {
    fn of(receipt: &Receipt) -> Self {
        Self {
            operator: receipt.operator.clone(),
            connector: receipt.connector.clone(),
            tool: receipt.tool.clone(),
            value: receipt.value.clone(),
            decision: receipt.verdict.decision,
            reason: receipt.verdict.reason.clone(),
            cause: receipt.verdict.cause,
            outcome: receipt.outcome,
            entity_key: receipt.entity_key.clone(),
            idempotency_key: receipt.idempotency_key.clone(),
            receipt: receipt.id.clone(),
            policy: receipt.policy_digest.clone(),
        }
    }

    /// True where the policy was asked: not of what fails validation.
    pub fn was_judged(&self) -> bool {
        self.cause != Cause::Validate
    }

    /// The action as a corpus of recorded actions takes it.
    pub fn action<'a>(&'a self, value: Option<&'a Amount>) -> Action<'a> {
        Action {
            operator: Some(&self.operator),
            connector: self.connector.as_deref(),
            tool: &self.tool,
            value,
            entity_key: Some(&self.entity_key),
            idempotency_key: Some(&self.idempotency_key),
        }
    }

    /// The amount as a policy sees it: a number of author code, which may have lost digits.
    pub fn amount(&self) -> Option<Amount> {
        self.value.clone().map(|amount| Amount::float(amount.number))
    }

    /// `order.refund 250 BLOCK`.
    pub fn told(&self) -> String {
        let value = self.value.as_ref().map(|value| format!(" {}", value.number)).unwrap_or_default();
        format!("{}{value} {}", self.tool, self.decision.word())
    }
}

impl EnvelopeOutcome {
    /// True where an operator was asked and refused: it proposed an empty plan.
    pub fn refuses(&self, operator: &str) -> bool {
        let empty = |plan: &&PlanOutcome| plan.operator == operator && plan.failure.is_none() && plan.actions == 0;
        self.plans.iter().any(|plan| empty(&plan))
    }

    /// What came of it for an operator, in a few words.
    pub fn told(&self, operator: Option<&str>) -> String {
        if let Some(why) = &self.refused {
            return format!("refused: {why}");
        }
        let is_of = |name: &str| operator.is_none_or(|operator| operator == name);
        let plans: Vec<_> = self.plans.iter().filter(|plan| is_of(&plan.operator)).collect();
        if let Some(failure) = plans.iter().find_map(|plan| plan.failure.as_ref()) {
            return format!("no plan: {failure}");
        }
        let actions: Vec<_> = self.actions.iter().filter(|action| is_of(&action.operator)).collect();
        match (plans.is_empty(), actions.is_empty()) {
            (true, _) => "not offered to an operator".to_owned(),
            (false, true) => "a refusal".to_owned(),
            (false, false) => actions.iter().map(|action| action.told()).collect::<Vec<_>>().join(", "),
        }
    }
}

/// An envelope as a run saw it: the fixture it came from, and what came of it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The fixture file.
    pub file: Option<String>,
    /// Its digest, and which of those alike in its file it is.
    pub key: (String, u32),
    /// What came of it.
    pub outcome: EnvelopeOutcome,
}

/// A run's envelopes while its entries are read. Of a file that is played twice only the first time counts: the second
/// says what shared keys do.
#[derive(Debug, Default)]
pub struct Seeing {
    run: u32,
    /// What was seen, in order.
    pub seen: Vec<Seen>,
    by_arrival: HashMap<u64, usize>,
    files: HashMap<Option<String>, Pass>,
    last_file: Option<String>,
}

/// How far a file was read, and which envelopes were alike in it.
#[derive(Debug, Default)]
struct Pass {
    line: u32,
    digest: String,
    again: bool,
    alike: HashMap<String, u32>,
}

impl Seeing {
    /// Of that run.
    pub fn of(run: u32) -> Self {
        Self { run, ..Self::default() }
    }

    /// Takes an entry in.
    pub fn take(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Received(received) if received.rerun_of.is_none() => self.received(received),
            Fact::Refused(refused) => self.refused(refused),
            Fact::Routed(routed) => {
                if let Some(outcome) = self.outcome(routed.arrival) {
                    outcome.routed = routed.to.iter().map(|route| route.operator.clone()).collect();
                }
            }
            Fact::Proposed(proposed) => {
                let plan = PlanOutcome {
                    operator: proposed.operator.clone(),
                    revision: proposed.revision.clone(),
                    actions: proposed.typed().map_or(0, |plan| plan.actions.len()),
                    failure: proposed.failure.as_ref().map(|failure| failure.message.clone()),
                };
                if let Some(outcome) = self.outcome(proposed.arrival) {
                    outcome.plans.push(plan);
                }
            }
            Fact::Disposed(disposed) => {
                if let Some(outcome) = self.outcome(disposed.arrival) {
                    outcome.actions.push(ActionOutcome::of(&disposed.receipt));
                }
            }
            _ => {}
        }
    }

    fn outcome(&mut self, arrival: u64) -> Option<&mut EnvelopeOutcome> {
        let at = self.by_arrival.get(&arrival)?;
        self.seen.get_mut(*at).map(|seen| &mut seen.outcome)
    }

    fn received(&mut self, received: &Received) {
        let (file, line) = (received.origin.file.clone(), received.origin.line.unwrap_or(0));
        let Some(key) = self.key(file.as_ref(), line, digest(&received.envelope)) else { return };
        self.by_arrival.insert(received.arrival, self.seen.len());
        let outcome = EnvelopeOutcome { run: self.run, arrival: received.arrival, ..EnvelopeOutcome::default() };
        self.seen.push(Seen { file, key, outcome });
    }

    fn refused(&mut self, refused: &Refused) {
        let Some(envelope) = &refused.envelope else { return };
        let (file, line) = (refused.origin.file.clone(), refused.origin.line.unwrap_or(0));
        let Some(key) = self.key(file.as_ref(), line, digest(envelope)) else { return };
        let why = refused.diagnostics.first().map(|fault| fault.message.clone());
        let outcome = EnvelopeOutcome { run: self.run, refused: why, ..EnvelopeOutcome::default() };
        self.seen.push(Seen { file, key, outcome });
    }

    /// By what an envelope is known in its file; none where the file is read once more.
    fn key(&mut self, file: Option<&String>, line: u32, digest: String) -> Option<(String, u32)> {
        let comes_back = self.last_file.as_ref() != file && self.files.contains_key(&file.cloned());
        self.last_file = file.cloned();
        let pass = self.files.entry(file.cloned()).or_default();
        pass.again |= comes_back || line < pass.line || (line == pass.line && line > 0 && digest == pass.digest);
        (pass.line, pass.digest) = (line, digest.clone());
        if pass.again {
            return None;
        }
        let occurrence = pass.alike.entry(digest.clone()).or_default();
        *occurrence += 1;
        Some((digest, *occurrence))
    }
}
