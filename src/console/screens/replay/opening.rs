//! Which run is open: chosen by what is selected, by a person, or because it was asked for; its journal indexed while it
//! can be used.

use super::{Destination, Replay, Tape, forking, interleavings, revision};
use crate::console::model::Row;
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::{JournalReply, JournalRequest};
use crate::console::screen::{Context, Effect};
use crate::kernel::journal::{Fact, RunKind};
use crate::replayer::Index;
use crate::replayer::difference::Pairing;
use crate::replayer::transport::Transport;

fn ask(request: JournalRequest) -> Effect {
    Effect::Files(super::ID, FileRequest::Journal(request))
}

/// A person comes to the screen: it shows what is selected, unless it does so already.
pub fn enter(replay: &mut Replay, cx: &Context<'_>) -> Vec<Effect> {
    if let Some((run, destination)) = cx.selected.and_then(|row| selected(replay, cx, row)) {
        open(replay, run, destination);
    }
    // What there is may be more by now.
    replay.runs = None;
    Vec::new()
}

/// Where the selected row leads; none where that is at hand.
fn selected(replay: &Replay, cx: &Context<'_>, row: Row) -> Option<(u32, Destination)> {
    let (run, arrival) = cx.model.arrival(row)?;
    let receipt = cx.model.disposed(row).map(|disposed| disposed.receipt.id.clone());
    let here = replay.tape.as_ref().is_some_and(|tape| {
        let place = tape.index.envelope_at(replay.transport.at().entry);
        let same_envelope = tape.run == run && place.is_some() && place == tape.index.envelope_of(arrival);
        let same_action = receipt.is_none() || receipt.as_deref() == replay.scene.receipt();
        same_envelope && same_action
    });
    (!here && cx.model.beginning().is_some()).then_some((run, Destination::Envelope { arrival, receipt }))
}

/// Opens a run, or goes elsewhere in the one that is open.
pub fn open(replay: &mut Replay, run: u32, destination: Destination) {
    if replay.tape.as_ref().is_none_or(|tape| tape.run != run) {
        let opened = Tape { run, grown: true, ..Tape::default() };
        let last = replay.tape.replace(opened);
        // It is compared with the fixtures played before it, else with what was looked at last.
        replay.other = match before_it(replay) {
            Some(run) => Some(Tape { run, grown: true, ..Tape::default() }),
            None => last.or(replay.other.take()).filter(|other| other.run != run),
        };
        replay.transport = Transport::default();
        replay.pairing = Pairing::default();
        (replay.top, replay.scroll) = (0, 0);
    }
    replay.destination = Some(destination);
    replay.list = None;
}

/// Compares the open run with another from now on.
pub fn compare(replay: &mut Replay, run: u32) {
    replay.other = Some(Tape { run, grown: true, ..Tape::default() });
    replay.pairing = Pairing::default();
    replay.list = None;
}

/// Makes it agree with what there is: asks for what is to be read, and goes where it was to go.
pub fn refresh(replay: &mut Replay) -> Vec<Effect> {
    let mut effects = Vec::new();
    if replay.runs.is_none() {
        replay.runs = Some(Vec::new());
        effects.push(ask(JournalRequest::Runs));
    }
    for tape in [&mut replay.tape, &mut replay.other].into_iter().flatten() {
        if tape.grown && !tape.scanning {
            (tape.grown, tape.scanning) = (false, true);
            effects.push(ask(JournalRequest::Scan { run: tape.run, from: tape.index.end() }));
        }
    }
    go_there(replay);
    pair(replay);
    if let Some(fact) = policy_fact(replay) {
        replay.policies.take(&fact);
    }
    effects
}

/// The fact by which the policy at hand is known.
fn policy_fact(replay: &Replay) -> Option<Fact> {
    let tape = replay.tape.as_ref()?;
    let state = crate::replayer::StateView::before(&tape.index, replay.transport.at().entry);
    let (entry, digest) = state.policy()?;
    if digest.is_some_and(|digest| replay.policies.of(digest).is_some()) {
        return None;
    }
    tape.entries.get(entry).cloned()
}

fn go_there(replay: &mut Replay) {
    let (Some(tape), Some(destination)) = (&replay.tape, &replay.destination) else { return };
    let index = &tape.index;
    let arrived = match destination {
        Destination::Start if index.envelopes() + index.actions() > 0 => {
            replay.transport = Transport::at_start(index);
            true
        }
        Destination::Start => false,
        Destination::Envelope { arrival, receipt } => index.envelope_of(*arrival).is_some_and(|place| {
            // Its actions come right after it; until the next envelope has come, more of them may.
            let settled = !tape.scanning || index.envelopes() > place + 1;
            let entry = index.envelope(place).unwrap_or(0);
            let moved = replay.transport.seek_entry(index, entry);
            let action = receipt.as_ref().and_then(|receipt| {
                let own = |entry: &&u32| matches!(tape.entries.get(**entry), Some(Fact::Disposed(disposed)) if disposed.receipt.id == *receipt);
                index.actions_of(place).iter().find(own)
            });
            let read = index.actions_of(place).iter().all(|entry| tape.entries.get(*entry).is_some() || tape.entries.is_lost(*entry));
            match action {
                Some(action) => replay.transport.seek_entry(index, *action),
                None => moved && settled && (receipt.is_none() || read),
            }
        }),
        Destination::Offset(offset) => {
            index.at_offset(*offset).is_some_and(|entry| replay.transport.seek_entry(index, entry))
        }
    };
    if arrived || (!tape.scanning && !tape.grown && !matches!(destination, Destination::Envelope { .. })) {
        replay.destination = None;
    }
    // Where it never comes, the beginning is better than nothing.
    if !arrived && !tape.scanning && replay.transport.at().stage.is_none() && replay.transport.at().entry == 0 {
        replay.transport = Transport::at_start(index);
    }
}

