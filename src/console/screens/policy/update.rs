//! What comes of a message on the Policy screen.

use super::save::{keep_after_pause, save};
use super::{Draft, Focus, Form, Message, Offers, Policy, Question};
use super::{complete, dialogs, navigation, untested_boundaries};
use crate::console::editor::{Act, Field};
use crate::console::model::Catalogue;
use crate::console::screen::files::FileRequest;
use crate::console::screen::{Context, Effect, Request};
use crate::console::text::Charset;
use crate::kernel::diagnostic::Severity;

/// What is said to a key that would type while the text is only looked at.
const LOOKING: &str = "the text is only looked at; i or enter edits it";

/// Does what a person wants.
pub(super) fn update(policy: &mut Policy, cx: &Context<'_>, message: Message) -> Vec<Effect> {
    if !matches!(message, Message::TakeOffer | Message::Offer { .. } | Message::Act(_)) {
        policy.offers = None;
    }
    match message {
        Message::Move(motion) => {
            navigation::go(policy, cx, motion);
            return Vec::new();
        }
        Message::Save => return save(policy, false),
        Message::Answer(answer) => return dialogs::answer(policy, answer),
        Message::Hand => return hand(policy),
        Message::Leave => return leave(policy),
        Message::WriteFixture => return untested_boundaries::write(policy, cx),
        Message::Show => return vec![show(policy)],
        Message::NotEditing => return vec![Effect::say(LOOKING)],
        Message::TakeFix => return take_fix(policy),
        _ => {}
    }
    match message {
        Message::Edit => policy.editing = true,
        Message::Focus(focus) => policy.focus = focus,
        Message::Pick(focus, at) => {
            policy.focus = focus;
            match focus {
                Focus::Impact => policy.flip = at,
                Focus::Ladder => policy.rung = at,
                Focus::Untested => policy.survivor = at,
                Focus::Editor => {}
            }
        }
        Message::Beside { back } => policy.focus = policy.focus.beside(back),
        Message::Make => make(policy),
        Message::Fill(edit) => fill(policy, |form| form.edit(edit)),
        Message::Field { back } => fill(policy, |form| form.step(back)),
        Message::Discard => policy.question = Some(Question::Discard),
        _ => {
            if let Some(draft) = &mut policy.draft {
                policy.offers = text(draft, message, policy.offers.take(), cx.charset);
            }
            if let Message::Act(act) = message {
                policy.editing |= act.edits();
                offer(policy, &cx.model.catalogue, act);
            }
            policy.focus =
                if matches!(message, Message::Find(_) | Message::Point { .. } | Message::NextNote | Message::TakeFix) {
                    Focus::Editor
                } else {
                    policy.focus
                };
        }
    }
    policy.editing &= policy.focus == Focus::Editor || policy.form.is_some();
    let mut effects = keep_after_pause(policy);
    if matches!(message, Message::Act(Act::Copy | Act::Cut)) {
        effects.extend(to_clipboard(policy));
    }
    effects
}

/// What was copied in the text, for everyone else.
fn to_clipboard(policy: &Policy) -> Option<Effect> {
    let text = policy.draft.as_ref()?.editor.clipping();
    let what = format!("{} characters", text.chars().count());
    (!text.is_empty()).then(|| Effect::Copy { what, text: text.to_owned() })
}

/// What happens to the text alone; the offers that are left.
fn text(draft: &mut Draft, message: Message, offers: Option<Offers>, charset: Charset) -> Option<Offers> {
    let editor = &mut draft.editor;
    match message {
        Message::Act(act) => {
            editor.act(act, charset);
            return offers;
        }
        Message::Point { line, cell } => editor.point(line, cell, charset),
        Message::Undo => editor.act(Act::Undo, charset),
        Message::Redo => editor.act(Act::Redo, charset),
        Message::Find(replaces) => editor.find(replaces),
        Message::Sought(edit) => editor.type_sought(edit),
        Message::OtherField => {
            if let Some(finder) = editor.finder.as_mut().filter(|finder| finder.with.is_some()) {
                finder.field = if finder.field == Field::Find { Field::With } else { Field::Find };
            }
        }
        Message::FindNext { back } => editor.find_next(back),
        Message::Replace { all } => drop(editor.replace_found(all)),
        Message::CloseSearch { keep } => editor.close_finder(keep),
        Message::NextNote => next_note(draft),
        Message::TakeOffer => {
            if let Some((word, range)) =
                offers.and_then(|offers| Some((offers.all.get(offers.at)?.0.clone(), offers.range)))
            {
                editor.replace(range, &word);
            }
        }
        Message::Offer { back } => {
            return offers.map(|mut offers| {
                let many = offers.all.len();
                offers.at = (offers.at + if back { many - 1 } else { 1 }) % many;
                offers
            });
        }
        _ => {}
    }
    None
}

