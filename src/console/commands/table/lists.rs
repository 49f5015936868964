//! The commands of the joined lists: opening, going from one to the next, moving, seeking.

use super::super::{Command, CommandId, Footer, Group};
use super::shapes::{moving, on_lists, seeking, there_is};
use crate::console::seek::Seek;
use crate::console::state::RowKind;
use crate::console::update::{Beside, Message, Motion};

/// In the order of the footer.
pub const COMMANDS: &[Command] = &[
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
];
