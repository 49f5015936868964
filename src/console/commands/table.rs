//! The table.

use super::{Command, CommandId, Footer, Group};
use crate::console::copying::What;
use crate::console::layers::menu::Kind;
use crate::console::state::Page;
use crate::console::update::Message;

mod lists;
mod policy;
mod shapes;

use shapes::{always, arranging, handing, on_held, screen};

/// The table.
pub static COMMANDS: &[Command] = &ALL;
static ALL: [Command; policy::COMMANDS.len() + lists::COMMANDS.len() + OTHERS.len()] =
    joined([policy::COMMANDS, lists::COMMANDS, OTHERS]);

/// The parts of the table as one.
const fn joined<const N: usize>(parts: [&[Command]; 3]) -> [Command; N] {
    let mut all = [parts[0][0]; N];
    let (mut part, mut within, mut at) = (0, 0, 0);
    while at < N {
        if within == parts[part].len() {
            (part, within) = (part + 1, 0);
        }
        all[at] = parts[part][within];
        (within, at) = (within + 1, at + 1);
    }
    all
}

const OTHERS: &[Command] = &[
    Command {
        id: CommandId::Attention,
        name: "to ack",
        doc: "Only the ALERTs that wait for a person, or all rows.",
        keys: &["A"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| match (state.layer(), state.attention.rows()) {
            (Some(_), _) => Err("something is open"),
            (None, []) => Err("no ALERT waits"),
            (None, _) => Ok(()),
        },
        message: Message::Attention,
    },
    Command {
        id: CommandId::Approve,
        name: "approve",
        doc: "Lets the action that is held act; your name is kept.",
        keys: &["ctrl-a"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: on_held,
        message: Message::Answer { approve: true },
    },
    Command {
        id: CommandId::Veto,
        name: "veto",
        doc: "Refuses the action that is held; your name is kept.",
        keys: &["ctrl-v"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: on_held,
        message: Message::Answer { approve: false },
    },
    Command {
        id: CommandId::Unfold,
        name: "fold",
        doc: "Folds the value in hand, or shows what is nested.",
        keys: &["space"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| if state.selected().is_some() { Ok(()) } else { Err("nothing is selected") },
        message: Message::Unfold,
    },
    Command {
        id: CommandId::FoldAll,
        name: "fold all",
        doc: "Folds all that is nested in what is open; again, shows it.",
        keys: &["F"],
        group: Group::Live,
        footer: Footer::Silent,
        enabled: |state| if state.reading() { Ok(()) } else { Err("nothing is open") },
        message: Message::FoldAll,
    },
    Command {
        id: CommandId::Trouble,
        name: "trouble",
        doc: "Opens what is wrong; again, the next that is.",
        keys: &["!"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| {
            let somewhere = state.troubles.all().iter().any(|trouble| trouble.row.is_some());
            if somewhere { Ok(()) } else { Err("nothing is wrong") }
        },
        message: Message::NextTrouble,
    },
    Command {
        id: CommandId::Dismiss,
        name: "dismiss",
        doc: "Takes the notices off the top; their rows stay.",
        keys: &["x"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| if state.troubles.dismissible() { Ok(()) } else { Err("there is no notice") },
        message: Message::Dismiss,
    },
    Command {
        id: CommandId::Play,
        name: "play",
        doc: "Plays the fixtures again, with keys of their own.",
        keys: &["p"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| if state.ended { Err("the session has ended") } else { Ok(()) },
        message: Message::Play,
    },
    Command {
        id: CommandId::Filter,
        name: "filter",
        doc: "Only the rows a query lets through; tab completes.",
        keys: &["/"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| if state.layers.is_empty() { Ok(()) } else { Err("something is open") },
        message: Message::Filter,
    },
    Command {
        id: CommandId::Unfilter,
        name: "all rows",
        doc: "Takes the query away.",
        keys: &["backspace"],
        group: Group::Live,
        footer: Footer::Silent,
        enabled: |state| if state.filter().is_some() { Ok(()) } else { Err("every row shows") },
        message: Message::Unfilter,
    },
    Command {
        footer: Footer::Left,
        ..handing(
            CommandId::Copy,
            "copy",
            "Copies the id; again, the reason, the key, the thread.",
            &["y"],
            Message::Copy(What::Value),
        )
    },
    handing(CommandId::CopyJson, "copy JSON", "Copies the whole as JSON.", &["Y"], Message::Copy(What::Json)),
    handing(
        CommandId::CopyCommand,
        "copy command",
        "Copies the command that shows it again.",
        &["c"],
        Message::Copy(What::Command),
    ),
    Command {
        footer: Footer::Left,
        ..handing(
            CommandId::Edit,
            "edit",
            "Opens what it comes from in your editor.",
            &["e"],
            Message::Source { envelope: false },
        )
    },
    handing(
        CommandId::EditEnvelope,
        "edit event",
        "Opens the fixture it came in by.",
        &["E"],
        Message::Source { envelope: true },
    ),
    Command {
        footer: Footer::Left,
        ..arranging(CommandId::Zoom, "zoom", "The list over the whole screen, or not.", &["z"], Message::Zoom)
    },
    arranging(CommandId::Larger, "larger", "Gives the list more rows.", &["+"], Message::Resize { larger: true }),
    arranging(CommandId::Smaller, "smaller", "Gives the list fewer rows.", &["-"], Message::Resize { larger: false }),
    Command {
        enabled: always,
        ..arranging(
            CommandId::Mouse,
            "mouse",
            "Releases the mouse to the terminal, or takes it.",
            &["M"],
            Message::Mouse,
        )
    },
    screen(CommandId::Live, "live", "What happened, why, and what would change it.", &["1"], 1),
    screen(CommandId::Replay, "replay", "Steps through recorded envelopes.", &["2"], 2),
    screen(CommandId::Policy, "policy", "What a rule decides, before it is in force.", &["3"], 3),
    screen(CommandId::Packs, "packs", "Two versions of a pack side by side.", &["4"], 4),
    screen(CommandId::Connectors, "connectors", "What is loaded and whether it can fire.", &["5"], 5),
    Command {
        id: CommandId::Back,
        name: "back",
        doc: "One layer back; never quits.",
        keys: &["esc"],
        group: Group::Everywhere,
        footer: Footer::Left,
        enabled: |state| match (&state.menu, state.layers.is_empty()) {
            (None, true) if state.page == Page::Live => Err("nothing is open"),
            _ => Ok(()),
        },
        message: Message::Back,
    },
    Command {
        id: CommandId::Theme,
        name: "theme",
        doc: "Colours; shows each as you move, enter keeps it.",
        keys: &["T"],
        group: Group::Everywhere,
        footer: Footer::Silent,
        enabled: always,
        message: Message::Menu(Kind::Themes),
    },
    Command {
        id: CommandId::Redraw,
        name: "redraw",
        doc: "Draws the whole screen again.",
        keys: &["ctrl-l"],
        group: Group::Everywhere,
        footer: Footer::Silent,
        enabled: always,
        message: Message::Redraw,
    },
    Command {
        id: CommandId::Suspend,
        name: "suspend",
        doc: "Back to the shell; `fg` returns.",
        keys: &["ctrl-z"],
        group: Group::Everywhere,
        footer: Footer::Silent,
        enabled: |_| if cfg!(unix) { Ok(()) } else { Err("this system cannot") },
        message: Message::Suspend,
    },
    Command {
        id: CommandId::Quit,
        name: "quit",
        doc: "Ends the session and leaves.",
        keys: &["q", "ctrl-c"],
        group: Group::Everywhere,
        footer: Footer::Left,
        enabled: always,
        message: Message::Quit,
    },
    Command {
        id: CommandId::Palette,
        name: "commands",
        doc: "Any command, by a few letters of its name.",
        keys: &[":", "ctrl-p"],
        group: Group::Everywhere,
        footer: Footer::Right,
        enabled: always,
        message: Message::Menu(Kind::Palette),
    },
    Command {
        id: CommandId::Help,
        name: "help",
        doc: "Every command, its keys, and whether it works now.",
        keys: &["?", "F1"],
        group: Group::Everywhere,
        footer: Footer::Right,
        enabled: always,
        message: Message::Menu(Kind::Help),
    },
];
