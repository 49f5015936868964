//! Does what a person wants of the Replay screen.

use std::sync::Arc;

use super::prompt::{Ask, Typed};
use super::{
    Break, Focus, ID, Message, Replay, editing, forking, interleavings, playback, prompt, reviewing, revision,
    run_list, sheet, tree,
};
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::{AboutAction, JournalRequest};
use crate::console::screen::{Context, Effect, Request};
use crate::console::widgets::Motion;
use crate::kernel::journal::EnvelopeRef;
use crate::replayer::search;
use crate::review::notes::Mark;
use crate::session::bus;

/// Carries a message out; gives what is to be done outside.
pub fn update(replay: &mut Replay, cx: &Context<'_>, message: Message) -> Vec<Effect> {
    match message {
        Message::Step(unit, direction) if replay.interleavings.is_some() => {
            return interleavings::step(replay, unit, direction);
        }
        Message::Step(unit, direction) => {
            replay.transport.pause();
            let moved = replay.tape.as_ref().is_some_and(|tape| replay.transport.step(&tape.index, unit, direction));
            return playback::moved_or(replay, moved, "there is nothing that way");
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
            playback::seek(replay, entry);
        }
        Message::Seek(to) => {
            replay.transport.pause();
            if let Some(tape) = &replay.tape {
                replay.transport.seek(&tape.index, to);
            }
            replay.focus = Focus::Stages;
            (replay.scroll, replay.destination) = (0, None);
        }
        Message::Difference => return playback::difference(replay),
        Message::Break => return playback::run_on(replay),
        Message::NoBreak => replay.stop = None,
        Message::Mark => {
            let said = if replay.transport.mark() { "marked" } else { "no longer marked" };
            return vec![Effect::say(said)];
        }
        Message::NextMark => {
            replay.transport.pause();
            let moved = replay.transport.next_mark();
            return playback::moved_or(replay, moved, "nothing is marked");
        }
        Message::Ask(ask) => replay.prompt = Some(prompt::open(replay, ask)),
        Message::Typed(typed) => return self::typed(replay, typed),
        Message::Runs | Message::CloseRuns | Message::OpenRun | Message::PickRun(_) | Message::CompareRun => {
            return run_list::update(replay, message);
        }
        Message::EditEnvelope => return editing::toggle(replay),
        Message::Field(key) => return editing::field(replay, key),
        Message::SaveFixture if replay.sheet.is_some() => return sheet::fill(replay),
        Message::SaveFixture => editing::ask_name(replay),
        Message::Fork => forking::toggle(replay),
        Message::PickFork(at) => return forking::pick(replay, at),
        Message::NoFork => (replay.futures, replay.revision) = (None, None),
        Message::Interleavings => return interleavings::toggle(replay),
        Message::Interleave(key) => return interleavings::key(replay, key),
        Message::Focus(focus) => replay.focus = focus,
        Message::NextPane if replay.sheet.is_some() => return sheet::next(replay),
        Message::NextPane => replay.focus = replay.focus.other(),
        Message::Zoom => replay.zoomed = !replay.zoomed,
        Message::Present => {
            replay.presenting = !replay.presenting;
            replay.pressed.clear();
        }
        Message::Again if replay.sheet.is_some() && cx.shown == ID => return sheet::play(replay),
        Message::Again => return again(replay, cx),
        Message::Sheet(shows) => return sheet::toggle(replay, shows),
        Message::CloseSheet => replay.sheet = None,
        Message::PickRow(at) => match &mut replay.sheet {
            Some(sheet) if sheet.at != at => sheet.at = at,
            _ => return sheet::open(replay),
        },
        Message::OpenRow => return sheet::open(replay),
        Message::Accept if replay.sheet.is_some() => return sheet::accept(replay),
        Message::Accept => return reviewing::accept(replay),
        Message::Flag if replay.sheet.is_some() => return sheet::reject(replay),
        Message::Flag => return reviewing::ask_note(replay, Mark::Flagged),
        Message::Note => {
            let mark = reviewing::here(replay).map_or(Mark::Accepted, |note| note.mark);
            return reviewing::ask_note(replay, mark);
        }
    }
    Vec::new()
}

