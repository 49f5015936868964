//! The line in which a query to break on, or a place to go to, is typed.

use super::{Message, Replay};
use crate::console::keys::Key;
use crate::console::screen::Hints;
use crate::console::widgets::text_input::{Edit, TextInput};
use crate::review::notes::Mark;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A query to break on.
    Break,
    /// A place to go to.
    GoTo,
    /// The file of another policy.
    Policy,
    /// A file with other code of an operator, or a git revision.
    Revision,
    /// The file that a fixture is added to.
    Fixture,
    /// The note on a step that is marked so.
    Note(Mark),
    /// The file of a review.
    Export,
}

/// The line.
#[derive(Debug)]
pub struct Prompt {
    /// What is typed.
    pub ask: Ask,
    /// The text so far.
    pub line: TextInput,
    /// Why it was not taken.
    pub fault: Option<String>,
}

/// What a key does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Change the line.
    Edit(Edit),
    /// Do it.
    Accept,
    /// Leave it.
    Abort,
}

impl Typed {
    /// What a key does.
    pub fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::ENTER => Self::Accept,
            Key::ESC => Self::Abort,
            _ => Self::Edit(Edit::of(key)?),
        })
    }
}

impl Prompt {
    /// Changes the line.
    pub fn edit(&mut self, edit: Edit) {
        self.line.edit(edit);
        self.fault = None;
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        self.line.text()
    }

    /// It was not taken.
    #[must_use]
    pub fn refused(self, fault: String) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// Takes what was pasted.
    pub fn paste(&mut self, text: &str) {
        self.line.paste(text);
        self.fault = None;
    }

    /// The keys it takes.
    pub fn hints(&self) -> Hints<Message> {
        let what = match self.ask {
            Ask::Break => "run on to it",
            Ask::GoTo => "go there",
            Ask::Policy => "judge by it",
            Ask::Revision => "ask that code",
            Ask::Fixture => "save",
            Ask::Note(Mark::Flagged) => "flag it",
            Ask::Note(Mark::Accepted) => "accept it",
            Ask::Export => "write it",
        };
        let keys = vec![
            (Key::ENTER, what, Some(Message::Typed(Typed::Accept))),
            (Key::ESC, "leave it", Some(Message::Typed(Typed::Abort))),
        ];
        Hints { keys, alone: false }
    }
}

/// Opens it.
pub fn open(replay: &Replay, ask: Ask) -> Prompt {
    let text = match ask {
        Ask::Break => replay.stop.as_ref().map_or("", |stop| stop.text.as_str()),
        Ask::GoTo => "",
        Ask::Revision => "HEAD",
        Ask::Policy => "policy/",
        Ask::Fixture => "fixtures/edited.jsonl",
        Ask::Note(_) => super::reviewing::here(replay).map_or("", |note| note.note.as_str()),
        Ask::Export => &format!("run-{}.review", replay.tape.as_ref().map_or(0, |tape| tape.run)),
    };
    Prompt { ask, line: TextInput::new(text), fault: None }
}
