//! State and message in, state and effects out. Pure: no terminal, no clock, no channel.

mod going;

use std::sync::Arc;

use crate::kernel::journal::{Entry, EnvelopeRef, Fact};
use crate::session::bus::{self, Batch, InHand};
use crate::session::past::Older;

use super::copying::What;
use super::effects::Effect;
use super::hands;
use super::layers::detail::Detail;
use super::layers::menu::{Edit, Kind, Menu};
use super::layers::{Layer, prompt};
use super::layout::Layout;
use super::menus;
use super::policy::{
    self,
    ask::Ask,
    doing::{self, Doing},
};
use super::seek::Seek;
use super::setup::Setup;
use super::state::{Before, Pane, RowId, SLICE, State};
use super::theme::Shelf;

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Move in what has the keys.
    Move(Motion),
    /// Select the row at that index of a list.
    Select(Pane, usize),
    /// Give the next list the keys, or the one before.
    Focus(Beside),
    /// The selected ALERT was seen.
    Acknowledge,
    /// Only the ALERTs that wait, or all again.
    Attention,
    /// Answer for the action that is held.
    Answer {
        /// False for a veto.
        approve: bool,
    },
    /// Fold the value in hand, or show nested JSON whole, or the other way round.
    Unfold,
    /// Fold everything nested, or show everything open.
    FoldAll,
    /// A line of what is open was clicked.
    Line(usize),
    /// Open the selected row.
    Open,
    /// Open the worst trouble, or the next one after the open one.
    NextTrouble,
    /// Open the trouble at that index.
    Trouble(usize),
    /// Take the notices away.
    Dismiss,
    /// Put something of the selected row on the clipboard.
    Copy(What),
    /// Open what the selected row comes from, or the fixture it came in by, in an editor.
    Source {
        /// The fixture.
        envelope: bool,
    },
    /// Take the mouse, or release it.
    Mouse,
    /// The pane in focus over the whole body, or not.
    Zoom,
    /// The list larger, or smaller.
    Resize {
        /// Larger.
        larger: bool,
    },
    /// Play the fixtures again.
    Play,
    /// Type a query.
    Filter,
    /// Take the query away.
    Unfilter,
    /// A key in the line where a query is typed.
    Typed(prompt::Doing),
    /// Go to a screen.
    Screen(u8),
    /// Go to the next row of a kind.
    Seek(Seek),
    /// Open a list to choose from; again, close it.
    Menu(Kind),
    /// Change what is typed into it.
    Edit(Edit),
    /// Do what is selected in it.
    Accept,
    /// Do what stands at that place of it.
    Pick(usize),
    /// Something on the Policy screen.
    Policy(Doing),
    /// One layer back.
    Back,
    /// Draw the whole screen again.
    Redraw,
    /// To the shell.
    Suspend,
    /// Leave.
    Quit,
}

/// Which list beside the one that has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// To the right.
    Next,
    /// To the left.
    Previous,
}

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the start.
    First,
    /// To the end.
    Last,
}

/// What happened outside.
#[derive(Debug, Clone)]
pub enum News {
    /// Entries were committed.
    Entries(Batch),
    /// The session has ended.
    Ended,
    /// The terminal has another size.
    Resized(u16, u16),
    /// A thread died; what it said.
    Crashed(String),
    /// Files of keys or themes were saved, and read again.
    Setup(Box<Setup>),
    /// The terminal's ground.
    Ground {
        /// True when ink on it should be dark.
        light: bool,
    },
    /// An answer from outside.
    Said(String),
    /// Text was pasted.
    Pasted(String),
    /// There is time to look through more of the list.
    Spare,
    /// What came of a chore of the Policy screen.
    Policy(policy::chores::Word),
    /// Entries were read back; none where that failed.
    Recalled(Vec<(RowId, Option<Arc<Entry>>)>),
    /// Entries from before all that is shown.
    Older(Older),
}