/// Moves among the envelopes, in the list of runs, or in what is said of the stages.
fn go(replay: &mut Replay, cx: &Context<'_>, motion: Motion) -> Vec<Effect> {
    let page = tree::page(replay, cx);
    if replay.sheet.is_some() {
        sheet::go(replay, cx, motion);
        return Vec::new();
    }
    if let Some(editing) = &mut replay.editing {
        let total = editing.draft.fields().len();
        editing.at = motion.applied(editing.at, page, total);
        return Vec::new();
    }
    if let Some(open) = &mut replay.revision {
        open.go(motion);
        return Vec::new();
    }
    if let Some(open) = &mut replay.interleavings {
        open.go(motion);
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
    playback::seek(replay, entry);
    Vec::new()
}

/// Replays the envelope at hand, or elsewhere the selected one, in a run of its own.
fn again(replay: &mut Replay, cx: &Context<'_>) -> Vec<Effect> {
    if let Some(editing) = replay.editing.as_ref().filter(|_| cx.shown == ID) {
        let envelope = editing.draft.envelope().clone();
        let in_hand = bus::SelectedEnvelope { of: editing.of, envelope, clock: editing.clock.clone() };
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
    let in_hand = bus::SelectedEnvelope { of, envelope: received.envelope.clone(), clock: received.clock.clone() };
    replay.awaited = Some(of);
    let asked = Effect::Session(bus::Command::Replay(in_hand));
    vec![asked, Effect::Shell(Request::Go(ID)), Effect::say("replaying it with stubs, in a run of its own")]
}

/// Does what a key does in the line that is typed.
fn typed(replay: &mut Replay, key: Typed) -> Vec<Effect> {
    let Some(mut prompt) = replay.prompt.take() else { return Vec::new() };
    let done = match key {
        Typed::Abort => Ok(Vec::new()),
        Typed::Edit(edit) => {
            prompt.edit(edit);
            replay.prompt = Some(prompt);
            return Vec::new();
        }
        Typed::Accept => accept(replay, prompt.ask, prompt.text()),
    };
    done.unwrap_or_else(|fault| {
        replay.prompt = Some(prompt.refused(fault));
        Vec::new()
    })
}

fn accept(replay: &mut Replay, ask: Ask, text: &str) -> Result<Vec<Effect>, String> {
    let text = text.trim();
    match ask {
        Ask::Break if text.is_empty() => {
            replay.stop = None;
            Ok(Vec::new())
        }
        Ask::Break => {
            let query = search::parse(text).map_err(|fault| match fault.help {
                Some(help) => format!("{}; {help}", fault.message),
                None => fault.message,
            })?;
            replay.stop = Some(Break { text: text.to_owned(), query });
            Ok(playback::run_on(replay))
        }
        Ask::Fixture => editing::save(replay, text),
        Ask::Note(mark) => reviewing::set(replay, mark, text),
        Ask::Export => reviewing::export(replay, text),
        Ask::Policy if text.is_empty() => Err("say the file".to_owned()),
        Ask::Policy => {
            let (Some(action), Some(received)) = (&replay.scene.action, &replay.scene.received) else {
                return Err("no action is at hand".to_owned());
            };
            let (receipt, envelope) = (Arc::clone(&action.disposed.receipt), Arc::clone(&received.envelope));
            let about = Box::new(AboutAction { receipt, envelope });
            let request = JournalRequest::Policy { file: text.to_owned(), about };
            Ok(vec![Effect::Files(ID, FileRequest::Journal(request))])
        }
        Ask::Revision => revision::ask(replay, text),
        Ask::GoTo => {
            replay.transport.pause();
            if let Some(tape) = &replay.tape {
                replay.transport.go_to(&tape.index, text)?;
            }
            (replay.scroll, replay.destination) = (0, None);
            Ok(Vec::new())
        }
    }
}
