//! Every order in which plans on an entity could have been disposed of: which plans, what all orders come to, and the
//! shortest schedule of each outcome, stepped through with the keys of the transport.

use std::sync::Arc;

use crossterm::event::KeyCode;

use super::{ID, Message, Replay};
use crate::console::keys::Key;
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::console::screen::{Effect, Hints};
use crate::console::widgets::Motion;
use crate::replayer::schedules::{Candidate, Chosen, Did, Explored, MOST_PLANS, Property, Request, Schedule};
use crate::replayer::transport::{Direction, Unit};

/// What is open of it.
#[derive(Debug)]
pub struct Interleavings {
    /// The run.
    run: u32,
    /// The entity on which the plans meet.
    pub entity: String,
    /// The plan that was at hand.
    plan: String,
    /// The plans there are to choose from; none while they are read.
    pub plans: Option<Vec<Candidate>>,
    /// Those that are chosen, by their place.
    pub marked: Vec<usize>,
    /// Index of the selected plan, or outcome.
    pub at: usize,
    /// What is looked for.
    pub wanted: &'static [Property],
    /// Actions whose handler is let fail.
    pub failing: Vec<String>,
    /// What is searched, while it is.
    pub searching: Option<Request>,
    /// What was found.
    pub found: Option<Arc<Explored>>,
    /// Steps of the schedule that are done.
    pub done: usize,
}

/// What a key does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchKey {
    /// Choose the selected plan, or no longer.
    Mark,
    /// Look at every order of the chosen plans.
    Search,
    /// Look for something else.
    Bad,
    /// Let the handler of the action at hand fail, or no longer.
    Fail,
    /// Choose other plans.
    Plans,
    /// Select that line.
    Pick(usize),
}

const MARK: Key = Key::plain(KeyCode::Char(' '));
const BAD: Key = Key::plain(KeyCode::Tab);
const FAIL: Key = Key::plain(KeyCode::Char('x'));
const PLANS: Key = Key::plain(KeyCode::Backspace);

/// What can be looked for.
const WANTED: [&[Property]; 2] = [&Property::FAULTS, &[Property::NotAsRecorded]];

impl Interleavings {
    /// What a key does.
    pub fn takes(&self, key: Key) -> Option<Message> {
        let does = match key {
            Key::ENTER if self.found.is_none() => SearchKey::Search,
            MARK if self.found.is_none() => SearchKey::Mark,
            BAD => SearchKey::Bad,
            FAIL if self.found.is_some() => SearchKey::Fail,
            PLANS if self.found.is_some() => SearchKey::Plans,
            _ => return None,
        };
        Some(Message::Interleave(does))
    }

    /// The keys it takes.
    pub fn hints(&self) -> Hints<Message> {
        let send = |key| Some(Message::Interleave(key));
        let plain = |c| Key::plain(KeyCode::Char(c));
        let mut keys = if self.found.is_none() {
            vec![(MARK, "choose", send(SearchKey::Mark)), (Key::ENTER, "every order", send(SearchKey::Search))]
        } else {
            vec![
                (plain('s'), "step", Some(Message::Step(Unit::Stage, Direction::Forward))),
                (plain('b'), "back", Some(Message::Step(Unit::Stage, Direction::Back))),
                (FAIL, "its handler fails", send(SearchKey::Fail)),
                (PLANS, "other plans", send(SearchKey::Plans)),
            ]
        };
        keys.push((BAD, "what is bad", send(SearchKey::Bad)));
        keys.push((Key::ESC, "leave", Some(Message::Interleavings)));
        Hints { keys, alone: false }
    }

    /// True where there is a schedule to step through.
    pub fn has_steps(&self) -> bool {
        self.schedule().is_some()
    }

    /// The schedule of the selected outcome, and of the outcome of the shortest bad one that.
    pub fn schedule(&self) -> Option<&Schedule> {
        let found = self.found.as_ref()?;
        let of_bad = found.bad.as_ref().filter(|(outcome, _)| *outcome == self.at).map(|(_, schedule)| schedule);
        of_bad.or_else(|| found.outcomes.get(self.at)?.schedule.as_ref())
    }

    /// Moves among plans, or outcomes.
    pub fn go(&mut self, motion: Motion) {
        let before = self.at;
        let total = match &self.found {
            Some(found) => found.outcomes.len(),
            None => self.plans.as_ref().map_or(0, Vec::len),
        };
        self.at = motion.applied(self.at, 5, total);
        if self.at != before {
            self.done = self.done.min(self.schedule().map_or(0, |schedule| schedule.moves.len()));
        }
    }

    /// The ids of the chosen plans.
    fn chosen(&self) -> Vec<String> {
        let plans = self.plans.as_deref().unwrap_or_default();
        self.marked.iter().filter_map(|at| Some(plans.get(*at)?.plan.plan_id.clone())).collect()
    }

    fn search(&mut self) -> Vec<Effect> {
        let names = self.chosen();
        if names.len() < 2 {
            return vec![Effect::say(format!("choose two to {MOST_PLANS} plans; one has one order"))];
        }
        let chosen = Chosen { names, entity: None };
        let request = Request { chosen, wanted: self.wanted.to_vec(), failing: self.failing.clone() };
        self.searching = Some(request.clone());
        vec![ask(JournalRequest::Interleave { run: self.run, request })]
    }
}

fn ask(request: JournalRequest) -> Effect {
    Effect::Files(ID, FileRequest::Journal(request))
}

