//! Operators that come as packs: loaded from `packs/`, each with the connectors that travel with it. A pack's
//! recommended rules are read here and are in nobody's force.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::{Roster, Slot, Workspace, declared};
use crate::author::entry::{self, Entry};
use crate::author::host::Host;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{CodeKind, Loaded};
use crate::pack::{self, Pack, Part, Requirement};
use crate::workspace::policy::hex;
use crate::workspace::shown;

/// What of a pack has to be sound for its operator to be loaded: the rest is a matter of publishing it.
const NEEDED: [Part; 4] = [Part::Def, Part::Auth, Part::Tools, Part::Requires];

/// The pack that an operator comes from.
#[derive(Debug, Clone)]
pub struct PackOf {
    /// Id and version, as receipts have them.
    pub identity: String,
    /// The canonical capabilities it may propose.
    pub proposes: BTreeSet<String>,
    /// What it needs.
    pub requires: Vec<Requirement>,
    /// Its prompt contract.
    pub prompt: Arc<str>,
}

/// Reads a pack of a workspace, or one that is under review in it.
pub fn read(workspace: &Workspace, root: &Path) -> Pack {
    read_named(workspace, root, &workspace.root)
}

/// The same of a pack that is kept elsewhere; its files are named from a folder that holds it.
pub fn read_named(workspace: &Workspace, root: &Path, named_from: &Path) -> Pack {
    Pack::read(&pack::Request {
        root,
        named_from,
        shown: &shown(named_from, root),
        vocabulary: &workspace.vocabulary,
        hosts: &workspace.hosts,
        limits: workspace.config.limits(),
    })
}

/// The folders in `packs/` that are packs: those with a file or a name that a pack has; sorted.
pub fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(root.join("packs")) else { return Vec::new() };
    let mut found: Vec<_> =
        listing.filter_map(Result::ok).map(|item| item.path()).filter(|path| path.is_dir()).collect();
    found.retain(|path| path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b".")));
    found.sort();
    found
}

impl Roster {
    /// One pack alone with all connectors of the workspace and its own: what a review of its fixtures runs on.
    pub fn of_pack(workspace: &Workspace, pack: &mut Pack) -> Self {
        let mut roster = Self::default();
        for entry in super::discover::entries(&workspace.root, CodeKind::Connector) {
            roster.load_entry(workspace, &workspace.root, CodeKind::Connector, entry);
        }
        roster.load_connectors_of(workspace, &pack.root, &|_| true);
        // What is wrong with it is for the review to say; as much of it as there is runs.
        roster.take_pack(workspace, pack, &[], Instant::now());
        roster.settle(workspace);
        roster
    }

    /// The pack that an operator comes from, where it comes from one.
    pub fn pack_of(&self, operator: &str) -> Option<&PackOf> {
        let of = |slot: &&Slot| slot.operator().is_some_and(|definition| definition.name == operator);
        self.slots.values().find(of)?.pack.as_ref()
    }

    /// Loads the connectors that travel with a pack, where they are new or `touched`; nothing outside the pack is read
    /// for them. Gives what changed.
    pub(super) fn load_connectors_of(
        &mut self,
        workspace: &Workspace,
        pack: &Path,
        touched: &dyn Fn(&Slot) -> bool,
    ) -> Vec<Loaded> {
        let mut reports = Vec::new();
        for entry in entry::in_folder(&pack.join("connectors")) {
            let key = (CodeKind::Connector.word(), entry.path.clone());
            if self.slots.get(&key).is_none_or(touched) {
                reports.extend(self.load_entry(workspace, pack, CodeKind::Connector, entry));
            }
        }
        reports
    }

    /// Loads a pack's operator; gives what changed.
    pub(super) fn load_pack(&mut self, workspace: &Workspace, root: &Path) -> Vec<Loaded> {
        let started = Instant::now();
        let mut pack = read(workspace, root);
        self.take_pack(workspace, &mut pack, &NEEDED, started)
    }

