//! What would have come of an action, had one thing been otherwise: asked of the executor itself, over the state that
//! was recorded. Whatever the executor asks for is answered here; nothing outside is touched, and no handler can run.

use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Answer, Binding, Disposal, ExecutorEnv, Hold, Next, State, Ticket, Use};
use crate::kernel::journal::{Disposed, StageRecord};
use crate::kernel::json::Raw;
use crate::kernel::plan::{PlannedAction, ProposedAction};
use crate::kernel::policy::{Gates, PolicySet, PredicateId, PredicateOutcome, Subject};
use crate::kernel::receipt::{Handler, Receipt, Verdict};

/// Steps after which an executor that asks on and on is stopped.
const MOST_STEPS: usize = 64;
/// Who holds what a fork says is held.
const HOLDER: &str = "another action";

/// What is otherwise.
#[derive(Debug, Clone)]
pub enum Fork {
    /// Another action is in flight on the entity, and does not end in time.
    LockHeld,
    /// The key was claimed before.
    KeyUsed,
    /// The key was new.
    KeyUnused,
    /// The handler fails.
    HandlerFails,
    /// Other rules judge; the name of their file goes with them.
    Policy(Arc<OtherPolicy>, Arc<str>),
}

/// Other rules, with what their predicates answer about the action at hand: they were asked beforehand.
#[derive(Debug, Clone)]
pub struct OtherPolicy {
    /// The rules.
    pub rules: Arc<PolicySet>,
    /// What was answered.
    pub answers: Vec<(PredicateId, PredicateOutcome)>,
}

impl OtherPolicy {
    fn judge(&self, operator: &str, action: &PlannedAction) -> Verdict {
        let mut said = |id: PredicateId| {
            let answer = self.answers.iter().find(|(asked, _)| *asked == id);
            answer.map_or(PredicateOutcome::NotAsked, |(_, answer)| answer.clone())
        };
        self.rules.of(operator).judge(&Subject::from(action), &mut said)
    }
}

impl Fork {
    /// What is otherwise, as a heading says it.
    pub fn name(&self) -> String {
        match self {
            Self::LockHeld => "if the lock was held".to_owned(),
            Self::KeyUsed => "if the key was used".to_owned(),
            Self::KeyUnused => "if the key was unused".to_owned(),
            Self::HandlerFails => "if the handler failed".to_owned(),
            Self::Policy(_, file) => format!("under {file}"),
        }
    }
}

/// What was recorded of an action.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The envelope it answers.
    pub envelope: &'a Arc<EventEnvelope>,
    /// How it was disposed of.
    pub disposed: &'a Disposed,
    /// The action as its plan has it; without it, as its receipt has it.
    pub proposed: Option<&'a ProposedAction>,
    /// The rules that judged, where they are known.
    pub policy: Option<&'a PolicySet>,
}

/// Why there is no other future.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unforked {
    /// It ended before what is otherwise could matter.
    #[error("the action did not pass validation, and what is otherwise comes after it")]
    Invalid,
    /// The executor asked on and on.
    #[error("the executor came to no end")]
    NoEnd,
}

/// What the executor makes of it, one thing being otherwise.
pub fn futures(recorded: Recorded<'_>, fork: &Fork) -> Result<Disposed, Unforked> {
    run(recorded, Some(fork))
}

/// What the executor makes of it as it was: what a fork is held against.
pub fn again(recorded: Recorded<'_>) -> Result<Disposed, Unforked> {
    run(recorded, None)
}

fn run(recorded: Recorded<'_>, fork: Option<&Fork>) -> Result<Disposed, Unforked> {
    let receipt = &*recorded.disposed.receipt;
    let stages = &recorded.disposed.stages;
    if stages.iter().any(|stage| matches!(stage, StageRecord::Validate { passed: false, .. })) {
        return Err(Unforked::Invalid);
    }
    let env = RecordedEnv::of(recorded, fork);
    let mut state = state_before(recorded, fork);
    let proposed = recorded.proposed.cloned().unwrap_or_else(|| as_received(receipt));
    let mut disposal = Disposal::new(ticket(recorded), proposed);
    let mut answer = Answer::Go;
    for _ in 0..MOST_STEPS {
        answer = match disposal.advance(&mut state, &env, answer, &receipt.at) {
            Next::CheckInput { .. } => Answer::Input(Ok(receipt.args.clone())),
            Next::Hold => match said_by_person(stages) {
                Some((who, approve)) => Answer::Person { who, approve },
                None => Answer::Nobody,
            },
            Next::Wait { .. } => Answer::WaitedTooLong,
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { args, .. } => Answer::Handled(handled(receipt, fork, args)),
            Next::Done(finish) => return Ok(finish.disposed),
            Next::Ended => return Err(Unforked::NoEnd),
        };
    }
    Err(Unforked::NoEnd)
}

/// Who answered, where a person was asked, and whether it was let through.
pub(super) fn said_by_person(stages: &[StageRecord]) -> Option<(String, bool)> {
    stages.iter().find_map(|stage| match stage {
        StageRecord::Hold { who: Some(who), approved, .. } => Some((who.clone(), *approved)),
        _ => None,
    })
}

