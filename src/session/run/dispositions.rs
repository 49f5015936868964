//! Driving dispositions: the plans of an envelope side by side, the actions of one plan one after another (contract 5).
//! The executor says what is to be done next; here it is done and answered.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Run, check_input};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Answer, Disposal, Next, Ticket, Turn, take_turns};
use crate::kernel::journal::{Claimed, Fact, RunKind};
use crate::kernel::plan::{ExecutionPlan, ProposedAction};
use crate::kernel::receipt::Handler;
use crate::session::clock;
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;
use crate::session::keys::Claiming;

/// What one operator proposed for an envelope, on its way through the executor.
#[derive(Debug)]
pub struct PlanInHand {
    /// Who proposed it.
    pub operator: String,
    /// The pack's id and version it comes from, where it comes from one.
    pub operator_version: Option<String>,
    /// Its id in the run.
    pub plan_id: String,
    /// Its actions that were not begun; a plan that is invalid as a whole has the reason instead.
    pub actions: Result<VecDeque<ProposedAction>, String>,
}

impl PlanInHand {
    /// A plan whose actions are to be disposed of.
    pub fn of(operator: &str, plan_id: String, plan: ExecutionPlan) -> Self {
        Self { operator: operator.to_owned(), operator_version: None, plan_id, actions: Ok(plan.actions.into()) }
    }

    /// A plan that is invalid as a whole: one BLOCK says why.
    pub fn invalid(operator: &str, plan_id: String, reason: String) -> Self {
        Self { operator: operator.to_owned(), operator_version: None, plan_id, actions: Err(reason) }
    }
}

/// A plan and its action in flight.
struct Lane {
    plan: PlanInHand,
    open: Option<Open>,
}

/// An action in flight, and what the executor is to be answered.
struct Open {
    disposal: Disposal,
    answer: Answer,
    at: String,
}

/// What one step of an action came to.
enum Step {
    /// The answer for the next.
    On(Answer),
    /// Another action holds the lock.
    Waits,
    /// It ended, or stands aside until a person has answered.
    Ended,
}

impl Run {
    /// Disposes of an envelope's plans. A refused or failed action does not stop the rest of its plan.
    pub fn dispose(
        &mut self,
        kernel: &mut DevKernel,
        arrival: u64,
        envelope: &Arc<EventEnvelope>,
        plans: Vec<PlanInHand>,
    ) -> Result<(), Error> {
        for plan in &plans {
            if let Ok(actions) = &plan.actions {
                kernel.ask_predicates_ahead(&plan.operator, actions, envelope);
            }
        }
        self.takes_turns = plans.len() > 1;
        let mut lanes: Vec<Lane> = plans.into_iter().map(|plan| Lane { plan, open: None }).collect();
        take_turns(&mut lanes, |lane, in_vain| {
            let next = lane.open.take().or_else(|| self.next_action(&mut lane.plan, arrival, envelope));
            let Some(mut open) = next else { return Ok(Turn::Over) };
            if in_vain {
                open.answer = Answer::WaitedTooLong;
            }
            let (answer, turn) = match self.step(kernel, &mut open)? {
                Step::On(answer) => (answer, Turn::Moved),
                Step::Waits => (Answer::Go, Turn::Waits),
                Step::Ended => return Ok(Turn::Moved),
            };
            lane.open = Some(Open { answer, ..open });
            Ok(turn)
        })
    }

    /// The next action of a plan.
    fn next_action(&mut self, plan: &mut PlanInHand, arrival: u64, envelope: &Arc<EventEnvelope>) -> Option<Open> {
        let proposed = match std::mem::replace(&mut plan.actions, Ok(VecDeque::new())) {
            Ok(mut actions) => {
                let next = actions.pop_front()?;
                plan.actions = Ok(actions);
                Ok(next)
            }
            Err(reason) => Err(reason),
        };
        let ticket = self.ticket(arrival, envelope, plan);
        let disposal = match proposed {
            Ok(proposed) => Disposal::new(ticket, proposed),
            Err(reason) => Disposal::of_invalid_plan(ticket, &reason),
        };
        Some(Open { disposal, answer: Answer::Go, at: clock::now() })
    }