/// Offers what could stand where something was just typed.
fn offer(policy: &mut Policy, catalogue: &Catalogue, act: Act) {
    policy.offers = match (&policy.draft, act) {
        (Some(draft), Act::Insert(_) | Act::Backspace) => complete::offers(draft, catalogue),
        _ => None,
    };
}

/// Errors before warnings, after the cursor first.
fn next_note(draft: &mut Draft) {
    let cursor = draft.editor.cursor();
    let errors = draft.notes().iter().any(|note| note.severity == Severity::Error);
    let wanted = || draft.notes().iter().filter(|note| !errors || note.severity == Severity::Error);
    let next = wanted().find(|note| note.range.start > cursor).or_else(|| wanted().next());
    if let Some(start) = next.map(|note| note.range.start) {
        let line = draft.editor.text().line_at(start);
        let at = start - draft.editor.text().start(line);
        draft.editor.put(line, at);
    }
}

/// Writes what is suggested in place of the word it is about.
fn take_fix(policy: &mut Policy) -> Vec<Effect> {
    let fix = policy.fix().and_then(|note| Some((note.range.clone(), note.fix.clone()?)));
    if let (Some((range, with)), Some(draft)) = (fix, &mut policy.draft) {
        draft.editor.replace(range, &with);
        policy.focus = Focus::Editor;
        policy.editing = true;
    }
    keep_after_pause(policy)
}

fn make(policy: &mut Policy) {
    let subject = policy.ladder.as_ref().map(|ladder| ladder.subject.clone());
    if policy.form.is_none() {
        policy.form_from = policy.focus;
    }
    policy.form = Some(Form::new(subject.as_ref()));
    policy.focus = Focus::Ladder;
}

fn fill(policy: &mut Policy, change: impl FnOnce(&mut Form)) {
    if let Some(form) = &mut policy.form {
        change(form);
    }
}

/// Back: offers, the search, the form to where it was opened from, editing, the screen; never out of the console.
fn leave(policy: &mut Policy) -> Vec<Effect> {
    if policy.form.take_if(|_| policy.focus == Focus::Ladder).is_some() {
        policy.focus = policy.form_from;
        return Vec::new();
    }
    if policy.types() {
        policy.editing = false;
        return Vec::new();
    }
    vec![Effect::Shell(Request::Leave)]
}

/// The action in question, in the list it came from.
fn show(policy: &Policy) -> Effect {
    if let Some(row) = policy.ladder.as_ref().and_then(|ladder| ladder.subject.row) {
        return Effect::Shell(Request::ShowRow(row));
    }
    let record = &policy.record;
    let brief = record.flip(policy.flip).and_then(|flip| record.called(flip.row));
    let said = brief.map(|brief| format!("{} of an earlier session: {}", brief.id, brief.place));
    Effect::say(said.unwrap_or_else(|| "this action is in no list".to_owned()))
}

fn hand(policy: &mut Policy) -> Vec<Effect> {
    let Some(draft) = &policy.draft else { return Vec::new() };
    let line = u32::try_from(draft.editor.place().0 + 1).unwrap_or(1);
    policy.handed = true;
    vec![Policy::request(FileRequest::HandDraft { file: draft.file.clone(), text: draft.text().to_owned(), line })]
}

/// Takes what was pasted: into the search, the text or the form.
pub(super) fn paste(policy: &mut Policy, text: &str) -> Vec<Effect> {
    if !policy.types() && !policy.fills() {
        return policy.has_text().then(|| Effect::say(LOOKING)).into_iter().collect();
    }
    match (&mut policy.draft, &mut policy.form) {
        (Some(draft), _) if policy.focus == Focus::Editor => {
            if draft.editor.finder.is_some() {
                draft.editor.paste_sought(text);
            } else {
                draft.editor.paste(text);
            }
            policy.offers = None;
        }
        (_, Some(form)) => form.paste(text),
        _ => {}
    }
    keep_after_pause(policy)
}
