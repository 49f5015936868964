//! The plans at one moment: what the executor's state is, how far each lane is, and what came of the actions that have
//! ended. A lane is a plan, or an action of one that waits for a person while the rest of its plan goes on.

use std::rc::Rc;

use super::model::Model;
use crate::kernel::executor::{Answer, Canonical, Disposal, Next, State};
use crate::kernel::receipt::{Cause, Outcome, Ruling};

/// Who had a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claimer {
    /// A receipt of before.
    Earlier,
    /// An action of the plans, by its number.
    Action(usize),
}

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ending {
    /// The verdict.
    pub decision: Ruling,
    /// What decided.
    pub cause: Cause,
    /// What happened in the world.
    pub outcome: Outcome,
    /// Whose claim of the key came first, of a DEDUP.
    pub claimer: Option<Claimer>,
    /// True where its own claim of the key stands.
    pub keeps_key: bool,
}

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// Shape, allow-list and binding are right; its input is checked next.
    Admitted,
    /// Another action holds what it wants to lock.
    Waits {
        /// Which, by its id.
        holder: String,
    },
    /// It waits for a person.
    Held,
    /// It has lock and key.
    Claimed,
    /// Its handler runs.
    Called,
    /// It ended.
    Ended(Ending),
}

/// One step of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The lane that took it.
    pub lane: usize,
    /// The action, by its number.
    pub action: usize,
    /// What came of it.
    pub did: Did,
}

/// What must not happen and did, as it was seen from outside the executor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Breaches {
    /// An action was let through with a key whose claim stood.
    pub(super) key_twice: bool,
    /// One was let through while another was in flight on what it locks.
    pub(super) overlap: bool,
    /// One was let through though as many keys stood claimed as its limit lets.
    pub(super) over_limit: bool,
}

/// An action in the executor's hands.
#[derive(Debug, Clone)]
struct Open {
    action: usize,
    disposal: Disposal,
    answer: Answer,
    waits: bool,
}

/// A moment.
#[derive(Debug, Clone)]
pub(super) struct World {
    state: State,
    lanes: Vec<Option<Rc<Open>>>,
    /// Of each plan, the number of the action it begins next.
    next: Vec<usize>,
    pub(super) endings: Vec<Option<Ending>>,
    in_flight: Vec<usize>,
    pub(super) breaches: Breaches,
}

impl World {
    /// Before anything.
    pub(super) fn beginning(model: &Model<'_>) -> Self {
        let mut world = Self {
            state: model.before.clone(),
            lanes: vec![None; model.lanes],
            next: model.plans.iter().map(|(first, _)| *first).collect(),
            endings: vec![None; model.actions.len()],
            in_flight: Vec::new(),
            breaches: Breaches::default(),
        };
        for plan in 0..model.plans.len() {
            world.begin_next(model, plan);
        }
        world
    }

    /// Takes the next action of a plan in hand.
    fn begin_next(&mut self, model: &Model<'_>, plan: usize) {
        let (Some(next), Some((_, end))) = (self.next.get_mut(plan), model.plans.get(plan)) else { return };
        if *next < *end {
            let disposal = model.actions[*next].disposal.clone();
            self.lanes[plan] = Some(Rc::new(Open { action: *next, disposal, answer: Answer::Go, waits: false }));
            *next += 1;
        }
    }

    /// True where a lane has an action in hand.
    pub(super) fn is_open(&self, lane: usize) -> bool {
        self.lanes[lane].is_some()
    }

    /// True where the action of a lane is past its beginning: it waits for a lock, or holds one.
    pub(super) fn is_busy(&self, lane: usize) -> bool {
        let begun = |open: &Rc<Open>| open.waits || matches!(open.answer, Answer::Claimed | Answer::Handled(_));
        self.lanes[lane].as_ref().is_some_and(begun)
    }

    pub(super) fn waits(&self, lane: usize) -> bool {
        self.lanes[lane].as_ref().is_some_and(|open| open.waits)
    }

    /// Takes one step of a lane; `in_vain` where the lock it waits for will not be given back. Gives nothing, and
    /// changes nothing, where the lane has nothing in hand or goes on waiting.
    pub(super) fn advance(&mut self, model: &Model<'_>, lane: usize, in_vain: bool) -> Option<Move> {
        let mut open = Rc::unwrap_or_clone(self.lanes[lane].clone()?);
        let action = &model.actions[open.action];
        let answer = if in_vain { Answer::WaitedTooLong } else { std::mem::replace(&mut open.answer, Answer::Go) };
        let next = model.executor.advance(&mut open.disposal, &mut self.state, &*action.env, answer, &model.at);
        let waited = std::mem::replace(&mut open.waits, false);
        let number = open.action;
        let did = match next {
            Next::CheckInput { args, .. } => {
                open.answer = Answer::Input(action.input.clone().unwrap_or(Ok(args)));
                Did::Admitted
            }
            Next::Wait { .. } if waited => return None,
            Next::Wait { holder } => {
                open.waits = true;
                Did::Waits { holder }
            }
            Next::Hold => {
                open.answer = match &action.person {
                    Some((who, approve)) => Answer::Person { who: who.clone(), approve: *approve },
                    None => Answer::Nobody,
                };
                if let Some(beside) = model.held_lane[number] {
                    self.lanes[lane] = None;
                    self.lanes[beside] = Some(Rc::new(open));
                    self.begin_next(model, lane);
                    return Some(Move { lane, action: number, did: Did::Held });
                }
                Did::Held
            }
            Next::Claim { .. } => {
                self.claimed(model, &open);
                open.answer = Answer::Claimed;
                Did::Claimed
            }
            Next::Call { args, .. } => {
                open.answer = Answer::Handled(action.handled.clone().unwrap_or(Ok(args)));
                Did::Called
            }
            Next::Done(finish) => {
                let receipt = &finish.disposed.receipt;
                let ran = matches!(receipt.outcome, Outcome::Applied | Outcome::Failed);
                let claimer = receipt.claimed_by.as_ref();
                let ending = Ending {
                    decision: receipt.verdict.decision,
                    cause: receipt.verdict.cause,
                    outcome: receipt.outcome,
                    claimer: claimer.map(|id| model.of_receipt(id).map_or(Claimer::Earlier, Claimer::Action)),
                    keeps_key: ran && finish.released.is_none(),
                };
                self.in_flight.retain(|other| *other != number);
                self.endings[number] = Some(ending);
                self.lanes[lane] = None;
                self.begin_next(model, lane);
                return Some(Move { lane, action: number, did: Did::Ended(ending) });
            }
            Next::Ended => return None,
        };
        self.lanes[lane] = Some(Rc::new(open));
        Some(Move { lane, action: number, did })
    }

