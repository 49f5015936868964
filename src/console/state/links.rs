//! What caused what: from one row to the rows of the other lists that belong to it, and the threads between them.

use super::{Pane, Row, RowId, State};
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

/// What of an envelope's entries is looked at; a journal that repeats one ordinal must not cost every frame.
pub(super) const MOST: usize = 1_024;

/// Rows looked through for a receipt's id.
const NEAR: usize = 2_000;

/// Run and number of a receipt: `rc_12_34`.
fn receipt_number(id: &str) -> Option<(u32, u64)> {
    let (run, number) = id.strip_prefix("rc_")?.split_once('_')?;
    Some((run.parse().ok()?, number.parse().ok()?))
}

impl Links {
    /// How a row stands to the selected one, if at all.
    pub fn tie(&self, pane: Pane, index: usize) -> Option<Tie> {
        let rows = &self.rows[pane as usize];
        rows.binary_search_by_key(&index, |(index, _)| *index).ok().map(|at| rows[at].1)
    }

    /// The first row of a list that the selected one caused or was caused by.
    pub fn first(&self, pane: Pane) -> Option<usize> {
        self.rows[pane as usize].iter().find(|(_, tie)| *tie == Tie::Linked).map(|(index, _)| *index)
    }
}

impl State {
    /// The entries about an envelope that are in memory, in order, as rows of the lists they are in.
    pub fn about(&self, (run, arrival): (u32, u64)) -> impl Iterator<Item = (RowId, &Fact)> {
        let first = self.runs.stored(run, arrival).map(RowId);
        let ids = first.into_iter().flat_map(|first| self.memory.onward(first)).take(MOST);
        ids.filter_map(|id| Some((id, &self.memory.get(id)?.fact)))
    }

    /// The decision whose receipt has that id: the one that claimed the key which `row` found used.
    pub fn claimer(&self, row: Row, id: &str) -> Option<Row> {
        let rows = self.all(Pane::Decisions);
        let at = rows.binary_search_by_key(&row.at, |row| row.at).ok()?;
        let receipt = |row: &Row| Some(&self.disposed(*row)?.receipt);
        let named = |row: &&Row| receipt(row).is_some_and(|receipt| receipt.id == id);
        rows[..at].iter().rev().take(NEAR).find(named).or_else(|| self.counted_back(at, id)).copied()
    }

    /// The same by the receipts' numbers, which count on within a run: nothing has to be in memory for it.
    fn counted_back(&self, from: usize, id: &str) -> Option<&Row> {
        let rows = self.all(Pane::Decisions);
        let (run, number) = receipt_number(id)?;
        let (of, own) = receipt_number(&self.disposed(rows[from])?.receipt.id)?;
        let before = usize::try_from(own.checked_sub(number).filter(|_| of == run)?).ok()?.checked_sub(1)?;
        rows[..from].iter().rev().filter(|row| self.memory.run(row.id()) == Some(run)).nth(before)
    }

    /// What belongs to the row of that id in `pane`.
    pub(super) fn links_of(&self, row: Row, pane: Pane) -> Links {
        let mut links = Links::default();
        let plan_of = |fact: &Fact| match fact {
            Fact::Proposed(Proposed { plan_id, .. }) => Some(plan_id.clone()),
            Fact::Disposed(disposed) => Some(disposed.receipt.plan_id.clone()),
            Fact::Held(held) => Some(held.interrupted.plan_id.clone()),
            _ => None,
        };
        let plan = self.entry(row).and_then(|entry| plan_of(&entry.fact));
        let Some(arrival) = self.arrival(row) else { return links };
        let mut envelope = None;
        let mut plans: Vec<(String, usize)> = Vec::new();
        for (id, fact) in self.about(arrival) {
            let mine = plan.is_none() || plan_of(fact) == plan;
            let tie = if mine { Tie::Linked } else { Tie::Sibling };
            match fact {
                Fact::Received(_) => {
                    envelope = self.position(Pane::Envelopes, id);
                    links.rows[0].extend(envelope.map(|index| (index, Tie::Linked)));
                }
                Fact::Proposed(Proposed { plan_id, .. }) => {
                    let Some(index) = self.position(Pane::Plans, id) else { continue };
                    links.rows[1].push((index, tie));
                    links.threads[0].extend(envelope.map(|from| Edge { from, to: index, tie }));
                    plans.push((plan_id.clone(), index));
                }
                Fact::Disposed(_) | Fact::Held(_) if mine => {
                    let only = matches!(pane, Pane::Decisions | Pane::Receipts) && id.0 != row.at;
                    let tie = if only { Tie::Sibling } else { Tie::Linked };
                    let Some(to) = self.position(Pane::Decisions, id) else { continue };
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
