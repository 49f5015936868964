//! What follows from all pieces together: names, triggers, requirements, and which tool each capability is bound to.

use std::collections::BTreeMap;
use std::path::Path;

use super::admission::long_summary;
use super::routes::Routes;
use super::{PackOf, Roster, Schedule, Slot, Workspace};
use crate::author::bounded_read;
use crate::author::definition::{OperatorDef, Trigger};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::executor::Binding;
use crate::kernel::glob::Glob;
use crate::kernel::journal::CodeKind;
use crate::kernel::receipt::Handler;
use crate::pack::REQUIRES;
use crate::workspace::{config, discover, unused};

/// So many faults of a file are told; the others are counted.
const TOLD: usize = 20;

impl Roster {
    /// Recomputes what depends on the pieces together.
    pub(super) fn settle(&mut self, workspace: &Workspace) {
        self.problems = self.sort_out_duplicates();
        self.problems.extend(self.idle_bindings(workspace));
        self.problems.extend(unused::found(workspace));
        let unlisted = |kind| discover::unlisted(&workspace.root, kind);
        self.problems.extend([CodeKind::Connector, CodeKind::Operator].into_iter().filter_map(unlisted));
        self.bindings = self.all_bindings(workspace);
        let operators = self.slots.values().filter_map(|slot| Some((slot.operator()?, slot)));
        self.requires = operators
            .map(|(operator, slot)| {
                let canonical = |name: &str| workspace.vocabulary.find(name).map(ToOwned::to_owned);
                let required = match &slot.pack {
                    // What acts is proposed only where the pack's definition says so.
                    Some(pack) => {
                        let reads = pack.requires.iter().map(|one| &one.canonical);
                        let reads = reads.filter(|name| !workspace.vocabulary.acts(name));
                        reads.chain(&pack.proposes).cloned().collect()
                    }
                    None => operator.requires.iter().filter_map(|name| canonical(name)).collect(),
                };
                (operator.name.clone(), required)
            })
            .collect();
        let mut triggers = Vec::new();
        let mut schedules = Vec::new();
        let mut problems = Vec::new();
        for slot in self.slots.values() {
            problems.extend(unknown_tools(workspace, slot));
            problems.extend(slot.connector().and_then(|connector| long_summary(connector, slot)));
            let Some(operator) = slot.operator() else { continue };
            match &operator.trigger {
                Trigger::On(glob) => match Glob::parse(glob) {
                    Ok(glob) => triggers.push((operator.name.clone(), glob)),
                    Err(error) => problems.push(
                        Diagnostic::error(format!("operator {}: trigger `{glob}`: {error}", operator.name))
                            .in_file(slot.loaded.file.clone()),
                    ),
                },
                Trigger::Every(every) => match Schedule::parse(&operator.name, every) {
                    Ok(schedule) => schedules.push(schedule),
                    Err(fault) => {
                        let fault = Diagnostic::error(format!("operator {}: {fault}", operator.name))
                            .in_file(slot.loaded.file.clone())
                            .help("a number and `s`, `m`, `h` or `d`: seconds, minutes, hours or days");
                        problems.push(fault.at_literal(&source(&slot.entry.path), "every", every));
                    }
                },
            }
            problems.extend(self.unbound(workspace, operator, slot));
        }
        self.routes = Routes::of(triggers);
        schedules.sort_by(|a: &Schedule, b| a.operator.cmp(&b.operator));
        self.schedules = schedules;
        self.problems.extend(problems);
    }

    /// Of those that define the same name none counts: which of them is meant nobody can know. Each is told.
    fn sort_out_duplicates(&mut self) -> Vec<Diagnostic> {
        let mut files: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        for slot in self.slots.values().filter(|slot| slot.host.is_some()) {
            let (kind, name) = (slot.loaded.kind.word(), slot.loaded.name.clone());
            files.entry((kind, name)).or_default().push(slot.loaded.file.clone());
        }
        let mut problems = Vec::new();
        for slot in self.slots.values_mut() {
            let (kind, name) = (slot.loaded.kind.word(), slot.loaded.name.clone());
            let defining = files.get(&(kind, name.clone())).filter(|_| slot.host.is_some());
            let others: Vec<String> = defining
                .into_iter()
                .flatten()
                .filter(|file| **file != slot.loaded.file)
                .map(|file| format!("`{file}`"))
                .collect();
            slot.is_one_of_several = !others.is_empty();
            if slot.is_one_of_several {
                let (here, others) = (slot.loaded.file.clone(), others.join(" and "));
                let message = format!("{kind} `{name}` is defined in `{here}` and in {others}: none of them is used");
                problems.push(Diagnostic::error(message).in_file(here).help("give each a name of its own"));
            }
        }
        problems
    }

    fn unbound(&self, workspace: &Workspace, operator: &OperatorDef, slot: &Slot) -> Vec<Diagnostic> {
        if let Some(pack) = &slot.pack {
            return self.unbound_of_pack(pack, operator, slot);
        }
        let text = source(&slot.entry.path);
        let told = operator
            .requires
            .iter()
            .filter_map(|name| {
                let (fault, help) = match workspace.vocabulary.canonical(name) {
                    Err(error) => (error.to_string(), Some(error.help)),
                    Ok(capability) => (self.bind(capability).err()?, None),
                };
                let told = Diagnostic::error(format!("operator {} requires `{name}`: {fault}", operator.name));
                Some(Diagnostic { help, ..told.in_file(&*slot.loaded.file) }.at_literal(&text, "requires", name))
            })
            .take(TOLD)
            .collect();
        let is_unbound =
            |name: &&String| workspace.vocabulary.find(name).is_none_or(|capability| self.bind(capability).is_err());
        with_more(told, operator.requires.iter().filter(is_unbound).count(), &slot.loaded.file)
    }

