//! The few shapes that rows of the table have.

use super::super::{Command, CommandId, Footer, Group};
use crate::console::seek::Seek;
use crate::console::state::State;
use crate::console::update::{Message, Motion};

#[expect(clippy::unnecessary_wraps, reason = "it stands where others can refuse")]
pub(super) fn always(_: &State) -> Result<(), &'static str> {
    Ok(())
}

pub(super) fn there_is(count: u64, reason: &'static str) -> Result<(), &'static str> {
    if count > 0 { Ok(()) } else { Err(reason) }
}

pub(super) const fn seeking(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    seek: Seek,
    enabled: fn(&State) -> Result<(), &'static str>,
) -> Command {
    let message = Message::Seek(seek);
    Command { id, name, doc, keys, group: Group::GoTo, footer: Footer::Silent, enabled, message }
}

pub(super) fn on_lists(state: &State) -> Result<(), &'static str> {
    if state.layers.is_empty() { Ok(()) } else { Err("something is open") }
}

/// What is done with the selected row.
pub(super) const fn handing(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    message: Message,
) -> Command {
    let enabled = |state: &State| if state.selected().is_some() { Ok(()) } else { Err("nothing is selected") };
    Command { id, name, doc, keys, group: Group::Live, footer: Footer::Silent, enabled, message }
}

/// How the screen is arranged.
pub(super) const fn arranging(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    message: Message,
) -> Command {
    Command { id, name, doc, keys, group: Group::Live, footer: Footer::Silent, enabled: on_lists, message }
}

pub(super) const fn moving(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    motion: Motion,
) -> Command {
    let message = Message::Move(motion);
    Command { id, name, doc, keys, group: Group::Moving, footer: Footer::Silent, enabled: always, message }
}

pub(super) const fn screen(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    number: u8,
) -> Command {
    Command {
        id,
        name,
        doc,
        keys,
        group: Group::Everywhere,
        footer: Footer::Silent,
        enabled: match number {
            1 | 3 => always,
            _ => |_| Err("not in this version yet"),
        },
        message: Message::Screen(number),
    }
}

pub(super) fn on_held(state: &State) -> Result<(), &'static str> {
    if state.asked().is_some() { Ok(()) } else { Err("nothing that is held is selected") }
}
