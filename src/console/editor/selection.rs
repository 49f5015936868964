//! What is selected: moving with it, taking it along, changing all of it at once.

use std::ops::Range;

use super::history::Kind;
use super::{Act, Editor, Go, LEVEL};
use crate::console::text::Charset;

impl Editor {
    /// The bytes that are selected; none where nothing is.
    pub fn selection(&self) -> Option<Range<usize>> {
        let anchor = self.anchor?;
        let range = anchor.min(self.cursor)..anchor.max(self.cursor);
        (!range.is_empty()).then_some(range)
    }

    /// What was copied or cut last.
    pub fn clipping(&self) -> &str {
        &self.clipping
    }

    /// Moves, and selects what is moved over.
    pub(super) fn select(&mut self, go: Go, charset: Charset) {
        let anchor = self.anchor.unwrap_or(self.cursor);
        self.go(go, charset);
        self.anchor = Some(anchor);
    }

    pub(super) fn select_all(&mut self) {
        self.history.close();
        self.goal = None;
        (self.anchor, self.cursor) = (Some(0), super::motion::floor(&self.text, self.text.len()));
    }

    /// Moves without selecting. A step to the left or right of something selected goes to that end of it.
    pub(super) fn leave_selection(&mut self, go: Go, charset: Charset) {
        match (self.selection(), go) {
            (Some(range), Go::Left) => self.cursor = range.start,
            (Some(range), Go::Right) => self.cursor = range.end,
            _ => self.go(go, charset),
        }
        self.anchor = None;
    }

    pub(super) fn copy(&mut self) {
        if let Some(range) = self.selection() {
            self.text.as_str()[range].clone_into(&mut self.clipping);
        }
    }

    pub(super) fn cut_selection(&mut self) {
        self.copy();
        if let Some(range) = self.selection() {
            self.cut(range.start, range.end, Kind::Whole);
        }
    }

    /// Puts what was copied or cut last where text is typed.
    pub(super) fn paste_clipping(&mut self) {
        let clipping = self.clipping.clone();
        if self.finder.is_some() {
            self.paste_sought(&clipping);
        } else {
            self.paste(&clipping);
        }
    }

    /// What a key that changes text does to what is selected.
    pub(super) fn change_selection(&mut self, act: Act) {
        let Some(range) = self.selection() else { return };
        match act {
            Act::Insert(letter) => self.type_letter(letter),
            Act::Newline => self.insert(self.text.line_break(), Kind::Whole),
            Act::Indent => self.shift_lines(&range, |line| {
                if line.trim().is_empty() { line.to_owned() } else { format!("{}{line}", " ".repeat(LEVEL)) }
            }),
            Act::Outdent => self.shift_lines(&range, |line| {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                line[blanks.min(LEVEL)..].to_owned()
            }),
            // Whatever takes a part away takes the selected one.
            _ => self.cut(range.start, range.end, Kind::Whole),
        }
    }

    /// Changes each line that is touched, as one step; they are selected afterwards.
    fn shift_lines(&mut self, range: &Range<usize>, shifted: impl Fn(&str) -> String) {
        let first = self.text.line_at(range.start);
        // A line of which only the start is reached is not touched.
        let last = self.text.line_at(range.end.saturating_sub(1).max(range.start));
        let (start, end) = (self.text.start(first), self.text.end(last));
        let lines: String = self.text.as_str()[start..end].split_inclusive('\n').map(shifted).collect();
        let cursor = start + lines.len();
        self.change(start..end, &lines, Kind::Whole, cursor);
        self.anchor = Some(start);
    }
}
