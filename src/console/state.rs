//! What the console knows, derived from journal entries alone, and where a person is in it. A run file, a live feed and
//! a test are the same to it: [`State::apply`] is the only way in for facts.

mod counts;
mod filter;
mod row;
mod runs;
mod selection;
mod trouble;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{CodeKind, Entry, Fact, PolicyState, Proposed, Received, Routed, Source};

pub use counts::Counts;
pub use filter::{Filter, SLICE};
pub use row::{Row, RowId, RowKind};
pub use runs::Runs;
pub use selection::Selection;
pub use trouble::{Fault, Troubles};

use super::layers::Layer;
use super::looks::Looks;
use super::text::Charset;

/// Everything that is drawn.
#[derive(Debug, Default)]
pub struct State {
    stored: Vec<Stored>,
    rows: Vec<Row>,
    filter: Option<Filter>,
    /// The runs met so far, their policy and what they may fire.
    pub runs: Runs,
    /// The flow, counted.
    pub counts: Counts,
    /// Standing faults and notices.
    pub troubles: Troubles,
    /// Where a person is in the list.
    pub selection: Selection,
    /// What floats above the screen, topmost last.
    pub layers: Vec<Layer>,
    /// How the screen is arranged.
    pub looks: Looks,
    /// The workspace, when the console was started somewhere else.
    pub elsewhere: Option<PathBuf>,
    /// Of which row a value was copied last, and which of its values.
    pub copied: (Option<RowId>, usize),
    operators: BTreeMap<String, String>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The characters it can show.
    pub charset: Charset,
    /// True once the session feeds no more entries.
    pub ended: bool,
    /// An answer to the last key, until the next one.
    pub status: Option<String>,
    /// The envelope the session was last told is selected.
    pub told: Option<(u32, u64)>,
    /// Entries taken in, of every kind.
    pub entries: u64,
}

/// An entry that something on screen refers to.
#[derive(Debug)]
struct Stored {
    run: u32,
    entry: Arc<Entry>,
}

impl State {
    /// Nothing yet, on a terminal of that size and those characters.
    pub fn new(size: (u16, u16), charset: Charset) -> Self {
        Self { size, charset, ..Self::default() }
    }

    /// Takes one entry in.
    pub fn apply(&mut self, run: u32, entry: &Arc<Entry>) {
        self.entries += 1;
        // The flow counts what came in; a rerun is the same envelope again.
        if !self.is_rerun(run, &entry.fact) {
            self.counts.take(&entry.fact);
        }
        self.runs.take(run, &entry.fact);
        if let Fact::Loaded(loaded) = &entry.fact
            && loaded.kind == CodeKind::Operator
        {
            self.operators.insert(loaded.name.clone(), loaded.file.clone());
        }
        let arrival = match &entry.fact {
            Fact::Received(received) => Some(received.arrival),
            _ => None,
        };
        let kind = self.row_kind(run, &entry.fact);
        self.troubles.take(&entry.fact, kind.map(|_| RowId { run, seq: entry.seq }));
        if arrival.is_none() && kind.is_none() {
            return;
        }
        let at = u32::try_from(self.stored.len()).unwrap_or(u32::MAX);
        self.stored.push(Stored { run, entry: Arc::clone(entry) });
        if let Some(arrival) = arrival {
            self.runs.arrived(run, arrival, at);
        }
        self.rows.extend(kind.map(|kind| Row { at, kind }));
    }

