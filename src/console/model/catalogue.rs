//! The connectors, their tools and the operators that this session has loaded: what a rule can name.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{CodeKind, Fact, Loaded};
use crate::kernel::policy::{Arguments, LoadedNames, TrustPolicy, unknown_names};

/// Connectors with the capabilities of their tools.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    // What a tool takes is in no entry, so of arguments only the policy that is in force is told.
    names: LoadedNames,
    /// The last load of each piece; connectors before operators, each by name.
    pieces: BTreeMap<(bool, String), Loaded>,
    /// Counts the changes.
    pub version: u64,
}

impl Catalogue {
    /// Takes one fact in.
    pub fn take(&mut self, fact: &Fact) {
        let Fact::Loaded(loaded) = fact else { return };
        self.version += 1;
        self.keep(loaded);
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

    fn keep(&mut self, loaded: &Loaded) {
        let key = (loaded.kind == CodeKind::Operator, loaded.name.clone());
        if loaded.on_disk.is_none() && loaded.running.is_none() {
            self.pieces.remove(&key);
        } else {
            self.pieces.insert(key, loaded.clone());
        }
    }

    /// What the last load of each piece said, connectors first, each by name.
    pub fn pieces(&self) -> impl ExactSizeIterator<Item = &Loaded> {
        self.pieces.values()
    }

    /// The connectors that provide a capability.
    pub fn providers(&self, capability: &str) -> impl Iterator<Item = &str> {
        let provides = move |piece: &&Loaded| piece.provides.iter().any(|name| name == capability);
        self.pieces().filter(provides).map(|piece| piece.name.as_str())
    }

    /// The operators that require a capability.
    pub fn requirers(&self, capability: &str) -> impl Iterator<Item = &str> {
        let requires = move |piece: &&Loaded| piece.requires.iter().any(|name| name == capability);
        self.pieces().filter(requires).map(|piece| piece.name.as_str())
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