/// Pairs envelopes with those played before, as far as both journals are read.
fn pair(replay: &mut Replay) {
    let Some(tape) = &replay.tape else { return };
    let other = replay.other.as_ref().filter(|other| !other.scanning);
    if !tape.scanning {
        replay.pairing.catch_up(&tape.index, other.map(|other| &other.index));
    }
}

/// Selects what is at hand on the screens that list it, where they do.
pub fn select_here(replay: &Replay, cx: &Context<'_>) -> Option<Effect> {
    if replay.destination.is_some() {
        return None;
    }
    let run = replay.tape.as_ref()?.run;
    let arrival = replay.scene.received.as_ref()?.arrival;
    let receipt = replay.scene.receipt();
    let mut about = cx.model.about((run, arrival));
    let (row, _) = about.find(|(_, fact)| match (fact, receipt) {
        (Fact::Disposed(disposed), Some(receipt)) => disposed.receipt.id == receipt,
        (Fact::Received(_), None) => true,
        _ => false,
    })?;
    let selected = cx.selected.is_some_and(|selected| selected.id() == row);
    (!selected && cx.model.row(row).is_some()).then(|| Effect::Shell(crate::console::screen::Request::SelectRow(row)))
}

/// Takes in what was read.
pub fn on_reply(replay: &mut Replay, _: &Context<'_>, reply: JournalReply) -> Vec<Effect> {
    match reply {
        JournalReply::Runs(runs) => {
            replay.runs = Some(runs);
            if replay.tape.is_none() {
                open_newest(replay);
            }
            if replay.other.is_none() {
                replay.other = before_it(replay).map(|run| Tape { run, grown: true, ..Tape::default() });
            }
        }
        JournalReply::Scanned { run, portion } => {
            if let Some(tape) = tapes(replay, run).next() {
                tape.size = portion.size;
                if portion.size < tape.index.end() {
                    // The journal is another one than it was.
                    *tape = Tape { run, grown: true, ..Tape::default() };
                } else {
                    // Lines that begin elsewhere are of a reading that was begun for an earlier index: those have come.
                    portion.take_into(&mut tape.index);
                }
            }
        }
        JournalReply::ScanEnded { run, fault } => {
            for tape in tapes(replay, run) {
                tape.scanning = false;
            }
            if let Some(fault) = fault {
                return vec![Effect::say(format!("run {run} cannot be read: {fault}"))];
            }
        }
        JournalReply::Entries { run, entries } => {
            if let Some(tape) = tapes(replay, run).next() {
                tape.entries.take(entries);
            }
        }
        JournalReply::Policy { file, receipt, policy } => return forking::under(replay, &file, &receipt, policy),
        JournalReply::OperatorFork { question, futures } => return revision::told(replay, &question, futures),
        JournalReply::PlansOn { run, entity, plans } => return interleavings::plans(replay, run, &entity, plans),
        JournalReply::Interleaved { run, request, found } => {
            return interleavings::found(replay, run, &request, found);
        }
        JournalReply::Found { run, found } => return found_action(replay, run, found),
    }
    Vec::new()
}

fn found_action(replay: &mut Replay, run: u32, found: Result<Option<u64>, String>) -> Vec<Effect> {
    replay.searching = false;
    if replay.tape.as_ref().is_none_or(|tape| tape.run != run) {
        return Vec::new();
    }
    let words = replay.stop.as_ref().map_or("", |stop| stop.text.as_str());
    match found {
        Ok(Some(offset)) => {
            replay.destination = Some(Destination::Offset(offset));
            Vec::new()
        }
        Ok(None) => vec![Effect::say(format!("nothing after this is `{words}`"))],
        Err(fault) => vec![Effect::say(fault)],
    }
}

/// The open run and the one it is compared with, where they are that run.
fn tapes(replay: &mut Replay, run: u32) -> impl Iterator<Item = &mut Tape> {
    [&mut replay.tape, &mut replay.other].into_iter().flatten().filter(move |tape| tape.run == run)
}

/// The newest run that disposed of fixtures, or the newest there is.
fn open_newest(replay: &mut Replay) {
    let runs = replay.runs.iter().flatten();
    let played = runs.clone().find(|brief| matches!(brief.kind, Some(RunKind::Play | RunKind::Replay)));
    if let Some(run) = played.or_else(|| runs.clone().next()).map(|brief| brief.run) {
        open(replay, run, Destination::Start);
    }
}

/// The run of fixtures before the open one.
fn before_it(replay: &Replay) -> Option<u32> {
    let open = replay.tape.as_ref()?.run;
    let mut runs = replay.runs.iter().flatten();
    runs.find(|brief| brief.run < open && matches!(brief.kind, Some(RunKind::Play | RunKind::Replay)))
        .map(|brief| brief.run)
}

impl Replay {
    /// The index of the run that is open.
    pub(super) fn index(&self) -> Option<&Index> {
        self.tape.as_ref().map(|tape| &tape.index)
    }
}
