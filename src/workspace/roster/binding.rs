//! Which connector a capability is bound to (contract 1): `[bindings]`, else its only provider, else a sentence that
//! names the candidates.

use std::collections::BTreeMap;

use super::Roster;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::Binding;
use crate::kernel::receipt::Handler;
use crate::workspace::{Workspace, config};

impl Roster {
    /// Names in `[bindings]` that are no capabilities: such a line would bind nothing and say nothing.
    pub(super) fn unknown_bindings(workspace: &Workspace) -> impl Iterator<Item = Diagnostic> {
        workspace.config.bindings.keys().filter_map(|name| {
            let error = workspace.vocabulary.canonical(name).err()?;
            let fault = Diagnostic::error(format!("`[bindings]`: {error}")).in_file(config::FILE);
            Some(fault.help(error.help))
        })
    }

    pub(super) fn all_bindings(&self, workspace: &Workspace) -> BTreeMap<String, Result<Binding, String>> {
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
