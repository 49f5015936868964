//! What a person does on the Policy screen, and what comes of it.

use super::answers::{self, Answer};
use super::ask::Ask;
use super::chores::{Chore, Kept};
use super::{Draft, Focus, Form, Policy, boundary, complete};
use crate::console::editor::{Act, Field};
use crate::console::effects::Effect;
use crate::console::errands::Errand;
use crate::console::layers::Layer;
use crate::console::line::Edit;
use crate::console::state::{Page, State};
use crate::kernel::diagnostic::Severity;

/// One thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// A key in the text.
    Act(Act),
    /// The cursor to a cell of a line.
    Point {
        /// The line.
        line: usize,
        /// The cell.
        cell: usize,
    },
    /// Put the draft in force.
    Save,
    /// Take the last step back.
    Undo,
    /// Do it again.
    Redo,
    /// Look for text; with `true`, to replace it.
    Find(bool),
    /// A key in the line of what is looked for.
    Sought(Edit),
    /// To the other of its two lines.
    OtherField,
    /// To the next place, or the one before.
    FindNext {
        /// The one before.
        back: bool,
    },
    /// Replace what was found, or all of it.
    Replace {
        /// All of it.
        all: bool,
    },
    /// Close the search; the cursor stays on what was found, or goes back.
    CloseSearch {
        /// It stays.
        keep: bool,
    },
    /// To the next thing that is said under a line.
    NextNote,
    /// Write what is suggested.
    TakeFix,
    /// Write what is offered at the cursor.
    TakeOffer,
    /// Select the next offer, or the one before.
    Offer {
        /// The one before.
        back: bool,
    },
    /// No offers.
    CloseOffers,
    /// Give another part the keys.
    Focus(Focus),
    /// Select something in a part.
    Pick(Focus, usize),
    /// The next part, or the one before.
    Beside {
        /// The one before.
        back: bool,
    },
    /// One layer back.
    Leave,
    /// The draft in the person's editor.
    Hand,
    /// What is on disk again.
    Discard,
    /// Make an action by form.
    Make,
    /// A key in the form.
    Fill(Edit),
    /// To another field of it.
    Field {
        /// The one before.
        back: bool,
    },
    /// The action in hand, in Live.
    Show,
    /// The fixture that tests the selected boundary.
    WriteFixture,
    /// An answer to a question.
    Answer(Answer),
}

/// Does it.
pub fn update(state: &mut State, doing: Doing) -> Vec<Effect> {
    let charset = state.charset;
    if !matches!(doing, Doing::TakeOffer | Doing::Offer { .. } | Doing::Act(_)) {
        state.policy.offers = None;
    }
    match doing {
        Doing::Save => return save(state, false),
        Doing::Answer(answer) => return answers::answer(state, answer),
        Doing::Hand => return hand(state),
        Doing::Leave => return leave(state),
        Doing::WriteFixture => return boundary::write(state),
        Doing::Show => {
            show(state);
            return Vec::new();
        }
        _ => {}
    }
    let policy = &mut state.policy;
    match doing {
        Doing::Focus(focus) => policy.focus = focus,
        Doing::Pick(focus, at) => {
            policy.focus = focus;
            match focus {
                Focus::Impact => policy.flip = at,
                Focus::Ladder => policy.rung = at,
                Focus::Untested => policy.survivor = at,
                Focus::Editor => {}
            }
        }
        Doing::Beside { back } => policy.focus = policy.focus.beside(back),
        Doing::Make => make(state),
        Doing::Fill(edit) => fill(policy, |form| form.edit(edit)),
        Doing::Field { back } => fill(policy, |form| form.step(back)),
        Doing::Discard => ask(state, Ask::Discard),
        _ => {
            if let Some(draft) = &mut policy.draft {
                policy.offers = text(draft, doing, policy.offers.take(), charset);
            }
            if let Doing::Act(act) = doing {
                offer(policy, act);
            }
            policy.focus = if matches!(doing, Doing::Find(_) | Doing::Point { .. } | Doing::NextNote | Doing::TakeFix) {
                Focus::Editor
            } else {
                policy.focus
            };
        }
    }
    let mut effects = kept_later(&state.policy);
    if matches!(doing, Doing::Act(Act::Copy | Act::Cut)) {
        effects.extend(to_clipboard(&state.policy));
    }
    effects
}

/// What was copied in the text, for everyone else.
fn to_clipboard(policy: &Policy) -> Option<Effect> {
    let text = policy.draft.as_ref()?.editor.clipping();
    let what = format!("{} characters", text.chars().count());
    (!text.is_empty()).then(|| Effect::Run(Errand::Copy { what, text: text.to_owned() }))
}

