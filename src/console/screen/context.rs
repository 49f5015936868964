//! What every screen may look at, and the parts of the terminal that are not its own.

use std::path::Path;

use jiff::Timestamp;
use ratatui::layout::Rect;

use crate::console::keys::ScreenId;
use crate::console::model::{Faults, Model, Row};
use crate::console::present::summary::age;
use crate::console::settings::LayoutPrefs;
use crate::console::text::Charset;

/// What stands around a screen, to be read.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Facts that journal entries alone change.
    pub model: &'a Model,
    /// What is wrong and stands until it is fixed.
    pub faults: &'a Faults,
    /// How a person arranged the screen.
    pub layout: LayoutPrefs,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The characters the terminal can show.
    pub charset: Charset,
    /// The screen that is shown.
    pub shown: ScreenId,
    /// The row that is selected, whichever screen is shown.
    pub selected: Option<Row>,
    /// True once the session feeds no more entries.
    pub ended: bool,
    /// Who answers here.
    pub who: &'a str,
    /// The time; without one, ages count from the newest entry.
    pub now: Option<Timestamp>,
    /// The workspace, when the console was started somewhere else.
    pub elsewhere: Option<&'a Path>,
}

impl Context<'_> {
    /// How long ago something was, in at most three cells.
    pub fn age(&self, then: &str) -> String {
        let newest = || self.model.newest()?.parse().ok();
        match self.now.or_else(newest) {
            Some(now) => age(then, now),
            None => "?".to_owned(),
        }
    }

    /// The parts of the terminal.
    pub fn frame(&self) -> Frame {
        Frame::of(self.size, self.faults.all().len())
    }
}

/// The parts of the terminal; a part that has no room is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frame {
    /// The screens, the policy, what can fire.
    pub header: Rect,
    /// Standing faults, one row each.
    pub banners: Rect,
    /// What the selected row says.
    pub summary: Rect,
    /// The screen's own.
    pub body: Rect,
    /// Keys.
    pub footer: Rect,
}

impl Frame {
    /// For a terminal of that size and so many standing faults.
    pub fn of((columns, rows): (u16, u16), faults: usize) -> Self {
        let mut frame = Self::default();
        if columns < 20 || rows < 5 {
            // One line: chip and tool.
            frame.summary = Rect::new(0, 0, columns, rows.min(1));
            return frame;
        }
        let mut y = 0;
        let mut take = |height: u16| {
            let part = Rect::new(0, y, columns, height.min(rows - y));
            y = part.bottom();
            part
        };
        frame.header = take(1);
        let most = match rows {
            36.. => 4,
            24.. => 2,
            10.. => 1,
            _ => 0,
        };
        frame.banners = take(u16::try_from(faults).unwrap_or(u16::MAX).min(most));
        frame.summary = take(if columns < 60 && rows >= 10 { 2 } else { 1 });
        frame.footer = Rect::new(0, rows - 1, columns, 1);
        frame.body = Rect::new(0, y, columns, (rows - 1).saturating_sub(y));
        frame
    }

    /// The body with a margin: a column at each side, and a row above it where the terminal has twenty.
    pub fn padded_body(&self) -> Rect {
        let Rect { x, y, width, height } = self.body;
        let above = u16::from(self.footer.bottom() >= 20).min(height);
        Rect { x: x + 1.min(width), y: y + above, width: width.saturating_sub(2), height: height - above }
    }
}
