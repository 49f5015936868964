//! What an update asks for, as values: the update itself touches nothing outside the state.

use super::files::FileRequest;
use crate::console::keys::ScreenId;
use crate::console::model::RowId;
use crate::console::present::clipboard_text::CommandLine;
use crate::console::present::source_location::At;
use crate::console::settings::LayoutPrefs;
use crate::kernel::diagnostic::Diagnostic;
use crate::session::bus;
use crate::session::journal::reader::EntryLocation;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Something that concerns more than the screen that asks for it.
    Shell(Request),
    /// End the console.
    Quit,
    /// Give the terminal back to the shell until resumed.
    Suspend,
    /// Say when a person has paused.
    Pause,
    /// Draw, although nothing that happened asks for it.
    Draw,
    /// Write the next frame whole, whatever the terminal shows.
    Redraw,
    /// Read entries back.
    Recall(Vec<(RowId, EntryLocation)>),
    /// Read what is before a place.
    EarlierEntries(EntryLocation),
    /// Ask the session for something.
    Session(bus::Command),
    /// Do something with files; the answer goes to that screen.
    Files(ScreenId, FileRequest),
    /// Put text on the clipboard.
    Copy {
        /// What it is, as a person is told.
        what: String,
        /// The text.
        text: String,
    },
    /// Put a command line on the clipboard that shows something again.
    CopyCommand(CommandLine),
    /// Open a file in the person's editor.
    Edit {
        /// The file, relative to the workspace where it is inside.
        file: String,
        /// Where in it.
        at: At,
    },
    /// Take the mouse, or release it.
    Mouse(bool),
    /// Keep the arrangement of the screen for the next time in this workspace.
    RememberLayout(String),
    /// Keep the theme of that name.
    RememberTheme(String),
}

/// What a screen asks of the shell around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Say something in the last row, until the next key.
    Say(String),
    /// Show a fault of the console's own files until it is dismissed.
    Notice(Diagnostic),
    /// Take the notices away.
    DismissNotices,
    /// Go to the screen that lists a row, and to the row.
    ShowRow(RowId),
    /// Select a row on the screen that lists it, and stay here.
    SelectRow(RowId),
    /// Go to a screen.
    Go(ScreenId),
    /// Go back to the first screen.
    Leave,
    /// Arrange the screen so.
    Arrange(LayoutPrefs),
}

impl Effect {
    /// Says something in the last row.
    pub fn say(text: impl Into<String>) -> Self {
        Self::Shell(Request::Say(text.into()))
    }
}
