//! The console as a whole, driven without a terminal. The story and its troubles are journals, as a run writes them.

mod connectors;
mod everywhere;
mod filtering;
mod frames;
mod hands;
mod history;
mod holding;
mod hostile;
mod joined;
mod pace;
mod policy;
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

fn entries(journal: &str) -> Vec<Arc<Entry>> {
    journal.lines().map(|line| Arc::new(serde_json::from_str(line).unwrap())).collect()
}

fn story() -> Vec<Arc<Entry>> {
    entries(include_str!("tests/story.jsonl"))
}

fn troubles() -> Vec<Arc<Entry>> {
    entries(include_str!("tests/troubles.jsonl"))
}

fn dark() -> Theme {
    Theme::new(Palette::Dark, Depth::True, Charset::Unicode)
}

fn mono() -> Theme {
    Theme::new(Palette::Dark, Depth::Mono, Charset::Unicode)
}

fn ascii() -> Theme {
    Theme::new(Palette::Dark, Depth::True, Charset::Ascii)
}

fn told(columns: u16, rows: u16, theme: Theme) -> Runner {
    let mut runner = Runner::new(columns, rows, theme);
    runner.feed(1, story());
    runner
}

fn setup(theme: Theme) -> Setup {
    Setup::of(theme, specs())
}

/// What a test looks at behind the frame.
impl Runner {
    fn model(&self) -> &Model {
        &self.app().shared.model
    }

    fn live(&self) -> &Live {
        &self.app().screens.live
    }

    fn policy(&self) -> &Policy {
        &self.app().screens.policy
    }

    fn rows(&self) -> &[Row] {
        self.live().rows(self.model())
    }

    fn selected(&self) -> Option<Row> {
        self.app().context().selected
    }

    fn filtering(&self) -> bool {
        self.live().filtering(self.model())
    }

    /// How many things are open over the screen, the picker left aside.
    fn layers(&self) -> usize {
        usize::from(self.live().overlay().is_some())
            + usize::from(self.app().screens.dialog(&self.app().context()).is_some())
    }
}
