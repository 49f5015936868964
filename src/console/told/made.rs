//! What operators made of an envelope, as one sentence and as a row of glyphs.

use super::{Face, Told, cause, face, receipt, unrouted};
use crate::console::state::{Row, State, actions};
use crate::console::theme::{Glyph, Role};
use crate::kernel::journal::{Fact, Proposed, Received};
use crate::kernel::receipt::Receipt;

/// What became of an envelope: who it went to, and what was said of what they proposed.
pub(super) fn envelope<'a>(state: &'a State, row: Row, received: &'a Received) -> Told<'a> {
    let event = received.envelope.event_type.as_str();
    if let Some(warning) = received.warnings.first() {
        return Told::new(face(Glyph::Alert, "warning", Role::Alert, false), event, warning.message.as_str());
    }
    let arrival = state.arrival(row).unwrap_or_default();
    let (mut sentences, mut empty) = (Vec::new(), Vec::new());
    for (_, fact) in state.about(arrival).take(SHOWN) {
        match fact {
            Fact::Routed(routed) if routed.to.is_empty() => return unrouted(routed),
            // What was proposed is said before what was not.
            Fact::Proposed(proposed) if actions(proposed) == 0 => empty.push(made_of(state, arrival, proposed)),
            Fact::Proposed(proposed) => sentences.push(made_of(state, arrival, proposed)),
            _ => {}
        }
    }
    sentences.append(&mut empty);
    if sentences.is_empty() {
        return Told::new(face(Glyph::Dot, "received", Role::Muted, false), event, "nothing was proposed yet");
    }
    Told::new(face(Glyph::NoMatch, "routed", Role::Muted, false), event, sentences.join("; "))
}

/// How many entries about one envelope a sentence or a row of glyphs speaks of.
const SHOWN: usize = 24;

/// The ends of a plan's actions, as many as a row shows.
fn ends<'a>(state: &'a State, arrival: (u32, u64), plan_id: &'a str) -> impl Iterator<Item = (Face, &'a Receipt)> {
    state.about(arrival).take(SHOWN).filter_map(move |(_, fact)| match fact {
        Fact::Disposed(disposed) if disposed.receipt.plan_id == plan_id => {
            let told = receipt(&disposed.receipt);
            Some((told.chip(), &*disposed.receipt))
        }
        _ => None,
    })
}

/// What became of an envelope, or of one plan for it, as glyphs.
#[derive(Debug, Default)]
pub struct Marks<'a> {
    /// Who proposed.
    pub operator: &'a str,
    acts: bool,
    /// How many plans there are, empty and failed ones included.
    pub plans: usize,
    /// One for each action; for a plan without any, its own.
    pub faces: Vec<Face>,
    /// True when that is the plan's own.
    pub alone: bool,
}

/// The glyphs of an envelope's plans, or of the one of that id.
pub fn marks<'a>(state: &'a State, arrival: (u32, u64), plan_id: Option<&str>) -> Marks<'a> {
    let mut marks = Marks::default();
    for (_, fact) in state.about(arrival).take(SHOWN) {
        match fact {
            Fact::Proposed(proposed) if plan_id.is_none_or(|id| id == proposed.plan_id) => {
                // Of several, the first that wants something done.
                if marks.plans == 0 || (!marks.acts && actions(proposed) > 0) {
                    marks.operator = &proposed.operator;
                }
                marks.acts |= actions(proposed) > 0;
                marks.plans += 1;
                let disposes = actions(proposed) > 0 && proposed.failure.is_none() && !state.proposes_only(arrival);
                if !disposes {
                    marks.faces.push(plan_face(proposed));
                    marks.alone = true;
                }
            }
            Fact::Disposed(disposed) if plan_id.is_none_or(|id| id == disposed.receipt.plan_id) => {
                marks.faces.push(receipt(&disposed.receipt).chip());
            }
            _ => {}
        }
    }
    marks
}

/// `order-risk proposed order.hold ALLOW, notify.send ALERT`.
fn made_of(state: &State, arrival: (u32, u64), proposed: &Proposed) -> String {
    let operator = &proposed.operator;
    if let Some(failure) = &proposed.failure {
        return cause(failure);
    }
    if proposed.plan.is_none() {
        return format!("{operator} gave no plan");
    }
    if actions(proposed) == 0 {
        let why = proposed.typed().and_then(|plan| plan.reasoning);
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        return format!("{operator} proposed nothing{why}");
    }
    if state.proposes_only(arrival) {
        return format!("{} proposed, not disposed", proposed.plan_id);
    }
    let ends: Vec<_> = ends(state, arrival, &proposed.plan_id)
        .map(|(face, receipt)| format!("{} {}", receipt.tool, face.word))
        .collect();
    format!("{operator} proposed {}", ends.join(", "))
}

pub(super) fn plan<'a>(state: &'a State, row: Row, proposed: &'a Proposed) -> Told<'a> {
    let arrival = state.arrival(row).unwrap_or_default();
    let sentence = made_of(state, arrival, proposed);
    Told { operator: &proposed.operator, ..Told::new(plan_face(proposed), "", sentence) }
}

fn plan_face(proposed: &Proposed) -> Face {
    if proposed.failure.is_some() || proposed.plan.is_none() {
        face(Glyph::Failed, "failed", Role::Failed, true)
    } else if actions(proposed) == 0 {
        face(Glyph::Refusal, "refusal", Role::Muted, false)
    } else {
        face(Glyph::Dot, "plan", Role::Muted, false)
    }
}
