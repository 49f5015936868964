//! What each of the six stages of an action (contract 5) was given, what it said and why, and the state before and after
//! it, taken from what was recorded. Where a journal does not say, this says so.

use super::moment::Stage;
use super::state::StateView;
use crate::kernel::journal::{Disposed, RunKind, StageRecord};
use crate::kernel::json::Raw;
use crate::kernel::plan::ProposedAction;
use crate::kernel::receipt::{Cause, Decision, Handler, Outcome, Receipt, Ruling};
use crate::kernel::sentences::would_pass_with;

mod around;
mod said;

pub use around::Around;
pub use said::Said;
use said::{amount, holder_of_key, or_none, short, text};

/// An action, with what there is to know around it.
#[derive(Debug, Clone, Copy)]
pub struct ActionView<'a> {
    /// How it was disposed of.
    pub disposed: &'a Disposed,
    /// The action as its plan has it; none where the plan is not known.
    pub proposed: Option<&'a ProposedAction>,
    /// The run's state before it.
    pub state: StateView<'a>,
    /// The receipt by which this run held its key, where it did.
    pub claimer: Option<&'a Receipt>,
    /// Why the run exists: the keys of a live one are the workspace's.
    pub kind: Option<RunKind>,
    /// What other entries say of it.
    pub around: Around<'a>,
}

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It let the action go on.
    Passed,
    /// It ruled, and the action went on or ended with that.
    Ruled(Ruling),
    /// It stopped the action.
    Stopped,
    /// The handler failed.
    Failed,
    /// The action never came to it.
    Skipped,
    /// What the receipt says.
    Ended(Outcome),
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageView {
    /// Which.
    pub stage: Stage,
    /// How it stands.
    pub standing: Standing,
    /// In a few words.
    pub word: &'static str,
    /// Why, in one sentence.
    pub says: String,
    /// What it was given.
    pub input: Vec<Said>,
    /// What it gave.
    pub output: Vec<Said>,
    /// The state it met.
    pub before: Vec<Said>,
    /// The state it left.
    pub after: Vec<Said>,
    /// When it was.
    pub time: Vec<Said>,
}

/// A part of the state before an action, and after one of its stages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// What it is.
    pub name: &'static str,
    /// Before the action.
    pub before: String,
    /// After the stage.
    pub after: String,
}

impl StateRow {
    /// True where the action changed it.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

impl<'a> ActionView<'a> {
    fn receipt(&self) -> &'a Receipt {
        &self.disposed.receipt
    }