    fn take_pack(&mut self, workspace: &Workspace, pack: &mut Pack, needed: &[Part], started: Instant) -> Vec<Loaded> {
        let key = (CodeKind::Operator.word(), pack.root.clone());
        let previous = self.slots.remove(&key);
        let before = previous.as_ref().map(|slot| slot.loaded.clone());
        let slot = Slot::of_pack(workspace, pack, previous, needed, started);
        let report = slot.loaded.clone();
        self.slots.insert(key, slot);
        let same = before.is_some_and(|before| before.on_disk == report.on_disk && before.failure == report.failure);
        if same { Vec::new() } else { vec![report] }
    }
}

impl Slot {
    /// The operator of a pack; where the pack cannot be loaded, the previous one goes on.
    fn of_pack(
        workspace: &Workspace,
        pack: &mut Pack,
        previous: Option<Self>,
        needed: &[Part],
        started: Instant,
    ) -> Self {
        let stem = pack.root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let faults: Vec<Diagnostic> = pack
            .all_faults()
            .filter(|(part, fault)| needed.contains(part) && fault.is_error())
            .map(|(_, fault)| fault.clone())
            .collect();
        let revision = revision(pack);
        let sound = faults.is_empty();
        let taken = pack.operator.take().filter(|_| sound).zip(of(workspace, pack));
        let entry = Entry { stem: stem.clone(), path: pack.root.clone() };
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let file = pack.source();
        let files = std::mem::take(&mut pack.sources);
        if let Some((operator, pack_of)) = taken {
            let identity = pack_of.identity.clone();
            let summary =
                |loaded: &Loaded| format!("@{}{}", identity.rsplit('@').next().unwrap_or_default(), loaded.summary);
            let loaded = declared(workspace, operator.host.definition(), &revision);
            let loaded = Loaded { file, micros, summary: summary(&loaded), ..loaded };
            let running = loaded.running.clone();
            let host: Option<Box<dyn Host>> = Some(operator.host);
            return Self { entry, files, host, running, loaded, is_one_of_several: false, pack: Some(pack_of) };
        }
        let mut faults = faults.into_iter();
        let unknown = || Diagnostic::error("the pack could not be loaded").in_file(&*file);
        let failure = Some(faults.next().unwrap_or_else(unknown));
        let (host, before, pack_of) = match previous {
            Some(slot) => (slot.host, Loaded { running: slot.running, ..slot.loaded }, slot.pack),
            None => (None, Loaded::nothing_of(CodeKind::Operator, stem), None),
        };
        let further = faults.collect();
        let loaded =
            Loaded { kind: CodeKind::Operator, file, on_disk: Some(revision), failure, further, micros, ..before };
        Self { entry, files, host, running: loaded.running.clone(), loaded, is_one_of_several: false, pack: pack_of }
    }
}

fn of(workspace: &Workspace, pack: &Pack) -> Option<PackOf> {
    let definition = pack.definition.as_ref()?;
    let canonical = |name: &String| workspace.vocabulary.find(name).unwrap_or(name).to_owned();
    Some(PackOf {
        identity: pack.identity().unwrap_or_else(|| definition.id.clone()),
        proposes: definition.tools.iter().map(|tool| canonical(&tool.capability)).collect(),
        requires: pack.requires.clone().unwrap_or_default(),
        prompt: pack.prompt.as_ref().map_or_else(|| Arc::from(""), |prompt| Arc::clone(prompt.text())),
    })
}

/// Short digest over the code that proposes and what it reasons by.
fn revision(pack: &Pack) -> String {
    let mut digest = Sha256::new();
    let code = pack.operator.as_ref().map_or("", |operator| operator.revision.as_str());
    for part in [code, pack.prompt.as_ref().map_or("", |prompt| &**prompt.text())] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    let mut text = hex(&digest.finalize());
    text.truncate(12);
    text
}
