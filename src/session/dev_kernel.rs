//! The workspace as the executor sees it: what is loaded, what is bound, and the policy in force.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::reasoner;
use super::tape::Tape;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Binding, ExecutorEnv, Hold};
use crate::kernel::journal::PolicyState;
use crate::kernel::plan::{PlannedAction, ProposedAction};
use crate::kernel::policy::{Gates, LoadedNames, Subject};
use crate::kernel::receipt::{Cause, Handler, Verdict};
use crate::pack::Pack;
use crate::reason::Reasoner;
use crate::workspace::Workspace;
use crate::workspace::names;
use crate::workspace::policy::InForce;
use crate::workspace::roster::Roster;

/// Everything a run needs to propose and dispose.
pub struct DevKernel {
    /// The ground.
    pub workspace: Workspace,
    /// Author code.
    pub roster: Roster,
    /// The policy in force.
    pub policy: InForce,
    /// Policy files named instead of the workspace's own.
    pub named_policy: Vec<PathBuf>,
    /// A second policy that judges too and decides nothing.
    pub shadow: Option<Shadow>,
    /// What answers `ctx.reason`.
    pub reasoner: Box<dyn Reasoner>,
    /// What was recorded, and what is to be.
    pub tape: Tape,
    /// Whether a person is asked before what is raised.
    pub hold: Hold,
}

impl DevKernel {
    /// Loads author code and policy. Operators are answered offline until it is told otherwise.
    pub fn load(workspace: Workspace, named_policy: Vec<PathBuf>, progress: &mut dyn FnMut(&str)) -> Self {
        let roster = Roster::load(&workspace, progress);
        let policy = InForce::read(&workspace, &named_policy).held_to(names::loaded(&workspace, &roster).as_ref());
        let (reasoner, tape) = reasoner::offline(&workspace);
        Self { workspace, roster, policy, named_policy, shadow: None, reasoner, tape, hold: Hold::default() }
    }

    /// One pack alone, with all connectors of the workspace: what a review of it runs on.
    pub fn of_pack(workspace: Workspace, pack: &mut Pack) -> Self {
        let roster = Roster::of_pack(&workspace, pack);
        let policy = InForce::read(&workspace, &[]).held_to(names::loaded(&workspace, &roster).as_ref());
        let (reasoner, tape) = reasoner::of_pack(&workspace, &pack.root);
        let (named_policy, hold) = (Vec::new(), Hold::default());
        Self { workspace, roster, policy, named_policy, shadow: None, reasoner, tape, hold }
    }

    /// What policy files say, held to what is loaded here: the workspace's own where none are named.
    pub fn read_policy(&self, named: &[PathBuf]) -> InForce {
        InForce::read(&self.workspace, named).held_to(self.names().as_ref())
    }

    /// Asks the predicates of a plan's actions together, where several will be asked. An action that validation will
    /// refuse, or change, is asked when its turn comes.
    pub fn ask_predicates_ahead(
        &self,
        operator: &str,
        actions: &VecDeque<ProposedAction>,
        envelope: &Arc<EventEnvelope>,
    ) {
        let shadow = self.shadow.as_ref().map(|shadow| &shadow.policy);
        for policy in [Some(&self.policy), shadow].into_iter().flatten().filter(|policy| !policy.predicates.is_empty())
        {
            let rules = policy.rules.of(operator);
            let waiting: Vec<_> = actions
                .iter()
                .filter_map(|proposed| self.bound(proposed.shape.as_ref().ok()?))
                .map(|action| {
                    let ids = rules.predicates(&Subject::from(&action));
                    (action, ids)
                })
                .collect();
            if waiting.iter().map(|(_, ids)| ids.len()).sum::<usize>() > 1 {
                policy.predicates.ask_ahead(envelope, &waiting);
            }
        }
    }

    /// An action as validation leaves it: its capability canonical, its connector the bound one.
    fn bound(&self, action: &PlannedAction) -> Option<PlannedAction> {
        let tool = self.canonical(&action.tool).ok()?;
        let connector = self.bind(&tool).ok()?.connector;
        Some(PlannedAction { tool, connector: Some(connector), ..action.clone() })
    }

    /// What is loaded, by the names that a policy can use.
    pub fn names(&self) -> Option<LoadedNames> {
        names::loaded(&self.workspace, &self.roster)
    }

    /// Lets a second policy judge beside the one in force. Gives what is odd about it, or when it does not load, all
    /// that is wrong with it.
    pub fn watch_with(&mut self, files: Vec<PathBuf>) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let policy = self.read_policy(&files);
        if policy.stamp.state != PolicyState::InForce {
            return Err(policy.stamp.diagnostics);
        }
        let odd = policy.stamp.diagnostics.clone();
        self.shadow = Some(Shadow { files, policy, faults: odd.clone() });
        Ok(odd)
    }
}

/// A policy that only watches.
#[derive(Debug)]
pub struct Shadow {
    /// Its files.
    pub files: Vec<PathBuf>,
    /// What they say, or last said.
    pub policy: InForce,
    /// What is wrong with them now.
    pub faults: Vec<Diagnostic>,
}

impl ExecutorEnv for DevKernel {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        self.workspace.vocabulary.canonical(capability).map(ToOwned::to_owned).map_err(|error| error.told())
    }

    fn nearest_capability(&self, name: &str) -> Option<String> {
        self.workspace.vocabulary.canonical(name).err().and_then(|unknown| unknown.nearest)
    }

    fn may_propose(&self, operator: &str, capability: &str) -> bool {
        self.roster.is_required(operator, capability)
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        self.roster.bind(capability)
    }

    fn judge(&self, operator: &str, action: &PlannedAction, handler: Handler, envelope: &EventEnvelope) -> Verdict {
        let stale = self.policy.stamp.state == PolicyState::Stale;
        if stale && handler == Handler::Sandbox {
            return Verdict { stale: true, ..Verdict::blocked(Cause::Stale, None, "policy stale") };
        }
        let mut asking = self.policy.predicates.about(action, Some(envelope));
        let verdict = self.policy.rules.of(operator).judge(&Subject::from(action), &mut asking);
        if stale { verdict.gone_stale() } else { verdict }
    }

    fn shadow(&self, operator: &str, action: &PlannedAction, envelope: &EventEnvelope) -> Option<Verdict> {
        let policy = &self.shadow.as_ref()?.policy;
        let mut asking = policy.predicates.about(action, Some(envelope));
        Some(policy.rules.of(operator).judge(&Subject::from(action), &mut asking))
    }

    fn gates(&self, operator: &str, action: &PlannedAction) -> Gates {
        self.policy.rules.of(operator).gates(&Subject::from(action))
    }

    fn hold(&self) -> Hold {
        self.hold
    }

    fn policy_digest(&self) -> Option<String> {
        self.policy.stamp.digest.clone()
    }
}
