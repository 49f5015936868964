//! The console as a whole, driven without a terminal. The story and its troubles are journals, as a run writes them.

mod endings;
mod everywhere;
pub mod frames;
mod hostile;
mod keyboard;
mod pace;
mod pty;
mod routing;
mod sizes;
mod stories;
mod table;

use std::sync::Arc;

use super::model::{Model, Row};
use super::screens::live::Live;
use super::screens::policy::Policy;
use super::shell::specs;
use super::{Depth, Palette, Runner, Setup, Theme};
use crate::console::text::Charset;
use crate::kernel::journal::Entry;

pub fn entries(journal: &str) -> Vec<Arc<Entry>> {
    journal.lines().map(|line| Arc::new(serde_json::from_str(line).unwrap())).collect()
}

pub fn story() -> Vec<Arc<Entry>> {
    entries(include_str!("tests/story.jsonl"))
}

pub fn troubles() -> Vec<Arc<Entry>> {
    entries(include_str!("tests/troubles.jsonl"))
}

pub fn dark() -> Theme {
    Theme::new(Palette::Dark, Depth::True, Charset::Unicode)
}

pub fn mono() -> Theme {
    Theme::new(Palette::Dark, Depth::Mono, Charset::Unicode)
}

pub fn ascii() -> Theme {
    Theme::new(Palette::Dark, Depth::True, Charset::Ascii)
}

pub fn told(columns: u16, rows: u16, theme: Theme) -> Runner {
    let mut runner = Runner::new(columns, rows, theme);
    runner.feed(1, story());
    runner
}

pub fn setup(theme: Theme) -> Setup {
    Setup::of(theme, specs())
}

/// What a test looks at behind the frame.
impl Runner {
    pub(in crate::console) fn model(&self) -> &Model {
        &self.app().shared.model
    }

    pub(in crate::console) fn live(&self) -> &Live {
        &self.app().screens.live
    }

    pub(in crate::console) fn policy(&self) -> &Policy {
        &self.app().screens.policy
    }

    pub(in crate::console) fn rows(&self) -> &[Row] {
        self.live().rows(self.model())
    }

    pub(in crate::console) fn selected(&self) -> Option<Row> {
        self.app().context().selected
    }

    pub(in crate::console) fn filtering(&self) -> bool {
        self.live().filtering(self.model())
    }

    /// How many things are open over the screen, the picker left aside.
    pub(in crate::console) fn layers(&self) -> usize {
        usize::from(self.live().overlay().is_some())
            + usize::from(self.app().screens.dialog(&self.app().context()).is_some())
    }
}
