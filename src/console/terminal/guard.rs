//! Who owns the terminal's modes: raw, alternate screen, paste, mouse, cursor.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{self, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, queue, style};

use crate::console::runtime::Incoming;
use crate::console::shell::News;

/// True while the modes are on; the panic hook, the guard and a signal that kills each switch off, once.
pub(super) static ON: AtomicBool = AtomicBool::new(false);
/// True when the mouse is among them.
static MOUSE: AtomicBool = AtomicBool::new(false);

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
    raw: bool,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// Takes the terminal. A panic of this thread gives it back first and then speaks as it always did; a panic of
    /// another is kept in `crashes` and told to `to_loop`, because it would write over the screen.
    pub fn take(mouse: bool, crashes: Crashes, to_loop: SyncSender<Incoming>) -> io::Result<Self> {
        MOUSE.store(mouse, Ordering::SeqCst);
        let previous: Arc<Hook> = Arc::new(std::panic::take_hook());
        let (spoken, owner) = (Arc::clone(&previous), std::thread::current().id());
        std::panic::set_hook(Box::new(move |info| on_panic(info, owner, &spoken, &crashes, &to_loop)));
        let mut guard = Self { previous, raw: false };
        guard.enter()?;
        Ok(guard)
    }

    /// Switches the modes on; again after something else may have switched them off.
    pub fn enter(&mut self) -> io::Result<()> {
        // The library remembers raw mode as on, and would leave a terminal that a shell has reset as it is.
        if self.raw {
            let _ = terminal::disable_raw_mode();
        }
        #[cfg(unix)]
        super::fatal_signals::remember();
        ON.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        self.raw = true;
        let mut out = io::stdout().lock();
        queue!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        if MOUSE.load(Ordering::SeqCst) {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    }

    /// Takes the mouse, or releases it.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may")]
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        if MOUSE.swap(taken, Ordering::SeqCst) == taken || !ON.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        if taken {
            queue!(out, EnableMouseCapture)?;
        } else {
            queue!(out, DisableMouseCapture)?;
        }
        out.flush()
    }

    /// Switches them off.
    pub fn leave(&mut self) {
        self.raw = false;
        leave();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
        // The hook cannot be changed by a thread that is panicking; the process is about to end then.
        if !std::thread::panicking() {
            drop(std::panic::take_hook());
            let previous = Arc::clone(&self.previous);
            std::panic::set_hook(Box::new(move |info| previous(info)));
        }
    }
}

/// Best effort: a terminal that is gone cannot be given back, and that is no reason to stop halfway.
fn leave() {
    if !ON.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout().lock();
    let _ = queue!(out, EndSynchronizedUpdate);
    if MOUSE.load(Ordering::SeqCst) {
        let _ = queue!(out, DisableMouseCapture);
    }
    let _ = queue!(
        out,
        DisableBracketedPaste,
        style::SetAttribute(style::Attribute::Reset),
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

fn on_panic(
    info: &PanicHookInfo<'_>,
    owner: ThreadId,
    spoken: &Hook,
    crashes: &Crashes,
    to_loop: &SyncSender<Incoming>,
) {
    let thread = std::thread::current();
    if thread.id() == owner || !ON.load(Ordering::SeqCst) {
        leave();
        spoken(info);
        return;
    }
    let name = thread.name().unwrap_or("unnamed").to_owned();
    let said = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let sentence = format!("thread {name} panicked{place}: {said}");
    crashes.add(sentence.clone());
    // A full loop finds it in `crashes` when it ends.
    let _ = to_loop.try_send(Incoming::News(News::Crashed(sentence)));
}
