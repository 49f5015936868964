//! Looking for the smallest fixture that leads somewhere: envelopes there are, unchanged first, then with one field
//! changed, then with two. Each is run with the keys that the fixtures use already, through the whole executor, in a run
//! that is written nowhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::candidate::{Change, Elsewhere, Leaf, changed, leaves};
use super::outcome::{ActionOutcome, EnvelopeOutcome, Seeing};
use super::synthetic::labelled;
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::State;
use crate::kernel::journal::{Origin, Source};
use crate::kernel::receipt::Ruling;
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev_kernel::DevKernel;
use crate::session::error::Error;
use crate::session::run::{Offer, Run};

/// Runs that are tried for one goal.
const TRIALS: usize = 600;
/// How long is looked for one goal: author code may take as long as it is let for each try.
const PATIENCE: Duration = Duration::from_mins(1);
/// Envelopes whose fields are changed: the nearest.
const CHANGED: usize = 8;
/// Envelopes that are tried unchanged.
const UNCHANGED: usize = 200;
/// Different things that came instead, as they are told.
const TOLD: usize = 4;

/// Where a fixture is to lead.
pub struct Goal<'a> {
    /// What it is called; its ids are made of that.
    pub name: String,
    /// The operator that is to answer.
    pub operator: Option<&'a str>,
    /// The action it is to propose.
    pub tool: Option<&'a str>,
    /// Values one of which is wanted, the likeliest first.
    pub values: Vec<Decimal>,
    /// Types that its trigger matches, for where no envelope has one.
    pub event_types: Vec<String>,
    /// True where the envelope has to come twice.
    pub repeats: bool,
    /// True where the operator is to find nothing to go by.
    pub lacks: bool,
    /// True where a key that was used is no obstacle.
    pub used_keys: bool,
    /// Whether that is it.
    pub fills: &'a dyn Fn(&[EnvelopeOutcome]) -> bool,
}

/// An envelope to begin with.
#[derive(Debug, Clone)]
pub struct Base {
    /// Where it is from: `fixtures/returns.json:3`.
    pub from: String,
    /// The envelope.
    pub envelope: Arc<EventEnvelope>,
}

/// What leads there.
#[derive(Debug)]
pub struct Found {
    /// The fixture: an envelope, or the same one twice.
    pub envelopes: Vec<Arc<EventEnvelope>>,
    /// What it was made of.
    pub from: String,
    /// What was changed.
    pub changes: Vec<Change>,
}

/// Nothing leads there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missed {
    /// How many envelopes were tried.
    pub tried: usize,
    /// What came instead, the first few of it.
    pub came: Vec<String>,
}

/// A base with what comes of it unchanged.
struct Tried {
    base: Base,
    /// What has to be changed in any case: its type.
    first: Vec<Change>,
    action: Option<ActionOutcome>,
    leaves: Vec<Leaf>,
    /// How far from the goal it is.
    distance: (u8, usize),
}

/// A search as it goes on.
struct Search<'a, 'k> {
    kernel: &'k mut DevKernel,
    goal: &'a Goal<'a>,
    claims: &'a [(String, String)],
    missed: Missed,
    began: Instant,
}

/// Runs envelopes with some keys used, writing nothing.
pub fn run(
    kernel: &mut DevKernel,
    envelopes: &[Arc<EventEnvelope>],
    claims: &[(String, String)],
) -> Result<Vec<EnvelopeOutcome>, Error> {
    let state = State::with_claims(claims.iter().cloned());
    let mut run = Run::unrecorded(kernel, FIXTURE_NOW.to_owned(), state)?;
    for envelope in envelopes {
        let origin = Origin { source: Source::Fixture, file: None, line: None };
        run.offer(kernel, Offer::of(Arc::clone(envelope), origin, Vec::new()))?;
    }
    let mut seeing = Seeing::of(run.number());
    let (_, batch) = run.end()?;
    batch.iter().flat_map(|batch| &batch.entries).for_each(|entry| seeing.take(entry));
    Ok(seeing.seen.into_iter().map(|seen| seen.outcome).collect())
}

