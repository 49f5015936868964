//! Does what a person wants of the Replay screen.

use super::{Destination, Focus, ID, Message, Replay, editing, forking, opening, prompt, run_list, tree};
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::console::screen::{Context, Effect, Request};
use crate::console::widgets::Motion;
use crate::kernel::journal::EnvelopeRef;
use crate::replayer::search::{self, ActionRecord};
use crate::session::bus;

/// Does it.
pub fn update(replay: &mut Replay, cx: &Context<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::Step(unit, direction) => {
            replay.transport.pause();
            let moved = replay.tape.as_ref().is_some_and(|tape| replay.transport.step(&tape.index, unit, direction));
            return moved_or(replay, moved, "there is nothing that way");
        }
        Message::Play => {
            let was_playing = replay.transport.is_playing();
            if let Some(tape) = &replay.tape {
                replay.destination = None;
                // Where it stands was seen.
                replay.stopped_at = Some(replay.transport.at());
                replay.transport.toggle(&tape.index);
                if !was_playing && !replay.transport.is_playing() {
                    return vec![Effect::say("this is the end of the run")];
                }
            }
        }
        Message::Speed { faster } => {
            replay.transport.change_speed(faster);
            return vec![Effect::say(format!("plays at {}", replay.transport.speed()))];
        }
        Message::Unit => {
            replay.transport.change_unit();
            return vec![Effect::say(format!("plays by {}s", replay.transport.unit().name()))];
        }
        Message::Move(motion) => return go(replay, cx, motion),
        Message::Envelope(place) => {
            let entry = replay.index().and_then(|index| index.envelope(place));
            seek(replay, entry);
        }
        Message::Seek(to) => {
            replay.transport.pause();
            if let Some(tape) = &replay.tape {
                replay.transport.seek(&tape.index, to);
            }
            replay.focus = Focus::Stages;
            (replay.scroll, replay.destination) = (0, None);
        }
        Message::Difference => return difference(replay),
        Message::Break => return run_on(replay),
        Message::NoBreak => replay.stop = None,
        Message::Mark => {
            let said = if replay.transport.mark() { "marked" } else { "no longer marked" };
            return vec![Effect::say(said)];
        }
        Message::NextMark => {
            replay.transport.pause();
            let moved = replay.transport.next_mark();
            return moved_or(replay, moved, "nothing is marked");
        }
        Message::Ask(ask) => replay.prompt = Some(prompt::open(replay, ask)),
        Message::Typed(typed) => return prompt::typed(replay, typed),
        Message::Runs | Message::CloseRuns | Message::OpenRun | Message::PickRun(_) | Message::CompareRun => {
            return run_list::update(replay, message);
        }
        Message::EditEnvelope => return editing::toggle(replay),
        Message::Field(key) => return editing::field(replay, key),
        Message::SaveFixture => editing::ask_name(replay),
        Message::Fork => forking::toggle(replay),
        Message::PickFork(at) => return forking::pick(replay, at),
        Message::NoFork => replay.futures = None,
        Message::Focus(focus) => replay.focus = focus,
        Message::NextPane => replay.focus = replay.focus.other(),
        Message::Zoom => replay.zoomed = !replay.zoomed,
        Message::Present => {
            replay.presenting = !replay.presenting;
            replay.pressed.clear();
        }
        Message::Again => return again(replay, cx),
    }
    Vec::new()
}

fn moved_or(replay: &mut Replay, moved: bool, otherwise: &'static str) -> Vec<Effect> {
    if moved {
        (replay.scroll, replay.destination) = (0, None);
        Vec::new()
    } else {
        vec![Effect::say(otherwise)]
    }
}

fn seek(replay: &mut Replay, entry: Option<u32>) {
    replay.transport.pause();
    if let (Some(tape), Some(entry)) = (&replay.tape, entry) {
        replay.transport.seek_entry(&tape.index, entry);
        (replay.scroll, replay.destination) = (0, None);
    }
}

/// Moves among the envelopes, in the list of runs, or in what is said of the stages.
fn go(replay: &mut Replay, cx: &Context<'_>, motion: Motion) -> Vec<Effect> {
    let page = tree::page(replay, cx);
    if let Some(editing) = &mut replay.editing {
        let total = editing.draft.fields().len();
        editing.at = motion.applied(editing.at, page, total);
        return Vec::new();
    }
    if let Some(menu) = &mut replay.fork_menu {
        menu.at = motion.applied(menu.at, menu.choices.len(), menu.choices.len());
        return Vec::new();
    }
    if let Some(list) = &mut replay.list {
        let total = replay.runs.as_ref().map_or(0, Vec::len);
        list.at = motion.applied(list.at, run_list::page(cx), total);
        return Vec::new();
    }
    if replay.focus == Focus::Stages && !replay.presenting {
        let (page, total) = super::view::stage_lines(replay, cx);
        let last = total.saturating_sub(page);
        replay.scroll = motion.applied(replay.scroll, page.max(1), last + 1);
        return Vec::new();
    }
    let Some(index) = replay.index() else { return Vec::new() };
    let now = index.envelope_at(replay.transport.at().entry).unwrap_or(0);
    let next = motion.applied(now, page, index.envelopes());
    let entry = index.envelope(next);
    seek(replay, entry);
    Vec::new()
}

