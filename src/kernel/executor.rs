//! The executor as an explicit state machine (contract 5): validate → policy → single-flight → dedup → handler →
//! receipt, one [`Disposal`] per action over one shared [`State`].
//!
//! It performs nothing. [`Disposal::advance`] moves as far as pure state allows and returns what must be done next; the
//! driver does it and comes back with the [`Answer`]. Whatever the interleaving of disposals, each call to `advance`
//! is one atomic step on the state.

use std::sync::Arc;

use hashbrown::HashMap;

use super::envelope::EventEnvelope;
use super::journal::{Disposed, StageRecord};
use super::json::Raw;
use super::plan::{PlannedAction, ProposedAction};
use super::receipt::{Decision, Handler, Outcome, Ruling, Verdict};

mod receipting;
#[cfg(test)]
mod tests;

/// Locks and claims: all that disposals share.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Entity key → the action in flight on it.
    locks: HashMap<String, String>,
    /// Idempotency key → the receipt that claimed it.
    claims: HashMap<String, String>,
}

impl State {
    /// A state in which these keys are already used.
    pub fn with_claims(claims: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { locks: HashMap::new(), claims: claims.into_iter().collect() }
    }

    /// The receipt that claimed a key.
    pub fn claimed_by(&self, key: &str) -> Option<&str> {
        self.claims.get(key).map(String::as_str)
    }

    /// The action in flight on an entity.
    pub fn holder(&self, entity_key: &str) -> Option<&str> {
        self.locks.get(entity_key).map(String::as_str)
    }

    /// What a journalled disposition did to the keys: folding a journal's entries gives the state at any of them.
    pub fn apply(&mut self, disposed: &Disposed) {
        let receipt = &disposed.receipt;
        let key = &receipt.idempotency_key;
        for stage in &disposed.stages {
            match stage {
                StageRecord::Handler { claimed: true, .. } => {
                    self.claims.insert(key.clone(), receipt.id.clone());
                }
                StageRecord::Handler { claimed: false, .. } if self.claimed_by(key) == Some(receipt.id.as_str()) => {
                    self.claims.remove(key);
                }
                _ => {}
            }
        }
    }
}

/// The connector's tool an action was bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The connector.
    pub connector: String,
    /// The connector's own name for the tool.
    pub tool_name: String,
    /// False for a read, which may not be planned.
    pub side_effecting: bool,
    /// True when a failed call may be retried under the same key.
    pub idempotent: bool,
    /// What runs: the stub, or the handler itself.
    pub handler: Handler,
}

/// What the executor asks of the world it stands in. Answers must not change while a plan is disposed of.
pub trait Law {
    /// The canonical spelling of a capability, or why it is none.
    fn canonical(&self, capability: &str) -> Result<String, String>;
    /// True when the operator's `requires` lists the (canonical) capability.
    fn may_propose(&self, operator: &str, capability: &str) -> bool;
    /// The connector bound to a (canonical) capability, or why none is.
    fn bind(&self, capability: &str) -> Result<Binding, String>;
    /// The names under which an operator's own pack may be given as `connector`.
    fn is_own_pack(&self, operator: &str, connector: &str) -> bool;
    /// The trust policy's word on an operator's bound action.
    fn judge(&self, operator: &str, action: &PlannedAction, handler: Handler, envelope: &EventEnvelope) -> Verdict;
    /// The digest of the policy in force.
    fn policy_digest(&self) -> Option<String>;
}

/// Who proposed an action, in which plan, for which envelope, and the id its receipt will have.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// The envelope.
    pub envelope: Arc<EventEnvelope>,
    /// Its ordinal in the run.
    pub arrival: u64,
    /// The operator.
    pub operator: String,
    /// Pack id@version, null outside a pack.
    pub operator_version: Option<String>,
    /// The plan.
    pub plan_id: String,
    /// The action.
    pub action_id: String,
    /// The receipt to come.
    pub receipt_id: String,
}

/// What the driver must do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Check the args against the tool's input schema; answer [`Answer::Input`].
    CheckInput {
        /// The connector.
        connector: String,
        /// Its tool.
        tool_name: String,
        /// The args as proposed.
        args: Raw,
    },
    /// Another action is in flight on the entity; come back with [`Answer::Go`] when it has ended.
    Wait {
        /// The action that holds it.
        holder: String,
    },
    /// Write the claim durably, with [`Disposal::interrupted`]; answer [`Answer::Claimed`].
    Claim {
        /// The key.
        key: String,
    },
    /// Run the tool, or its stub; answer [`Answer::Handled`].
    Call {
        /// Which handler.
        handler: Handler,
        /// The connector.
        connector: String,
        /// Its tool.
        tool_name: String,
        /// The checked args.
        args: Raw,
    },
    /// The end: write the receipt.
    Done(Box<Finish>),
    /// It had ended before, and its receipt was given then.
    Ended,
}

