//! What a screen is: a folder below `screens/` that owns its state, messages, commands, update and drawing, and keeps to
//! this trait. The shell shows one at a time and hands each what concerns it.
//!
//! A screen reads facts and settings through [`Context`] and asks for anything else by an [`Effect`]. It must not know
//! other screens, the shell, the runtime or the terminal.

mod command;
mod context;
pub mod corpus;
mod dialog;
mod effect;
pub mod files;
pub mod journals;
pub mod reviews;
pub mod roster;

use std::fmt::Debug;
use std::time::Duration;

pub use command::{Command, Enabled};
pub use context::{Context, Frame};
pub use dialog::{Choice, Dialog};
pub use effect::{Effect, Request};

use crate::console::keys::{Group, Key, ScreenId};
use crate::console::model::{Applied, Earlier, Model, Row, RowId};
use crate::console::present::summary::RowSummary;
use crate::console::widgets::{HitMap, Motion, Pen, Span};
use files::FileReply;

/// Keys that a screen takes while it is typed in, for the footer.
#[derive(Debug)]
pub struct Hints<M> {
    /// Each key with what it does, and what a click on it sends.
    pub keys: Vec<(Key, &'static str, Option<M>)>,
    /// True where the footer names these and nothing else.
    pub alone: bool,
}

/// How what is open over a screen lies on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cover {
    /// Over a part; what is beside it can be used.
    Part,
    /// Over the whole body; what lies below is put back.
    Whole,
}

/// One screen. What is not said here has a default that does nothing.
#[expect(unused_variables, reason = "a default of a hook does nothing with what it is given")]
pub trait Screen: Debug + Default + Sized + 'static {
    /// What a person can want of it.
    type Message: Debug + Copy + PartialEq + 'static;
    /// The digit that goes to it.
    const ID: ScreenId;
    /// Its name in the header.
    const NAME: &'static str;
    /// The name of the command that goes to it.
    const COMMAND: &'static str;
    /// The digit as a key.
    const KEY: &'static [&'static str];
    /// What it shows, in one line.
    const ABOUT: &'static str;
    /// The headings of its commands, in the order of the help.
    const GROUPS: &'static [Group];
    /// Its commands, in the order of the footer.
    const COMMANDS: &'static [Command<Self>];
    /// How many of the commands the footer and the palette name before the keys that move.
    const BEFORE_MOVING: usize = usize::MAX;

    /// Draws it; the frame says where.
    fn draw(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Self::Message>);
    /// Does what a person wants.
    fn update(&mut self, cx: &Context<'_>, message: Self::Message) -> Vec<Effect>;
    /// Makes it agree with itself after any change of it, of the facts or of the size, shown or not.
    fn refresh(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        Vec::new()
    }

    /// A person comes to it.
    fn enter(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        Vec::new()
    }
    /// Takes away whatever is open over it.
    fn close(&mut self) {}
    /// What Esc means, and what the footer calls that; none where nothing is left to leave.
    fn back(&self, cx: &Context<'_>) -> Option<(&'static str, Self::Message)> {
        None
    }

    /// What a way to move means.
    fn moved(motion: Motion) -> Option<Self::Message> {
        None
    }
    /// What the footer calls the way to the end, where that is not the newest row.
    fn end(&self) -> Option<&'static str> {
        None
    }
    /// Why a way to move leads nowhere now.
    fn can_move(&self, motion: Motion) -> Result<(), &'static str> {
        Ok(())
    }
    /// True while a key that types a character does so.
    fn typing(&self) -> bool {
        false
    }
    /// What a key means that goes to the screen before it goes to the commands; `bound` says that a command has it, and
    /// could run.
    fn typed(&self, cx: &Context<'_>, key: Key, bound: bool) -> Option<Self::Message> {
        None
    }
    /// The keys it takes while it is typed in.
    fn hints(&self) -> Option<Hints<Self::Message>> {
        None
    }
    /// Text was pasted.
    fn paste(&mut self, cx: &Context<'_>, text: &str) -> Vec<Effect> {
        Vec::new()
    }

    /// An entry was taken in.
    fn on_entry(&mut self, model: &Model, entry: &Applied<'_>) {}
    /// Entries of an earlier time were put before all others.
    fn on_earlier(&mut self, cx: &Context<'_>, earlier: &Earlier) -> Vec<Effect> {
        Vec::new()
    }
    /// A request that it made was answered.
    fn on_reply(&mut self, cx: &Context<'_>, reply: FileReply) -> Vec<Effect> {
        Vec::new()
    }
    /// A person has paused.
    fn on_pause(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        Vec::new()
    }
    /// What is typed and not saved has to be kept now: it is time, or the console ends.
    fn keep_drafts(&mut self) -> Vec<Effect> {
        Vec::new()
    }
    /// The terminal is back from another program.
    fn on_return(&mut self) -> Vec<Effect> {
        Vec::new()
    }
    /// True while something takes more than one turn of the loop.
    fn busy(&self, model: &Model) -> bool {
        false
    }
    /// Goes on with what takes more than one turn.
    fn work_on(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        Vec::new()
    }

    /// How long until it goes on by itself; none while it does not.
    fn beat(&self) -> Option<Duration> {
        None
    }
    /// So much time has passed.
    fn on_beat(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        Vec::new()
    }
    /// True while it shows which keys are pressed.
    fn shows_keys(&self) -> bool {
        false
    }
    /// A key was pressed, before anything comes of it.
    fn on_key(&mut self, key: Key) {}

    /// The row it has selected, where it lists rows.
    fn selected(&self, model: &Model) -> Option<Row> {
        None
    }
    /// Goes to a row, where it lists rows, and opens it where asked; false where it lists none.
    fn show_row(&mut self, cx: &Context<'_>, row: RowId, open: bool) -> bool {
        false
    }
    /// What of it a query would filter, as it is called within a sentence.
    fn filtered(&self) -> Option<&'static str> {
        None
    }
    /// Puts a query over that.
    fn filter(&mut self, cx: &Context<'_>, query: &str) {}

    /// The question that waits for an answer.
    fn dialog(&self, cx: &Context<'_>) -> Option<Dialog<Self::Message>> {
        None
    }
    /// Takes the question away unanswered.
    fn dismiss(&mut self) {}
    /// True when it has something that leaving would lose.
    fn is_unsaved(&self) -> bool {
        false
    }
    /// A person wants to leave the console; true when it asks first.
    fn asks_before_quit(&mut self) -> bool {
        false
    }

    /// True where it shows how long ago something was.
    fn shows_ages(&self) -> bool {
        false
    }
    /// Why nothing is selected, where that has a reason.
    fn nothing_selected(&self, cx: &Context<'_>) -> Option<String> {
        None
    }
    /// What it says of the selected row beside what the row says.
    fn remark(&self, pen: &Pen<'_>, cx: &Context<'_>) -> Option<Vec<Span>> {
        None
    }
    /// What it has in hand, where that need not be a row.
    fn summary(&self) -> Option<RowSummary<'_>> {
        None
    }
    /// What is open over it.
    fn cover(&self) -> Option<Cover> {
        None
    }
    /// Draws what is open over it.
    fn draw_cover(&self, pen: &mut Pen<'_>, cx: &Context<'_>, hits: &mut HitMap<Self::Message>) {}
}
