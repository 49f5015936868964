//! Where waiting for input cannot be called back: whoever reads the terminal goes on reading.

use std::io;

/// The loop's end.
#[derive(Debug)]
pub struct Gate;

/// The reading thread's end.
#[derive(Debug)]
pub struct Waiting;

/// Both ends.
#[expect(clippy::unnecessary_wraps, reason = "it stands where another can fail")]
pub fn gate() -> io::Result<(Gate, Waiting)> {
    Ok((Gate, Waiting))
}

impl Gate {
    /// Does nothing.
    pub fn close(&mut self) {}

    /// Does nothing.
    pub fn open(&mut self) {}
}
