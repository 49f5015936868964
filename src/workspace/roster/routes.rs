//! Which operators an event type goes to (contract 2). The definition is [`Glob::matches`]; where operators are many, a
//! set of all their globs says first which are worth asking. Knows names and triggers, not envelopes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::kernel::glob::Glob;
use crate::kernel::journal::Route;

/// With fewer operators than this, asking each is as quick.
const MANY: usize = 24;

/// Event types whose nearest trigger is remembered.
const NEAREST: usize = 256;

/// The triggers of all operators, in name order.
#[derive(Default)]
pub(super) struct Routes {
    triggers: Vec<(String, Glob)>,
    /// The same globs, in the same order; none where they are few, or more than a set can hold.
    set: Option<GlobSet>,
    /// The nearest triggers that were asked for: finding one holds the event type against each of them.
    nearest: Mutex<HashMap<String, Option<Route>>>,
}

impl Routes {
    /// Of operators by name, each with its trigger.
    pub(super) fn of(mut triggers: Vec<(String, Glob)>) -> Self {
        triggers.sort_by(|a, b| a.0.cmp(&b.0));
        let set = (triggers.len() >= MANY).then(|| set_of(&triggers)).flatten();
        Self { triggers, set, nearest: Mutex::default() }
    }

    /// Operators whose trigger matches, in name order.
    pub(super) fn matching(&self, event_type: &str) -> Vec<Route> {
        let likely: Vec<&(String, Glob)> = match &self.set {
            Some(set) => set.matches(as_path(event_type)).into_iter().map(|at| &self.triggers[at]).collect(),
            None => self.triggers.iter().collect(),
        };
        likely.into_iter().filter(|(_, glob)| glob.matches(event_type)).map(|(name, glob)| route(name, glob)).collect()
    }

    /// The trigger that came nearest to an event type none matched.
    pub(super) fn nearest(&self, event_type: &str) -> Option<Route> {
        let mut lately = self.nearest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = lately.get(event_type) {
            return found.clone();
        }
        let nearest = self.triggers.iter().rev().max_by_key(|(_, glob)| glob.nearness(event_type));
        let found = nearest.map(|(name, glob)| route(name, glob));
        if lately.len() == NEAREST {
            lately.clear();
        }
        lately.insert(event_type.to_owned(), found.clone());
        found
    }
}

fn route(name: &str, glob: &Glob) -> Route {
    Route { operator: name.to_owned(), trigger: glob.to_string() }
}

fn set_of(triggers: &[(String, Glob)]) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for (_, glob) in triggers {
        set.add(GlobBuilder::new(&path_pattern(glob.as_str())).literal_separator(true).build().ok()?);
    }
    set.build().ok()
}

/// The glob for paths that matches at least what a dotted one does: segments become folders, and what may be none or
/// more folders there is one or more segments here.
fn path_pattern(glob: &str) -> String {
    let segments: Vec<_> = glob.split('.').map(as_path).collect();
    let (last, before) = segments.split_last().map_or(("", &[][..]), |(last, before)| (last, before));
    let mut pattern = String::new();
    for segment in before {
        pattern += if segment == "**" { "*/**/" } else { segment };
        if segment != "**" {
            pattern.push('/');
        }
    }
    pattern + last
}

/// The event type as a path. A slash in it is no separator: what it becomes instead is ruled out by the definition.
fn as_path(text: &str) -> String {
    text.chars().map(|c| if c == '/' { '\0' } else { c }).map(|c| if c == '.' { '/' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn routes(globs: &[String]) -> Routes {
        let triggers = globs.iter().enumerate().map(|(n, glob)| (format!("{n:04}"), Glob::parse(glob).unwrap()));
        Routes::of(triggers.collect())
    }

    #[test]
    fn few_are_asked_one_by_one_and_many_through_a_set() {
        let globs: Vec<_> = (0..MANY).map(|n| format!("order.{n}.*")).collect();
        assert!(routes(&globs[1..]).set.is_none() && routes(&globs).set.is_some());
        let found = routes(&globs).matching("order.7.held");
        assert_eq!(found, [Route { operator: "0007".to_owned(), trigger: "order.7.*".to_owned() }]);
        assert_eq!(routes(&globs).nearest("ordr.7.held").unwrap().operator, "0007");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn a_set_finds_what_the_definition_does(
            globs in prop::collection::vec(r"(\*\*|\*|[ab/~]{1,2}|\*?a\*?b?|b\*a)(\.(\*\*|\*|[ab]{1,2}|\*?a\*?b?|b\*a)){0,4}", MANY..MANY + 9),
            text in r"[ab/~ \[\{]{1,3}(\.[ab\]\}*]{1,3}){0,4}",
        ) {
            let routes = routes(&globs);
            prop_assert!(routes.set.is_some());
            let expected: Vec<_> =
                routes.triggers.iter().filter(|(_, glob)| glob.matches(&text)).map(|(name, glob)| route(name, glob)).collect();
            prop_assert_eq!(routes.matching(&text), expected);
        }
    }
}
