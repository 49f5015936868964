//! The Live screen: what happens as it happens, in four joined lists, and why.
//!
//! It owns where a person is in the lists, what they filter and what is open over them. Facts are the model's; it must
//! not know other screens or the shell.

mod actions;
mod commands;
mod counted;
mod filter;
mod jump;
mod layout;
mod links;
mod list_id;
mod message;
mod missing_entries;
mod navigation;
mod pager;
mod panes;
mod pending_alerts;
mod prompt;
mod record;
mod selection;
mod selection_sync;
mod standpoint;
#[cfg(test)]
pub mod tests;
mod update;
mod view;
mod why;
mod widths;

pub use counted::Counted;
pub use filter::{Filter, SLICE};
pub use links::{Edge, Links, Tie};
pub use list_id::{ColumnMode, ListId};
pub use message::Message;
pub use pending_alerts::PendingAlerts;
pub use selection::Selection;
use standpoint::{Standpoint, Trail};
use widths::Widths;

use crate::console::keys::{Group, Key, ScreenId};
use crate::console::model::{Applied, Earlier, Explained, Model, Row, RowId, RowList};
use crate::console::screen::{Choice, Command, Context, Cover, Dialog, Effect, Hints, Screen};
use crate::console::text::grouped;
use crate::console::widgets::{HitMap, Motion, Pen};
use crate::kernel::journal::Fact;
use crate::session::journal::reader::EntryLocation;
use jump::Jump;
use panes::{Pane, Panes};
use prompt::Prompt;
use record::Record;

/// Where a person is in the lists.
#[derive(Debug, Default)]
pub struct Live {
    /// A query over each of the three lists of rows.
    filters: [Option<Filter>; 3],
    /// Where each of the four lists is.
    selections: [Selection; 4],
    /// The list a person went to, however it is folded now.
    focus: ListId,
    /// How many lists stand side by side.
    columns: ColumnMode,
    /// How wide they would have to be for nothing to be cut.
    widths: Widths,
    /// True once the newest rows were left.
    detached: bool,
    links: Links,
    /// What the rules say of the selected action.
    explained: Option<(RowId, Explained)>,
    /// ALERTs that wait for a person.
    pub pending: PendingAlerts,
    /// How much of what is before the first row is asked for.
    before: Before,
    /// Before which place journals are being read.
    awaiting: Option<EntryLocation>,
    /// What is shown below the lists.
    panes: Panes,
    /// What is open over the lists.
    overlay: Option<Overlay>,
    /// The whole of the selected row, while that is open.
    record: Record,
    /// Of which row a value was copied last, and which of its values.
    copied: (Option<RowId>, usize),
    /// What was jumped to last, for the next one and the one before.
    sought: Option<Jump>,
    /// What was jumped to last, and the row that was selected for it.
    jumped: Option<(RowId, RowId)>,
    /// Where a person was when what is open was opened for a fault.
    came_from: Option<Standpoint>,
    /// The places that were left by leaps.
    trail: Trail,
    /// The envelope that the session last heard is selected.
    selected_in_session: Option<(u32, u64)>,
}

/// What is open over the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// The whole of the selected row.
    Record,
    /// A query being typed.
    Prompt(Prompt),
}

/// How much of what is before the first row is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Before {
    /// It is left on disk.
    #[default]
    Left,
    /// A person went up from the first row.
    Some,
    /// A person goes to the very first row.
    All,
}

impl Live {
    /// The rows that a list shows, oldest first.
    pub fn list<'a>(&'a self, model: &'a Model, list: ListId) -> &'a [Row] {
        match &self.filters[list.list() as usize] {
            Some(filter) => filter.rows(),
            None if self.pending.alone && list.list() == RowList::Decisions => self.pending.rows(),
            None => model.rows(list.list()),
        }
    }

    /// The rows of the list that has the keys, oldest first.
    pub fn rows<'a>(&'a self, model: &'a Model) -> &'a [Row] {
        self.list(model, self.focus())
    }

