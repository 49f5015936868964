//! What a person can want, of the shell or of a screen, and what can happen outside.

use std::sync::Arc;

use super::picker::{Edit, PickerKind};
use crate::console::keys::{CommandId, Key, ScreenId};
use crate::console::model::RowId;
use crate::console::screen::files::FileReply;
use crate::console::screens::ScreenMessage;
use crate::console::settings::Setup;
use crate::console::widgets::Motion;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::Entry;
use crate::session::bus::Batch;
use crate::session::journal::reader::EarlierEntries;

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Message {
    /// Something of a screen.
    Screen(ScreenMessage),
    /// Move in what has the keys.
    Move(Motion),
    /// Go to a screen.
    Go(ScreenId),
    /// Open the selected row, of which the line above everything speaks.
    OpenSelected,
    /// Open the row of the standing fault at that index.
    Fault(usize),
    /// Open a list to choose from; again, close it.
    Picker(PickerKind),
    /// Change what is typed into the list.
    Edit(Edit),
    /// Do what is selected in the list.
    Accept,
    /// Do what stands at that place of the list.
    Pick(usize),
    /// One layer back.
    Back,
    /// Draw the whole screen again.
    Redraw,
    /// To the terminal's shell.
    Suspend,
    /// End the session and leave the console, unless a screen asks first.
    Quit,
    /// Wait for the key after this one.
    Prefix(Key),
    /// Wait for it no more.
    DropPrefix,
    /// No command has the second of two keys.
    Unbound(Key, Key),
    /// A command cannot run now, and why.
    Refused(CommandId, &'static str),
}

/// What happened outside.
#[derive(Debug, Clone)]
pub enum News {
    /// Entries were committed.
    Entries(Batch),
    /// The session has ended.
    Ended,
    /// The terminal has another size.
    Resized(u16, u16),
    /// A thread died; what it said.
    Crashed(String),
    /// Files of keys or themes were saved, and read again.
    Setup(Box<Setup>),
    /// The terminal's background.
    Ground {
        /// True when ink on it should be dark.
        light: bool,
    },
    /// Something to say of what was asked for.
    Said(String),
    /// Something is wrong with the console's own files.
    Fault(Box<Diagnostic>),
    /// Text was pasted.
    Pasted(String),
    /// There is time to go on with what takes long.
    Spare,
    /// The time has passed after which the shown screen goes on by itself.
    Beat,
    /// A key was pressed, on a screen that shows which.
    Pressed(Key),
    /// A person has paused.
    Paused,
    /// Drafts have to be kept: it is time to, or the console ends.
    KeepDrafts,
    /// The terminal is back from another program; what was wrong with that.
    Returned(Option<String>),
    /// What a screen asked of files was answered.
    Reply(ScreenId, FileReply),
    /// Entries were read back; none where that failed.
    Recalled(Vec<(RowId, Option<Arc<Entry>>)>),
    /// Entries from before all that is shown.
    EarlierEntries(EarlierEntries),
}
