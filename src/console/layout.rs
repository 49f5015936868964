//! Which part of the screen is whose, from the size alone; used by the update, which must know how far a page is, and
//! by the drawing.

use ratatui::layout::Rect;

use super::looks::Looks;
use super::state::{Fold, Pane, Row, RowKind, State};

/// The parts of the Live screen; a part that has no room is empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// Screens, policy, what can fire.
    pub header: Rect,
    /// Standing troubles, one row each.
    pub strips: Rect,
    /// Chip, sentence and path.
    pub why: Rect,
    /// Counts.
    pub flow: Rect,
    /// The lists with their headings, in the order of [`Pane::ALL`]; those folded away are empty.
    pub lists: [Rect; 4],
    /// The selected row as JSON.
    pub detail: Rect,
    /// The rules that were tried, and what would change it.
    pub ladder: Rect,
    /// Keys.
    pub footer: Rect,
}

/// Rows a part keeps, however the height is shared.
const LEAST: u16 = 4;
/// Columns between two lists, where the threads run.
pub const GUTTER: u16 = 3;

impl Layout {
    /// The layout for a state.
    pub fn of(state: &State) -> Self {
        let (columns, rows) = state.size;
        let mut layout = Self::new(columns, rows, state.troubles.all().len());
        layout.spread(state.focus());
        let concerns_nothing =
            |row: Row| matches!(row.kind, RowKind::NotLoaded | RowKind::Policy | RowKind::Notice | RowKind::Run);
        if state.selected().is_some_and(|row| row.kind == RowKind::Refused || concerns_nothing(row)) {
            // What never came to an operator has nothing beside it: its text gets the room.
            let all = if layout.detail.is_empty() { layout.ladder } else { layout.detail.union(layout.ladder) };
            (layout.detail, layout.ladder) = (all, Rect::default());
        }
        layout.arrange(state.looks, state.focus());
        layout
    }

    fn new(columns: u16, rows: u16, troubles: usize) -> Self {
        let mut layout = Self::default();
        if columns < 20 || rows < 5 {
            // One line: chip and tool.
            layout.why = Rect::new(0, 0, columns, rows.min(1));
            return layout;
        }
        let mut y = 0;
        let mut take = |height: u16| {
            let part = Rect::new(0, y, columns, height.min(rows - y));
            y = part.bottom();
            part
        };
        layout.header = take(1);
        let most = match rows {
            36.. => 4,
            24.. => 2,
            10.. => 1,
            _ => 0,
        };
        layout.strips = take(u16::try_from(troubles).unwrap_or(u16::MAX).min(most));
        layout.why = take(if columns < 60 && rows >= 10 { 2 } else { 1 });
        if columns >= 60 && rows >= 20 {
            take(1);
            layout.flow = take(if rows >= 36 && columns >= 110 { 3 } else { 1 });
            take(1);
        } else if columns >= 60 && rows >= 14 {
            layout.flow = take(1);
        }
        layout.footer = Rect::new(0, rows - 1, columns, 1);
        let body = Rect::new(1, y, columns - 2, (rows - 1).saturating_sub(y));
        layout.divide(body);
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
        self.ladder = Rect { y: self.lists[0].bottom() + 1, height: below, ..body };
    }

    /// Gives each list its columns, and what is below the lists the same edges.
    fn spread(&mut self, focus: Pane) {
        let body = self.lists[0];
        let room = |gutters: u16| body.width.saturating_sub(GUTTER * gutters);
        let widths = match Fold::of(body.width + 2) {
            Fold::Four => {
                // Shares of what 120 columns leave over, the sentences of the decisions the most.
                let room = room(3);
                let share =
                    |least: u16, percent: u16| (least + room * percent / 100).saturating_sub(109 * percent / 100);
                let (envelopes, plans, receipts) = (share(31, 20), share(22, 18), share(24, 17));
                [envelopes, plans, room - envelopes - plans - receipts, receipts]
            }
            Fold::Two => {
                let envelopes = room(1) * 8 / 15;
                [envelopes, 0, room(1) - envelopes, 0]
            }
            Fold::One => {
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
        let right = self.lists[Pane::Decisions as usize].x;
        if body.width >= 98 && self.ladder.height >= 8 && right > self.ladder.x {
            self.detail = Rect { width: right - GUTTER - self.ladder.x, ..self.ladder };
            self.ladder = Rect { x: right, width: self.ladder.right() - right, ..self.ladder };
        }
    }

    /// Gives the lists what a person gave them: more or less of the height, or the list in focus all of the body.
    fn arrange(&mut self, looks: Looks, focus: Pane) {
        let below = self.ladder.union(self.detail);
        if self.ladder.is_empty() && self.detail.is_empty() {
            return;
        }
        let list = self.lists[focus as usize];
        if looks.zoomed {
            self.lists = [Rect::default(); 4];
            self.lists[focus as usize] = Rect { height: below.bottom() - list.y, y: list.y, ..below };
            (self.detail, self.ladder) = (Rect::default(), Rect::default());
            return;
        }
        let room = |height: u16| i16::try_from(height.saturating_sub(LEAST)).unwrap_or(i16::MAX);
        let shift = looks.list.clamp(-room(list.height), room(below.height));
        for part in self.lists.iter_mut().filter(|part| !part.is_empty()) {
            part.height = part.height.saturating_add_signed(shift);
        }
        for part in [&mut self.detail, &mut self.ladder].into_iter().filter(|part| !part.is_empty()) {
            part.y = part.y.saturating_add_signed(shift);
            part.height = part.height.saturating_add_signed(-shift);
        }
    }

    /// A list's rows, without its heading.
    pub fn rows(&self, pane: Pane) -> Rect {
        let list = self.lists[pane as usize];
        Rect { y: list.y + 1.min(list.height), height: list.height.saturating_sub(1), ..list }
    }

    /// How many rows of a list show at once.
    pub fn page(&self) -> usize {
        let shown = self.lists.iter().map(|list| list.height).max().unwrap_or(0);
        usize::from(shown.saturating_sub(1)).max(1)
    }
}
