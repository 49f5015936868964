//! What comes of a message on the Live screen, and what keeps the screen in agreement with the facts. Pure.

use std::sync::Arc;

use super::layout::Layout;
use super::panes::Pane;
use super::{Before, ListId, Live, Message, SLICE};
use super::{actions, navigation, panes, prompt, record};
use crate::console::model::{Earlier, Model, RowList};
use crate::console::screen::{Context, Effect, Request, Screen};
use crate::console::widgets::Beside;
use crate::kernel::journal::EnvelopeRef;
use crate::session::bus::{self, SelectedEnvelope};

/// Does what a person wants.
pub(super) fn update(live: &mut Live, cx: &Context<'_>, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Move(motion) => navigation::go(live, cx, motion),
        Message::Select(list, index) if live.overlay.is_none() => {
            (live.panes.focus, live.before) = (Pane::Lists, Before::Left);
            live.focus_on(cx.model, list);
            live.pick(cx.model, index);
        }
        Message::Select(..) => {}
        Message::Focus(beside) => panes::beside(live, cx, beside),
        Message::Pane(pane) => live.panes.focus = pane,
        Message::PaneLine(pane, line) => panes::click(live, pane, line),
        Message::Acknowledge => effects.extend(acknowledge(live, cx)),
        Message::PendingAlone => show_pending(live, cx.model),
        Message::Answer { approve } => effects.extend(answer(live, cx, approve)),
        Message::Unfold if live.reading() => {
            live.record.pager.fold();
        }
        Message::Unfold => panes::fold(live),
        Message::FoldAll if live.reading() => live.record.pager.fold_all(),
        Message::FoldAll => live.panes.action.fold_all(),
        Message::Line(line) => live.record.pager.click(line),
        Message::Finding(typed) => live.record.typed(typed),
        Message::TurnOver(beside) => effects.extend(record::turn_over(live, cx, beside)),
        Message::Open => navigation::open(live),
        Message::NextFault => navigation::next_fault(live, cx),
        Message::Dismiss => effects.push(Effect::Shell(Request::DismissNotices)),
        Message::Copy(what) => effects.push(actions::copy(live, cx, what)),
        Message::Source { envelope } => effects.push(actions::edit(live, cx, envelope)),
        Message::Zoom => effects.push(arrange(cx, |layout| layout.zoomed = !layout.zoomed)),
        Message::Resize { larger } => effects.push(arrange(cx, |layout| layout.resize(larger))),
        Message::Mouse => effects.push(arrange(cx, |layout| layout.mouse = !layout.mouse)),
        Message::Play => effects.push(Effect::Session(bus::Command::Play)),
        Message::Filter if live.reading() => live.record.find(),
        Message::Filter => prompt::open(live),
        Message::Unfilter => live.show_all(cx),
        Message::Only(counted) => live.show_counted(cx, counted),
        Message::Match(beside) => effects.extend(navigation::next_match(live, cx, beside)),
        Message::Retrace { back } => {
            live.before = Before::Left;
            live.retrace(cx.model, back);
        }
        Message::AskAcknowledgeAll => live.pending.asks_for_all = true,
        Message::AcknowledgeAll => live.pending.acknowledge_all(),
        Message::Typed(typed) => prompt::update(live, cx, typed),
        Message::Jump(jump) => effects.extend(navigation::jump(live, cx, jump, Beside::Next)),
        Message::Back => navigation::close(live, cx),
    }
    effects
}

fn arrange(cx: &Context<'_>, change: impl FnOnce(&mut crate::console::settings::LayoutPrefs)) -> Effect {
    let mut layout = cx.layout;
    change(&mut layout);
    Effect::Shell(Request::Arrange(layout))
}

/// Goes on with what takes more than one turn: a query over a long list, the way to the first row.
pub(super) fn look_on(live: &mut Live, cx: &Context<'_>) -> Vec<Effect> {
    if live.filtering(cx.model) {
        let missing = live.look(cx.model, SLICE);
        return if missing.is_empty() { Vec::new() } else { vec![Effect::Recall(missing)] };
    }
    if live.pending.goes_on() {
        return acknowledge_more(live, cx);
    }
    let reads_back = live.reads_back(cx.model);
    reads_back.then(|| live.ask_older(cx.model)).flatten().into_iter().collect()
}

