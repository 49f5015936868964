//! A rerun's plan beside the recorded one: what was added, dropped and changed, and which changes break dedup because
//! the same intent would get another key.

use super::summary::ruling;
use crate::console::model::{Model, Row};
use crate::console::text::Charset;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Span;
use crate::kernel::journal::{Fact, Proposed, Would};
use crate::kernel::plan::{PlannedAction, ProposedAction};

/// The two plans of an envelope, operator by operator.
#[derive(Debug)]
pub struct PlanDiff {
    /// `pl_77b2 → pl_77c0`, of the last operator that ran again.
    pub note: String,
    /// One line for what stayed, and more for what did not.
    pub lines: Vec<Vec<Span>>,
    charset: Charset,
}

/// How a line stands to the recorded plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Same,
    Added,
    Dropped,
    Changed,
}

/// Actions of one plan that are compared; a longer plan says so.
const MOST: usize = 200;

impl PlanDiff {
    /// For a row whose envelope ran again, or is a rerun; `None` for any other.
    pub fn of(model: &Model, row: Row, charset: Charset) -> Option<Self> {
        let (before, after) = model.rerun(model.arrival(row)?)?;
        let plans = |arrival| -> Vec<&Proposed> {
            model
                .about(arrival)
                .filter_map(|(_, fact)| match fact {
                    Fact::Proposed(proposed) => Some(proposed),
                    _ => None,
                })
                .collect()
        };
        let (old, new) = (plans(before), plans(after));
        let mut again = Self { note: String::new(), lines: Vec::new(), charset };
        for proposed in &new {
            let recorded = old.iter().rev().find(|other| other.operator == proposed.operator);
            let was = recorded.map_or("none", |recorded| recorded.plan_id.as_str());
            again.note = format!("{was} to {}", proposed.plan_id);
            if new.len() > 1 {
                again.lines.push(vec![Span::bold(proposed.operator.clone(), Role::Text)]);
            }
            again.compare(recorded.copied(), proposed);
        }
        for gone in old.iter().filter(|old| new.iter().all(|new| new.operator != old.operator)) {
            again.line(Mark::Dropped, format!("{} does not propose any more", gone.operator), false);
        }
        Some(again)
    }

    fn compare(&mut self, old: Option<&Proposed>, new: &Proposed) {
        if let Some(failure) = &new.failure {
            self.lines.push({
                let sign = format!("{} ", Glyph::Failed.symbol(self.charset));
                vec![Span::bold(sign, Role::Failed), Span::new(failure.message.clone(), Role::Failed)]
            });
            return;
        }
        let Some(now) = new.typed() else { return };
        let was = old.and_then(Proposed::typed);
        if let Some(was) = was.as_ref().filter(|was| was.reasoning != now.reasoning) {
            self.change("reasoning", was.reasoning.clone(), now.reasoning.clone(), false);
        }
        let was = was.map(|was| was.actions).unwrap_or_default();
        if was.is_empty() && now.is_refusal() {
            self.line(Mark::Same, "nothing is proposed".to_owned(), false);
        }
        let mut left: Vec<&ProposedAction> = was.iter().take(MOST).collect();
        for (at, action) in now.actions.iter().take(MOST).enumerate() {
            match partner(action, &left).map(|at| left.remove(at)) {
                Some(partner) => self.action(partner, action),
                None => self.line(Mark::Added, named(action), false),
            }
            self.would(new.would.get(at));
        }
        for gone in left {
            self.line(Mark::Dropped, named(gone), false);
        }
        if now.actions.len().max(was.len()) > MOST {
            self.line(Mark::Changed, format!("only the first {MOST} actions are compared"), false);
        }
    }

    fn action(&mut self, old: &ProposedAction, new: &ProposedAction) {
        let (Ok(was), Ok(now)) = (&old.shape, &new.shape) else {
            let mark = if old.raw == new.raw { Mark::Same } else { Mark::Changed };
            self.line(mark, named(new), false);
            return;
        };
        if was == now {
            self.line(Mark::Same, named(new), false);
            return;
        }
        self.line(Mark::Changed, named(new), false);
        let number = |action: &PlannedAction| action.value.as_ref().map(|value| value.number.to_string());
        self.change("connector", was.connector.clone(), now.connector.clone(), false);
        self.change("args", Some(was.args.as_str().to_owned()), Some(now.args.as_str().to_owned()), false);
        self.change("value", number(was), number(now), false);
        self.change("entity_key", Some(was.entity_key.clone()), Some(now.entity_key.clone()), true);
        self.change("idempotency_key", Some(was.idempotency_key.clone()), Some(now.idempotency_key.clone()), true);
    }

    /// What the policy would say of the new action.
    fn would(&mut self, would: Option<&Would>) {
        let Some(Would { verdict, .. }) = would else { return };
        let badge = ruling(verdict.decision);
        let said = format!("    would {} {}", badge.glyph.symbol(self.charset), badge.word);
        let reason = Span::new(format!("  {}", verdict.reason), Role::Muted);
        self.lines.push(vec![Span::new(said, badge.role), reason]);
    }

    /// Both values of a field, where they differ.
    fn change(&mut self, field: &str, was: Option<String>, now: Option<String>, key: bool) {
        if was == now {
            return;
        }
        if let Some(was) = was {
            self.line(Mark::Dropped, format!("  {field} {was}"), false);
        }
        if let Some(now) = now {
            self.line(Mark::Added, format!("  {field} {now}"), key);
        }
    }

    fn line(&mut self, mark: Mark, text: String, breaks: bool) {
        let (sign, role) = match mark {
            Mark::Same => ("=", Role::Faint),
            Mark::Added => ("+", Role::Allow),
            Mark::Dropped => (Glyph::Dropped.symbol(self.charset), Role::Block),
            Mark::Changed => ("~", Role::Alert),
        };
        let ink = if mark == Mark::Same { Role::Muted } else { Role::Text };
        let mut spans = vec![Span::bold(format!("{sign} "), role)];
        // The warning comes first, so that a long key cannot push it off the screen.
        if breaks {
            spans.push(Span::bold("breaks dedup ", Role::Alert));
        }
        spans.push(Span::new(text, ink));
        self.lines.push(spans);
    }
}

/// Which of the recorded actions it stands for: that of the same key, else of the same tool and entity, else of the
/// same tool.
fn partner(action: &ProposedAction, old: &[&ProposedAction]) -> Option<usize> {
    let Ok(now) = &action.shape else { return old.iter().position(|old| old.raw == action.raw) };
    let like = |same: &dyn Fn(&PlannedAction) -> bool| old.iter().position(|old| old.shape.as_ref().is_ok_and(same));
    like(&|was| was.idempotency_key == now.idempotency_key && was.tool == now.tool)
        .or_else(|| like(&|was| was.tool == now.tool && was.entity_key == now.entity_key))
        .or_else(|| like(&|was| was.tool == now.tool))
}

fn named(action: &ProposedAction) -> String {
    match &action.shape {
        Ok(action) => format!("{}  {}", action.tool, action.entity_key),
        Err(_) => action.raw.as_str().to_owned(),
    }
}
