//! Every state that the plans can come to, each once, with the steps that lead from it.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::model::Model;
use super::world::{Breaches, Ending, World};
use super::{MOST_STATES, Unexplored};
use crate::kernel::executor::Canonical;

/// What a schedule comes to: how each action ended, and what must not happen and did.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct End {
    pub(super) endings: Vec<Option<Ending>>,
    pub(super) breaches: Breaches,
}

/// A state.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// The steps that can be taken: whose, and where they lead.
    pub(super) steps: Vec<(u8, u32)>,
    /// The lanes whose action is past its beginning, a bit each.
    pub(super) busy: u32,
    /// What it came to, of a state in which nothing is left to do.
    pub(super) end: Option<u32>,
}

/// All of them; the first is the beginning.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) ends: Vec<End>,
    /// Steps that led to a state that was known.
    pub(super) met_again: u64,
    /// The states, each after all that lead to it.
    pub(super) order: Vec<u32>,
}

impl Node {
    /// Where a lane's step leads.
    pub(super) fn step(&self, lane: u8) -> Option<u32> {
        self.steps.iter().find(|(other, _)| *other == lane).map(|(_, to)| *to)
    }
}

impl Graph {
    /// Walks everything.
    pub(super) fn of(model: &Model<'_>) -> Result<Self, Unexplored> {
        let mut graph = Self::default();
        // A state is known by 128 bits of the hash of all that makes it.
        let mut known: HashMap<[u8; 16], u32> = HashMap::new();
        let mut ends: HashMap<End, u32> = HashMap::new();
        let mut first = World::beginning(model);
        first.settle(model, &mut Vec::new());
        known.insert(digest(&first), 0);
        graph.nodes.push(Node::default());
        let mut open = vec![(0_u32, first)];
        while let Some((number, world)) = open.pop() {
            let after = successors(model, &world);
            let node = &mut graph.nodes[number as usize];
            node.busy = (0..model.lanes).filter(|lane| world.is_busy(*lane)).fold(0, |bits, lane| bits | 1 << lane);
            if after.is_empty() {
                let next = u32::try_from(ends.len()).unwrap_or(u32::MAX);
                let end = End { endings: world.endings.clone(), breaches: world.breaches };
                node.end = Some(*ends.entry(end).or_insert(next));
            }
            for (lane, after) in after {
                let digest = digest(&after);
                let to = if let Some(to) = known.get(&digest) {
                    graph.met_again += 1;
                    *to
                } else {
                    if graph.nodes.len() >= MOST_STATES {
                        let many = format!("there are more than {MOST_STATES} states: not all of them were looked at");
                        return Err(Unexplored::new(many).help("choose fewer plans, or plans with fewer actions"));
                    }
                    let to = u32::try_from(graph.nodes.len()).unwrap_or(u32::MAX);
                    graph.nodes.push(Node::default());
                    known.insert(digest, to);
                    open.push((to, after));
                    to
                };
                graph.nodes[number as usize].steps.push((lane, to));
            }
        }
        let mut listed: Vec<_> = ends.into_iter().collect();
        listed.sort_unstable_by_key(|(_, number)| *number);
        graph.ends = listed.into_iter().map(|(end, _)| end).collect();
        graph.order = graph.in_order();
        Ok(graph)
    }

    /// Each state after all that lead to it. There is no way back to a state: every step brings an action further.
    fn in_order(&self) -> Vec<u32> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut seen = vec![false; self.nodes.len()];
        let mut path = vec![(0_u32, 0_usize)];
        seen[0] = true;
        while let Some((node, at)) = path.last_mut() {
            if let Some((_, to)) = self.nodes[*node as usize].steps.get(*at) {
                *at += 1;
                if !std::mem::replace(&mut seen[*to as usize], true) {
                    path.push((*to, 0));
                }
            } else {
                order.push(*node);
                path.pop();
            }
        }
        order.reverse();
        order
    }
}

/// What can come next. Where nobody moves and one waits, the lock it waits for is not given back: it is told so.
pub(super) fn successors(model: &Model<'_>, world: &World) -> Vec<(u8, World)> {
    let lanes = 0..u8::try_from(model.lanes).unwrap_or(u8::MAX);
    let step = |lane: u8, in_vain| Some((lane, world.step(model, usize::from(lane), in_vain)?.0));
    let after: Vec<_> = lanes.clone().filter_map(|lane| step(lane, false)).collect();
    if !after.is_empty() {
        return after;
    }
    let waiting = lanes.into_iter().find(|lane| world.waits(usize::from(*lane)));
    waiting.and_then(|lane| step(lane, true)).into_iter().collect()
}

fn digest(world: &World) -> [u8; 16] {
    let mut out = Canonical::default();
    world.write_canonical(&mut out);
    let mut digest = [0; 16];
    digest.copy_from_slice(&Sha256::digest(&out.0)[..16]);
    digest
}
