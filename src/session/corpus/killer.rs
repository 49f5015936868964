//! What closes a gap in the tests of a policy: an envelope that operators answer with the action that tells a mutant
//! from the policy, found by changing one number of an envelope there is; where no envelope leads there, a row of a table
//! of policy tests. Whatever is given was tried: the mutant is noticed by it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Names as _;
use super::proposed::{Judgeable, Provided, answers};
use crate::impact::{Action, Batch, Corpus, Fate, Survivor, Telling};
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Number, Raw, Value};
use crate::kernel::plan::Amount;
use crate::kernel::policy::PolicySet;
use crate::session::dev_kernel::DevKernel;
use crate::workspace::fixtures::{self, Offered};

/// So many numbers of one payload are tried.
const TRIED: usize = 32;

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
    /// An envelope for the fixtures, and the actions that operators answer it with.
    Fixture(Box<EventEnvelope>, Box<Batch>),
    /// A line for a table of policy tests.
    Row(String),
}

/// A test that closes the gap, made of fixtures or of recorded envelopes; `None` where no test can.
pub fn test_for(
    kernel: &mut DevKernel,
    files: &[PathBuf],
    recorded: &[Arc<EventEnvelope>],
    gap: &Gap,
) -> Option<BoundaryTest> {
    let offered = files.iter().flat_map(|file| envelopes(kernel, file)).collect::<Vec<_>>();
    for envelope in recorded.iter().chain(&offered) {
        if let Some(made) = made_of(kernel, envelope, &gap.survivor.killer) {
            let batch = actions(kernel, &Arc::new(made.clone()));
            if is_closed(kernel, gap, batch.clone()) {
                return Some(BoundaryTest::Fixture(Box::new(made), Box::new(batch)));
            }
        }
    }
    row(kernel, gap).map(BoundaryTest::Row)
}

fn envelopes(kernel: &DevKernel, file: &Path) -> Vec<Arc<EventEnvelope>> {
    let offers = fixtures::open(file, &kernel.workspace.shown(file)).into_iter().flatten();
    let envelopes = offers.filter_map(|offered| match offered {
        Offered::Envelope { envelope, .. } => Some(envelope),
        _ => None,
    });
    envelopes.collect()
}

/// The envelope with one number changed, so that operators answer it with the telling action.
fn made_of(kernel: &mut DevKernel, envelope: &Arc<EventEnvelope>, telling: &Telling) -> Option<EventEnvelope> {
    let (wanted, _) = (telling.value.as_ref()?, telling.tool.as_ref()?);
    let (actions, _) = answers(kernel, envelope, &mut Vec::new());
    let near = actions.iter().filter(|action| is_of_kind(action, telling));
    let values: Vec<Decimal> = near.filter_map(|action| Some(action.value.as_ref()?.number.clone())).collect();
    if values.is_empty() {
        return None;
    }
    let tells = |action: &Judgeable| {
        let value = action.value.as_ref().filter(|value| value.exact).map(|value| &value.number);
        is_of_kind(action, telling) && value == Some(wanted)
    };
    changes(envelope, &values, wanted).into_iter().map(Arc::new).find_map(|changed| {
        let (actions, _) = answers(kernel, &changed, &mut Vec::new());
        actions.iter().any(tells).then(|| Arc::unwrap_or_clone(changed))
    })
}

fn actions(kernel: &mut DevKernel, envelope: &Arc<EventEnvelope>) -> Batch {
    let (actions, _) = answers(kernel, envelope, &mut Vec::new());
    let mut batch = Batch::default();
    for action in &actions {
        batch.add(&action.action());
    }
    batch
}

/// True when the mutant is noticed by what the policy says of some actions.
fn is_closed(kernel: &DevKernel, gap: &Gap, batch: Batch) -> bool {
    let provided = Provided::by(kernel);
    gap.survivor.mutant.fate(&gap.policy, &Corpus::from(batch), &provided.kinds()) == Fate::Killed
}

/// The telling action as a policy test, where it tells also as an action that is planned.
fn row(kernel: &DevKernel, gap: &Gap) -> Option<String> {
    let Telling { operator, connector, tool, value, says, .. } = &gap.survivor.killer;
    let tool = tool.as_deref()?;
    let connector = connector.clone().or_else(|| kernel.bound_to(tool));
    let amount = value.clone().map(Amount::exact);
    let mut batch = Batch::default();
    let (operator, connector) = (operator.as_deref(), connector.as_deref());
    batch.add(&Action { operator, connector, tool, value: amount.as_ref(), ..Action::default() });
    if !is_closed(kernel, gap, batch) {
        return None;
    }
    let quoted = |text: &str| Value::from(text).to_string();
    let given = [
        connector.map(|name| format!("connector: {}", quoted(name))),
        Some(format!("tool: {tool}")),
        value.as_ref().map(|value| format!("value: {value}")),
    ];
    let action: Vec<_> = given.into_iter().flatten().collect();
    let operator = operator.map_or_else(String::new, |name| format!("operator: {}, ", quoted(name)));
    let name = quoted(&gap.survivor.mutant.told(&gap.policy));
    Some(format!("- {{ name: {name}, {operator}action: {{ {} }}, expect: {} }}", action.join(", "), says.word()))
}

fn is_of_kind(action: &Judgeable, telling: &Telling) -> bool {
    let operator = telling.operator.as_ref().is_none_or(|name| *name == action.operator);
    let connector = telling.connector.as_ref().is_none_or(|name| *name == action.connector);
    operator && connector && telling.tool.as_ref() == Some(&action.tool)
}

/// The envelope with one number of its payload changed, those first that the answer carried on.
fn changes(envelope: &EventEnvelope, values: &[Decimal], wanted: &Decimal) -> Vec<EventEnvelope> {
    let payload = envelope.payload.value();
    let mut places = Vec::new();
    numbers(&payload, String::new(), &mut places);
    places.sort_by_key(|(_, number)| !values.contains(number));
    let changed = |(pointer, _): &(String, Decimal)| {
        let mut payload = payload.clone();
        *payload.pointer_mut(pointer)? = Value::Number(Number::from_string_unchecked(wanted.to_string()));
        let event_id = format!("{}-{wanted}", envelope.event_id);
        Some(EventEnvelope { event_id, payload: Raw::of(&payload), ..envelope.clone() })
    };
    places.iter().take(TRIED).filter_map(changed).collect()
}

/// Every number of a value, with its pointer.
fn numbers(value: &Value, pointer: String, found: &mut Vec<(String, Decimal)>) {
    match value {
        Value::Number(number) => found.extend(Decimal::parse(&number.to_string()).ok().map(|number| (pointer, number))),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                numbers(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                numbers(item, crate::kernel::json::child(&pointer, key), found);
            }
        }
        _ => {}
    }
}
