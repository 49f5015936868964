//! What is scheduled: plans, with what the executor is answered about each of their actions.

use std::collections::BTreeSet;

use super::{MOST_ACTIONS, MOST_PLANS, Unexplored};
use crate::kernel::executor::{Answer, Disposal, ExecutorEnv, Next, State};
use crate::kernel::json::Raw;
use crate::kernel::plan::PlannedAction;
use crate::kernel::policy::Gates;

/// Lanes there can be: one a plan, and one for each action that waits for a person.
pub(super) const MOST_LANES: usize = 32;

/// Who takes the steps of actions. There is one; a test puts one with a defect in its place, and has to find it.
pub trait Executor {
    /// One atomic step.
    fn advance(
        &self,
        disposal: &mut Disposal,
        state: &mut State,
        env: &dyn ExecutorEnv,
        answer: Answer,
        at: &str,
    ) -> Next;
}

/// The kernel's executor.
#[derive(Debug, Clone, Copy, Default)]
pub struct KernelExecutor;

impl Executor for KernelExecutor {
    fn advance(
        &self,
        disposal: &mut Disposal,
        state: &mut State,
        env: &dyn ExecutorEnv,
        answer: Answer,
        at: &str,
    ) -> Next {
        disposal.advance(state, env, answer, at)
    }
}

/// An action, not begun, and the world it meets.
pub struct ModelAction<'a> {
    /// The action in the executor's hands.
    pub disposal: Disposal,
    /// What it proposes.
    pub planned: PlannedAction,
    /// The receipt it will end in: what later actions name it by.
    pub receipt_id: String,
    /// What the executor asks of the world.
    pub env: Box<dyn ExecutorEnv + 'a>,
    /// What its connector says of its args; nothing takes them as they are.
    pub input: Option<Result<Raw, Vec<String>>>,
    /// What its handler gives; nothing echoes its args.
    pub handled: Option<Result<Raw, String>>,
    /// What a person says, where one is asked and answers: who, and whether it goes on.
    pub person: Option<(String, bool)>,
    /// The gates that its rules set.
    pub gates: Gates,
    /// Keys that counted for each of its limits before.
    pub used_before: Vec<u32>,
}

/// A plan.
pub struct ModelPlan<'a> {
    /// Who proposed it.
    pub operator: String,
    /// Its actions, in order.
    pub actions: Vec<ModelAction<'a>>,
}

/// Plans side by side.
pub struct Model<'a> {
    /// The actions of all plans, plan by plan.
    pub(super) actions: Vec<ModelAction<'a>>,
    /// Who proposed each plan.
    operators: Vec<String>,
    /// Of each plan, the number of its first action, and of the one after its last.
    pub(super) plans: Vec<(usize, usize)>,
    /// Of each action, its plan.
    pub(super) plan_of: Vec<usize>,
    /// Of each action that a person answers, the lane it goes on in.
    pub(super) held_lane: Vec<Option<usize>>,
    /// Of each action, whether it shares nothing with another plan's.
    pub(super) is_alone: Vec<bool>,
    /// Lanes there are.
    pub(super) lanes: usize,
    /// Locks, keys and uses before.
    pub(super) before: State,
    /// The moment at which all of it happens, RFC 3339.
    pub(super) at: String,
    pub(super) executor: &'a dyn Executor,
}

impl<'a> Model<'a> {
    /// Plans side by side at a moment, over locks, keys and uses that are there.
    pub fn new(
        plans: Vec<ModelPlan<'a>>,
        before: State,
        at: impl Into<String>,
        executor: &'a dyn Executor,
    ) -> Result<Self, Unexplored> {
        if plans.len() > MOST_PLANS {
            return Err(Unexplored::choice(format!("{} plans are too many: at most {MOST_PLANS}", plans.len())));
        }
        let (mut actions, mut ranges, mut plan_of) = (Vec::new(), Vec::new(), Vec::new());
        let mut operators = Vec::new();
        for (number, plan) in plans.into_iter().enumerate() {
            let first = actions.len();
            operators.push(plan.operator);
            for action in plan.actions {
                plan_of.push(number);
                actions.push(action);
            }
            ranges.push((first, actions.len()));
        }
        if actions.len() > MOST_ACTIONS {
            let many = format!("the plans have {} actions: at most {MOST_ACTIONS}", actions.len());
            return Err(Unexplored::choice(many).help("choose plans with fewer actions, or fewer plans"));
        }
        let mut lanes = ranges.len();
        let held_lane: Vec<_> = actions
            .iter()
            .map(|action| {
                action.person.as_ref()?;
                lanes += 1;
                Some(lanes - 1)
            })
            .collect();
        if lanes > MOST_LANES {
            return Err(Unexplored::choice("too many of their actions wait for a person"));
        }
        let shared = shared(&actions, |action| &operators[plan_of[action]]);
        let is_alone = (0..actions.len())
            .map(|one| {
                let others = (0..actions.len()).filter(|other| *other != one && plan_of[*other] != plan_of[one]);
                // Beside a person's answer, the rest of an action's own plan goes on too.
                let own =
                    (0..actions.len()).filter(|other| *other != one && held_lane[*other].or(held_lane[one]).is_some());
                others.chain(own).all(|other| shared[one].is_disjoint(&shared[other]))
            })
            .collect();
        let at = at.into();
        Ok(Self { actions, operators, plans: ranges, plan_of, held_lane, is_alone, lanes, before, at, executor })
    }

    /// Who proposed an action.
    pub(super) fn operator(&self, action: usize) -> &str {
        &self.operators[self.plan_of[action]]
    }

    /// The action that a receipt is of.
    pub(super) fn of_receipt(&self, id: &str) -> Option<usize> {
        self.actions.iter().position(|action| action.receipt_id == id)
    }
}

/// What actions of several plans can meet on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Entity(String),
    Key(String),
    /// An argument that is locked, whatever its value.
    Argument(String),
    /// A capability that is counted for its operator.
    Uses(String, String),
}

/// What each action could meet others on.
fn shared<'m>(actions: &[ModelAction<'_>], operator: impl Fn(usize) -> &'m String) -> Vec<BTreeSet<Shared>> {
    let uses = |number: usize| Shared::Uses(operator(number).clone(), actions[number].planned.tool.clone());
    let is_limited = |number: &usize| !actions[*number].gates.limits.is_empty();
    let limited: BTreeSet<_> = (0..actions.len()).filter(is_limited).map(uses).collect();
    let of = |(number, action): (usize, &ModelAction<'_>)| {
        let PlannedAction { entity_key, idempotency_key, .. } = &action.planned;
        let own = [Shared::Entity(entity_key.clone()), Shared::Key(idempotency_key.clone())];
        let counted = Some(uses(number)).filter(|uses| limited.contains(uses));
        own.into_iter().chain(action.gates.single_flight.iter().cloned().map(Shared::Argument)).chain(counted).collect()
    };
    actions.iter().enumerate().map(of).collect()
}
