//! What a person can want of the Replay screen.

use super::Focus;
use super::editing::FieldKey;
use super::interleavings::SearchKey;
use super::prompt::{Ask, Typed};
use super::sheet::Shows;
use crate::console::widgets::Motion;
use crate::replayer::Moment;
use crate::replayer::transport::{Direction, Unit};

/// Something a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// One step.
    Step(Unit, Direction),
    /// Go on by itself, or stop.
    Play,
    /// Faster or slower.
    Speed {
        /// Faster.
        faster: bool,
    },
    /// Step over something else while it plays.
    Unit,
    /// Move in what has the keys.
    Move(Motion),
    /// Go to the envelope at that place of the run.
    Envelope(usize),
    /// Go to a moment of the run.
    Seek(Moment),
    /// Go to the next difference from the play before.
    Difference,
    /// Go to the next action that the query lets through.
    Break,
    /// Stop at nothing any more.
    NoBreak,
    /// Mark where it is, or take the mark away.
    Mark,
    /// Go to the next mark.
    NextMark,
    /// Ask for something to be typed.
    Ask(Ask),
    /// A key while it is typed.
    Typed(Typed),
    /// Which runs there are.
    Runs,
    /// Close that list.
    CloseRuns,
    /// Open the run that is selected in the list.
    OpenRun,
    /// Open the run at that place of the list.
    PickRun(usize),
    /// Compare with the run that is selected in the list.
    CompareRun,
    /// Give the keys to a pane.
    Focus(Focus),
    /// Give them to the other.
    NextPane,
    /// The pane that has the keys over the whole screen, or not.
    Zoom,
    /// Edit the envelope at hand, or leave what was edited.
    EditEnvelope,
    /// A key at the field that is edited.
    Field(FieldKey),
    /// Save what was edited as a fixture.
    SaveFixture,
    /// What could be otherwise, or close that list.
    Fork,
    /// Fork so.
    PickFork(usize),
    /// One future again.
    NoFork,
    /// Every order in which plans on this entity could have come, or leave that.
    Interleavings,
    /// A key in that.
    Interleave(SearchKey),
    /// What matters, large, with the keys that are pressed; or not.
    Present,
    /// Replay the selected envelope in a run of its own.
    Again,
    /// Open that sheet, or close it.
    Sheet(Shows),
    /// Close the sheet that is open.
    CloseSheet,
    /// Take that row of the sheet in hand, or open it where it is.
    PickRow(usize),
    /// Open what the row in hand is about.
    OpenRow,
    /// Accept the step at hand; in the recorded plans, the difference in hand.
    Accept,
    /// Flag the step at hand; in the recorded plans, keep what was recorded.
    Flag,
    /// A note on the step at hand.
    Note,
}
