//! What a person can want of the Live screen.

use super::jump::Jump;
use super::panes::Pane;
use super::prompt::Typed;
use super::{Counted, ListId};
use crate::console::present::clipboard_text::What;
use crate::console::widgets::{Beside, Motion};

/// What a key, a click or a command asks of the Live screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Move in the list that has the keys, or in what is open over it.
    Move(Motion),
    /// Select the row at that index of a list.
    Select(ListId, usize),
    /// Give the next list the keys, or the one before.
    Focus(Beside),
    /// The selected ALERT was seen.
    Acknowledge,
    /// Only the ALERTs that wait, or all rows again.
    PendingAlone,
    /// Answer for the action that is held.
    Answer {
        /// False for a veto.
        approve: bool,
    },
    /// Fold the value of the line a person is on, or show nested JSON whole, or the other way round.
    Unfold,
    /// Fold everything nested, or show everything open.
    FoldAll,
    /// A line of what is open was clicked.
    Line(usize),
    /// Give a pane below the lists the keys.
    Pane(Pane),
    /// A line of such a pane was clicked.
    PaneLine(Pane, usize),
    /// A key in the line where words are typed that are looked for in what is open.
    Finding(Typed),
    /// Open the next record of the list in place of the open one, or the one before.
    TurnOver(Beside),
    /// Open the selected row.
    Open,
    /// Open the row of the worst fault, or of the next one after the open one.
    NextFault,
    /// Take the notices away.
    Dismiss,
    /// Put something of the selected row on the clipboard.
    Copy(What),
    /// Open what the selected row comes from, or the fixture it came in by, in an editor.
    Source {
        /// The fixture.
        envelope: bool,
    },
    /// The list in focus over the whole body, or not.
    Zoom,
    /// Give the lists more rows, or fewer.
    Resize {
        /// More.
        larger: bool,
    },
    /// Take the mouse, or release it.
    Mouse,
    /// Play the fixtures again.
    Play,
    /// Type a query; in what is open, words to look for.
    Filter,
    /// Take the query away.
    Unfilter,
    /// A key in the line where a query is typed.
    Typed(Typed),
    /// Go to the next row of a kind.
    Jump(Jump),
    /// Go to the next row of the kind that was gone to last, or of those a query lets through; or to the one before.
    Match(Beside),
    /// Go back to the place that was left last, or on again.
    Retrace {
        /// Back.
        back: bool,
    },
    /// Ask whether all ALERTs that wait were seen.
    AskAcknowledgeAll,
    /// They were.
    AcknowledgeAll,
    /// Only the rows that were counted as that, or all again.
    Only(Counted),
    /// Close what is open.
    Back,
}
