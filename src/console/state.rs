//! What the console knows, derived from journal entries alone, and where a person is in it. A run file, a live feed and
//! a test are the same to it: [`State::apply`] is the only way in for facts.

mod attention;
mod counts;
mod filter;
mod joined;
mod laws;
mod links;
mod pane;
mod pulse;
mod row;
mod runs;
mod selection;
mod trouble;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{
    CodeKind, Disposed, Entry, EnvelopeRef, Fact, PolicyState, Proposed, Received, Routed, Source,
};
use crate::kernel::receipt::Ruling;

pub use attention::Attention;
pub use counts::{Counts, actions};
pub use filter::{Filter, SLICE};
pub use laws::{Laws, Tried};
pub use links::{Edge, Links, Tie};
pub use pane::{Fold, Pane};
pub use pulse::{Pulse, STAGES};
pub use row::{Row, RowId, RowKind};
pub use runs::Runs;
pub use selection::Selection;
pub use trouble::{Fault, Troubles};

use super::commands::CommandId;
use super::keys::{Key, Keymap};
use super::layers::Layer;
use super::layers::menu::{Kind, Line, Menu};
use super::looks::Looks;
use super::text::Charset;
use super::theme::{Shelf, Theme};

/// Everything that is drawn.
#[derive(Debug, Default)]
pub struct State {
    stored: Vec<Stored>,
    /// Envelopes, plans, decisions; receipts are the decisions seen from their other end.
    lists: [Vec<Row>; 3],
    filter: Option<Filter>,
    /// The runs met so far, their policy and what they may fire.
    pub runs: Runs,
    /// The flow, counted.
    pub counts: Counts,
    /// Standing faults and notices.
    pub troubles: Troubles,
    /// The same, lately.
    pub pulse: Pulse,
    /// ALERTs that wait for a person.
    pub attention: Attention,
    laws: Laws,
    /// Where each list is.
    selections: [Selection; 4],
    /// The list a person went to, however it is folded now.
    focus: Pane,
    /// True once the newest rows were left.
    detached: bool,
    links: Links,
    /// What the rules say of the selected action.
    tried: Option<(RowId, Tried)>,
    /// The latest rerun of each envelope.
    reruns: BTreeMap<(u32, u64), (u32, u64)>,
    /// The newest entry: ages count back from it, because a screen on which nothing happens must not change.
    newest: Option<Arc<Entry>>,
    /// How nested JSON is shown.
    pub nested: Nested,
    /// What floats above the screen, topmost last.
    pub layers: Vec<Layer>,
    /// A list to choose from, above all layers.
    pub menu: Option<Menu>,
    /// The key that was pressed and waits for the next.
    pub prefix: Option<Key>,
    /// Which key means what.
    pub keymap: Keymap,
    /// The themes there are.
    pub themes: Shelf,
    /// The commands that were chosen by name, the last first.
    pub recents: Vec<CommandId>,
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

/// Which views show nested JSON otherwise than they do by themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nested {
    /// The pane of the selected row shows it open.
    pub unfolded: bool,
    /// What is open over the screen folds it.
    pub folded: bool,
}

