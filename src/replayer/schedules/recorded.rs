//! Plans of a recorded run as a model: what the executor was answered then, it is answered again.
//!
//! All of it happens at one moment here, that of the last receipt: what is asked is what had come of the plans, had they
//! come in together. In the order in which they were recorded the executor has to come to what was recorded; where it
//! does not, keys, locks or limits of other plans were in play, and nothing is said.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::explored::{Explored, PlanLine, explore};
use super::model::{KernelExecutor, Model, ModelAction, ModelPlan};
use super::property::{Property, is_as};
use super::world::{Claimer, Ending, Move, World};
use super::{MOST_PLANS, Unexplored};
use crate::kernel::executor::{Disposal, ExecutorEnv as _, State, Turn, Use, take_turns};
use crate::kernel::journal::{Disposed, Entry, Fact, PolicyStamp, Proposed, Received, StageRecord};
use crate::kernel::plan::{PlannedAction, ProposedAction};
use crate::kernel::policy::{Gates, PolicySet};
use crate::kernel::receipt::{Cause, Outcome};
use crate::replayer::fork::{Recorded, RecordedEnv, as_received, handled, said_by_person, ticket};
use crate::session::journal::line::fact_name;
use crate::session::run_diff::number_of;
use crate::session::state_files::{self, Access};
use crate::session::store;

/// Envelopes whose plans may still come.
const WINDOW: u64 = 4_096;
/// Plans that are listed.
const LISTED: usize = 200;

/// Which plans of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Ids of plans, or what correlation ids of envelopes begin with; all where there are none.
    pub names: Vec<String>,
    /// The entity that an action of theirs is on; any where there is none.
    pub entity: Option<String>,
}

impl Chosen {
    fn takes(&self, plan: &Proposed, correlation: &str) -> bool {
        let named = self.names.is_empty() || self.names.iter().any(|name| names(name, &plan.plan_id, correlation));
        named
            && self.entity.as_ref().is_none_or(|wanted| {
                let actions = plan.typed().map_or_else(Vec::new, |typed| typed.actions);
                actions.iter().any(|action| action.shape.as_ref().is_ok_and(|action| action.entity_key == *wanted))
            })
    }
}

/// True for a plan's id, and for what its envelope's correlation id begins with.
fn names(name: &str, plan_id: &str, correlation: &str) -> bool {
    name == plan_id || !name.is_empty() && correlation.starts_with(name)
}

/// What is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which plans.
    pub chosen: Chosen,
    /// What is looked for.
    pub wanted: Vec<Property>,
    /// Actions whose handler fails and whose key is given back, as an idempotent tool's, by their ids.
    pub failing: Vec<String>,
}

/// A plan that could be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The plan.
    pub plan: PlanLine,
    /// How many actions it has.
    pub actions: usize,
}

/// A plan with all that was recorded of it.
struct RecordedPlan {
    /// The entry of its envelope.
    entry: u32,
    received: Received,
    proposed: Proposed,
    /// Its actions' ends with their entries, in the order in which they began.
    disposed: Vec<(u32, Disposed)>,
    stamp: Option<Arc<PolicyStamp>>,
}

impl RecordedPlan {
    fn line(&self) -> PlanLine {
        PlanLine {
            plan_id: self.proposed.plan_id.clone(),
            operator: self.proposed.operator.clone(),
            arrival: self.received.arrival,
            event_type: self.received.envelope.event_type.clone(),
            correlation_id: self.received.envelope.correlation_id.clone(),
        }
    }
}

/// The plans of a run with an action on an entity, in the order in which they were proposed; the first of very many.
pub fn candidates(state: &Path, run: u32, entity: &str) -> io::Result<Vec<Candidate>> {
    let chosen = Chosen { names: Vec::new(), entity: Some(entity.to_owned()) };
    let plans = gather(state, run, &chosen, LISTED)?;
    let of = |plan: &RecordedPlan| Candidate { plan: plan.line(), actions: plan.disposed.len() };
    Ok(plans.iter().filter(|plan| !plan.disposed.is_empty()).map(of).collect())
}

