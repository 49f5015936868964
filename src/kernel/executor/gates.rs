//! The gates that guardrail documents and the session set between policy and lock: limits, arguments that are locked,
//! and a person who is asked. An approval lets through what the policy raised, never what it blocks.

use std::sync::Arc;

use jiff::Timestamp;

use super::disposal::{Disposal, Stage};
use super::{ExecutorEnv, Next, State};
use crate::kernel::journal::{Held, StageRecord};
use crate::kernel::json::Value;
use crate::kernel::receipt::{Cause, Outcome, Receipt, Ruling, Verdict};

/// A time in milliseconds.
pub(super) fn milliseconds(at: &str) -> Option<i64> {
    at.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

fn written(moment: i64) -> String {
    Timestamp::from_millisecond(moment).map_or_else(|_| "never".to_owned(), |time| time.to_string())
}

impl Disposal {
    /// The time by which limits count.
    pub(super) fn moment(&self, at: &str) -> i64 {
        self.ticket.clock.as_deref().and_then(milliseconds).or_else(|| milliseconds(at)).unwrap_or(0)
    }

    /// The end of an action whose capability was used as often as one of its limits says.
    pub(super) fn over_limit(&mut self, state: &State, env: &dyn ExecutorEnv, at: &str) -> Option<Next> {
        if self.gates.limits.is_empty() {
            return None;
        }
        let moment = self.moment(at);
        self.stages.retain(|stage| !matches!(stage, StageRecord::Limit { .. }));
        for (rule, limit) in self.gates.limits.clone() {
            let (operator, tool) = (&self.ticket.operator, &self.action.tool);
            let window = state.window(operator, tool, limit, moment);
            let frees_at = window.frees_at.map(written);
            let reason = frees_at.as_ref().map(|frees_at| {
                format!("limit {limit}: {} {tool} by {operator} in that time, the next at {frees_at}", window.used)
            });
            self.stages.push(StageRecord::Limit { limit, used: window.used, rule: rule.clone(), frees_at });
            if let Some(reason) = reason {
                return Some(self.refuse(env, Verdict::blocked(Cause::Limit, Some(rule), reason), at));
            }
        }
        None
    }

    /// The end of an action that lacks an argument on whose value a lock is to be taken.
    pub(super) fn without_argument(&mut self, env: &dyn ExecutorEnv, at: &str) -> Option<Next> {
        self.arguments.clear();
        if self.gates.single_flight.is_empty() {
            return None;
        }
        let args = self.action.args.value();
        for argument in self.gates.single_flight.clone() {
            let Some(value) = args.get(&argument).filter(|value| **value != Value::Null) else {
                let reason = format!("single_flight: there is no argument `{argument}` to lock");
                let rule = self.verdict.rule.clone();
                return Some(self.refuse(env, Verdict::blocked(Cause::Lock, rule, reason), at));
            };
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.arguments.push((argument, value));
        }
        None
    }

    pub(super) fn holder_of_argument<'s>(&self, state: &'s State) -> Option<&'s str> {
        self.arguments.iter().find_map(|argument| state.arguments.get(argument).map(String::as_str))
    }

    pub(super) fn lock_arguments(&self, state: &mut State) {
        let locked = self.arguments.iter().map(|argument| (argument.clone(), self.ticket.action_id.clone()));
        state.arguments.extend(locked);
    }

    pub(super) fn unlock_arguments(&self, state: &mut State) {
        for argument in &self.arguments {
            state.arguments.remove(argument);
        }
    }

    /// The key is free again, and no longer counts.
    pub(super) fn release(&mut self, state: &mut State) {
        state.claims.remove(&self.action.idempotency_key);
        if let Some(moment) = self.claimed_at.take() {
            state.unuse(&self.ticket.operator, &self.action.tool, moment);
        }
    }

    pub(super) fn asks_a_person(&self, env: &dyn ExecutorEnv) -> bool {
        self.verdict.decision == Ruling::Alert && (self.gates.confirm || env.hold().alerts)
    }

    /// Puts the action aside until a person has answered; where nobody will, it is refused.
    pub(super) fn hold(&mut self, env: &dyn ExecutorEnv, at: &str) -> Next {
        if env.hold().attended {
            self.stage = Stage::Hold;
            self.held_since.get_or_insert_with(|| at.to_owned());
            return Next::Hold;
        }
        self.stages.push(StageRecord::Hold { since: None, who: None, approved: false });
        self.refuse(env, self.not_confirmed("nobody is there to confirm it"), at)
    }

    /// What is written down of an action that is put aside, with what its receipt says if nothing more is heard.
    pub fn held(&self, env: &dyn ExecutorEnv, at: &str) -> Held {
        let verdict = self.not_confirmed("interrupted before anyone answered");
        let interrupted = Receipt { verdict, ..self.receipt(env, Outcome::Refused, at) };
        Held {
            arrival: self.ticket.arrival,
            action_id: self.ticket.action_id.clone(),
            verdict: self.verdict.clone(),
            since: self.held_since.clone().unwrap_or_else(|| at.to_owned()),
            interrupted: Arc::new(interrupted),
        }
    }

    /// What the action would be judged as now; true when that is other than what a person was asked about.
    pub fn is_judged_otherwise(&self, env: &dyn ExecutorEnv) -> bool {
        self.said_by(env) != self.verdict || env.gates(&self.ticket.operator, &self.action) != self.gates
    }

    /// The policy is another one: what it says now counts. Only what it raises still waits.
    pub(super) fn judged_again(&mut self, state: &mut State, env: &dyn ExecutorEnv, at: &str) -> Next {
        if self.is_judged_otherwise(env) { self.policy(state, env, at) } else { Next::Hold }
    }

    /// A person has answered. Policy and limits are asked once more: an approval overrides neither.
    pub(super) fn answered(
        &mut self,
        state: &mut State,
        env: &dyn ExecutorEnv,
        who: &str,
        approve: bool,
        at: &str,
    ) -> Next {
        let since = self.held_since.clone();
        self.stages.push(StageRecord::Hold { since, who: Some(who.to_owned()), approved: approve });
        let note = format!("{} by {who} at {at}", if approve { "approved" } else { "vetoed" });
        if !approve {
            return self.refuse(env, self.not_confirmed(&note), at);
        }
        let ended =
            if self.is_judged_otherwise(env) { self.judge(state, env, at) } else { self.over_limit(state, env, at) };
        if let Some(end) = ended {
            return end;
        }
        self.verdict = self.verdict.clone().noted(&note);
        self.stage = Stage::Lock;
        self.lock(state, env, at)
    }

    /// Nobody will answer any more.
    pub(super) fn unanswered(&mut self, env: &dyn ExecutorEnv, at: &str) -> Next {
        let since = self.held_since.clone();
        self.stages.push(StageRecord::Hold { since, who: None, approved: false });
        self.refuse(env, self.not_confirmed("nobody answered before the session ended"), at)
    }

    /// The BLOCK of what was raised and not let through by a person.
    fn not_confirmed(&self, note: &str) -> Verdict {
        let Verdict { rule, reason, stale, .. } = self.verdict.clone().noted(note);
        Verdict { stale, ..Verdict::blocked(Cause::Person, rule, reason) }
    }

    /// The policy may be another one after a wait: it is asked again, and the stricter of both verdicts stands.
    pub(super) fn judged_after_waiting(&mut self, env: &dyn ExecutorEnv, at: &str) -> Option<Next> {
        self.waited_for.as_ref()?;
        let now = self.said_by(env);
        if strictness(now.decision) <= strictness(self.verdict.decision) {
            return None;
        }
        self.verdict = now;
        self.record_verdict();
        if self.verdict.decision == Ruling::Block {
            return Some(self.finish(env, Outcome::Refused, None, at));
        }
        self.gates = env.gates(&self.ticket.operator, &self.action);
        self.asks_a_person(env).then(|| self.hold(env, at))
    }

    /// The end of an action whose lock somebody else keeps.
    pub(super) fn waited_too_long(&mut self, env: &dyn ExecutorEnv, at: &str) -> Next {
        let holder = self.waited_for.clone().unwrap_or_default();
        let rule = self.verdict.rule.clone();
        self.refuse(env, Verdict::blocked(Cause::Lock, rule, format!("lock: held by {holder}")), at)
    }

    // INVARIANT: what a gate stops is BLOCK and refused, before any key is claimed.
    fn refuse(&mut self, env: &dyn ExecutorEnv, verdict: Verdict, at: &str) -> Next {
        self.verdict = verdict;
        self.finish(env, Outcome::Refused, None, at)
    }
}

fn strictness(ruling: Ruling) -> u8 {
    match ruling {
        Ruling::Allow => 0,
        Ruling::Alert => 1,
        Ruling::Block | Ruling::Dedup => 2,
    }
}
