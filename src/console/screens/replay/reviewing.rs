//! What a reviewer makes of a run: steps accepted or flagged, each with a note, kept on disk at once; and the review as a
//! file.

use super::prompt::{self, Ask};
use super::{Destination, ID, Replay, opening};
use crate::console::screen::Effect;
use crate::console::screen::files::FileRequest;
use crate::console::screen::reviews::{ReviewReply, ReviewRequest};
use crate::kernel::journal::Fact;
use crate::review::notes::{LONGEST, Mark, Note, Notes};

fn ask(request: ReviewRequest) -> Effect {
    Effect::Files(ID, FileRequest::Review(request))
}

/// Asks for the notes of the open run, once.
pub fn refresh(replay: &mut Replay) -> Option<Effect> {
    let run = replay.tape.as_ref()?.run;
    if replay.noted == Some(run) {
        return None;
    }
    (replay.noted, replay.notes) = (Some(run), Notes::default());
    Some(ask(ReviewRequest::Read { run }))
}

/// Takes in what came of something.
pub fn take(replay: &mut Replay, reply: ReviewReply) -> Vec<Effect> {
    match reply {
        ReviewReply::Notes { run, notes } if replay.noted == Some(run) => match notes {
            Ok(notes) => replay.notes = notes,
            Err(why) => return vec![Effect::say(format!("what was said of this run cannot be read: {why}"))],
        },
        ReviewReply::Notes { .. } => {}
        ReviewReply::Exported(said) | ReviewReply::Failed(said) => return vec![Effect::say(said)],
    }
    Vec::new()
}

/// The step at hand as it would be marked: an action, or its envelope where none is at hand.
fn step(replay: &Replay, mark: Mark, note: String) -> Option<Note> {
    let tape = replay.tape.as_ref()?;
    let at = replay.scene.at.entry;
    if let Some(action) = &replay.scene.action {
        let (arrival, receipt) = (action.disposed.arrival, Some(action.disposed.receipt.id.clone()));
        return Some(Note { entry: u64::from(at) + 1, arrival, receipt, mark, note });
    }
    let entry = tape.index.envelope(tape.index.envelope_at(at)?)?;
    let arrival = replay.scene.received.as_ref()?.arrival;
    Some(Note { entry: u64::from(entry) + 1, arrival, receipt: None, mark, note })
}

/// What was said of the step at hand.
pub fn here(replay: &Replay) -> Option<&Note> {
    let step = step(replay, Mark::Accepted, String::new())?;
    replay.notes.of(step.entry)
}

/// Accepts the step at hand; one that is accepted already is no longer.
pub fn accept(replay: &mut Replay) -> Vec<Effect> {
    let known = here(replay).cloned();
    let note = known.as_ref().map_or_else(String::new, |known| known.note.clone());
    let Some(step) = step(replay, Mark::Accepted, note) else { return vec![Effect::say("no envelope is at hand")] };
    if known.is_some_and(|known| known.mark == Mark::Accepted) {
        replay.notes.take_away(step.entry);
        return keep(replay, "no longer accepted");
    }
    replay.notes.set(step);
    keep(replay, "accepted; `i` adds a note")
}

/// Asks why the step at hand is flagged; or for the note on one that is marked.
pub fn ask_note(replay: &mut Replay, mark: Mark) -> Vec<Effect> {
    if step(replay, mark, String::new()).is_none() {
        return vec![Effect::say("no envelope is at hand")];
    }
    replay.transport.pause();
    replay.prompt = Some(prompt::open(replay, Ask::Note(mark)));
    Vec::new()
}

/// Marks the step at hand, with a note.
pub fn set(replay: &mut Replay, mark: Mark, text: &str) -> Result<Vec<Effect>, String> {
    if text.len() > LONGEST {
        return Err(format!("a note has {LONGEST} bytes at most"));
    }
    let step = step(replay, mark, text.to_owned()).ok_or_else(|| "no envelope is at hand".to_owned())?;
    replay.notes.set(step);
    Ok(keep(replay, mark.word()))
}

fn keep(replay: &Replay, said: &str) -> Vec<Effect> {
    let Some(run) = replay.noted else { return Vec::new() };
    vec![ask(ReviewRequest::Keep { run, notes: replay.notes.clone() }), Effect::say(said)]
}

/// Writes the review of the open run.
pub fn export(replay: &Replay, file: &str) -> Result<Vec<Effect>, String> {
    let run = replay.tape.as_ref().map(|tape| tape.run).ok_or_else(|| "no run is open".to_owned())?;
    if file.is_empty() {
        return Err("say the file".to_owned());
    }
    Ok(vec![ask(ReviewRequest::Export { run, file: file.to_owned() }), Effect::say("writing and verifying it")])
}

/// Goes to a step that was marked.
pub fn go_to(replay: &mut Replay, at: usize) -> Vec<Effect> {
    let Some(Note { arrival, receipt, .. }) = replay.notes.0.get(at).cloned() else { return Vec::new() };
    let Some(run) = replay.tape.as_ref().map(|tape| tape.run) else { return Vec::new() };
    replay.sheet = None;
    opening::open(replay, run, Destination::Envelope { arrival, receipt });
    Vec::new()
}

/// What was made of an envelope and its actions: flagged where any of them is.
pub fn of_envelope(replay: &Replay, arrival: u64) -> Option<Mark> {
    let mut marks = replay.notes.0.iter().filter(|note| note.arrival == arrival).map(|note| note.mark);
    let first = marks.next()?;
    Some(if first == Mark::Flagged || marks.any(|mark| mark == Mark::Flagged) { Mark::Flagged } else { Mark::Accepted })
}

/// How many envelopes were looked at.
pub fn reviewed(replay: &Replay) -> usize {
    let mut arrivals: Vec<u64> = replay.notes.0.iter().map(|note| note.arrival).collect();
    arrivals.dedup();
    arrivals.len()
}

/// What an action is called where its note is listed.
pub fn called(replay: &Replay, note: &Note) -> String {
    let entry = u32::try_from(note.entry.saturating_sub(1)).unwrap_or(u32::MAX);
    match replay.tape.as_ref().and_then(|tape| tape.entries.get(entry)) {
        Some(Fact::Received(received)) => received.envelope.event_type.clone(),
        Some(Fact::Disposed(disposed)) => {
            let receipt = &disposed.receipt;
            let value = receipt.value.as_ref().map(|value| format!(" {}", value.number)).unwrap_or_default();
            format!("{}{value} {}", receipt.tool, receipt.verdict.decision.word())
        }
        _ => note.receipt.clone().unwrap_or_else(|| "envelope".to_owned()),
    }
}
