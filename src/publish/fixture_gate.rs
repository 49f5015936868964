//! The substantive gate: a pack's recorded envelopes through its operator, and a look at every plan. A plan is *valid*
//! by its shape, its tools and its keys; whether it is *allowed* is a policy's word, and none is asked.

use std::fmt;
use std::path::Path;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;
use crate::kernel::plan::{Digits, ExecutionPlan, PlannedAction};
use crate::kernel::sentences::counted;
use crate::pack::prompt::KeyConvention;
use crate::pack::{Pack, Part, operator_name};
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev_kernel::DevKernel;
use crate::session::proposals;
use crate::session::propose::Asked;
use crate::workspace::fixtures;

/// Faults that are told; the others are counted.
const TOLD: usize = 20;

/// What the fixtures came to.
#[derive(Debug, Default)]
pub struct FixtureGate {
    /// Envelopes in the fixture files.
    pub envelopes: usize,
    /// Those that the trigger does not match.
    pub unrouted: usize,
    /// Valid plans, refusals among them.
    pub valid: usize,
    /// Empty plans.
    pub refusals: usize,
    /// Calls that threw, or were stopped.
    pub crashed: usize,
}

/// What a plan is held to.
struct Rules<'a> {
    operator: String,
    keys: Option<&'a KeyConvention>,
    most: usize,
}

impl FixtureGate {
    /// Asks the operator for a plan for each fixture. What is wrong becomes faults of the pack.
    pub fn run(kernel: &mut DevKernel, pack: &mut Pack, private: bool) -> Self {
        let mut gate = Self::default();
        let Some(id) = pack.definition.as_ref().map(|definition| definition.id.clone()) else {
            pack.fault(Part::Fixtures, Diagnostic::error("there is no operator to replay them through"));
            return gate;
        };
        let prompt = pack.prompt.clone();
        let rules = Rules {
            operator: operator_name(&id).to_owned(),
            keys: prompt.as_ref().and_then(|prompt| prompt.keys()),
            most: kernel.workspace.config.limits.actions_per_plan.0,
        };
        if kernel.roster.operator(&rules.operator).is_none() {
            pack.fault(Part::Fixtures, Diagnostic::error("the operator did not load, so none was replayed"));
            return gate;
        }
        let mut faults = Vec::new();
        for path in pack.fixtures.clone() {
            gate.file(kernel, &path, &rules, &mut faults);
        }
        let more = faults.len().saturating_sub(TOLD);
        faults.truncate(TOLD);
        // They name their files as the workspace does.
        pack.named_faults(Part::Fixtures, faults);
        if more > 0 {
            pack.fault(Part::Fixtures, Diagnostic::error(format!("{more} more")));
        }
        gate.judge_corpus(pack, private);
        gate
    }

    /// What the fixtures lack as a whole.
    fn judge_corpus(&self, pack: &mut Pack, private: bool) {
        if self.envelopes == 0 && !private {
            let help = "record envelopes that show what the operator proposes, and when it refuses, in `fixtures/`";
            pack.fault(Part::Fixtures, Diagnostic::error("there are no fixtures").help(help));
        } else if self.envelopes > 0 && self.unrouted == self.envelopes {
            let help = "the trigger in `operator.ts` says which `event_type` sets it going";
            pack.fault(Part::Fixtures, Diagnostic::error("no fixture is routed to the operator").help(help));
        } else if self.valid > 0 && self.refusals == 0 {
            let help = "add an envelope for which the right plan is `{ \"actions\": [] }`";
            pack.fault(Part::Fixtures, Diagnostic::warning("no fixture produces an empty plan").help(help));
        }
    }

    fn file(&mut self, kernel: &mut DevKernel, path: &Path, rules: &Rules<'_>, faults: &mut Vec<Diagnostic>) {
        let shown = kernel.workspace.shown(path);
        let offers = match fixtures::open(path, &shown) {
            Ok(offers) => offers.limited(kernel.workspace.config.limits.envelope.0),
            Err(fault) => return faults.push(fault),
        };
        let mut refused = Vec::new();
        let envelopes = offers.envelopes(&mut refused);
        proposals::of_each(kernel, &rules.operator, FIXTURE_NOW, envelopes, &mut |kernel, envelope, line, asked| {
            let found = self.take(kernel, &envelope, asked, rules);
            let here = |fault: Diagnostic| Diagnostic { line: Some(line), ..fault.in_file(&*shown) };
            faults.extend(found.into_iter().map(here));
            true
        });
        faults.append(&mut refused);
    }

