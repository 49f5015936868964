//! Which part of the screen is whose, from the size alone; used by the update, which must know how far a page is, and
//! by the drawing.

use ratatui::layout::Rect;

use super::looks::Looks;
use super::state::{RowKind, State};

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
    /// The list with its heading.
    pub list: Rect,
    /// The selected row as JSON.
    pub detail: Rect,
    /// The stages it went through.
    pub stages: Rect,
    /// Keys.
    pub footer: Rect,
}

/// Rows a pane keeps, however the height is shared.
const LEAST: u16 = 4;
/// Rows of the stages pane: heading and six stages.
const STAGES: u16 = 7;

impl Layout {
    /// The layout for a state.
    pub fn of(state: &State) -> Self {
        let (columns, rows) = state.size;
        let mut layout = Self::new(columns, rows, state.troubles.all().len());
        if !layout.detail.is_empty() && state.selected().is_some_and(|row| row.kind != RowKind::Disposed) {
            // What never came to the executor has no stages: its text gets the room.
            layout.detail.width = layout.stages.right() - layout.detail.x;
            layout.stages = Rect::default();
        }
        layout.arrange(state.looks);
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
            layout.flow = take(if rows >= 36 { 2 } else { 1 });
            take(1);
        } else if columns >= 60 && rows >= 14 {
            layout.flow = take(1);
        }
        layout.footer = Rect::new(0, rows - 1, columns, 1);
        let body = Rect::new(1, y, columns - 2, (rows - 1).saturating_sub(y));
        layout.divide(body);
        layout
    }

    /// List above; below it what there is room for.
    fn divide(&mut self, body: Rect) {
        let below = if body.width >= 98 && body.height >= 20 {
            (body.height * 9 / 20).max(10)
        } else if body.width >= 58 && body.height >= 14 {
            STAGES
        } else {
            self.list = body;
            return;
        };
        self.list = Rect { height: body.height - below - 1, ..body };
        let below = Rect { y: self.list.bottom() + 1, height: below, ..body };
        if below.height > STAGES {
            let left = below.width * 11 / 20;
            self.detail = Rect { width: left, ..below };
            self.stages = Rect { x: below.x + left + 3, width: below.width - left - 3, ..below };
        } else {
            self.stages = below;
        }
    }

    /// Gives the list what a person gave it.
    fn arrange(&mut self, looks: Looks) {
        let lower =
            [self.detail, self.stages].into_iter().filter(|part| !part.is_empty()).max_by_key(|part| part.height);
        let Some(lower) = lower else { return };
        if looks.zoomed {
            self.list.height = lower.bottom() - self.list.y;
            (self.detail, self.stages) = (Rect::default(), Rect::default());
            return;
        }
        let room = |height: u16| i16::try_from(height.saturating_sub(LEAST)).unwrap_or(i16::MAX);
        let shift = looks.list.clamp(-room(self.list.height), room(lower.height));
        self.list.height = self.list.height.saturating_add_signed(shift);
        for part in [&mut self.detail, &mut self.stages] {
            if !part.is_empty() {
                part.y = part.y.saturating_add_signed(shift);
                part.height = part.height.saturating_add_signed(-shift);
            }
        }
    }

    /// True when the list names its columns.
    pub fn names_columns(&self) -> bool {
        self.list.width >= 98 && self.list.height >= 8
    }

    /// Rows of the list, without heading and column names.
    pub fn rows(&self) -> Rect {
        let taken = 1 + u16::from(self.names_columns());
        Rect {
            y: self.list.y + taken.min(self.list.height),
            height: self.list.height.saturating_sub(taken),
            ..self.list
        }
    }

    /// How many rows of the list show at once.
    pub fn page(&self) -> usize {
        usize::from(self.rows().height).max(1)
    }
}