/// Looks at every schedule of the chosen plans of a run.
pub fn interleave(state: &Path, run: u32, request: &Request) -> Result<Explored, Unexplored> {
    let unread = |error| Unexplored::new(format!("the journal of run {run} cannot be read: {error}"));
    let mut plans = gather(state, run, &request.chosen, LISTED).map_err(unread)?;
    for name in &request.chosen.names {
        let is_named =
            |plan: &RecordedPlan| names(name, &plan.proposed.plan_id, &plan.received.envelope.correlation_id);
        if !plans.iter().any(is_named) {
            let what = format!("run {run} has no plan `{name}`, and none for an envelope of that correlation id");
            return Err(
                Unexplored::choice(what).help("`fibric dev plan CORRELATION --json` and the receipts name both")
            );
        }
    }
    // Refusals, and what was proposed again beside a recorded plan, have nothing that could be put in order.
    plans.retain(|plan| !plan.disposed.is_empty() || request.chosen.names.contains(&plan.proposed.plan_id));
    if plans.len() < 2 {
        let what = if plans.is_empty() { "no plan is chosen" } else { "one plan has one order" };
        return Err(Unexplored::choice(what).help(format!("name two to {MOST_PLANS} plans")));
    }
    if plans.len() > MOST_PLANS {
        let ids: Vec<_> = plans.iter().take(12).map(|plan| plan.proposed.plan_id.as_str()).collect();
        let more = if plans.len() > ids.len() { ", …" } else { "" };
        let help = format!("name some of {}{more}", ids.join(", "));
        return Err(Unexplored::choice(format!("these are {} plans: at most {MOST_PLANS}", plans.len())).help(help));
    }
    of_plans(&plans, request)
}

fn of_plans(plans: &[RecordedPlan], request: &Request) -> Result<Explored, Unexplored> {
    if let Some(plan) = plans.iter().find(|plan| !is_whole(plan)) {
        return Err(Unexplored::new(format!(
            "not every action of plan `{}` came to an end, or it has none: it cannot be put in another order",
            plan.proposed.plan_id
        )));
    }
    let ids: Vec<_> = plans.iter().flat_map(|plan| &plan.disposed).map(|(_, end)| &end.receipt.action_id).collect();
    if let Some(unknown) = request.failing.iter().find(|wanted| !ids.contains(wanted)) {
        let known: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
        let fault = format!("`{unknown}` is no action of these plans");
        return Err(Unexplored::choice(fault).help(format!("they are {}", known.join(", "))));
    }
    let compiled: Vec<_> =
        plans.iter().map(|plan| plan.stamp.as_ref().map(|stamp| PolicySet::compile(stamp.ruleset.clone()))).collect();
    let as_it_was = model(plans, &compiled, &[])?;
    if as_it_was.is_alone.iter().all(|alone| *alone) {
        let nothing =
            "nothing of these plans meets: they share no entity, key, lock or limit, and every order is the same";
        return Err(Unexplored::choice(nothing));
    }
    let recorded = endings(&as_it_was, plans);
    let (again, moves) = in_recorded_order(&as_it_was, plans);
    if !is_as(&recorded, &again) {
        let differs = recorded.iter().zip(&again).position(|(was, is)| !is_as(&[*was], &[*is])).unwrap_or(0);
        let action = ids.get(differs).map_or("", |id| id.as_str());
        let fault =
            format!("the executor does not come to what was recorded of {action}; no other order can be trusted");
        return Err(Unexplored::new(fault).help("plans that are not chosen held a key, a lock or a place in a limit"));
    }
    let model = model(plans, &compiled, &request.failing)?;
    let lines = plans.iter().map(RecordedPlan::line).collect();
    let mut explored = explore(&model, lines, Some(&recorded), &request.wanted)?;
    // Of what was recorded the schedule is known: it has the waits that there were.
    if let Some(outcome) = explored.outcomes.iter_mut().find(|outcome| outcome.is_recorded)
        && let Some(schedule) = outcome.schedule.as_mut().filter(|_| request.failing.is_empty())
    {
        schedule.moves = moves;
    }
    Ok(explored)
}

/// True where each action has its end; a plan that was over a limit has one for all.
fn is_whole(plan: &RecordedPlan) -> bool {
    let actions = plan.proposed.typed().map_or(0, |typed| typed.actions.len());
    let over_limit = matches!(&plan.disposed[..], [(_, only)] if only.receipt.verdict.cause == Cause::Validate);
    !plan.disposed.is_empty() && (plan.disposed.len() == actions || over_limit)
}

/// The plans with what was recorded; handlers of some actions fail.
fn model<'p>(
    plans: &'p [RecordedPlan],
    compiled: &'p [Option<PolicySet>],
    failing: &[String],
) -> Result<Model<'p>, Unexplored> {
    let at = plans.iter().flat_map(|plan| &plan.disposed).map(|(_, end)| end.receipt.at.as_str()).max().unwrap_or("");
    let counted = Counted::of(plans);
    let mut of_plans = Vec::new();
    for (plan, policy) in plans.iter().zip(compiled) {
        let proposed = plan.proposed.typed().map_or_else(Vec::new, |typed| typed.actions);
        let mut actions = Vec::new();
        for (number, (_, disposed)) in plan.disposed.iter().enumerate() {
            let planned = proposed.get(number).filter(|_| proposed.len() == plan.disposed.len()).cloned();
            let fails = failing.contains(&disposed.receipt.action_id);
            actions.push(action(plan, disposed, planned, policy.as_ref(), (fails, &counted)));
        }
        of_plans.push(ModelPlan { operator: plan.proposed.operator.clone(), actions });
    }
    Model::new(of_plans, before(plans, &counted, at), at, &KernelExecutor)
}

