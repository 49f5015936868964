//! What follows from all pieces together: names, triggers, requirements, and which tool each capability is bound to.

use std::collections::BTreeMap;

use super::{Roster, Workspace};
use crate::author::definition::{OperatorDef, Trigger};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Binding;
use crate::kernel::glob::Glob;
use crate::kernel::receipt::Handler;
use crate::workspace::config;

impl Roster {
    /// Recomputes what depends on the pieces together.
    pub(super) fn settle(&mut self, workspace: &Workspace) {
        self.problems = self.sort_out_duplicates();
        self.problems.extend(Self::unknown_bindings(workspace));
        self.bindings = self.all_bindings(workspace);
        self.requires = self
            .operators()
            .map(|operator| {
                let canonical = operator.requires.iter().filter_map(|name| workspace.vocabulary.canonical(name).ok());
                (operator.name.clone(), canonical.map(ToOwned::to_owned).collect())
            })
            .collect();
        let mut triggers = Vec::new();
        let mut problems = Vec::new();
        for slot in self.slots.values() {
            let Some(operator) = slot.operator() else { continue };
            match &operator.trigger {
                Trigger::On(glob) => match Glob::parse(glob) {
                    Ok(glob) => triggers.push((operator.name.clone(), glob)),
                    Err(error) => problems.push(
                        Diagnostic::error(format!("operator {}: trigger `{glob}`: {error}", operator.name))
                            .in_file(slot.loaded.file.clone()),
                    ),
                },
                Trigger::Every(every) => problems.push(
                    Diagnostic::warning(format!(
                        "operator {} runs every `{every}`: schedules are not run by this version",
                        operator.name
                    ))
                    .in_file(slot.loaded.file.clone()),
                ),
            }
            problems.extend(self.unbound(workspace, operator, &slot.loaded.file));
        }
        triggers.sort_by(|a, b| a.0.cmp(&b.0));
        self.triggers = triggers;
        self.problems.extend(problems);
    }

    /// Of those that define the same name only the first counts; each other one is told.
    fn sort_out_duplicates(&mut self) -> Vec<Diagnostic> {
        let mut seen: BTreeMap<(&str, String), String> = BTreeMap::new();
        let mut problems = Vec::new();
        for slot in self.slots.values_mut().filter(|slot| slot.host.is_some()) {
            let (kind, name) = (slot.loaded.kind.word(), slot.loaded.name.clone());
            let first = seen.get(&(kind, name.clone()));
            slot.is_second = first.is_some();
            let Some(first) = first else {
                seen.insert((kind, name), slot.loaded.file.clone());
                continue;
            };
            problems.push(
                Diagnostic::error(format!("{kind} `{name}` is defined twice; the one in `{first}` is used"))
                    .in_file(slot.loaded.file.clone())
                    .help("give one of them another name"),
            );
        }
        problems
    }

    fn unbound(&self, workspace: &Workspace, operator: &OperatorDef, file: &str) -> Vec<Diagnostic> {
        operator
            .requires
            .iter()
            .filter_map(|name| {
                let (fault, help) = match workspace.vocabulary.canonical(name) {
                    Err(error) => (error.to_string(), Some(error.help)),
                    Ok(capability) => (self.bind(capability).err()?, None),
                };
                let told = Diagnostic::error(format!("operator {} requires `{name}`: {fault}", operator.name));
                Some(Diagnostic { help, ..told.in_file(file) })
            })
            .collect()
    }

    /// Names in `[bindings]` that are no capabilities: such a line would bind nothing and say nothing.
    fn unknown_bindings(workspace: &Workspace) -> impl Iterator<Item = Diagnostic> {
        workspace.config.bindings.keys().filter_map(|name| {
            let error = workspace.vocabulary.canonical(name).err()?;
            let fault = Diagnostic::error(format!("`[bindings]`: {error}")).in_file(config::FILE);
            Some(fault.help(error.help))
        })
    }

    fn all_bindings(&self, workspace: &Workspace) -> BTreeMap<String, Result<Binding, String>> {
        let provided = self.connectors().flat_map(|connector| &connector.tools).map(|tool| &tool.capability);
        provided
            .chain(workspace.config.bindings.keys())
            .filter_map(|name| workspace.vocabulary.canonical(name).ok())
            .map(|capability| (capability.to_owned(), self.bind_one(workspace, capability)))
            .collect()
    }

    /// `[bindings]`, else the only provider, else an error that names the candidates (contract 1).
    fn bind_one(&self, workspace: &Workspace, capability: &str) -> Result<Binding, String> {
        let canonical = |name: &str| workspace.vocabulary.canonical(name).is_ok_and(|name| name == capability);
        let providers: Vec<_> = self
            .connectors()
            .filter_map(|connector| {
                let tool = connector.tools.iter().find(|tool| canonical(&tool.capability))?;
                Some((connector, tool))
            })
            .collect();
        let configured = workspace.config.bindings.iter().find(|(name, _)| canonical(name)).map(|(_, id)| id);
        let (connector, tool) = match (configured, providers.as_slice()) {
            (Some(id), all) => *all.iter().find(|(connector, _)| connector.id == *id).ok_or_else(|| {
                format!("`[bindings]` binds `{capability}` to `{id}`, which is not loaded or has no such tool")
            })?,
            (None, []) => return Err(format!("no loaded tool provides `{capability}`")),
            (None, [only]) => *only,
            (None, several) => {
                let names: Vec<_> = several.iter().map(|(connector, _)| format!("`{}`", connector.id)).collect();
                return Err(format!(
                    "`{capability}` is provided by {}; choose one in `[bindings]` of `fibric.toml`",
                    names.join(" and ")
                ));
            }
        };
        Ok(Binding {
            connector: connector.id.clone(),
            tool_name: tool.name.clone(),
            side_effecting: tool.side_effecting,
            idempotent: tool.idempotent,
            handler: Handler::Stub,
        })
    }
}