    /// Capabilities of a pack that nobody provides; without an optional one it goes on, and says so.
    fn unbound_of_pack(&self, pack: &PackOf, operator: &OperatorDef, slot: &Slot) -> Vec<Diagnostic> {
        let folder = slot.loaded.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let file = format!("{folder}/{REQUIRES}");
        let text = source(&slot.entry.path.join(REQUIRES));
        let told = pack.requires.iter().filter_map(|one| {
            let fault = self.bind(&one.canonical).err()?;
            let (name, capability) = (&operator.name, &one.capability);
            let found = if one.optional {
                Diagnostic::warning(format!("operator {name} goes without `{capability}`: {fault}"))
            } else {
                Diagnostic::error(format!("operator {name} requires `{capability}`: {fault}"))
            };
            Some(found.in_file(&*file).at_literal(&text, "requires", capability))
        });
        told.take(TOLD).collect()
    }

    /// Lines of `[bindings]` that bind nothing, and would say nothing: no capability, or no such tool.
    fn idle_bindings(&self, workspace: &Workspace) -> Vec<Diagnostic> {
        let text = source(&workspace.root.join(config::FILE));
        let found = workspace.config.bindings.iter().filter_map(|(name, id)| {
            let capability = match workspace.vocabulary.canonical(name) {
                Ok(capability) => capability,
                Err(error) => {
                    let fault = Diagnostic::error(format!("`[bindings]`: {error}")).in_file(config::FILE);
                    return Some(fault.help(error.help).at_literal(&text, "[bindings]", name));
                }
            };
            let fault = self.bind_one(workspace, capability).err()?;
            let known = self.connectors().map(|connector| connector.id.as_str());
            let help = did_you_mean(id, known.filter(|known| known != id));
            let fault = Diagnostic { help, ..Diagnostic::error(fault).in_file(config::FILE) };
            Some(fault.at_literal(&text, "[bindings]", id))
        });
        found.collect()
    }

    fn all_bindings(&self, workspace: &Workspace) -> BTreeMap<String, Result<Binding, String>> {
        let provided = self.providers().flat_map(|connector| &connector.tools).map(|tool| &tool.capability);
        provided
            .chain(workspace.config.bindings.keys())
            .filter_map(|name| workspace.vocabulary.find(name))
            .map(|capability| (capability.to_owned(), self.bind_one(workspace, capability)))
            .collect()
    }

    /// `[bindings]`, else the only provider, else an error that names the candidates (contract 1).
    fn bind_one(&self, workspace: &Workspace, capability: &str) -> Result<Binding, String> {
        let canonical = |name: &str| workspace.vocabulary.find(name) == Some(capability);
        let providers: Vec<_> = self
            .providers()
            .filter_map(|connector| {
                let tool = connector.tools.iter().find(|tool| canonical(&tool.capability))?;
                Some((connector, tool))
            })
            .collect();
        let configured = workspace.config.bindings.iter().find(|(name, _)| canonical(name)).map(|(_, id)| id);
        let (connector, tool) = match (configured, providers.as_slice()) {
            (Some(id), all) => *all.iter().find(|(connector, _)| connector.id == *id).ok_or_else(|| {
                let only_proposes = self.connectors().any(|other| other.id == *id && other.only_proposes());
                let why = if only_proposes {
                    "is an ai-operator: it provides nothing"
                } else {
                    "is not loaded or has no such tool"
                };
                format!("`[bindings]` binds `{capability}` to `{id}`, which {why}")
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

/// What was told, with how many more there are.
fn with_more(mut told: Vec<Diagnostic>, all: usize, file: &str) -> Vec<Diagnostic> {
    if let Some(more @ 1..) = all.checked_sub(told.len()) {
        told.push(Diagnostic::error(format!("{more} more")).in_file(file));
    }
    told
}

/// The text of a file that was read already, to point into; nothing where it is no longer what it was.
fn source(path: &Path) -> String {
    bounded_read::read_text(path, bounded_read::SETTINGS).unwrap_or_default()
}

/// Tools whose capability is no name of the vocabulary: nothing could ever be bound to them.
fn unknown_tools(workspace: &Workspace, slot: &Slot) -> Vec<Diagnostic> {
    let Some(connector) = slot.connector() else { return Vec::new() };
    let text = std::fs::read_to_string(&slot.entry.path).unwrap_or_default();
    let mut unknown: Vec<_> = connector.tools.iter().collect();
    unknown.retain(|tool| workspace.vocabulary.find(&tool.capability).is_none());
    let told = unknown.iter().take(TOLD).filter_map(|tool| {
        let error = workspace.vocabulary.canonical(&tool.capability).err()?;
        let fault = Diagnostic::error(format!("tool `{}` of {}: {error}", tool.name, connector.id)).help(error.help);
        Some(fault.in_file(&*slot.loaded.file).at_literal(&text, "tools", &tool.capability))
    });
    with_more(told.collect(), unknown.len(), &slot.loaded.file)
}
