//! Who is loaded: connectors and operators with their hosts, at which revision, and what they are bound to.
//!
//! INVARIANT: a host is replaced only by one that loaded; when the new definition fails, the last good one keeps
//! running and its slot says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Workspace;
use super::discover;
use crate::author::definition::{ConnectorDef, Definition, OperatorDef, ToolDef, Trigger};
use crate::author::entry::Entry;
use crate::author::host::Host;
use crate::author::load::{self, Request};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::Binding;
use crate::kernel::journal::{CodeKind, Loaded, Route};
use crate::kernel::sentences::counted;
use routes::Routes;

mod admission;
pub mod packs;
mod replaced;
mod routes;
mod schedule;
mod together;

pub use packs::PackOf;
pub use schedule::Schedule;

/// One piece of author code.
pub struct Slot {
    /// Where it is loaded from.
    pub entry: Entry,
    /// Every path it is made from, or where an import was looked for: what to watch.
    pub files: Vec<PathBuf>,
    /// The running host; none when nothing ever loaded.
    pub host: Option<Box<dyn Host>>,
    /// Digest of what runs.
    pub running: Option<String>,
    /// The last load, as journalled.
    pub loaded: Loaded,
    /// The pack it comes from, where it comes from one.
    pub pack: Option<PackOf>,
    /// True when another file defines the same name: neither is used.
    is_one_of_several: bool,
}

/// All author code of a workspace.
#[derive(Default)]
pub struct Roster {
    slots: BTreeMap<(&'static str, PathBuf), Slot>,
    routes: Routes,
    /// The operators that run at intervals, in name order.
    schedules: Vec<Schedule>,
    problems: Vec<Diagnostic>,
    /// Canonical capability → what it is bound to, or why to nothing.
    bindings: BTreeMap<String, Result<Binding, String>>,
    /// Operator → the canonical capabilities it requires.
    requires: BTreeMap<String, BTreeSet<String>>,
}

impl Roster {
    /// Loads everything, telling `progress` before each piece.
    pub fn load(workspace: &Workspace, progress: &mut dyn FnMut(&str)) -> Self {
        let mut roster = Self::default();
        let found =
            [CodeKind::Connector, CodeKind::Operator].map(|kind| (kind, discover::entries(&workspace.root, kind)));
        // All start at once, while the files of the first are read.
        workspace.hosts.warm(found.iter().map(|(_, entries)| entries.len()).sum());
        for (kind, entries) in found {
            for entry in entries {
                progress(&entry.stem);
                roster.load_entry(workspace, &workspace.root, kind, entry);
            }
        }
        for folder in packs::folders(&workspace.root) {
            progress(&folder.file_name().unwrap_or_default().to_string_lossy());
            roster.load_connectors_of(workspace, &folder, &|_| true);
            roster.load_pack(workspace, &folder);
        }
        roster.settle(workspace);
        roster
    }

    /// What the last load of each piece said, connectors first.
    pub fn loaded(&self) -> impl Iterator<Item = &Loaded> {
        self.slots.values().map(|slot| &slot.loaded)
    }

    /// Every path a piece was made from, or would be once it is mended.
    pub fn sources(&self) -> impl Iterator<Item = &PathBuf> {
        self.slots.values().flat_map(|slot| slot.files.iter().chain([&slot.entry.path]))
    }

    /// What is wrong with the pieces together: names given twice, bindings that cannot be made.
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Loads again whatever a change of these paths touches, and what is new; forgets what is gone. Gives what
    /// changed.
    pub fn reload(&mut self, workspace: &Workspace, changed: &[PathBuf]) -> Vec<Loaded> {
        // A folder reached through a link tells of its files by the link's name, or by its own.
        let canonical = changed.iter().filter_map(|path| path.canonicalize().ok());
        let changed = &changed.iter().cloned().chain(canonical).collect::<BTreeSet<_>>();
        let packs = packs::folders(&workspace.root);
        let mut reports = Vec::new();
        for kind in [CodeKind::Connector, CodeKind::Operator] {
            let entries = discover::entries(&workspace.root, kind);
            let is_there = |path: &Path| {
                let of_pack = packs.iter().any(|pack| path.starts_with(pack)) && path.exists();
                entries.iter().any(|entry| entry.path == *path) || of_pack
            };
            let gone: Vec<_> =
                self.slots.keys().filter(|(word, path)| *word == kind.word() && !is_there(path)).cloned().collect();
            for key in gone {
                if let Some(slot) = self.slots.remove(&key) {
                    reports.push(Loaded { on_disk: None, running: None, failure: None, ..slot.loaded });
                }
            }
            for entry in entries {
                let key = (kind.word(), entry.path.clone());
                let touched = self.slots.get(&key).is_none_or(|slot| is_touched(slot, changed));
                if touched {
                    reports.extend(self.load_entry(workspace, &workspace.root, kind, entry));
                }
            }
        }
        for pack in packs {
            reports.extend(self.load_connectors_of(workspace, &pack, &|slot| is_touched(slot, changed)));
            let key = (CodeKind::Operator.word(), pack.clone());
            if self.slots.get(&key).is_none_or(|slot| is_touched(slot, changed)) {
                reports.extend(self.load_pack(workspace, &pack));
            }
        }
        self.settle(workspace);
        reports
    }