    fn record(&self, wanted: impl Fn(&StageRecord) -> bool) -> Option<&'a StageRecord> {
        // Where a person was asked, or after a wait, policy has spoken twice: the last word counts.
        self.disposed.stages.iter().rev().find(|record| wanted(record))
    }

    /// The last stage the action came to before its receipt.
    pub fn reached(&self) -> Stage {
        Stage::reached(self.disposed)
    }

    /// One of its stages.
    pub fn stage(&self, stage: Stage) -> StageView {
        let mut view = match stage {
            Stage::Validate => self.validate(),
            Stage::Policy => self.policy(),
            Stage::Lock => self.lock(),
            Stage::Dedup => self.dedup(),
            Stage::Handler => self.handler(),
            Stage::Receipt => self.ended(),
        };
        let rows = |at: Option<Stage>| {
            let rows = self.state_rows(at).into_iter().filter(|row| touches(stage, row.name));
            rows.map(|row| Said::new(row.name, row.after)).collect::<Vec<_>>()
        };
        let earlier = Stage::ALL.into_iter().rfind(|other| *other < stage);
        (view.before, view.after) = (rows(earlier), rows(Some(stage)));
        view.time = self.times(stage);
        view
    }

    fn view(stage: Stage, standing: Standing, word: &'static str, says: String) -> StageView {
        let nothing = Vec::new;
        StageView {
            stage,
            standing,
            word,
            says,
            input: nothing(),
            output: nothing(),
            before: nothing(),
            after: nothing(),
            time: nothing(),
        }
    }

    fn skipped(stage: Stage) -> StageView {
        let says = if stage == Stage::Handler { "not called" } else { "not reached" };
        Self::view(stage, Standing::Skipped, "skipped", says.to_owned())
    }

    fn proposed_args(&self) -> Option<&'a Raw> {
        self.proposed?.shape.as_ref().ok().map(|action| &action.args)
    }

    fn validate(&self) -> StageView {
        let receipt = self.receipt();
        let found = self.record(|record| matches!(record, StageRecord::Validate { .. }));
        let Some(StageRecord::Validate { passed, connector, reason, inexact_value, .. }) = found else {
            let says = "this journal does not say what validation saw".to_owned();
            return Self::view(Stage::Validate, Standing::Skipped, "unrecorded", says);
        };
        let mut view = if *passed {
            let bound = connector.as_deref().unwrap_or("a connector");
            let inexact = if *inexact_value { "; its value is inexact" } else { "" };
            let says = format!("input fits; {} may propose it; bound to {bound}{inexact}", receipt.operator);
            Self::view(Stage::Validate, Standing::Passed, "pass", says)
        } else {
            let says = reason.clone().unwrap_or_else(|| "it did not pass".to_owned());
            Self::view(Stage::Validate, Standing::Stopped, "BLOCK", says)
        };
        view.input = vec![
            text("tool", self.proposed_tool().unwrap_or(&receipt.tool)),
            text("args", self.proposed_args().map_or(receipt.args.as_str(), Raw::as_str)),
            Said::new("value", amount(receipt.value.as_ref())),
            text("entity_key", &receipt.entity_key),
            text("idempotency_key", &receipt.idempotency_key),
        ];
        if *passed {
            view.output = vec![
                Said::new(
                    "bound to",
                    format!("{} {}", or_none(connector.as_deref()), or_none(receipt.tool_name.as_deref())),
                ),
                match self.proposed_args() {
                    Some(args) if *args != receipt.args => text("args", receipt.args.as_str()),
                    _ => text("args", "as proposed"),
                },
            ];
        } else if let Some(change) = would_pass_with(self.disposed) {
            view.output = vec![Said::new("would pass with", change)];
        }
        view
    }

    fn proposed_tool(&self) -> Option<&'a str> {
        self.proposed?.shape.as_ref().ok().map(|action| action.tool.as_str())
    }

    fn policy(&self) -> StageView {
        let receipt = self.receipt();
        let found = self.record(|record| matches!(record, StageRecord::Policy { .. }));
        let Some(StageRecord::Policy { decision, rule, reason }) = found else {
            return Self::skipped(Stage::Policy);
        };
        let ended_here = self.reached() == Stage::Policy;
        let stopped = ended_here && *decision != Decision::Block;
        // A limit or a person stops what the rules let through.
        let (ruling, says) = if stopped {
            (Ruling::Block, receipt.verdict.reason.clone())
        } else {
            ((*decision).into(), reason.clone())
        };
        let mut view = Self::view(Stage::Policy, Standing::Ruled(ruling), ruling.word(), says);
        view.input = vec![
            text("operator", &receipt.operator),
            Said::new("action", format!("{} {}", or_none(receipt.connector.as_deref()), receipt.tool)),
            Said::new("value", amount(receipt.value.as_ref())),
        ];
        view.output = vec![text("decision", decision.word()), text("rule", or_none(rule.as_deref()))];
        for record in &self.disposed.stages {
            match record {
                StageRecord::Shadow { decision, reason, .. } => {
                    view.output.push(Said::new("shadow", format!("would be {}  {reason}", decision.word())));
                }
                StageRecord::Limit { limit, used, rule, frees_at } => {
                    let room = frees_at.as_ref().map_or_else(String::new, |at| format!(", room at {at}"));
                    view.output.push(Said::new("limit", format!("{used} used of {limit} by {rule}{room}")));
                }
                StageRecord::Hold { who, approved, .. } => {
                    let said = match (who, approved) {
                        (Some(who), true) => format!("approved by {who}"),
                        (Some(who), false) => format!("vetoed by {who}"),
                        (None, _) => "nobody answered".to_owned(),
                    };
                    view.output.push(Said::new("person", said));
                }
                _ => {}
            }
        }
        view
    }

    fn lock(&self) -> StageView {
        let found = self.record(|record| matches!(record, StageRecord::Lock { .. }));
        let Some(StageRecord::Lock { entity_key, waited_for, arguments }) = found else {
            let receipt = self.receipt();
            if receipt.verdict.cause != Cause::Lock {
                return Self::skipped(Stage::Lock);
            }
            let view = Self::view(Stage::Lock, Standing::Stopped, "BLOCK", receipt.verdict.reason.clone());
            return StageView { input: vec![text("entity_key", &receipt.entity_key)], ..view };
        };
        let (word, says) = match waited_for {
            Some(holder) => ("waited", format!("{entity_key} was held by {}; then it was free", self.holding(holder))),
            None => ("held", format!("{entity_key} was free")),
        };
        let mut view = Self::view(Stage::Lock, Standing::Passed, word, says);
        view.input = vec![text("entity_key", entity_key)];
        view.input.extend(arguments.iter().map(|argument| text("argument", argument)));
        view.output = vec![Said::new("in flight", format!("{} alone", self.receipt().action_id))];
        view
    }

    fn dedup(&self) -> StageView {
        let found = self.record(|record| matches!(record, StageRecord::Dedup { .. }));
        let Some(StageRecord::Dedup { key, claimed_by }) = found else { return Self::skipped(Stage::Dedup) };
        let mut view = match claimed_by {
            Some(holder) => {
                let says = format!("key first claimed by {holder}");
                Self::view(Stage::Dedup, Standing::Ruled(Ruling::Dedup), "DEDUP", says)
            }
            None => Self::view(Stage::Dedup, Standing::Passed, "claimed", format!("{key} is new")),
        };
        view.input = vec![text("idempotency_key", key)];
        view.output = vec![match claimed_by {
            Some(_) => text("decision", "DEDUP, the handler is not called"),
            None => Said::new("claimed by", self.receipt().id.clone()),
        }];
        view
    }

    fn handler(&self) -> StageView {
        let receipt = self.receipt();
        let found = self.record(|record| matches!(record, StageRecord::Handler { .. }));
        let Some(StageRecord::Handler { handler, ok, claimed }) = found else {
            return Self::skipped(Stage::Handler);
        };
        let which = match handler {
            Handler::Stub => "the stub echoes its args",
            Handler::Sandbox => "the handler ran for real",
        };
        let key = if *claimed { "the key stays claimed" } else { "the key is released" };
        let mut view = if *ok {
            Self::view(Stage::Handler, Standing::Passed, "ran", format!("{which}; {key}"))
        } else {
            let error = receipt.error.as_deref().unwrap_or("it failed");
            Self::view(Stage::Handler, Standing::Failed, "failed", format!("{error}; {key}"))
        };
        view.input = vec![text("tool", or_none(receipt.tool_name.as_deref())), text("args", receipt.args.as_str())];
        view.output = match (&receipt.result, &receipt.error) {
            (Some(result), _) => vec![text("result", result.as_str())],
            (None, Some(error)) => vec![text("error", error)],
            (None, None) => Vec::new(),
        };
        view
    }

    fn ended(&self) -> StageView {
        let receipt = self.receipt();
        let outcome = receipt.outcome;
        let says = format!("{}  {}", receipt.id, receipt.verdict.reason);
        let mut view = Self::view(Stage::Receipt, Standing::Ended(outcome), outcome.word(), says);
        view.input = vec![
            text("decision", receipt.verdict.decision.word()),
            Said::new("tier", receipt.verdict.tier.to_string()),
            text("rule", or_none(receipt.verdict.rule.as_deref())),
        ];
        view.output = vec![text("receipt", &receipt.id), text("outcome", outcome.word()), text("at", &receipt.at)];
        view
    }

    /// The state before the action and after a stage of it; before it where no stage is named.
    pub fn state_rows(&self, after: Option<Stage>) -> Vec<StateRow> {
        let done = |stage: Stage| after.is_some_and(|after| after >= stage) && self.came_to(stage);
        let receipt = self.receipt();
        let mut rows = Vec::new();
        let before = self.lock_before();
        let lock = if done(Stage::Receipt) && self.came_to(Stage::Lock) {
            "free".to_owned()
        } else if done(Stage::Lock) && receipt.verdict.cause != Cause::Lock {
            format!("held by {}", receipt.action_id)
        } else {
            before.clone()
        };
        rows.push(StateRow { name: "lock", before, after: lock });
        let before = self.key_before();
        let key = if done(Stage::Handler) && self.released() {
            "unclaimed, released".to_owned()
        } else if done(Stage::Dedup) && receipt.verdict.decision != Ruling::Dedup {
            format!("claimed by {}", receipt.id)
        } else {
            before.clone()
        };
        rows.push(StateRow { name: "key", before, after: key });
        for record in &self.disposed.stages {
            if let StageRecord::Limit { limit, used, .. } = record {
                let claimed = done(Stage::Dedup)
                    && receipt.verdict.decision != Ruling::Dedup
                    && !(done(Stage::Handler) && self.released());
                let after = used + u32::from(claimed);
                rows.push(StateRow {
                    name: "limit",
                    before: format!("{used} of {limit}"),
                    after: format!("{after} of {limit}"),
                });
            }
        }
        let policy = short(receipt.policy_digest.as_deref());
        rows.push(StateRow { name: "policy", before: policy.clone(), after: policy });
        let counters = self.state.counters();
        let written = counters.receipts();
        rows.push(StateRow {
            name: "receipts",
            before: written.to_string(),
            after: (written + u32::from(done(Stage::Receipt))).to_string(),
        });
        rows
    }

    fn came_to(&self, stage: Stage) -> bool {
        stage == Stage::Receipt || stage <= self.reached()
    }

    fn released(&self) -> bool {
        self.disposed.stages.iter().any(|record| matches!(record, StageRecord::Handler { claimed: false, .. }))
    }

    /// Who held the entity when the action came to it.
    fn lock_before(&self) -> String {
        let recorded = self.disposed.stages.iter().find_map(|record| match record {
            StageRecord::Lock { waited_for, .. } => Some(waited_for.clone()),
            _ => None,
        });
        let met = self.disposed.met.as_ref().map(|met| met.holder.clone());
        match recorded.or(met) {
            Some(Some(holder)) => format!("held by {holder}"),
            Some(None) => "free".to_owned(),
            None if self.state.lock(&self.receipt().entity_key).is_some() => "held".to_owned(),
            None if self.own_keys() => "free".to_owned(),
            None => "not recorded".to_owned(),
        }
    }

    /// Who had the key when the action came to it.
    fn key_before(&self) -> String {
        let recorded = self.disposed.stages.iter().find_map(|record| match record {
            StageRecord::Dedup { claimed_by, .. } => Some(claimed_by.clone()),
            _ => None,
        });
        let met = self.disposed.met.as_ref().map(|met| met.claimed_by.clone());
        match (recorded.or(met), self.claimer) {
            (Some(Some(holder)), claimer) => holder_of_key(&holder, claimer, self.receipt()),
            (Some(None), _) => "unclaimed".to_owned(),
            (None, Some(claimer)) => holder_of_key(&claimer.id, Some(claimer), self.receipt()),
            (None, None) if self.own_keys() => "unclaimed".to_owned(),
            // Keys of earlier runs are in none of this run's entries.
            (None, None) => "not recorded".to_owned(),
        }
    }

    /// True where all keys of the run are claimed by its own entries.
    fn own_keys(&self) -> bool {
        matches!(self.kind, Some(RunKind::Play | RunKind::Replay))
    }
}

/// The parts of the state that a stage looks at or changes.
fn touches(stage: Stage, name: &str) -> bool {
    match stage {
        Stage::Validate => false,
        Stage::Policy => matches!(name, "policy" | "limit"),
        Stage::Lock => name == "lock",
        Stage::Dedup => matches!(name, "key" | "limit"),
        Stage::Handler => name == "key",
        Stage::Receipt => matches!(name, "lock" | "receipts"),
    }
}
