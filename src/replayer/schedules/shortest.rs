//! A schedule as steps: the shortest that comes to an end, and of those the one that changes lanes least.

use super::graph::Graph;
use super::model::Model;
use super::world::{Did, Ending, Move, World};

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its steps, in order.
    pub moves: Vec<Move>,
    /// The step with which every way on is bad; none where it ends well.
    pub lost_at: Option<usize>,
}

/// How far an action is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LaneState {
    /// Not begun.
    Ahead,
    /// Validated.
    Admitted,
    /// It waits for this action to give back a lock.
    Waits(String),
    /// It waits for a person.
    Held,
    /// It has lock and key, its handler not called yet.
    Claimed,
    /// Its handler runs.
    InFlight,
    /// It ended.
    Ended(Ending),
}

impl LaneState {
    /// True where it holds its lock.
    pub fn holds(&self) -> bool {
        matches!(self, Self::Claimed | Self::InFlight)
    }
}

impl Schedule {
    /// How far each action is after so many steps.
    pub fn after(&self, steps: usize, actions: usize) -> Vec<LaneState> {
        let mut states = vec![LaneState::Ahead; actions];
        for taken in self.moves.iter().take(steps) {
            states[taken.action] = match &taken.did {
                Did::Admitted => LaneState::Admitted,
                Did::Waits { holder } => LaneState::Waits(holder.clone()),
                Did::Held => LaneState::Held,
                Did::Claimed => LaneState::Claimed,
                Did::Called => LaneState::InFlight,
                Did::Ended(ending) => LaneState::Ended(*ending),
            };
        }
        states
    }
}

/// The best way to a state whose last step was a lane's.
#[derive(Debug, Clone, Copy)]
struct Way {
    last: u8,
    steps: u32,
    switches: u32,
    from: (u32, u8),
}

/// The shortest ways to every state.
pub(super) struct Ways(Vec<Vec<Way>>);

/// No lane: before the first step.
const NOBODY: u8 = u8::MAX;

impl Ways {
    /// Finds them.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut ways: Vec<Vec<Way>> = vec![Vec::new(); graph.nodes.len()];
        ways[0].push(Way { last: NOBODY, steps: 0, switches: 0, from: (0, NOBODY) });
        for number in &graph.order {
            let here = ways[*number as usize].clone();
            for (lane, to) in &graph.nodes[*number as usize].steps {
                for way in &here {
                    let switches = way.switches + u32::from(way.last != *lane);
                    let found = Way { last: *lane, steps: way.steps + 1, switches, from: (*number, way.last) };
                    let known = &mut ways[*to as usize];
                    match known.iter_mut().find(|other| other.last == *lane) {
                        Some(other) if (found.steps, found.switches) < (other.steps, other.switches) => *other = found,
                        Some(_) => {}
                        None => known.push(found),
                    }
                }
            }
        }
        Self(ways)
    }

    /// The states and lanes of the shortest way to any of these ends, with the end.
    pub(super) fn to(&self, graph: &Graph, wanted: impl Fn(u32) -> bool) -> Option<(Vec<(u32, u8)>, u32)> {
        let ends = (0_u32..).zip(&graph.nodes).filter_map(|(number, node)| Some((number, node.end?)));
        let of_end = |(number, end): (u32, u32)| {
            self.0[number as usize].iter().map(move |way| ((way.steps, way.switches, number), way.last, end))
        };
        let ((_, _, mut node), mut last, end) = ends.filter(|(_, end)| wanted(*end)).flat_map(of_end).min()?;
        let mut path = Vec::new();
        while last != NOBODY {
            let way = self.0[node as usize].iter().find(|way| way.last == last)?;
            path.push((node, last));
            (node, last) = way.from;
        }
        path.reverse();
        Some((path, end))
    }
}

/// Takes the steps of a way, and says with which of them every way on is bad.
pub(super) fn taken(model: &Model<'_>, path: &[(u32, u8)], is_lost: impl Fn(u32) -> bool) -> Schedule {
    let mut moves = Vec::new();
    let mut world = World::beginning(model);
    world.settle(model, &mut moves);
    // Where nothing could come well from the beginning, its first step is as lost as any.
    let mut lost_at = is_lost(0).then_some(0);
    for (node, lane) in path {
        let lane = usize::from(*lane);
        let step = world.step(model, lane, false).or_else(|| world.step(model, lane, true));
        let Some((after, more)) = step else { break };
        if lost_at.is_none() && is_lost(*node) {
            lost_at = Some(moves.len());
        }
        moves.extend(more);
        world = after;
    }
    Schedule { moves, lost_at }
}
