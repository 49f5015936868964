//! Signals: those that end the process become the end of the loop, so that the terminal is given back; stop and
//! continue give it back and take it again. Those after which nothing orderly can follow are `fatal_signals`'.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use crossterm::event::Event;
use signal_hook::consts::{
    SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGPROF, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH,
    SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::{Handle, Signals};

use super::guard::{Guard, LENT};
use crate::console::runtime::Incoming;

/// What is listened to everywhere.
const HEARD: [i32; 13] = [
    SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGTSTP, SIGCONT,
    SIGWINCH,
];

/// Ends the listening when dropped.
#[derive(Debug)]
pub struct Listening(Handle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Forwards signals to the loop until the result is dropped. One that ends the process also ends the wait for a terminal
/// that does not read, so that the loop comes to hear of it.
pub fn listen(to_loop: SyncSender<Incoming>, guard: &Guard) -> io::Result<Listening> {
    hold_to_file_limits()?;
    let mut signals = Signals::new(HEARD.into_iter().chain(elsewhere_unknown()))?;
    let handle = signals.handle();
    let output = guard.output().clone();
    let forward = move || {
        for signal in signals.forever() {
            let incoming = match signal {
                SIGTSTP => Incoming::Stop,
                SIGCONT => Incoming::Continue,
                // Whoever reads the terminal waits for input only; the size is asked for.
                SIGWINCH => Incoming::Terminal(Event::Resize(0, 0)),
                number => {
                    // While an editor has the terminal, what is typed at it is its own.
                    if !matches!(number, SIGINT | SIGQUIT) || !LENT.load(Ordering::SeqCst) {
                        output.interrupt();
                    }
                    Incoming::Signal(number)
                }
            };
            if to_loop.send(incoming).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("console-signals".to_owned()).spawn(forward)?;
    Ok(Listening(handle))
}

/// Signals that end a process on Linux, and are not everywhere.
#[cfg(target_os = "linux")]
fn elsewhere_unknown() -> Vec<i32> {
    let real_time = libc::SIGRTMIN()..=libc::SIGRTMAX();
    [libc::SIGIO, libc::SIGPWR, libc::SIGSTKFLT].into_iter().chain(real_time).collect()
}

#[cfg(not(target_os = "linux"))]
fn elsewhere_unknown() -> Vec<i32> {
    Vec::new()
}

/// A file that may grow no further makes the write fail, which then says so, instead of ending the process without a
/// word. Programs that are started are not spared: a handler, unlike a signal that is ignored, is not handed on.
pub fn hold_to_file_limits() -> io::Result<()> {
    signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
}

/// Stops this process as Ctrl-Z does; returns when it is continued.
pub fn stop() -> io::Result<()> {
    // SIGTSTP itself is listened to, and would come back here.
    signal_hook::low_level::emulate_default_handler(SIGTSTP)
}