/// An entry that something on screen refers to.
#[derive(Debug)]
struct Stored {
    run: u32,
    /// The next entry about the same envelope.
    next: Option<u32>,
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
        if self.newest.as_ref().is_none_or(|newest| newest.at <= entry.at) {
            self.newest = Some(Arc::clone(entry));
        }
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
        let at = u32::try_from(self.stored.len()).unwrap_or(u32::MAX);
        let row = row_kind(&entry.fact).map(|kind| Row { at, kind });
        self.troubles.take(&entry.fact, row.map(|row| self.id(row)));
        let arrival = arrival_of(&entry.fact);
        if row.is_none() && arrival.is_none() {
            return;
        }
        self.stored.push(Stored { run, next: None, entry: Arc::clone(entry) });
        if let Some(arrival) = arrival
            && let Some(before) = self.runs.arrived(run, arrival, at)
        {
            self.stored[before as usize].next = Some(at);
        }
        if let Fact::Received(Received { arrival, rerun_of: Some(EnvelopeRef { run: of, arrival: again }), .. }) =
            &entry.fact
        {
            self.reruns.insert((*of, *again), (run, *arrival));
        }
        if let Some(row) = row {
            self.lists[row.kind.list()].push(row);
            if matches!(&entry.fact, Fact::Disposed(disposed) if disposed.receipt.verdict.decision == Ruling::Alert) {
                self.attention.raise(row);
            }
        }
    }

    /// The rows of a list, oldest first.
    pub fn list(&self, pane: Pane) -> &[Row] {
        match pane {
            Pane::Decisions | Pane::Receipts if self.filter.is_some() => self.filter.as_ref().map_or(&[], Filter::rows),
            Pane::Decisions | Pane::Receipts if self.attention.alone => self.attention.rows(),
            Pane::Envelopes => &self.lists[0],
            Pane::Plans => &self.lists[1],
            Pane::Decisions | Pane::Receipts => &self.lists[2],
        }
    }

    /// All decisions, whether the query lets them through or not.
    pub fn all(&self) -> &[Row] {
        &self.lists[2]
    }

    /// How many rows a list has when nothing is left out.
    pub fn whole(&self, pane: Pane) -> usize {
        self.lists[(pane as usize).min(2)].len()
    }

    /// The rows of the list that has the keys, oldest first.
    pub fn rows(&self) -> &[Row] {
        self.list(self.focus())
    }

    /// The entry a row stands for.
    pub fn entry(&self, row: Row) -> Option<&Entry> {
        self.stored.get(row.at as usize).map(|stored| &*stored.entry)
    }

    /// What a row is called by, whatever comes before or after it.
    pub fn id(&self, row: Row) -> RowId {
        RowId(row.at)
    }

    /// The envelope a row is about, as run and ordinal.
    pub fn arrival(&self, row: Row) -> Option<(u32, u64)> {
        let stored = self.stored.get(row.at as usize)?;
        Some((stored.run, arrival_of(&stored.entry.fact)?))
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

    /// The disposition a row stands for.
    pub fn disposed(&self, row: Row) -> Option<&Disposed> {
        match &self.entry(row)?.fact {
            Fact::Disposed(disposed) => Some(disposed),
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

    /// What the rules say of the selected action.
    pub fn tried(&self) -> Option<&Tried> {
        self.tried.as_ref().map(|(_, tried)| tried)
    }

    /// When the newest entry was written.
    pub fn newest(&self) -> Option<&str> {
        self.newest.as_ref().map(|entry| entry.at.as_str())
    }

    /// True when a plan is not disposed of.
    pub fn proposes_only(&self, arrival: (u32, u64)) -> bool {
        self.runs.proposes_only(arrival.0) || self.origin(arrival) == Some(Source::Rerun)
    }

    fn is_rerun(&self, run: u32, fact: &Fact) -> bool {
        match fact {
            Fact::Received(received) => received.rerun_of.is_some(),
            Fact::Routed(Routed { arrival, .. }) | Fact::Proposed(Proposed { arrival, .. }) => {
                self.origin((run, *arrival)) == Some(Source::Rerun)
            }
            _ => false,
        }
    }

    fn origin(&self, arrival: (u32, u64)) -> Option<Source> {
        self.received(arrival).map(|received| received.origin.source)
    }

    /// The file an operator was loaded from.
    pub fn operator_file(&self, name: &str) -> Option<&str> {
        self.operators.get(name).map(String::as_str)
    }

    /// The selected row of the list that has the keys.
    pub fn selected(&self) -> Option<Row> {
        self.selection().index().and_then(|index| self.rows().get(index)).copied()
    }

    /// True while the whole of a row is open, under the help or not.
    pub fn reading(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer, Layer::Detail(_)))
    }

    /// The theme to draw with: the one in force, or the one that is tried.
    pub fn theme(&self) -> Theme {
        let tried = self.menu.as_ref().filter(|menu| menu.kind == Kind::Themes).and_then(|menu| menu.selected(self));
        self.themes.theme(match tried {
            Some(Line::Theme(at)) => Some(at),
            _ => None,
        })
    }

    /// The layer that has the keys, when there is one.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }
}

/// The ordinal of the envelope a fact is about.
fn arrival_of(fact: &Fact) -> Option<u64> {
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

/// Which row, if any, a fact gets. Whatever falls out of the flow is on one, so that nothing is silent.
fn row_kind(fact: &Fact) -> Option<RowKind> {
    match fact {
        Fact::Received(_) => Some(RowKind::Envelope),
        Fact::Refused(_) => Some(RowKind::Refused),
        Fact::Proposed(_) => Some(RowKind::Plan),
        Fact::Disposed(_) => Some(RowKind::Disposed),
        // Code that is gone routes nothing any more: that has a row like code that does not load.
        Fact::Loaded(loaded) if loaded.failure.is_some() || loaded.running.is_none() => Some(RowKind::NotLoaded),
        Fact::Noticed(_) => Some(RowKind::Notice),
        Fact::PolicyLoaded(stamp) => policy_row(stamp.state, stamp.diagnostics.is_empty()),
        Fact::RunStarted(started) => policy_row(started.policy.state, started.policy.diagnostics.is_empty()),
        Fact::Routed(_)
        | Fact::Held(_)
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
