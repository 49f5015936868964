//! Taking entries in: what they count for, which row they get, what they are tied to. Entries of earlier runs get rows
//! and ties, and count for nothing.

use std::sync::Arc;

use super::row::Mark;
use super::{Model, Row, RowId, RowKind, RowList};
use crate::kernel::journal::{
    CodeKind, Entry, EnvelopeRef, Fact, PolicyState, Proposed, Received, Routed, RunKind, RunStarted,
};
use crate::session::journal::reader::{EarlierEntries, EntryLocation};

/// What one entry changed.
#[derive(Debug)]
pub struct Applied<'e> {
    /// The run it is of.
    pub run: u32,
    /// What it says.
    pub fact: &'e Fact,
    /// The row it got, at the end of its list.
    pub row: Option<Row>,
    /// The envelope it is about, as run and ordinal.
    pub arrival: Option<(u32, u64)>,
    /// That envelope, or of a rerun the one that it runs again.
    pub origin: Option<(u32, u64)>,
    /// True for an entry of a replay by another process: it raises nothing here.
    pub replayed: bool,
    /// The held action that ended with it: the index its row had, and its id. That row is gone.
    pub ended: Option<(usize, RowId)>,
}

/// What entries of an earlier time added.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Rows put before each list, in the order of [`RowList`].
    pub rows: [usize; 3],
    /// Lines that could not be read.
    pub damaged: usize,
}

impl Model {
    /// Takes one entry in, with where it can be read again; what that changed.
    pub fn apply<'e>(&mut self, run: u32, entry: &'e Arc<Entry>, place: Option<EntryLocation>) -> Applied<'e> {
        let fact = &entry.fact;
        self.entries += 1;
        if self.newest.as_ref().is_none_or(|newest| newest.at <= entry.at) {
            self.newest = Some(Arc::clone(entry));
        }
        self.beginning = match (self.beginning, place) {
            (Some(beginning), Some(place)) => Some(beginning.min(EntryLocation { offset: 0, ..place })),
            (None, Some(place)) if self.entries == 1 => Some(EntryLocation { offset: 0, ..place }),
            (beginning, _) => beginning,
        };
        // The flow counts what came in; a rerun is the same envelope again.
        let before = self.counts;
        self.runs.take(run, fact);
        // What another process plays has its rows, and is no part of this session's flow.
        if !self.runs.is_replay(run) {
            if self.is_rerun(run, fact) {
                self.counts.take_rerun(fact);
            } else {
                self.counts.take(fact);
                self.activity.beat(&before, &self.counts);
            }
        }
        if let Fact::Loaded(loaded) = fact
            && loaded.kind == CodeKind::Operator
        {
            self.operators.insert(loaded.name.clone(), loaded.file.clone());
        }
        self.policies.take(fact);
        self.catalogue.take(fact);
        let row = row_kind(fact).map(|kind| Row::new(RowId(self.cache.end()), kind, mark(fact)));
        let arrival = arrival_of(fact);
        if let Some((of, again)) = rerun_of(run, fact) {
            self.reruns.insert(of, again);
            self.rerun_arrivals.insert(again, of);
        }
        let envelope = arrival.map(|arrival| (run, arrival));
        let origin = envelope.map(|envelope| self.rerun_arrivals.get(&envelope).copied().unwrap_or(envelope));
        let replayed = self.runs.is_replay(run);
        let mut applied = Applied { run, fact, row, arrival: envelope, origin, replayed, ended: None };
        if row.is_none() && arrival.is_none() {
            return applied;
        }
        let at = self.cache.push(run, place, entry);
        if let Some(arrival) = arrival
            && let Some((first, last)) = self.runs.arrived(run, arrival, at)
        {
            self.cache.tie(first, last, at);
            self.note_unrouted(RowId(first), fact);
        }
        if let Some(row) = row {
            self.lists[row.kind.list() as usize].push(row);
            applied.ended = self.hold_or_end(row, fact);
        }
        applied
    }

    /// Remembers an action that is held; of one that has ended, takes its row as a held one out: one row is enough.
    fn hold_or_end(&mut self, row: Row, fact: &Fact) -> Option<(usize, RowId)> {
        match fact {
            Fact::Held(held) => {
                self.holding.insert(held.action_id.clone(), row.id());
                None
            }
            Fact::Disposed(disposed) => {
                let held = self.holding.remove(&disposed.receipt.action_id)?;
                let rows = &mut self.lists[row.kind.list() as usize];
                let at = rows.binary_search_by_key(&held, |row| row.id()).ok()?;
                rows.remove(at);
                Some((at, held))
            }
            _ => None,
        }
    }

    /// Puts entries of an earlier time before all others; how many rows each list got.
    pub fn put_before(&mut self, older: &EarlierEntries) -> Earlier {
        self.beginning = older.from;
        self.unread = older.left;
        let mut rows: [Vec<Row>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        for (place, entry) in older.entries.iter().rev() {
            self.runs.take_earlier(place.run, &entry.fact);
            self.policies.take(&entry.fact);
            let kind = row_kind(&entry.fact).or(matches!(entry.fact, Fact::RunStarted(_)).then_some(RowKind::Run));
            let arrival = arrival_of(&entry.fact);
            if kind.is_none() && arrival.is_none() {
                continue;
            }
            let Some(at) = self.cache.push_before(*place, entry) else { return Earlier::default() };
            if let Some(arrival) = arrival
                && let Some((first, last)) = self.runs.arrived_earlier(*place, arrival, at)
            {
                self.cache.tie_before(at, first, last);
            }
            if let Some((of, again)) = rerun_of(place.run, &entry.fact) {
                self.reruns.entry(of).or_insert(again);
                self.rerun_arrivals.insert(again, of);
            }
            // What waited then has its receipt, or never will.
            if let Some(kind) = kind.filter(|kind| *kind != RowKind::Held) {
                rows[kind.list() as usize].push(Row::new(RowId(at), kind, mark(&entry.fact)));
            }
        }
        let added = [RowList::Envelopes, RowList::Plans, RowList::Decisions].map(|list| rows[list as usize].len());
        for (list, mut rows) in self.lists.iter_mut().zip(rows) {
            rows.reverse();
            list.splice(0..0, rows);
        }
        let unrouted: Vec<RowId> =
            older.entries.iter().filter_map(|(place, entry)| self.unrouted(*place, entry)).collect();
        for id in unrouted {
            self.set_unrouted(id);
        }
        Earlier { rows: added, damaged: older.damaged }
    }

    /// The envelope's entry, when `entry` says that no trigger matched it.
    fn unrouted(&self, place: EntryLocation, entry: &Entry) -> Option<RowId> {
        match &entry.fact {
            Fact::Routed(routed) if routed.to.is_empty() => self.runs.stored(place.run, routed.arrival).map(RowId),
            _ => None,
        }
    }

    fn note_unrouted(&mut self, envelope: RowId, fact: &Fact) {
        if matches!(fact, Fact::Routed(routed) if routed.to.is_empty()) {
            self.set_unrouted(envelope);
        }
    }

    fn set_unrouted(&mut self, envelope: RowId) {
        if let Ok(at) = self.lists[0].binary_search_by_key(&envelope, |row| row.id()) {
            self.lists[0][at].mark = Mark::Unrouted;
        }
    }

    fn is_rerun(&self, run: u32, fact: &Fact) -> bool {
        match fact {
            Fact::Received(received) => received.rerun_of.is_some(),
            Fact::Routed(Routed { arrival, .. }) | Fact::Proposed(Proposed { arrival, .. }) => {
                self.rerun_arrivals.contains_key(&(run, *arrival))
            }
            // Of an envelope that is replayed, in a run of its own.
            Fact::Disposed(disposed) => self.rerun_arrivals.contains_key(&(run, disposed.arrival)),
            _ => false,
        }
    }
}