    /// The selected row of the list that has the keys.
    pub fn selected_row(&self, model: &Model) -> Option<Row> {
        self.selection().index().and_then(|index| self.rows(model).get(index)).copied()
    }

    /// What the rules say of the selected action.
    pub fn explained(&self) -> Option<&Explained> {
        self.explained.as_ref().map(|(_, explained)| explained)
    }

    /// Why the list that has the keys shows no row; none before anything has come.
    fn why_empty(&self, model: &Model) -> Option<String> {
        let list = self.focus().name();
        if let Some(filter) = self.query() {
            let text = filter.text();
            let of = grouped(filter.looked_at());
            return Some(match self.still_to_look_at(model) {
                Some(left) => format!("None of {of} {list} matches `{text}` so far; {left}."),
                None => format!("None of {of} {list} matches `{text}`."),
            });
        }
        let sensed = usize::try_from(model.counts.sensed).unwrap_or(usize::MAX);
        (sensed > 0).then(|| format!("There are no {list} yet; {} sensed.", grouped(sensed)))
    }

    /// True while the whole of a row is open.
    pub fn reading(&self) -> bool {
        self.overlay == Some(Overlay::Record)
    }

    /// What is open over the lists.
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// Raises an ALERT or a held action, or takes away one that a person has decided.
    fn attend(&mut self, model: &Model, entry: &Applied<'_>, row: Row) {
        if entry.replayed {
            return;
        }
        match (entry.fact, entry.ended) {
            (Fact::Held(_), _) => self.pending.raise(row),
            (Fact::Disposed(_), Some((at, held))) => self.replace(model, at, held, row),
            (Fact::Disposed(disposed), None) if disposed.raises() => self.pending.raise(row),
            _ => {}
        }
    }

    /// An action that waited has come to its end: what was on its row is on the row of the end now.
    fn replace(&mut self, model: &Model, at: usize, held: RowId, by: Row) {
        self.pending.acknowledge(held);
        let list = by.kind.list();
        self.taken_out(list, at, held);
        let index = model.rows(list).len().saturating_sub(1);
        for shown in ListId::showing(list) {
            let selection = &mut self.selections[shown as usize];
            if selection.id() == Some(held) {
                selection.put(Some((index, by.id())));
            }
        }
    }
}

