//! What plans come to: the executor driven as the dev kernel drives it, with answers from the record.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use super::Judge;
use crate::kernel::capability::Vocabulary;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Answer, Disposal, Next, Ticket, Turn, take_turns};
use crate::kernel::journal::{Claimed, Fact};
use crate::kernel::plan::ProposedAction;
use crate::kernel::receipt::{Handler, Outcome};
use crate::review::recorded::{Believed, Policy, Record, Recorded, more};

/// A plan whose actions are worked out one after another.
pub(super) struct Lane {
    pub(super) envelope: Arc<EventEnvelope>,
    pub(super) arrival: u64,
    pub(super) operator: String,
    pub(super) operator_version: Option<String>,
    pub(super) plan_id: String,
    /// Those that were not begun; none are known of a plan over a limit.
    pub(super) actions: Result<VecDeque<ProposedAction>, ()>,
    pub(super) open: Option<Open>,
}

/// An action in flight, and what the executor is to be answered.
pub(super) struct Open {
    disposal: Disposal,
    answer: Answer,
    at: String,
}

/// What one step of an action came to.
enum Step {
    On(Answer),
    Waits,
    Ended,
    /// A crash came here.
    Lost,
}

fn recorded<'j>(
    record: &'j Record<'j>,
    policy: &'j Policy,
    vocabulary: &'j Vocabulary,
    believed: &'j Believed,
) -> Recorded<'j> {
    Recorded { record, policy, vocabulary, believed }
}

impl Judge<'_> {
    /// Works out what the plans at hand come to.
    pub(super) fn work_out(&mut self) {
        let mut lanes = std::mem::take(&mut self.lanes);
        let ended: Result<(), Infallible> = take_turns(&mut lanes, |lane, in_vain| Ok(self.turn(lane, in_vain)));
        let Ok(()) = ended;
    }

    fn turn(&mut self, lane: &mut Lane, in_vain: bool) -> Turn {
        let Some(mut open) = lane.open.take().or_else(|| self.next_action(lane)) else { return Turn::Over };
        if in_vain {
            open.answer = Answer::WaitedTooLong;
        }
        let (answer, turn) = match self.step(&mut open) {
            Step::On(answer) => (answer, Turn::Moved),
            Step::Waits => (Answer::Go, Turn::Waits),
            Step::Ended => return Turn::Moved,
            Step::Lost => {
                self.out.unfinished += lane.actions.as_ref().map_or(0, |left| left.len() as u64);
                lane.actions = Ok(VecDeque::new());
                return Turn::Moved;
            }
        };
        lane.open = Some(Open { answer, ..open });
        turn
    }

    fn next_action(&mut self, lane: &mut Lane) -> Option<Open> {
        let proposed = match std::mem::replace(&mut lane.actions, Ok(VecDeque::new())) {
            Ok(mut actions) => {
                let next = actions.pop_front()?;
                lane.actions = Ok(actions);
                Some(next)
            }
            Err(()) => None,
        };
        let number = self.actions + 1;
        let action_id = format!("ac_{}_{number}", self.started.run);
        let Some(receipt) = self.records.get(action_id.as_str()).and_then(Record::receipt) else {
            let left = 1 + lane.actions.as_ref().map_or(0, |left| left.len() as u64);
            lane.actions = Ok(VecDeque::new());
            if self.crashed {
                self.out.unfinished += left;
            } else {
                self.differs("/fact", format!("before it, `{action_id}` of plan `{}` has no end", lane.plan_id));
            }
            return None;
        };
        self.actions = number;
        let ticket = Ticket {
            envelope: Arc::clone(&lane.envelope),
            arrival: lane.arrival,
            operator: lane.operator.clone(),
            operator_version: lane.operator_version.clone(),
            plan_id: lane.plan_id.clone(),
            action_id,
            receipt_id: format!("rc_{}_{number}", self.started.run),
            clock: self.clock.clone(),
        };
        let at = receipt.at.clone();
        let disposal = if let Some(proposed) = proposed {
            Disposal::new(ticket, proposed)
        } else {
            more(&self.believed.inputs);
            let reason = &receipt.verdict.reason;
            Disposal::of_invalid_plan(ticket, reason.strip_prefix("limit: ").unwrap_or(reason))
        };
        Some(Open { disposal, answer: Answer::Go, at })
    }

    /// Goes on with an action that waited for a person.
    pub(super) fn go_on(&mut self, disposal: Disposal, at: &str) {
        let answer = if let Some(answered) = self.answered.remove(disposal.action_id()) {
            Answer::Person { who: answered.who.clone(), approve: answered.approved }
        } else {
            let nothing = Record::default();
            let record = self.records.get(disposal.action_id()).unwrap_or(&nothing);
            let env = recorded(record, &self.policy, &self.vocabulary, &self.believed);
            if disposal.is_judged_otherwise(&env) { Answer::Go } else { Answer::Nobody }
        };
        let mut open = Open { disposal, answer, at: at.to_owned() };
        loop {
            match self.step(&mut open) {
                Step::On(answer) => open.answer = answer,
                Step::Waits => open.answer = Answer::WaitedTooLong,
                Step::Ended | Step::Lost => return,
            }
        }
    }

    fn step(&mut self, open: &mut Open) -> Step {
        let Open { disposal, answer, at } = open;
        let nothing = Record::default();
        let record = self.records.get(disposal.action_id()).unwrap_or(&nothing);
        let env = recorded(record, &self.policy, &self.vocabulary, &self.believed);
        let answer = std::mem::replace(answer, Answer::Go);
        match disposal.advance(&mut self.state, &env, answer, at) {
            Next::CheckInput { args, .. } => {
                let taken = record.receipt().map_or(args, |receipt| receipt.args.clone());
                Step::On(Answer::Input(record.input_fault().map_or(Ok(taken), |fault| Err(vec![fault]))))
            }
            Next::Claim { key } => {
                let ended = record.ended().map(|disposed| &disposed.receipt);
                if let Some(by) = ended
                    .filter(|receipt| receipt.outcome == Outcome::Deduplicated)
                    .and_then(|receipt| receipt.claimed_by.clone())
                {
                    more(&self.believed.lost);
                    return Step::On(Answer::AlreadyClaimed { by });
                }
                // Of a stub that has nobody beside it nothing need be written ahead.
                if record.claimed.is_some() || disposal.handler() != Handler::Stub {
                    let interrupted = Arc::new(disposal.interrupted(&env, at));
                    let action_id = interrupted.action_id.clone();
                    let arrival = disposal.arrival();
                    self.expected.push_back(Fact::Claimed(Claimed { arrival, action_id, key, interrupted }));
                }
                if ended.is_none() { Step::Lost } else { Step::On(Answer::Claimed) }
            }
            // A stub echoes its args. What a handler gave back is the world's to say.
            Next::Call { handler: Handler::Stub, args, .. } => Step::On(Answer::Handled(Ok(args))),
            Next::Call { args, .. } => {
                let receipt = record.receipt();
                let error = receipt.and_then(|receipt| receipt.error.clone());
                let result = receipt.and_then(|receipt| receipt.result.clone()).unwrap_or(args);
                Step::On(Answer::Handled(error.map_or(Ok(result), Err)))
            }
            Next::Hold => {
                self.expected.push_back(Fact::Held(disposal.held(&env, at)));
                self.held.push(disposal.clone());
                Step::Ended
            }
            Next::Wait { .. } => Step::Waits,
            Next::Ended => Step::Ended,
            Next::Done(finish) => {
                self.expected.push_back(Fact::Disposed(finish.disposed));
                Step::Ended
            }
        }
    }
}
