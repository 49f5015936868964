//! The fixture that kills a mutant: an envelope that operators answer with the action that tells the two policies apart.
//! Found by changing one number of a fixture there is, and asking the operators what they make of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::proposed::{Judgeable, answers};
use crate::impact::Telling;
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Number, Raw, Value};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::fixtures::{self, Offered};

/// So many numbers of one payload are tried.
const TRIED: usize = 32;

/// An envelope whose answer is the telling action; `None` where no fixture comes near it.
pub fn fixture_for(kernel: &mut DevKernel, files: &[PathBuf], telling: &Telling) -> Option<EventEnvelope> {
    let (wanted, _) = (telling.value.as_ref()?, telling.tool.as_ref()?);
    for file in files {
        let Ok(offers) = fixtures::open(file, &kernel.workspace.shown(file)) else { continue };
        for offered in offers {
            let Offered::Envelope { envelope, .. } = offered else { continue };
            let (actions, _) = answers(kernel, &envelope, &mut Vec::new());
            let near = actions.iter().filter(|action| is_of_kind(action, telling));
            let values: Vec<Decimal> = near.filter_map(|action| Some(action.value.as_ref()?.number.clone())).collect();
            if values.is_empty() {
                continue;
            }
            for changed in changes(&envelope, &values, wanted) {
                let changed = Arc::new(changed);
                let (actions, _) = answers(kernel, &changed, &mut Vec::new());
                let tells = |action: &Judgeable| {
                    let value = action.value.as_ref().filter(|value| value.exact).map(|value| &value.number);
                    is_of_kind(action, telling) && value == Some(wanted)
                };
                if actions.iter().any(tells) {
                    return Some(Arc::unwrap_or_clone(changed));
                }
            }
        }
    }
    None
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
