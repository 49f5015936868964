//! What a person can want of the Policy screen.

use super::Focus;
use super::dialogs::Answer;
use crate::console::editor::Act;
use crate::console::widgets::Motion;
use crate::console::widgets::text_input::Edit;

/// What a key, a click or a command asks of the Policy screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Move in the part that has the keys.
    Move(Motion),
    /// Begin to edit the text.
    Edit,
    /// A key that would type, while the text is only looked at.
    NotEditing,
    /// A key in the text.
    Act(Act),
    /// The cursor to a cell of a line.
    Point {
        /// The line.
        line: usize,
        /// The cell.
        cell: usize,
    },
    /// Put the draft in force.
    Save,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Look for text; with `true`, to replace it.
    Find(bool),
    /// A key in the line of what is looked for.
    Sought(Edit),
    /// To the other of its two lines.
    OtherField,
    /// To the next place, or the one before.
    FindNext {
        /// The one before.
        back: bool,
    },
    /// Replace what was found, or all of it.
    Replace {
        /// All of it.
        all: bool,
    },
    /// Close the search; the cursor stays on what was found, or goes back.
    CloseSearch {
        /// It stays.
        keep: bool,
    },
    /// To the next thing that is said under a line.
    NextNote,
    /// Write what is suggested.
    TakeFix,
    /// Write what is offered at the cursor.
    TakeOffer,
    /// Select the next offer, or the one before.
    Offer {
        /// The one before.
        back: bool,
    },
    /// No offers.
    CloseOffers,
    /// Give another part the keys.
    Focus(Focus),
    /// Select something in a part.
    Pick(Focus, usize),
    /// The next part, or the one before.
    Beside {
        /// The one before.
        back: bool,
    },
    /// One layer back.
    Leave,
    /// The draft in the person's editor.
    Hand,
    /// What is on disk again.
    Discard,
    /// Make an action by form.
    Make,
    /// A key in the form.
    Fill(Edit),
    /// To another field of it.
    Field {
        /// The one before.
        back: bool,
    },
    /// The action in hand, in Live.
    Show,
    /// The fixture that tests the selected boundary.
    WriteFixture,
    /// An answer to a question.
    Answer(Answer),
}