/// A disposition that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    /// For the journal.
    pub disposed: Disposed,
    /// A key that is free again, because an idempotent tool failed.
    pub released: Option<String>,
}

/// What the driver found.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Start, or try again after a wait.
    Go,
    /// The args as the tool will see them, or what is wrong with them.
    Input(Result<Raw, Vec<String>>),
    /// The claim is durable.
    Claimed,
    /// What the handler gave back, or why it failed.
    Handled(Result<Raw, String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Validate,
    Input,
    Lock,
    Claim,
    Handler,
    Receipt,
}

/// One action on its way.
#[derive(Debug, Clone)]
pub struct Disposal {
    ticket: Ticket,
    action: PlannedAction,
    malformed: Option<String>,
    binding: Option<Binding>,
    verdict: Verdict,
    stage: Stage,
    stages: Vec<StageRecord>,
    waited_for: Option<String>,
}

impl Disposal {
    /// Takes an action in hand.
    pub fn new(ticket: Ticket, proposed: ProposedAction) -> Self {
        let (action, malformed) = match proposed.shape {
            Ok(action) => (action, None),
            Err(faults) => {
                let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
                (receipting::salvage(&proposed.raw), Some(said.join("; ")))
            }
        };
        Self {
            ticket,
            action,
            malformed,
            binding: None,
            verdict: receipting::invalid("not judged"),
            stage: Stage::Validate,
            stages: Vec::with_capacity(5),
            waited_for: None,
        }
    }

    /// One atomic step. `at` is the time a receipt would carry (RFC 3339). An answer that does not belong to the
    /// present stage ends the disposal: in a BLOCK that holds no key while the handler has not been called, as a failed
    /// call from then on, because the effect may have happened.
    pub fn advance(&mut self, state: &mut State, law: &dyn Law, answer: Answer, at: &str) -> Next {
        match (self.stage, answer) {
            (Stage::Validate, Answer::Go) => self.validate(law, at),
            (Stage::Input, Answer::Input(Ok(args))) => {
                self.action.args = args;
                self.validated(None);
                self.policy(state, law, at)
            }
            (Stage::Input, Answer::Input(Err(faults))) => self.invalid(law, &faults.join("; "), at),
            (Stage::Lock, Answer::Go) => self.lock(state, law, at),
            (Stage::Claim, Answer::Claimed) => self.call(),
            (Stage::Handler, Answer::Handled(result)) => self.handled(state, law, result, at),
            (Stage::Receipt, _) => Next::Ended,
            (Stage::Handler, _) => {
                self.handled(state, law, Err("the executor was answered out of turn".to_owned()), at)
            }
            (stage, _) => {
                self.give_back(state);
                self.invalid(law, &format!("the executor was answered out of turn at {stage:?}"), at)
            }
        }
    }

    fn validate(&mut self, law: &dyn Law, at: &str) -> Next {
        if let Some(reason) = self.malformed.take() {
            return self.invalid(law, &reason, at);
        }
        match self.admit(law) {
            Ok(binding) => {
                self.stage = Stage::Input;
                let next = Next::CheckInput {
                    connector: binding.connector.clone(),
                    tool_name: binding.tool_name.clone(),
                    args: self.action.args.clone(),
                };
                self.binding = Some(binding);
                next
            }
            Err(reason) => self.invalid(law, &reason, at),
        }
    }

    /// Vocabulary, allow-list, binding.
    fn admit(&mut self, law: &dyn Law) -> Result<Binding, String> {
        let operator = &self.ticket.operator;
        let capability = law.canonical(&self.action.tool)?;
        if !law.may_propose(operator, &capability) {
            return Err(format!("`{}` is not in the `requires` of {operator}", self.action.tool));
        }
        let binding = law.bind(&capability)?;
        if !binding.side_effecting {
            return Err(format!("`{capability}` is a read: it is sensed, not planned"));
        }
        if let Some(named) = &self.action.connector
            && *named != binding.connector
            && !law.is_own_pack(operator, named)
        {
            return Err(format!("`{capability}` is bound to `{}`, not to `{named}`", binding.connector));
        }
        self.action.connector = Some(binding.connector.clone());
        self.action.tool = capability;
        Ok(binding)
    }

