//! The commands of the Policy screen, in the order of the footer.

use std::borrow::Cow;

use super::untested_boundaries::selected as survivor;
use super::{Draft, Focus, Message, Policy};
use crate::console::editor::Act;
use crate::console::keys::{Group, Scope, ScreenId};
use crate::console::screen::{Command, Context};
use crate::kernel::diagnostic::Severity;

type PolicyCommand = Command<Policy>;

const SCREEN: Option<ScreenId> = Some(ScreenId(3));
const POLICY: Group =
    Group { title: "Policy", scope: Scope { screen: SCREEN, text: None }, elsewhere: "on the Policy screen" };
const TEXT: Group =
    Group { title: "Text", scope: Scope { screen: SCREEN, text: Some(true) }, elsewhere: "in the text of a policy" };

/// The headings under which the help lists the commands of this screen.
pub const GROUPS: &[Group] = &[POLICY, TEXT];
/// The commands of this screen.
pub const COMMANDS: &[PolicyCommand] = &[
    PolicyCommand::named(
        POLICY,
        "edit text",
        "Begins to edit the text.",
        &["i"],
        |policy, _| match (policy.focus, policy.types()) {
            _ if policy.draft.is_none() => Err("no file is open"),
            (Focus::Editor, false) => Ok(()),
            (Focus::Editor, true) => Err("it is edited already"),
            _ => Err("select the text"),
        },
        Message::Edit,
    )
    .labelled(|_, _| Some(Cow::Borrowed("edit"))),
    PolicyCommand::named(
        POLICY,
        "take fix",
        "Writes what is suggested under the line.",
        &["ctrl-y"],
        |policy, _| if policy.fix().is_some() { Ok(()) } else { Err("nothing is suggested") },
        Message::TakeFix,
    )
    .labelled(|policy, _| {
        let fix = policy.fix().and_then(|note| note.fix.as_deref()).unwrap_or_default();
        Some(Cow::Owned(format!("take {fix}")))
    }),
    PolicyCommand::named(
        POLICY,
        "put in force",
        "Saves the draft; from then on it judges.",
        &["ctrl-s"],
        changed,
        Message::Save,
    )
    .labelled(|_, cx| (cx.size.0 < 60).then_some(Cow::Borrowed("save"))),
    PolicyCommand::named(
        POLICY,
        "undo",
        "Takes the last edit back; the numbers rewind too.",
        &["alt-u", "ctrl-_"],
        |policy, _| edited(policy, |draft| draft.editor.can_undo(), "nothing to take back"),
        Message::Undo,
    ),
    PolicyCommand::silent(
        POLICY,
        "redo",
        "Does it again.",
        &["alt-r", "F4"],
        |policy, _| edited(policy, |draft| draft.editor.can_redo(), "nothing to do again"),
        Message::Redo,
    ),
    PolicyCommand::named(
        TEXT,
        "find",
        "Looks for text; a capital is meant as one.",
        &["ctrl-f"],
        types,
        Message::Find(false),
    ),
    PolicyCommand::silent(TEXT, "replace", "Looks for text and replaces it.", &["ctrl-r"], types, Message::Find(true)),
    PolicyCommand::silent(
        TEXT,
        "find next",
        "The next place of what was looked for.",
        &["F3"],
        sought,
        Message::FindNext { back: false },
    ),
    PolicyCommand::silent(
        TEXT,
        "find before",
        "The place before of what was looked for.",
        &["F2"],
        sought,
        Message::FindNext { back: true },
    ),
    PolicyCommand::silent(
        TEXT,
        "select all",
        "Selects the whole text.",
        &["ctrl-a"],
        unsought,
        Message::Act(Act::SelectAll),
    ),
    PolicyCommand::named(TEXT, "copy text", "Copies what is selected.", &["ctrl-c"], selected, Message::Act(Act::Copy)),
    PolicyCommand::silent(
        TEXT,
        "cut text",
        "Copies what is selected and takes it away.",
        &["ctrl-x"],
        selected,
        Message::Act(Act::Cut),
    ),
    PolicyCommand::silent(
        TEXT,
        "paste text",
        "Puts here what was copied or cut last.",
        &["ctrl-v"],
        |policy, _| edited(policy, |draft| !draft.editor.clipping().is_empty(), "nothing was copied here"),
        Message::Act(Act::Paste),
    ),
    PolicyCommand::named(
        POLICY,
        "next finding",
        "The next error in the text, or warning.",
        &["F8"],
        |policy, _| edited(policy, |draft| !draft.notes().is_empty(), "nothing is wrong"),
        Message::NextNote,
    )
    .labelled(|policy, _| {
        let notes = policy.draft.as_ref().map_or(&[][..], |draft| draft.notes());
        let errors = notes.iter().any(|note| note.severity == Severity::Error);
        Some(Cow::Borrowed(if errors { "next error" } else { "warning" }))
    }),
    PolicyCommand::named(
        POLICY,
        "show in live",
        "The action in hand, in the list it came from.",
        &["enter"],
        |policy, _| match (&policy.ladder, policy.focus) {
            (_, Focus::Editor) => Err("the text has the keys"),
            (Some(ladder), _) if ladder.subject.row.is_some() => Ok(()),
            (_, Focus::Impact) if policy.record.flips() > 0 => Ok(()),
            _ => Err("this action is in no list"),
        },
        Message::Show,
    ),
    PolicyCommand::named(
        POLICY,
        "next part",
        "Text, impact, ladder in turn.",
        &["F6", "tab"],
        open,
        Message::Beside { back: false },
    )
    .labelled(|policy, _| policy.has_text().then_some(Cow::Borrowed("impact"))),
    PolicyCommand::silent(
        POLICY,
        "part before",
        "The same, the other way.",
        &["F5", "backtab"],
        open,
        Message::Beside { back: true },
    ),
    PolicyCommand::named(
        POLICY,
        "try an action",
        "Makes an action by form and shows its ladder.",
        &["alt-s", "ctrl-t"],
        open,
        Message::Make,
    ),
    PolicyCommand::named(
        POLICY,
        "write fixture",
        "Writes the event that tests the selected boundary.",
        &["w", "alt-w"],
        |policy, _| match (survivor(policy), policy.focus) {
            (None, _) => Err("every boundary is tested"),
            (_, Focus::Untested) => Ok(()),
            _ => Err("select an untested boundary"),
        },
        Message::WriteFixture,
    ),
    PolicyCommand::silent(
        POLICY,
        "own editor",
        "The draft in your editor, and back.",
        &["alt-e", "ctrl-o"],
        open,
        Message::Hand,
    ),
    PolicyCommand::silent(
        POLICY,
        "discard",
        "Throws the draft away; undo brings it back.",
        &["alt-x", "F9"],
        changed,
        Message::Discard,
    ),
];

