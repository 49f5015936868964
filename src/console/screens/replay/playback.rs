//! Where the Replay screen is in its run: going somewhere, running on to what a query lets through, the next step of a
//! play, and where a play stops. Knows no keys and no panes.

use super::{ID, Replay};
use crate::console::screen::Effect;
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::replayer::search::{self, ActionRecord};

/// Goes to an entry, and pauses there.
pub fn seek(replay: &mut Replay, entry: Option<u32>) {
    replay.transport.pause();
    if let (Some(tape), Some(entry)) = (&replay.tape, entry) {
        replay.transport.seek_entry(&tape.index, entry);
        (replay.scroll, replay.destination) = (0, None);
    }
}

/// Shows what was moved to from its top, or says why nothing moved.
pub fn moved_or(replay: &mut Replay, moved: bool, otherwise: &'static str) -> Vec<Effect> {
    if moved {
        (replay.scroll, replay.destination) = (0, None);
        Vec::new()
    } else {
        vec![Effect::say(otherwise)]
    }
}

/// Goes to the next place at which this run differs from the one beside it.
pub fn difference(replay: &mut Replay) -> Vec<Effect> {
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
