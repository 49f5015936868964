//! What is at hand, as it is shown: an envelope with what came of it, or an action with its six stages. Made anew after
//! any change, so that drawing looks nothing up.

use super::{Replay, Tape, entries};
use crate::console::present::summary::{Badge, RowSummary};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::kernel::journal::{Disposed, Fact, Received, Refused, Routed, StageRecord};
use crate::kernel::json::Value;
use crate::kernel::plan::ProposedAction;
use crate::kernel::receipt::{Outcome, Receipt, Ruling};
use crate::replayer::difference::{FieldDifference, first_field};
use crate::replayer::stages::{ActionView, Around, StageView, StateRow};
use crate::replayer::{Moment, Position, Stage, StateView};

/// What is at hand.
#[derive(Debug, Default)]
pub struct Scene {
    /// Where that is.
    pub at: Moment,
    /// The same in a person's numbers.
    pub position: Position,
    /// The envelope.
    pub received: Option<Received>,
    /// What was not accepted, instead of one.
    pub refused: Option<Refused>,
    /// Where it was routed.
    pub routed: Option<Routed>,
    /// The plans, in order.
    pub plans: Vec<Plan>,
    /// The action, where one is at hand.
    pub action: Option<ActionScene>,
    /// True while what is at hand is still read.
    pub reading: bool,
}

/// A plan, or why there is none.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who proposed it.
    pub operator: String,
    /// Why, by its own words.
    pub reasoning: Option<String>,
    /// Why there is none.
    pub failure: Option<String>,
    /// Its actions.
    pub actions: Vec<PlannedLine>,
}

/// An action of a plan, in a line.
#[derive(Debug, Clone)]
pub struct PlannedLine {
    /// The capability.
    pub tool: String,
    /// The amount.
    pub value: Option<String>,
    /// The entity.
    pub entity: String,
}

/// An action with its stages.
#[derive(Debug)]
pub struct ActionScene {
    /// How it was disposed of.
    pub disposed: Disposed,
    /// The action as its plan has it.
    pub proposed: Option<ProposedAction>,
    /// Its six stages.
    pub stages: Vec<StageView>,
    /// The last one it came to before its receipt.
    pub reached: Stage,
    /// The state before it and after the stage in focus.
    pub state: Vec<StateRow>,
    /// The ceiling that the value was held against: the rule, its number as people say it, and the ceiling.
    pub ceiling: Option<(String, String)>,
    /// What would have come to another verdict.
    pub flips: Vec<String>,
    /// The first field that differs from the play before.
    pub difference: Option<FieldDifference>,
    /// True where there is a play before to compare with.
    pub compared: bool,
}

impl Scene {
    /// The id of the receipt, of an action.
    pub fn receipt(&self) -> Option<&str> {
        self.action.as_ref().map(|action| action.disposed.receipt.id.as_str())
    }

    /// The stage in focus.
    pub fn stage(&self) -> Option<Stage> {
        self.action.as_ref().and(self.at.stage)
    }

    /// What is known of the action's fate at this stage: nothing before the policy has spoken.
    pub fn ruling(&self) -> Option<Ruling> {
        let action = self.action.as_ref()?;
        let stage = self.stage()?;
        let receipt = &action.disposed.receipt;
        if stage >= action.reached {
            return Some(receipt.verdict.decision);
        }
        (stage >= Stage::Policy).then(|| match receipt.verdict.tier {
            1 => Ruling::Allow,
            2 => Ruling::Alert,
            _ => Ruling::Block,
        })
    }

    /// True where the handler is known to have failed at this stage.
    pub fn failed(&self) -> bool {
        let failed = |action: &ActionScene| action.disposed.receipt.outcome == Outcome::Failed;
        self.action.as_ref().is_some_and(failed) && self.stage().is_some_and(|stage| stage >= Stage::Handler)
    }
}

/// What is at hand now.
pub fn of(replay: &Replay, _: &Context<'_>) -> Scene {
    let Some(tape) = &replay.tape else { return Scene::default() };
    let at = replay.transport.at();
    let place = tape.index.envelope_at(at.entry);
    let mut scene = Scene { at, position: tape.index.position(at), ..Scene::default() };
    if let Some(place) = place {
        envelope(tape, place, &mut scene);
    }
    match tape.entries.get(at.entry) {
        Some(Fact::Disposed(disposed)) => scene.action = Some(action(replay, tape, place, at, disposed)),
        Some(_) => {}
        None => scene.reading = !tape.index.is_empty() && !tape.entries.is_lost(at.entry),
    }
    scene
}

