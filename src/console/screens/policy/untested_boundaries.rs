//! Boundaries that no fixture tests: in which order they are shown, and the fixture that would test one. It is made of a
//! recorded envelope that led to such an action, with the one number changed; what an operator makes of it shows when it
//! is played.

use super::Policy;
use crate::console::model::RowList;
use crate::console::screen::files::FileRequest;
use crate::console::screen::{Context, Effect};
use crate::impact::{Mutation, Survivor, Telling};
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Raw, Value};

/// Where such fixtures are written.
pub const FILE: &str = "fixtures/boundaries.jsonl";
/// Decisions looked through for an envelope, the newest first.
const REACH: usize = 4_096;

/// The places of survivors in the order they are shown: those of the rule the cursor is in, ceilings first.
pub(super) fn order(policy: &Policy) -> Vec<usize> {
    let survivors = &policy.record.coverage.survivors;
    let here = policy.draft.as_ref().and_then(|draft| {
        let (line, _) = draft.editor.place();
        let rules = &draft.good().rules;
        rules.iter().rposition(|rule| draft.line_of(rule).is_some_and(|start| start <= line))
    });
    let here = here.map(|at| at + policy.offset);
    let key = |survivor: &Survivor| {
        let ceiling = matches!(survivor.mutant.change, Mutation::Ceiling(_));
        (Some(survivor.mutant.rule) != here, !ceiling, survivor.killer.tool.is_none(), survivor.mutant.rule)
    };
    let mut order: Vec<usize> = (0..survivors.len()).collect();
    order.sort_by_key(|at| key(&survivors[*at]));
    order
}

/// The selected one.
pub(super) fn selected(policy: &Policy) -> Option<&Survivor> {
    let at = *policy.order.get(policy.survivor)?;
    policy.record.coverage.survivors.get(at)
}

/// Writes the fixture that would test the selected one, or says why there is none.
pub(super) fn write(policy: &Policy, cx: &Context<'_>) -> Effect {
    let survivor = selected(policy).ok_or("every boundary is tested");
    let line = survivor.and_then(|survivor| fixture(cx, &survivor.killer));
    match line {
        Ok(line) => Policy::request(FileRequest::Append { file: FILE.to_owned(), line }),
        Err(why) => Effect::say(format!("write fixture: {why}")),
    }
}

fn fixture(cx: &Context<'_>, killer: &Telling) -> Result<String, &'static str> {
    let tool = killer.tool.as_deref().ok_or("no rule names such a tool, so no operator is known to propose it")?;
    let mut why = "no recorded event led to such an action";
    for row in cx.model.rows(RowList::Decisions).iter().rev().take(REACH) {
        let Some(disposed) = cx.model.disposed(*row) else { continue };
        let receipt = &disposed.receipt;
        let elsewhere = killer.connector.is_some() && killer.connector != receipt.connector;
        let otherwise = killer.operator.as_ref().is_some_and(|operator| *operator != receipt.operator);
        if receipt.tool != tool || elsewhere || otherwise {
            continue;
        }
        let Some(envelope) = cx.model.arrival(*row).and_then(|arrival| cx.model.envelope(arrival)) else { continue };
        let value = receipt.value.as_ref().map(|amount| &amount.number);
        match changed(envelope, value, killer.value.as_ref()) {
            Some(envelope) => return serde_json::to_string(&envelope).map_err(|_| "it cannot be written"),
            None => why = "the value is in no field of the recorded event",
        }
    }
    Err(why)
}

/// The same envelope with another number in place of one; none where that cannot be done.
fn changed(envelope: &EventEnvelope, from: Option<&Decimal>, to: Option<&Decimal>) -> Option<EventEnvelope> {
    let mut payload = envelope.payload.value();
    match (from, to) {
        (Some(from), Some(to)) => {
            if from != to && replace(&mut payload, from, &serde_json::from_str(to.as_str()).ok()?) == 0 {
                return None;
            }
        }
        (None, None) => {}
        _ => return None,
    }
    let mark = to.map_or_else(|| "plain".to_owned(), ToString::to_string);
    let event_id = format!("{}-at-{mark}", envelope.event_id);
    let correlation_id = format!("{}-at-{mark}", envelope.correlation_id);
    Some(EventEnvelope { event_id, correlation_id, payload: Raw::of(&payload), ..envelope.clone() })
}

/// Puts a number in place of every equal one; how many there were.
fn replace(value: &mut Value, from: &Decimal, to: &Value) -> usize {
    match value {
        Value::Number(number) => {
            let same = Decimal::parse(&number.to_string()).is_ok_and(|number| number == *from);
            if same {
                *value = to.clone();
            }
            usize::from(same)
        }
        Value::Array(items) => items.iter_mut().map(|item| replace(item, from, to)).sum(),
        Value::Object(fields) => fields.values_mut().map(|field| replace(field, from, to)).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}
