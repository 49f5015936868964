//! The connectors, their tools and the operators that this session has loaded: what a rule can name.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{CodeKind, Fact};
use crate::kernel::policy::{Arguments, LoadedNames, TrustPolicy, unknown_names};

/// Connectors with the capabilities of their tools.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    // What a tool takes is in no entry, so of arguments only the policy that is in force is told.
    names: LoadedNames,
    /// Counts the changes.
    pub version: u64,
}

impl Catalogue {
    /// Takes one fact in.
    pub fn take(&mut self, fact: &Fact) {
        let Fact::Loaded(loaded) = fact else { return };
        self.version += 1;
        let (name, names) = (&loaded.name, &mut self.names);
        names.broken.remove(name);
        match (loaded.kind, loaded.running.is_some()) {
            (CodeKind::Connector, true) => {
                let provides = loaded.provides.iter().map(|tool| (tool.clone(), Arguments::Unlisted));
                names.connectors.insert(name.clone(), provides.collect());
            }
            (CodeKind::Connector, false) => drop(names.connectors.remove(name)),
            (CodeKind::Operator, true) => drop(names.operators.insert(name.clone())),
            (CodeKind::Operator, false) => drop(names.operators.remove(name)),
        }
        if loaded.failure.is_some() {
            names.broken.insert(name.clone());
        }
    }

    /// The connectors, in order.
    pub fn connectors(&self) -> impl Iterator<Item = &str> {
        self.names.connectors.keys().map(String::as_str)
    }

    /// The tools of a connector, or of all.
    pub fn tools(&self, connector: Option<&str>) -> BTreeSet<&str> {
        let of = self.names.connectors.iter().filter(|(name, _)| connector.is_none_or(|wanted| wanted == *name));
        of.flat_map(|(_, tools)| tools.keys().map(String::as_str)).collect()
    }

    /// Names in a draft that refer to nothing loaded, as the kernel words it. Before anything that has tools is loaded
    /// nothing is said.
    pub fn doubts(&self, rules: &[TrustPolicy], text: &str) -> Vec<Diagnostic> {
        if self.names.connectors.values().all(BTreeMap::is_empty) {
            return Vec::new();
        }
        unknown_names(rules, &self.names, &|_| Some(text))
    }
}
