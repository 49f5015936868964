//! What requests are answered, and what comes of it.

use std::sync::Arc;

use super::derive::point_at_deciding_rule;
use super::line_diff::merge;
use super::{Draft, Policy, Question};
use crate::console::screen::files::{FileReply, FileRequest, KeptDraft};
use crate::console::screen::{Context, Effect, Request, Screen as _};
use crate::kernel::capability::Vocabulary;
use crate::session::bus;

/// Takes an answer in.
pub(super) fn take(policy: &mut Policy, cx: &Context<'_>, reply: FileReply) -> Vec<Effect> {
    match reply {
        FileReply::Read { file, text, vocabulary, kept, tests } => {
            policy.record.tested(tests);
            read(policy, cx, file, text, vocabulary, kept)
        }
        FileReply::Unreadable { file, why } => {
            policy.unreadable = Some(format!("{file}: {why}"));
            Vec::new()
        }
        FileReply::Replaced { file, text } => saved(policy, file, &text),
        FileReply::Differs { text } => {
            policy.leaving = false;
            let mut effects = vec![Effect::say("not saved: the file changed on disk")];
            effects.extend(on_disk(policy, text));
            effects
        }
        FileReply::Failed { why } => {
            policy.leaving = false;
            vec![Effect::say(why)]
        }
        FileReply::TestWritten { told, fixture, tests } => {
            policy.record.fixed(fixture);
            if let Some(tests) = tests {
                policy.record.tested(tests);
            }
            vec![Effect::say(told)]
        }
        FileReply::Journal(_) | FileReply::FixtureAdded { .. } | FileReply::Corpus(_) | FileReply::Review(_) => {
            Vec::new()
        }
        FileReply::Receipts(portion) => {
            policy.record.absorb(*portion);
            Vec::new()
        }
        FileReply::Recalled(briefs) => {
            policy.record.brief(briefs);
            Vec::new()
        }
        FileReply::ReceiptsEnd { fault } => {
            let record = &mut policy.record;
            record.reading = record.reading.map(|(_, size)| (size, size));
            fault.map(|fault| Effect::Shell(Request::Notice(fault))).into_iter().collect()
        }
        FileReply::TakenBack { text } => {
            if let Some(draft) = &mut policy.draft {
                draft.editor.become_text(&text);
            }
            vec![Effect::Pause]
        }
    }
}

/// A file was read, for the first time or again.
fn read(
    policy: &mut Policy,
    cx: &Context<'_>,
    file: String,
    text: Option<String>,
    vocabulary: Arc<Vocabulary>,
    kept: Option<KeptDraft>,
) -> Vec<Effect> {
    policy.unreadable = None;
    if policy.draft.as_ref().is_some_and(|draft| draft.file == file) {
        return on_disk(policy, text).into_iter().collect();
    }
    let found = kept.filter(|kept| Some(kept.text.as_str()) != text.as_deref());
    let asks = found.is_some();
    policy.found = found;
    let mut draft = Draft::new(file, text, vocabulary);
    draft.refresh(&cx.model.catalogue);
    policy.draft = Some(draft);
    point_at_deciding_rule(policy, cx);
    if asks && cx.shown == Policy::ID {
        policy.question = Some(Question::Found);
    }
    Vec::new()
}

fn saved(policy: &mut Policy, file: String, text: &str) -> Vec<Effect> {
    let Some(draft) = &mut policy.draft else { return Vec::new() };
    draft.rebase(Some(text));
    draft.kept = draft.editor.version();
    let mut effects = vec![Policy::request(FileRequest::ForgetDraft { file })];
    if policy.leaving {
        effects.extend([Effect::Session(bus::Command::Stop), Effect::Quit]);
    }
    effects.push(Effect::say(if draft.loads() { "saved and in force" } else { "saved; it does not load" }));
    effects
}

/// The disk says something: the same as ever, what the draft says already, something that can be taken in beside the
/// edits, or something a person has to choose from.
fn on_disk(policy: &mut Policy, text: Option<String>) -> Option<Effect> {
    let draft = policy.draft.as_mut()?;
    if draft.on_disk() == text.as_deref() {
        return None;
    }
    let Some(theirs) = text else {
        draft.rebase(None);
        return Some(Effect::say(format!("{} is gone from the disk", draft.file)));
    };
    let changed = draft.is_changed();
    if draft.text() == theirs {
        draft.rebase(Some(&theirs));
        return None;
    }
    let merged = merge(draft.on_disk().unwrap_or_default(), draft.text(), &theirs);
    if let Some(merged) = merged {
        draft.rebase(Some(&theirs));
        draft.editor.become_text(&merged);
        let said =
            if changed { "changed on disk; your edits are kept beside it" } else { "changed on disk; read again" };
        return Some(Effect::say(format!("{} {said}", draft.file)));
    }
    policy.theirs = Some(theirs);
    policy.question = Some(Question::Differs);
    None
}

/// The draft of an earlier time becomes the draft; what the disk got since stays.
pub(super) fn take_up(policy: &mut Policy) -> Vec<Effect> {
    let Some(kept) = policy.found.take() else { return Vec::new() };
    let Some(draft) = &mut policy.draft else { return Vec::new() };
    let now = draft.on_disk().unwrap_or_default();
    let merged = merge(kept.base.as_deref().unwrap_or_default(), &kept.text, now);
    let said = "the file changed since, in the same lines: the draft stands as it was left";
    let effects = Vec::from_iter(merged.is_none().then(|| Effect::say(said)));
    draft.editor.become_text(&merged.unwrap_or(kept.text));
    effects
}
