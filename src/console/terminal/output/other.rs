//! Bytes on their way to the terminal, where the system has no waiting that can be called off.

use std::io::{self, Write as _};

/// The terminal's writing side.
#[derive(Debug, Clone)]
pub struct Output;

/// How much of something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// All of it.
    Whole,
    /// Some of it, or nothing.
    #[expect(dead_code, reason = "nobody interrupts here")]
    Cut,
}

impl Output {
    /// The terminal that standard output is.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    pub fn open() -> io::Result<Self> {
        Ok(Self)
    }

    /// Takes back the interrupts so far.
    #[expect(clippy::unused_self, reason = "elsewhere there are some")]
    pub fn forget_interrupts(&self) {}

    /// Writes all of it.
    #[expect(clippy::unused_self, reason = "only who has the terminal writes to it")]
    pub fn write(&self, bytes: &[u8]) -> io::Result<Written> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()?;
        Ok(Written::Whole)
    }

    /// Writes what has to be written before the end.
    pub fn write_last(&self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(drop)
    }
}
