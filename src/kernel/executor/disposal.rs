//! One action on its way: the stages in their order.

use super::{Answer, Binding, ExecutorEnv, Next, State, Ticket, receipt_builder};
use crate::kernel::journal::{Disposed, Met, StageRecord, ValidWith};
use crate::kernel::json::Raw;
use crate::kernel::plan::{PlannedAction, ProposedAction};
use crate::kernel::policy::Gates;
use crate::kernel::receipt::{Decision, Handler, Outcome, Ruling, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Validate,
    Input,
    Hold,
    Lock,
    Claim,
    Handler,
    Receipt,
}

/// Why an action does not come as far as its input.
pub(super) struct NotAdmitted {
    pub(super) reason: String,
    valid_with: Option<ValidWith>,
}

/// One action on its way.
#[derive(Debug, Clone)]
pub struct Disposal {
    pub(super) ticket: Ticket,
    pub(super) action: PlannedAction,
    pub(super) malformed: Option<String>,
    /// What would let it pass validation.
    pub(super) valid_with: Option<ValidWith>,
    /// Why the plan is invalid as a whole, where it is over a limit; the action stands for all of it.
    pub(super) over_limit: Option<String>,
    pub(super) binding: Option<Binding>,
    pub(super) verdict: Verdict,
    pub(super) stage: Stage,
    pub(super) stages: Vec<StageRecord>,
    pub(super) waited_for: Option<String>,
    pub(super) gates: Gates,
    /// The arguments on whose values a lock is taken, with those values.
    pub(super) arguments: Vec<(String, String)>,
    /// When a person was asked.
    pub(super) held_since: Option<String>,
    /// When the key was claimed, for the limits.
    pub(super) claimed_at: Option<i64>,
}

impl Disposal {
    /// Takes an action in hand.
    pub fn new(ticket: Ticket, proposed: ProposedAction) -> Self {
        let (action, malformed) = match proposed.shape {
            Ok(action) => (action, None),
            Err(faults) => {
                let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
                (receipt_builder::salvage(&proposed.raw), Some(said.join("; ")))
            }
        };
        Self {
            ticket,
            action,
            malformed,
            valid_with: None,
            over_limit: None,
            binding: None,
            verdict: receipt_builder::invalid("not judged"),
            stage: Stage::Validate,
            stages: Vec::with_capacity(5),
            waited_for: None,
            gates: Gates::default(),
            arguments: Vec::new(),
            held_since: None,
            claimed_at: None,
        }
    }

    /// Takes a plan in hand that is over a limit: it ends in one BLOCK that says so, whatever its actions.
    pub fn of_invalid_plan(ticket: Ticket, reason: &str) -> Self {
        let nothing = ProposedAction { raw: Raw::null(), shape: Err(Vec::new()) };
        Self { malformed: None, over_limit: Some(reason.to_owned()), ..Self::new(ticket, nothing) }
    }

    /// The action in hand.
    pub fn action_id(&self) -> &str {
        &self.ticket.action_id
    }

    /// What will run: the stub, or the handler itself.
    pub fn handler(&self) -> Handler {
        self.binding.as_ref().map_or(Handler::Stub, |binding| binding.handler)
    }

    /// The receipt it will end in.
    pub fn receipt_id(&self) -> &str {
        &self.ticket.receipt_id
    }

    /// The envelope it answers, by its ordinal.
    pub fn arrival(&self) -> u64 {
        self.ticket.arrival
    }

    /// One atomic step. `at` is the time a receipt would carry (RFC 3339). An answer that does not belong to the
    /// present stage ends the disposal: in a BLOCK that holds no key while the handler has not been called, as a failed
    /// call from then on, because the effect may have happened.
    pub fn advance(&mut self, state: &mut State, env: &dyn ExecutorEnv, answer: Answer, at: &str) -> Next {
        let mut next = self.step(state, env, answer, at);
        if let Next::Done(finish) = &mut next {
            self.note_met(state, &mut finish.disposed);
        }
        next
    }

    /// Writes down who held what, of an action that never came to ask: a replay shows it without running anything.
    fn note_met(&self, state: &State, disposed: &mut Disposed) {
        if disposed.stages.iter().any(|stage| matches!(stage, StageRecord::Lock { .. })) {
            return;
        }
        disposed.met = Some(Met {
            holder: state.holder(&self.action.entity_key).map(str::to_owned),
            claimed_by: state.claimed_by(&self.action.idempotency_key),
        });
    }

