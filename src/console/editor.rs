//! A text under a person's hands: one cursor that moves by what looks like one character, a selection that ends at it,
//! changes that can be taken back, a search. It knows nothing of files, policies or colours of a theme; what it is drawn with and what is said
//! beside its lines is its pane's business.

mod act;
mod finder;
mod history;
mod motion;
mod search;
mod selection;
pub mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod view;

pub use act::Act;
pub use finder::{Field, Finder};
pub use motion::{Go, byte, column};
pub use text::Text;
pub use view::View;

use history::{Change, History, Kind};

use super::text::Charset;

/// The most a text may hold, in bytes; more is not taken.
pub const MOST: usize = 1 << 20;
/// Blanks of one level.
const LEVEL: usize = 2;

/// The text, the cursor and what was done.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    text: Text,
    cursor: usize,
    /// Where the selection began, which reaches to the cursor.
    anchor: Option<usize>,
    /// What was copied or cut last.
    clipping: String,
    /// The column wanted while moving up and down.
    goal: Option<usize>,
    history: History,
    version: u64,
    /// What of it is in view.
    pub view: View,
    /// The search that is open.
    pub finder: Option<Finder>,
    /// What was looked for last.
    sought: String,
}

impl Editor {
    /// A text with the cursor at its start.
    pub fn new(text: String) -> Self {
        Self { text: Text::new(text), ..Self::default() }
    }

    /// The text and its lines.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Counts the changes: equal versions, equal texts.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The byte the cursor stands before.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The line and the byte in it the cursor stands before.
    pub fn place(&self) -> (usize, usize) {
        let line = self.text.line_at(self.cursor);
        (line, self.cursor - self.text.start(line))
    }

    /// True when there is something to take back.
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    /// True when there is something to do again.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Does what a key does. `charset` tells how wide a character is drawn, and so which one stands below another.
    pub fn act(&mut self, act: Act, charset: Charset) {
        match act {
            Act::Go(go) => self.leave_selection(go, charset),
            Act::Select(go) => self.select(go, charset),
            Act::SelectAll => self.select_all(),
            Act::Copy => self.copy(),
            Act::Cut => self.cut_selection(),
            Act::Paste => self.paste_clipping(),
            Act::Undo => {
                let cursor = self.history.undo(&mut self.text);
                self.rewound(cursor);
            }
            Act::Redo => {
                let cursor = self.history.redo(&mut self.text);
                self.rewound(cursor);
            }
            _ if self.selection().is_some() => self.change_selection(act),
            _ => self.change_at_cursor(act, charset),
        }
        self.look_again();
    }

    fn change_at_cursor(&mut self, act: Act, charset: Charset) {
        match act {
            Act::Insert(letter) => self.type_letter(letter),
            Act::Newline => self.newline(),
            Act::Indent => {
                let (line, at) = self.place();
                let used = column(self.text.line(line), at, charset);
                self.insert(&" ".repeat(LEVEL - used % LEVEL), Kind::Typing);
            }
            Act::Outdent => {
                let start = self.text.start(self.place().0);
                let blanks = self.margin(self.place().0).min(LEVEL);
                self.change(start..start + blanks, "", Kind::Whole, self.cursor.saturating_sub(blanks).max(start));
            }
            Act::Backspace => self.cut(self.back(), self.cursor, Kind::Erasing),
            Act::Delete => self.cut(self.cursor, motion::after(&self.text, self.cursor), Kind::Deleting),
            Act::EraseWord => self.cut(motion::word_before(&self.text, self.cursor), self.cursor, Kind::Whole),
            Act::DeleteWord => self.cut(self.cursor, motion::word_after(&self.text, self.cursor), Kind::Whole),
            Act::ToStart => self.cut(self.text.start(self.place().0), self.cursor, Kind::Whole),
            Act::ToEnd => {
                let end = self.text.end(self.place().0);
                // At the end of a line, the line break goes.
                let end = if end == self.cursor { motion::after(&self.text, self.cursor) } else { end };
                self.cut(self.cursor, end, Kind::Whole);
            }
            _ => {}
        }
    }

    fn rewound(&mut self, cursor: Option<usize>) {
        if let Some(cursor) = cursor {
            self.cursor = motion::floor(&self.text, cursor);
            (self.goal, self.anchor) = (None, None);
            self.version += 1;
        }
    }

    /// Puts the cursor on a line, at a byte of it.
    pub fn put(&mut self, line: usize, at: usize) {
        let line = line.min(self.text.lines() - 1);
        self.cursor = motion::floor(&self.text, self.text.start(line) + at.min(self.text.line(line).len()));
        (self.goal, self.anchor) = (None, None);
        self.history.close();
    }

    /// Puts the cursor on the character drawn at a cell of a line.
    pub fn point(&mut self, line: usize, cell: usize, charset: Charset) {
        let line = line.min(self.text.lines() - 1);
        self.put(line, byte(self.text.line(line), cell, charset));
    }