impl Screen for Live {
    type Message = Message;
    const ID: ScreenId = ScreenId(1);
    const NAME: &'static str = "Live";
    const COMMAND: &'static str = "live";
    const GROUPS: &'static [Group] = commands::GROUPS;
    const KEY: &'static [&'static str] = &["1"];
    const ABOUT: &'static str = "What happened, why, and what would change it.";
    const COMMANDS: &'static [Command<Self>] = commands::COMMANDS;
    const BEFORE_MOVING: usize = commands::BEFORE_MOVING;

    fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        view::draw(pen, self, cx, hits);
    }

    fn update(&mut self, cx: &Context<'_>, message: Message) -> Vec<Effect> {
        update::update(self, cx, message)
    }

    fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        update::refresh(self, cx)
    }

    fn close(&mut self) {
        self.overlay = None;
    }

    fn back(&self, _: &Context<'_>) -> Option<(&'static str, Message)> {
        let away = self.overlay.is_some() || !self.panes.has_keys(Pane::Lists);
        let reading_back = (self.before == Before::All).then_some(("stop reading", Message::Back));
        away.then_some(("back", Message::Back))
            .or(reading_back)
            .or_else(|| self.is_narrowed().then_some(("all rows", Message::Unfilter)))
    }

    fn moved(motion: Motion) -> Option<Message> {
        Some(Message::Move(motion))
    }

    fn end(&self) -> Option<&'static str> {
        let in_list = self.overlay.is_none() && self.panes.has_keys(Pane::Lists);
        (!in_list).then_some("end")
    }

    fn can_move(&self, motion: Motion) -> Result<(), &'static str> {
        let in_list = self.overlay.is_none() && self.panes.has_keys(Pane::Lists);
        let follows_already = motion == Motion::Last && in_list && self.follows();
        if follows_already { Err("the newest is followed already") } else { Ok(()) }
    }

    fn typed(&self, _: &Context<'_>, key: Key, _: bool) -> Option<Message> {
        match self.overlay {
            Some(Overlay::Prompt(_)) => prompt::Typed::of(key).map(Message::Typed),
            Some(Overlay::Record) if self.record.is_typed_in() => prompt::Typed::of(key).map(Message::Finding),
            _ => None,
        }
    }

    fn hints(&self) -> Option<Hints<Message>> {
        let mut keys = vec![(Key::ENTER, "keeps", None), (Key::ESC, "reverts", None)];
        match self.overlay {
            Some(Overlay::Prompt(_)) => keys.push((Key::TAB, "completes", None)),
            Some(Overlay::Record) if self.record.is_typed_in() => {}
            _ => return None,
        }
        Some(Hints { keys, alone: true })
    }

    fn paste(&mut self, cx: &Context<'_>, text: &str) -> Vec<Effect> {
        if matches!(self.overlay, Some(Overlay::Prompt(_))) {
            prompt::paste(self, cx, text);
            return Vec::new();
        }
        if self.reading() && self.record.is_typed_in() {
            self.record.paste(text);
            return Vec::new();
        }
        vec![Effect::say("paste: nothing here takes text; / opens the line for a query")]
    }

    fn on_entry(&mut self, model: &Model, entry: &Applied<'_>) {
        self.look_again(model, entry);
        match entry.fact {
            Fact::Carried(carried) => self.pending.carry(&carried.alerts),
            Fact::Acknowledged(seen) => self.pending.acknowledged(model, &seen.receipt),
            _ => {}
        }
        if let Some(row) = entry.row {
            self.attend(model, entry, row);
        }
    }

    fn on_earlier(&mut self, cx: &Context<'_>, earlier: &Earlier) -> Vec<Effect> {
        update::take_earlier(self, cx, earlier)
    }

    fn busy(&self, model: &Model) -> bool {
        self.has_work(model)
    }

    fn work_on(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        update::look_on(self, cx)
    }

    fn selected(&self, model: &Model) -> Option<Row> {
        self.selected_row(model)
    }

    fn shows_ages(&self) -> bool {
        self.overlay.is_none()
    }

    fn nothing_selected(&self, cx: &Context<'_>) -> Option<String> {
        self.why_empty(cx.model)
    }

    fn show_row(&mut self, cx: &Context<'_>, row: RowId, open: bool) -> bool {
        if open {
            navigation::show(self, cx, row);
        } else {
            self.go_to(cx.model, row);
        }
        true
    }

    fn filtered(&self) -> Option<&'static str> {
        Some(self.focus().name())
    }

    fn filter(&mut self, cx: &Context<'_>, query: &str) {
        prompt::put(self, cx, query);
    }

    fn dialog(&self, _: &Context<'_>) -> Option<Dialog<Message>> {
        let count = self.pending.to_acknowledge();
        (self.pending.asks_for_all && count > 0).then(|| Dialog {
            title: "Acknowledge",
            text: match count {
                1 => "1 ALERT acted and waits to be seen. Acknowledge it?".to_owned(),
                many => format!("{} ALERTs acted and wait to be seen. Acknowledge all of them?", grouped(many)),
            },
            choices: vec![Choice { key: "a", label: "acknowledge all of them", message: Message::AcknowledgeAll }],
            enter: false,
        })
    }

    fn dismiss(&mut self) {
        self.pending.asks_for_all = false;
    }

    fn cover(&self) -> Option<Cover> {
        self.overlay.as_ref().map(|overlay| match overlay {
            Overlay::Record => Cover::Whole,
            Overlay::Prompt(_) => Cover::Part,
        })
    }

    fn draw_cover(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        match &self.overlay {
            Some(Overlay::Record) => self.record.draw(pen, cx, hits),
            Some(Overlay::Prompt(prompt)) => prompt::draw(pen, self, cx, prompt),
            None => {}
        }
    }
}
