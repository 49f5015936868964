//! The predicates of policies in code, asked in the embedded host. A predicate is a function of the action and its
//! envelope alone: its clock stands still, and what it cannot answer blocks.
//!
//! Where many actions wait they are asked together, so that a hop to the child is not paid for each. What was answered
//! ahead is believed only for the very same action and envelope.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::author::load::{Predicate, RuleCode};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;
use crate::kernel::plan::PlannedAction;
use crate::kernel::policy::{self, PredicateId, PredicateOutcome};

/// All predicates of a policy.
#[derive(Default)]
pub struct Predicates {
    modules: Vec<Mutex<RuleCode>>,
    /// For each id the module, and the rule in it, from 0.
    places: Vec<(usize, u32)>,
    ahead: Mutex<Ahead>,
}

/// What was asked before the executor came to it, for the actions of one envelope.
#[derive(Default)]
struct Ahead {
    /// The envelope, kept so that no other can take its place in memory.
    envelope: Option<Arc<EventEnvelope>>,
    answers: HashMap<(PredicateId, String), PredicateOutcome>,
}

/// An action for which predicates are asked.
pub struct Asking<'a> {
    predicates: &'a Predicates,
    action: Result<Raw, String>,
    envelope: Option<&'a EventEnvelope>,
}

impl Predicates {
    /// Takes a module in; its rules get ids from the first given.
    pub fn add<'a>(&mut self, code: RuleCode, rules: &'a [u32]) -> impl Iterator<Item = (u32, PredicateId)> + use<'a> {
        let module = self.modules.len();
        self.modules.push(Mutex::new(code));
        let first = self.places.len();
        self.places.extend(rules.iter().map(|rule| (module, *rule)));
        let ids = (first..).map(|id| PredicateId(u32::try_from(id).unwrap_or(u32::MAX)));
        rules.iter().copied().zip(ids)
    }

    /// Asks them about an action.
    pub fn about<'a>(&'a self, action: &PlannedAction, envelope: Option<&'a EventEnvelope>) -> Asking<'a> {
        let action = if self.is_empty() { Ok(Raw::null()) } else { text_of(action) };
        Asking { predicates: self, action, envelope }
    }

    /// True when no rule has any.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Asks, together, what will be asked of actions that wait: of each those predicates. What was asked so
    /// for another envelope is forgotten.
    pub fn ask_ahead(&self, envelope: &Arc<EventEnvelope>, waiting: &[(PlannedAction, Vec<PredicateId>)]) {
        let mut by_module: Vec<Vec<(PredicateId, u32, Raw)>> = vec![Vec::new(); self.modules.len()];
        for (action, ids) in waiting {
            let Ok(action) = text_of(action) else { continue };
            for id in ids {
                if let Some((module, rule)) = self.place(*id) {
                    by_module[module].push((*id, rule, action.clone()));
                }
            }
        }
        let mut answers = HashMap::new();
        for (module, asks) in self.modules.iter().zip(by_module) {
            let (keys, asks): (Vec<_>, Vec<_>) =
                asks.into_iter().map(|(id, rule, action)| ((id, action.as_str().to_owned()), (rule, action))).unzip();
            let said = lock(module).ask_all(asks, Some(envelope));
            answers.extend(keys.into_iter().zip(said.into_iter().map(outcome)));
        }
        let mut ahead = lock(&self.ahead);
        if !ahead.envelope.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, envelope)) {
            *ahead = Ahead { envelope: Some(Arc::clone(envelope)), answers: HashMap::new() };
        }
        ahead.answers.extend(answers);
    }

    fn place(&self, PredicateId(id): PredicateId) -> Option<(usize, u32)> {
        self.places.get(usize::try_from(id).ok()?).copied()
    }

    /// The answer, where this was asked ahead.
    fn answered(&self, id: PredicateId, action: &Raw, envelope: Option<&EventEnvelope>) -> Option<PredicateOutcome> {
        let ahead = lock(&self.ahead);
        let same = ahead.envelope.as_deref().zip(envelope).is_some_and(|(kept, now)| std::ptr::eq(kept, now));
        if same { ahead.answers.get(&(id, action.as_str().to_owned())).cloned() } else { None }
    }
}

impl policy::Predicates for Asking<'_> {
    fn ask(&mut self, id: PredicateId) -> PredicateOutcome {
        let Some((module, rule)) = self.predicates.place(id) else {
            return PredicateOutcome::Threw("it is not loaded".to_owned());
        };
        let action = match &self.action {
            Ok(action) => action,
            Err(why) => return PredicateOutcome::Threw(why.clone()),
        };
        self.predicates
            .answered(id, action, self.envelope)
            .unwrap_or_else(|| outcome(lock(&self.predicates.modules[module]).ask(rule, action, self.envelope)))
    }
}

fn text_of(action: &PlannedAction) -> Result<Raw, String> {
    let text = serde_json::to_string(action).map_err(|error| error.to_string())?;
    Raw::parse(&text).map_err(|error| error.to_string())
}

fn outcome(said: Predicate) -> PredicateOutcome {
    match said {
        Predicate::Said(true) => PredicateOutcome::True,
        Predicate::Said(false) => PredicateOutcome::False,
        Predicate::Other(what) => PredicateOutcome::NotBoolean(what),
        Predicate::Threw(message) => PredicateOutcome::Threw(message),
        Predicate::TookTooLong => PredicateOutcome::TimedOut,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Predicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} predicates", self.places.len())
    }
}
