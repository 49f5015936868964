//! The index of a run's journal: where every entry stands, which are envelopes and actions, and what became of each.
//! Sixteen bytes an entry; it grows as the journal is read and can be used meanwhile.

use super::history::History;
use super::indexed_entry::{IndexedAction, IndexedEntry, Plan};
use super::moment::{Moment, Position, Stage};
use super::state::Counters;

mod slot;

pub use slot::Mark;
pub(super) use slot::{Kind, Slot};

/// Entries between two checkpoints of the counters.
pub(super) const CHECKPOINT: usize = 1_024;
/// Journals beyond so many entries are not indexed further.
const MOST: usize = u32::MAX as usize - 1;
/// Stands for an envelope that is not there.
const NOWHERE: u32 = u32::MAX;

/// Envelopes that follow each other and come from one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileGroup {
    /// The first of them, by its place among the envelopes.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// The file's hash; 0 for no file.
    pub(super) file: u32,
}

/// The index.
#[derive(Debug, Default)]
pub struct Index {
    pub(super) slots: Vec<Slot>,
    /// Entries of envelopes and of what was refused.
    envelopes: Vec<u32>,
    /// Ordinal, from 0, to place among the envelopes.
    arrivals: Vec<u32>,
    /// Entries of dispositions.
    actions: Vec<u32>,
    groups: Vec<FileGroup>,
    pub(super) checkpoints: Vec<Counters>,
    running: Counters,
    pub(super) keys: History,
    pub(super) locks: History,
    pub(super) policies: Vec<(u32, Option<Box<str>>)>,
    /// Bytes of the journal that are indexed.
    end: u64,
    damaged: usize,
    finished: bool,
}

impl Index {
    /// Takes the next line in, which begins at `offset` and ends before `end`.
    pub fn push(&mut self, offset: u64, end: u64, line: IndexedEntry) {
        self.end = end;
        if self.slots.len() >= MOST {
            return;
        }
        let entry = self.len();
        let slot = self.slot(entry, offset, line);
        if self.slots.len().is_multiple_of(CHECKPOINT) {
            self.checkpoints.push(self.running);
        }
        self.running.take(slot.kind(), slot.mark());
        self.slots.push(slot);
    }

    fn slot(&mut self, entry: u32, offset: u64, line: IndexedEntry) -> Slot {
        let plain = |kind, mark| Slot::new(offset, kind, mark, Stage::Validate);
        match line {
            IndexedEntry::Received { arrival, event, file } => {
                let place = self.add_envelope(entry, file);
                // Ordinals have no gaps; one that does is not believed.
                if arrival == self.arrivals.len() as u64 + 1 {
                    self.arrivals.push(place);
                }
                plain(Kind::Envelope, Mark::None).of(file, event)
            }
            IndexedEntry::Refused { file } => {
                self.add_envelope(entry, file);
                plain(Kind::Refused, Mark::Refused).of(file, 0)
            }
            IndexedEntry::Routed { arrival, matched } => {
                let mark = if matched { Mark::None } else { Mark::Unmatched };
                self.note(arrival, mark);
                plain(Kind::Routed, mark)
            }
            IndexedEntry::Proposed { arrival, plan } => {
                let mark = match plan {
                    Plan::Actions => Mark::Planned,
                    Plan::Empty => Mark::EmptyPlan,
                    Plan::Failed => Mark::NoPlan,
                };
                self.note(arrival, mark);
                plain(Kind::Proposed, mark)
            }
            IndexedEntry::Claimed { key, entity } => {
                self.keys.take(key, entry);
                self.locks.take(entity, entry);
                plain(Kind::Other, Mark::None)
            }
            IndexedEntry::Disposed(action) => self.add_action(entry, offset, &action),
            IndexedEntry::Policy(digest) => {
                self.policies.push((entry, digest));
                plain(Kind::Other, Mark::None)
            }
            IndexedEntry::Ended => {
                self.finished = true;
                plain(Kind::Other, Mark::None)
            }
            IndexedEntry::Damaged => {
                self.damaged += 1;
                plain(Kind::Other, Mark::None)
            }
            IndexedEntry::Other => plain(Kind::Other, Mark::None),
        }
    }

    fn add_envelope(&mut self, entry: u32, file: u32) -> u32 {
        let place = self.envelopes.len();
        self.envelopes.push(entry);
        match self.groups.last_mut() {
            Some(group) if group.file == file => group.count += 1,
            _ => self.groups.push(FileGroup { first: place, count: 1, file }),
        }
        u32::try_from(place).unwrap_or(NOWHERE)
    }

    fn add_action(&mut self, entry: u32, offset: u64, action: &IndexedAction) -> Slot {
        match action.claimed {
            Some(true) => self.keys.take(action.key, entry),
            Some(false) => self.keys.free(action.key, entry),
            None => {}
        }
        self.locks.free(action.entity, entry);
        self.actions.push(entry);
        let of = self.place_of(action.arrival).unwrap_or(NOWHERE);
        Slot::new(offset, Kind::Action, Mark::of(action), action.reached).of(of, action.sameness)
    }

    fn place_of(&self, arrival: u64) -> Option<u32> {
        self.arrivals.get(usize::try_from(arrival.checked_sub(1)?).ok()?).copied()
    }

    /// Says what an envelope without actions came to; of several operators the one that says most.
    fn note(&mut self, arrival: u64, mark: Mark) {
        let Some(place) = self.place_of(arrival) else { return };
        let slot = &mut self.slots[self.envelopes[place as usize] as usize];
        if mark as u8 > slot.mark() as u8 {
            slot.set(mark);
        }
    }

