//! One line of text under a person's hands: a cursor that moves by what looks like one character, and what is pasted
//! taken as text.

use crossterm::event::KeyCode;
use unicode_segmentation::UnicodeSegmentation;

use crate::console::keys::Key;

/// How much one line holds, in bytes; more is not taken.
const LONGEST: usize = 4_096;

/// The line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextInput {
    text: String,
    cursor: usize,
}

/// One change of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Put a character at the cursor.
    Insert(char),
    /// Take the one before it.
    Backspace,
    /// Take the one under it.
    Delete,
    /// Take the word before it.
    Word,
    /// Take everything before it.
    ToStart,
    /// Take everything after it.
    ToEnd,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// To the start.
    Home,
    /// To the end.
    End,
}

impl Edit {
    /// What a key does to a line; none when it does nothing.
    pub fn of(key: Key) -> Option<Self> {
        let (code, ctrl, alt) = key.parts();
        Some(match (code, ctrl, alt) {
            (KeyCode::Char(letter), false, false) => Self::Insert(letter),
            (KeyCode::Backspace, true, _) | (KeyCode::Backspace, _, true) | (KeyCode::Char('w'), true, false) => {
                Self::Word
            }
            (KeyCode::Backspace, ..) | (KeyCode::Char('h'), true, false) => Self::Backspace,
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, false) => Self::Delete,
            (KeyCode::Char('u'), true, false) => Self::ToStart,
            (KeyCode::Char('k'), true, false) => Self::ToEnd,
            (KeyCode::Left, ..) | (KeyCode::Char('b'), true, false) => Self::Left,
            (KeyCode::Right, ..) | (KeyCode::Char('f'), true, false) => Self::Right,
            (KeyCode::Home, ..) | (KeyCode::Char('a'), true, false) => Self::Home,
            (KeyCode::End, ..) | (KeyCode::Char('e'), true, false) => Self::End,
            _ => return None,
        })
    }
}

impl TextInput {
    /// A line with the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Before the cursor, and after it.
    pub fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Makes one change.
    pub fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Insert(letter) => self.insert(letter.encode_utf8(&mut [0; 4])),
            Edit::Backspace => self.cut(self.before()..self.cursor),
            Edit::Delete => self.cut(self.cursor..self.after()),
            Edit::Word => self.cut(self.word()..self.cursor),
            Edit::ToStart => self.cut(0..self.cursor),
            Edit::ToEnd => self.cut(self.cursor..self.text.len()),
            Edit::Left => self.cursor = self.before(),
            Edit::Right => self.cursor = self.after(),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.text.len(),
        }
    }

    /// Takes what was pasted, on one line.
    pub fn paste(&mut self, text: &str) {
        self.insert(&text.trim_end_matches(['\r', '\n']).replace("\r\n", " ").replace(['\r', '\n'], " "));
    }

    /// Puts `text` in place of what stands between `from` and the cursor.
    pub fn replace(&mut self, from: usize, text: &str) {
        self.cut(from.min(self.cursor)..self.cursor);
        self.insert(text);
    }

    fn insert(&mut self, text: &str) {
        if self.text.len() + text.len() <= LONGEST {
            self.text.insert_str(self.cursor, text);
            self.cursor += text.len();
        }
    }

    fn cut(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.replace_range(range, "");
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].graphemes(true).next().map_or(0, str::len)
    }

    fn word(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(start: &str, keys: &str) -> String {
        let mut line = TextInput::new(start);
        keys.split(' ').for_each(|key| line.edit(Edit::of(key.parse().unwrap()).unwrap()));
        let (before, after) = line.parts();
        format!("{before}|{after}")
    }

    #[test]
    fn keys_do_what_they_do_in_every_prompt() {
        for (start, keys, expected) in [
            ("ab", "left x", "ax|b"),
            ("one two", "ctrl-w", "one |"),
            ("one two  ", "ctrl-w", "one |"),
            ("one", "ctrl-u", "|"),
            ("one", "home delete end backspace", "n|"),
            ("one", "home right ctrl-k", "o|"),
            ("e\u{301}", "backspace", "|"),
            ("日本", "left left left right space", "日 |本"),
        ] {
            assert_eq!(after(start, keys), expected, "{start} {keys}");
        }
        assert_eq!(Edit::of("tab".parse().unwrap()), None);
        assert_eq!(Edit::of("alt-x".parse().unwrap()), None);
    }

    #[test]
    fn what_is_pasted_is_one_line_and_has_an_end() {
        let mut line = TextInput::new("x");
        line.paste("a\r\nb\nc\u{1b}[2J\n");
        assert_eq!(line.text(), "xa b c\u{1b}[2J");
        line.paste(&"y".repeat(LONGEST));
        assert_eq!(line.text().len(), 10);
    }

    proptest! {
        #[test]
        fn the_cursor_is_always_in_the_text(text in "\\PC{0,12}", edits in prop::collection::vec(0_usize..10, 0..30)) {
            let all = [Edit::Insert('é'), Edit::Backspace, Edit::Delete, Edit::Word, Edit::ToStart, Edit::ToEnd, Edit::Left,
                Edit::Right, Edit::Home, Edit::End];
            let mut line = TextInput::new(&text);
            for edit in edits {
                line.edit(all[edit]);
                let (before, after) = line.parts();
                prop_assert_eq!(format!("{before}{after}"), line.text());
            }
        }
    }
}
