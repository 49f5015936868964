//! Signals: those that end the process become the end of the loop, so that the terminal is given back; stop and
//! continue give it back and take it again.

use std::io;
use std::sync::mpsc::SyncSender;

use crossterm::event::Event;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};

use crate::console::runtime::Incoming;

/// Ends the listening when dropped.
#[derive(Debug)]
pub struct Listening(Handle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Forwards signals to the loop until the result is dropped.
pub fn listen(to_loop: SyncSender<Incoming>) -> io::Result<Listening> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])?;
    let handle = signals.handle();
    let forward = move || {
        for signal in signals.forever() {
            let incoming = match signal {
                SIGTSTP => Incoming::Stop,
                SIGCONT => Incoming::Continue,
                // Whoever reads the terminal waits for input only; the size is asked for.
                SIGWINCH => Incoming::Terminal(Event::Resize(0, 0)),
                number => Incoming::Signal(number),
            };
            if to_loop.send(incoming).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("console-signals".to_owned()).spawn(forward)?;
    Ok(Listening(handle))
}

/// Stops this process as Ctrl-Z does; returns when it is continued.
pub fn stop() -> io::Result<()> {
    // SIGTSTP itself is listened to, and would come back here.
    signal_hook::low_level::emulate_default_handler(SIGTSTP)
}
