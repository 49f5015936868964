//! What a save does: author code and policy are loaded again and the envelope in hand runs again, propose-only; a
//! saved fixture file is played.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Session;
use crate::author::process::{HostOptions, Hosts};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Fact, Loaded, Origin, PolicyState, Source};
use crate::session::error::Error;
use crate::session::reasoner;
use crate::session::replay;
use crate::session::run::Offer;
use crate::workspace::{Workspace, config, fixtures, watch};

impl Session {
    pub(super) fn saved(&mut self, paths: &[PathBuf]) -> Result<(), Error> {
        let root = self.kernel.workspace.root.clone();
        let ignored = &self.kernel.workspace.config.watch.ignore;
        let paths: Vec<_> = paths.iter().filter(|path| !ignored.covers(&root, path)).cloned().collect();
        if paths.is_empty() {
            return Ok(());
        }
        let code_changed = self.reload_code(&paths)?;
        let policy_changed = self.reload_policy()?;
        self.reload_shadow()?;
        if paths.iter().any(|path| *path == root.join(config::FILE)) {
            self.reload_config()?;
        }
        if paths.iter().any(|path| fixtures::is_recording(path)) {
            self.kernel.tape.read_again();
        }
        let rules = reasoner::rules(&self.kernel.workspace);
        let rules_changed = rules.as_ref().is_some_and(|rules| paths.iter().any(|path| path == rules.path()));
        if rules_changed {
            self.tell_rules()?;
        }
        let more_changed = self.watch_sources()?;
        if code_changed || policy_changed || more_changed || rules_changed {
            self.rerun()?;
        }
        let fixtures: Vec<_> =
            paths.iter().filter(|path| replay::is_fixture(&root, path) && path.is_file()).cloned().collect();
        if fixtures.is_empty() { Ok(()) } else { self.play(&fixtures) }
    }

    /// Watches every folder that code and policies were made from. What was saved there after it was read and before
    /// it was watched is loaded now; gives true when that changed something.
    pub(super) fn watch_sources(&mut self) -> Result<bool, Error> {
        let mut changed = false;
        // What is loaded again may import from yet other folders; a chain of them ends by itself, a loop of saves
        // is taken up by the next one.
        for _ in 0..MORE_FOLDERS {
            let Some(watch) = &self.watch else { return Ok(changed) };
            let kernel = &self.kernel;
            let shadow = kernel.shadow.iter().flat_map(|shadow| &shadow.policy.sources);
            let rules = reasoner::rules(&kernel.workspace).map(|rules| rules.path().to_owned());
            let sources = kernel.roster.sources().chain(&kernel.policy.sources).chain(shadow).chain(&rules);
            let watched = watch.sources(&kernel.workspace.root, sources);
            self.tell_unwatched(watched.failed)?;
            if watched.fresh.is_empty() {
                break;
            }
            changed |= self.reload_code(&watched.fresh)?;
            changed |= self.reload_policy()?;
            self.reload_shadow()?;
        }
        Ok(changed)
    }

    fn tell_unwatched(&mut self, failed: Vec<Diagnostic>) -> Result<(), Error> {
        let before = std::mem::replace(&mut self.unwatched, failed);
        self.tell_changes(&before, &self.unwatched.clone())
    }

    /// Says what is new of some faults, once however often something else is saved meanwhile, and what no longer is.
    fn tell_changes(&mut self, before: &[Diagnostic], now: &[Diagnostic]) -> Result<(), Error> {
        for fault in now.iter().filter(|fault| !before.contains(fault)) {
            self.run.note(Fact::Noticed(fault.clone()))?;
        }
        for fault in before.iter().filter(|fault| !now.contains(fault)) {
            self.run.note(Fact::Settled(fault.clone()))?;
        }
        Ok(())
    }

    fn reload_code(&mut self, paths: &[PathBuf]) -> Result<bool, Error> {
        let before = self.kernel.roster.problems().to_vec();
        let reports = self.kernel.roster.reload(&self.kernel.workspace, paths);
        self.schedules.follow(self.kernel.roster.schedules(), self.clock.now());
        let changed = reports.iter().any(runs_other_code);
        for loaded in reports {
            self.run.note(Fact::Loaded(loaded))?;
        }
        for problem in self.kernel.roster.problems() {
            if !before.contains(problem) {
                self.run.note(Fact::Noticed(problem.clone()))?;
            }
        }
        for problem in before {
            if !self.kernel.roster.problems().contains(&problem) {
                self.run.note(Fact::Settled(problem))?;
            }
        }
        Ok(changed)
    }

    /// Takes up a policy that was saved before the watch has told of it, so that what comes in now is judged by it.
    pub(super) fn keep_up(&mut self) -> Result<(), Error> {
        // A look at each file costs microseconds, but there may be thousands of envelopes in a row.
        const APART: Duration = Duration::from_millis(1);
        if self.looked.is_some_and(|then| then.elapsed() < APART) {
            return Ok(());
        }
        self.looked = Some(Instant::now());
        if self.kernel.policy.seen.is_outdated() && self.reload_policy()? { self.rerun() } else { Ok(()) }
    }

