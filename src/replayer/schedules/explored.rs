//! What all schedules of a few plans come to.

use super::Unexplored;
use super::graph::Graph;
use super::inequivalent::{self, Counted};
use super::model::Model;
use super::property::{Measure, Property, is_as};
use super::shortest::{Schedule, Ways, taken};
use super::world::Ending;

/// Outcomes whose shortest schedule is kept, to be stepped through.
const STEPPED: usize = 64;

/// A plan, as a list shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanLine {
    /// Its id.
    pub plan_id: String,
    /// Who proposed it.
    pub operator: String,
    /// The envelope, by its ordinal.
    pub arrival: u64,
    /// What it is of.
    pub event_type: String,
    /// Its correlation id.
    pub correlation_id: String,
}

/// An action, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionLine {
    /// The plan, by its number here.
    pub plan: usize,
    /// Its id.
    pub action_id: String,
    /// The capability.
    pub tool: String,
    /// The entity.
    pub entity_key: String,
    /// The key.
    pub idempotency_key: String,
}

/// What some of the schedules come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeClass {
    /// How each action ends.
    pub endings: Vec<Option<Ending>>,
    /// How many inequivalent schedules come to it.
    pub schedules: u128,
    /// True where an order of whole actions comes to it too.
    pub is_serial: bool,
    /// True where it is what was recorded.
    pub is_recorded: bool,
    /// What is bad of it, of what was looked for.
    pub bad: Vec<Property>,
    /// The shortest schedule that comes to it, of what was recorded the recorded one; none beyond the first outcomes.
    pub schedule: Option<Schedule>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explored {
    /// The plans.
    pub plans: Vec<PlanLine>,
    /// Their actions.
    pub actions: Vec<ActionLine>,
    /// What was looked for.
    pub wanted: Vec<Property>,
    /// States, each of which was looked at once.
    pub states: usize,
    /// Steps that led to a state that was known.
    pub met_again: u64,
    /// Schedules no two of which are the same but for the order of steps that commute: all were looked at.
    pub schedules: u128,
    /// All orders of the steps that others can see.
    pub orders: u128,
    /// What they come to: what was recorded first, then what is bad, then what most come to.
    pub outcomes: Vec<OutcomeClass>,
    /// The shortest bad schedule and its outcome, by its number.
    pub bad: Option<(usize, Schedule)>,
}

/// Looks at every schedule of the plans, with how they ended when they were recorded, for what is bad.
pub fn explore(
    model: &Model<'_>,
    plans: Vec<PlanLine>,
    recorded: Option<&[Option<Ending>]>,
    wanted: &[Property],
) -> Result<Explored, Unexplored> {
    let graph = Graph::of(model)?;
    let Counted { by_end, orders, .. } = inequivalent::count(&graph);
    let serial = serial(&graph);
    let measure = Measure { model, recorded };
    let judged = |(end, is_serial)| measure.bad(end, is_serial, wanted);
    let bad: Vec<Vec<Property>> = graph.ends.iter().zip(serial.iter().copied()).map(judged).collect();
    let ways = Ways::of(&graph);
    let lost = lost(&graph, |end| !bad[end as usize].is_empty());
    let shortest = |path: &[(u32, u8)]| taken(model, path, |node| lost[node as usize]);
    let mut ends: Vec<usize> = (0..graph.ends.len()).collect();
    let is_recorded = |end: usize| recorded.is_some_and(|recorded| is_as(recorded, &graph.ends[end].endings));
    ends.sort_by_key(|end| (!is_recorded(*end), bad[*end].is_empty(), std::cmp::Reverse(by_end[*end])));
    let class = |(place, end): (usize, &usize)| OutcomeClass {
        endings: graph.ends[*end].endings.clone(),
        schedules: by_end[*end],
        is_serial: serial[*end],
        is_recorded: is_recorded(*end),
        bad: bad[*end].clone(),
        schedule: (place < STEPPED)
            .then(|| ways.to(&graph, |other| other as usize == *end).map(|(path, _)| shortest(&path)))
            .flatten(),
    };
    let found = ways.to(&graph, |end| !bad[end as usize].is_empty());
    let found = found.and_then(|(path, end)| {
        let place = ends.iter().position(|other| *other == end as usize)?;
        Some((place, shortest(&path)))
    });
    let action = |(number, action): (usize, &super::ModelAction<'_>)| ActionLine {
        plan: model.plan_of[number],
        action_id: action.disposal.action_id().to_owned(),
        tool: action.planned.tool.clone(),
        entity_key: action.planned.entity_key.clone(),
        idempotency_key: action.planned.idempotency_key.clone(),
    };
    Ok(Explored {
        plans,
        actions: model.actions.iter().enumerate().map(action).collect(),
        wanted: wanted.to_vec(),
        states: graph.nodes.len(),
        met_again: graph.met_again,
        schedules: by_end.iter().fold(0, |sum: u128, many| sum.saturating_add(*many)),
        orders,
        outcomes: ends.iter().enumerate().map(class).collect(),
        bad: found,
    })
}

/// The ends that an order of whole actions comes to: while one is past its beginning, nobody else moves.
fn serial(graph: &Graph) -> Vec<bool> {
    let mut found = vec![false; graph.ends.len()];
    let mut seen = vec![false; graph.nodes.len()];
    let mut open = vec![0_u32];
    while let Some(number) = open.pop() {
        if std::mem::replace(&mut seen[number as usize], true) {
            continue;
        }
        let node = &graph.nodes[number as usize];
        if let Some(end) = node.end {
            found[end as usize] = true;
        }
        let is_own = |(lane, _): &&(u8, u32)| node.busy & 1 << *lane != 0;
        // What waits for somebody outside is passed by.
        let alone = node.steps.iter().any(|step| is_own(&step));
        open.extend(node.steps.iter().filter(|step| !alone || is_own(step)).map(|(_, to)| *to));
    }
    found
}

/// The states from which every way is bad.
fn lost(graph: &Graph, is_bad: impl Fn(u32) -> bool) -> Vec<bool> {
    let mut lost = vec![false; graph.nodes.len()];
    for number in graph.order.iter().rev() {
        let node = &graph.nodes[*number as usize];
        lost[*number as usize] = match node.end {
            Some(end) => is_bad(end),
            None => node.steps.iter().all(|(_, to)| lost[*to as usize]),
        };
    }
    lost
}
