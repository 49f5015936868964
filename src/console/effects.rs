//! What an update asks the runtime to do, as values: the update itself touches nothing outside the state.

use super::errands::Errand;
use super::policy::chores::Chore;
use super::state::RowId;
use crate::session::bus;
use crate::session::past::Place;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Give the terminal back to the shell until resumed.
    Suspend,
    /// Remember the theme of that name.
    Remember(String),
    /// Do something outside.
    Run(Errand),
    /// Read entries back.
    Recall(Vec<(RowId, Place)>),
    /// Read what is before a place.
    Older(Place),
    /// Ask the session for something.
    Ask(bus::Command),
    /// Say when a person has paused.
    Pause,
    /// Write the next frame whole.
    Redraw,
}

impl Effect {
    /// Something to do with the files of a policy.
    pub fn chore(chore: Chore) -> Self {
        Self::Run(Errand::Policy(chore))
    }
}
