//! All rules of a workspace, compiled once for each operator that a guardrail document names and once for the rest:
//! documents for other operators are dropped before anything is judged (contract 4).

use std::collections::BTreeMap;

use super::guard::applies_to;
use super::{ActionKind, Bands, CompiledPolicy, Edit, PredicateId, TrustPolicy};

/// The policy of a workspace, for whichever operator proposes.
#[derive(Debug, Clone)]
pub struct PolicySet {
    rules: Vec<TrustPolicy>,
    general: View,
    named: BTreeMap<String, View>,
}

/// The rules for one operator, made ready to judge.
#[derive(Debug, Clone)]
struct View {
    policy: CompiledPolicy,
    // INVARIANT: ascending; the number in the set of each of the policy's rules.
    numbers: Vec<usize>,
}

impl PolicySet {
    /// Compiles rules and documents, given in file order.
    pub fn compile(rules: Vec<TrustPolicy>) -> Self {
        let operators = rules.iter().filter_map(|rule| rule.guard.as_ref()?.applies_to.clone());
        let for_operator = |operator: Option<&str>| {
            let kept = rules.iter().enumerate().filter(|(_, rule)| applies_to(rule, operator));
            let (numbers, kept) = kept.map(|(number, rule)| (number, rule.clone())).unzip();
            let policy = CompiledPolicy::compile(kept).naming_files(CompiledPolicy::are_of_several_files(&rules));
            View { policy, numbers }
        };
        let general = for_operator(None);
        let named = operators.map(|name| (name.clone(), for_operator(Some(&name)))).collect();
        Self { rules, general, named }
    }

    /// No policy at all: everything is BLOCKed, and `why` is said each time.
    pub fn none(why: impl Into<String>) -> Self {
        let general = View { policy: CompiledPolicy::none(why), numbers: Vec::new() };
        Self { rules: Vec::new(), general, named: BTreeMap::new() }
    }

    /// The same with predicates that are none of another set's, though both were numbered from the start.
    #[must_use]
    pub fn asking_apart_from(&self, other: &Self) -> Self {
        let ids = other.rules.iter().filter_map(|rule| rule.predicate);
        let first = ids.map(|PredicateId(id)| id.saturating_add(1)).max().unwrap_or(0);
        let apart = |rule: &TrustPolicy| {
            let predicate = rule.predicate.map(|PredicateId(id)| PredicateId(id.saturating_add(first)));
            TrustPolicy { predicate, ..rule.clone() }
        };
        Self::compile(self.rules.iter().map(apart).collect())
    }

    /// Every rule, of every document, in file order.
    pub fn rules(&self) -> &[TrustPolicy] {
        &self.rules
    }

    /// What judges an operator's actions.
    pub fn of(&self, operator: &str) -> &CompiledPolicy {
        &self.view(Some(operator)).policy
    }

    /// What judges the actions of any operator that no document names.
    pub fn general(&self) -> &CompiledPolicy {
        &self.general.policy
    }

    fn view(&self, operator: Option<&str>) -> &View {
        operator.and_then(|name| self.named.get(name)).unwrap_or(&self.general)
    }

    /// What the rules for a kind of action come to, over all values; rules by their index in the set.
    pub fn bands(&self, kind: &ActionKind<'_>) -> Bands<'_> {
        let View { policy, numbers } = self.view(kind.operator);
        policy.bands(kind.connector, kind.tool).numbered(numbers)
    }

    /// The same, supposing one rule of the set were edited; to whom its document speaks stays.
    pub fn bands_if<'a>(&'a self, kind: &ActionKind<'_>, edit: Edit<'a>) -> Bands<'a> {
        let View { policy, numbers } = self.view(kind.operator);
        let edit = numbers.binary_search(&edit.rule).ok().map(|rule| Edit { rule, ..edit });
        policy.bands_if(kind.connector, kind.tool, edit).numbered(numbers)
    }

    /// The operators that documents name, in order.
    pub fn operators(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}