/// Does what a person wants.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    (state.status, state.before) = (None, Before::Left);
    match message {
        Message::Move(motion) => going::go(state, motion),
        Message::Select(pane, index) if state.layers.is_empty() && state.menu.is_none() => {
            state.focus_on(pane);
            state.pick(index);
        }
        Message::Select(..) => {}
        Message::Focus(beside) => going::beside(state, beside),
        Message::Acknowledge => acknowledge(state),
        Message::Attention => attend(state),
        Message::Answer { approve } => effects.extend(answer(state, approve)),
        Message::Unfold if state.reading() => in_detail(state, Detail::fold),
        Message::Unfold => state.unfolded = !state.unfolded,
        Message::FoldAll => in_detail(state, |detail, _| detail.fold_all()),
        Message::Line(line) => in_detail(state, |detail, state| detail.click(line, state)),
        Message::Open => going::open(state),
        Message::NextTrouble => going::next_trouble(state),
        Message::Trouble(index) => going::to_trouble(state, index),
        Message::Dismiss => state.troubles.dismiss(),
        Message::Play => effects.push(Effect::Ask(bus::Command::Play)),
        Message::Screen(number) => effects.extend(going::to_screen(state, number)),
        Message::Policy(Doing::TakeFix) => effects.extend(doing::take_fix(state)),
        Message::Policy(doing) => effects.extend(doing::update(state, doing)),
        Message::Seek(seek) => going::seek_row(state, seek),
        Message::Menu(kind) => {
            let open = state.menu.take_if(|menu| menu.kind == kind).is_some();
            state.menu = (!open).then(|| Menu::new(kind, state));
        }
        Message::Edit(edit) => menus::edit(state, edit),
        Message::Accept => effects.extend(menus::accept(state)),
        Message::Pick(at) => effects.extend(menus::pick(state, at)),
        Message::Back => effects.extend(going::back(state)),
        Message::Copy(what) => effects.extend(hands::copy(state, what)),
        Message::Source { envelope } => effects.extend(hands::edit(state, envelope)),
        Message::Mouse | Message::Zoom | Message::Resize { .. } => effects.extend(hands::arrange(state, message)),
        Message::Filter => prompt::open(state),
        Message::Unfilter => state.replace_filter(None),
        Message::Typed(doing) => prompt::update(state, doing),
        Message::Redraw => effects.push(Effect::Redraw),
        Message::Suspend => effects.push(Effect::Suspend),
        Message::Quit if state.policy.is_changed() && state.layer() != Some(&Layer::Ask(Ask::Leave)) => {
            doing::question(state, Ask::Leave);
        }
        Message::Quit => effects.extend([Effect::Ask(bus::Command::Stop), Effect::Quit]),
    }
    settle(state, &mut effects);
    effects
}

/// Takes in what happened.
pub fn learn(state: &mut State, news: News) -> Vec<Effect> {
    let mut effects = Vec::new();
    match news {
        News::Entries(batch) => {
            batch.placed().for_each(|(entry, place)| state.apply(batch.run, entry, place));
            let policy_changed = batch.entries.iter().any(|entry| matches!(entry.fact, Fact::PolicyLoaded(_)));
            effects.extend(policy::reread(state, policy_changed));
        }
        News::Ended => state.ended = true,
        News::Resized(columns, rows) => state.size = (columns, rows),
        News::Crashed(sentence) => state.troubles.crashed(sentence),
        News::Setup(setup) => take_setup(state, *setup),
        News::Ground { light } => state.themes.on_ground(light),
        News::Said(text) => state.status = Some(text),
        News::Pasted(text) if state.menu.is_some() => menus::paste(state, &text),
        News::Pasted(text) if state.types() || state.policy.takes_paste(state.page) => {
            effects.extend(doing::paste(state, &text));
        }
        News::Pasted(text) => prompt::paste(state, &text),
        News::Spare => effects.extend(look_on(state)),
        News::Recalled(entries) => entries.into_iter().for_each(|(id, entry)| state.recall(id, entry)),
        News::Older(older) => take_older(state, &older),
        News::Policy(word) => effects.extend(policy::learn(state, word)),
    }
    settle(state, &mut effects);
    effects
}

/// The choice of a theme is kept in a file beside them: what it changes is nothing new.
fn take_setup(state: &mut State, setup: Setup) {
    let named = |shelf: &Shelf| shelf.themes.iter().map(|named| (named.name.clone(), named.looks)).collect::<Vec<_>>();
    let same = named(&state.themes) == named(&setup.themes);
    if same && state.keymap == setup.keymap && state.unset.as_ref() == Some(&setup.faults) {
        return;
    }
    let faults = setup.faults.len();
    state.set_up(setup.keymap, setup.themes, setup.faults);
    state.status = (faults == 0).then(|| "keys and themes were read again".to_owned());
}