    /// Loads one piece, all of it below `root`; gives what changed about it: the report, after that of a name it no
    /// longer goes by.
    fn load_entry(&mut self, workspace: &Workspace, root: &Path, kind: CodeKind, entry: Entry) -> Vec<Loaded> {
        let key = (kind.word(), entry.path.clone());
        let previous = self.slots.remove(&key);
        let before = previous.as_ref().map(|slot| slot.loaded.clone());
        let slot = Slot::load(workspace, root, kind, entry, previous);
        let report = slot.loaded.clone();
        self.slots.insert(key, slot);
        match before {
            Some(before) if before.on_disk == report.on_disk && before.failure == report.failure => Vec::new(),
            Some(before) if before.name != report.name && before.running.is_some() => {
                vec![Loaded { on_disk: None, running: None, failure: None, ..before }, report]
            }
            _ => vec![report],
        }
    }

    /// Who an envelope is offered to, in name order: the operators whose trigger matches. What was made for one that
    /// runs at intervals is offered to that one alone.
    pub fn recipients(&self, envelope: &EventEnvelope) -> Vec<Route> {
        match self.schedules.iter().find(|schedule| schedule.is_of(envelope)) {
            Some(schedule) => vec![schedule.route()],
            None => self.routes.matching(&envelope.event_type),
        }
    }

    /// The operators that run at intervals, in name order.
    pub fn schedules(&self) -> Vec<Schedule> {
        self.schedules.clone()
    }

    /// The trigger that came nearest to an event type none matched. What was asked lately is remembered: a source that
    /// nobody listens to sends the same types again and again.
    pub fn nearest(&self, event_type: &str) -> Option<Route> {
        self.routes.nearest(event_type)
    }

    /// The slot of an operator.
    pub fn operator(&mut self, name: &str) -> Option<&mut Slot> {
        self.slot(CodeKind::Operator, name)
    }

    /// The slot of a connector.
    pub fn connector(&mut self, id: &str) -> Option<&mut Slot> {
        self.slot(CodeKind::Connector, id)
    }

    fn slot(&mut self, kind: CodeKind, name: &str) -> Option<&mut Slot> {
        // One that never loaded is known by its file's name, which must not stand in the way of a definition.
        let defines = |slot: &&mut Slot| slot.running.is_some() && !slot.is_one_of_several;
        self.slots.values_mut().filter(defines).find(|slot| slot.loaded.kind == kind && slot.loaded.name == name)
    }

    /// An operator's definition.
    pub fn operator_def(&self, name: &str) -> Option<&OperatorDef> {
        self.operators().find(|operator| operator.name == name)
    }

    /// Definitions of all connectors.
    pub fn connectors(&self) -> impl Iterator<Item = &ConnectorDef> {
        self.slots.values().filter_map(Slot::connector)
    }

    /// Those whose tools capabilities are bound to.
    pub fn providers(&self) -> impl Iterator<Item = &ConnectorDef> {
        self.connectors().filter(|connector| !connector.only_proposes())
    }

    /// Definitions of all operators.
    pub fn operators(&self) -> impl Iterator<Item = &OperatorDef> {
        self.slots.values().filter_map(Slot::operator)
    }

    /// Which connector and tool a canonical capability is bound to.
    pub fn bind(&self, capability: &str) -> Result<Binding, String> {
        match self.bindings.get(capability) {
            Some(bound) => bound.clone(),
            None => Err(format!("no loaded tool provides `{capability}`")),
        }
    }

    /// True when the operator's `requires` lists the canonical capability.
    pub fn is_required(&self, operator: &str, capability: &str) -> bool {
        self.requires.get(operator).is_some_and(|required| required.contains(capability))
    }

