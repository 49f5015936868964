//! Every command, once: its name, sentence and keys, whether it can run now and why not, and the message it sends.
//! Keymap, footer, help, palette, which-key and the page of keys are read off this table, so they cannot disagree.

use std::borrow::Cow;

use super::keys::Chord;
use super::state::{Page, State};
use super::update::Message;
use crate::kernel::diagnostic::Severity;

mod table;

pub use table::COMMANDS;

/// What a command is called by in code and in key files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandId {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Newest,
    NextPane,
    PreviousPane,
    Acknowledge,
    Attention,
    Approve,
    Veto,
    Unfold,
    FoldAll,
    Open,
    Trouble,
    Dismiss,
    Play,
    Filter,
    Unfilter,
    Copy,
    CopyJson,
    CopyCommand,
    Edit,
    EditEnvelope,
    Zoom,
    Larger,
    Smaller,
    Mouse,
    TakeFix,
    Save,
    Undo,
    Redo,
    Find,
    ReplaceText,
    SelectAll,
    CopyText,
    CutText,
    PasteText,
    FindNext,
    FindBefore,
    NextNote,
    Show,
    NextPart,
    PartBefore,
    Make,
    WriteFixture,
    Hand,
    Discard,
    Live,
    Replay,
    Policy,
    Packs,
    Connectors,
    NextBlock,
    NextDedup,
    NextAlert,
    NextFailed,
    NextUnrouted,
    Palette,
    Theme,
    Redraw,
    Help,
    Back,
    Suspend,
    Quit,
}

/// Under which heading the help lists a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Moving in what has the keys.
    Moving,
    /// To the next of a kind.
    GoTo,
    /// The Live screen.
    Live,
    /// The Policy screen.
    Policy,
    /// The text of a policy.
    Text,
    /// Everywhere.
    Everywhere,
}

/// What has the keys: a key means one thing in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The joined lists of the Live screen.
    Lists,
    /// A pane of the Policy screen beside the editor.
    Panes,
    /// A text; what types a character does so.
    Text,
}

impl Group {
    /// All, in the order of the help.
    pub const ALL: [Self; 6] = [Self::Moving, Self::GoTo, Self::Live, Self::Policy, Self::Text, Self::Everywhere];

    /// Where its keys are in force.
    pub fn places(self) -> &'static [Place] {
        match self {
            Self::Moving => &[Place::Lists, Place::Panes],
            Self::GoTo | Self::Live => &[Place::Lists],
            Self::Policy => &[Place::Panes, Place::Text],
            Self::Text => &[Place::Text],
            Self::Everywhere => &[Place::Lists, Place::Panes, Place::Text],
        }
    }

    /// True when there is a place in which the keys of both are in force.
    pub fn meets(self, other: Self) -> bool {
        self.places().iter().any(|place| other.places().contains(place))
    }

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Moving => "Moving",
            Self::GoTo => "Going to",
            Self::Live => "Live",
            Self::Policy => "Policy",
            Self::Text => "Text",
            Self::Everywhere => "Everywhere",
        }
    }
}

/// Where the footer names a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Footer {
    /// Not at all.
    Silent,
    /// From the left, in the order of the table.
    Left,
    /// At the right end, always.
    Right,
}

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// Its name, as people say it.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Its keys out of the box, the one to teach first.
    pub keys: &'static [&'static str],
    /// Where the help lists it.
    pub group: Group,
    /// Where the footer names it.
    pub footer: Footer,
    /// Whether it can run now, or why not.
    pub enabled: fn(&State) -> Result<(), &'static str>,
    /// What it sends.
    pub message: Message,
}

impl Command {
    /// Whether it can run now, or why not.
    pub fn works(&self, state: &State) -> Result<(), &'static str> {
        match self.group {
            group if group.places().contains(&state.place()) => (self.enabled)(state),
            Group::Policy if state.page == Page::Policy => (self.enabled)(state),
            Group::Policy => Err("on the Policy screen"),
            Group::Text => Err("in the text of a policy"),
            Group::Moving => Err("the text has the keys"),
            Group::GoTo | Group::Live | Group::Everywhere => Err("on the Live screen"),
        }
    }

    /// What the footer calls it now.
    pub fn label(&self, state: &State) -> Cow<'static, str> {
        let note = |severity| {
            let notes = state.policy.draft.as_ref().map_or(&[][..], |draft| draft.notes());
            notes.iter().any(|note| note.severity == severity)
        };
        match self.id {
            CommandId::TakeFix => {
                let fix = state.policy.fix().and_then(|note| note.fix.as_deref()).unwrap_or_default();
                Cow::Owned(format!("take {fix}"))
            }
            CommandId::NextNote if note(Severity::Error) => Cow::Borrowed("next error"),
            CommandId::NextNote => Cow::Borrowed("warning"),
            CommandId::Save if state.size.0 < 60 => Cow::Borrowed("save"),
            CommandId::NextPart if state.types() => Cow::Borrowed("impact"),
            CommandId::Back if state.page == Page::Policy && state.layers.is_empty() => Cow::Borrowed("leave"),
            _ => Cow::Borrowed(self.name),
        }
    }

    /// The key to teach for it: the first that means it where a person is.
    pub fn taught(&self, state: &State) -> Option<Chord> {
        let text = state.place() == Place::Text;
        let typed = |chord: &Chord| chord.prefix.unwrap_or(chord.key).typed().is_some();
        state.keymap.keys(self.id).find(|chord| !(text && typed(chord)))
    }

    /// What key files call it.
    pub fn word(&self) -> String {
        self.name.replace(' ', "-")
    }
}

/// The command of an id.
pub fn command(id: CommandId) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.id == id)
}

/// What can be done now.
pub fn enabled(state: &State) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(|command| command.works(state).is_ok())
}