fn action<'p>(
    plan: &'p RecordedPlan,
    disposed: &'p Disposed,
    proposed: Option<ProposedAction>,
    policy: Option<&'p PolicySet>,
    (fails, counted): (bool, &Counted),
) -> ModelAction<'p> {
    let receipt = &disposed.receipt;
    let recorded = Recorded { envelope: &plan.received.envelope, disposed, proposed: None, policy };
    let mut env = RecordedEnv::of(recorded, None);
    env.idempotent |= fails;
    let planned = PlannedAction::from(&**receipt);
    let is_valid = !disposed.stages.iter().any(|stage| matches!(stage, StageRecord::Validate { passed: false, .. }));
    let gates = if is_valid { env.gates(&receipt.operator, &planned) } else { Gates::default() };
    let handled = match (fails, &receipt.error, &receipt.result) {
        (true, ..) => Some(Err("it fails here".to_owned())),
        (false, None, None) => None,
        _ => Some(handled(receipt, None, receipt.args.clone())),
    };
    ModelAction {
        disposal: Disposal::new(ticket(recorded), proposed.unwrap_or_else(|| as_received(receipt))),
        receipt_id: receipt.id.clone(),
        input: Some(if is_valid { Ok(receipt.args.clone()) } else { Err(vec![receipt.verdict.reason.clone()]) }),
        handled,
        person: said_by_person(&disposed.stages),
        used_before: gates.limits.iter().map(|(_, limit)| counted.within(receipt, limit.per.seconds())).collect(),
        planned,
        env: Box::new(env),
        gates,
    }
}

/// How often capabilities had been used before, by those who were not chosen: of each window, in seconds, how often.
#[derive(Default)]
struct Counted(HashMap<(String, String), BTreeMap<i64, u32>>);

impl Counted {
    /// From what the first action of each capability met; those of the plans themselves are taken out.
    fn of(plans: &[RecordedPlan]) -> Self {
        let mut ends: Vec<_> = plans.iter().flat_map(|plan| &plan.disposed).collect();
        ends.sort_by_key(|(entry, _)| *entry);
        let mut counted = Self::default();
        let mut own: HashMap<(String, String), u32> = HashMap::new();
        for (_, disposed) in ends {
            let receipt = &disposed.receipt;
            let of = (receipt.operator.clone(), receipt.tool.clone());
            let before = own.get(&of).copied().unwrap_or(0);
            for stage in &disposed.stages {
                match stage {
                    StageRecord::Limit { limit, used, .. } => {
                        let windows = counted.0.entry(of.clone()).or_default();
                        windows.entry(limit.per.seconds()).or_insert(used.saturating_sub(before));
                    }
                    StageRecord::Handler { claimed: true, .. } => *own.entry(of.clone()).or_default() += 1,
                    _ => {}
                }
            }
        }
        counted
    }

    fn within(&self, receipt: &crate::kernel::receipt::Receipt, seconds: i64) -> u32 {
        let windows = self.0.get(&(receipt.operator.clone(), receipt.tool.clone()));
        windows.and_then(|windows| windows.get(&seconds)).copied().unwrap_or(0)
    }

    /// As uses, each as long ago as its window says and no shorter one does.
    fn uses(&self, at: &str) -> Vec<Use> {
        let Ok(now) = at.parse::<jiff::Timestamp>() else { return Vec::new() };
        let mut uses = Vec::new();
        for ((operator, tool), windows) in &self.0 {
            let (mut shorter, mut known) = (0, 0);
            for (seconds, used) in windows {
                let ago = now.checked_sub(jiff::SignedDuration::from_secs(shorter)).unwrap_or(now);
                // A window is full or not: more than a limit could count says nothing more.
                let more = used.saturating_sub(known).min(100_000);
                let each = Use { operator: operator.clone(), tool: tool.clone(), at: ago.to_string() };
                uses.extend((0..more).map(|_| each.clone()));
                (shorter, known) = (*seconds, *used);
            }
        }
        uses
    }
}

/// Keys that were claimed by those who were not chosen, and how often capabilities were used.
fn before(plans: &[RecordedPlan], counted: &Counted, at: &str) -> State {
    let own: Vec<_> = plans.iter().flat_map(|plan| &plan.disposed).map(|(_, end)| &end.receipt.id).collect();
    let claimed = plans.iter().flat_map(|plan| &plan.disposed).filter_map(|(_, disposed)| {
        let dedup = disposed.stages.iter().find_map(|stage| match stage {
            StageRecord::Dedup { claimed_by, .. } => claimed_by.clone(),
            _ => None,
        });
        let by = dedup.or_else(|| disposed.met.as_ref()?.claimed_by.clone())?;
        (!own.contains(&&by)).then(|| (disposed.receipt.idempotency_key.clone(), by))
    });
    State::with_claims(claimed).with_uses(counted.uses(at), at)
}