    /// Which row, if any, a fact gets. Whatever falls out of the flow gets one, so that nothing is silent.
    fn row_kind(&self, run: u32, fact: &Fact) -> Option<RowKind> {
        match fact {
            Fact::Disposed(_) => Some(RowKind::Disposed),
            Fact::Refused(_) => Some(RowKind::Refused),
            Fact::Received(received) if !received.warnings.is_empty() => Some(RowKind::Warned),
            Fact::Routed(routed) if routed.to.is_empty() => Some(RowKind::Unrouted),
            Fact::Proposed(proposed) if proposed.failure.is_some() || proposed.plan.is_none() => Some(RowKind::NoPlan),
            Fact::Proposed(proposed) if counts::actions(proposed) == 0 => Some(RowKind::Refusal),
            Fact::Proposed(proposed) => {
                let rerun = self.origin(run, proposed.arrival) == Some(Source::Rerun);
                (rerun || self.runs.proposes_only(run)).then_some(RowKind::Proposal)
            }
            Fact::Loaded(loaded) if loaded.failure.is_some() => Some(RowKind::NotLoaded),
            Fact::Noticed(_) => Some(RowKind::Notice),
            Fact::PolicyLoaded(stamp) => policy_row(stamp.state, stamp.diagnostics.is_empty()),
            Fact::RunStarted(started) => policy_row(started.policy.state, started.policy.diagnostics.is_empty()),
            Fact::Received(_) | Fact::Routed(_) | Fact::Claimed(_) | Fact::Loaded(_) | Fact::RunEnded(_) => None,
        }
    }

    /// The rows that are let through, oldest first.
    pub fn rows(&self) -> &[Row] {
        self.filter.as_ref().map_or(&self.rows, Filter::rows)
    }

    /// All rows, let through or not.
    pub fn all_rows(&self) -> &[Row] {
        &self.rows
    }

    /// The entry a row stands for.
    pub fn entry(&self, row: Row) -> Option<&Entry> {
        self.stored.get(row.at as usize).map(|stored| &*stored.entry)
    }

    /// What a row is called by, whatever comes before or after it.
    pub fn id(&self, row: Row) -> Option<RowId> {
        self.stored.get(row.at as usize).map(|stored| RowId { run: stored.run, seq: stored.entry.seq })
    }

    /// Where the row of that id is.
    pub fn position(&self, id: RowId) -> Option<usize> {
        // The newest is asked for most: look from the end.
        self.rows().iter().rposition(|row| self.id(*row) == Some(id))
    }

    /// The envelope a row is about, as run and ordinal.
    pub fn arrival(&self, row: Row) -> Option<(u32, u64)> {
        let stored = self.stored.get(row.at as usize)?;
        let arrival = match &stored.entry.fact {
            Fact::Received(received) => received.arrival,
            Fact::Routed(routed) => routed.arrival,
            Fact::Proposed(proposed) => proposed.arrival,
            Fact::Disposed(disposed) => disposed.arrival,
            _ => return None,
        };
        Some((stored.run, arrival))
    }

    /// How the envelope behind an ordinal came in.
    pub fn received(&self, (run, arrival): (u32, u64)) -> Option<&Received> {
        match &self.stored.get(self.runs.stored(run, arrival)? as usize)?.entry.fact {
            Fact::Received(received) => Some(received),
            _ => None,
        }
    }

    /// The envelope behind an ordinal.
    pub fn envelope(&self, arrival: (u32, u64)) -> Option<&EventEnvelope> {
        self.received(arrival).map(|received| &*received.envelope)
    }

    fn is_rerun(&self, run: u32, fact: &Fact) -> bool {
        match fact {
            Fact::Received(received) => received.rerun_of.is_some(),
            Fact::Routed(Routed { arrival, .. }) | Fact::Proposed(Proposed { arrival, .. }) => {
                self.origin(run, *arrival) == Some(Source::Rerun)
            }
            _ => false,
        }
    }

    fn origin(&self, run: u32, arrival: u64) -> Option<Source> {
        self.received((run, arrival)).map(|received| received.origin.source)
    }

    /// The file an operator was loaded from.
    pub fn operator_file(&self, name: &str) -> Option<&str> {
        self.operators.get(name).map(String::as_str)
    }

    /// The selected row.
    pub fn selected(&self) -> Option<Row> {
        self.selection.index().and_then(|index| self.rows().get(index)).copied()
    }

    /// True while the whole of a row is open, under the help or not.
    pub fn reading(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer, Layer::Detail(_)))
    }

    /// The layer that has the keys, when there is one.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }
}

fn policy_row(state: PolicyState, clean: bool) -> Option<RowKind> {
    (state != PolicyState::InForce || !clean).then_some(RowKind::Policy)
}
