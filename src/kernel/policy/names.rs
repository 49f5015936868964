//! Names in a policy that refer to nothing that is loaded: a rule with one never matches, and nobody would notice.
//!
//! One place for rules, guardrail documents and tables of tests. What is loaded comes in as a value; who loads it is
//! not known here.

use std::collections::{BTreeMap, BTreeSet};

use super::file::{MAX_FAULTS, PolicyTest};
use super::{Origin, TrustPolicy};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

/// What is loaded, as far as a policy can name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadedNames {
    /// By the id of each connector the capabilities that it provides, by canonical name, each with what it takes.
    pub connectors: BTreeMap<String, BTreeMap<String, Arguments>>,
    /// The names of operators.
    pub operators: BTreeSet<String>,
    /// What connectors and operators that do not load are called: that is told of them, and no name of theirs is
    /// mistyped.
    pub broken: BTreeSet<String>,
}

/// The arguments that a tool takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arguments {
    /// These and no others.
    Only(BTreeSet<String>),
    /// Its schema does not list them.
    Unlisted,
}

/// Names that rules have and nothing loaded has. `text_of` gives a file's text, for the place of a name in it.
pub fn unknown_names<'t>(
    rules: &[TrustPolicy],
    loaded: &LoadedNames,
    text_of: &dyn Fn(&str) -> Option<&'t str>,
) -> Vec<Diagnostic> {
    let mut found = Found { loaded, text_of, list: Vec::new() };
    let mut documents: BTreeSet<(&str, &str)> = BTreeSet::new();
    for rule in rules {
        if let Some(operator) = rule.guard.as_ref().and_then(|guard| guard.applies_to.as_deref())
            && documents.insert((&rule.origin.file, operator))
        {
            found.operator_of_document(&rule.origin, operator);
        }
        found.rule(rule);
        if found.list.len() >= MAX_FAULTS {
            break;
        }
    }
    found.list
}

/// Names that tests have and nothing loaded has: such a test says nothing of any action there can be.
pub fn unknown_names_in_tests(file: &str, text: &str, tests: &[PolicyTest], loaded: &LoadedNames) -> Vec<Diagnostic> {
    let text_of = |name: &str| (name == file).then_some(text);
    let mut found = Found { loaded, text_of: &text_of, list: Vec::new() };
    for test in tests {
        if found.list.len() >= MAX_FAULTS {
            break;
        }
        let (origin, number) = (&test.origin, test.origin.number);
        if let Some(operator) = test.operator.as_deref() {
            found.operator(origin, operator, &format!("so test {number} is of an action that nobody proposes"));
        }
        if let Some(connector) = test.connector.as_deref() {
            found.connector(origin, connector, &format!("so test {number} is of an action that cannot be"));
        }
        found.tool(origin, &test.tool, &format!("so test {number} is of an action that cannot be"));
    }
    found.list
}

struct Found<'a, 't> {
    loaded: &'a LoadedNames,
    text_of: &'a dyn Fn(&str) -> Option<&'t str>,
    list: Vec<Diagnostic>,
}

impl Found<'_, '_> {
    fn rule(&mut self, rule: &TrustPolicy) {
        let (origin, number) = (&rule.origin, rule.origin.number);
        let connector = rule.connector.as_deref();
        let known = connector.is_none_or(|id| self.connector(origin, id, &format!("so rule {number} never matches")));
        let Some(tool) = rule.tool.as_deref() else { return };
        let provided = self.tool(origin, tool, &format!("so rule {number} decides nothing"));
        if let (Some(id), true, true) = (connector, known, provided) {
            self.pair(origin, id, tool);
        }
        if let Some(argument) = rule.guard.as_ref().and_then(|guard| guard.single_flight.as_deref())
            && provided
        {
            self.argument(origin, tool, argument);
        }
    }

    /// Whether such a connector is loaded.
    fn connector(&mut self, origin: &Origin, id: &str, so: &str) -> bool {
        let ids = || self.loaded.connectors.keys().map(String::as_str);
        let known = self.loaded.connectors.contains_key(id);
        if !known && !self.loaded.broken.contains(id) {
            let help = did_you_mean(id, ids()).or_else(|| some_of("loaded", ids()));
            self.warn(origin, id, format!("no loaded connector is called `{id}`, {so}"), help);
        }
        known
    }

