//! Signals that kill on the spot (an abort, a fault of the machine): their handler gives the terminal back before the
//! process dies as it would have. It knows nothing of the loop, and does only what a signal handler may do.

use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use libc::{c_int, c_void, sigaction, siginfo_t, termios};

use super::guard::{KEYBOARD, ON};
use super::keyboard;

/// Nothing orderly can follow these.
const FATAL: [c_int; 7] =
    [libc::SIGABRT, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGSEGV, libc::SIGSYS, libc::SIGTRAP];

/// Switches off whatever the guard may have switched on, whether it was on or not; what is the keyboard's comes before.
const RESTORING: &[u8] = b"\x1b[?2026l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\
                           \x1b[?7h\x1b[?1049l\x1b[?25h";

/// The terminal's settings before raw mode.
static BEFORE: AtomicPtr<termios> = AtomicPtr::new(ptr::null_mut());
/// What each of `FATAL` did before, in the same order.
static PREVIOUS: [AtomicPtr<sigaction>; FATAL.len()] = [const { AtomicPtr::new(ptr::null_mut()) }; FATAL.len()];
static INSTALLED: Once = Once::new();

/// Remembers the terminal's settings, which are about to be changed, and sees to it that they come back.
#[expect(
    unsafe_code,
    reason = "only the system tells a terminal's settings in the form a signal handler can set again"
)]
pub fn remember() {
    let mut settings = MaybeUninit::<termios>::uninit();
    // SAFETY: the pointer is to memory of the right size; it is read only where the call says it has been filled.
    let before = unsafe {
        if libc::tcgetattr(libc::STDIN_FILENO, settings.as_mut_ptr()) != 0 {
            return;
        }
        settings.assume_init()
    };
    // Never freed: a handler may be reading the last ones. Once for each time the terminal is taken.
    BEFORE.store(Box::into_raw(Box::new(before)), Ordering::SeqCst);
    INSTALLED.call_once(install);
}

#[expect(unsafe_code, reason = "a handler that receives signals of faults can be set by no safe interface")]
fn install() {
    for (signal, previous) in FATAL.into_iter().zip(&PREVIOUS) {
        // SAFETY: all-zero is a valid `sigaction`, which is filled before it is used. `on_fatal` has the signature that
        // SA_SIGINFO asks for and does only what is safe in a handler. `previous` lives as long as the process.
        unsafe {
            let mut action: sigaction = std::mem::zeroed();
            action.sa_sigaction = on_fatal as extern "C" fn(c_int, *mut siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            // Nothing comes between, not even the stop of a process in the background that sets a terminal.
            libc::sigfillset(&raw mut action.sa_mask);
            let old = Box::into_raw(Box::new(std::mem::zeroed::<sigaction>()));
            previous.store(old, Ordering::SeqCst);
            libc::sigaction(signal, &raw const action, old);
        }
    }
}

/// Gives the terminal back, and lets the signal do what it would have done.
#[expect(unsafe_code, reason = "a signal handler is only the system's calls")]
extern "C" fn on_fatal(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
    // SAFETY: only atomics and calls that POSIX lists as safe in a handler (write, tcsetattr, sigaction, raise). `BEFORE`
    // and `PREVIOUS` hold null or what is never freed, and `info` is the system's for as long as this runs.
    unsafe {
        if ON.swap(false, Ordering::SeqCst) {
            if KEYBOARD.load(Ordering::SeqCst) {
                libc::write(libc::STDOUT_FILENO, keyboard::OFF.as_ptr().cast(), keyboard::OFF.len());
            }
            libc::write(libc::STDOUT_FILENO, RESTORING.as_ptr().cast(), RESTORING.len());
            let before = BEFORE.load(Ordering::SeqCst);
            if !before.is_null() {
                libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before);
            }
        }
        let fault = matches!(signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGFPE | libc::SIGILL);
        if fault && (*info).si_code > 0 {
            // The instruction runs again and faults again, for whoever was there before: a stack that overflowed says so.
            let at = FATAL.iter().position(|known| *known == signal).unwrap_or_default();
            let previous = PREVIOUS[at].load(Ordering::SeqCst);
            if !previous.is_null() {
                libc::sigaction(signal, previous, ptr::null_mut());
                return;
            }
        }
        // Sent by somebody, or raised by an abort: it comes again when this returns, and nobody is in its way.
        let mut action: sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(signal, &raw const action, ptr::null_mut());
        libc::raise(signal);
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{DisableBracketedPaste, DisableMouseCapture};
    use crossterm::terminal::{EnableLineWrap, EndSynchronizedUpdate, LeaveAlternateScreen};
    use crossterm::{cursor, queue, style};

    use super::*;

    #[test]
    fn the_bytes_are_those_of_an_orderly_end() {
        let mut orderly = Vec::new();
        queue!(
            orderly,
            EndSynchronizedUpdate,
            DisableMouseCapture,
            DisableBracketedPaste,
            style::SetAttribute(style::Attribute::Reset),
            EnableLineWrap,
            LeaveAlternateScreen,
            cursor::Show
        )
        .unwrap();
        assert_eq!(String::from_utf8_lossy(RESTORING), String::from_utf8_lossy(&orderly));
    }
}