    /// Lock and claim, where this disposal holds them.
    fn give_back(&self, state: &mut State) {
        if self.stage == Stage::Claim {
            state.locks.remove(&self.action.entity_key);
            state.claims.remove(&self.action.idempotency_key);
        }
    }

    fn validated(&mut self, reason: Option<String>) {
        self.stages.push(StageRecord::Validate {
            passed: reason.is_none(),
            connector: self.binding.as_ref().map(|binding| binding.connector.clone()),
            reason,
            inexact_value: self.action.value.as_ref().is_some_and(|value| !value.exact),
        });
    }

    fn invalid(&mut self, law: &dyn Law, reason: &str, at: &str) -> Next {
        self.validated(Some(reason.to_owned()));
        self.verdict = receipting::invalid(reason);
        self.finish(law, Outcome::Refused, None, at)
    }

    fn policy(&mut self, state: &mut State, law: &dyn Law, at: &str) -> Next {
        let handler = self.binding.as_ref().map_or(Handler::Stub, |binding| binding.handler);
        self.verdict = law.judge(&self.ticket.operator, &self.action, handler, &self.ticket.envelope);
        let decision = match self.verdict.decision {
            Ruling::Allow => Decision::Allow,
            Ruling::Alert => Decision::Alert,
            Ruling::Block | Ruling::Dedup => Decision::Block,
        };
        self.stages.push(StageRecord::Policy {
            decision,
            rule: self.verdict.rule.clone(),
            reason: self.verdict.reason.clone(),
        });
        if decision == Decision::Block {
            // INVARIANT: BLOCK ends here, before any key is claimed.
            return self.finish(law, Outcome::Refused, None, at);
        }
        self.stage = Stage::Lock;
        self.lock(state, law, at)
    }

    fn lock(&mut self, state: &mut State, law: &dyn Law, at: &str) -> Next {
        let entity_key = self.action.entity_key.clone();
        if let Some(holder) = state.holder(&entity_key) {
            let holder = holder.to_owned();
            self.waited_for = Some(holder.clone());
            return Next::Wait { holder };
        }
        self.stages.push(StageRecord::Lock { entity_key: entity_key.clone(), waited_for: self.waited_for.take() });
        let key = self.action.idempotency_key.clone();
        if let Some(first) = state.claimed_by(&key) {
            let first = first.to_owned();
            return self.deduplicated(law, key, first, at);
        }
        // INVARIANT: lock and claim are taken in the same step in which they were seen free.
        state.locks.insert(entity_key, self.ticket.action_id.clone());
        state.claims.insert(key.clone(), self.ticket.receipt_id.clone());
        self.stages.push(StageRecord::Dedup { key: key.clone(), claimed_by: None });
        self.stage = Stage::Claim;
        Next::Claim { key }
    }

    fn deduplicated(&mut self, law: &dyn Law, key: String, first: String, at: &str) -> Next {
        self.stages.push(StageRecord::Dedup { key, claimed_by: Some(first.clone()) });
        self.verdict.decision = Ruling::Dedup;
        self.verdict.reason = format!("key first claimed by {first}");
        self.finish(law, Outcome::Deduplicated, Some(first), at)
    }

    fn call(&mut self) -> Next {
        self.stage = Stage::Handler;
        let (handler, connector, tool_name) = self.binding.as_ref().map_or_else(
            || (Handler::Stub, String::new(), String::new()),
            |binding| (binding.handler, binding.connector.clone(), binding.tool_name.clone()),
        );
        Next::Call { handler, connector, tool_name, args: self.action.args.clone() }
    }

    fn handled(&mut self, state: &mut State, law: &dyn Law, result: Result<Raw, String>, at: &str) -> Next {
        let key = &self.action.idempotency_key;
        let idempotent = self.binding.as_ref().is_some_and(|binding| binding.idempotent);
        let handler = self.binding.as_ref().map_or(Handler::Stub, |binding| binding.handler);
        // A failed call may still have had its effect: only an idempotent tool's key is given back.
        let released = (result.is_err() && idempotent).then(|| key.clone());
        if released.is_some() {
            state.claims.remove(key);
        }
        state.locks.remove(&self.action.entity_key);
        self.stages.push(StageRecord::Handler { handler, ok: result.is_ok(), claimed: released.is_none() });
        let outcome = if result.is_ok() { Outcome::Applied } else { Outcome::Failed };
        let mut receipt = self.receipt(law, outcome, at);
        receipt.handler = Some(handler);
        match result {
            Ok(result) => receipt.result = Some(result),
            Err(error) => receipt.error = Some(error),
        }
        self.done(receipt, released)
    }
}
