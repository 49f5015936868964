//! What each stage of the executor said of an action, as lines.

use super::summary::{outcome, ruling};
use crate::console::text::Charset;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Span;
use crate::kernel::journal::{Disposed, StageRecord};
use crate::kernel::receipt::{Handler, Outcome};

/// One line for each of the six stages, whether or not it was reached.
pub fn lines(disposed: &Disposed, charset: Charset) -> Vec<Vec<Span>> {
    let mut lines: Vec<_> = disposed.stages.iter().map(said).collect();
    let names = ["validate", "policy", "lock", "dedup", "handler"];
    let reached = disposed.stages.last().map_or(0, position);
    for name in names.iter().skip(reached) {
        let words = if *name == "handler" { "not called" } else { "not reached" };
        lines.push(line(Glyph::Dot, Role::Faint, name, words.to_owned(), Role::Faint));
    }
    let receipt = &disposed.receipt;
    let badge = outcome(receipt.outcome);
    let mut words = format!("{} {}", receipt.id, badge.word);
    if let Some(error) = receipt.error.as_deref().filter(|_| receipt.outcome == Outcome::Failed) {
        words = format!("{words}: {error}");
    }
    lines.push(line(badge.glyph, badge.role, "receipt", words, Role::Text));
    lines.into_iter().map(|line| line.spans(charset)).collect()
}

/// How many of the stages that every action goes through lie behind it.
fn position(stage: &StageRecord) -> usize {
    match stage {
        StageRecord::Validate { .. } => 1,
        StageRecord::Policy { .. }
        | StageRecord::Shadow { .. }
        | StageRecord::Limit { .. }
        | StageRecord::Hold { .. } => 2,
        StageRecord::Lock { .. } => 3,
        StageRecord::Dedup { .. } => 4,
        StageRecord::Handler { .. } => 5,
    }
}

fn said(stage: &StageRecord) -> Line {
    let text = Role::Text;
    let ok = (Glyph::Allow, Role::Allow);
    match stage {
        StageRecord::Validate { passed: true, connector, inexact_value, .. } => {
            let mut words = connector.as_ref().map_or_else(|| "passed".to_owned(), |name| format!("bound to {name}"));
            if *inexact_value {
                words.push_str("; the value is inexact");
            }
            line(ok.0, ok.1, "validate", words, text)
        }
        StageRecord::Validate { reason, .. } => {
            let words = reason.clone().unwrap_or_else(|| "did not pass".to_owned());
            line(Glyph::Block, Role::Block, "validate", words, text)
        }
        StageRecord::Policy { decision, reason, .. } => {
            let badge = ruling((*decision).into());
            line(badge.glyph, badge.role, "policy", format!("{}  {reason}", badge.word), text)
        }
        StageRecord::Shadow { decision, reason, .. } => {
            let badge = ruling((*decision).into());
            line(badge.glyph, Role::Muted, "shadow", format!("would be {}  {reason}", badge.word), Role::Muted)
        }
        StageRecord::Limit { limit, used, frees_at: None, .. } => {
            line(ok.0, ok.1, "limit", format!("{used} used of {limit}"), text)
        }
        StageRecord::Limit { limit, used, frees_at: Some(frees_at), .. } => {
            line(Glyph::Block, Role::Block, "limit", format!("{used} used of {limit}, room at {frees_at}"), text)
        }
        StageRecord::Hold { who, approved, .. } => {
            let badge = if *approved { ok } else { (Glyph::Block, Role::Block) };
            let words = match who {
                Some(who) if *approved => format!("approved by {who}"),
                Some(who) => format!("vetoed by {who}"),
                None => "nobody answered".to_owned(),
            };
            line(badge.0, badge.1, "person", words, text)
        }
        StageRecord::Lock { entity_key, waited_for, arguments } => {
            let locked = [std::slice::from_ref(entity_key), arguments.as_slice()].concat().join(", ");
            let words = match waited_for {
                Some(holder) => format!("{locked}, waited for {holder}"),
                None => format!("{locked}, was free"),
            };
            line(ok.0, ok.1, "lock", words, text)
        }
        StageRecord::Dedup { key, claimed_by } => match claimed_by {
            Some(holder) => line(Glyph::Dedup, Role::Dedup, "dedup", format!("{key} claimed by {holder}"), text),
            None => line(ok.0, ok.1, "dedup", format!("{key}, new"), text),
        },
        StageRecord::Handler { handler, ok: done, claimed } => {
            let which = match handler {
                Handler::Stub => "stub",
                Handler::Sandbox => "sandbox, for real",
            };
            let key = if *claimed { "the key stays claimed" } else { "the key is released" };
            let (glyph, role) = if *done { ok } else { (Glyph::Failed, Role::Failed) };
            line(glyph, role, "handler", format!("{which}, {key}"), text)
        }
    }
}

struct Line {
    glyph: Glyph,
    role: Role,
    name: &'static str,
    words: String,
    ink: Role,
}

fn line(glyph: Glyph, role: Role, name: &'static str, words: String, ink: Role) -> Line {
    Line { glyph, role, name, words, ink }
}

impl Line {
    fn spans(self, charset: Charset) -> Vec<Span> {
        vec![
            Span::bold(self.glyph.symbol(charset), self.role),
            Span::new(format!(" {:<10}", self.name), Role::Muted),
            Span::new(self.words, self.ink),
        ]
    }
}
