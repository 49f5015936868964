//! The Policy screen: the draft of a policy file, what it would change, and what it says of one action.
//!
//! Pure: files are read and written by requests, and what came of them comes back as a reply. It must not know other
//! screens, the shell, or where files are.

mod commands;
mod complete;
mod derive;
mod dialogs;
mod draft;
mod flips_in_view;
mod incremental_reader;
mod inline_diagnostics;
mod ladder;
mod last_good;
mod layout;
mod line_diff;
mod message;
mod navigation;
mod recorded_actions;
mod replies;
mod rule_notes;
mod save;
mod subject;
#[cfg(test)]
mod tests;
mod typing;
mod untested_boundaries;
mod update;
mod view;

use std::sync::Arc;

pub use complete::Offers;
pub use dialogs::Question;
pub use draft::{Draft, Was};
pub use flips_in_view::FlipLine;
pub use inline_diagnostics::Note;
pub use ladder::{Ladder, Side, Step};
pub use message::Message;
pub use recorded_actions::{MOST, Record};
pub use rule_notes::Ceilings;
pub use subject::{Form, Subject};

use crate::console::keys::{Group, Key, ScreenId};
use crate::console::model::{Applied, Model, Row, RowId};
use crate::console::present::summary::ruling;
use crate::console::screen::files::{FileReply, FileRequest, KeptDraft};
use crate::console::screen::{Command, Context, Dialog, Effect, Hints, Screen};
use crate::console::theme::Role;
use crate::console::widgets::{HitMap, Motion, Pen, Span};
use crate::impact::Spread;
use crate::kernel::journal::{Fact, Source};
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
#[expect(clippy::struct_excessive_bools, reason = "each stands for itself")]
pub struct Policy {
    /// The draft; none until its file was read.
    pub draft: Option<Draft>,
    /// Why there is none.
    pub unreadable: Option<String>,
    /// What has the keys.
    pub focus: Focus,
    /// True once an editing key was pressed in the text; until then it is only looked at.
    pub editing: bool,
    /// What could be written at the cursor.
    pub offers: Option<Offers>,
    /// The recorded actions, and what the draft would do to them.
    pub record: Record,
    /// The selected flip, by its number through all groups.
    pub flip: usize,
    /// The selected boundary that no fixture tests, by its number among those shown.
    pub survivor: usize,
    /// The order in which they are shown.
    pub order: Vec<usize>,
    /// The flips that have room in their pane.
    pub flip_lines: Vec<FlipLine>,
    /// The ceilings of the rule a person is on, in force and in the draft.
    pub ceilings: Option<Ceilings>,
    /// How the values that rule judges are spread, a bin a column of its pane.
    pub spread: Option<Spread>,
    /// The rules on the action in hand.
    pub ladder: Option<Ladder>,
    /// The first rung in view, while a person moves in it.
    pub rung: usize,
    /// The action that was made by form.
    pub form: Option<Form>,
    /// What had the keys before it was opened.
    form_from: Focus,
    /// What the disk says now where draft and disk cannot be made one.
    pub theirs: Option<String>,
    /// The draft of an earlier time.
    pub found: Option<KeptDraft>,
    /// The question that waits for an answer.
    pub question: Option<Question>,
    /// Leave once it is saved.
    pub leaving: bool,
    /// The policy in force was loaded again: the file is read again too.
    reloaded: bool,
    /// The row whose deciding rule the cursor was put on last.
    pointed_for: Option<RowId>,
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
    /// True while what is typed goes into the text.
    pub fn types(&self) -> bool {
        self.editing && self.has_text()
    }

    /// True while the text has the keys, edited or only looked at.
    pub fn has_text(&self) -> bool {
        self.question.is_none() && self.focus == Focus::Editor && self.draft.is_some()
    }

    /// True while what is typed goes into the form of an action.
    pub fn fills(&self) -> bool {
        self.question.is_none() && self.focus == Focus::Ladder && self.form.is_some()
    }

    /// Asks for something to be done with files.
    fn request(request: FileRequest) -> Effect {
        Effect::Files(Self::ID, request)
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
fn file(cx: &Context<'_>) -> String {
    let files = cx.model.runs.policy().map(|stamp| stamp.files.as_slice()).unwrap_or_default();
    let rule = cx.selected.and_then(|row| cx.model.explain(row)).and_then(|explained| explained.explanation.rule);
    let decides = rule.as_deref().and_then(|rule| Some(rule.rsplit_once(':')?.0));
    let found = files.iter().find(|name| Some(name.as_str()) == decides).or_else(|| files.first());
    found.cloned().unwrap_or_else(|| "policy/trust.yaml".to_owned())
}

impl Screen for Policy {
    type Message = Message;
    const ID: ScreenId = ScreenId(3);
    const NAME: &'static str = "Policy";
    const COMMAND: &'static str = "policy";
    const GROUPS: &'static [Group] = commands::GROUPS;
    const KEY: &'static [&'static str] = &["3"];
    const ABOUT: &'static str = "What a rule decides, before it is in force.";
    const COMMANDS: &'static [Command<Self>] = commands::COMMANDS;

    fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Message>) {
        view::draw(pen, self, cx, hits);
    }

