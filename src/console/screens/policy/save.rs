//! A draft becomes the file, or is kept for after a crash.

use super::{Policy, Question};
use crate::console::screen::Effect;
use crate::console::screen::files::{FileRequest, KeptDraft};

/// Saves; what does not load only when a person says so again.
pub(super) fn save(policy: &mut Policy, broken: bool) -> Vec<Effect> {
    let Some(draft) = &policy.draft else { return Vec::new() };
    if !draft.loads() && !broken {
        policy.question = Some(Question::Broken);
        return Vec::new();
    }
    let request = FileRequest::Replace {
        file: draft.file.clone(),
        text: draft.text().to_owned(),
        over: draft.on_disk().map(str::to_owned),
    };
    vec![Policy::request(request)]
}

/// Keeps the draft for the next time.
pub(super) fn keep(policy: &mut Policy) -> Option<Effect> {
    let draft = policy.draft.as_mut().filter(|draft| draft.editor.version() != draft.kept)?;
    draft.kept = draft.editor.version();
    let file = draft.file.clone();
    let request = if draft.is_changed() {
        FileRequest::KeepDraft(KeptDraft {
            file,
            base: draft.on_disk().map(str::to_owned),
            text: draft.text().to_owned(),
        })
    } else {
        FileRequest::ForgetDraft { file }
    };
    Some(Policy::request(request))
}

/// Has the draft kept once a person has paused, where it says something new.
pub(super) fn keep_after_pause(policy: &Policy) -> Vec<Effect> {
    let changed = policy.draft.as_ref().is_some_and(|draft| draft.editor.version() != draft.kept);
    if changed { vec![Effect::Pause] } else { Vec::new() }
}
