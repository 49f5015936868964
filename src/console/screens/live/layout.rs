//! Which part of the Live screen is whose, from the size alone; used by the update, which must know how far a page is,
//! and by the drawing.

use ratatui::layout::Rect;

use super::panes::{self, Pane};
use super::{ColumnMode, ListId, Live};
use crate::console::model::{Row, RowKind};
use crate::console::screen::{Context, Frame};
use crate::console::settings::LayoutPrefs;

/// The parts of the Live screen; a part that has no room is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// How many came in, were decided and were done.
    pub counters: Rect,
    /// The lists with their headings, in the order of [`ListId::ALL`]; those folded away are empty.
    pub lists: [Rect; 4],
    /// The selected row as JSON.
    pub preview: Rect,
    /// The rules that were tried, and what would change it.
    pub rules: Rect,
}

/// Rows a part keeps, however the height is shared.
const LEAST: u16 = 4;
/// Columns of four lists from which some have more than they need.
const ROOMY: u16 = 130;
/// Columns between two lists, where the threads run.
pub const GUTTER: u16 = 3;

impl Layout {
    /// The layout for where a person is.
    pub fn of(live: &Live, cx: &Context<'_>) -> Self {
        let mut layout = Self::unzoomed(live, cx);
        layout.arrange(cx.layout, live);
        layout
    }

    /// The same as if nothing had the whole body.
    pub fn unzoomed(live: &Live, cx: &Context<'_>) -> Self {
        let mut layout = Self::new(&cx.frame(), cx.size);
        layout.spread(live);
        let concerns_nothing =
            |row: Row| matches!(row.kind, RowKind::NotLoaded | RowKind::Policy | RowKind::Notice | RowKind::Run);
        if live.selected_row(cx.model).is_some_and(|row| row.kind == RowKind::Refused || concerns_nothing(row)) {
            // What never came to an operator has nothing beside it: its text gets the room.
            let all = if layout.preview.is_empty() { layout.rules } else { layout.preview.union(layout.rules) };
            (layout.preview, layout.rules) = (all, Rect::default());
        } else if layout.preview.is_empty() && !live.panes.unfolded && panes::ran_again(live, cx.model) {
            // With one pane, the two plans go before why the recorded one was judged so.
            (layout.preview, layout.rules) = (layout.rules, Rect::default());
        }
        layout
    }

    /// True when a pane has a place.
    pub fn has(&self, pane: Pane) -> bool {
        match pane {
            Pane::Lists => true,
            Pane::Action => self.preview.height > 1,
            Pane::Why => self.rules.height > 1,
        }
    }

    fn new(frame: &Frame, (columns, rows): (u16, u16)) -> Self {
        let mut layout = Self::default();
        let mut y = frame.body.y;
        let mut take = |height: u16| {
            let part = Rect::new(0, y, columns, height.min(frame.body.bottom() - y));
            y = part.bottom();
            part
        };
        if columns >= 60 && rows >= 20 {
            take(1);
            layout.counters = take(if rows >= 36 && columns >= 110 { 3 } else { 1 });
            take(1);
        } else if columns >= 60 && rows >= 14 {
            layout.counters = take(1);
        }
        if !frame.body.is_empty() {
            layout.divide(Rect::new(1, y, columns - 2, frame.body.bottom() - y));
        }
        layout
    }

    /// Lists above; below them what there is room for. All lists have the first one's place until they are spread.
    fn divide(&mut self, body: Rect) {
        let below = match body.height {
            28.. => body.height * 9 / 20,
            20.. => body.height / 3,
            14.. => 6,
            _ => 0,
        };
        if below == 0 || body.width < 58 {
            self.lists = [body; 4];
            return;
        }
        self.lists = [Rect { height: body.height - below - 2, ..body }; 4];
        self.rules = Rect { y: self.lists[0].bottom() + 1, height: below, ..body };
    }

    /// Gives each list its columns, and what is below the lists the same edges.
    fn spread(&mut self, live: &Live) {
        let (body, focus) = (self.lists[0], live.focus());
        let room = |gutters: u16| body.width.saturating_sub(GUTTER * gutters);
        let widths = match ColumnMode::of(body.width + 2) {
            ColumnMode::Four => {
                // Shares of what 120 columns leave over, the sentences of the decisions the most.
                let room = room(3);
                let share =
                    |least: u16, percent: u16| (least + room * percent / 100).saturating_sub(109 * percent / 100);
                let (envelopes, plans, receipts) = (share(31, 20), share(22, 18), share(24, 17));
                let shares = [envelopes, plans, room - envelopes - plans - receipts, receipts];
                // Up to there each has what its rows were made for, and columns that stay where they are.
                if room < ROOMY { shares } else { live.widths.share(shares) }
            }
            ColumnMode::Two => {
                let envelopes = room(1) * 8 / 15;
                [envelopes, 0, room(1) - envelopes, 0]
            }
            ColumnMode::One => {
                let mut widths = [0; 4];
                widths[focus as usize] = body.width;
                widths
            }
        };
        let mut x = body.x;
        for (list, width) in self.lists.iter_mut().zip(widths) {
            *list = if width == 0 { Rect::default() } else { Rect { x, width, ..body } };
            x += if width == 0 { 0 } else { width + GUTTER };
        }
        let right = self.lists[ListId::Decisions as usize].x;
        if body.width >= 98 && self.rules.height >= 8 && right > self.rules.x {
            self.preview = Rect { width: right - GUTTER - self.rules.x, ..self.rules };
            self.rules = Rect { x: right, width: self.rules.right() - right, ..self.rules };
        }
    }

    /// Gives the lists what a person gave them: more or less of the height, or what is in focus all of the body.
    fn arrange(&mut self, prefs: LayoutPrefs, live: &Live) {
        let below = match (self.rules.is_empty(), self.preview.is_empty()) {
            (true, true) => return,
            (true, false) => self.preview,
            (false, true) => self.rules,
            (false, false) => self.rules.union(self.preview),
        };
        let focus = live.focus();
        let list = self.lists[focus as usize];
        if prefs.zoomed {
            let body = Rect { height: below.bottom() - list.y, y: list.y, ..below };
            self.lists = [Rect::default(); 4];
            (self.preview, self.rules) = (Rect::default(), Rect::default());
            match live.panes.focus {
                Pane::Lists => self.lists[focus as usize] = body,
                Pane::Action => self.preview = body,
                Pane::Why => self.rules = body,
            }
            return;
        }
        let room = |height: u16| i16::try_from(height.saturating_sub(LEAST)).unwrap_or(i16::MAX);
        let shift = prefs.list.clamp(-room(list.height), room(below.height));
        for part in self.lists.iter_mut().filter(|part| !part.is_empty()) {
            part.height = part.height.saturating_add_signed(shift);
        }
        for part in [&mut self.preview, &mut self.rules].into_iter().filter(|part| !part.is_empty()) {
            part.y = part.y.saturating_add_signed(shift);
            part.height = part.height.saturating_add_signed(-shift);
        }
    }

    /// A list's rows, without its heading.
    pub fn rows(&self, pane: ListId) -> Rect {
        let list = self.lists[pane as usize];
        Rect { y: list.y + 1.min(list.height), height: list.height.saturating_sub(1), ..list }
    }

    /// How many rows of a list show at once.
    pub fn page(&self) -> usize {
        let shown = self.lists.iter().map(|list| list.height).max().unwrap_or(0);
        usize::from(shown.saturating_sub(1)).max(1)
    }
}
