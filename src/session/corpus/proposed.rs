//! What operators propose for fixtures, as a corpus: each envelope is routed and proposed for, and the actions that pass
//! validation are taken. Nothing is judged, locked, done or written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Names, Places};
use crate::impact::{Action, Batch};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Answer, Disposal, ExecutorEnv as _, Next, State, Ticket};
use crate::kernel::journal::Route;
use crate::kernel::plan::{Amount, Digits, ExecutionPlan, ProposedAction};
use crate::kernel::policy::ActionKind;
use crate::session::clock::FIXTURE_NOW;
use crate::session::dev_kernel::DevKernel;
use crate::session::propose;
use crate::workspace::fixtures::{self, Offered};

/// What came of proposing for fixtures.
#[derive(Debug, Default)]
pub struct Proposed {
    /// The actions.
    pub batch: Batch,
    /// Where they stand, for [`super::Sources::add`].
    pub places: Places,
    /// How many envelopes were offered to operators.
    pub envelopes: u64,
    /// How many actions failed validation.
    pub unjudged: u64,
    /// What was no envelope, and author code that failed.
    pub faults: Vec<Diagnostic>,
}

/// The kinds of action that loaded operators and tools make possible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provided(Vec<(String, String, String)>);

impl Names for DevKernel {
    fn capability(&self, tool: &str) -> Result<String, String> {
        self.workspace.vocabulary.canonical(tool).map(ToOwned::to_owned).map_err(|error| error.told())
    }

    fn bound_to(&self, tool: &str) -> Option<String> {
        self.roster.bind(tool).ok().map(|binding| binding.connector)
    }
}

impl Provided {
    /// What a kernel has loaded.
    pub fn by(kernel: &DevKernel) -> Self {
        let acts = kernel.roster.bindings().iter().filter_map(|(tool, bound)| {
            let binding = bound.as_ref().ok().filter(|binding| binding.side_effecting)?;
            Some((tool, &binding.connector))
        });
        let mut all = Vec::new();
        for (tool, connector) in acts {
            let operators = kernel.roster.operators().map(|operator| &operator.name);
            let proposing = operators.filter(|operator| kernel.roster.is_required(operator, tool));
            all.extend(proposing.map(|operator| (operator.clone(), connector.clone(), tool.clone())));
        }
        Self(all)
    }

    /// The kinds, as [`crate::impact::coverage`] takes them.
    pub fn kinds(&self) -> Vec<ActionKind<'_>> {
        let kinds = self.0.iter();
        kinds
            .map(|(operator, connector, tool)| ActionKind {
                operator: Some(operator),
                connector: Some(connector),
                tool,
            })
            .collect()
    }
}

/// An action that would come before the policy.
pub(super) struct Judgeable {
    pub operator: String,
    pub connector: String,
    pub tool: String,
    pub value: Option<Amount>,
    pub entity_key: String,
    pub idempotency_key: String,
}

impl Judgeable {
    /// What of it a corpus keeps.
    pub fn action(&self) -> Action<'_> {
        Action {
            operator: Some(&self.operator),
            connector: Some(&self.connector),
            tool: &self.tool,
            value: self.value.as_ref(),
            entity_key: Some(&self.entity_key),
            idempotency_key: Some(&self.idempotency_key),
        }
    }
}

/// Proposes for every envelope of some fixture files.
pub fn propose(kernel: &mut DevKernel, files: &[PathBuf]) -> Proposed {
    let mut proposed = Proposed::default();
    for file in files {
        let (shown, path) = (kernel.workspace.shown(file), Arc::<Path>::from(file.as_path()));
        match fixtures::open(file, &shown) {
            Err(fault) => proposed.faults.push(fault),
            Ok(offers) => {
                for offered in offers {
                    match offered {
                        Offered::Envelope { envelope, line, .. } => proposed.take(kernel, &envelope, (&path, line)),
                        Offered::Refused { diagnostics, .. } => proposed.faults.extend(diagnostics),
                        Offered::Passed => {}
                        Offered::Noticed(notice) => proposed.faults.push(notice),
                    }
                }
            }
        }
    }
    proposed
}

impl Proposed {
    fn take(&mut self, kernel: &mut DevKernel, envelope: &Arc<EventEnvelope>, (path, line): (&Arc<Path>, u32)) {
        self.envelopes += 1;
        let (actions, unjudged) = answers(kernel, envelope, &mut self.faults);
        self.unjudged += unjudged;
        for (action, index) in actions.iter().zip(0..) {
            self.batch.add(&action.action());
            self.places.add_fixture(path, line, index);
        }
    }
}

/// The actions operators answer an envelope with, and how many of them fail validation.
pub(super) fn answers(
    kernel: &mut DevKernel,
    envelope: &Arc<EventEnvelope>,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<Judgeable>, u64) {
    let (mut actions, mut unjudged) = (Vec::new(), 0);
    for Route { operator, .. } in kernel.roster.recipients(envelope) {
        let asked = propose::ask(kernel, &operator, envelope, FIXTURE_NOW);
        match asked.plan.map(|raw| ExecutionPlan::parse(raw.as_str(), Digits::Float)) {
            Ok(Ok(plan)) => {
                for action in plan.actions {
                    let judgeable = validated(kernel, envelope, &operator, action);
                    unjudged += u64::from(judgeable.is_none());
                    actions.extend(judgeable);
                }
            }
            Ok(Err(wrong)) => {
                let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                faults.push(Diagnostic::error(format!("what {operator} returned is no plan: {}", said.join("; "))));
            }
            Err(fault) => faults.push(fault),
        }
    }
    (actions, unjudged)
}

/// The action, where it passes the executor's own validation.
fn validated(
    kernel: &mut DevKernel,
    envelope: &Arc<EventEnvelope>,
    operator: &str,
    proposed: ProposedAction,
) -> Option<Judgeable> {
    let action = proposed.shape.as_ref().ok()?.clone();
    let ticket = Ticket {
        envelope: Arc::clone(envelope),
        arrival: 1,
        operator: operator.to_owned(),
        operator_version: None,
        plan_id: String::new(),
        action_id: String::new(),
        receipt_id: String::new(),
        clock: Some(FIXTURE_NOW.to_owned()),
    };
    let next = Disposal::new(ticket, proposed).advance(&mut State::default(), kernel, Answer::Go, FIXTURE_NOW);
    let Next::CheckInput { connector, tool_name, args } = next else { return None };
    let host = kernel.roster.connector(&connector).and_then(|slot| slot.host.as_mut())?;
    host.check_input(&tool_name, &args).ok()?;
    Some(Judgeable {
        operator: operator.to_owned(),
        connector,
        tool: kernel.canonical(&action.tool).ok()?,
        value: action.value,
        entity_key: action.entity_key,
        idempotency_key: action.idempotency_key,
    })
}