/// Rows were put before the lists.
pub(super) fn take_earlier(live: &mut Live, cx: &Context<'_>, earlier: &Earlier) -> Vec<Effect> {
    live.awaiting = None;
    for (list, count) in [RowList::Envelopes, RowList::Plans, RowList::Decisions].into_iter().zip(earlier.rows) {
        live.shift(list, count);
    }
    live.pending.find_awaited(cx.model, earlier.rows[RowList::Decisions as usize]);
    if cx.model.beginning().is_none() {
        live.before = Before::Left;
    }
    if live.before == Before::All {
        live.join(cx.model, true);
        live.pick(cx.model, 0);
    }
    match earlier.damaged {
        0 => Vec::new(),
        1 => vec![Effect::say("1 line of an earlier journal cannot be read")],
        many => vec![Effect::say(format!("{many} lines of an earlier journal cannot be read"))],
    }
}

/// The session writes it down, so that it holds for the next one.
fn acknowledge(live: &mut Live, cx: &Context<'_>) -> Option<Effect> {
    let model = cx.model;
    let row = live.selected_row(model)?;
    let last = live.selection().index().is_some_and(|index| index + 1 == live.rows(model).len());
    live.pending.acknowledge(row.id());
    // In the list of those that wait, the next one takes its place.
    if live.pending.alone && !last {
        let index = live.selection().index().unwrap_or(0);
        live.pick(model, index);
    }
    let (receipt, who) = (model.receipt(row)?.id.clone(), cx.who.to_owned());
    Some(Effect::Session(bus::Command::Acknowledge { receipt, who }))
}

/// ALERTs acknowledged in one turn.
const AT_ONCE: usize = 256;

/// Acknowledges the next ones of all that wait; what is not in memory is read back first.
fn acknowledge_more(live: &mut Live, cx: &Context<'_>) -> Vec<Effect> {
    let (receipts, lacking) = live.pending.next_seen(cx.model, AT_ONCE);
    if !lacking.is_empty() {
        return vec![Effect::Recall(cx.model.places(lacking))];
    }
    let who = cx.who.to_owned();
    let seen = |receipt| Effect::Session(bus::Command::Acknowledge { receipt, who: who.clone() });
    receipts.into_iter().map(seen).collect()
}

/// The session decides what comes of it: the policy may have changed since it was asked.
fn answer(live: &Live, cx: &Context<'_>, approve: bool) -> Vec<Effect> {
    let Some(held) = live.selected_row(cx.model).and_then(|row| cx.model.held(row)) else { return Vec::new() };
    let answer = bus::Command::Answer { action_id: held.action_id.clone(), who: cx.who.to_owned(), approve };
    let said = format!("{} {}", if approve { "approved" } else { "vetoed" }, held.interrupted.tool);
    vec![Effect::say(said), Effect::Session(answer)]
}

fn show_pending(live: &mut Live, model: &Model) {
    live.narrow(model, !live.pending.alone);
    if !matches!(live.focus(), ListId::Decisions | ListId::Receipts) {
        live.focus_on(model, ListId::Decisions);
    }
    let id = live.selection().id();
    if let Some(index) = id.and_then(|id| live.position(model, live.focus(), id)) {
        live.pick(model, index);
    }
}

/// The envelope to run again after a save: of a rerun, the one it ran again.
fn selected_envelope(model: &Model, run: u32, arrival: u64) -> Option<SelectedEnvelope> {
    let received = model.received((run, arrival))?;
    Some(SelectedEnvelope {
        of: received.rerun_of.unwrap_or(EnvelopeRef { run, arrival }),
        envelope: Arc::clone(&received.envelope),
        clock: received.clock.clone(),
    })
}

/// Makes the screen agree with itself after any change: the newest row selected while following, the selection in view,
/// what is in view in memory, the session informed of the selection.
pub(super) fn refresh(live: &mut Live, cx: &Context<'_>) -> Vec<Effect> {
    let model = cx.model;
    let mut effects = Vec::new();
    live.columns = super::ColumnMode::of(cx.size.0);
    // What is open is about one row: it must not become another under the reader's eyes.
    live.join(model, live.reading());
    let height = Layout::of(live, cx).page();
    live.scroll(model, height);
    live.widths = live.widths.measure(live, model, cx.size.0, height);
    if cx.shown == Live::ID {
        panes::refresh(live, cx);
    }
    let missing = live.missing(model, height);
    if !missing.is_empty() {
        effects.push(Effect::Recall(missing));
    }
    if live.before == Before::Some {
        live.before = Before::Left;
        effects.extend(live.ask_older(model));
    }
    // The session runs the latest envelope again until it is told of another; once told, it is kept up to date.
    if !live.follows() || live.selected_in_session.is_some() {
        let arrival = live.selected_row(model).and_then(|row| model.arrival(row));
        if let Some((run, ordinal)) = arrival.filter(|arrival| live.selected_in_session != Some(*arrival))
            && let Some(selected) = selected_envelope(model, run, ordinal)
        {
            live.selected_in_session = arrival;
            effects.push(Effect::Session(bus::Command::Select(selected)));
        }
    }
    effects
}
