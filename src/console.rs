//! The full-screen console: a reader of the journal that a person can drive.
//!
//! terminal event → key → command → message → update (pure, returns effects) → runtime performs effects → draw → hit
//! map. Facts derive from entries alone, so a live session, a run file and a test are the same to it. Its rooms from the
//! bottom up: `text`, then `theme`, `keys`, `settings`, then `widgets`, `editor`, `model`, then `present`, `screen`,
//! `screens`, `shell`, `runtime`, `terminal`; each uses only those before it.

mod editor;
mod headless;
mod keys;
mod model;
pub mod picture;
mod present;
mod runtime;
mod screen;
mod screens;
mod settings;
mod shell;
mod terminal;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod theme;
mod widgets;

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

pub use headless::{Runner, text_of};
pub use keys::{Chord, Key, Keymap, UnknownKey};
pub use model::{Counters, Model, PolicyCache};
pub use present::row_query::RowRecord;
pub use present::source_location::At;
pub use runtime::Incoming;
pub use screen::Effect;
pub use settings::{Options, Places, Setup};
pub use shell::{App, News, specs as commands};
#[cfg(unix)]
pub use terminal::hold_to_file_limits;
pub use terminal::{Asciicast, Display, Told};
pub use text::{Charset, wrap};
pub use theme::{Depth, Glyph, Look, Palette, Role, Theme};
pub use widgets::{Pen, Span, letters};

use crate::session::bus::Link;
use crate::workspace::watch::Watch;
use runtime::Runtime;
use settings::LayoutPrefs;
use shell::Start;
use terminal::{Crashes, Desk, Guard, HistoryReader, Painter, feed};

/// The page of keys as Markdown.
pub fn keys_page() -> String {
    keys::page::page(shell::specs(), &shell::groups())
}

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
/// `root` is the workspace: it has keys and themes of its own, its files are edited, and how the screen looks is kept. `recording` is given every frame.
pub fn run(link: Link, mut options: Options, root: &Path, recording: Option<Asciicast>) -> Result<Exit, Error> {
    let (mouse, asks) = (options.mouse, options.asks);
    options.places.workspace = Some(root.join(".fibric"));
    let setup = Setup::read(&options, shell::specs());
    let crashes = Crashes::default();
    let (to_loop, incoming) = sync_channel(WAITING);
    let desk = Desk::new(root, to_loop.clone());
    let (layout, status) = match desk.remembered() {
        Ok(layout) => (layout, None),
        Err(fault) => (LayoutPrefs::default(), Some(fault)),
    };
    let layout = LayoutPrefs { mouse: layout.mouse && mouse, ..layout };
    let start = Start { layout, status, who: who(), elsewhere: elsewhere(root) };
    let mut guard = Guard::new(layout.mouse, crashes.clone(), to_loop.clone())?;
    #[cfg(unix)]
    let _listening = terminal::listen(to_loop.clone(), &guard)?;
    guard.enter()?;
    let history = HistoryReader::start(link.past.reopened(), to_loop.clone());
    let mut runtime = Runtime::with(Painter::new(guard), setup, start, link.commands, link.past);
    if let Some(cast) = recording {
        runtime.surface.record(cast);
    }
    runtime.keep_time(jiff::Timestamp::now);
    runtime.show()?;
    runtime.surface.attend(desk, feed(link.batches, &to_loop)?, history);
    if asks {
        runtime.surface.ask_ground()?;
    }
    let _settings = settings(options, &to_loop);
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

/// Whose answers they are, as the system calls them.
fn who() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| "somebody at the console".to_owned())
}

/// Reads keys and themes again when their files are saved. Where they cannot be watched, they are read at the start.
fn settings(options: Options, to_loop: &SyncSender<Incoming>) -> Option<Watch> {
    let (to_loop, folders) = (to_loop.clone(), options.places.watched());
    let read_again = move || {
        // A loop that has ended needs no keys.
        let _ = to_loop.send(Incoming::News(News::Setup(Box::new(Setup::read(&options, shell::specs())))));
    };
    Watch::flat(folders, read_again).ok()
}

/// The workspace, unless the console was started in it: what is relative to the one is not to the other.
fn elsewhere(root: &Path) -> Option<std::path::PathBuf> {
    let root = root.canonicalize().ok()?;
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    (here.as_ref() != Some(&root)).then_some(root)
}
