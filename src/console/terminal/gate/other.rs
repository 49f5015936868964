//! Where waiting for input cannot be called back: whoever reads the terminal goes on reading.

use std::io;

/// The loop's end.
#[derive(Debug)]
pub struct Gate;

/// The reading thread's end.
#[derive(Debug)]
pub struct Waiting;

/// What there is to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// Input.
    Input,
    /// Only reading tells.
    Gone,
}

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

impl Waiting {
    /// Leaves the waiting to the reading.
    #[expect(clippy::unnecessary_wraps, reason = "it stands where another can fail")]
    pub fn input(&mut self) -> io::Result<Ready> {
        Ok(Ready::Gone)
    }
}
