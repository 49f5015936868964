//! The commands of the Connectors screen, in the order of the footer.

use super::{Connectors, Message};
use crate::console::keys::{Group, Scope, ScreenId};
use crate::console::screen::Command;

const CONNECTORS: Group = Group {
    title: "Connectors",
    scope: Scope { screen: Some(ScreenId(5)), text: None },
    elsewhere: "on the Connectors screen",
};

/// The headings under which the help lists the commands of this screen.
pub const GROUPS: &[Group] = &[CONNECTORS];
/// The commands of this screen.
pub const COMMANDS: &[Command<Connectors>] = &[Command::named(
    CONNECTORS,
    "open source",
    "Its file in your editor, at the fault where it has one.",
    &["enter"],
    |connectors, cx| {
        let selected = connectors.piece(&cx.model.catalogue);
        if selected.is_some() { Ok(()) } else { Err("nothing is loaded") }
    },
    Message::OpenSource,
)];
