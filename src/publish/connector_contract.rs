//! What a connector is held to where it is published (contract 10), beyond what it needs to load. Connectors that
//! travel with a pack are checked in turn, and are never named in what the pack requires.

use std::path::Path;

use crate::author::bounded_read;
use crate::author::definition::{ConnectorDef, Definition, ToolDef};
use crate::author::load::{self, CodeKind, RuntimeKind};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Value;
use crate::pack::{Pack, Part, REQUIRES};
use crate::workspace::Workspace;

/// Checks the connectors that travel with a pack.
pub fn check_bundled(pack: &mut Pack, workspace: &Workspace) {
    let requires = bounded_read::read_text(&pack.root.join(REQUIRES), bounded_read::SETTINGS).unwrap_or_default();
    for entry in pack.connectors.clone() {
        let shown = crate::workspace::shown(&pack.root, &entry);
        let loaded = load::load(&load::Request {
            root: &pack.root,
            named_from: &workspace.root,
            entry: &entry,
            kind: CodeKind::Connector,
            runtime: RuntimeKind::Embedded,
            limits: workspace.config.limits(),
            hosts: &workspace.hosts,
        });
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => {
                let faults = std::iter::once(*failure.diagnostic).chain(failure.further);
                pack.named_faults(Part::Fixtures, faults);
                continue;
            }
        };
        let Definition::Connector(connector) = loaded.host.definition() else { continue };
        for fault in faults(workspace, connector, &entry, &shown) {
            pack.fault(Part::Fixtures, fault);
        }
        if requires.contains(&connector.id) {
            let fault = Diagnostic::error(format!("`requires.json` names `{}`", connector.id)).in_file(REQUIRES);
            let help = "a pack requires capabilities, so that another connector may provide them: name those alone";
            pack.fault(Part::Requires, fault.at_literal(&requires, "requires", &connector.id).help(help));
        }
        let linked = pack.listing.as_ref().is_none_or(|listing| listing.works_with.contains(&connector.id));
        if !linked {
            let message = format!("`{}` travels with the pack, and `worksWith` does not name it", connector.id);
            let fault = Diagnostic::warning(message).in_file(crate::pack::LISTING);
            pack.fault(Part::Listing, fault.help("its own listing is linked from there"));
        }
    }
}

/// Everything that keeps a connector from being published.
pub fn faults(workspace: &Workspace, connector: &ConnectorDef, entry: &Path, shown: &str) -> Vec<Diagnostic> {
    let text = bounded_read::read_text(entry, bounded_read::SETTINGS).unwrap_or_default();
    let mut found = Vec::new();
    let mut fault = |message: String, help: &str, after: &str, word: &str| {
        found.push(Diagnostic::error(message).help(help).in_file(shown).at_literal(&text, after, word));
    };
    if connector.version.is_none() {
        fault(format!("{} has no `version`", connector.id), "give one, as in `version: '1.0.0'`", "", &connector.id);
    }
    for tool in &connector.tools {
        if let Err(unknown) = workspace.vocabulary.canonical(&tool.capability) {
            fault(format!("tool `{}`: {unknown}", tool.name), &unknown.help, "tools", &tool.capability);
        }
        if let Some(message) = loose_schema(tool) {
            let help = "give every property a type, and leave `additionalProperties` false or out";
            fault(message, help, "tools", &tool.capability);
        }
    }
    found
}

/// Why the input of a tool that acts is not checked strictly.
fn loose_schema(tool: &ToolDef) -> Option<String> {
    if !tool.side_effecting {
        return None;
    }
    let name = &tool.name;
    let Some(schema) = &tool.input_schema else {
        return Some(format!("tool `{name}` acts, and its input has no schema"));
    };
    let schema = schema.value();
    let open = matches!(schema.get("additionalProperties"), Some(Value::Bool(true) | Value::Object(_)));
    if open {
        return Some(format!("tool `{name}` acts, and its input is explicitly open"));
    }
    let untyped = schema.get("properties").and_then(Value::as_object)?.iter().find(|(_, property)| {
        const KINDS: [&str; 8] = ["type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "not"];
        !KINDS.iter().any(|kind| property.get(kind).is_some())
    });
    untyped.map(|(property, _)| format!("tool `{name}` acts, and `{property}` of its input has no type"))
}
