//! Two futures of a plan side by side: as it was recorded, and with other code of its operator. One below the other where
//! there is no room.

use ratatui::layout::Rect;

use super::super::Message;
use super::super::revision::RevisionFork;
use crate::console::present::summary::{outcome, ruling};
use crate::console::screen::Context;
use crate::console::theme::Role;
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::journal::Disposed;
use crate::session::operator_fork::Future;

/// Columns from which both stand side by side.
const BESIDE: u16 = 90;

/// Draws them over the body.
pub fn draw(pen: &mut Pen<'_>, open: &RevisionFork, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let body = cx.frame().body;
    if body.height < 4 {
        return;
    }
    pen.clear(body, pen.theme.canvas());
    hits.cover();
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let count = match open.first() {
        Some(at) => format!("they part at action {}", at + 1),
        None if open.futures.difference.is_some() => "the plans differ, and come to the same".to_owned(),
        None => "they are the same".to_owned(),
    };
    let mark = Some((open.question.operator.clone(), Role::Text));
    heading(pen, area, &Heading { title: "Two futures", mark, count, focus: true });
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let (recorded, revised) = (&open.futures.recorded, &open.futures.revised);
    let name = format!("under {}", open.question.revision);
    if area.width >= BESIDE {
        let half = area.width / 2;
        future(pen, Rect { width: half - 1, ..rest }, ("as it ran", Role::Faint), recorded, open);
        let right = Rect { x: rest.x + half, width: rest.width - half, ..rest };
        future(pen, right, (&name, Role::Accent), revised, open);
    } else {
        let half = rest.height / 2;
        future(pen, Rect { height: half, ..rest }, ("as it ran", Role::Faint), recorded, open);
        let below = Rect { y: rest.y + half, height: rest.height - half, ..rest };
        future(pen, below, (&name, Role::Accent), revised, open);
    }
    let said = match &open.futures.difference {
        Some(difference) => format!("first difference of the plans: {}", difference.told("it ran", &name)),
        None => "both propose the same plan".to_owned(),
    };
    pen.put(area.x + 2, area.bottom() - 1, area.width.saturating_sub(2), &said, pen.theme.ink(Role::Muted));
}

/// Its code, its reasons, and how each action ends.
fn future(pen: &mut Pen<'_>, area: Rect, (name, role): (&str, Role), future: &Future, open: &RevisionFork) {
    let mut lines = vec![vec![
        Span::bold(name.to_owned(), role),
        Span::new(format!("  revision {}", future.revision), Role::Faint),
    ]];
    if let Some(reasoning) = &future.reasoning {
        lines.push(vec![Span::new(reasoning.clone(), Role::Muted)]);
    }
    if let Some(failure) = &future.failure {
        lines.push(vec![Span::bold("no plan  ", Role::Failed), Span::new(failure.clone(), Role::Text)]);
    } else if future.disposed.is_empty() {
        lines.push(vec![Span::new("an empty plan: nothing is done", Role::Muted)]);
    }
    let first = open.first();
    let mut parted = None;
    for (at, disposed) in future.disposed.iter().enumerate().skip(open.top) {
        if first == Some(at) {
            parted = Some(lines.len());
        }
        lines.extend(ends(pen, at, disposed));
    }
    for (place, (spans, y)) in lines.iter().zip(area.y..area.bottom()).enumerate() {
        pen.spans(area.x + 2, y, area.width.saturating_sub(2), spans);
        if parted.is_some_and(|from| (from..from + 3).contains(&place)) {
            pen.style(Rect { y, height: 1, ..area }, pen.theme.ground(Role::Trace));
        }
    }
}

fn ends(pen: &Pen<'_>, at: usize, disposed: &Disposed) -> [Vec<Span>; 3] {
    let receipt = &disposed.receipt;
    let verdict = ruling(receipt.verdict.decision);
    let ended = outcome(receipt.outcome);
    let value = receipt.value.as_ref().map_or_else(String::new, |value| format!(" {}", value.number));
    let glyph = pen.theme.glyph(verdict.glyph);
    [
        vec![
            Span::new(format!("{:>2}  ", at + 1), Role::Faint),
            Span::bold(format!("{glyph} {:<5} ", verdict.word), verdict.role),
            Span::bold(format!("{}{value}", receipt.tool), Role::Text),
            Span::new(format!("  {}", receipt.entity_key), Role::Muted),
        ],
        vec![
            Span::new(format!("      {}  ", ended.word), ended.role),
            Span::new(receipt.verdict.reason.clone(), Role::Text),
        ],
        vec![Span::new(format!("      {}  {}", receipt.idempotency_key, receipt.args.as_str()), Role::Faint)],
    ]
}
