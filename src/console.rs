//! The full-screen console: a reader of the journal that a person can drive.
//!
//! terminal event → key → command → message → update (pure, returns effects) → runtime performs effects → draw → hit
//! map. State derives from entries alone, so a live session, a run file and a test are the same to it.

mod commands;
mod document;
mod draw;
mod effects;
mod hits;
mod keys;
mod layers;
mod layout;
mod line;
mod options;
mod panes;
pub mod picture;
mod record;
mod runner;
mod runtime;
mod state;
mod terminal;
#[cfg(test)]
mod tests;
mod text;
mod theme;
mod told;
mod update;
mod widgets;

use std::sync::mpsc::sync_channel;

pub use keys::{Key, Keymap};
pub use options::Options;
pub use record::RowRecord;
pub use runner::Runner;
pub use runtime::Incoming;
pub use state::{Counts, State};
pub use text::Charset;
pub use theme::{Depth, Palette, Theme};
pub use update::News;

use crate::session::bus::Link;
use runtime::Runtime;
use terminal::{Crashes, Guard, Painter, feed};

/// How a console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A person left.
    Quit,
    /// A signal of that number ended it.
    Signal(i32),
}

/// Why a console could not run, or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The terminal cannot be drawn on.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    /// The terminal cannot be read any more.
    #[error("the terminal was lost: {0}")]
    Lost(String),
    /// Threads died while it ran; the person has left since.
    #[error("{}", .0.join("\n"))]
    Crashed(Vec<String>),
}

/// How many things may wait for the loop: few, so that a key is never far behind.
const WAITING: usize = 16;

/// Opens the console on this process's terminal and stays until it ends. The terminal is as before on every way out.
pub fn run(link: Link, options: Options) -> Result<Exit, Error> {
    let crashes = Crashes::default();
    let (to_loop, incoming) = sync_channel(WAITING);
    let guard = Guard::take(options.mouse, crashes.clone(), to_loop.clone())?;
    #[cfg(unix)]
    let _listening = terminal::listen(to_loop.clone())?;
    let theme = options.theme();
    let mut runtime = Runtime::new(Painter::new(guard), theme, link.commands);
    runtime.show()?;
    feed(link.batches, &to_loop)?;
    // The loop ends with its last sender; the panic hook holds one as long as the guard.
    drop(to_loop);
    let ended = runtime.drive(&incoming);
    drop(runtime);
    let dead = crashes.take();
    match ended {
        Ok(_) if !dead.is_empty() => Err(Error::Crashed(dead)),
        ended => ended,
    }
}