/// The smallest fixture that leads there, or what came instead.
pub fn search(
    kernel: &mut DevKernel,
    goal: &Goal<'_>,
    bases: &[Base],
    claims: &[(String, String)],
) -> Result<Result<Found, Missed>, Error> {
    let mut elsewhere = Elsewhere::default();
    for base in bases {
        elsewhere.add(&base.envelope);
    }
    let mut search = Search { kernel, goal, claims, missed: Missed::default(), began: Instant::now() };
    let mut tried = Vec::new();
    for base in bases.iter().take(UNCHANGED) {
        match search.unchanged(base)? {
            Ok(found) => return Ok(Ok(found)),
            Err(base) => tried.extend(base),
        }
    }
    tried.sort_by_key(|tried| tried.distance);
    tried.truncate(CHANGED);
    for tried in &tried {
        for change in search.single(tried, &elsewhere) {
            if let Some(found) = search.changed(tried, &[change])? {
                return Ok(Ok(found));
            }
        }
    }
    for tried in &tried {
        for changes in search.pairs(tried, &elsewhere) {
            if let Some(found) = search.changed(tried, &changes)? {
                return Ok(Ok(found));
            }
        }
    }
    Ok(Err(search.missed))
}

impl Search<'_, '_> {
    /// Tries a base as it is; gives it back with what came of it. One that its operator's trigger does not match is
    /// tried under the types that it does.
    fn unchanged(&mut self, base: &Base) -> Result<Result<Found, Vec<Tried>>, Error> {
        let mut all = Vec::new();
        let as_it_is = run(self.kernel, std::slice::from_ref(&base.envelope), &[])?;
        let is_routed = as_it_is
            .iter()
            .any(|outcome| self.goal.operator.is_none_or(|name| outcome.routed.iter().any(|routed| routed == name)));
        let types = if is_routed { Vec::new() } else { self.goal.event_types.clone() };
        let was = || serde_json::Value::from(base.envelope.event_type.as_str());
        let typed = types
            .into_iter()
            .map(|name| vec![Change { pointer: "/event_type".to_owned(), was: was(), to: Some(name.into()) }]);
        let firsts: Vec<Vec<Change>> = if is_routed { vec![Vec::new()] } else { typed.collect() };
        for first in firsts {
            let (found, outcomes) = self.attempt(base, first.clone())?;
            if let Some(found) = found {
                return Ok(Ok(found));
            }
            let action = self.action_of(&outcomes).cloned();
            let far = match (&action, first.is_empty()) {
                (Some(_), true) => 0,
                (None, true) => 1,
                (_, false) => 2,
            };
            let distance = (far, base.envelope.payload.as_str().len());
            let leaves = leaves(&base.envelope);
            all.push(Tried { base: base.clone(), first, action, leaves, distance });
        }
        Ok(Err(all))
    }

