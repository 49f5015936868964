//! The Policy screen: the draft of a policy file, what it says of the action in hand, and where a person is in it. Pure:
//! files are read and written by chores, and what came of them comes back as a word.

mod answers;
pub mod ask;
mod boundary;
mod catalogue;
pub mod chores;
mod complete;
pub mod doing;
mod draft;
pub mod keys;
mod ladder;
pub mod layout;
mod learn;
mod lines;
pub mod moving;
mod notes;
mod reading;
mod record;
mod settle;
mod subject;
mod words;

pub use boundary::selected as survivor;
pub use catalogue::Catalogue;
pub use complete::Offers;
pub use draft::{Draft, Was};
pub use ladder::{Ladder, Side, Step};
pub use learn::learn;
pub use notes::Note;
pub use record::{MOST, Record};
pub use settle::{aim, settle};
pub use subject::{Form, Subject};
pub use words::{Ceilings, ceilings, clause_of, worth};

use std::sync::Arc;

use super::effects::Effect;
use super::state::{RowId, State};
use crate::kernel::policy::PolicySet;

/// What of the Policy screen has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The text of the file.
    #[default]
    Editor,
    /// What it would change.
    Impact,
    /// The rules on one action.
    Ladder,
    /// What no fixture tests.
    Untested,
}

impl Focus {
    /// All, in the order of the keys.
    pub const ALL: [Self; 4] = [Self::Editor, Self::Impact, Self::Ladder, Self::Untested];

    /// The one after it, or before.
    pub fn beside(self, back: bool) -> Self {
        let all = Self::ALL;
        let at = all.iter().position(|focus| *focus == self).unwrap_or(0);
        all[(at + if back { all.len() - 1 } else { 1 }) % all.len()]
    }
}

/// Everything the screen shows beyond what Live knows.
#[derive(Debug, Default)]
pub struct Policy {
    /// The draft; none until its file was read.
    pub draft: Option<Draft>,
    /// Why there is none.
    pub unreadable: Option<String>,
    /// What has the keys.
    pub focus: Focus,
    /// What could be written at the cursor.
    pub offers: Option<Offers>,
    /// The tools and connectors that are loaded.
    pub catalogue: Catalogue,
    /// The recorded actions, and what the draft would do to them.
    pub record: Record,
    /// The selected flip, by its number through all groups.
    pub flip: usize,
    /// The selected boundary that no fixture tests, by its number among those shown.
    pub survivor: usize,
    /// The order in which they are shown.
    pub order: Vec<usize>,
    /// The rules on the action in hand.
    pub ladder: Option<Ladder>,
    /// The first rung in view, while a person moves in it.
    pub rung: usize,
    /// The action that was made by form.
    pub form: Option<Form>,
    /// What the disk says now where draft and disk cannot be made one.
    pub theirs: Option<String>,
    /// The draft of an earlier time.
    pub found: Option<chores::Kept>,
    /// Leave once it is saved.
    pub leaving: bool,
    /// The row of Live at which the cursor was pointed last.
    aimed: Option<RowId>,
    /// True while another editor has the draft.
    handed: bool,
    /// The draft's rules, ready to be asked, with those of the other files.
    compiled: Option<Arc<PolicySet>>,
    /// Where among them those of the draft's file begin.
    offset: usize,
    /// Which draft that is, and beside which policy.
    version: (u64, Option<String>),
    /// What the ladder was last asked.
    asked: Option<(Subject, (u64, Option<String>))>,
}

impl Policy {
    /// True while something other than the text takes what is pasted.
    pub fn takes_paste(&self, page: super::state::Page) -> bool {
        page == super::state::Page::Policy && self.focus == Focus::Ladder && self.form.is_some()
    }

    /// True unless the draft is a text that does not load.
    pub fn loads(&self) -> bool {
        self.draft.as_ref().is_none_or(Draft::loads)
    }

    /// True when a draft says something else than the disk.
    pub fn is_changed(&self) -> bool {
        self.draft.as_ref().is_some_and(Draft::is_changed)
    }

    /// What `take fix` would write at the cursor.
    pub fn fix(&self) -> Option<&Note> {
        let draft = self.draft.as_ref()?;
        let (line, _) = draft.editor.place();
        let cursor = draft.editor.cursor();
        let with_fix = || draft.notes().iter().filter(|note| note.fix.is_some());
        let here = with_fix().find(|note| note.range.start <= cursor && cursor <= note.range.end);
        here.or_else(|| with_fix().find(|note| note.line == line)).or_else(|| {
            let mut all = with_fix();
            // A single one is meant wherever the cursor is.
            all.next().filter(|_| all.next().is_none())
        })
    }
}

/// The file a person edits: of those in force the one that decides about the selected action, else the first.
pub fn file(state: &State) -> String {
    let files = state.runs.policy().map(|stamp| stamp.files.as_slice()).unwrap_or_default();
    let rule = state.tried().and_then(|tried| tried.explanation.rule.as_deref());
    let decides = rule.and_then(|rule| Some(rule.rsplit_once(':')?.0));
    let found = files.iter().find(|name| Some(name.as_str()) == decides).or_else(|| files.first());
    found.cloned().unwrap_or_else(|| "policy/trust.yaml".to_owned())
}

/// Reads the file again after it changed; the first time only where the screen waits for it.
pub fn reread(state: &State, changed: bool) -> Option<Effect> {
    let waits = state.policy.unreadable.is_some() && state.page == super::state::Page::Policy;
    let file = state.policy.draft.as_ref().map(|draft| draft.file.clone()).or_else(|| waits.then(|| file(state)))?;
    changed.then(|| Effect::chore(chores::Chore::Read { file }))
}

/// Goes to the screen; the first time, its file is read.
pub fn enter(state: &mut State) -> Vec<Effect> {
    state.page = super::state::Page::Policy;
    state.policy.focus = Focus::Editor;
    let file = file(state);
    if state.policy.draft.as_ref().is_some_and(|draft| draft.file == file || draft.is_changed()) {
        aim(state);
        return Vec::new();
    }
    let read = chores::Chore::Read { file };
    let record = state.policy.record.begin();
    std::iter::once(read).chain(record).map(Effect::chore).collect()
}
