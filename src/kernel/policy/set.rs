//! All rules of a workspace, compiled once for each operator that a guardrail document names and once for the rest:
//! documents for other operators are dropped before anything is judged (contract 4).

use std::collections::BTreeMap;

use super::guard::applies_to;
use super::{CompiledPolicy, TrustPolicy};

/// The policy of a workspace, for whichever operator proposes.
#[derive(Debug, Clone)]
pub struct PolicySet {
    rules: Vec<TrustPolicy>,
    general: CompiledPolicy,
    named: BTreeMap<String, CompiledPolicy>,
}

impl PolicySet {
    /// Compiles rules and documents, given in file order.
    pub fn compile(rules: Vec<TrustPolicy>) -> Self {
        let operators = rules.iter().filter_map(|rule| rule.guard.as_ref()?.applies_to.clone());
        let for_operator = |operator: Option<&str>| {
            let kept = rules.iter().filter(|rule| applies_to(rule, operator)).cloned().collect();
            CompiledPolicy::compile(kept).naming_files(CompiledPolicy::are_of_several_files(&rules))
        };
        let general = for_operator(None);
        let named = operators.map(|name| (name.clone(), for_operator(Some(&name)))).collect();
        Self { rules, general, named }
    }

    /// No policy at all: everything is BLOCKed, and `why` is said each time.
    pub fn none(why: impl Into<String>) -> Self {
        Self { rules: Vec::new(), general: CompiledPolicy::none(why), named: BTreeMap::new() }
    }

    /// Every rule, of every document, in file order.
    pub fn rules(&self) -> &[TrustPolicy] {
        &self.rules
    }

    /// What judges an operator's actions.
    pub fn of(&self, operator: &str) -> &CompiledPolicy {
        self.named.get(operator).unwrap_or(&self.general)
    }

    /// What judges the actions of any operator that no document names.
    pub fn general(&self) -> &CompiledPolicy {
        &self.general
    }

    /// The operators that documents name, in order.
    pub fn operators(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}
