//! What caused what: from one row to the rows of the other lists that belong to it, and the threads between them.

use super::{ListId, Live};
use crate::console::model::{Model, Row};
use crate::kernel::journal::{Fact, Proposed};

/// How a row stands to the selected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// Of the same plan, or a plan for the same envelope, but neither cause nor effect.
    Sibling,
    /// It caused the selected row or was caused by it.
    Linked,
}

/// From a row of one list to a row of the next, both by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Index in the list to the left.
    pub from: usize,
    /// Index in the list to the right.
    pub to: usize,
    /// Whether the thread itself, or a branch of it.
    pub tie: Tie,
}

/// Everything that belongs to the selected row.
#[derive(Debug, Default)]
pub struct Links {
    /// Index and tie of the rows of each list, ascending.
    rows: [Vec<(usize, Tie)>; 4],
    /// Envelope to plans, plan to decisions, decision to receipt.
    pub threads: [Vec<Edge>; 3],
    /// Envelope to decisions, where the plans are folded away.
    pub straight: Vec<Edge>,
}

impl Links {
    /// How a row stands to the selected one, if at all.
    pub fn tie(&self, pane: ListId, index: usize) -> Option<Tie> {
        let rows = &self.rows[pane as usize];
        rows.binary_search_by_key(&index, |(index, _)| *index).ok().map(|at| rows[at].1)
    }

    /// The first row of a list that the selected one caused or was caused by.
    pub fn first(&self, pane: ListId) -> Option<usize> {
        self.rows[pane as usize].iter().find(|(_, tie)| *tie == Tie::Linked).map(|(index, _)| *index)
    }
}

impl Live {
    /// What belongs to the row of that id in `pane`.
    pub(super) fn links_of(&self, model: &Model, row: Row, pane: ListId) -> Links {
        let mut links = Links::default();
        let plan_of = |fact: &Fact| match fact {
            Fact::Proposed(Proposed { plan_id, .. }) => Some(plan_id.clone()),
            Fact::Disposed(disposed) => Some(disposed.receipt.plan_id.clone()),
            Fact::Held(held) => Some(held.interrupted.plan_id.clone()),
            _ => None,
        };
        let plan = model.entry(row).and_then(|entry| plan_of(&entry.fact));
        let Some(arrival) = model.arrival(row) else { return links };
        let mut envelope = None;
        let mut plans: Vec<(String, usize)> = Vec::new();
        for (id, fact) in model.about(arrival) {
            let mine = plan.is_none() || plan_of(fact) == plan;
            let tie = if mine { Tie::Linked } else { Tie::Sibling };
            match fact {
                Fact::Received(_) => {
                    envelope = self.position(model, ListId::Envelopes, id);
                    links.rows[0].extend(envelope.map(|index| (index, Tie::Linked)));
                }
                Fact::Proposed(Proposed { plan_id, .. }) => {
                    let Some(index) = self.position(model, ListId::Plans, id) else { continue };
                    links.rows[1].push((index, tie));
                    links.threads[0].extend(envelope.map(|from| Edge { from, to: index, tie }));
                    plans.push((plan_id.clone(), index));
                }
                Fact::Disposed(_) | Fact::Held(_) if mine => {
                    let only = matches!(pane, ListId::Decisions | ListId::Receipts) && id.0 != row.at;
                    let tie = if only { Tie::Sibling } else { Tie::Linked };
                    let Some(to) = self.position(model, ListId::Decisions, id) else { continue };
                    links.rows[2].push((to, tie));
                    let from = plans.iter().rev().find(|(plan_id, _)| Some(plan_id) == plan_of(fact).as_ref());
                    links.threads[1].extend(from.map(|(_, from)| Edge { from: *from, to, tie }));
                    links.straight.extend(envelope.map(|from| Edge { from, to, tie }));
                    if tie == Tie::Linked {
                        links.rows[3].push((to, tie));
                        links.threads[2].push(Edge { from: to, to, tie });
                    }
                }
                _ => {}
            }
        }
        links
    }
}
