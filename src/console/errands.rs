//! What is done outside the console for a person: text put on the clipboard, a file opened in an editor, the mouse taken
//! or released, the look of the screen remembered. The update asks; only the terminal's side performs.

use super::policy::chores::Chore;

/// One thing to do out there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Put text on the clipboard.
    Copy {
        /// What it is, as a person is told.
        what: String,
        /// It.
        text: String,
    },
    /// Open a file in the person's editor.
    Edit {
        /// The file, relative to the workspace where it is inside.
        file: String,
        /// Where in it.
        at: At,
    },
    /// Take the mouse, or release it.
    Mouse(bool),
    /// Keep how the screen looks for the next time in this workspace.
    Remember(String),
    /// Something with the files of a policy.
    Policy(Chore),
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// A line, from 1.
    Line(u32),
    /// The line on which a policy's rule of that number starts.
    Rule(u32),
}
