//! The facts: everything the console knows that follows from journal entries alone. A run file, a live feed and a test
//! are the same to it: [`Model::apply`] and [`Model::put_before`] are the only ways in.
//!
//! It must not know screens, selections, keys or colours: where a person is in all this is a screen's affair.

mod activity;
mod apply;
mod catalogue;
mod counters;
mod entry_cache;
mod faults;
mod policies;
mod row;
mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Disposed, Entry, Fact, Held, Received, Source, Would};
use crate::kernel::policy::PolicySet;
use crate::kernel::receipt::Receipt;
use crate::session::journal::reader::EntryLocation;

pub use activity::{Activity, STAGES};
pub use apply::{Applied, Earlier};
pub use catalogue::Catalogue;
pub use counters::{Counters, actions};
pub use faults::{FaultKind, Faults, in_one_line};
pub use policies::{Explained, PolicyCache};
pub use row::{Mark, Row, RowId, RowKind, RowList};
pub use runs::Runs;

use entry_cache::EntryCache;

/// What of an envelope's entries is looked at; a journal that repeats one ordinal must not cost every frame.
pub const MOST_ABOUT: usize = 1_024;
/// Rows looked through for a receipt's id.
const NEAR: usize = 2_000;

/// Everything that follows from the entries.
#[derive(Debug, Default)]
pub struct Model {
    cache: EntryCache,
    /// Envelopes, plans, decisions; receipts are the decisions seen from their other end.
    lists: [Vec<Row>; 3],
    /// The runs met so far, their policy and what they may fire.
    pub runs: Runs,
    /// The flow, counted.
    pub counts: Counters,
    /// The flow, lately.
    pub activity: Activity,
    /// What is loaded.
    pub catalogue: Catalogue,
    policies: PolicyCache,
    /// Actions that wait for a person, by their id.
    holding: BTreeMap<String, RowId>,
    /// The latest rerun of each envelope.
    reruns: BTreeMap<(u32, u64), (u32, u64)>,
    /// Reruns, each with what it runs again.
    rerun_arrivals: BTreeMap<(u32, u64), (u32, u64)>,
    /// Where what is shown begins; what is before it is on disk.
    beginning: Option<EntryLocation>,
    /// Bytes of journals before that, once any were read.
    unread: u64,
    /// The newest entry.
    newest: Option<Arc<Entry>>,
    operators: BTreeMap<String, String>,
    /// Entries taken in, of every kind.
    pub entries: u64,
}

impl Model {
    /// The rows of a list, oldest first.
    pub fn rows(&self, list: RowList) -> &[Row] {
        &self.lists[list as usize]
    }

    /// The row of an id, in whichever list it is.
    pub fn row(&self, id: RowId) -> Option<Row> {
        self.lists.iter().find_map(|rows| Some(rows[rows.binary_search_by_key(&id, |row| row.id()).ok()?]))
    }

    /// The entry a row stands for, when it is in memory.
    pub fn entry(&self, row: Row) -> Option<&Entry> {
        self.cache.get(row.id())
    }

    /// The envelope a row is about, as run and ordinal.
    pub fn arrival(&self, row: Row) -> Option<(u32, u64)> {
        Some((self.cache.run(row.id())?, apply::arrival_of(&self.entry(row)?.fact)?))
    }

    /// The run a row is of.
    pub fn run(&self, row: Row) -> Option<u32> {
        self.cache.run(row.id())
    }

    /// How the envelope behind an ordinal came in.
    pub fn received(&self, arrival: (u32, u64)) -> Option<&Received> {
        self.about(arrival).take(4).find_map(|(_, fact)| match fact {
            Fact::Received(received) => Some(received),
            _ => None,
        })
    }

    /// The envelope behind an ordinal.
    pub fn envelope(&self, arrival: (u32, u64)) -> Option<&EventEnvelope> {
        self.received(arrival).map(|received| &*received.envelope)
    }

    /// The row of the envelope that a row is about.
    pub fn envelope_row(&self, row: Row) -> Option<RowId> {
        let mut about = self.about(self.arrival(row)?).take(4);
        about.find_map(|(id, fact)| matches!(fact, Fact::Received(_)).then_some(id))
    }

    /// The disposition a row stands for.
    pub fn disposed(&self, row: Row) -> Option<&Disposed> {
        match &self.entry(row)?.fact {
            Fact::Disposed(disposed) => Some(disposed),
            _ => None,
        }
    }

    /// The receipt of a disposition; of an action that is held, what it would be if no answer came.
    pub fn receipt(&self, row: Row) -> Option<&Receipt> {
        match &self.entry(row)?.fact {
            Fact::Disposed(disposed) => Some(&disposed.receipt),
            Fact::Held(held) => Some(&held.interrupted),
            _ => None,
        }
    }

    /// The action that waits for a person, where a row is one.
    pub fn held(&self, row: Row) -> Option<&Held> {
        match &self.entry(row)?.fact {
            Fact::Held(held) => Some(held),
            _ => None,
        }
    }

    /// What the rules say of the action a row stands for.
    pub fn explain(&self, row: Row) -> Option<Explained> {
        match &self.entry(row)?.fact {
            Fact::Disposed(disposed) => self.policies.explain(disposed),
            Fact::Held(held) => self.policies.explain_held(held),
            _ => None,
        }
    }

    /// An envelope and its latest rerun, whichever of the two is asked for.
    pub fn rerun(&self, arrival: (u32, u64)) -> Option<((u32, u64), (u32, u64))> {
        if let Some(again) = self.reruns.get(&arrival) {
            return Some((arrival, *again));
        }
        let of = self.received(arrival)?.rerun_of?;
        Some(((of.run, of.arrival), arrival))
    }

