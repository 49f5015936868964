//! From an authored operator to its definition.

use super::fields::{Faults, Reader, check_slug};
use super::{OperatorDef, Trigger};
use crate::kernel::crossed;
use crate::kernel::json::{Raw, Value};

/// Reads what `defineOperator` was given.
pub fn operator(value: &Value, faults: &mut Faults) -> Option<OperatorDef> {
    const KNOWN: [&str; 7] = ["name", "goal", "requires", "model", "trigger", "run", "stub"];
    let reader = Reader::of(value, "an operator", &KNOWN, faults)?;
    let name = reader.required("name", faults);
    check_slug(&name, "name", faults);
    let goal = reader.required("goal", faults);
    if reader.get("requires").is_none() {
        let help = "list the capabilities it may sense and propose, as in `requires: ['orders.read']`".to_owned();
        faults.add("field `requires` of an operator is missing", None, Some(help));
    }
    let requires = reader.texts("requires", faults);
    reader.function("stub", faults);
    if !reader.function("run", faults) {
        let help = "add `run(ctx)`, which returns the plan".to_owned();
        faults.add("field `run` of an operator is missing", None, Some(help));
    }
    let model = reader.get("model");
    if let Some((path, what)) = model.and_then(crossed::first_misfit) {
        let joint = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        faults.add(format!("`model{joint}{path}` of an operator is {what}"), Some("model"), None);
    }
    let trigger = trigger(reader.get("trigger"), faults);
    Some(OperatorDef {
        name,
        goal,
        requires,
        model: model.filter(|model| !model.is_null()).map(Raw::of),
        trigger,
        has_stub: reader.get("stub").is_some(),
    })
}

fn trigger(value: Option<&Value>, faults: &mut Faults) -> Trigger {
    let fallback = Trigger::On(String::new());
    let help = || Some("write `trigger: { on: 'order.*' }` or `trigger: { every: '15m' }`".to_owned());
    let Some(value) = value else {
        faults.add("field `trigger` of an operator is missing", None, help());
        return fallback;
    };
    let Some(reader) = Reader::of(value, "a trigger", &["on", "every"], faults) else { return fallback };
    let both = reader.get("on").is_some() && reader.get("every").is_some();
    match (reader.text("on", faults), reader.text("every", faults)) {
        (Some(on), None) if !on.is_empty() && !both => Trigger::On(on),
        (None, Some(every)) if !every.is_empty() && !both => Trigger::Every(every),
        (None, None) if reader.first(&["on", "every"]).is_some() => fallback,
        _ => {
            faults.add("a trigger has either `on` or `every`", Some("trigger"), help());
            fallback
        }
    }
}