    fn update(&mut self, cx: &Context<'_>, message: Message) -> Vec<Effect> {
        update::update(self, cx, message)
    }

    fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.read_again(cx).into_iter().collect();
        effects.extend(derive::refresh(self, cx));
        effects
    }

    /// The first time, its file is read.
    fn enter(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        self.focus = Focus::Editor;
        self.editing = false;
        if self.found.is_some() {
            self.question = Some(Question::Found);
        }
        let file = file(cx);
        if self.draft.as_ref().is_some_and(|draft| draft.file == file || draft.is_changed()) {
            derive::point_at_deciding_rule(self, cx);
            return Vec::new();
        }
        vec![Self::request(FileRequest::Read { file })]
    }

    fn back(&self, _: &Context<'_>) -> Option<(&'static str, Message)> {
        Some(("leave", Message::Leave))
    }

    fn moved(motion: Motion) -> Option<Message> {
        Some(Message::Move(motion))
    }

    fn typing(&self) -> bool {
        self.types() || self.fills()
    }

    fn typed(&self, cx: &Context<'_>, key: Key, bound: bool) -> Option<Message> {
        typing::pressed(self, cx, key, bound)
    }

    fn hints(&self) -> Option<Hints<Message>> {
        let keys = typing::own(self)?.iter();
        let keys = keys.filter_map(|(names, label, message)| Some((*names.first()?, (*label)?, Some(*message))));
        Some(Hints { keys: keys.collect(), alone: false })
    }

    fn keep_drafts(&mut self) -> Vec<Effect> {
        save::keep(self).into_iter().collect()
    }

    fn paste(&mut self, _: &Context<'_>, text: &str) -> Vec<Effect> {
        update::paste(self, text)
    }

    fn on_entry(&mut self, model: &Model, entry: &Applied<'_>) {
        self.record.watches(entry.run);
        self.reloaded |= matches!(entry.fact, Fact::PolicyLoaded(_));
        if let (Fact::Disposed(disposed), Some(row)) = (entry.fact, entry.row) {
            let of_fixture = entry.arrival.and_then(|arrival| model.origin(arrival)) == Some(Source::Fixture);
            self.record.take(row.id(), &disposed.receipt, of_fixture);
        }
    }

    fn on_reply(&mut self, cx: &Context<'_>, reply: FileReply) -> Vec<Effect> {
        replies::take(self, cx, reply)
    }

    fn on_pause(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        let before = self.record.studies;
        self.record.study(&cx.model.catalogue);
        let looked = (self.record.studies != before).then_some(Effect::Draw);
        save::keep(self).into_iter().chain(looked).collect()
    }

    /// The draft is taken back from where it was handed over, and the disk looked at again.
    fn on_return(&mut self) -> Vec<Effect> {
        let Some(file) = self.draft.as_ref().map(|draft| draft.file.clone()) else { return Vec::new() };
        let handed = std::mem::take(&mut self.handed);
        vec![Self::request(if handed { FileRequest::TakeDraftBack { file } } else { FileRequest::Read { file } })]
    }

    fn dialog(&self, cx: &Context<'_>) -> Option<Dialog<Message>> {
        self.question.map(|question| dialogs::dialog(question, self, cx))
    }

    fn dismiss(&mut self) {
        self.question = None;
    }

    fn is_unsaved(&self) -> bool {
        self.is_changed() || self.found.is_some()
    }

    fn asks_before_quit(&mut self) -> bool {
        let asks = self.is_changed() && self.question != Some(Question::Leave);
        if asks {
            self.question = Some(Question::Leave);
        }
        asks
    }

    /// What the draft would say of the selected action, while one is written.
    fn remark(&self, pen: &Pen<'_>, cx: &Context<'_>) -> Option<Vec<Span>> {
        let ladder = self.ladder.as_ref().filter(|_| self.is_changed() && self.loads())?;
        let (said, says) = (ladder.force.as_ref()?, ladder.draft.as_ref()?);
        if ladder.subject.row.is_none() || ladder.subject.row != cx.selected.map(Row::id) {
            return None;
        }
        let badge = ruling(says.decision.into());
        let words = if said.decision == says.decision { "the draft too says " } else { "in force; the draft says " };
        let verdict = format!("{} {}", pen.theme.glyph(badge.glyph), badge.word);
        Some(vec![Span::new(words, Role::Muted), Span::bold(verdict, badge.role)])
    }
}

impl Policy {
    /// Reads the file again after the policy was loaded again; the first time too, to know of a draft that was kept.
    fn read_again(&mut self, cx: &Context<'_>) -> Option<Effect> {
        if !std::mem::take(&mut self.reloaded) {
            return None;
        }
        let file = self.draft.as_ref().map_or_else(|| file(cx), |draft| draft.file.clone());
        Some(Self::request(FileRequest::Read { file }))
    }
}
