//! The predicates of policies in code, asked in the embedded host. A predicate is a function of the action and its
//! envelope alone: its clock stands still, and what it cannot answer blocks.

use std::fmt;
use std::sync::{Mutex, PoisonError};

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
        let text = if self.places.is_empty() { Ok("{}".to_owned()) } else { serde_json::to_string(action) };
        let action = text
            .map_err(|error| error.to_string())
            .and_then(|text| Raw::parse(&text).map_err(|error| error.to_string()));
        Asking { predicates: self, action, envelope }
    }
}

impl policy::Predicates for Asking<'_> {
    fn ask(&mut self, PredicateId(id): PredicateId) -> PredicateOutcome {
        let place = usize::try_from(id).ok().and_then(|id| self.predicates.places.get(id));
        let Some((module, rule)) = place else {
            return PredicateOutcome::Threw("it is not loaded".to_owned());
        };
        let action = match &self.action {
            Ok(action) => action,
            Err(why) => return PredicateOutcome::Threw(why.clone()),
        };
        let mut code = self.predicates.modules[*module].lock().unwrap_or_else(PoisonError::into_inner);
        match code.ask(*rule, action, self.envelope) {
            Predicate::Said(true) => PredicateOutcome::True,
            Predicate::Said(false) => PredicateOutcome::False,
            Predicate::Other(what) => PredicateOutcome::NotBoolean(what),
            Predicate::Threw(message) => PredicateOutcome::Threw(message),
            Predicate::TookTooLong => PredicateOutcome::TimedOut,
        }
    }
}

impl fmt::Debug for Predicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} predicates", self.places.len())
    }
}
