//! The tools and connectors a rule can name, as far as this session has loaded any.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::journal::{CodeKind, Fact};
use crate::kernel::policy::TrustPolicy;

/// Connectors with the capabilities of their tools.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    connectors: BTreeMap<String, BTreeSet<String>>,
    /// Counts the changes.
    pub version: u64,
}

impl Catalogue {
    /// Takes one fact in.
    pub fn take(&mut self, fact: &Fact) {
        let Fact::Loaded(loaded) = fact else { return };
        if loaded.kind != CodeKind::Connector {
            return;
        }
        self.version += 1;
        if loaded.running.is_some() {
            self.connectors.insert(loaded.name.clone(), loaded.provides.iter().cloned().collect());
        } else {
            self.connectors.remove(&loaded.name);
        }
    }

    /// The connectors, in order.
    pub fn connectors(&self) -> impl Iterator<Item = &str> {
        self.connectors.keys().map(String::as_str)
    }

    /// The tools of a connector, or of all.
    pub fn tools(&self, connector: Option<&str>) -> BTreeSet<&str> {
        let of = self.connectors.iter().filter(|(name, _)| connector.is_none_or(|wanted| wanted == *name));
        of.flat_map(|(_, tools)| tools.iter().map(String::as_str)).collect()
    }

    /// Why a rule can decide nothing here, as a warning about one of its keys. Before anything that has tools is loaded
    /// nothing is said.
    pub fn doubt(&self, rule: &TrustPolicy) -> Option<(&'static str, Diagnostic)> {
        if self.connectors.values().all(BTreeSet::is_empty) {
            return None;
        }
        let warn = |message: String, help: Option<String>| {
            let warning = Diagnostic::warning(message);
            match help {
                Some(help) => warning.help(help),
                None => warning,
            }
        };
        if let Some(name) = rule.connector.as_deref().filter(|name| !self.connectors.contains_key(*name)) {
            let help = did_you_mean(name, self.connectors());
            return Some(("connector", warn(format!("no loaded connector is called {name}"), help)));
        }
        let tool = rule.tool.as_deref()?;
        let provides = match &rule.connector {
            Some(name) => self.connectors.get(name).is_some_and(|tools| tools.contains(tool)),
            None => self.connectors.values().any(|tools| tools.contains(tool)),
        };
        if provides {
            return None;
        }
        let there = self.tools(rule.connector.as_deref());
        let message = match &rule.connector {
            Some(connector) => format!("{connector} has no tool {tool}"),
            None => format!("no loaded tool is called {tool}"),
        };
        Some(("tool", warn(message, did_you_mean(tool, there.iter().copied()))))
    }
}
