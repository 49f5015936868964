//! The table.

use super::{Command, CommandId, Footer, Group};
use crate::console::copying::What;
use crate::console::layers::menu::Kind;
use crate::console::seek::Seek;
use crate::console::state::{Page, RowKind};
use crate::console::update::{Beside, Message, Motion};

mod policy;
mod shapes;

use shapes::{always, arranging, handing, moving, on_held, on_lists, screen, seeking, there_is};

/// The table.
pub static COMMANDS: &[Command] = &ALL;
static ALL: [Command; policy::COMMANDS.len() + OTHERS.len()] = joined(policy::COMMANDS, OTHERS);

/// Two parts of the table as one.
const fn joined<const N: usize>(first: &[Command], second: &[Command]) -> [Command; N] {
    let mut all = [second[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

const OTHERS: &[Command] = &[
    Command {
        id: CommandId::Open,
        name: "open",
        doc: "The whole of the selected row, full width.",
        keys: &["enter"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| match (state.reading(), state.selected()) {
            (true, _) => Err("it is open already"),
            (false, None) => Err("nothing is selected"),
            (false, Some(_)) => Ok(()),
        },
        message: Message::Open,
    },
    Command {
        id: CommandId::NextPane,
        name: "next pane",
        doc: "The list to the right; the same thread.",
        keys: &["tab", "right", "l"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: on_lists,
        message: Message::Focus(Beside::Next),
    },
    Command {
        id: CommandId::PreviousPane,
        name: "pane before",
        doc: "The list to the left; the same thread.",
        keys: &["backtab", "left", "h"],
        group: Group::Live,
        footer: Footer::Silent,
        enabled: on_lists,
        message: Message::Focus(Beside::Previous),
    },
    Command {
        id: CommandId::Acknowledge,
        name: "acknowledge",
        doc: "Takes the selected ALERT off what waits.",
        keys: &["a"],
        group: Group::Live,
        footer: Footer::Left,
        enabled: |state| match state.selected() {
            Some(row) if row.kind == RowKind::Disposed && state.attention.waits(row.id()) => Ok(()),
            _ => Err("no ALERT is selected"),
        },
        message: Message::Acknowledge,
    },
    moving(CommandId::Up, "up", "One row up; leaves the newest.", &["up", "k"], Motion::Up),
    moving(CommandId::Down, "down", "One row down; the last row follows the newest.", &["down", "j"], Motion::Down),
    moving(CommandId::PageUp, "page up", "One page up.", &["pgup", "ctrl-b"], Motion::PageUp),
    moving(CommandId::PageDown, "page down", "One page down.", &["pgdn", "ctrl-f"], Motion::PageDown),
    moving(CommandId::First, "first", "The oldest row.", &["g g", "home"], Motion::First),
    Command {
        footer: Footer::Left,
        enabled: |state| match (state.layer(), state.follows()) {
            (None, true) => Err("the newest is followed already"),
            _ => Ok(()),
        },
        ..moving(
            CommandId::Newest,
            "newest",
            "The newest row, and follow what comes.",
            &["G", "g e", "end"],
            Motion::Last,
        )
    },
    seeking(
        CommandId::NextBlock,
        "next block",
        "The next BLOCK after the selection.",
        &["g b"],
        Seek::Block,
        |state| there_is(state.counts.blocked, "nothing was blocked"),
    ),
    seeking(
        CommandId::NextDedup,
        "next dedup",
        "The next DEDUP after the selection.",
        &["g d"],
        Seek::Dedup,
        |state| there_is(state.counts.deduped, "no key was used twice"),
    ),
    seeking(
        CommandId::NextAlert,
        "next alert",
        "The next ALERT after the selection.",
        &["g a"],
        Seek::Alert,
        |state| there_is(state.counts.alerted, "nothing was alerted"),
    ),
    seeking(CommandId::NextFailed, "next failed", "The next handler that failed.", &["g x"], Seek::Failed, |state| {
        there_is(state.counts.failed, "nothing failed")
    }),
    seeking(
        CommandId::NextUnrouted,
        "next not routed",
        "The next envelope that no trigger matched.",
        &["g u"],
        Seek::Unrouted,
        |state| there_is(state.counts.unmatched, "everything was routed"),
    ),
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