    /// Drives one action that has nobody beside it.
    pub(super) fn drive(&mut self, kernel: &mut DevKernel, disposal: Disposal, answer: Answer) -> Result<(), Error> {
        self.takes_turns = false;
        let mut open = Open { disposal, answer, at: clock::now() };
        loop {
            match self.step(kernel, &mut open)? {
                Step::On(answer) => open.answer = answer,
                Step::Waits => open.answer = Answer::WaitedTooLong,
                Step::Ended => return Ok(()),
            }
        }
    }

    fn step(&mut self, kernel: &mut DevKernel, open: &mut Open) -> Result<Step, Error> {
        let Open { disposal, answer, at } = open;
        let answer = std::mem::replace(answer, Answer::Go);
        match disposal.advance(&mut self.state, kernel, answer, at) {
            Next::CheckInput { connector, tool_name, args } => {
                Ok(Step::On(Answer::Input(check_input(kernel, &connector, &tool_name, &args))))
            }
            Next::Claim { key } => {
                // The others first: what they know is durable already, and what is claimed here may be lost to them.
                if let Claiming::Taken { by } = self.keys.claim(&key, disposal.receipt_id())? {
                    return Ok(Step::On(Answer::AlreadyClaimed { by }));
                }
                self.claim(kernel, disposal, key, at)?;
                Ok(Step::On(Answer::Claimed))
            }
            // A stub echoes its args; it needs no host, and a real handler no version of this one has.
            Next::Call { args, .. } => Ok(Step::On(Answer::Handled(Ok(args)))),
            // It stands aside: the rest of its plan goes on, as after a refusal.
            Next::Hold => {
                self.note(Fact::Held(disposal.held(kernel, at)))?;
                self.held.push(disposal.clone());
                Ok(Step::Ended)
            }
            Next::Wait { .. } => Ok(Step::Waits),
            Next::Ended => Ok(Step::Ended),
            Next::Done(finish) => {
                let receipt = Arc::clone(&finish.disposed.receipt);
                self.ledger.append(at.clone(), Fact::Disposed(finish.disposed))?;
                if let Some(key) = finish.released {
                    self.keys.give_back(&key, &receipt.id)?;
                }
                Ok(Step::Ended)
            }
        }
    }

    fn claim(&mut self, kernel: &DevKernel, disposal: &Disposal, key: String, at: &str) -> Result<(), Error> {
        // INVARIANT: a claim is on disk before its handler runs. A stub does nothing that a crash could leave behind, and
        // its receipt, which says that the key is claimed, follows at once: in the same group, which is whole or not there.
        // Where plans take turns, the claim of another may end a group in between, with a DEDUP in it that names this one.
        let real = disposal.handler() != Handler::Stub;
        let ahead = real || self.takes_turns && self.setup.ledger.persistent_keys;
        if !ahead {
            return Ok(());
        }
        let interrupted = Arc::new(disposal.interrupted(kernel, at));
        let action_id = interrupted.action_id.clone();
        self.note(Fact::Claimed(Claimed { arrival: disposal.arrival(), action_id, key, interrupted }))?;
        if real { self.ledger.make_durable() } else { Ok(()) }
    }

    /// The next action's, and its receipt's.
    fn ticket(&mut self, arrival: u64, envelope: &Arc<EventEnvelope>, plan: &PlanInHand) -> Ticket {
        self.actions += 1;
        self.counts.receipts += 1;
        Ticket {
            envelope: Arc::clone(envelope),
            arrival,
            operator: plan.operator.clone(),
            operator_version: plan.operator_version.clone(),
            plan_id: plan.plan_id.clone(),
            action_id: format!("ac_{}_{}", self.number(), self.actions),
            receipt_id: format!("rc_{}_{}", self.number(), self.counts.receipts),
            clock: (self.setup.kind != RunKind::Live).then(|| self.setup.now.clone()),
        }
    }
}