    /// Puts text at the cursor, or in place of what is selected, as one step.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = if self.text.line_break() == "\n" { text } else { text.replace('\n', "\r\n") };
        self.insert(&text, Kind::Whole);
        self.look_again();
    }

    /// Puts `with` in place of a range, as one step, the cursor behind it.
    pub fn replace(&mut self, range: std::ops::Range<usize>, with: &str) {
        let cursor = range.start + with.len();
        self.change(range, with, Kind::Whole, cursor);
        self.look_again();
    }

    /// Makes it say something else, as one step; the cursor stays where it can.
    pub fn become_text(&mut self, text: &str) {
        let (old, new) = (self.text.as_str(), text);
        let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        // Up to there they are equal, so that it is between two characters of both or of neither.
        let same = old.floor_char_boundary(same);
        let most = old.len().min(new.len()) - same;
        let tail = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count().min(most);
        let tail = old.len() - old.ceil_char_boundary(old.len() - tail);
        let (start, end) = (same, old.len() - tail);
        let (line, at) = self.place();
        let with = new[start..new.len() - tail].to_owned();
        let cursor = self.cursor;
        self.change(start..end, &with, Kind::Whole, cursor);
        self.put(line, at);
        self.look_again();
    }

    fn type_letter(&mut self, letter: char) {
        self.insert(letter.encode_utf8(&mut [0; 4]), Kind::Typing);
    }

    fn insert(&mut self, text: &str, kind: Kind) {
        let range = self.selection().unwrap_or(self.cursor..self.cursor);
        let cursor = range.start + text.len();
        self.change(range, text, kind, cursor);
    }

    fn cut(&mut self, start: usize, end: usize, kind: Kind) {
        self.change(start..end, "", kind, start);
    }

    /// The one way the text changes under a hand.
    fn change(&mut self, range: std::ops::Range<usize>, with: &str, kind: Kind, cursor: usize) {
        let fits = self.text.len() - range.len() + with.len() <= MOST;
        if !fits || (range.is_empty() && with.is_empty()) {
            return;
        }
        let (before, at) = (self.cursor, range.start);
        let removed = self.text.splice(range, with);
        self.cursor = motion::floor(&self.text, cursor);
        let change = Change { at, removed, inserted: with.to_owned() };
        self.history.note(kind, vec![change], (before, self.cursor));
        (self.goal, self.anchor) = (None, None);
        self.version += 1;
    }

    /// Blanks a line starts with.
    fn margin(&self, line: usize) -> usize {
        let body = self.text.line(line);
        body.len() - body.trim_start_matches(' ').len()
    }

    /// Where an erased character starts; in the margin, a level of it.
    fn back(&self) -> usize {
        let (line, at) = self.place();
        if at > 0 && at <= self.margin(line) {
            let level = (at - 1) / LEVEL * LEVEL;
            return self.text.start(line) + level;
        }
        motion::before(&self.text, self.cursor)
    }

    /// A new line as deep as the one above asks for; of a line that is only a margin, the margin goes.
    fn newline(&mut self) {
        let (line, at) = self.place();
        let (body, margin) = (self.text.line(line), self.margin(line));
        let start = self.text.start(line);
        let broken = self.text.line_break();
        if at <= margin {
            let blank = body.len() == margin;
            let from = if blank { start } else { self.cursor };
            let keeps = if blank { 0 } else { at };
            let with = format!("{broken}{}", " ".repeat(keeps.min(margin)));
            self.change(from..self.cursor, &with, Kind::Whole, from + with.len());
            return;
        }
        let said = body[margin..at].trim_end();
        let mut depth = margin;
        depth += if said == "-" || said.starts_with("- ") { LEVEL } else { 0 };
        depth += if said.ends_with(':') { LEVEL } else { 0 };
        // Blanks before what moves down are its old margin.
        let rest = &body[at..];
        let skipped = rest.len() - rest.trim_start_matches(' ').len();
        let with = format!("{broken}{}", " ".repeat(depth));
        self.change(self.cursor..self.cursor + skipped, &with, Kind::Whole, self.cursor + with.len());
    }

    fn go(&mut self, go: Go, charset: Charset) {
        let (line, at) = self.place();
        self.history.close();
        let vertical = match go {
            Go::Up(lines) => Some(line.saturating_sub(lines)),
            Go::Down(lines) => Some((line + lines).min(self.text.lines() - 1)),
            _ => None,
        };
        if let Some(to) = vertical {
            let goal = self.goal.unwrap_or_else(|| column(self.text.line(line), at, charset));
            self.point(to, goal, charset);
            self.goal = Some(goal);
            return;
        }
        self.goal = None;
        let (start, margin) = (self.text.start(line), self.margin(line));
        self.cursor = match go {
            Go::Left => motion::before(&self.text, self.cursor),
            Go::Right => motion::after(&self.text, self.cursor),
            Go::WordLeft => motion::word_before(&self.text, self.cursor),
            Go::WordRight => motion::word_after(&self.text, self.cursor),
            Go::Home => motion::floor(&self.text, if at == margin { start } else { start + margin }),
            Go::End => self.text.end(line),
            Go::First => 0,
            Go::Last | Go::Up(_) | Go::Down(_) => motion::floor(&self.text, self.text.len()),
        };
    }
}