/// Opens it for the entity of the action at hand, or closes it.
pub fn toggle(replay: &mut Replay) -> Vec<Effect> {
    if replay.interleavings.take().is_some() {
        return Vec::new();
    }
    let (Some(action), Some(tape)) = (&replay.scene.action, &replay.tape) else { return Vec::new() };
    replay.transport.pause();
    let (run, receipt) = (tape.run, &action.disposed.receipt);
    let entity = receipt.entity_key.clone();
    replay.interleavings = Some(Interleavings {
        run,
        entity: entity.clone(),
        plan: receipt.plan_id.clone(),
        plans: None,
        marked: Vec::new(),
        at: 0,
        wanted: WANTED[0],
        failing: Vec::new(),
        searching: None,
        found: None,
        done: 0,
    });
    vec![ask(JournalRequest::PlansOn { run, entity })]
}

/// The plans were read: the one at hand is chosen, with those nearest to it.
pub fn plans(replay: &mut Replay, run: u32, entity: &str, plans: Result<Vec<Candidate>, String>) -> Vec<Effect> {
    let Some(open) = replay.interleavings.as_mut().filter(|open| open.run == run && open.entity == entity) else {
        return Vec::new();
    };
    match plans {
        Ok(plans) => {
            let at = plans.iter().position(|candidate| candidate.plan.plan_id == open.plan).unwrap_or(0);
            let first = at.saturating_sub(1).min(plans.len().saturating_sub(3));
            open.marked = (first..plans.len()).take(3).collect();
            (open.at, open.plans) = (at, Some(plans));
            Vec::new()
        }
        Err(why) => {
            replay.interleavings = None;
            vec![Effect::say(format!("run {run} cannot be read: {why}"))]
        }
    }
}

/// All orders were looked at.
pub fn found(replay: &mut Replay, run: u32, request: &Request, found: Result<Arc<Explored>, String>) -> Vec<Effect> {
    let awaited = |open: &&mut Interleavings| open.run == run && open.searching.as_ref() == Some(request);
    let Some(open) = replay.interleavings.as_mut().filter(awaited) else { return Vec::new() };
    open.searching = None;
    match found {
        Ok(found) => {
            open.at = found.bad.as_ref().map_or(0, |(outcome, _)| *outcome);
            // Where it goes wrong is what is looked for; else it begins at the beginning.
            open.done = found.bad.as_ref().and_then(|(_, schedule)| Some(schedule.lost_at? + 1)).unwrap_or(0);
            open.found = Some(found);
            Vec::new()
        }
        Err(why) => vec![Effect::say(why)],
    }
}

/// Does what a key does here.
pub fn key(replay: &mut Replay, key: SearchKey) -> Vec<Effect> {
    let Some(open) = &mut replay.interleavings else { return Vec::new() };
    match key {
        SearchKey::Search => return open.search(),
        SearchKey::Pick(at) => {
            let is_again = open.at == at;
            open.at = at;
            if open.found.is_none() && is_again {
                return self::key(replay, SearchKey::Mark);
            }
            open.done = 0;
        }
        SearchKey::Mark => {
            let at = open.at;
            if let Some(place) = open.marked.iter().position(|marked| *marked == at) {
                open.marked.remove(place);
            } else if open.marked.len() == MOST_PLANS {
                return vec![Effect::say(format!("{MOST_PLANS} plans are chosen, and no more can be"))];
            } else {
                open.marked.push(at);
                open.marked.sort_unstable();
            }
        }
        SearchKey::Bad => {
            let now = WANTED.iter().position(|wanted| *wanted == open.wanted).unwrap_or(0);
            open.wanted = WANTED[(now + 1) % WANTED.len()];
            if open.found.is_some() {
                return open.search();
            }
        }
        SearchKey::Fail => {
            let found = open.found.as_ref();
            let at = open.schedule().and_then(|schedule| schedule.moves.get(open.done.saturating_sub(1)));
            let action = at.and_then(|taken| Some(found?.actions.get(taken.action)?.action_id.clone()));
            let Some(action) = action else { return Vec::new() };
            match open.failing.iter().position(|failing| *failing == action) {
                Some(place) => drop(open.failing.remove(place)),
                None => open.failing.push(action),
            }
            return open.search();
        }
        SearchKey::Plans => {
            open.at = open.marked.first().copied().unwrap_or(0);
            (open.found, open.searching, open.done) = (None, None, 0);
            open.failing.clear();
        }
    }
    Vec::new()
}

/// Steps through the schedule: by single steps, to the next end of an action, or to where it goes wrong and its end.
pub fn step(replay: &mut Replay, unit: Unit, direction: Direction) -> Vec<Effect> {
    let Some(open) = &mut replay.interleavings else { return Vec::new() };
    let Some(schedule) = open.schedule() else { return Vec::new() };
    let (done, all) = (open.done, schedule.moves.len());
    let is_stop = |at: usize| {
        let ends = |at: usize| schedule.moves.get(at).is_some_and(|taken| matches!(taken.did, Did::Ended(_)));
        match unit {
            Unit::Stage => true,
            Unit::Action => at == 0 || ends(at - 1),
            Unit::Envelope => at == 0 || at == all || schedule.lost_at.is_some_and(|lost| lost + 1 == at),
        }
    };
    let to = match direction {
        Direction::Forward => (done + 1..=all).find(|at| is_stop(*at)),
        Direction::Back => (0..done).rfind(|at| is_stop(*at)),
    };
    match to {
        Some(to) => {
            open.done = to;
            Vec::new()
        }
        None => vec![Effect::say("there is nothing that way")],
    }
}
