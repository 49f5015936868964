//! The commands of the Connectors screen, in the order of the footer.

use super::{Connectors, Message};
use crate::console::keys::{CommandSpec, Footer, Group, Scope, ScreenId};
use crate::console::screen::Command;

const CONNECTORS: Group = Group {
    title: "Connectors",
    scope: Scope { screen: Some(ScreenId(5)), text: None },
    elsewhere: "on the Connectors screen",
};

/// Their headings.
pub const GROUPS: &[Group] = &[CONNECTORS];
/// All of them.
pub const COMMANDS: &[Command<Connectors>] = &[Command::new(
    CommandSpec {
        name: "open source",
        doc: "Its file in your editor, at the fault where it has one.",
        keys: &["enter"],
        group: CONNECTORS,
        footer: Footer::Left,
    },
    |connectors, cx| {
        let selected = connectors.piece(&cx.model.catalogue);
        if selected.is_some() { Ok(()) } else { Err("nothing is loaded") }
    },
    Message::OpenSource,
)];
