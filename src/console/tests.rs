//! The console as a whole, driven without a terminal. The story and its troubles are journals, as a run writes them.

mod endings;
mod everywhere;
mod filtering;
mod frames;
mod hands;
mod history;
mod holding;
mod hostile;
mod joined;
mod keyboard;
mod pace;
mod policy;
mod pty;
mod sizes;
mod stories;
mod table;

use std::sync::Arc;

use super::{Depth, Palette, Runner, Theme};
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
