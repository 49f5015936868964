//! Moving in a run: step, seek, play. A pure state over an index; what moves it in time are ticks from outside.

use std::collections::BTreeSet;
use std::time::Duration;

use super::index::{Index, Stops};
use super::moment::{Moment, Stage};

/// How long one step of a play is looked at, at speed 1.
const BEAT: Duration = Duration::from_millis(1_600);
/// Speeds, in quarters of the ordinary one.
const SPEEDS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];
/// The ordinary speed's place among them.
const ORDINARY: usize = 2;

/// What is stepped over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Unit {
    /// A stage of an action.
    Stage,
    /// An action.
    #[default]
    Action,
    /// An envelope with all that follows it.
    Envelope,
}

impl Unit {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Action => "action",
            Self::Envelope => "envelope",
        }
    }

    /// The next one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Stage => Self::Action,
            Self::Action => Self::Envelope,
            Self::Envelope => Self::Stage,
        }
    }
}

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what came later.
    Forward,
    /// To what came before.
    Back,
}

/// Where a person is in a run, and whether it plays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transport {
    at: Moment,
    playing: bool,
    unit: Unit,
    speed: Option<usize>,
    marks: BTreeSet<Moment>,
}

impl Transport {
    /// At the beginning of a run.
    pub fn at_start(index: &Index) -> Self {
        Self { at: first(index).unwrap_or_default(), ..Self::default() }
    }

    /// Where it is.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// True while it moves by itself.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// What a play steps over.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The speed, as a person reads it.
    pub fn speed(&self) -> &'static str {
        ["¼×", "½×", "1×", "2×", "4×", "8×", "16×"][self.speed.unwrap_or(ORDINARY)]
    }

    /// The marks there are.
    pub fn marks(&self) -> &BTreeSet<Moment> {
        &self.marks
    }

    /// One step; false where there is nothing in that direction.
    pub fn step(&mut self, index: &Index, unit: Unit, direction: Direction) -> bool {
        let to = match direction {
            Direction::Forward => after(index, self.at, unit),
            Direction::Back => before(index, self.at, unit),
        };
        to.inspect(|to| self.at = *to).is_some()
    }

    /// Goes to an entry: to an action where it has decided, else to the envelope it belongs to.
    pub fn seek_entry(&mut self, index: &Index, entry: u32) -> bool {
        let to = match index.reached(entry) {
            Some(_) => Some(decided(index, entry)),
            None => index
                .envelope_at(entry)
                .and_then(|place| index.envelope(place))
                .map(|entry| Moment { entry, stage: None }),
        };
        to.inspect(|to| self.at = *to).is_some()
    }

    /// Goes to a moment that is one of this run; false for any other.
    pub fn seek(&mut self, index: &Index, to: Moment) -> bool {
        let there = is_moment(index, to);
        if there {
            self.at = to;
        }
        there
    }

    /// Goes where a person says: `7` is an envelope, `7.2` its second action, `7.2.3` or `7.2.lock` a stage of it.
    pub fn go_to(&mut self, index: &Index, text: &str) -> Result<(), String> {
        let to = target(index, text)?;
        self.at = to;
        Ok(())
    }

    /// Goes on by itself, or stops.
    pub fn toggle(&mut self, index: &Index) {
        self.playing = !self.playing && after(index, self.at, self.unit).is_some();
    }

    /// Stops.
    pub fn pause(&mut self) {
        self.playing = false;
    }

    /// Faster or slower.
    pub fn change_speed(&mut self, faster: bool) {
        let now = self.speed.unwrap_or(ORDINARY);
        let next = if faster { now + 1 } else { now.saturating_sub(1) };
        self.speed = Some(next.min(SPEEDS.len() - 1));
    }

    /// Steps over something else from now on.
    pub fn change_unit(&mut self) {
        self.unit = self.unit.next();
    }

    /// How long until the next tick; none while it does not play.
    pub fn beat(&self) -> Option<Duration> {
        let quarters = SPEEDS[self.speed.unwrap_or(ORDINARY)];
        self.playing.then(|| BEAT * SPEEDS[ORDINARY] / quarters)
    }

    /// The time of a beat has passed: goes on by one step, and stops at the end.
    pub fn tick(&mut self, index: &Index) -> bool {
        if !self.playing {
            return false;
        }
        let moved = self.step(index, self.unit, Direction::Forward);
        self.playing = moved && after(index, self.at, self.unit).is_some();
        moved
    }

    /// Marks where it is, or takes that mark away; whether it is marked now.
    pub fn mark(&mut self) -> bool {
        let marked = !self.marks.remove(&self.at);
        if marked {
            self.marks.insert(self.at);
        }
        marked
    }

    /// Goes to the next mark, round and round; false without any.
    pub fn next_mark(&mut self) -> bool {
        let after = (std::ops::Bound::Excluded(self.at), std::ops::Bound::Unbounded);
        let to = self.marks.range(after).next().or_else(|| self.marks.first()).copied();
        to.inspect(|to| self.at = *to).is_some()
    }
}

