//! The runs a feed carries: which envelopes they have, which policy judges, what they can fire for real.

use std::collections::BTreeMap;

use crate::kernel::journal::{Fact, Listening, PolicyStamp, RunKind};
use crate::session::journal::reader::EntryLocation;

/// All runs met.
#[derive(Debug, Default)]
pub struct Runs {
    met: BTreeMap<u32, Run>,
    policy: Option<PolicyStamp>,
    listening: Option<Listening>,
}

#[derive(Debug, Default)]
struct Run {
    /// First and last stored entry about each envelope, by ordinal; ordinals start at 1 and have no gaps.
    arrivals: Vec<(u32, u32)>,
    propose_only: bool,
    kind: Option<RunKind>,
    live: Vec<String>,
    unconfined: bool,
    ended: bool,
}

/// Stands for an ordinal whose entry was never seen.
const UNSEEN: u32 = u32::MAX;
/// Ordinals further ahead than this of what was seen are not believed: a broken journal must not cost the memory.
const LEAP: usize = 1 << 20;

impl Runs {
    /// Takes one fact in.
    pub fn take(&mut self, run: u32, fact: &Fact) {
        match fact {
            Fact::RunStarted(started) => {
                let entry = self.met.entry(run).or_default();
                entry.propose_only = started.propose_only;
                entry.kind = Some(started.kind);
                entry.live.clone_from(&started.live_connections);
                entry.unconfined = started.unconfined;
                // A replay may be judged by another policy than the session is.
                if started.kind != RunKind::Replay || self.policy.is_none() {
                    self.policy = Some(started.policy.clone());
                }
            }
            Fact::PolicyLoaded(stamp) => self.policy = Some(stamp.clone()),
            Fact::Listening(listening) => self.listening = Some(listening.clone()),
            Fact::RunEnded(_) => self.met.entry(run).or_default().ended = true,
            _ => {}
        }
    }

    /// Takes in a fact of a run that was over before all others began.
    pub fn take_earlier(&mut self, run: u32, fact: &Fact) {
        let entry = self.met.entry(run).or_default();
        entry.ended = true;
        if let Fact::RunStarted(started) = fact {
            entry.propose_only = started.propose_only;
        }
    }

    /// Notes that an entry about an envelope is held; returns the first and last before it that were about the same.
    pub fn arrived(&mut self, run: u32, arrival: u64, at: u32) -> Option<(u32, u32)> {
        let room = self.met.get(&run).map_or(0, |run| run.arrivals.len()) + LEAP;
        let slot = self.slot(run, arrival, room)?;
        let (first, last) = *slot;
        *slot = if first == UNSEEN { (at, at) } else { (first, at) };
        Some((first, last)).filter(|_| first != UNSEEN)
    }

    /// The same of an entry older than all others; returns those after it.
    pub fn arrived_earlier(&mut self, place: EntryLocation, arrival: u64, at: u32) -> Option<(u32, u32)> {
        // Each envelope before it took a line, and no line is shorter than that.
        let slot = self.slot(place.run, arrival, usize::try_from(place.offset / 64).ok()?)?;
        let (first, last) = *slot;
        *slot = if first == UNSEEN { (at, at) } else { (at, last) };
        Some((first, last)).filter(|_| first != UNSEEN)
    }

    fn slot(&mut self, run: u32, arrival: u64, room: usize) -> Option<&mut (u32, u32)> {
        let arrivals = &mut self.met.entry(run).or_default().arrivals;
        let index = usize::try_from(arrival).ok()?.checked_sub(1)?;
        if index > room {
            return None;
        }
        if index >= arrivals.len() {
            arrivals.resize(index + 1, (UNSEEN, UNSEEN));
        }
        arrivals.get_mut(index)
    }

    /// Index of the first stored entry about an envelope.
    pub fn stored(&self, run: u32, arrival: u64) -> Option<u32> {
        let index = usize::try_from(arrival).ok()?.checked_sub(1)?;
        self.met.get(&run)?.arrivals.get(index).map(|(first, _)| *first).filter(|at| *at != UNSEEN)
    }

    /// True for a replay, which another process runs.
    pub fn is_replay(&self, run: u32) -> bool {
        self.met.get(&run).is_some_and(|run| run.kind == Some(RunKind::Replay))
    }

    /// True when plans of that run are not disposed of.
    pub fn proposes_only(&self, run: u32) -> bool {
        self.met.get(&run).is_some_and(|run| run.propose_only)
    }

    /// Connections of runs not ended whose handlers run for real, each once.
    pub fn live(&self) -> Vec<&str> {
        let mut names: Vec<_> =
            self.met.values().filter(|run| !run.ended).flat_map(|run| run.live.iter().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// True while a run goes on whose author code may be unconfined.
    pub fn unconfined(&self) -> bool {
        self.met.values().any(|run| run.unconfined && !run.ended)
    }

    /// Where live input is taken; `None` where it is not.
    pub fn listening(&self) -> Option<&Listening> {
        self.listening.as_ref()
    }

    /// The policy as last heard of; `None` before the first entry.
    pub fn policy(&self) -> Option<&PolicyStamp> {
        self.policy.as_ref()
    }
}