    /// What would be said of an action now: of the same tool and entity in the plan that was made again.
    pub fn would(&self, row: Row) -> Option<&Would> {
        let receipt = self.receipt(row)?;
        let (_, again) = self.rerun(self.arrival(row)?)?;
        let plans = self.about(again).filter_map(|(_, fact)| match fact {
            Fact::Proposed(proposed) if proposed.operator == receipt.operator => Some(&proposed.would),
            _ => None,
        });
        let same = |would: &&Would| would.tool == receipt.tool && would.entity_key == receipt.entity_key;
        plans.flatten().find(same)
    }

    /// When the newest entry was written.
    pub fn newest(&self) -> Option<&str> {
        self.newest.as_ref().map(|entry| entry.at.as_str())
    }

    /// True when a plan is not disposed of.
    pub fn proposes_only(&self, arrival: (u32, u64)) -> bool {
        let again = self.origin(arrival) == Some(Source::Rerun) && !self.runs.is_replay(arrival.0);
        self.runs.proposes_only(arrival.0) || again
    }

    /// By which way an envelope came in.
    pub fn origin(&self, arrival: (u32, u64)) -> Option<Source> {
        self.received(arrival).map(|received| received.origin.source)
    }

    /// The file an operator was loaded from.
    pub fn operator_file(&self, name: &str) -> Option<&str> {
        self.operators.get(name).map(String::as_str)
    }

    /// The policy that judges now, ready to be asked.
    pub fn in_force(&self) -> Option<&Arc<PolicySet>> {
        self.policies.of(self.runs.policy()?.digest.as_deref()?)
    }

    /// The entries about an envelope that are in memory, in order, as rows of the lists they are in.
    pub fn about(&self, (run, arrival): (u32, u64)) -> impl Iterator<Item = (RowId, &Fact)> {
        let first = self.runs.stored(run, arrival).map(RowId);
        let ids = first.into_iter().flat_map(|first| self.cache.onward(first)).take(MOST_ABOUT);
        ids.filter_map(|id| Some((id, &self.cache.get(id)?.fact)))
    }

    /// What is known of a row now, to be compared with what was known before.
    pub fn known(&self, row: Row) -> Known {
        let arrival = self.arrival(row);
        let about = |arrival| self.about(arrival).count();
        let again = arrival.and_then(|arrival| self.rerun(arrival));
        Known {
            entry: self.entry(row).is_some(),
            about: arrival.map_or(0, about),
            again: again.map(|(of, again)| ([of, again], about(of) + about(again))),
        }
    }

    /// The decision whose receipt has that id: the one that claimed the key which `row` found used.
    pub fn claimer(&self, row: Row, id: &str) -> Option<Row> {
        let rows = self.rows(RowList::Decisions);
        let at = rows.binary_search_by_key(&row.at, |row| row.at).ok()?;
        let receipt = |row: &Row| Some(&self.disposed(*row)?.receipt);
        let named = |row: &&Row| receipt(row).is_some_and(|receipt| receipt.id == id);
        rows[..at].iter().rev().take(NEAR).find(named).or_else(|| self.counted_back(at, id)).copied()
    }

    /// The same by the receipts' numbers, which count on within a run: nothing has to be in memory for it.
    fn counted_back(&self, from: usize, id: &str) -> Option<&Row> {
        let rows = self.rows(RowList::Decisions);
        let (run, number) = receipt_number(id)?;
        let (of, own) = receipt_number(&self.disposed(rows[from])?.receipt.id)?;
        let before = usize::try_from(own.checked_sub(number).filter(|_| of == run)?).ok()?.checked_sub(1)?;
        rows[..from].iter().rev().filter(|row| self.cache.run(row.id()) == Some(run)).nth(before)
    }

    /// Where what is shown begins; what is before it is on disk.
    pub fn beginning(&self) -> Option<EntryLocation> {
        self.beginning
    }

    /// Bytes of journals before what is shown; none before any of them was read.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Adds the entries about a row's envelope, at most `most`, and its own, as far as they are not in memory.
    pub fn missing_about(&self, id: RowId, most: usize, ids: &mut Vec<RowId>) {
        let about = self.cache.onward(self.cache.first_about(id)).take(most);
        ids.extend(about.chain([id]).filter(|id| self.cache.lacks(*id)));
    }

    /// Adds what a query needs of a row and is not in memory: its own entry and its envelope's.
    pub fn missing_of(&self, id: RowId, ids: &mut Vec<RowId>) {
        ids.extend([self.cache.first_about(id), id].into_iter().filter(|id| self.cache.lacks(*id)));
    }

    /// Where entries stand on disk, in that order, each once.
    pub fn places(&self, mut ids: Vec<RowId>) -> Vec<(RowId, EntryLocation)> {
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| Some((id, self.cache.place(id)?))).collect()
    }

    /// Takes in what was read back, or could not be.
    pub fn recall(&mut self, id: RowId, entry: Option<Arc<Entry>>) {
        self.cache.recall(id, entry);
    }

    /// True for a row whose entry can no longer be read.
    pub fn lost(&self, id: RowId) -> bool {
        self.cache.lost(id)
    }

    /// Keeps only so many entries in memory.
    #[cfg(test)]
    pub fn keep(&mut self, kept: usize) {
        self.cache.keep(kept);
    }
}

/// How much is known of a row, its envelope, and that envelope's latest rerun. Facts do not change: where it is the same
/// as before, so is all that can be said of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    entry: bool,
    about: usize,
    again: Option<([(u32, u64); 2], usize)>,
}

/// Run and number of a receipt: `rc_12_34`.
fn receipt_number(id: &str) -> Option<(u32, u64)> {
    let (run, number) = id.strip_prefix("rc_")?.split_once('_')?;
    Some((run.parse().ok()?, number.parse().ok()?))
}