fn envelope(tape: &Tape, place: usize, scene: &mut Scene) {
    for entry in tape.index.about(place).take(entries::ABOUT as usize) {
        match tape.entries.get(entry) {
            Some(Fact::Received(received)) => scene.received = Some(received.clone()),
            Some(Fact::Refused(refused)) => scene.refused = Some(refused.clone()),
            Some(Fact::Routed(routed)) => scene.routed = Some(routed.clone()),
            Some(Fact::Proposed(proposed)) => {
                let typed = proposed.typed();
                let line = |action: &ProposedAction| match &action.shape {
                    Ok(action) => PlannedLine {
                        tool: action.tool.clone(),
                        value: action.value.as_ref().map(|value| value.number.to_string()),
                        entity: action.entity_key.clone(),
                    },
                    Err(faults) => PlannedLine {
                        tool: faults.first().map_or_else(String::new, ToString::to_string),
                        value: None,
                        entity: String::new(),
                    },
                };
                scene.plans.push(Plan {
                    operator: proposed.operator.clone(),
                    reasoning: typed.as_ref().and_then(|plan| plan.reasoning.clone()),
                    failure: proposed.failure.as_ref().map(|fault| fault.message.clone()),
                    actions: typed.iter().flat_map(|plan| plan.actions.iter().map(line)).collect(),
                });
            }
            _ => {}
        }
    }
}

/// The action as its plan has it: of its plan's actions, the one that as many of the same plan ended before.
fn proposed(tape: &Tape, place: usize, at: u32, receipt: &Receipt) -> Option<ProposedAction> {
    let of_plan = |entry: &&u32| matches!(tape.entries.get(**entry), Some(Fact::Disposed(other)) if other.receipt.plan_id == receipt.plan_id);
    let before = tape.index.actions_of(place).iter().take_while(|entry| **entry < at).filter(of_plan).count();
    tape.index.about(place).find_map(|entry| match tape.entries.get(entry) {
        Some(Fact::Proposed(proposed)) if proposed.plan_id == receipt.plan_id => {
            proposed.typed()?.actions.into_iter().nth(before)
        }
        _ => None,
    })
}

fn action(replay: &Replay, tape: &Tape, place: Option<usize>, at: Moment, disposed: &Disposed) -> ActionScene {
    let receipt = &disposed.receipt;
    let state = StateView::before(&tape.index, at.entry);
    let proposed = place.and_then(|place| proposed(tape, place, at.entry, receipt));
    let claimer = state.key(&receipt.idempotency_key).and_then(|entry| match tape.entries.get(entry) {
        Some(Fact::Disposed(claimer)) => Some(&*claimer.receipt),
        Some(Fact::Claimed(claimed)) => Some(&*claimed.interrupted),
        _ => None,
    });
    // A hash is not the key itself.
    let claimer = claimer.filter(|claimer| claimer.idempotency_key == receipt.idempotency_key);
    let around = around(tape, place, disposed);
    let view = ActionView { disposed, proposed: proposed.as_ref(), state, claimer, kind: replay.kind(), around };
    let explained = replay.policies.explain(disposed).filter(|explained| explained.agrees);
    let before = place.and_then(|place| before(replay, tape, place, at.entry));
    ActionScene {
        stages: Stage::ALL.into_iter().map(|stage| view.stage(stage)).collect(),
        reached: view.reached(),
        state: view.state_rows(at.stage),
        ceiling: ceiling(replay, receipt),
        flips: explained.map_or_else(Vec::new, |explained| {
            explained.explanation.flips.into_iter().take(2).map(|flip| flip.text).collect()
        }),
        difference: before.and_then(|before| first_field(before, disposed)),
        compared: before.is_some(),
        disposed: disposed.clone(),
        proposed,
    }
}