    /// Every capability a loaded tool provides, or `[bindings]` names, with what it is bound to.
    pub fn bindings(&self) -> &BTreeMap<String, Result<Binding, String>> {
        &self.bindings
    }
}

impl Slot {
    /// Loads a piece; where that fails, the previous one goes on.
    fn load(workspace: &Workspace, root: &Path, kind: CodeKind, entry: Entry, previous: Option<Self>) -> Self {
        let started = Instant::now();
        let outcome = load::load(&Request {
            root,
            named_from: &workspace.root,
            entry: &entry.path,
            kind: expected(kind),
            runtime: load::RuntimeKind::Embedded,
            limits: workspace.config.limits(),
            hosts: &workspace.hosts,
        })
        .and_then(|fresh| admission::admit(workspace, &entry.path, fresh));
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let file = workspace.shown(&entry.path);
        let (files, host, loaded) = match outcome {
            Ok(fresh) => {
                let loaded = Loaded { file, micros, ..declared(workspace, fresh.host.definition(), &fresh.revision) };
                (fresh.files, Some(fresh.host), loaded)
            }
            Err(failed) => {
                let (on_disk, failure, further) = (Some(failed.revision), Some(*failed.diagnostic), failed.further);
                let (host, before) = match previous {
                    Some(slot) => (slot.host, Loaded { running: slot.running, ..slot.loaded }),
                    None => (None, Loaded::nothing_of(kind, entry.stem.clone())),
                };
                (failed.files, host, Loaded { kind, file, on_disk, failure, further, micros, ..before })
            }
        };
        let running = loaded.running.clone();
        Self { entry, files, host, running, loaded, pack: None, is_one_of_several: false }
    }

    fn operator(&self) -> Option<&OperatorDef> {
        match self.host.as_ref().filter(|_| !self.is_one_of_several)?.definition() {
            Definition::Operator(operator) => Some(operator),
            Definition::Connector(_) => None,
        }
    }

    fn connector(&self) -> Option<&ConnectorDef> {
        match self.host.as_ref().filter(|_| !self.is_one_of_several)?.definition() {
            Definition::Connector(connector) => Some(connector),
            Definition::Operator(_) => None,
        }
    }
}

fn expected(kind: CodeKind) -> load::CodeKind {
    match kind {
        CodeKind::Connector => load::CodeKind::Connector,
        CodeKind::Operator => load::CodeKind::Operator,
    }
}

/// True when a changed path is one of the slot's files, or a folder above one.
fn is_touched(slot: &Slot, changed: &BTreeSet<PathBuf>) -> bool {
    let entry: &Path = &slot.entry.path;
    let folder_of_failed = slot.loaded.failure.is_some().then(|| entry.parent()).flatten();
    changed.iter().any(|path| {
        path == entry
            || slot.files.iter().any(|file| file == path || file.starts_with(path))
            // A failed load may have stopped before it knew all its files.
            || folder_of_failed.is_some_and(|folder| path.starts_with(folder))
    })
}

/// What a definition declares, as the report of its load; file and time are not known here.
fn declared(workspace: &Workspace, definition: &Definition, revision: &str) -> Loaded {
    let (name, summary) = describe(definition);
    let revision = Some(revision.to_owned());
    let (kind, events, requires, trigger) = match definition {
        Definition::Connector(connector) => {
            let events: BTreeSet<_> = connector.events.iter().map(|event| event.event_type.clone()).collect();
            (CodeKind::Connector, events.into_iter().collect(), Vec::new(), None)
        }
        Definition::Operator(operator) => {
            let canonical = |name: &String| workspace.vocabulary.find(name).unwrap_or(name).to_owned();
            let requires: BTreeSet<_> = operator.requires.iter().map(canonical).collect();
            let (Trigger::On(trigger) | Trigger::Every(trigger)) = &operator.trigger;
            (CodeKind::Operator, Vec::new(), requires.into_iter().collect(), Some(trigger.clone()))
        }
    };
    let provides = provided(workspace, definition);
    let (on_disk, running) = (revision.clone(), revision);
    Loaded {
        name,
        on_disk,
        running,
        summary,
        provides,
        requires,
        events,
        trigger,
        ..Loaded::nothing_of(kind, String::new())
    }
}

/// The canonical capabilities of a connector's tools; a name that is none is said elsewhere.
fn provided(workspace: &Workspace, definition: &Definition) -> Vec<String> {
    let Definition::Connector(connector) = definition else { return Vec::new() };
    if connector.only_proposes() {
        return Vec::new();
    }
    let canonical = |tool: &ToolDef| workspace.vocabulary.find(&tool.capability).map(str::to_owned);
    connector.tools.iter().filter_map(canonical).collect::<BTreeSet<_>>().into_iter().collect()
}

fn describe(definition: &Definition) -> (String, String) {
    match definition {
        Definition::Connector(connector) => {
            let version = connector.version.as_ref().map_or_else(String::new, |version| format!("@{version}"));
            let events = match connector.events.len() {
                0 => String::new(),
                n => format!(", {}", counted(n, "event")),
            };
            (connector.id.clone(), format!("{version} ({}{events})", counted(connector.tools.len(), "tool")))
        }
        Definition::Operator(operator) => {
            (operator.name.clone(), format!(" (requires {})", operator.requires.join(", ")))
        }
    }
}