    fn step(&mut self, state: &mut State, env: &dyn ExecutorEnv, answer: Answer, at: &str) -> Next {
        match (self.stage, answer) {
            (Stage::Validate, Answer::Go) => self.validate(env, at),
            (Stage::Input, Answer::Input(Ok(args))) => {
                self.action.args = args;
                self.validated(None);
                self.policy(state, env, at)
            }
            (Stage::Input, Answer::Input(Err(faults))) => {
                self.valid_with = Some(ValidWith::Args(self.action.tool.clone()));
                self.invalid(env, &faults.join("; "), at)
            }
            (Stage::Hold, Answer::Person { who, approve }) => self.answered(state, env, &who, approve, at),
            (Stage::Hold, Answer::Nobody) => self.unanswered(env, at),
            (Stage::Hold, Answer::Go) => self.judged_again(state, env, at),
            (Stage::Lock, Answer::Go) => self.lock(state, env, at),
            (Stage::Lock, Answer::WaitedTooLong) => self.waited_too_long(env, at),
            (Stage::Claim, Answer::Claimed) => self.call(),
            (Stage::Claim, Answer::AlreadyClaimed { by }) => self.lost(state, env, by, at),
            (Stage::Handler, Answer::Handled(result)) => self.handled(state, env, result, at),
            (Stage::Receipt, _) => Next::Ended,
            (Stage::Handler, _) => {
                self.handled(state, env, Err("the executor was answered out of turn".to_owned()), at)
            }
            (stage, _) => {
                self.give_back(state);
                self.invalid(env, &format!("the executor was answered out of turn at {stage:?}"), at)
            }
        }
    }

    fn validate(&mut self, env: &dyn ExecutorEnv, at: &str) -> Next {
        if let Some(reason) = self.over_limit.take() {
            self.validated(Some(format!("limit: {reason}")));
            self.verdict = receipt_builder::over_limit(&reason);
            return self.finish(env, Outcome::Refused, None, at);
        }
        if let Some(reason) = self.malformed.take() {
            return self.invalid(env, &reason, at);
        }
        match self.admit(env) {
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
            Err(NotAdmitted { reason, valid_with }) => {
                self.valid_with = valid_with;
                self.invalid(env, &reason, at)
            }
        }
    }

    /// Vocabulary, allow-list, binding.
    pub(super) fn admit(&mut self, env: &dyn ExecutorEnv) -> Result<Binding, NotAdmitted> {
        let refuse = |reason, valid_with| Err(NotAdmitted { reason, valid_with });
        let (operator, tool) = (&self.ticket.operator, &self.action.tool);
        let capability = match env.canonical(tool) {
            Ok(capability) => capability,
            Err(reason) => return refuse(reason, env.nearest_capability(tool).map(ValidWith::Tool)),
        };
        if !env.may_propose(operator, &capability) {
            let valid_with = ValidWith::Required { operator: operator.clone(), capability };
            return refuse(format!("`{tool}` is not in the `requires` of {operator}"), Some(valid_with));
        }
        let binding = match env.bind(&capability) {
            Ok(binding) => binding,
            Err(reason) => return refuse(reason, Some(ValidWith::Provider(capability))),
        };
        if !binding.side_effecting {
            let reason = format!("`{capability}` is a read: it is sensed, not planned");
            return refuse(reason, Some(ValidWith::Sensed(capability)));
        }
        if let Some(named) = &self.action.connector
            && *named != binding.connector
            && !env.is_own_pack(operator, named)
        {
            let reason = format!("`{capability}` is bound to `{}`, not to `{named}`", binding.connector);
            return refuse(reason, Some(ValidWith::Connector(binding.connector)));
        }
        self.action.connector = Some(binding.connector.clone());
        self.action.tool = capability;
        Ok(binding)
    }

    /// Lock and claim, where this disposal holds them.
    fn give_back(&mut self, state: &mut State) {
        if self.stage == Stage::Claim {
            self.release(state);
            state.locks.remove(&self.action.entity_key);
            self.unlock_arguments(state);
        }
    }

    fn validated(&mut self, reason: Option<String>) {
        self.stages.push(StageRecord::Validate {
            passed: reason.is_none(),
            connector: self.binding.as_ref().map(|binding| binding.connector.clone()),
            reason,
            valid_with: self.valid_with.take(),
            inexact_value: self.action.value.as_ref().is_some_and(|value| !value.exact),
        });
    }

    fn invalid(&mut self, env: &dyn ExecutorEnv, reason: &str, at: &str) -> Next {
        self.validated(Some(reason.to_owned()));
        self.verdict = receipt_builder::invalid(reason);
        self.finish(env, Outcome::Refused, None, at)
    }

    /// The policy's word, and what it leads to.
    pub(super) fn policy(&mut self, state: &mut State, env: &dyn ExecutorEnv, at: &str) -> Next {
        if let Some(end) = self.judge(state, env, at) {
            return end;
        }
        if self.asks_a_person(env) {
            return self.hold(env, at);
        }
        self.stage = Stage::Lock;
        self.lock(state, env, at)
    }

    /// What the policy says of the action now.
    pub(super) fn said_by(&self, env: &dyn ExecutorEnv) -> Verdict {
        env.judge(&self.ticket.operator, &self.action, self.handler(), &self.ticket.envelope)
    }

