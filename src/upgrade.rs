//! Two versions of a pack, compared: what of it is other, what comes of that over their fixtures, and how much the
//! version has to rise (contract 9). Nothing is applied by it.
//!
//! It knows packs and how the session asks an operator; it must not know screens, or how anything is printed.

mod bump;
pub mod contract;
mod parts;
mod replays;
mod schema;
#[cfg(test)]
mod tests;

use std::path::Path;

use semver::Version;

pub use bump::Bump;
pub use parts::{Change, Part};
pub use replays::{Answer, Comparison, Fixture, Judged, Pair};

use crate::kernel::diagnostic::Diagnostic;
use crate::pack::{Pack, operator_name};
use crate::session::dev_kernel::DevKernel;
use crate::session::tape::Mode;
use crate::workspace::roster::packs;
use crate::workspace::{Workspace, shown};
use contract::ContractDiff;

/// Where a version of a pack is.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The pack's folder.
    pub folder: &'a Path,
    /// The folder that its files are named from.
    pub named_from: &'a Path,
}

/// Two versions of one pack, and everything that is other.
#[derive(Debug)]
pub struct Upgrade {
    /// The pack's id.
    pub id: String,
    /// The old version.
    pub old: Version,
    /// The new version, as it declares itself.
    pub new: Version,
    /// The two prompt contracts; none where a version has none.
    pub contract: Option<ContractDiff>,
    /// What of the artifacts is other, and what comes of it that demands more.
    pub changes: Vec<Change>,
    /// Every envelope of both versions' fixtures with both answers.
    pub comparisons: Vec<Comparison>,
    /// What is wrong with either version, or with its fixtures.
    pub faults: Vec<Diagnostic>,
    /// Whether the plans say anything of the prompt's text.
    pub prompt_exercised: bool,
}

