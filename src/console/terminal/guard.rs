//! Who owns the terminal's modes: raw, alternate screen, paste, mouse, keyboard, line wrap, cursor.

use std::io;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::style::Print;
use crossterm::terminal::{
    self, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{cursor, queue, style};

use super::keyboard;
use super::output::{Output, Written};
use crate::console::runtime::Incoming;
use crate::console::settings::drops_what_it_does_not_know;
use crate::console::shell::News;

/// True while the modes are on; the panic hook, the guard and a signal that kills each switch off, once.
pub(super) static ON: AtomicBool = AtomicBool::new(false);
/// True while an editor has the terminal; keys that interrupt, typed there, are the editor's.
pub(super) static LENT: AtomicBool = AtomicBool::new(false);
/// True when the mouse is among them.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// True when the keyboard's are among them.
pub(super) static KEYBOARD: AtomicBool = AtomicBool::new(false);

/// What threads said that died meanwhile; kept to be told after the terminal is back.
#[derive(Debug, Clone, Default)]
pub struct Crashes(Arc<Mutex<Vec<String>>>);

impl Crashes {
    fn add(&self, said: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(said);
    }

    /// All of them.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// Holds the terminal; dropping it gives it back, and the panic hook with it.
pub struct Guard {
    previous: Arc<Hook>,
    output: Output,
    raw: bool,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// Answers for the terminal, whose modes stay as they are until `enter`: whoever listens to signals starts between
    /// the two, so that none comes upon modes that nobody would switch off. A panic of this thread gives the terminal
    /// back first and then speaks as it always did; a panic of another is kept in `crashes` and told to `to_loop`,
    /// because it would write over the screen.
    pub fn new(mouse: bool, crashes: Crashes, to_loop: SyncSender<Incoming>) -> io::Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        let term = std::env::var("TERM").unwrap_or_default();
        KEYBOARD.store(drops_what_it_does_not_know(&term), Ordering::SeqCst);
        // Whether there are colours is for the theme to say: an explicit one goes before NO_COLOR.
        style::force_color_output(true);
        let output = Output::open()?;
        let previous: Arc<Hook> = Arc::new(std::panic::take_hook());
        let panics = Panics {
            owner: std::thread::current().id(),
            spoken: Arc::clone(&previous),
            output: output.clone(),
            crashes,
            to_loop,
        };
        std::panic::set_hook(Box::new(move |info| panics.on_panic(info)));
        Ok(Self { previous, output, raw: false })
    }

    /// Where frames are written.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Switches the modes on; again after something else may have switched them off.
    pub fn enter(&mut self) -> io::Result<()> {
        // The library remembers raw mode as on, and would leave a terminal that a shell has reset as it is.
        if self.raw {
            let _ = terminal::disable_raw_mode();
        }
        #[cfg(unix)]
        super::fatal_signals::remember();
        LENT.store(false, Ordering::SeqCst);
        ON.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        self.raw = true;
        let mut bytes = Vec::new();
        // What is wider than it seems must not run into the next row, or scroll the screen from the last one.
        queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, DisableLineWrap, cursor::Hide)?;
        if KEYBOARD.load(Ordering::SeqCst) {
            queue!(bytes, Print(keyboard::ON))?;
        }
        if MOUSE.load(Ordering::SeqCst) {
            queue!(bytes, EnableMouseCapture)?;
        }
        self.write(&bytes)
    }

    /// Takes the mouse, or releases it.
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        if MOUSE.swap(taken, Ordering::SeqCst) == taken || !ON.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if taken {
            queue!(bytes, EnableMouseCapture)?;
        } else {
            queue!(bytes, DisableMouseCapture)?;
        }
        self.write(&bytes)
    }

    /// What was cut off is made up for by whatever gives the terminal back.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        self.output.write(bytes).map(|_: Written| ())
    }

    /// Switches them off, for an editor that has the terminal until `enter`.
    pub fn lend(&mut self) {
        LENT.store(true, Ordering::SeqCst);
        self.leave();
    }

    /// Switches them off.
    pub fn leave(&mut self) {
        self.raw = false;
        leave(&self.output);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave(&self.output);
        // The hook cannot be changed by a thread that is panicking; the process is about to end then.
        if !std::thread::panicking() {
            drop(std::panic::take_hook());
            let previous = Arc::clone(&self.previous);
            std::panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// Best effort: a terminal that is gone cannot be given back, and that is no reason to stop halfway.
fn leave(output: &Output) {
    if !ON.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    let _ = queue!(bytes, EndSynchronizedUpdate);
    if MOUSE.load(Ordering::SeqCst) {
        let _ = queue!(bytes, DisableMouseCapture);
    }
    if KEYBOARD.load(Ordering::SeqCst) {
        let _ = queue!(bytes, Print(keyboard::OFF));
    }
    let _ = queue!(
        bytes,
        DisableBracketedPaste,
        style::SetAttribute(style::Attribute::Reset),
        EnableLineWrap,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = output.write_last(&bytes);
    let _ = terminal::disable_raw_mode();
}

/// What a panic finds out about the thread it is on, and whom it tells.
struct Panics {
    /// The thread that draws.
    owner: ThreadId,
    spoken: Arc<Hook>,
    output: Output,
    crashes: Crashes,
    to_loop: SyncSender<Incoming>,
}

impl Panics {
    fn on_panic(&self, info: &PanicHookInfo<'_>) {
        let thread = std::thread::current();
        if thread.id() == self.owner || !ON.load(Ordering::SeqCst) {
            leave(&self.output);
            (self.spoken)(info);
            return;
        }
        let name = thread.name().unwrap_or("unnamed").to_owned();
        let said = info.payload_as_str().unwrap_or("no message");
        let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        let sentence = format!("thread {name} panicked{place}: {said}");
        self.crashes.add(sentence.clone());
        // A full loop finds it in `crashes` when it ends.
        let _ = self.to_loop.try_send(Incoming::News(News::Crashed(sentence)));
    }
}