    /// The action that the goal is about.
    fn action_of<'o>(&self, outcomes: &'o [EnvelopeOutcome]) -> Option<&'o ActionOutcome> {
        let Goal { operator, tool, .. } = self.goal;
        let is_it = |action: &&ActionOutcome| {
            operator.is_none_or(|name| action.operator == name) && tool.is_none_or(|name| action.tool == name)
        };
        outcomes.iter().flat_map(|outcome| &outcome.actions).find(is_it)
    }

    /// Runs a base with some changes.
    fn attempt(&mut self, base: &Base, changes: Vec<Change>) -> Result<(Option<Found>, Vec<EnvelopeOutcome>), Error> {
        if self.missed.tried >= TRIALS || self.began.elapsed() > PATIENCE {
            return Ok((None, Vec::new()));
        }
        let Some(made) = changed(&base.envelope, &changes) else { return Ok((None, Vec::new())) };
        self.missed.tried += 1;
        let envelope = Arc::new(labelled(&made, &self.goal.name));
        let envelopes = vec![envelope; if self.goal.repeats { 2 } else { 1 }];
        let outcomes = run(self.kernel, &envelopes, self.claims)?;
        if (self.goal.fills)(&outcomes) {
            let found = Found { envelopes, from: base.from.clone(), changes };
            return Ok((Some(found), outcomes));
        }
        let told = outcomes.last().map(|outcome| outcome.told(self.goal.operator));
        let came = &mut self.missed.came;
        came.extend(told.filter(|told| came.len() < TOLD && !came.contains(told)));
        Ok((None, outcomes))
    }

    /// The same, and what its outcome suggests: another name where only its key was in the way, another number where the
    /// value follows from one.
    fn changed(&mut self, tried: &Tried, changes: &[Change]) -> Result<Option<Found>, Error> {
        let all = || tried.first.iter().chain(changes).cloned().collect::<Vec<_>>();
        let (found, outcomes) = self.attempt(&tried.base, all())?;
        if found.is_some() {
            return Ok(found);
        }
        let Some(action) = self.action_of(&outcomes).cloned() else { return Ok(None) };
        if action.decision == Ruling::Dedup && !self.goal.used_keys {
            let made = changed(&tried.base.envelope, changes);
            let named = made.iter().flat_map(leaves).filter(|leaf| {
                leaf.value.as_str().is_some_and(|text| !text.is_empty() && action.idempotency_key.contains(text))
            });
            for renamed in named.flat_map(|leaf| leaf.renamed()).collect::<Vec<_>>() {
                let mut all = all();
                all.retain(|change| change.pointer != renamed.pointer);
                all.push(renamed);
                if let (Some(found), _) = self.attempt(&tried.base, all)? {
                    return Ok(Some(found));
                }
            }
        }
        for number in self.follow_up(tried, changes, &action) {
            let (found, _) = self.attempt(&tried.base, tried.first.iter().cloned().chain([number]).collect())?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Where the value follows a number of the payload by some factor, the number that gives the wanted value.
    fn follow_up(&self, tried: &Tried, changes: &[Change], now: &ActionOutcome) -> Vec<Change> {
        let [change] = changes else { return Vec::new() };
        let Some(leaf) = tried.leaves.iter().find(|leaf| leaf.pointer == change.pointer) else { return Vec::new() };
        let float = |number: &Decimal| number.as_str().parse::<f64>().ok();
        let value = |action: &ActionOutcome| float(&action.value.as_ref()?.number);
        let then = tried.action.as_ref().and_then(value);
        let to =
            change.to.as_ref().and_then(|to| leaf.to(Some(to.clone())).to?.to_string().trim_matches('"').parse().ok());
        let (Some(x0), Some(x1), Some(v0), Some(v1)): (_, Option<f64>, _, _) =
            (leaf.number().as_ref().and_then(float), to, then, value(now))
        else {
            return Vec::new();
        };
        if (v0 - v1).abs() < f64::EPSILON || (x0 - x1).abs() < f64::EPSILON {
            return Vec::new();
        }
        let solved = self.goal.values.iter().filter_map(|wanted| {
            let number = x0 + (float(wanted)? - v0) * (x1 - x0) / (v1 - v0);
            Decimal::parse(&format!("{number}")).ok().filter(|_| number.is_finite())
        });
        solved.map(|number| leaf.to_number(&number)).collect()
    }

    /// One field changed: to a wanted value, to what it is elsewhere, to nothing.
    fn single(&self, tried: &Tried, elsewhere: &Elsewhere) -> Vec<Change> {
        let mut all = self.to_values(tried);
        for leaf in &tried.leaves {
            all.extend(if self.goal.lacks { leaf.to_nothing() } else { Vec::new() });
        }
        all.extend(tried.leaves.iter().flat_map(|leaf| elsewhere.changes_of(leaf)));
        if !self.goal.lacks {
            all.extend(tried.leaves.iter().flat_map(Leaf::to_nothing));
        }
        all
    }

    /// Two fields changed: a wanted value and what another field is elsewhere; or both what they are elsewhere.
    fn pairs(&self, tried: &Tried, elsewhere: &Elsewhere) -> Vec<Vec<Change>> {
        let others: Vec<Change> = tried.leaves.iter().flat_map(|leaf| elsewhere.changes_of(leaf)).collect();
        let values = self.to_values(tried);
        let first = if values.is_empty() { &others } else { &values };
        let pairs = first.iter().flat_map(|one| others.iter().map(move |other| (one, other)));
        pairs
            .filter(|(one, other)| one.pointer != other.pointer)
            .map(|(one, other)| vec![one.clone(), other.clone()])
            .collect()
    }

    /// Each number changed to each wanted value, those first that the action carries on.
    fn to_values(&self, tried: &Tried) -> Vec<Change> {
        let value = tried.action.as_ref().and_then(|action| action.value.as_ref()).map(|value| &value.number);
        let mut numbers: Vec<(&Leaf, Decimal)> =
            tried.leaves.iter().filter_map(|leaf| Some((leaf, leaf.number()?))).collect();
        numbers.sort_by_key(|(_, number)| Some(number) != value);
        let wanted = |leaf: &Leaf| self.goal.values.iter().map(|wanted| leaf.to_number(wanted)).collect::<Vec<_>>();
        numbers.into_iter().flat_map(|(leaf, _)| wanted(leaf)).collect()
    }
}