/// What other entries about the envelope say of an action.
fn around<'t>(tape: &'t Tape, place: Option<usize>, disposed: &Disposed) -> Around<'t> {
    let own = &disposed.receipt.action_id;
    let waited_for = disposed.stages.iter().find_map(|stage| match stage {
        StageRecord::Lock { waited_for, .. } => waited_for.as_deref(),
        _ => None,
    });
    let mut around = Around::default();
    let entries = place.map_or(0..0, |place| tape.index.about(place)).take(entries::ABOUT as usize);
    for (entry, fact) in entries.filter_map(|entry| Some((entry, tape.entries.get(entry)?))) {
        match fact {
            Fact::Claimed(claimed) if claimed.action_id == *own => around.claimed_at = tape.entries.time(entry),
            Fact::Answered(answered) if answered.action_id == *own => around.answered_at = tape.entries.time(entry),
            Fact::Disposed(other) if Some(other.receipt.action_id.as_str()) == waited_for => {
                around.holder = Some(&other.receipt);
            }
            _ => {}
        }
    }
    around
}

/// The rule's ceiling that the value meets first, of the rules for the action.
fn ceiling(replay: &Replay, receipt: &Receipt) -> Option<(String, String)> {
    receipt.value.as_ref()?;
    let policy = replay.policies.of(receipt.policy_digest.as_ref()?)?;
    let subject = crate::kernel::policy::Subject {
        connector: receipt.connector.as_deref(),
        tool: &receipt.tool,
        value: receipt.value.as_ref(),
    };
    let rules = policy.of(&receipt.operator).rules().iter().filter(|rule| rule.matches(&subject));
    let lowest = rules
        .filter_map(|rule| Some((rule, rule.max_value.as_ref()?)))
        .reduce(|one, other| if other.1 < one.1 { other } else { one });
    lowest.map(|(rule, ceiling)| (format!("rule {}", rule.origin.number), ceiling.to_string()))
}

/// The same action of the play before, by its place in its envelope.
fn before<'a>(replay: &'a Replay, tape: &'a Tape, place: usize, at: u32) -> Option<&'a Disposed> {
    let counterpart = replay.pairing.of_envelope(place)?;
    let base = if counterpart.in_other { replay.other.as_ref()? } else { tape };
    let own = tape.index.actions_of(place).iter().position(|entry| *entry == at)?;
    match base.entries.get(*base.index.actions_of(counterpart.place).get(own)?)? {
        Fact::Disposed(disposed) => Some(disposed),
        _ => None,
    }
}

/// What is at hand, in one sentence: of an action that is not decided yet, only what its stage says.
pub fn summary(scene: &Scene) -> Option<RowSummary<'_>> {
    let dot = |word| Badge::quiet(Glyph::Dot, word, Role::Muted);
    if let Some(action) = &scene.action {
        let stage = scene.stage()?;
        let receipt = &action.disposed.receipt;
        let mut summary = if stage >= action.reached {
            RowSummary::of_receipt(receipt)
        } else {
            RowSummary::at_stage(receipt, dot(stage.name()), &action.stages.get(stage as usize)?.says)
        };
        summary.event = scene.received.as_ref().map_or("", |received| &received.envelope.event_type);
        return Some(summary);
    }
    let received = scene.received.as_ref()?;
    let unmatched = scene.routed.as_ref().filter(|routed| routed.to.is_empty());
    let plans = &scene.plans;
    let failure = plans.iter().find_map(|plan| plan.failure.as_deref());
    Some(match (unmatched, failure) {
        (Some(_), _) => RowSummary::of_envelope(
            received,
            Badge::quiet(Glyph::NoMatch, "no match", Role::Muted),
            "no trigger matched",
        ),
        (None, Some(failure)) => {
            RowSummary::of_envelope(received, Badge::quiet(Glyph::Failed, "failed", Role::Failed), failure)
        }
        (None, None) => {
            let reason = plans.iter().find_map(|plan| plan.reasoning.as_deref()).unwrap_or("an envelope comes in");
            let refuses = !plans.is_empty() && plans.iter().all(|plan| plan.actions.is_empty());
            let refusal = Badge::quiet(Glyph::Refusal, "refusal", Role::Muted);
            RowSummary::of_envelope(received, if refuses { refusal } else { dot("envelope") }, reason)
        }
    })
}

/// A payload's members, each in a line.
pub fn members(received: &Received) -> Vec<(String, String)> {
    match received.envelope.payload.value() {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value.to_string())).collect(),
        other => vec![(String::new(), other.to_string())],
    }
}
