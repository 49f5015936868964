//! What a key does to a text.

use crossterm::event::KeyCode;

use super::motion::Go;
use crate::console::keys::Key;

/// One thing a hand does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Types a character.
    Insert(char),
    /// Breaks the line.
    Newline,
    /// Blanks up to the next level.
    Indent,
    /// The line one level back.
    Outdent,
    /// Takes what is before the cursor.
    Backspace,
    /// Takes what is after it.
    Delete,
    /// Takes the word before it.
    EraseWord,
    /// Takes the word after it.
    DeleteWord,
    /// Takes all of the line before it.
    ToStart,
    /// Takes all of the line after it; at its end, the line break.
    ToEnd,
    /// Takes the last step back.
    Undo,
    /// Does it again.
    Redo,
    /// Moves.
    Go(Go),
    /// Moves, and selects what is moved over.
    Select(Go),
    /// Selects everything.
    SelectAll,
    /// Takes a copy of what is selected.
    Copy,
    /// Takes what is selected away.
    Cut,
    /// Puts what was copied or cut last.
    Paste,
}

impl Act {
    /// True for what changes the text.
    pub fn edits(self) -> bool {
        !matches!(self, Self::Go(_) | Self::Select(_) | Self::SelectAll | Self::Copy)
    }

    /// What a key does; `page` is how many lines show at once. None for a key that means something else here.
    pub fn of(key: Key, page: usize) -> Option<Self> {
        let (code, ctrl, alt) = key.parts();
        let word = ctrl || alt;
        Some(match (code, ctrl, alt) {
            (KeyCode::Delete, false, false) if key.is_shifted() => Self::Cut,
            (KeyCode::Insert, false, false) if key.is_shifted() => Self::Paste,
            (KeyCode::Insert, true, false) => Self::Copy,
            (KeyCode::Char(letter), false, false) => Self::Insert(letter),
            (KeyCode::Enter, ..) => Self::Newline,
            (KeyCode::Tab, false, false) => Self::Indent,
            (KeyCode::BackTab, ..) => Self::Outdent,
            (KeyCode::Backspace, ..) if word => Self::EraseWord,
            (KeyCode::Char('w'), true, false) => Self::EraseWord,
            (KeyCode::Backspace, ..) | (KeyCode::Char('h'), true, false) => Self::Backspace,
            (KeyCode::Delete, ..) if word => Self::DeleteWord,
            (KeyCode::Char('d'), false, true) => Self::DeleteWord,
            (KeyCode::Delete, ..) | (KeyCode::Char('d'), true, false) => Self::Delete,
            (KeyCode::Char('u'), true, false) => Self::ToStart,
            (KeyCode::Char('k'), true, false) => Self::ToEnd,
            _ if key.is_shifted() => Self::Select(going(code, ctrl, alt, page)?),
            _ => Self::Go(going(code, ctrl, alt, page)?),
        })
    }
}

fn going(code: KeyCode, ctrl: bool, alt: bool, page: usize) -> Option<Go> {
    let word = ctrl || alt;
    Some(match (code, ctrl, alt) {
        (KeyCode::Left, ..) if word => Go::WordLeft,
        (KeyCode::Right, ..) if word => Go::WordRight,
        (KeyCode::Char('b'), false, true) => Go::WordLeft,
        (KeyCode::Char('f'), false, true) => Go::WordRight,
        (KeyCode::Left, ..) | (KeyCode::Char('b'), true, false) => Go::Left,
        (KeyCode::Right, ..) => Go::Right,
        (KeyCode::Up, ..) => Go::Up(1),
        (KeyCode::Down, ..) => Go::Down(1),
        (KeyCode::PageUp, ..) => Go::Up(page),
        (KeyCode::PageDown, ..) => Go::Down(page),
        (KeyCode::Home, true, _) => Go::First,
        (KeyCode::End, true, _) => Go::Last,
        (KeyCode::Home, ..) | (KeyCode::Char('a'), true, false) => Go::Home,
        (KeyCode::End, ..) | (KeyCode::Char('e'), true, false) => Go::End,
        _ => return None,
    })
}
