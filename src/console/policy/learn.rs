//! What the screen is told of the world outside, and what comes of it.

use std::sync::Arc;

use super::ask::Ask;
use super::chores::{Chore, Kept, Word};
use super::doing::{keep, question};
use super::lines::merge;
use super::{Draft, aim};
use crate::console::effects::Effect;
use crate::console::state::State;
use crate::kernel::capability::Vocabulary;
use crate::session::bus;

/// Takes a word in.
pub fn learn(state: &mut State, word: Word) -> Vec<Effect> {
    match word {
        Word::Read { file, text, vocabulary, kept } => {
            read(state, file, text, vocabulary, kept);
            Vec::new()
        }
        Word::Unreadable { file, why } => {
            state.policy.unreadable = Some(format!("{file}: {why}"));
            Vec::new()
        }
        Word::Saved { file, text } => saved(state, file, &text),
        Word::Differs { text, .. } => {
            state.policy.leaving = false;
            state.status = Some("not saved: the file changed on disk".to_owned());
            on_disk(state, text);
            Vec::new()
        }
        Word::Failed { why } => {
            state.policy.leaving = false;
            state.status = Some(why);
            Vec::new()
        }
        Word::Wrote { file } => {
            state.status = Some(format!("written to {file}; played, it shows what an operator makes of it"));
            Vec::new()
        }
        Word::Portion(portion) => {
            state.policy.record.absorb(*portion);
            Vec::new()
        }
        Word::Recalled(briefs) => {
            state.policy.record.brief(briefs);
            Vec::new()
        }
        Word::Recorded { fault } => {
            if let Some(fault) = fault {
                state.troubles.noticed(&fault);
            }
            let record = &mut state.policy.record;
            record.reading = record.reading.map(|(_, size)| (size, size));
            Vec::new()
        }
        Word::Fetched { text } => {
            if let Some(draft) = &mut state.policy.draft {
                draft.editor.become_text(&text);
            }
            vec![Effect::Pause]
        }
        Word::Paused => {
            let policy = &mut state.policy;
            policy.record.study(&policy.catalogue);
            keep(policy).into_iter().collect()
        }
        Word::Back => back(state),
    }
}

/// A file was read, for the first time or again.
fn read(state: &mut State, file: String, text: Option<String>, vocabulary: Arc<Vocabulary>, kept: Option<Kept>) {
    state.policy.unreadable = None;
    if state.policy.draft.as_ref().is_some_and(|draft| draft.file == file) {
        on_disk(state, text);
        return;
    }
    let found = kept.filter(|kept| Some(kept.text.as_str()) != text.as_deref());
    let asks = found.is_some();
    state.policy.found = found;
    let mut draft = Draft::new(file, text, vocabulary);
    draft.refresh(&state.policy.catalogue);
    state.policy.draft = Some(draft);
    aim(state);
    if asks {
        question(state, Ask::Found);
    }
}

/// The terminal is back: the draft is fetched from where it was handed over, and the disk looked at again.
fn back(state: &mut State) -> Vec<Effect> {
    let Some(file) = state.policy.draft.as_ref().map(|draft| draft.file.clone()) else { return Vec::new() };
    if std::mem::take(&mut state.policy.handed) {
        return vec![Effect::chore(Chore::Fetch { file })];
    }
    vec![Effect::chore(Chore::Read { file })]
}

fn saved(state: &mut State, file: String, text: &str) -> Vec<Effect> {
    let policy = &mut state.policy;
    let Some(draft) = &mut policy.draft else { return Vec::new() };
    draft.rebase(Some(text));
    draft.kept = draft.editor.version();
    let mut effects = vec![Effect::chore(Chore::Forget { file })];
    if policy.leaving {
        effects.extend([Effect::Ask(bus::Command::Stop), Effect::Quit]);
    }
    state.status = Some(if draft.loads() { "saved and in force" } else { "saved; it does not load" }.to_owned());
    effects
}

/// The disk says something: the same as ever, what the draft says already, something that can be taken in beside the
/// edits, or something a person has to choose from.
fn on_disk(state: &mut State, text: Option<String>) {
    let Some(draft) = &mut state.policy.draft else { return };
    if draft.on_disk() == text.as_deref() {
        return;
    }
    let Some(theirs) = text else {
        draft.rebase(None);
        state.status = Some(format!("{} is gone from the disk", draft.file));
        return;
    };
    let changed = draft.is_changed();
    if draft.text() == theirs {
        draft.rebase(Some(&theirs));
        return;
    }
    let merged = merge(draft.on_disk().unwrap_or_default(), draft.text(), &theirs);
    if let Some(merged) = merged {
        draft.rebase(Some(&theirs));
        draft.editor.become_text(&merged);
        let said =
            if changed { "changed on disk; your edits are kept beside it" } else { "changed on disk; read again" };
        state.status = Some(format!("{} {said}", draft.file));
    } else {
        state.policy.theirs = Some(theirs);
        question(state, Ask::Differs);
    }
}

/// The draft of an earlier time becomes the draft; what the disk got since stays.
pub fn take_up(state: &mut State) {
    let Some(kept) = state.policy.found.take() else { return };
    let Some(draft) = &mut state.policy.draft else { return };
    let now = draft.on_disk().unwrap_or_default();
    let merged = merge(kept.base.as_deref().unwrap_or_default(), &kept.text, now);
    if merged.is_none() {
        state.status = Some("the file changed since, in the same lines: the draft stands as it was left".to_owned());
    }
    draft.editor.become_text(&merged.unwrap_or(kept.text));
}