fn open(policy: &Policy, _: &Context<'_>) -> Result<(), &'static str> {
    if policy.draft.is_some() { Ok(()) } else { Err("no file is open") }
}

fn changed(policy: &Policy, _: &Context<'_>) -> Result<(), &'static str> {
    if policy.is_changed() { Ok(()) } else { Err("nothing is changed") }
}

fn types(policy: &Policy, _: &Context<'_>) -> Result<(), &'static str> {
    if policy.types() { Ok(()) } else { Err("the text does not have the keys") }
}

/// A line of its own is typed in while text is looked for.
fn unsought(policy: &Policy, cx: &Context<'_>) -> Result<(), &'static str> {
    types(policy, cx)?;
    edited(policy, |draft| draft.editor.finder.is_none(), "the search has the keys")
}

fn selected(policy: &Policy, cx: &Context<'_>) -> Result<(), &'static str> {
    unsought(policy, cx)?;
    edited(policy, |draft| draft.editor.selection().is_some(), "nothing is selected; esc leaves the text")
}

fn sought(policy: &Policy, _: &Context<'_>) -> Result<(), &'static str> {
    edited(policy, |draft| draft.editor.has_sought(), "nothing was looked for")
}

fn edited(policy: &Policy, can: fn(&Draft) -> bool, reason: &'static str) -> Result<(), &'static str> {
    if policy.draft.as_ref().is_some_and(can) { Ok(()) } else { Err(reason) }
}