fn difference(replay: &mut Replay) -> Vec<Effect> {
    let Some(tape) = &replay.tape else { return Vec::new() };
    let other = replay.other.as_ref();
    if tape.scanning || other.is_some_and(|other| other.scanning) {
        return vec![Effect::say("the runs are still being read")];
    }
    let other_index = other.map(|other| &other.index);
    let found = replay.pairing.next_difference(&tape.index, other_index, replay.transport.at());
    let Some(found) = found else {
        let against = other.map_or_else(|| "an earlier turn".to_owned(), |other| format!("run {}", other.run));
        return vec![Effect::say(format!("from here on nothing differs from {against}"))];
    };
    replay.transport.pause();
    replay.transport.seek(&tape.index, found);
    moved_or(replay, true, "")
}

/// Runs on to the next action at which it breaks.
pub fn run_on(replay: &mut Replay) -> Vec<Effect> {
    let (Some(tape), Some(stop)) = (&replay.tape, &replay.stop) else { return Vec::new() };
    let at = replay.transport.at();
    let envelope = tape.index.envelope_at(at.entry).and_then(|place| tape.index.envelope(place));
    let offset = |entry: u32| tape.index.offset(entry).unwrap_or(0);
    let begin = search::From { run: tape.run, envelope: envelope.map_or(0, offset), behind: offset(at.entry) };
    replay.transport.pause();
    replay.searching = true;
    let request = JournalRequest::Find { begin, query: stop.text.clone() };
    vec![Effect::Files(ID, FileRequest::Journal(request))]
}

/// One step of a play.
pub fn on_beat(replay: &mut Replay) -> Vec<Effect> {
    if let Some(tape) = &replay.tape {
        replay.transport.tick(&tape.index);
        replay.scroll = 0;
    }
    Vec::new()
}

/// A play stops at an action that the query lets through, once it came there by itself.
pub fn stop_here(replay: &mut Replay) {
    let at = replay.transport.at();
    if replay.transport.is_playing() && replay.stopped_at != Some(at) && breaks_here(replay) {
        replay.stopped_at = Some(at);
        replay.transport.pause();
    }
}

/// True where the query lets the action at hand through.
fn breaks_here(replay: &Replay) -> bool {
    let (Some(stop), Some(action)) = (&replay.stop, &replay.scene.action) else { return false };
    let envelope = replay.scene.received.as_ref().map(|received| &*received.envelope);
    stop.query.matches(&ActionRecord { disposed: &action.disposed, envelope })
}

/// Replays the envelope at hand, or elsewhere the selected one, in a run of its own.
fn again(replay: &mut Replay, cx: &Context<'_>) -> Vec<Effect> {
    if let Some(editing) = replay.editing.as_ref().filter(|_| cx.shown == ID) {
        let envelope = editing.draft.envelope().clone();
        let in_hand = bus::InHand { of: editing.of, envelope, clock: editing.clock.clone() };
        replay.awaited = Some(editing.of);
        return vec![Effect::Session(bus::Command::Replay(in_hand)), Effect::say("replaying it as a child")];
    }
    let here = replay.scene.received.as_ref().filter(|_| cx.shown == ID);
    let run = replay.tape.as_ref().map(|tape| tape.run);
    let found = match (here, run) {
        (Some(received), Some(run)) => Some((run, received)),
        _ => cx.selected.and_then(|row| {
            let arrival = cx.model.arrival(row)?;
            Some((arrival.0, cx.model.received(arrival)?))
        }),
    };
    let Some((run, received)) = found else { return Vec::new() };
    let of = EnvelopeRef { run, arrival: received.arrival };
    let in_hand = bus::InHand { of, envelope: received.envelope.clone(), clock: received.clock.clone() };
    replay.awaited = Some(of);
    let asked = Effect::Session(bus::Command::Replay(in_hand));
    vec![asked, Effect::Shell(Request::Go(ID)), Effect::say("replaying it with stubs, in a run of its own")]
}

/// Opens a run at its beginning.
pub fn open_run(replay: &mut Replay, run: u32) {
    opening::open(replay, run, Destination::Start);
}
