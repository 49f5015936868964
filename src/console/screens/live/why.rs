//! Why the selected row was decided so: the rules that were tried, or the stages it went through, or what became of it.
//! What of it is in view follows from the line in hand; without one, what decided is in view.

use super::Live;
use crate::console::model::{Model, Row, RowId};
use crate::console::present::stages;
use crate::console::present::summary::{Badge, ruling, summarize};
use crate::console::screen::Context;
use crate::console::text::Charset;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Motion, Span};
use crate::kernel::journal::{Disposed, Fact};
use crate::kernel::policy::Rung;
use crate::kernel::receipt::Receipt;
use crate::kernel::sentences::would_pass_with;

/// Where a person is in the pane.
#[derive(Debug, Default)]
pub struct Why {
    of: Option<RowId>,
    /// The line in hand, once a person moved.
    hand: Option<usize>,
}

impl Why {
    /// Another row is selected: nothing is in hand.
    pub(super) fn refresh(&mut self, row: Option<RowId>) {
        if self.of != row {
            *self = Self { of: row, hand: None };
        }
    }

    /// Moves the line in hand; from the one that decided, where none is.
    pub(super) fn go(&mut self, motion: Motion, page: usize, total: usize, deciding: usize) {
        self.hand = Some(motion.applied(self.hand.unwrap_or(deciding), page, total));
    }

    /// Takes a line in hand.
    pub(super) fn take(&mut self, line: usize) {
        self.hand = Some(line);
    }

    /// The line in hand.
    pub fn hand(&self) -> Option<usize> {
        self.hand
    }
}

/// What the pane lists.
#[derive(Debug)]
pub enum Contents<'a> {
    /// The rules tried on an action.
    Rules(&'a Receipt, &'a [Rung]),
    /// What an action went through that no rule was asked of.
    Stages(&'a Disposed, Vec<Vec<Span>>),
    /// Where an envelope or a plan went.
    Course(Vec<Vec<Span>>),
}

impl Contents<'_> {
    /// How many lines.
    pub fn len(&self) -> usize {
        match self {
            Self::Rules(_, ladder) => ladder.len(),
            Self::Stages(_, lines) | Self::Course(lines) => lines.len(),
        }
    }
}

/// What the pane lists of the selected row.
pub(super) fn contents<'a>(live: &'a Live, cx: &Context<'a>) -> Option<Contents<'a>> {
    let row = live.selected_row(cx.model)?;
    Some(match (cx.model.receipt(row), cx.model.disposed(row), live.explained()) {
        (Some(receipt), _, Some(explained)) => Contents::Rules(receipt, &explained.explanation.ladder),
        (_, Some(disposed), None) => {
            let mut lines = stages::lines(disposed, cx.charset);
            lines.extend(passes_with(disposed));
            Contents::Stages(disposed, lines)
        }
        _ => Contents::Course(course(cx.model, row, cx.charset)),
    })
}

/// What would have let an action through that no rule stopped.
pub(super) fn passes_with(disposed: &Disposed) -> Option<Vec<Span>> {
    let change = would_pass_with(disposed)?;
    Some(vec![Span::new("would pass with ", Role::Muted), Span::new(change, Role::Text)])
}

/// The rule that decided, by its place.
pub(super) fn deciding(live: &Live) -> usize {
    let ladder = live.explained().map(|explained| &explained.explanation.ladder);
    ladder.and_then(|ladder| ladder.iter().position(|rung| rung.deciding)).unwrap_or(0)
}

/// Where an envelope or a plan went, a line a step.
fn course(model: &Model, row: Row, charset: Charset) -> Vec<Vec<Span>> {
    let mut lines: Vec<Vec<Span>> = Vec::new();
    let plan = match model.entry(row).map(|entry| &entry.fact) {
        Some(Fact::Proposed(proposed)) => Some(proposed.plan_id.as_str()),
        _ => None,
    };
    let about = model.arrival(row).map(|arrival| model.about(arrival));
    for (_, fact) in about.into_iter().flatten() {
        match fact {
            Fact::Routed(routed) if plan.is_none() => lines.extend(routed.to.iter().map(|route| {
                let trigger = format!("  trigger {}", route.trigger);
                vec![
                    Span::new(format!("{} ", Glyph::Leads.symbol(charset)), Role::Muted),
                    Span::new(&*route.operator, Role::Text),
                    Span::new(trigger, Role::Muted),
                ]
            })),
            Fact::Proposed(proposed) if plan.is_none_or(|plan| plan == proposed.plan_id) => {
                lines.extend(proposed.would.iter().map(|would| {
                    let badge = badge_span(charset, ruling(would.verdict.decision));
                    vec![
                        Span::new("would ", Role::Muted),
                        badge,
                        Span::new(format!("  {}  ", would.tool), Role::Text),
                        Span::new(&*would.verdict.reason, Role::Muted),
                    ]
                }));
            }
            Fact::Disposed(disposed) if plan.is_none_or(|plan| plan == disposed.receipt.plan_id) => {
                let receipt = &disposed.receipt;
                let badge = badge_span(charset, ruling(receipt.verdict.decision));
                lines.push(vec![
                    Span { bold: true, ..badge },
                    Span::new(format!("  {}  ", receipt.tool), Role::Text),
                    Span::new(&*receipt.verdict.reason, Role::Muted),
                ]);
            }
            _ => {}
        }
    }
    if lines.is_empty() {
        let sentence = summarize(model, row).map_or_else(String::new, |summary| summary.sentence.into_owned());
        lines.push(vec![Span::new(sentence, Role::Muted)]);
    }
    lines
}

/// Glyph and word of a badge.
pub(super) fn badge_span(charset: Charset, badge: Badge) -> Span {
    Span::new(format!("{} {}", badge.glyph.symbol(charset), badge.word), badge.role)
}
