//! The commands of the Policy screen.

use super::super::{Command, CommandId, Footer, Group};
use crate::console::editor::Act;
use crate::console::policy::doing::Doing;
use crate::console::policy::{Draft, Focus, survivor};
use crate::console::state::State;
use crate::console::update::Message;

/// In the order of the footer.
pub const COMMANDS: &[Command] = &[
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::TakeFix,
            "take fix",
            "Writes what is suggested under the line.",
            &["ctrl-y"],
            |state| if state.policy.fix().is_some() { Ok(()) } else { Err("nothing is suggested") },
            Doing::TakeFix,
        )
    },
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::Save,
            "put in force",
            "Saves the draft; from then on it judges.",
            &["ctrl-s"],
            |state| if state.policy.is_changed() { Ok(()) } else { Err("nothing is changed") },
            Doing::Save,
        )
    },
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::Undo,
            "undo",
            "Takes the last edit back; the numbers rewind too.",
            &["alt-u", "ctrl-_"],
            |state| edited(state, |draft| draft.editor.can_undo(), "nothing to take back"),
            Doing::Undo,
        )
    },
    policy(
        CommandId::Redo,
        "redo",
        "Does it again.",
        &["alt-r", "F4"],
        |state| edited(state, |draft| draft.editor.can_redo(), "nothing to do again"),
        Doing::Redo,
    ),
    Command {
        group: Group::Text,
        footer: Footer::Left,
        ..policy(
            CommandId::Find,
            "find",
            "Looks for text; a capital is meant as one.",
            &["ctrl-f"],
            in_text,
            Doing::Find(false),
        )
    },
    Command {
        group: Group::Text,
        ..policy(
            CommandId::ReplaceText,
            "replace",
            "Looks for text and replaces it.",
            &["ctrl-r"],
            in_text,
            Doing::Find(true),
        )
    },
    Command {
        group: Group::Text,
        ..policy(
            CommandId::FindNext,
            "find next",
            "The next place of what was looked for.",
            &["F3"],
            |state| edited(state, |draft| draft.editor.has_sought(), "nothing was looked for"),
            Doing::FindNext { back: false },
        )
    },
    Command {
        group: Group::Text,
        ..policy(
            CommandId::FindBefore,
            "find before",
            "The place before of what was looked for.",
            &["F2"],
            |state| edited(state, |draft| draft.editor.has_sought(), "nothing was looked for"),
            Doing::FindNext { back: true },
        )
    },
    clip(CommandId::SelectAll, "select all", "Selects the whole text.", &["ctrl-a"], unsought, Act::SelectAll),
    Command {
        footer: Footer::Left,
        ..clip(CommandId::CopyText, "copy text", "Copies what is selected.", &["ctrl-c"], selected, Act::Copy)
    },
    clip(CommandId::CutText, "cut text", "Copies what is selected and takes it away.", &["ctrl-x"], selected, Act::Cut),
    clip(
        CommandId::PasteText,
        "paste text",
        "Puts here what was copied or cut last.",
        &["ctrl-v"],
        |state| edited(state, |draft| !draft.editor.clipping().is_empty(), "nothing was copied here"),
        Act::Paste,
    ),
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::NextNote,
            "next finding",
            "The next error in the text, or warning.",
            &["F8"],
            |state| edited(state, |draft| !draft.notes().is_empty(), "nothing is wrong"),
            Doing::NextNote,
        )
    },
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::Show,
            "show in live",
            "The action in hand, in the list it came from.",
            &["enter"],
            |state| match (&state.policy.ladder, state.policy.focus) {
                (_, Focus::Editor) => Err("the text has the keys"),
                (Some(ladder), _) if ladder.subject.row.is_some() => Ok(()),
                (_, Focus::Impact) if state.policy.record.flips() > 0 => Ok(()),
                _ => Err("this action is in no list"),
            },
            Doing::Show,
        )
    },
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::NextPart,
            "next part",
            "Text, impact, ladder in turn.",
            &["F6", "tab"],
            there,
            Doing::Beside { back: false },
        )
    },
    policy(
        CommandId::PartBefore,
        "part before",
        "The same, the other way.",
        &["F5", "backtab"],
        there,
        Doing::Beside { back: true },
    ),
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::Make,
            "try an action",
            "Makes an action by form and shows its ladder.",
            &["alt-s", "ctrl-t"],
            there,
            Doing::Make,
        )
    },
    Command {
        footer: Footer::Left,
        ..policy(
            CommandId::WriteFixture,
            "write fixture",
            "Writes the event that tests the selected boundary.",
            &["w", "alt-w"],
            |state| match (survivor(state), state.policy.focus) {
                (None, _) => Err("every boundary is tested"),
                (_, Focus::Untested) => Ok(()),
                _ => Err("select an untested boundary"),
            },
            Doing::WriteFixture,
        )
    },
    policy(
        CommandId::Hand,
        "own editor",
        "The draft in your editor, and back.",
        &["alt-e", "ctrl-o"],
        there,
        Doing::Hand,
    ),
    policy(
        CommandId::Discard,
        "discard",
        "Throws the draft away; undo brings it back.",
        &["alt-x", "F9"],
        |state| if state.policy.is_changed() { Ok(()) } else { Err("nothing is changed") },
        Doing::Discard,
    ),
];

const fn policy(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    enabled: fn(&State) -> Result<(), &'static str>,
    doing: Doing,
) -> Command {
    let message = Message::Policy(doing);
    Command { id, name, doc, keys, group: Group::Policy, footer: Footer::Silent, enabled, message }
}

/// Something with the selection of a text.
const fn clip(
    id: CommandId,
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    enabled: fn(&State) -> Result<(), &'static str>,
    act: Act,
) -> Command {
    Command { group: Group::Text, ..policy(id, name, doc, keys, enabled, Doing::Act(act)) }
}

/// A line of its own is typed in while text is looked for.
fn unsought(state: &State) -> Result<(), &'static str> {
    in_text(state)?;
    edited(state, |draft| draft.editor.finder.is_none(), "the search has the keys")
}

fn selected(state: &State) -> Result<(), &'static str> {
    unsought(state)?;
    edited(state, |draft| draft.editor.selection().is_some(), "nothing is selected; esc leaves the text")
}

fn there(state: &State) -> Result<(), &'static str> {
    if state.policy.draft.is_some() { Ok(()) } else { Err("no file is open") }
}

fn in_text(state: &State) -> Result<(), &'static str> {
    if state.types() { Ok(()) } else { Err("the text does not have the keys") }
}

fn edited(state: &State, can: fn(&Draft) -> bool, reason: &'static str) -> Result<(), &'static str> {
    if state.policy.draft.as_ref().is_some_and(can) { Ok(()) } else { Err(reason) }
}
