//! What of a text is in view: its first line and its first cell. Lines may be taller than one row, because something is
//! said under them; how tall each is, the caller knows.

use super::{Editor, column};
use crate::console::text::Charset;

/// The first line and cell in view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct View {
    /// The line.
    pub top: usize,
    /// The cell of every line.
    pub left: usize,
}

/// Rows kept in view before and after the cursor, where there are any.
const MARGIN: usize = 2;
/// Cells kept in view beside it.
const BESIDE: usize = 6;

impl Editor {
    /// Moves what is in view so that the cursor shows in `height` rows of `width` cells.
    pub fn settle(&mut self, (width, height): (usize, usize), tall: impl Fn(usize) -> usize, charset: Charset) {
        let (line, at) = self.place();
        let margin = MARGIN.min(height.saturating_sub(1) / 2);
        self.view.top = self.view.top.min(line.saturating_sub(margin));
        let reach = (line + margin).min(self.text().lines() - 1);
        // From the lowest line that has to show, as many above as there is room for.
        let (mut first, mut used) = (line, (line..=reach).map(&tall).sum::<usize>());
        while first > 0 && used + tall(first - 1) <= height {
            first -= 1;
            used += tall(first);
        }
        self.view.top = self.view.top.max(first.min(line));
        let lines = self.text().lines();
        self.view.top = self.view.top.min(lines.saturating_sub(1));
        // No row stays empty below the end while lines above are hidden.
        let mut used = 0;
        let reaches_end = (self.view.top..lines).all(|line| {
            used += tall(line);
            used <= height
        });
        while reaches_end && self.view.top > 0 && used + tall(self.view.top - 1) <= height {
            self.view.top -= 1;
            used += tall(self.view.top);
        }
        let cell = column(self.text().line(line), at, charset);
        let beside = BESIDE.min(width.saturating_sub(1) / 2);
        self.view.left = self.view.left.min(cell.saturating_sub(beside));
        self.view.left = self.view.left.max((cell + 1 + beside).saturating_sub(width));
        if cell + 1 < width {
            self.view.left = 0;
        }
    }
}
