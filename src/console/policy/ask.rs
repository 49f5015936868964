//! Questions that only a person can answer: each with a sentence and a few keys. The first answer is what enter gives.

use super::answers::Answer;
use super::doing::Doing;
use crate::console::state::State;
use crate::console::update::Message;

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
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

/// A key, what it does in words, and what it sends.
pub type Choice = (&'static str, &'static str, Message);

const fn answer(key: &'static str, label: &'static str, answer: Answer) -> Choice {
    (key, label, Message::Policy(Doing::Answer(answer)))
}

const LEAVE: [Choice; 3] = [
    answer("k", "keep the draft for next time and leave", Answer::KeepAndLeave),
    answer("s", "put it in force and leave", Answer::SaveAndLeave),
    answer("d", "throw it away and leave", Answer::DiscardAndLeave),
];
const BROKEN: [Choice; 1] = [answer("s", "save it all the same", Answer::SaveBroken)];
const DIFFERS: [Choice; 3] = [
    answer("m", "keep my draft; a save overwrites", Answer::Mine),
    answer("t", "take what is on disk; undo brings mine back", Answer::Theirs),
    answer("e", "see what is on disk in my editor", Answer::Look),
];
const FOUND: [Choice; 3] = [
    answer("t", "take it up again", Answer::TakeUp),
    answer("l", "leave it for later", Answer::Later),
    answer("d", "throw it away", Answer::Discard),
];
const DISCARD: [Choice; 1] = [answer("d", "throw it away; undo brings it back", Answer::Discard)];

impl Ask {
    /// What can be answered.
    pub fn choices(self) -> &'static [Choice] {
        match self {
            Self::Leave => &LEAVE,
            Self::Broken => &BROKEN,
            Self::Differs => &DIFFERS,
            Self::Found => &FOUND,
            Self::Discard => &DISCARD,
        }
    }

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Leave => "A draft is not in force",
            Self::Broken => "The draft does not load",
            Self::Differs => "The file changed on disk",
            Self::Found => "A draft from before",
            Self::Discard => "Throw the draft away?",
        }
    }

    /// The question in full.
    pub fn sentence(self, state: &State) -> String {
        let policy = &state.policy;
        let file = policy.draft.as_ref().map_or("the file", |draft| draft.file.as_str());
        let edits = policy.draft.as_ref().map_or(0, |draft| draft.changes().count());
        let edits = if edits == 1 { "1 edit".to_owned() } else { format!("{edits} edits") } + " not saved";
        let digest = state.runs.policy().map_or("none", |stamp| stamp.short());
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
