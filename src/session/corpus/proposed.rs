//! What operators propose for fixtures, as a corpus: each envelope is routed and proposed for, and the actions that pass
//! validation are taken. Nothing is judged, locked, done or written.

use std::path::PathBuf;
use std::sync::Arc;

use super::Names;
use crate::impact::{Action, Batch};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Answer, Disposal, Law as _, Next, State, Ticket};
use crate::kernel::plan::{Digits, ExecutionPlan, ProposedAction};
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

/// Proposes for every envelope of some fixture files.
pub fn propose(kernel: &mut DevKernel, files: &[PathBuf]) -> Proposed {
    let mut proposed = Proposed::default();
    for file in files {
        let shown = kernel.workspace.shown(file);
        match fixtures::open(file, &shown) {
            Err(fault) => proposed.faults.push(fault),
            Ok(offers) => {
                for offered in offers {
                    match offered {
                        Offered::Envelope { envelope, .. } => proposed.envelope(kernel, &envelope),
                        Offered::Refused { diagnostics, .. } => proposed.faults.extend(diagnostics),
                        Offered::Noticed(notice) => proposed.faults.push(notice),
                    }
                }
            }
        }
    }
    proposed
}

impl Proposed {
    fn envelope(&mut self, kernel: &mut DevKernel, envelope: &Arc<EventEnvelope>) {
        self.envelopes += 1;
        for route in kernel.roster.matching(&envelope.event_type) {
            let asked = propose::ask(kernel, &route.operator, envelope, FIXTURE_NOW);
            let plan = asked.plan.map(|raw| ExecutionPlan::parse(raw.as_str(), Digits::Float));
            match plan {
                Ok(Ok(plan)) => {
                    for action in plan.actions {
                        self.action(kernel, envelope, &route.operator, action);
                    }
                }
                Ok(Err(faults)) => {
                    let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
                    let message = format!("what {} returned is no plan: {}", route.operator, said.join("; "));
                    self.faults.push(Diagnostic::error(message));
                }
                Err(fault) => self.faults.push(fault),
            }
        }
    }

    /// Takes an action that passes the executor's own validation.
    fn action(
        &mut self,
        kernel: &mut DevKernel,
        envelope: &Arc<EventEnvelope>,
        operator: &str,
        proposed: ProposedAction,
    ) {
        let planned = proposed.shape.as_ref().ok().map(|action| (action.tool.clone(), action.value.clone()));
        let ticket = Ticket {
            envelope: Arc::clone(envelope),
            arrival: 1,
            operator: operator.to_owned(),
            operator_version: None,
            plan_id: String::new(),
            action_id: String::new(),
            receipt_id: String::new(),
        };
        let next = Disposal::new(ticket, proposed).advance(&mut State::default(), kernel, Answer::Go, FIXTURE_NOW);
        let valid = match next {
            Next::CheckInput { connector, tool_name, args } => {
                let slot = kernel.roster.connector(&connector);
                let host = slot.and_then(|slot| slot.host.as_mut());
                host.is_some_and(|host| host.check_input(&tool_name, &args).is_ok()).then_some(connector)
            }
            _ => None,
        };
        let canonical = planned.and_then(|(tool, value)| Some((kernel.canonical(&tool).ok()?, value)));
        let Some((connector, (tool, value))) = valid.zip(canonical) else {
            self.unjudged += 1;
            return;
        };
        self.batch.add(&Action {
            operator: Some(operator),
            connector: Some(&connector),
            tool: &tool,
            value: value.as_ref(),
        });
    }
}