    /// Whether any loaded tool provides a capability.
    fn tool(&mut self, origin: &Origin, tool: &str, so: &str) -> bool {
        let provided = || self.loaded.connectors.values().flat_map(BTreeMap::keys).map(String::as_str);
        let known = self.loaded.connectors.values().any(|tools| tools.contains_key(tool));
        if !known {
            let help = did_you_mean(tool, provided()).or_else(|| some_of("provided", provided()));
            self.warn(origin, tool, format!("no loaded tool provides `{tool}`, {so}"), help);
        }
        known
    }

    fn pair(&mut self, origin: &Origin, id: &str, tool: &str) {
        if self.loaded.connectors.get(id).is_none_or(|tools| tools.contains_key(tool)) {
            return;
        }
        let providers = self.loaded.connectors.iter().filter(|(_, tools)| tools.contains_key(tool));
        let help = some_of("provided by", providers.map(|(id, _)| id.as_str()));
        let message = format!("`{id}` has no tool for `{tool}`, so rule {} never matches", origin.number);
        self.warn(origin, id, message, help);
    }

    fn argument(&mut self, origin: &Origin, tool: &str, argument: &str) {
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for arguments in self.loaded.connectors.values().filter_map(|tools| tools.get(tool)) {
            match arguments {
                Arguments::Only(names) => taken.extend(names.iter().map(String::as_str)),
                Arguments::Unlisted => return,
            }
        }
        if taken.contains(argument) {
            return;
        }
        let help = did_you_mean(argument, taken.iter().copied()).or_else(|| some_of("it takes", taken.iter().copied()));
        let number = origin.number;
        let message =
            format!("`{tool}` takes no argument `{argument}`, so rule {number} has nothing to lock and refuses it");
        self.warn(origin, argument, message, help);
    }

    fn operator_of_document(&mut self, origin: &Origin, name: &str) {
        if self.knows_operator(name) {
            return;
        }
        let message = format!("no loaded operator is called `{name}`, so this document decides nothing");
        let help = self.operators_like(name);
        let warning = Diagnostic { help, ..Diagnostic::warning(message).in_file(&*origin.file) };
        // The document's head stands before its rules.
        let placed = (self.text_of)(&origin.file).and_then(|text| {
            let key = text.find("applies_to")?;
            Some((text, word_in(text, key + "applies_to".len()..text.len(), name)?))
        });
        self.list.push(match placed {
            Some((text, span)) => warning.at_span(text, &span, 1),
            None => Diagnostic { line: origin.line, ..warning },
        });
    }

    fn operator(&mut self, origin: &Origin, name: &str, so: &str) {
        if !self.knows_operator(name) {
            let help = self.operators_like(name);
            self.warn(origin, name, format!("no loaded operator is called `{name}`, {so}"), help);
        }
    }

    fn knows_operator(&self, name: &str) -> bool {
        self.loaded.operators.contains(name) || self.loaded.broken.contains(name)
    }

    fn operators_like(&self, name: &str) -> Option<String> {
        let names = || self.loaded.operators.iter().map(String::as_str);
        did_you_mean(name, names()).or_else(|| some_of("loaded", names()))
    }

    fn warn(&mut self, origin: &Origin, name: &str, message: String, help: Option<String>) {
        let warning = Diagnostic { help, ..Diagnostic::warning(message).in_file(&*origin.file) };
        let placed = (self.text_of)(&origin.file).zip(origin.span.clone()).map(|(text, whole)| {
            // Written by another of its spellings, it is not found, and the rule is pointed at.
            (text, word_in(text, whole.clone(), name).unwrap_or(whole))
        });
        self.list.push(match placed {
            Some((text, span)) => warning.at_span(text, &span, 1),
            None => Diagnostic { line: origin.line, ..warning },
        });
    }
}

/// Where a name stands as a word of its own within some bytes of a text.
fn word_in(text: &str, within: std::ops::Range<usize>, name: &str) -> Option<std::ops::Range<usize>> {
    let part = text.get(within.start..within.end.min(text.len()))?;
    let of_names = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let alone = |at: &usize| {
        let (before, after) = (part[..*at].chars().next_back(), part[*at + name.len()..].chars().next());
        !before.is_some_and(of_names) && !after.is_some_and(of_names)
    };
    let at = part.match_indices(name).map(|(at, _)| at).find(alone)?;
    let start = within.start + at;
    Some(start..start + name.len())
}

/// The few names there are, where none is near.
fn some_of<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    const MOST: usize = 4;
    let names: BTreeSet<&str> = names.collect();
    let shown: Vec<_> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
    (!shown.is_empty()).then(|| format!("{what}: {}{more}", shown.join(", ")))
}

#[cfg(test)]
mod tests;
