//! Taking entries in: what they count for, which row they get, what they are tied to. Entries of earlier runs get rows
//! and ties, and count for nothing.

use std::sync::Arc;

use super::row::Mark;
use super::{Pane, Row, RowId, RowKind, State};
use crate::kernel::journal::{
    CodeKind, Entry, EnvelopeRef, Fact, PolicyState, Proposed, Received, Routed, RunKind, RunStarted, Source,
};
use crate::kernel::receipt::Ruling;
use crate::session::past::{Older, Place};

impl State {
    /// Takes one entry in, with where it can be read again.
    pub fn apply(&mut self, run: u32, entry: &Arc<Entry>, place: Option<Place>) {
        self.entries += 1;
        if self.newest.as_ref().is_none_or(|newest| newest.at <= entry.at) {
            self.newest = Some(Arc::clone(entry));
        }
        self.beginning = match (self.beginning, place) {
            (Some(beginning), Some(place)) => Some(beginning.min(Place { offset: 0, ..place })),
            (None, Some(place)) if self.entries == 1 => Some(Place { offset: 0, ..place }),
            (beginning, _) => beginning,
        };
        // The flow counts what came in; a rerun is the same envelope again.
        if !self.is_rerun(run, &entry.fact) {
            let before = self.counts;
            self.counts.take(&entry.fact);
            self.pulse.beat(&before, &self.counts);
        }
        self.runs.take(run, &entry.fact);
        if let Fact::Loaded(loaded) = &entry.fact
            && loaded.kind == CodeKind::Operator
        {
            self.operators.insert(loaded.name.clone(), loaded.file.clone());
        }
        self.laws.take(&entry.fact);
        self.policy.catalogue.take(&entry.fact);
        self.policy.record.watches(run);
        let row = row_kind(&entry.fact).map(|kind| Row::new(RowId(self.memory.end()), kind, mark(&entry.fact)));
        self.troubles.take(&entry.fact, row.map(Row::id));
        let arrival = arrival_of(&entry.fact);
        if row.is_none() && arrival.is_none() {
            return;
        }
        let at = self.memory.push(run, place, entry);
        if let Some(arrival) = arrival
            && let Some((first, last)) = self.runs.arrived(run, arrival, at)
        {
            self.memory.tie(first, last, at);
            self.note_unrouted(RowId(first), &entry.fact);
        }
        if let Some((of, again)) = rerun_of(run, &entry.fact) {
            self.reruns.insert(of, again);
            self.rerun_arrivals.insert(again);
        }
        if let Some(row) = row {
            self.lists[row.kind.list()].push(row);
            self.attend(row, &entry.fact);
            self.record(row, arrival.map(|arrival| (run, arrival)), &entry.fact);
        }
    }

    /// Asks for a person's attention, or needs it no more.
    fn attend(&mut self, row: Row, fact: &Fact) {
        match fact {
            Fact::Held(held) => {
                self.holding.insert(held.action_id.clone(), row.id());
                self.attention.raise(row);
            }
            Fact::Disposed(disposed) => match self.holding.remove(&disposed.receipt.action_id) {
                // A person has decided it: nobody has to be told.
                Some(held) => self.replace(held, row),
                None if disposed.receipt.verdict.decision == Ruling::Alert => self.attention.raise(row),
                None => {}
            },
            _ => {}
        }
    }

    /// An action that waited has come to its end: one row of it is enough.
    fn replace(&mut self, held: RowId, by: Row) {
        self.attention.acknowledge(held);
        let list = by.kind.list();
        if let Ok(at) = self.lists[list].binary_search_by_key(&held, |row| row.id()) {
            self.lists[list].remove(at);
            self.taken_out(list, at, held);
        }
        let index = self.lists[list].len().saturating_sub(1);
        for pane in Pane::ALL.into_iter().filter(|pane| pane.list() == list) {
            let selection = &mut self.selections[pane as usize];
            if selection.id() == Some(held) {
                selection.put(Some((index, by.id())));
            }
        }
    }

    /// An action of this session is one of the record.
    fn record(&mut self, row: Row, arrival: Option<(u32, u64)>, fact: &Fact) {
        let Fact::Disposed(disposed) = fact else { return };
        let of_fixture = arrival.and_then(|arrival| self.origin(arrival)) == Some(Source::Fixture);
        self.policy.record.take(row.id(), &disposed.receipt, of_fixture);
    }

    /// Puts entries of an earlier time before all others.
    pub fn put_before(&mut self, older: &Older) {
        self.beginning = older.from;
        let mut rows: [Vec<Row>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        for (place, entry) in older.entries.iter().rev() {
            self.runs.take_earlier(place.run, &entry.fact);
            self.laws.take(&entry.fact);
            let kind = row_kind(&entry.fact).or(matches!(entry.fact, Fact::RunStarted(_)).then_some(RowKind::Run));
            let arrival = arrival_of(&entry.fact);
            if kind.is_none() && arrival.is_none() {
                continue;
            }
            let Some(at) = self.memory.push_before(*place, entry) else { return };
            if let Some(arrival) = arrival
                && let Some((first, last)) = self.runs.arrived_earlier(*place, arrival, at)
            {
                self.memory.tie_before(at, first, last);
            }
            if let Some((of, again)) = rerun_of(place.run, &entry.fact) {
                self.reruns.entry(of).or_insert(again);
                self.rerun_arrivals.insert(again);
            }
            // What waited then has its receipt, or never will.
            if let Some(kind) = kind.filter(|kind| *kind != RowKind::Held) {
                rows[kind.list()].push(Row::new(RowId(at), kind, mark(&entry.fact)));
            }
        }
        for (at, mut rows) in rows.into_iter().enumerate() {
            rows.reverse();
            self.shift(at, rows.len());
            self.lists[at].splice(0..0, rows);
        }
        let unrouted: Vec<RowId> =
            older.entries.iter().filter_map(|(place, entry)| self.unrouted(*place, entry)).collect();
        for id in unrouted {
            self.set_unrouted(id);
        }
    }

    /// The envelope's entry, when `entry` says that no trigger matched it.
    fn unrouted(&self, place: Place, entry: &Entry) -> Option<RowId> {
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
                self.rerun_arrivals.contains(&(run, *arrival))
            }
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

/// The ordinal of the envelope a fact is about.
pub(super) fn arrival_of(fact: &Fact) -> Option<u64> {
    match fact {
        Fact::Received(received) => Some(received.arrival),
        Fact::Routed(routed) => Some(routed.arrival),
        Fact::Proposed(proposed) => Some(proposed.arrival),
        Fact::Held(held) => Some(held.arrival),
        Fact::Answered(answered) => Some(answered.arrival),
        Fact::Disposed(disposed) => Some(disposed.arrival),
        _ => None,
    }
}

fn mark(fact: &Fact) -> Mark {
    match fact {
        Fact::Disposed(disposed) => Mark::of(disposed),
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
        | Fact::Claimed(_)
        | Fact::Loaded(_)
        | Fact::Settled(_)
        | Fact::RunEnded(_) => None,
    }
}

fn policy_row(state: PolicyState, clean: bool) -> Option<RowKind> {
    (state != PolicyState::InForce || !clean).then_some(RowKind::Policy)
}