    /// The policy's word and the gates that need nobody; gives the end where it is one.
    pub(super) fn judge(&mut self, state: &State, env: &dyn ExecutorEnv, at: &str) -> Option<Next> {
        self.verdict = self.said_by(env);
        let decision = self.record_verdict();
        // It only watches: nothing that follows may depend on it.
        let shadow = env.shadow(&self.ticket.operator, &self.action, &self.ticket.envelope);
        if let Some(other) = shadow.filter(|other| decision_of(other) != decision) {
            let decision = decision_of(&other);
            self.stages.push(StageRecord::Shadow { decision, rule: other.rule, reason: other.reason });
        }
        if decision == Decision::Block {
            // INVARIANT: BLOCK ends here, before any key is claimed.
            return Some(self.finish(env, Outcome::Refused, None, at));
        }
        self.gates = env.gates(&self.ticket.operator, &self.action);
        self.over_limit(state, env, at).or_else(|| self.without_argument(env, at))
    }

    /// Writes the verdict down as a stage.
    pub(super) fn record_verdict(&mut self) -> Decision {
        let decision = decision_of(&self.verdict);
        self.stages.push(StageRecord::Policy {
            decision,
            rule: self.verdict.rule.clone(),
            reason: self.verdict.reason.clone(),
        });
        decision
    }

    pub(super) fn lock(&mut self, state: &mut State, env: &dyn ExecutorEnv, at: &str) -> Next {
        let entity_key = self.action.entity_key.clone();
        if let Some(holder) = state.holder(&entity_key).or_else(|| self.holder_of_argument(state)) {
            let holder = holder.to_owned();
            self.waited_for = Some(holder.clone());
            return Next::Wait { holder };
        }
        if let Some(end) = self.judged_after_waiting(env, at) {
            return end;
        }
        self.stages.push(StageRecord::Lock {
            entity_key: entity_key.clone(),
            waited_for: self.waited_for.take(),
            arguments: self.arguments.iter().map(|(argument, value)| format!("{argument}={value}")).collect(),
        });
        let key = self.action.idempotency_key.clone();
        if let Some(first) = state.claimed_by(&key) {
            return self.deduplicated(env, key, first, at);
        }
        // Others may have claimed since the limit was looked at.
        if let Some(end) = self.over_limit(state, env, at) {
            return end;
        }
        // INVARIANT: lock and claim are taken in the same step in which they were seen free, and the limit not reached.
        state.locks.insert(entity_key, self.ticket.action_id.clone());
        self.lock_arguments(state);
        state.claims.insert(&key, &self.ticket.receipt_id);
        let moment = self.moment(at);
        state.use_of(&self.ticket.operator, &self.action.tool, moment);
        self.claimed_at = Some(moment);
        self.stages.push(StageRecord::Dedup { key: key.clone(), claimed_by: None });
        self.stage = Stage::Claim;
        Next::Claim { key }
    }

    fn deduplicated(&mut self, env: &dyn ExecutorEnv, key: String, first: String, at: &str) -> Next {
        self.stages.push(StageRecord::Dedup { key, claimed_by: Some(first.clone()) });
        self.verdict.decision = Ruling::Dedup;
        self.verdict = self.verdict.clone().saying(format!("key first claimed by {first}"));
        self.finish(env, Outcome::Deduplicated, Some(first), at)
    }

    /// The claim was lost to somebody else's: what was taken in its step is given back, and the winner is known here too.
    fn lost(&mut self, state: &mut State, env: &dyn ExecutorEnv, by: String, at: &str) -> Next {
        self.give_back(state);
        self.stages.retain(|stage| !matches!(stage, StageRecord::Dedup { .. }));
        let key = self.action.idempotency_key.clone();
        state.claims.insert(&key, &by);
        self.deduplicated(env, key, by, at)
    }

    fn call(&mut self) -> Next {
        self.stage = Stage::Handler;
        let (handler, connector, tool_name) = self.binding.as_ref().map_or_else(
            || (Handler::Stub, String::new(), String::new()),
            |binding| (binding.handler, binding.connector.clone(), binding.tool_name.clone()),
        );
        Next::Call { handler, connector, tool_name, args: self.action.args.clone() }
    }

    fn handled(&mut self, state: &mut State, env: &dyn ExecutorEnv, result: Result<Raw, String>, at: &str) -> Next {
        let idempotent = self.binding.as_ref().is_some_and(|binding| binding.idempotent);
        let handler = self.handler();
        // A failed call may still have had its effect: only an idempotent tool's key is given back.
        let released = (result.is_err() && idempotent).then(|| self.action.idempotency_key.clone());
        if released.is_some() {
            self.release(state);
        }
        state.locks.remove(&self.action.entity_key);
        self.unlock_arguments(state);
        self.stages.push(StageRecord::Handler { handler, ok: result.is_ok(), claimed: released.is_none() });
        let outcome = if result.is_ok() { Outcome::Applied } else { Outcome::Failed };
        let mut receipt = self.receipt(env, outcome, at);
        receipt.handler = Some(handler);
        match result {
            Ok(result) => receipt.result = Some(result),
            Err(error) => receipt.error = Some(error),
        }
        self.done(receipt, released)
    }
}

/// What the policy alone said.
fn decision_of(verdict: &Verdict) -> Decision {
    match verdict.decision {
        Ruling::Allow => Decision::Allow,
        Ruling::Alert => Decision::Alert,
        Ruling::Block | Ruling::Dedup => Decision::Block,
    }
}
