//! Every command, once: its name, sentence and keys, whether it can run now and why not, and the message it sends.
//! Keymap, footer, help, palette, which-key and the page of keys are read off this table, so they cannot disagree.

use super::state::State;
use super::update::Message;

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
    /// Everywhere.
    Everywhere,
}

impl Group {
    /// All, in the order of the help.
    pub const ALL: [Self; 4] = [Self::Moving, Self::GoTo, Self::Live, Self::Everywhere];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Moving => "Moving",
            Self::GoTo => "Going to",
            Self::Live => "Live",
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
#[derive(Debug)]
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
    COMMANDS.iter().filter(|command| (command.enabled)(state).is_ok())
}