    /// Counts one fixture; gives what is wrong with its plan.
    fn take(
        &mut self,
        kernel: &DevKernel,
        envelope: &EventEnvelope,
        asked: Option<Asked>,
        rules: &Rules<'_>,
    ) -> Vec<Diagnostic> {
        self.envelopes += 1;
        let Some(asked) = asked else {
            self.unrouted += 1;
            return Vec::new();
        };
        match asked.plan {
            Ok(plan) => {
                let found = judge(kernel, &plan, envelope, rules);
                if found.is_empty() {
                    self.valid += 1;
                    let plan = ExecutionPlan::parse(plan.as_str(), Digits::Float);
                    self.refusals += usize::from(plan.is_ok_and(|plan| plan.is_refusal()));
                }
                found
            }
            Err(fault) => {
                self.crashed += 1;
                let place = fault.place().map_or_else(String::new, |place| format!(" ({place})"));
                let said = Diagnostic::error(format!("{}: {}{place}", envelope.event_id, fault.message));
                vec![Diagnostic { help: fault.help, ..said }]
            }
        }
    }
}

/// Everything that keeps a plan from being valid.
fn judge(kernel: &DevKernel, plan: &Raw, envelope: &EventEnvelope, rules: &Rules<'_>) -> Vec<Diagnostic> {
    let about = |message: String| Diagnostic::error(format!("{}: {message}", envelope.event_id));
    let plan = match ExecutionPlan::parse(plan.as_str(), Digits::Float) {
        Ok(plan) => plan,
        Err(faults) => return faults.into_iter().map(|fault| about(format!("no plan: {fault}"))).collect(),
    };
    if plan.actions.len() > rules.most {
        return vec![about(format!("the plan has {}, at most {}", counted(plan.actions.len(), "action"), rules.most))];
    }
    let mut found = Vec::new();
    for proposed in &plan.actions {
        match &proposed.shape {
            Ok(action) => found.extend(judge_action(kernel, action, rules).into_iter().map(|fault| {
                let Diagnostic { message, help, .. } = fault;
                Diagnostic { help, ..about(message) }
            })),
            Err(faults) => found.extend(faults.iter().map(|fault| about(format!("{fault} at `{}`", fault.pointer)))),
        }
    }
    found
}

fn judge_action(kernel: &DevKernel, action: &PlannedAction, rules: &Rules<'_>) -> Option<Diagnostic> {
    let canonical = match kernel.workspace.vocabulary.canonical(&action.tool) {
        Ok(canonical) => canonical,
        Err(unknown) => return Some(Diagnostic::error(unknown.to_string()).help(unknown.help)),
    };
    if !kernel.roster.is_required(&rules.operator, canonical) {
        let message = format!("`{}` is proposed, which is not among the tools of `index.ts`", action.tool);
        return Some(Diagnostic::error(message).help("a pack proposes what its definition declares"));
    }
    let convention = rules.keys?;
    let mismatch = convention.mismatch(&action.idempotency_key)?;
    let message = format!("`{}` does not follow `{convention}`: {mismatch}", action.idempotency_key);
    Some(Diagnostic::error(message).help("`# Output` of `prompt.md` spells the convention out"))
}

impl fmt::Display for FixtureGate {
    /// What a check's line says: `3 envelopes replay to valid plans`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routed = self.envelopes - self.unrouted;
        let all = counted(self.envelopes, "envelope");
        let verb = if self.envelopes == 1 { "replays" } else { "replay" };
        if self.envelopes == 0 {
            return f.write_str("none replayed");
        }
        match (self.valid == routed, self.unrouted) {
            (true, 0) => write!(f, "{all} {verb} to valid plans"),
            (true, unrouted) => write!(f, "{all}, {routed} replay to valid plans, {unrouted} not routed"),
            (false, _) => write!(f, "{all}, {} of {routed} replay to valid plans", self.valid),
        }
    }
}