/// A rerun and what it runs again, the latter first.
fn rerun_of(run: u32, fact: &Fact) -> Option<((u32, u64), (u32, u64))> {
    match fact {
        Fact::Received(Received { arrival, rerun_of: Some(EnvelopeRef { run: of, arrival: again }), .. }) => {
            Some(((*of, *again), (run, *arrival)))
        }
        _ => None,
    }
}

/// The ordinal of the envelope a row is about. A claim is no row: what becomes of it is.
pub(super) fn arrival_of(fact: &Fact) -> Option<u64> {
    if matches!(fact, Fact::Claimed(_)) { None } else { fact.arrival() }
}

fn mark(fact: &Fact) -> Mark {
    match fact {
        Fact::Disposed(disposed) => Mark::of(disposed),
        Fact::Proposed(proposed) if proposed.failed() => Mark::Unplanned,
        _ => Mark::None,
    }
}

/// Which row, if any, a fact gets. Whatever falls out of the flow is on one, so that nothing is silent.
fn row_kind(fact: &Fact) -> Option<RowKind> {
    match fact {
        Fact::Received(_) => Some(RowKind::Envelope),
        Fact::Refused(_) => Some(RowKind::Refused),
        Fact::Proposed(_) => Some(RowKind::Plan),
        Fact::Held(_) => Some(RowKind::Held),
        Fact::Disposed(_) => Some(RowKind::Disposed),
        // Code that is gone routes nothing any more: that has a row like code that does not load.
        Fact::Loaded(loaded) if loaded.failure.is_some() || loaded.running.is_none() => Some(RowKind::NotLoaded),
        Fact::Noticed(_) => Some(RowKind::Notice),
        Fact::PolicyLoaded(stamp) => policy_row(stamp.state, stamp.diagnostics.is_empty()),
        Fact::RunStarted(RunStarted { kind: RunKind::Replay, .. }) => Some(RowKind::Run),
        Fact::RunStarted(started) => policy_row(started.policy.state, started.policy.diagnostics.is_empty()),
        Fact::Routed(_)
        | Fact::Answered(_)
        | Fact::Carried(_)
        | Fact::Acknowledged(_)
        | Fact::Claimed(_)
        | Fact::Loaded(_)
        | Fact::Listening(_)
        | Fact::Settled(_)
        | Fact::RunEnded(_) => None,
    }
}

fn policy_row(state: PolicyState, clean: bool) -> Option<RowKind> {
    (state != PolicyState::InForce || !clean).then_some(RowKind::Policy)
}