/// What happens to the text alone; the offers that are left.
fn text(
    draft: &mut Draft,
    doing: Doing,
    offers: Option<super::Offers>,
    charset: crate::console::text::Charset,
) -> Option<super::Offers> {
    let editor = &mut draft.editor;
    match doing {
        Doing::Act(act) => {
            editor.act(act, charset);
            return offers;
        }
        Doing::Point { line, cell } => editor.point(line, cell, charset),
        Doing::Undo => editor.act(Act::Undo, charset),
        Doing::Redo => editor.act(Act::Redo, charset),
        Doing::Find(replaces) => editor.find(replaces),
        Doing::Sought(edit) => editor.type_sought(edit),
        Doing::OtherField => {
            if let Some(finder) = editor.finder.as_mut().filter(|finder| finder.with.is_some()) {
                finder.field = if finder.field == Field::Find { Field::With } else { Field::Find };
            }
        }
        Doing::FindNext { back } => editor.find_next(back),
        Doing::Replace { all } => drop(editor.replace_found(all)),
        Doing::CloseSearch { keep } => editor.close_finder(keep),
        Doing::NextNote => next_note(draft),
        Doing::TakeOffer => {
            if let Some((word, range)) =
                offers.and_then(|offers| Some((offers.all.get(offers.at)?.0.clone(), offers.range)))
            {
                editor.replace(range, &word);
            }
        }
        Doing::Offer { back } => {
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
fn offer(policy: &mut Policy, act: Act) {
    policy.offers = match (&policy.draft, act) {
        (Some(draft), Act::Insert(_) | Act::Backspace) => complete::offers(draft, &policy.catalogue),
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
pub fn take_fix(state: &mut State) -> Vec<Effect> {
    let fix = state.policy.fix().and_then(|note| Some((note.range.clone(), note.fix.clone()?)));
    if let (Some((range, with)), Some(draft)) = (fix, &mut state.policy.draft) {
        draft.editor.replace(range, &with);
        state.policy.focus = Focus::Editor;
    }
    kept_later(&state.policy)
}

pub(super) fn kept_later(policy: &Policy) -> Vec<Effect> {
    let changed = policy.draft.as_ref().is_some_and(|draft| draft.editor.version() != draft.kept);
    if changed { vec![Effect::Pause] } else { Vec::new() }
}

fn make(state: &mut State) {
    let subject = state.policy.ladder.as_ref().map(|ladder| ladder.subject.clone());
    state.policy.form = Some(Form::new(subject.as_ref()));
    state.policy.focus = Focus::Ladder;
}

fn fill(policy: &mut Policy, change: impl FnOnce(&mut Form)) {
    if let Some(form) = &mut policy.form {
        change(form);
    }
}

fn ask(state: &mut State, ask: Ask) {
    state.layers.retain(|layer| !matches!(layer, Layer::Ask(_)));
    state.layers.push(Layer::Ask(ask));
}

/// Opens a question, above whatever is open.
pub fn question(state: &mut State, asked: Ask) {
    ask(state, asked);
}

/// Back: offers, the search, the form, the editor, the screen; never out of the console.
fn leave(state: &mut State) -> Vec<Effect> {
    let policy = &mut state.policy;
    if policy.form.take_if(|_| policy.focus == Focus::Ladder).is_some() {
        return Vec::new();
    }
    if policy.focus == Focus::Editor && policy.draft.is_some() {
        policy.focus = Focus::Impact;
    } else {
        state.page = Page::Live;
    }
    Vec::new()
}

fn show(state: &mut State) {
    if let Some(row) = state.policy.ladder.as_ref().and_then(|ladder| ladder.subject.row) {
        state.page = Page::Live;
        state.go_to(row);
        return;
    }
    let record = &state.policy.record;
    let brief = record.flip(state.policy.flip).and_then(|flip| record.called(flip.row));
    let said = brief.map(|brief| format!("{} of an earlier session: {}", brief.id, brief.place));
    state.status = Some(said.unwrap_or_else(|| "this action is in no list".to_owned()));
}

/// Saves; what does not load only when a person says so again.
pub(super) fn save(state: &mut State, broken: bool) -> Vec<Effect> {
    let Some(draft) = &state.policy.draft else { return Vec::new() };
    if !draft.loads() && !broken {
        ask(state, Ask::Broken);
        return Vec::new();
    }
    let chore = Chore::Save {
        file: draft.file.clone(),
        text: draft.text().to_owned(),
        over: draft.on_disk().map(str::to_owned),
    };
    vec![Effect::chore(chore)]
}

/// Keeps the draft for the next time.
pub fn keep(policy: &mut Policy) -> Option<Effect> {
    let draft = policy.draft.as_mut().filter(|draft| draft.editor.version() != draft.kept)?;
    draft.kept = draft.editor.version();
    let file = draft.file.clone();
    let chore = if draft.is_changed() {
        Chore::Keep(Kept { file, base: draft.on_disk().map(str::to_owned), text: draft.text().to_owned() })
    } else {
        Chore::Forget { file }
    };
    Some(Effect::chore(chore))
}

fn hand(state: &mut State) -> Vec<Effect> {
    let Some(draft) = &state.policy.draft else { return Vec::new() };
    let line = u32::try_from(draft.editor.place().0 + 1).unwrap_or(1);
    state.policy.handed = true;
    vec![Effect::chore(Chore::Hand { file: draft.file.clone(), text: draft.text().to_owned(), line })]
}

/// Takes what was pasted: into the search, the text or the form.
pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    let policy = &mut state.policy;
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
    kept_later(&state.policy)
}