/// How the actions ended.
fn endings(model: &Model<'_>, plans: &[RecordedPlan]) -> Vec<Option<Ending>> {
    let of = |(_, disposed): &(u32, Disposed)| {
        let receipt = &disposed.receipt;
        let claimer = receipt.claimed_by.as_ref();
        Some(Ending {
            decision: receipt.verdict.decision,
            cause: receipt.verdict.cause,
            outcome: receipt.outcome,
            claimer: claimer.map(|id| model.of_receipt(id).map_or(Claimer::Earlier, Claimer::Action)),
            keeps_key: matches!(receipt.outcome, Outcome::Applied | Outcome::Failed)
                && disposed.stages.iter().any(|stage| matches!(stage, StageRecord::Handler { claimed: true, .. })),
        })
    };
    plans.iter().flat_map(|plan| &plan.disposed).map(of).collect()
}

/// What the executor makes of the plans in the order in which they were disposed of: those of one envelope in turns, and
/// what waited for a person when it was answered.
fn in_recorded_order(model: &Model<'_>, plans: &[RecordedPlan]) -> (Vec<Option<Ending>>, Vec<Move>) {
    let mut turns: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut number = 0;
    for (lane, plan) in plans.iter().enumerate() {
        turns.entry(plan.entry).or_default().push(lane);
        for (entry, _) in &plan.disposed {
            if let Some(held) = model.held_lane[number] {
                turns.entry(*entry).or_default().push(held);
            }
            number += 1;
        }
    }
    let (mut world, mut moves) = (World::beginning(model), Vec::new());
    for mut lanes in turns.into_values() {
        let ended: Result<(), std::convert::Infallible> = take_turns(&mut lanes, |lane, in_vain| {
            Ok(match world.advance(model, *lane, in_vain) {
                Some(taken) => {
                    moves.push(taken);
                    Turn::Moved
                }
                None if world.is_open(*lane) => Turn::Waits,
                None => Turn::Over,
            })
        });
        let Ok(()) = ended;
    }
    (world.endings, moves)
}

/// Reads the plans that are wanted, with what was recorded of them.
fn gather(state: &Path, run: u32, chosen: &Chosen, most: usize) -> io::Result<Vec<RecordedPlan>> {
    let file = state_files::open(&store::journal_in(state, run), Access::Read)?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut line = Vec::new();
    let mut plans: Vec<RecordedPlan> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut envelopes: BTreeMap<u64, (u32, Received)> = BTreeMap::new();
    let mut stamp: Option<Arc<PolicyStamp>> = None;
    for number in 0_u32.. {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 || !line.ends_with(b"\n") {
            break;
        }
        let wanted = [&b"run_started"[..], b"policy_loaded", b"received", b"proposed", b"disposed"];
        if fact_name(&line).is_some_and(|name| !wanted.contains(&name)) {
            continue;
        }
        let Ok(entry) = serde_json::from_slice::<Entry>(&line) else { continue };
        match entry.fact {
            Fact::RunStarted(started) => stamp = Some(Arc::new(started.policy)),
            Fact::PolicyLoaded(loaded) => stamp = Some(Arc::new(loaded)),
            Fact::Received(received) => {
                let oldest = received.arrival.saturating_sub(WINDOW);
                envelopes.insert(received.arrival, (number, received));
                envelopes = if envelopes.len() as u64 > WINDOW { envelopes.split_off(&oldest) } else { envelopes };
            }
            Fact::Proposed(proposed) => {
                let Some((entry, received)) = envelopes.get(&proposed.arrival) else { continue };
                if plans.len() < most && chosen.takes(&proposed, &received.envelope.correlation_id) {
                    by_id.insert(proposed.plan_id.clone(), plans.len());
                    let (entry, received) = (*entry, received.clone());
                    plans.push(RecordedPlan { entry, received, proposed, disposed: Vec::new(), stamp: stamp.clone() });
                }
            }
            Fact::Disposed(disposed) => {
                if let Some(plan) = by_id.get(&disposed.receipt.plan_id) {
                    plans[*plan].disposed.push((number, disposed));
                }
            }
            _ => {}
        }
    }
    for plan in &mut plans {
        // They are numbered as they begin; what waited for a person has ended later.
        plan.disposed.sort_by_key(|(_, end)| number_of(&end.receipt.action_id));
    }
    Ok(plans)
}
