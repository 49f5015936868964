//! The whole of the selected row, full width: a line of it is in hand, and the value that line is part of folds.

use ratatui::layout::Rect;

use super::{Live, Message, Overlay};
use crate::console::present::document::{Document, View};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::json::Folds;
use crate::console::widgets::{HitMap, Motion, Pen};

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The first line in view.
    top: usize,
    /// The line in hand.
    line: usize,
    folds: Folds,
}

impl Default for Detail {
    fn default() -> Self {
        Self { top: 0, line: 0, folds: Folds::to(usize::MAX) }
    }
}

/// Does something to what is open over the lists.
pub(super) fn in_detail(live: &mut Live, act: impl FnOnce(&mut Detail, &Live)) {
    match live.overlay.take() {
        Some(Overlay::Detail(mut detail)) => {
            act(&mut detail, live);
            live.overlay = Some(Overlay::Detail(detail));
        }
        other => live.overlay = other,
    }
}

impl Detail {
    fn document(&self, live: &Live, cx: &Context<'_>) -> Option<Document> {
        let row = live.selected_row(cx.model)?;
        Some(Document::of(cx.model, row, View::Whole(&self.folds), cx.charset))
    }

    /// Moves the line in hand.
    pub fn go(&mut self, motion: Motion, live: &Live, cx: &Context<'_>) {
        let (area, Some(document)) = (cx.frame().padded_body(), self.document(live, cx)) else { return };
        let page = usize::from(area.height.saturating_sub(1)).max(1);
        let total = document.count(area.width.saturating_sub(1));
        self.take(motion.applied(self.line, page, total), page, total.saturating_sub(1));
    }

    /// Takes a line in hand and brings it in view.
    fn take(&mut self, line: usize, page: usize, last: usize) {
        self.line = line;
        self.top = self.top.clamp((line + 1).saturating_sub(page), line).min((last + 1).saturating_sub(page));
    }

    /// Folds the value of the line in hand, or shows it open; the line that is left of it is in hand then.
    pub fn fold(&mut self, live: &Live, cx: &Context<'_>) {
        let (area, Some(document)) = (cx.frame().padded_body(), self.document(live, cx)) else { return };
        let columns = area.width.saturating_sub(1);
        let nodes = document.nodes(columns);
        let Some(node) = nodes.get(self.line).copied().flatten() else { return };
        let first = nodes.iter().position(|other| *other == Some(node)).unwrap_or(self.line);
        self.folds.turn(node);
        let after = self.document(live, cx).map_or(0, |document| document.count(columns));
        let line = if after < nodes.len() { first } else { self.line };
        let page = usize::from(area.height.saturating_sub(1)).max(1);
        self.take(line, page, after.saturating_sub(1));
    }

    /// Folds everything nested, or shows everything open.
    pub fn fold_all(&mut self) {
        let open = if self.folds == Folds::to(usize::MAX) { 1 } else { usize::MAX };
        *self = Self { folds: Folds::to(open), ..Self::default() };
    }

    /// A click on a line: takes it in hand; on the line in hand, folds.
    pub fn click(&mut self, line: usize, live: &Live, cx: &Context<'_>) {
        if line == self.line {
            self.fold(live, cx);
        } else {
            self.line = line;
        }
    }

    /// Draws it from the first line in view.
    pub fn draw(&self, pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        let area = cx.frame().padded_body();
        let Some(document) = self.document(live, cx).filter(|_| area.height > 1) else { return };
        let (columns, _) = cx.size;
        pen.clear(Rect { x: 0, width: columns, ..area }, pen.theme.canvas());
        let page = usize::from(area.height - 1);
        let total = document.count(area.width - 1);
        let top = self.top.min(total.saturating_sub(page));
        let below = total.saturating_sub(top + page);
        let mark = (below > 0).then(|| (format!("{} {below}", pen.theme.glyph(Glyph::Down)), Role::Alert));
        heading(pen, area, &Heading { title: document.title, mark, count: document.note.clone(), focus: true });
        pen.style(area, pen.theme.ground(Role::Bg));
        let lines = document.lines(top, page, area.width - 1);
        for ((at, line), y) in lines.iter().enumerate().zip(area.y + 1..area.bottom()) {
            pen.spans(area.x + 1, y, area.width - 1, line);
            let whole = Rect { y, height: 1, ..area };
            hits.add(whole, Message::Line(top + at));
            let ground = if top + at == self.line { Role::Sel } else { Role::Bg };
            pen.style(whole, pen.theme.ground(ground));
            if top + at == self.line {
                pen.put(area.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
            }
        }
    }
}
