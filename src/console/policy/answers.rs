//! What comes of the answers to a question.

use super::chores::Chore;
use super::doing::{keep, kept_later, save};
use crate::console::effects::Effect;
use crate::console::errands::{At, Errand};
use crate::console::layers::Layer;
use crate::console::state::State;
use crate::session::bus;

/// Answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Leave, the draft kept.
    KeepAndLeave,
    /// Save, then leave.
    SaveAndLeave,
    /// Leave without the draft.
    DiscardAndLeave,
    /// Save what does not load.
    SaveBroken,
    /// The draft stays; what is on disk will be overwritten.
    Mine,
    /// What is on disk becomes the draft.
    Theirs,
    /// What is on disk, in the person's editor.
    Look,
    /// The found draft becomes the draft.
    TakeUp,
    /// The found draft stays where it is.
    Later,
    /// The draft goes.
    Discard,
}

fn quit() -> Vec<Effect> {
    vec![Effect::Ask(bus::Command::Stop), Effect::Quit]
}

/// Does what was answered; the question is gone.
pub fn answer(state: &mut State, answer: Answer) -> Vec<Effect> {
    state.layers.retain(|layer| !matches!(layer, Layer::Ask(_)));
    let policy = &mut state.policy;
    let file = policy.draft.as_ref().map(|draft| draft.file.clone()).unwrap_or_default();
    match answer {
        Answer::KeepAndLeave => keep(policy).into_iter().chain(quit()).collect(),
        Answer::SaveAndLeave => {
            policy.leaving = true;
            save(state, false)
        }
        Answer::DiscardAndLeave => {
            // What is thrown away is not kept on the way out.
            if let Some(draft) = &mut policy.draft {
                draft.kept = draft.editor.version();
            }
            let mut effects = vec![Effect::chore(Chore::Forget { file })];
            effects.extend(quit());
            effects
        }
        Answer::SaveBroken => save(state, true),
        Answer::Mine => {
            // What is on disk is known now: a save may write over it.
            if let (Some(draft), Some(theirs)) = (&mut policy.draft, policy.theirs.take()) {
                draft.rebase(Some(&theirs));
            }
            Vec::new()
        }
        Answer::Theirs => {
            if let (Some(draft), Some(theirs)) = (&mut policy.draft, policy.theirs.take()) {
                draft.rebase(Some(&theirs));
                draft.editor.become_text(&theirs);
            }
            kept_later(policy)
        }
        Answer::Look => vec![Effect::Run(Errand::Edit { file, at: At::Line(1) })],
        Answer::TakeUp => {
            super::learn::take_up(state);
            Vec::new()
        }
        Answer::Later => {
            policy.found = None;
            Vec::new()
        }
        Answer::Discard => {
            policy.found = None;
            if let Some(draft) = &mut policy.draft {
                let on_disk = draft.on_disk().unwrap_or_default().to_owned();
                draft.editor.become_text(&on_disk);
                draft.kept = draft.editor.version();
            }
            vec![Effect::chore(Chore::Forget { file })]
        }
    }
}
