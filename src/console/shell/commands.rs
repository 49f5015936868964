//! The shell's own commands: moving, going back, leaving, and what is there on every screen.

use super::app::App;
use super::message::Message;
use super::picker::PickerKind;
use crate::console::keys::{CommandSpec, Footer, Group, Scope};
use crate::console::widgets::Motion;

/// A command of the shell.
#[derive(Debug)]
pub struct ShellCommand {
    /// Name, sentence, keys, heading.
    pub spec: CommandSpec,
    /// Whether it can run now, or why not.
    pub enabled: fn(&App) -> Result<(), &'static str>,
    /// What it sends.
    pub message: Message,
}

/// Moving in what has the keys.
pub const MOVES: Group =
    Group { title: "Moving", scope: Scope { screen: None, text: Some(false) }, elsewhere: "the text has the keys" };
/// Everywhere.
pub const ALL: Group = Group { title: "Everywhere", scope: Scope::ALL, elsewhere: "" };

/// The commands that move.
pub static MOVING: [ShellCommand; 6] = [
    moving("up", "One row up; leaves the newest.", &["up", "k"], Motion::Up),
    moving("down", "One row down; the last row follows the newest.", &["down", "j"], Motion::Down),
    moving("page up", "One page up.", &["pgup", "ctrl-b"], Motion::PageUp),
    moving("page down", "One page down.", &["pgdn", "ctrl-f"], Motion::PageDown),
    moving("first", "The oldest row.", &["g g", "home"], Motion::First),
    ShellCommand {
        spec: CommandSpec {
            name: "newest",
            doc: "The newest row, and follow what comes.",
            keys: &["G", "g e", "end"],
            group: MOVES,
            footer: Footer::Left,
        },
        enabled: |app| app.screens.can_move(Motion::Last),
        message: Message::Move(Motion::Last),
    },
];

/// The commands that are there on every screen.
pub static EVERYWHERE: [ShellCommand; 8] = [
    ShellCommand {
        spec: CommandSpec {
            name: "back",
            doc: "One layer back; never quits.",
            keys: &["esc"],
            group: ALL,
            footer: Footer::Left,
        },
        enabled: |app| {
            let cx = app.context();
            let first = app.screens.shown == crate::console::screens::Screens::all()[0].id;
            let something =
                app.picker.is_some() || app.screens.dialog(&cx).is_some() || app.screens.back(&cx).is_some() || !first;
            if something { Ok(()) } else { Err("nothing is open") }
        },
        message: Message::Back,
    },
    silent(
        "theme",
        "Colours; shows each as you move, enter keeps it.",
        &["T"],
        always,
        Message::Picker(PickerKind::Themes),
    ),
    silent(
        "messages",
        "What was said lately; enter copies it.",
        &["F10"],
        |app| if app.messages.len() > 0 { Ok(()) } else { Err("nothing was said yet") },
        Message::Picker(PickerKind::Messages),
    ),
    silent("redraw", "Draws the whole screen again.", &["ctrl-l"], always, Message::Redraw),
    silent(
        "suspend",
        "Back to the shell; `fg` returns.",
        &["ctrl-z"],
        |_| if cfg!(unix) { Ok(()) } else { Err("this system cannot") },
        Message::Suspend,
    ),
    named("quit", "Ends the session and leaves.", &["q", "ctrl-c"], Footer::Left, Message::Quit),
    named(
        "commands",
        "Any command, by a few letters of its name.",
        &[":", "ctrl-p"],
        Footer::Right,
        Message::Picker(PickerKind::Palette),
    ),
    named(
        "help",
        "Every command, its keys, and whether it works now.",
        &["?", "F1"],
        Footer::Right,
        Message::Picker(PickerKind::Help),
    ),
];

const fn moving(name: &'static str, doc: &'static str, keys: &'static [&'static str], motion: Motion) -> ShellCommand {
    let spec = CommandSpec { name, doc, keys, group: MOVES, footer: Footer::Silent };
    ShellCommand { spec, enabled: always, message: Message::Move(motion) }
}

const fn named(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    footer: Footer,
    message: Message,
) -> ShellCommand {
    ShellCommand { spec: CommandSpec { name, doc, keys, group: ALL, footer }, enabled: always, message }
}

const fn silent(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    enabled: fn(&App) -> Result<(), &'static str>,
    message: Message,
) -> ShellCommand {
    ShellCommand { spec: CommandSpec { name, doc, keys, group: ALL, footer: Footer::Silent }, enabled, message }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where others can refuse")]
fn always(_: &App) -> Result<(), &'static str> {
    Ok(())
}