impl Upgrade {
    /// Compares the packs in two folders. `progress` is told how many of how many proposals were made, and gives false
    /// to stop: then what was not replayed is not compared.
    pub fn between(
        workspace: &Workspace,
        old: Source<'_>,
        new: Source<'_>,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Self, Vec<Diagnostic>> {
        let read = |source: Source<'_>| packs::read_named(workspace, source.folder, source.named_from);
        let (mut before, mut after) = (read(old), read(new));
        let ((id, old_version), (new_id, new_version)) = match (identity(&before), identity(&after)) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(faults), Ok(_)) | (Ok(_), Err(faults)) => return Err(faults),
            (Err(mut faults), Err(more)) => {
                faults.extend(more);
                return Err(faults);
            }
        };
        if id != new_id {
            let message = format!("`{id}` and `{new_id}` are not versions of one pack");
            return Err(vec![Diagnostic::error(message).help("name two versions of the same pack")]);
        }
        let contract = before.prompt.as_ref().zip(after.prompt.as_ref()).map(|(old, new)| ContractDiff::of(old, new));
        let changes = parts::changes(&before, &after, contract.as_ref(), &workspace.vocabulary);
        let mut upgrade = Self {
            id,
            old: old_version,
            new: new_version,
            contract,
            changes,
            comparisons: Vec::new(),
            prompt_exercised: false,
            faults: before.all_faults().chain(after.all_faults()).map(|(_, fault)| fault.clone()).collect(),
        };
        let named_from = [new.named_from, old.named_from];
        upgrade.replay(workspace, &mut before, &mut after, named_from, progress);
        upgrade.demand_for_effects();
        Ok(upgrade)
    }

    fn replay(
        &mut self,
        workspace: &Workspace,
        before: &mut Pack,
        after: &mut Pack,
        named_from: [&Path; 2],
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) {
        let operator = operator_name(&self.id).to_owned();
        let files = [&after.fixtures, &before.fixtures];
        let files: Vec<_> = files
            .iter()
            .zip(named_from)
            .flat_map(|(files, from)| files.iter().map(move |file| (file.clone(), shown(from, file))))
            .collect();
        let (old_rules, new_rules) = (rules(before), rules(after));
        let mut old = DevKernel::of_pack(workspace.clone(), before);
        let mut new = DevKernel::of_pack(workspace.clone(), after);
        // An operator's own stub never reads the prompt; recordings are found by it.
        self.prompt_exercised = old.tape.mode() != Mode::Off && new.tape.mode() != Mode::Off;
        let (fixtures, faults) = replays::union(&old, &files);
        self.faults.extend(faults);
        let all = fixtures.len() * 2;
        let joined = old.policy.joined_with(&old_rules);
        let mut stopped = false;
        let mut told = |done: usize| {
            stopped = stopped || !progress(done, all);
            !stopped
        };
        let answers = replays::answers(&mut old, &operator, &fixtures, joined, &mut told);
        let joined = new.policy.joined_with(&new_rules);
        let count = fixtures.len();
        let others = replays::answers(&mut new, &operator, &fixtures, joined, &mut |done| told(count + done));
        self.comparisons = replays::compared(fixtures, answers, others);
    }

    /// What plans do can demand more than what files say, and less.
    fn demand_for_effects(&mut self) {
        let keys = self.comparisons.iter().filter(|one| one.pairs.iter().any(Pair::breaks_dedup)).count();
        if keys > 0 {
            let what =
                format!("keys of {} are other for the same intent", crate::kernel::sentences::counted(keys, "plan"));
            self.changes.push(Change { part: Part::Output, bump: Bump::Major, what, rule: "key convention changed" });
        }
        // Code that proposes the same for everything it was shown changes nothing that anyone could see.
        let exercised = self.comparisons.iter().any(|one| one.old.plan.is_some() && one.new.plan.is_some());
        if exercised && !self.comparisons.iter().any(Comparison::proposes_otherwise) {
            for change in self.changes.iter_mut().filter(|change| change.rule == parts::OPERATOR_CODE) {
                change.bump = Bump::Patch;
                "operator code changed, and every plan is the same".clone_into(&mut change.what);
            }
        }
        self.changes.sort_by_key(|change| change.part);
    }

    /// The least rise that everything demands.
    pub fn required(&self) -> Bump {
        self.changes.iter().map(|change| change.bump).max().unwrap_or(Bump::None)
    }

    /// The rise that the new version declares.
    pub fn declared(&self) -> Bump {
        Bump::between(&self.old, &self.new)
    }

    /// True where the new version rises by enough.
    pub fn is_enough(&self) -> bool {
        self.declared() >= self.required() && self.new >= self.old
    }

    /// The lowest version that would be enough.
    pub fn needs(&self) -> Version {
        self.required().next(&self.old)
    }

    /// True where the prompt says something else and no plan could show what comes of it.
    pub fn is_prompt_not_exercised(&self) -> bool {
        let reworded = |change: &Change| change.part.is_contract() && change.rule == parts::CONTRACT_TEXT;
        !self.prompt_exercised && self.changes.iter().any(reworded)
    }

    /// The envelopes that the two versions do not answer alike.
    pub fn differing(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(|one| one.differs())
    }
}

fn rules(pack: &Pack) -> Vec<crate::kernel::policy::TrustPolicy> {
    pack.guardrails.as_ref().map(|all| all.rules.clone()).unwrap_or_default()
}

/// Who a pack is, in which version; or why that cannot be told.
fn identity(pack: &Pack) -> Result<(String, Version), Vec<Diagnostic>> {
    let unknown = || {
        let faults = pack.all_faults().filter(|(_, fault)| fault.is_error()).map(|(_, fault)| fault.clone());
        let faults: Vec<_> = faults.collect();
        if faults.is_empty() {
            vec![Diagnostic::error("the pack has no definition").in_file(&*pack.shown)]
        } else {
            faults
        }
    };
    let definition = pack.definition.as_ref().ok_or_else(unknown)?;
    let version = definition.version.as_deref().and_then(|version| Version::parse(version).ok());
    version.map(|version| (definition.id.clone(), version)).ok_or_else(unknown)
}
