//! What closes a gap in the tests of a policy: a fixture that operators answer with the action that tells a mutant from
//! the policy, or a row of a table of policy tests where no envelope leads there. Whatever is given was tried.

use std::path::PathBuf;
use std::sync::Arc;

use super::fill::{Filled, Unfilled, bases, event_types, lead};
use super::last_results;
use super::loaded::WhatIsLoaded;
use super::outcome::EnvelopeOutcome;
use super::search::{Base, Goal};
use crate::impact::{Action, Batch, Corpus, Fate, Survivor, Telling};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Value;
use crate::kernel::plan::Amount;
use crate::kernel::policy::PolicySet;
use crate::session::corpus::{Names as _, Provided};
use crate::session::dev_kernel::DevKernel;
use crate::session::store::Store;

/// A change of one of a policy's rules that no test notices.
#[derive(Debug, Clone)]
pub struct Gap {
    /// The policy.
    pub policy: Arc<PolicySet>,
    /// The change, and the action that would tell.
    pub survivor: Survivor,
}

/// A test that notices it.
#[derive(Debug, Clone)]
pub enum BoundaryTest {
    /// A fixture that was written, and the actions that operators answer it with.
    Fixture(Box<Filled>, Box<Batch>),
    /// A line for a table of policy tests, and why no fixture does.
    Row {
        /// The line.
        line: String,
        /// What came of the envelopes that were tried.
        instead: String,
    },
}

impl Gap {
    /// What it is called, and the fixture for it.
    fn name(&self) -> String {
        let number = self.policy.rules().get(self.survivor.mutant.rule).map_or(0, |rule| rule.origin.number);
        let told = self.survivor.mutant.told(&self.policy).replace('→', "to");
        format!("rule-{number}-{}", told.split_whitespace().collect::<Vec<_>>().join("-"))
    }

    /// True when the telling action tells on that connector.
    fn is_told_by(&self, kernel: &DevKernel, connector: Option<&str>) -> bool {
        let Telling { operator, tool, value, .. } = &self.survivor.killer;
        let Some(tool) = tool else { return false };
        let (amount, mut batch) = (value.clone().map(Amount::exact), Batch::default());
        let operator = operator.as_deref();
        batch.add(&Action { operator, connector, tool, value: amount.as_ref(), ..Action::default() });
        self.is_closed(kernel, batch)
    }

    /// True when it is noticed by what the policy says of some actions.
    fn is_closed(&self, kernel: &DevKernel, batch: Batch) -> bool {
        let provided = Provided::by(kernel);
        self.survivor.mutant.fate(&self.policy, &Corpus::from(batch), &provided.kinds()) == Fate::Killed
    }
}

/// A test that closes the gap: a fixture made of fixtures or of recorded envelopes, written and tried, else a row. The
/// error is why there is neither.
pub fn test_for(
    kernel: &mut DevKernel,
    store: &Store,
    files: &[PathBuf],
    recorded: &[Arc<EventEnvelope>],
    gap: &Gap,
) -> Result<BoundaryTest, Unfilled> {
    let Telling { operator, tool, value, .. } = &gap.survivor.killer;
    let loaded = WhatIsLoaded::of(kernel);
    // An operator cannot choose a connector: where another is wanted, no envelope leads there.
    let bound = tool.as_deref().and_then(|tool| kernel.bound_to(tool));
    let elsewhere = bound.is_none() || !gap.is_told_by(kernel, bound.as_deref());
    let instead = if elsewhere {
        "an operator's action goes to the connector that is bound, and that is another".to_owned()
    } else {
        let provided = Provided::by(kernel);
        let closes = |outcomes: &[EnvelopeOutcome]| {
            let corpus = Corpus::from(batch_of(outcomes));
            gap.survivor.mutant.fate(&gap.policy, &corpus, &provided.kinds()) == Fate::Killed
        };
        let types = operator.as_deref().map_or_else(Vec::new, |name| event_types(kernel, &loaded, name));
        let goal = Goal {
            name: gap.name(),
            operator: operator.as_deref(),
            tool: tool.as_deref(),
            values: value.iter().cloned().collect(),
            event_types: types,
            repeats: false,
            lacks: false,
            used_keys: true,
            fills: &closes,
        };
        let given = recorded
            .iter()
            .map(|envelope| Base { from: format!("recorded {}", envelope.event_id), envelope: Arc::clone(envelope) });
        let bases = bases(kernel, files, given.collect());
        let results = last_results::read(&kernel.workspace, files);
        match lead(kernel, store, &goal, &bases, &results) {
            Ok((filled, outcomes)) => {
                return Ok(BoundaryTest::Fixture(Box::new(filled), Box::new(batch_of(&outcomes))));
            }
            Err(Unfilled::Missed { missed, .. }) => missed.told(),
            Err(Unfilled::Removed { came, .. }) => format!("a fixture was tried, and {came} came of it"),
            Err(other) => return Err(other),
        }
    };
    match row(kernel, gap) {
        Some(line) => Ok(BoundaryTest::Row { line, instead }),
        None => {
            Err(Unfilled::Needless { cell: gap.name(), why: "neither an event nor a policy test tells".to_owned() })
        }
    }
}

/// The actions that came before the policy.
fn batch_of(outcomes: &[EnvelopeOutcome]) -> Batch {
    let mut batch = Batch::default();
    let judged = outcomes.iter().flat_map(|outcome| &outcome.actions).filter(|action| action.was_judged());
    for action in judged {
        let amount = action.amount();
        batch.add(&action.action(amount.as_ref()));
    }
    batch
}

/// The telling action as a policy test, where it tells also as an action that is planned.
fn row(kernel: &DevKernel, gap: &Gap) -> Option<String> {
    let Telling { operator, connector, tool, value, says, .. } = &gap.survivor.killer;
    let tool = tool.as_deref()?;
    let named = connector.clone().or_else(|| kernel.bound_to(tool));
    let others = kernel.roster.connectors().map(|connector| connector.id.clone());
    let connector = std::iter::once(named).chain(others.map(Some)).find(|on| gap.is_told_by(kernel, on.as_deref()))?;
    let quoted = |text: &str| Value::from(text).to_string();
    let given = [
        connector.map(|name| format!("connector: {}", quoted(&name))),
        Some(format!("tool: {tool}")),
        value.as_ref().map(|value| format!("value: {value}")),
    ];
    let action: Vec<_> = given.into_iter().flatten().collect();
    let operator = operator.as_ref().map_or_else(String::new, |name| format!("operator: {}, ", quoted(name)));
    let name = quoted(&gap.survivor.mutant.told(&gap.policy));
    Some(format!("- {{ name: {name}, {operator}action: {{ {} }}, expect: {} }}", action.join(", "), says.word()))
}