/// Goes on with what takes more than one turn: a query over a long list, the way to the first row.
fn look_on(state: &mut State) -> Option<Effect> {
    if state.filtering() {
        let lacking = state.look(SLICE);
        return (!lacking.is_empty()).then_some(Effect::Recall(lacking));
    }
    state.beginning().filter(|_| state.before == Before::All).map(Effect::Older)
}

fn take_older(state: &mut State, older: &Older) {
    let damaged = older.damaged;
    state.put_before(older);
    if damaged > 0 {
        let lines = if damaged == 1 { "line" } else { "lines" };
        state.status = Some(format!("{damaged} {lines} of an earlier journal cannot be read"));
    }
    if state.beginning().is_none() {
        state.before = Before::Left;
    }
    if state.before == Before::All {
        state.join(true);
        state.pick(0);
    }
}

fn acknowledge(state: &mut State) {
    if let Some(row) = state.selected() {
        let last = state.selection().index().is_some_and(|index| index + 1 == state.rows().len());
        state.attention.acknowledge(row.id());
        // In the list of those that wait, the next one takes its place.
        if state.attention.alone && !last {
            let index = state.selection().index().unwrap_or(0);
            state.pick(index);
        }
    }
}

/// The session decides what comes of it: the policy may have changed since it was asked.
fn answer(state: &mut State, approve: bool) -> Option<Effect> {
    let held = state.asked()?;
    let answer = bus::Command::Answer { action_id: held.action_id.clone(), who: state.who.clone(), approve };
    state.status = Some(format!("{} {}", if approve { "approved" } else { "vetoed" }, held.interrupted.tool));
    Some(Effect::Ask(answer))
}

fn attend(state: &mut State) {
    state.narrow(!state.attention.alone);
    if !matches!(state.focus(), Pane::Decisions | Pane::Receipts) {
        state.focus_on(Pane::Decisions);
    }
    let id = state.selection().id();
    if let Some(index) = id.and_then(|id| state.position(state.focus(), id)) {
        state.pick(index);
    }
}

/// Does something to what is open over the screen.
fn in_detail(state: &mut State, act: impl FnOnce(&mut Detail, &State)) {
    match state.layers.pop() {
        Some(Layer::Detail(mut detail)) => {
            act(&mut detail, state);
            state.layers.push(Layer::Detail(detail));
        }
        other => state.layers.extend(other),
    }
}

/// The envelope to run again after a save: of a rerun, the one it ran again.
fn in_hand(state: &State, run: u32, arrival: u64) -> Option<InHand> {
    let received = state.received((run, arrival))?;
    Some(InHand {
        of: received.rerun_of.unwrap_or(EnvelopeRef { run, arrival }),
        envelope: Arc::clone(&received.envelope),
        clock: received.clock.clone(),
    })
}

/// Makes state agree with itself after any change: the newest row selected while following, the selection in view, the
/// session told of it.
fn settle(state: &mut State, effects: &mut Vec<Effect>) {
    // What is open is about one row: it must not become another under the reader's eyes.
    state.join(state.reading());
    let height = Layout::of(state).page();
    state.scroll(height);
    effects.extend(policy::settle(state));
    let wanted = state.wanted(height);
    if !wanted.is_empty() {
        effects.push(Effect::Recall(wanted));
    }
    if state.before == Before::Some {
        state.before = Before::Left;
        effects.extend(state.beginning().map(Effect::Older));
    }
    // The session runs the latest envelope again until it is told of another; once told, it is kept up to date.
    if !state.follows() || state.told.is_some() {
        let arrival = state.selected().and_then(|row| state.arrival(row));
        if let Some((run, ordinal)) = arrival.filter(|arrival| state.told != Some(*arrival))
            && let Some(in_hand) = in_hand(state, run, ordinal)
        {
            state.told = arrival;
            effects.push(Effect::Ask(bus::Command::Select(in_hand)));
        }
    }
}