/// The first moment of a run.
fn first(index: &Index) -> Option<Moment> {
    let entry = index.envelope(0).or_else(|| index.neighbour(Stops::Both, 0, true))?;
    Some(Moment { entry, stage: index.reached(entry).map(|_| Stage::Validate) })
}

/// An action where its stage has decided.
fn decided(index: &Index, entry: u32) -> Moment {
    Moment { entry, stage: Some(index.reached(entry).unwrap_or(Stage::Receipt)) }
}

/// The stages of an action that are stops: those that were reached, and the receipt.
fn stage_beside(index: &Index, at: Moment, direction: Direction) -> Option<Moment> {
    let reached = index.reached(at.entry)?;
    let is_stop = |stage: &Stage| *stage <= reached || *stage == Stage::Receipt;
    let now = at.stage.unwrap_or(Stage::Validate);
    let mut stops = Stage::ALL.into_iter().filter(is_stop);
    let stage = match direction {
        Direction::Forward => stops.find(|stage| *stage > now),
        Direction::Back => stops.rfind(|stage| *stage < now),
    };
    stage.map(|stage| Moment { entry: at.entry, stage: Some(stage) })
}

fn after(index: &Index, at: Moment, unit: Unit) -> Option<Moment> {
    match unit {
        Unit::Stage => stage_beside(index, at, Direction::Forward).or_else(|| {
            let entry = index.neighbour(Stops::Both, at.entry, true)?;
            Some(Moment { entry, stage: index.reached(entry).map(|_| Stage::Validate) })
        }),
        Unit::Action => index.neighbour(Stops::Actions, at.entry, true).map(|entry| decided(index, entry)),
        Unit::Envelope => index.neighbour(Stops::Envelopes, at.entry, true).map(|entry| Moment { entry, stage: None }),
    }
}

fn before(index: &Index, at: Moment, unit: Unit) -> Option<Moment> {
    match unit {
        Unit::Stage => stage_beside(index, at, Direction::Back).or_else(|| {
            let entry = index.neighbour(Stops::Both, at.entry, false)?;
            Some(Moment { entry, stage: index.reached(entry).map(|_| Stage::Receipt) })
        }),
        Unit::Action => index.neighbour(Stops::Actions, at.entry, false).map(|entry| decided(index, entry)),
        Unit::Envelope => index.neighbour(Stops::Envelopes, at.entry, false).map(|entry| Moment { entry, stage: None }),
    }
}

fn is_moment(index: &Index, at: Moment) -> bool {
    match (index.reached(at.entry), at.stage) {
        (Some(reached), Some(stage)) => stage <= reached || stage == Stage::Receipt,
        (None, None) => {
            index.envelope_at(at.entry).and_then(|place| index.envelope(place)).is_some_and(|entry| entry == at.entry)
        }
        _ => false,
    }
}

fn target(index: &Index, text: &str) -> Result<Moment, String> {
    let mut parts = text.trim().split('.');
    let envelope = parts.next().and_then(|part| part.parse::<usize>().ok());
    let Some(envelope) = envelope.filter(|envelope| *envelope > 0) else {
        return Err("say the number of an envelope: `7`, or `7.2` or `7.2.lock`".to_owned());
    };
    let Some(entry) = index.envelope(envelope - 1) else {
        return Err(format!("there is no envelope {envelope}, the last is {}", index.envelopes()));
    };
    let Some(action) = parts.next() else { return Ok(Moment { entry, stage: None }) };
    let actions = index.actions_of(envelope - 1);
    let number = action.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let Some(entry) = number.and_then(|number| actions.get(number)).copied() else {
        return Err(format!("envelope {envelope} has no action `{action}`, it has {}", actions.len()));
    };
    let Some(stage) = parts.next() else { return Ok(decided(index, entry)) };
    let to = Moment { entry, stage: Stage::parse(stage) };
    if to.stage.is_some() && is_moment(index, to) {
        Ok(to)
    } else if to.stage.is_some() {
        Err(format!("action {envelope}.{action} never came to `{stage}`"))
    } else {
        Err(format!("there is no stage `{stage}`; they are 1 to 6, or validate, policy, lock, dedup, handler, receipt"))
    }
}