    fn reload_policy(&mut self) -> Result<bool, Error> {
        let fresh = self.kernel.read_policy(&self.kernel.named_policy);
        let next = self.kernel.policy.succeeded_by(fresh);
        if next.stamp == self.kernel.policy.stamp {
            self.kernel.policy.seen = next.seen;
            return Ok(false);
        }
        self.run.note(Fact::PolicyLoaded(next.stamp.clone()))?;
        self.kernel.policy = next;
        self.judge_held()?;
        Ok(true)
    }

    /// The policy that only watches: one that does not load leaves the last that did.
    fn reload_shadow(&mut self) -> Result<(), Error> {
        let Some(files) = self.kernel.shadow.as_ref().map(|shadow| shadow.files.clone()) else { return Ok(()) };
        let fresh = self.kernel.read_policy(&files);
        let Some(shadow) = &mut self.kernel.shadow else { return Ok(()) };
        let faults = match fresh.stamp.state {
            PolicyState::InForce => {
                let odd = fresh.stamp.diagnostics.clone();
                shadow.policy = fresh;
                odd
            }
            PolicyState::Stale | PolicyState::None => fresh.stamp.diagnostics,
        };
        let before = std::mem::replace(&mut shadow.faults, faults.clone());
        self.tell_changes(&before, &faults)
    }

    fn reload_config(&mut self) -> Result<(), Error> {
        match Workspace::open(&self.kernel.workspace.root) {
            Ok(mut workspace) => {
                self.settle_config()?;
                let unconfined = self.kernel.workspace.hosts.options().unconfined;
                self.config_fault = keep_confinement(&mut workspace, unconfined);
                if let Some(fault) = self.config_fault.clone() {
                    self.run.note(Fact::Noticed(fault))?;
                }
                self.kernel.workspace = workspace;
                self.answer_anew()?;
                let everything: Vec<_> = watch::watched(&self.kernel.workspace.root);
                self.reload_code(&everything).map(|_| ())
            }
            Err(fault) => {
                self.settle_config()?;
                self.config_fault = Some(fault.clone());
                self.run.note(Fact::Noticed(fault))
            }
        }
    }

    /// Answers operators as the configuration says now; where that cannot be, as before.
    fn answer_anew(&mut self) -> Result<(), Error> {
        self.save_tape()?;
        match self.kernel.answer_with(&self.answering) {
            Ok(said) => said.into_iter().try_for_each(|notice| self.run.note(Fact::Noticed(notice))),
            Err(fault) => {
                self.config_fault = Some(fault.clone());
                self.run.note(Fact::Noticed(fault))
            }
        }
    }

    /// Says what is wrong with the rule file now, and what no longer is.
    fn tell_rules(&mut self) -> Result<(), Error> {
        let now = reasoner::rules(&self.kernel.workspace).map_or_else(Vec::new, |rules| rules.faults());
        let before = std::mem::replace(&mut self.rule_faults, now.clone());
        self.tell_changes(&before, &now)
    }

    /// What the configuration was last said to be wrong about is no longer what it says.
    fn settle_config(&mut self) -> Result<(), Error> {
        self.config_fault.take().map_or(Ok(()), |fault| self.run.note(Fact::Settled(fault)))
    }

    /// The envelope in hand again, propose-only, beside its recorded plan.
    fn rerun(&mut self) -> Result<(), Error> {
        let Some(in_hand) = self.selected.clone().or_else(|| self.latest.clone()) else { return Ok(()) };
        let offer = Offer {
            envelope: in_hand.envelope,
            origin: Origin { source: Source::Rerun, file: None, line: None },
            again: Some((in_hand.of, in_hand.clock)),
            warnings: Vec::new(),
            clock: None,
        };
        self.run.offer(&mut self.kernel, offer).map(|_| ())
    }
}

/// Confinement is what a session was started with, as its header says: a file that is saved meanwhile does not lift it.
/// What to say where the file has it otherwise.
fn keep_confinement(workspace: &mut Workspace, unconfined: bool) -> Option<Diagnostic> {
    let wanted = workspace.config.host_options();
    if wanted.unconfined == unconfined {
        return None;
    }
    workspace.hosts = Hosts::new(HostOptions { unconfined, ..wanted });
    let until = if unconfined { "may run unconfined" } else { "stays confined" };
    let fault =
        Diagnostic::warning(format!("`[hosts] unconfined` counts from the next start: author code {until} here"));
    Some(fault.in_file(config::FILE).help("end this session and start it again"))
}

/// How often what is loaded again may lead to folders that were not watched before.
const MORE_FOLDERS: usize = 8;

fn runs_other_code(loaded: &Loaded) -> bool {
    loaded.failure.is_none()
}
