//! Questions that only a person can answer, and what comes of the answers. Enter gives the first answer where that loses
//! nothing.

use super::save::{keep, keep_after_pause, save};
use super::{Message, Policy, replies};
use crate::console::present::source_location::At;
use crate::console::screen::files::FileRequest;
use crate::console::screen::{Choice, Context, Dialog, Effect};
use crate::session::bus;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Leave with a draft that is not saved?
    Leave,
    /// Save what does not load?
    Broken,
    /// The disk has something else than the draft began from.
    Differs,
    /// There is a draft from an earlier time.
    Found,
    /// Throw the draft away?
    Discard,
}

/// An answer to one of the questions.
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

type Answers = Choice<Message>;

const fn choice(key: &'static str, label: &'static str, answer: Answer) -> Answers {
    Choice { key, label, message: Message::Answer(answer) }
}

const LEAVE: [Answers; 3] = [
    choice("k", "keep the draft for next time and leave", Answer::KeepAndLeave),
    choice("s", "put it in force and leave", Answer::SaveAndLeave),
    choice("d", "throw it away and leave", Answer::DiscardAndLeave),
];
const BROKEN: [Answers; 1] = [choice("s", "save it all the same", Answer::SaveBroken)];
const DIFFERS: [Answers; 3] = [
    choice("m", "keep my draft; a save overwrites", Answer::Mine),
    choice("t", "take what is on disk; undo brings mine back", Answer::Theirs),
    choice("e", "see what is on disk in my editor", Answer::Look),
];
const FOUND: [Answers; 3] = [
    choice("t", "take it up again", Answer::TakeUp),
    choice("l", "leave it for later", Answer::Later),
    choice("d", "throw it away", Answer::Discard),
];
const DISCARD: [Answers; 1] = [choice("d", "throw it away; undo brings it back", Answer::Discard)];

impl Question {
    /// What can be answered.
    fn choices(self) -> &'static [Answers] {
        match self {
            Self::Leave => &LEAVE,
            Self::Broken => &BROKEN,
            Self::Differs => &DIFFERS,
            Self::Found => &FOUND,
            Self::Discard => &DISCARD,
        }
    }

    /// Its heading.
    fn title(self) -> &'static str {
        match self {
            Self::Leave => "A draft is not in force",
            Self::Broken => "The draft does not load",
            Self::Differs => "The file changed on disk",
            Self::Found => "A draft from before",
            Self::Discard => "Throw the draft away?",
        }
    }

    /// The question in full.
    fn text(self, policy: &Policy, cx: &Context<'_>) -> String {
        let file = policy.draft.as_ref().map_or("the file", |draft| draft.file.as_str());
        let edits = policy.draft.as_ref().map_or(0, |draft| draft.changes().count());
        let edits = if edits == 1 { "1 edit".to_owned() } else { format!("{edits} edits") } + " not saved";
        let digest = cx.model.runs.policy().map_or("none", |stamp| stamp.short());
        match self {
            Self::Leave => format!("{file}: {edits}. {digest} stays in force."),
            Self::Broken => {
                let fault = policy.draft.as_ref().and_then(|draft| draft.notes().first());
                let fault = fault.map_or_else(String::new, |note| format!("line {}: {}. ", note.line + 1, note.text));
                format!(
                    "{fault}Saved like this, {digest} goes stale: it judges for stubs only, and nothing fires for real."
                )
            }
            Self::Differs => format!("{file} says something else than the draft began from, in the same lines."),
            Self::Found => format!("{file} was being edited and never saved. What is on disk is in force."),
            Self::Discard => format!("{file}: {edits}."),
        }
    }
}

/// A question as the shell shows it.
pub(super) fn dialog(question: Question, policy: &Policy, cx: &Context<'_>) -> Dialog<Message> {
    let enter = !matches!(question, Question::Broken | Question::Discard);
    Dialog { title: question.title(), text: question.text(policy, cx), choices: question.choices().to_vec(), enter }
}

fn quit() -> Vec<Effect> {
    vec![Effect::Session(bus::Command::Stop), Effect::Quit]
}

/// Does what was answered; the question is gone.
pub(super) fn answer(policy: &mut Policy, answer: Answer) -> Vec<Effect> {
    policy.question = None;
    let file = policy.draft.as_ref().map(|draft| draft.file.clone()).unwrap_or_default();
    match answer {
        Answer::KeepAndLeave => keep(policy).into_iter().chain(quit()).collect(),
        Answer::SaveAndLeave => {
            policy.leaving = true;
            save(policy, false)
        }
        Answer::DiscardAndLeave => {
            // What is thrown away is not kept on the way out.
            if let Some(draft) = &mut policy.draft {
                draft.kept = draft.editor.version();
            }
            let mut effects = vec![Policy::request(FileRequest::ForgetDraft { file })];
            effects.extend(quit());
            effects
        }
        Answer::SaveBroken => save(policy, true),
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
            keep_after_pause(policy)
        }
        Answer::Look => vec![Effect::Edit { file, at: At::Line(1) }],
        Answer::TakeUp => replies::take_up(policy),
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
            vec![Policy::request(FileRequest::ForgetDraft { file })]
        }
    }
}
