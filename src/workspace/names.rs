//! What is loaded in a workspace, by the names that a policy can use. Knows nothing of what a policy says.

use std::collections::{BTreeMap, BTreeSet};

use super::Workspace;
use super::roster::Roster;
use crate::author::definition::{ConnectorDef, ToolDef};
use crate::kernel::json::{Raw, Value};
use crate::kernel::policy::{Arguments, LoadedNames};

/// The category of a definition that only says what an operator may propose.
const PROPOSES: &str = "ai-operator";

/// Everything that can be named; `None` where there is no author code at all, so that no name could be known.
pub fn loaded(workspace: &Workspace, roster: &Roster) -> Option<LoadedNames> {
    let mut names = LoadedNames::default();
    let mut any = false;
    for piece in roster.loaded() {
        any = true;
        if piece.failure.is_some() {
            names.broken.insert(piece.name.clone());
        }
    }
    for connector in roster.connectors() {
        names.connectors.insert(connector.id.clone(), provided(workspace, connector));
    }
    names.operators.extend(roster.operators().map(|operator| operator.name.clone()));
    any.then_some(names)
}

fn provided(workspace: &Workspace, connector: &ConnectorDef) -> BTreeMap<String, Arguments> {
    if connector.category == PROPOSES {
        return BTreeMap::new();
    }
    let named = |tool: &ToolDef| {
        let capability = workspace.vocabulary.canonical(&tool.capability).ok()?;
        Some((capability.to_owned(), tool.input_schema.as_ref().map_or(Arguments::Unlisted, arguments)))
    };
    connector.tools.iter().filter_map(named).collect()
}

/// The members that a schema lists, where it is a plain list of them.
fn arguments(schema: &Raw) -> Arguments {
    const ELSEWHERE: [&str; 9] =
        ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "not", "patternProperties", "dependentSchemas"];
    let schema = schema.value();
    let Some(Value::Object(listed)) = schema.get("properties") else { return Arguments::Unlisted };
    if ELSEWHERE.iter().any(|key| schema.get(key).is_some()) {
        return Arguments::Unlisted;
    }
    // Members beside the listed ones pass only where the schema says so.
    match schema.get("additionalProperties") {
        None | Some(Value::Bool(false)) => Arguments::Only(listed.keys().cloned().collect::<BTreeSet<_>>()),
        Some(_) => Arguments::Unlisted,
    }
}
