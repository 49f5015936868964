//! What operators made of an envelope, as one sentence and as a row of glyphs.

use super::{Badge, RowSummary, badge, cause, receipt, ruling, unrouted};
use crate::console::model::{Model, Row, actions};
use crate::console::theme::{Glyph, Role};
use crate::kernel::journal::{Fact, Proposed, Received, Would};
use crate::kernel::receipt::Receipt;

/// What became of an envelope: who it went to, and what was said of what they proposed.
pub(super) fn envelope<'a>(model: &'a Model, row: Row, received: &'a Received) -> RowSummary<'a> {
    let event = received.envelope.event_type.as_str();
    if let Some(warning) = received.warnings.first() {
        return RowSummary::new(badge(Glyph::Alert, "warning", Role::Alert, false), event, warning.message.as_str());
    }
    let arrival = model.arrival(row).unwrap_or_default();
    let (mut sentences, mut empty) = (Vec::new(), Vec::new());
    for (_, fact) in model.about(arrival).take(SHOWN) {
        match fact {
            Fact::Routed(routed) if routed.to.is_empty() => return unrouted(routed),
            // What was proposed is said before what was not.
            Fact::Proposed(proposed) if actions(proposed) == 0 => empty.push(made_of(model, arrival, proposed)),
            Fact::Proposed(proposed) => sentences.push(made_of(model, arrival, proposed)),
            _ => {}
        }
    }
    sentences.append(&mut empty);
    if sentences.is_empty() {
        return RowSummary::new(badge(Glyph::Dot, "received", Role::Muted, false), event, "nothing was proposed yet");
    }
    RowSummary::new(badge(Glyph::NoMatch, "routed", Role::Muted, false), event, sentences.join("; "))
}

/// How many entries about one envelope a sentence or a row of glyphs speaks of.
const SHOWN: usize = 24;

/// The ends of a plan's actions, as many as a row shows.
fn ends<'a>(model: &'a Model, arrival: (u32, u64), plan_id: &'a str) -> impl Iterator<Item = (Badge, &'a Receipt)> {
    model.about(arrival).take(SHOWN).filter_map(move |(_, fact)| match fact {
        Fact::Disposed(disposed) if disposed.receipt.plan_id == plan_id => {
            let summary = receipt(&disposed.receipt);
            Some((summary.chip(), &*disposed.receipt))
        }
        _ => None,
    })
}

/// What became of an envelope, or of one plan for it, as glyphs.
#[derive(Debug, Default)]
pub struct OutcomeBadges<'a> {
    /// Who proposed.
    pub operator: &'a str,
    acts: bool,
    /// How many plans there are, empty and failed ones included.
    pub plans: usize,
    /// One for each action; for a plan without any, its own.
    pub badges: Vec<Badge>,
    /// True when that is the plan's own.
    pub alone: bool,
    /// True when nothing was disposed of: the glyphs are what would be.
    pub would: bool,
}

/// The glyphs of an envelope's plans, or of the one of that id.
pub fn badges<'a>(model: &'a Model, arrival: (u32, u64), plan_id: Option<&str>) -> OutcomeBadges<'a> {
    let mut found = OutcomeBadges::default();
    for (_, fact) in model.about(arrival).take(SHOWN) {
        match fact {
            Fact::Proposed(proposed) if plan_id.is_none_or(|id| id == proposed.plan_id) => {
                // Of several, the first that wants something done.
                if found.plans == 0 || (!found.acts && actions(proposed) > 0) {
                    found.operator = &proposed.operator;
                }
                found.acts |= actions(proposed) > 0;
                found.plans += 1;
                let disposes = actions(proposed) > 0 && proposed.failure.is_none() && !model.proposes_only(arrival);
                if !proposed.would.is_empty() {
                    let would = proposed.would.iter().map(|would| ruling(would.verdict.decision));
                    found.badges.extend(would.map(|badge| Badge { strong: false, ..badge }));
                    found.would = true;
                } else if !disposes {
                    found.badges.push(plan_badge(proposed));
                    found.alone = true;
                }
            }
            Fact::Disposed(disposed) if plan_id.is_none_or(|id| id == disposed.receipt.plan_id) => {
                found.badges.push(receipt(&disposed.receipt).chip());
            }
            _ => {}
        }
    }
    found
}

/// `would BLOCK  rule 3: value 250 > maxValue 100`.
pub fn would_be(would: &Would) -> String {
    format!("would {}  {}", ruling(would.verdict.decision).word, would.verdict.reason)
}

/// `order-risk proposed order.hold ALLOW, notify.send ALERT`.
fn made_of(model: &Model, arrival: (u32, u64), proposed: &Proposed) -> String {
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
    match proposed.would.as_slice() {
        [] => {}
        [one] => return would_be(one),
        several => {
            let each = several.iter().map(|would| format!("{} {}", would.verdict.decision.word(), would.tool));
            return format!("would {}", each.collect::<Vec<_>>().join(", "));
        }
    }
    if model.proposes_only(arrival) {
        return format!("{} proposed, not disposed", proposed.plan_id);
    }
    let ends: Vec<_> = ends(model, arrival, &proposed.plan_id)
        .map(|(badge, receipt)| format!("{} {}", receipt.tool, badge.word))
        .collect();
    format!("{operator} proposed {}", ends.join(", "))
}

pub(super) fn plan<'a>(model: &'a Model, row: Row, proposed: &'a Proposed) -> RowSummary<'a> {
    let arrival = model.arrival(row).unwrap_or_default();
    let sentence = made_of(model, arrival, proposed);
    let subject = match proposed.would.as_slice() {
        [one] => one.tool.as_str(),
        _ => "",
    };
    RowSummary { operator: &proposed.operator, ..RowSummary::new(plan_badge(proposed), subject, sentence) }
}

fn plan_badge(proposed: &Proposed) -> Badge {
    if proposed.failure.is_some() || proposed.plan.is_none() {
        badge(Glyph::Failed, "failed", Role::Failed, true)
    } else if actions(proposed) == 0 {
        badge(Glyph::Refusal, "refusal", Role::Muted, false)
    } else {
        badge(Glyph::Dot, "plan", Role::Muted, false)
    }
}
