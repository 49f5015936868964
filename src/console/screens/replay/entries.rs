//! Entries of a run that were read back: what is at hand, and the envelopes in view. Drawing reads nothing; what it will
//! need is asked for beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Replay, Tape, tree};
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::console::screen::{Context, Effect};
use crate::kernel::journal::{Entry, Fact};
use crate::replayer::StateView;

/// Entries kept.
const KEPT: usize = 1_024;
/// Entries about an envelope that are read: its routing, its plans, its actions.
pub const ABOUT: u32 = 64;

/// Envelopes on each side of the one at hand that a timeline may show.
const BESIDE: usize = 100;

/// What was read.
#[derive(Debug, Default)]
pub struct Entries {
    read: BTreeMap<u32, Option<Arc<Entry>>>,
    asked: BTreeSet<u32>,
}

impl Entries {
    /// What an entry says, where it was read.
    pub fn get(&self, entry: u32) -> Option<&Fact> {
        self.read.get(&entry)?.as_ref().map(|entry| &entry.fact)
    }

    /// When an entry was written, where it was read.
    pub fn time(&self, entry: u32) -> Option<&str> {
        self.read.get(&entry)?.as_ref().map(|entry| entry.at.as_str())
    }

    /// True for an entry that could not be read.
    pub fn is_lost(&self, entry: u32) -> bool {
        matches!(self.read.get(&entry), Some(None))
    }

    /// Takes in what was read.
    pub fn take(&mut self, entries: Vec<(u32, Option<Arc<Entry>>)>) {
        for (number, entry) in entries {
            self.asked.remove(&number);
            self.read.insert(number, entry);
        }
    }

    /// Forgets what is not wanted, once it is much.
    fn forget_all_but(&mut self, wanted: &BTreeSet<u32>) {
        if self.read.len() > KEPT {
            self.read.retain(|entry, _| wanted.contains(entry));
        }
    }
}

impl Tape {
    /// Asks for entries that were not read.
    fn ask(&mut self, wanted: &BTreeSet<u32>) -> Option<JournalRequest> {
        self.entries.forget_all_but(wanted);
        let Entries { read, asked } = &mut self.entries;
        let lacking = wanted.iter().filter(|entry| !read.contains_key(*entry) && !asked.contains(*entry));
        let places: Vec<(u32, u64)> = lacking.filter_map(|entry| Some((*entry, self.index.offset(*entry)?))).collect();
        asked.extend(places.iter().map(|(entry, _)| *entry));
        (!places.is_empty()).then_some(JournalRequest::Entries { run: self.run, places })
    }

    /// What is read of an envelope and an action.
    fn around(&self, entry: u32, place: Option<usize>, wanted: &mut BTreeSet<u32>) {
        if let Some(place) = place {
            let about = self.index.about(place);
            wanted.extend(about.start..about.end.min(about.start + ABOUT));
        }
        if !self.index.is_empty() {
            wanted.insert(entry);
        }
        let state = StateView::before(&self.index, entry);
        wanted.extend(state.policy().map(|(entry, _)| entry));
        if let Some(Fact::Disposed(disposed)) = self.entries.get(entry) {
            wanted.extend(state.key(&disposed.receipt.idempotency_key));
        }
    }
}

/// The first envelopes of the files around one: the timeline names them.
fn files_near(tape: &Tape, place: usize) -> Vec<u32> {
    let groups = tape.index.groups();
    let near = place.saturating_sub(BESIDE)..place + BESIDE;
    let from = groups.partition_point(|group| group.first + group.count <= near.start);
    let near = groups[from..].iter().take_while(|group| group.first < near.end).take(BESIDE);
    near.filter_map(|group| tape.index.envelope(group.first)).collect()
}

/// Asks for what is to be shown and was not read.
pub fn missing(replay: &mut Replay, cx: &Context<'_>) -> Vec<Effect> {
    let at = replay.transport.at();
    let Some(tape) = &replay.tape else { return Vec::new() };
    let place = tape.index.envelope_at(at.entry);
    let mut wanted = BTreeSet::new();
    tape.around(at.entry, place, &mut wanted);
    wanted.extend(tree::in_view(replay, cx));
    wanted.extend(place.into_iter().flat_map(|place| files_near(tape, place)));
    let mut others = BTreeSet::new();
    if let Some(before) = place.and_then(|place| replay.pairing.of_envelope(place)) {
        let base = if before.in_other { replay.other.as_ref() } else { Some(tape) };
        let into = if before.in_other { &mut others } else { &mut wanted };
        if let Some(base) = base {
            let about = base.index.about(before.place);
            into.extend(about.start..about.end.min(about.start + ABOUT));
        }
    }
    let tape = replay.tape.as_mut().and_then(|tape| tape.ask(&wanted));
    let other = replay.other.as_mut().and_then(|other| other.ask(&others));
    let ask = |request| Effect::Files(super::ID, FileRequest::Journal(request));
    tape.into_iter().chain(other).map(ask).collect()
}