    /// Entries there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(u32::MAX)
    }

    /// True before the first entry.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Bytes of the journal that are indexed.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Lines that are no entries.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// True once the run has said that it ended.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Where an entry's line begins.
    pub fn offset(&self, entry: u32) -> Option<u64> {
        self.slots.get(entry as usize).map(|slot| slot.offset())
    }

    /// The entry whose line begins there.
    pub fn at_offset(&self, offset: u64) -> Option<u32> {
        u32::try_from(self.slots.binary_search_by_key(&offset, |slot| slot.offset()).ok()?).ok()
    }

    /// How many envelopes there are, what was refused among them.
    pub fn envelopes(&self) -> usize {
        self.envelopes.len()
    }

    /// How many actions there are.
    pub fn actions(&self) -> usize {
        self.actions.len()
    }

    /// The entry of an envelope, by its place among them.
    pub fn envelope(&self, place: usize) -> Option<u32> {
        self.envelopes.get(place).copied()
    }

    /// The place of an envelope by its ordinal.
    pub fn envelope_of(&self, arrival: u64) -> Option<usize> {
        self.place_of(arrival).map(|place| place as usize)
    }

    /// The envelope an entry belongs to, by its place among them: that of an action's own, else the last before it.
    pub fn envelope_at(&self, entry: u32) -> Option<usize> {
        let slot = self.slots.get(entry as usize)?;
        if slot.kind() == Kind::Action && slot.of != NOWHERE {
            return Some(slot.of as usize);
        }
        self.envelopes.partition_point(|envelope| *envelope <= entry).checked_sub(1)
    }

    /// The entries that follow an envelope up to the next one: its routing, its plans, its actions.
    pub fn about(&self, place: usize) -> std::ops::Range<u32> {
        let Some(from) = self.envelope(place) else { return 0..0 };
        from..self.envelope(place + 1).unwrap_or(self.len())
    }

    /// The actions of an envelope, by their entries: those that ended before the next envelope came.
    pub fn actions_of(&self, place: usize) -> &[u32] {
        let about = self.about(place);
        let from = self.actions.partition_point(|action| *action < about.start);
        let upto = self.actions.partition_point(|action| *action < about.end);
        &self.actions[from..upto]
    }

    /// What became of an envelope that has no actions, or of an action.
    pub fn mark(&self, entry: u32) -> Mark {
        self.slots.get(entry as usize).map_or(Mark::None, |slot| slot.mark())
    }

    /// The stage that decided, of an action.
    pub fn reached(&self, entry: u32) -> Option<Stage> {
        self.slots.get(entry as usize).filter(|slot| slot.kind() == Kind::Action).map(|slot| slot.stage())
    }

    /// The envelopes of each file in turn.
    pub fn groups(&self) -> &[FileGroup] {
        &self.groups
    }

    /// The first entry of that kind after one, or before it.
    pub(super) fn neighbour(&self, of: Stops, entry: u32, forward: bool) -> Option<u32> {
        let near = |list: &[u32]| {
            if forward {
                list.get(list.partition_point(|other| *other <= entry)).copied()
            } else {
                list.partition_point(|other| *other < entry).checked_sub(1).map(|at| list[at])
            }
        };
        match of {
            Stops::Envelopes => near(&self.envelopes),
            Stops::Actions => near(&self.actions),
            Stops::Both => {
                let (envelope, action) = (near(&self.envelopes), near(&self.actions));
                if forward { envelope.into_iter().chain(action).min() } else { envelope.max(action) }
            }
        }
    }

    /// Where a moment is, in a person's numbers.
    pub fn position(&self, at: Moment) -> Position {
        let place = self.envelope_at(at.entry);
        let actions = place.map_or(&[][..], |place| self.actions_of(place));
        let own = actions.iter().position(|action| *action == at.entry);
        let is_action = self.reached(at.entry).is_some();
        Position {
            envelope: place.map_or(0, |place| place + 1),
            envelopes: self.envelopes(),
            // One that was held has ended later: it is none of those.
            action: own.map_or(usize::from(is_action), |own| own + 1),
            actions: actions.len().max(usize::from(is_action)),
            stage: at.stage.filter(|_| is_action),
        }
    }

    /// What of an envelope, or of an action, tells whether another run has the same.
    pub(super) fn sameness(&self, entry: u32) -> u32 {
        self.slots.get(entry as usize).map_or(0, |slot| slot.sameness)
    }

    /// The digest of the policy that judges before an entry, with the entry that said so.
    pub(super) fn policy(&self, before: u32) -> Option<(u32, Option<&str>)> {
        let at = self.policies.partition_point(|(entry, _)| *entry < before).checked_sub(1)?;
        let (entry, digest) = &self.policies[at];
        Some((*entry, digest.as_deref()))
    }

    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        let small = size_of::<u32>() * (self.envelopes.capacity() + self.arrivals.capacity() + self.actions.capacity());
        let checkpoints = self.checkpoints.capacity() * size_of::<Counters>();
        let groups = self.groups.capacity() * size_of::<FileGroup>();
        let histories = self.keys.bytes() + self.locks.bytes();
        self.slots.capacity() * size_of::<Slot>() + small + checkpoints + groups + histories
    }
}

/// What is stopped at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stops {
    Envelopes,
    Actions,
    Both,
}
