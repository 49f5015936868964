//! What the console knows, derived from journal entries alone, and where a person is in it. A run file, a live feed and
//! a test are the same to it: [`State::apply`] is the only way in for facts.

mod attention;
mod counts;
mod filter;
mod intake;
mod joined;
mod laws;
mod links;
mod memory;
mod page;
mod pane;
mod pulse;
mod row;
mod runs;
mod selection;
mod trouble;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Disposed, Entry, Fact, Held, Received, Source};
use crate::kernel::receipt::Receipt;
use crate::session::past::Place;

pub use attention::Attention;
pub use counts::{Counts, actions};
pub use filter::{Filter, SLICE};
pub use laws::{Laws, Tried};
pub use links::{Edge, Links, Tie};
pub use page::Page;
pub use pane::{Fold, Pane};
pub use pulse::{Pulse, STAGES};
pub use row::{Mark, Row, RowId, RowKind};
pub use runs::Runs;
pub use selection::Selection;
pub use trouble::{Fault, Troubles};

use memory::Memory;

use super::commands::CommandId;
use super::keys::{Key, Keymap};
use super::layers::Layer;
use super::layers::menu::{Kind, Line, Menu};
use super::looks::Looks;
use super::policy::Policy;
use super::text::Charset;
use super::theme::{Shelf, Theme};

/// Everything that is drawn.
#[derive(Debug, Default)]
pub struct State {
    /// Which screen is on.
    pub page: Page,
    /// The Policy screen.
    pub policy: Policy,
    memory: Memory,
    /// Envelopes, plans, decisions; receipts are the decisions seen from their other end.
    lists: [Vec<Row>; 3],
    /// A query over each of them.
    filters: [Option<Filter>; 3],
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
    /// Actions that wait for a person, with their rows.
    holding: BTreeMap<String, RowId>,
    /// Who answers here.
    pub who: String,
    reruns: BTreeMap<(u32, u64), (u32, u64)>,
    rerun_arrivals: BTreeSet<(u32, u64)>,
    /// Where what is shown begins; what is before it is on disk.
    beginning: Option<Place>,
    /// How much of it is asked for.
    pub before: Before,
    /// The newest entry: ages count back from it, because a screen on which nothing happens must not change.
    newest: Option<Arc<Entry>>,
    /// True when the pane of the selected row shows nested JSON open.
    pub unfolded: bool,
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
    /// What was wrong with files of keys and themes when they were last read; none before.
    pub unset: Option<Vec<Diagnostic>>,
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

/// How much of what is before the first row is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Before {
    /// It is left on disk.
    #[default]
    Left,
    /// A person went up from the first row.
    Some,
    /// A person goes to the very first row.
    All,
}

impl State {
    /// Nothing yet, on a terminal of that size and those characters.
    pub fn new(size: (u16, u16), charset: Charset) -> Self {
        Self { size, charset, ..Self::default() }
    }

    /// The rows of a list, oldest first.
    pub fn list(&self, pane: Pane) -> &[Row] {
        let list = pane.list();
        match &self.filters[list] {
            Some(filter) => filter.rows(),
            None if self.attention.alone && list == Pane::Decisions.list() => self.attention.rows(),
            None => &self.lists[list],
        }
    }

    /// All rows of a list, whether its query lets them through or not.
    pub fn all(&self, pane: Pane) -> &[Row] {
        &self.lists[pane.list()]
    }

    /// The rows of the list that has the keys, oldest first.
    pub fn rows(&self) -> &[Row] {
        self.list(self.focus())
    }

    /// The entry a row stands for, when it is in memory.
    pub fn entry(&self, row: Row) -> Option<&Entry> {
        self.memory.get(row.id())
    }

    /// The envelope a row is about, as run and ordinal.
    pub fn arrival(&self, row: Row) -> Option<(u32, u64)> {
        Some((self.memory.run(row.id())?, intake::arrival_of(&self.entry(row)?.fact)?))
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

    /// The receipt of a disposition; of an action that is held, what it would be if no answer came.
    pub fn receipt(&self, row: Row) -> Option<&Receipt> {
        match &self.entry(row)?.fact {
            Fact::Disposed(disposed) => Some(&disposed.receipt),
            Fact::Held(held) => Some(&held.interrupted),
            _ => None,
        }
    }

    /// The action that waits for a person, when the selected row is one.
    pub fn asked(&self) -> Option<&Held> {
        match &self.entry(self.selected()?)?.fact {
            Fact::Held(held) => Some(held),
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

    /// Takes keys and themes as they were read. A theme in force that does not load any more stays as it was.
    pub fn set_up(&mut self, keymap: Keymap, mut themes: Shelf, faults: Vec<Diagnostic>) {
        if let Some(old) = self.themes.themes.get(self.themes.chosen).filter(|_| self.unset.is_some()) {
            if !themes.choose(&old.name) {
                themes.add(old.clone());
                themes.choose(&old.name);
            }
            themes.settled = self.themes.settled;
            themes.set_ground(self.themes.ground());
        }
        (self.keymap, self.themes) = (keymap, themes);
        for fault in self.unset.take().iter().flatten() {
            self.troubles.settled(fault);
        }
        for fault in &faults {
            self.troubles.noticed(fault);
        }
        self.unset = Some(faults);
    }

    /// The layer that has the keys, when there is one.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }
}