/// What the handler gave when it ran; where it did not, what the stub would.
pub(super) fn handled(receipt: &Receipt, fork: Option<&Fork>, args: Raw) -> Result<Raw, String> {
    match (fork, &receipt.error, &receipt.result) {
        (Some(Fork::HandlerFails), ..) => Err("it fails in this fork".to_owned()),
        (None, Some(error), _) => Err(error.clone()),
        (_, _, Some(result)) => Ok(result.clone()),
        _ => Ok(args),
    }
}

/// Locks, keys and uses as the action met them, one of them otherwise.
fn state_before(recorded: Recorded<'_>, fork: Option<&Fork>) -> State {
    let Recorded { disposed, .. } = recorded;
    let receipt = &disposed.receipt;
    let claimed = disposed.stages.iter().find_map(|stage| match stage {
        StageRecord::Dedup { claimed_by, .. } => claimed_by.clone(),
        _ => None,
    });
    let claimed = claimed.or_else(|| disposed.met.as_ref()?.claimed_by.clone());
    let claimed = match fork {
        Some(Fork::KeyUsed) => claimed.or_else(|| Some("an earlier receipt".to_owned())),
        Some(Fork::KeyUnused) => None,
        _ => claimed,
    };
    let used = disposed.stages.iter().find_map(|stage| match stage {
        StageRecord::Limit { used, .. } => Some(*used),
        _ => None,
    });
    let each = || Use { operator: receipt.operator.clone(), tool: receipt.tool.clone(), at: receipt.at.clone() };
    // A window is full or not: more than a limit could count says nothing more.
    let uses = (0..used.unwrap_or(0).min(100_000)).map(|_| each());
    let state = State::with_claims(claimed.map(|by| (receipt.idempotency_key.clone(), by)));
    let state = state.with_uses(uses, &receipt.at);
    if matches!(fork, Some(Fork::LockHeld)) { state.locked_by(&receipt.entity_key, HOLDER) } else { state }
}

pub(super) fn as_received(receipt: &Receipt) -> ProposedAction {
    ProposedAction { raw: Raw::null(), shape: Ok(receipt.into()) }
}

pub(super) fn ticket(recorded: Recorded<'_>) -> Ticket {
    let receipt = &recorded.disposed.receipt;
    Ticket {
        envelope: Arc::clone(recorded.envelope),
        arrival: recorded.disposed.arrival,
        operator: receipt.operator.clone(),
        operator_version: receipt.operator_version.clone(),
        plan_id: receipt.plan_id.clone(),
        action_id: receipt.action_id.clone(),
        receipt_id: receipt.id.clone(),
        clock: None,
    }
}

/// The world as the action met it.
pub(super) struct RecordedEnv<'a> {
    recorded: Recorded<'a>,
    fork: Option<&'a Fork>,
    /// True where a failed call gives its key back.
    pub(super) idempotent: bool,
}

impl<'a> RecordedEnv<'a> {
    /// The world as it was recorded, one thing being otherwise.
    pub(super) fn of(recorded: Recorded<'a>, fork: Option<&'a Fork>) -> Self {
        // Whether its tool is idempotent is told by what became of its key, where it failed.
        let released = |stage: &StageRecord| matches!(stage, StageRecord::Handler { claimed: false, .. });
        Self { recorded, fork, idempotent: recorded.disposed.stages.iter().any(released) }
    }

    fn receipt(&self) -> &Receipt {
        &self.recorded.disposed.receipt
    }

    /// The rules that judge in this fork, where they are others.
    fn other_policy(&self) -> Option<&OtherPolicy> {
        match self.fork {
            Some(Fork::Policy(policy, _)) => Some(policy),
            _ => None,
        }
    }
}

impl ExecutorEnv for RecordedEnv<'_> {
    fn canonical(&self, _: &str) -> Result<String, String> {
        Ok(self.receipt().tool.clone())
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }

    fn bind(&self, _: &str) -> Result<Binding, String> {
        let receipt = self.receipt();
        Ok(Binding {
            connector: receipt.connector.clone().unwrap_or_default(),
            tool_name: receipt.tool_name.clone().unwrap_or_default(),
            side_effecting: true,
            idempotent: self.idempotent,
            handler: Handler::Stub,
        })
    }

    fn is_own_pack(&self, _: &str, _: &str) -> bool {
        true
    }

    fn judge(&self, operator: &str, action: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        if let Some(policy) = self.other_policy() {
            return policy.judge(operator, action);
        }
        let recorded = self.recorded.disposed.stages.iter().rev().find_map(|stage| match stage {
            StageRecord::Policy { decision, rule, reason } => {
                Some(Verdict::of_rules(*decision, rule.clone(), reason.clone()))
            }
            _ => None,
        });
        recorded.unwrap_or_else(|| self.receipt().verdict.clone())
    }

    fn gates(&self, operator: &str, action: &PlannedAction) -> Gates {
        let policy = self.other_policy().map(|other| &*other.rules).or(self.recorded.policy);
        policy.map(|policy| policy.of(operator).gates(&Subject::from(action))).unwrap_or_default()
    }

    fn hold(&self) -> Hold {
        let attended = self.recorded.disposed.stages.iter().any(|stage| matches!(stage, StageRecord::Hold { .. }));
        Hold { alerts: attended, attended }
    }

    fn policy_digest(&self) -> Option<String> {
        self.receipt().policy_digest.clone()
    }
}