    /// Takes every step whose moment makes no difference.
    pub(super) fn settle(&mut self, model: &Model<'_>, moves: &mut Vec<Move>) {
        for lane in 0..self.lanes.len() {
            while let Some(open) = &self.lanes[lane] {
                let private = open.disposal.is_private(&open.answer) || model.is_alone[open.action];
                let taken = if private { self.advance(model, lane, false) } else { None };
                let Some(taken) = taken else { break };
                moves.push(taken);
            }
        }
    }

    /// A step of a lane that others can see, with those that follow from it.
    pub(super) fn step(&self, model: &Model<'_>, lane: usize, in_vain: bool) -> Option<(Self, Vec<Move>)> {
        self.lanes[lane].as_ref()?;
        let mut after = self.clone();
        let mut moves = vec![after.advance(model, lane, in_vain)?];
        after.settle(model, &mut moves);
        Some((after, moves))
    }

    /// What is seen from outside when an action is let through to its handler: from here on it is in flight.
    fn claimed(&mut self, model: &Model<'_>, open: &Open) {
        let own = &model.actions[open.action];
        let key = &own.planned.idempotency_key;
        let others = || self.in_flight.iter().copied();
        let entity = |other: usize| model.actions[other].planned.entity_key == own.planned.entity_key;
        let arguments = open.disposal.locked_arguments();
        let locks = |other: usize| {
            let open = self.lanes.iter().flatten().find(|open| open.action == other);
            open.is_some_and(|open| open.disposal.locked_arguments().iter().any(|locked| arguments.contains(locked)))
        };
        let stands = |other: usize| {
            others().any(|flying| flying == other) || self.endings[other].is_some_and(|ending| ending.keeps_key)
        };
        let same_key = |other: usize| model.actions[other].planned.idempotency_key == *key;
        let counted = |other: usize| {
            let planned = &model.actions[other].planned;
            planned.tool == own.planned.tool && model.operator(other) == model.operator(open.action)
        };
        let before = model.before.claimed_by(key).is_some();
        let used = (0..model.actions.len()).filter(|n| stands(*n) && counted(*n)).count();
        let limits = own.gates.limits.iter().zip(&own.used_before);
        let is_full = limits.map(|((_, limit), before)| (limit.max as usize, *before as usize + used));
        let all = 0..model.actions.len();
        self.breaches = Breaches {
            key_twice: self.breaches.key_twice || before || all.into_iter().any(|n| same_key(n) && stands(n)),
            overlap: self.breaches.overlap || others().any(|other| entity(other) || locks(other)),
            over_limit: self.breaches.over_limit || is_full.into_iter().any(|(max, used)| used >= max),
        };
        self.in_flight.push(open.action);
        self.in_flight.sort_unstable();
    }

    /// All that decides about what comes, and what has come: two moments that are written the same are the same.
    pub(super) fn write_canonical(&self, out: &mut Canonical) {
        self.state.write_canonical(out);
        for next in &self.next {
            out.number(*next);
        }
        for lane in &self.lanes {
            match lane {
                None => out.tag(0),
                Some(open) => {
                    out.tag(1);
                    out.number(open.action);
                    open.disposal.write_canonical(out);
                }
            }
        }
        for ending in &self.endings {
            write_ending(*ending, out);
        }
        out.number(self.in_flight.len());
        for action in &self.in_flight {
            out.number(*action);
        }
        let Breaches { key_twice, overlap, over_limit } = self.breaches;
        out.tag(u8::from(key_twice) | u8::from(overlap) << 1 | u8::from(over_limit) << 2);
    }
}

fn write_ending(ending: Option<Ending>, out: &mut Canonical) {
    let Some(Ending { decision, cause, outcome, claimer, keeps_key }) = ending else { return out.tag(0) };
    out.tag(1 + decision as u8);
    out.tag(cause as u8);
    out.tag(outcome as u8);
    out.tag(u8::from(keeps_key));
    match claimer {
        None => out.tag(0),
        Some(Claimer::Earlier) => out.tag(1),
        Some(Claimer::Action(number)) => {
            out.tag(2);
            out.number(number);
        }
    }
}
