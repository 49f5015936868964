//! Boundaries that no fixture tests: in which order they are shown, and what is given to those who find the test of one.

use std::sync::Arc;

use super::Policy;
use crate::console::model::RowList;
use crate::console::screen::files::{Boundary, FileRequest};
use crate::console::screen::{Context, Effect};
use crate::coverage::Gap;
use crate::impact::{Mutation, Side, Survivor, Telling};
use crate::kernel::envelope::EventEnvelope;

/// Recorded envelopes that are tried, at most.
const TRIED: usize = 8;
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

/// Asks for the test of the selected one to be found and written, or says why there is none.
pub(super) fn write(policy: &Policy, cx: &Context<'_>) -> Vec<Effect> {
    let (Some(survivor), Some(draft)) = (selected(policy), &policy.draft) else {
        return vec![Effect::say("every boundary is tested")];
    };
    let gap = Gap { policy: Arc::clone(policy.record.impact().policy(Side::Draft)), survivor: survivor.clone() };
    let recorded = recorded(cx, &survivor.killer);
    let request = FileRequest::WriteTest { boundary: Boundary(Box::new(gap)), file: draft.file.clone(), recorded };
    vec![Effect::say("operators are asked for an event that tests it"), Policy::request(request)]
}

/// The latest envelopes that led to such an action.
fn recorded(cx: &Context<'_>, killer: &Telling) -> Vec<Arc<EventEnvelope>> {
    let mut found: Vec<Arc<EventEnvelope>> = Vec::new();
    for row in cx.model.rows(RowList::Decisions).iter().rev().take(REACH) {
        let Some(disposed) = cx.model.disposed(*row) else { continue };
        let receipt = &disposed.receipt;
        let elsewhere = killer.connector.is_some() && killer.connector != receipt.connector;
        let otherwise = killer.operator.as_ref().is_some_and(|operator| *operator != receipt.operator);
        if Some(&receipt.tool) != killer.tool.as_ref() || elsewhere || otherwise {
            continue;
        }
        let Some(envelope) = cx.model.arrival(*row).and_then(|arrival| cx.model.envelope(arrival)) else { continue };
        if !found.iter().any(|known| known.event_id == envelope.event_id) {
            found.push(Arc::new(envelope.clone()));
        }
        if found.len() == TRIED {
            break;
        }
    }
    found
}
