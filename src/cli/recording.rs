//! `--cast`: what is shown, written as an asciicast file.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::exit::Failure;
use super::output::Written;
use crate::console::Asciicast;

/// A file that something else writes into, and that is put in its place here once that has ended.
pub struct Recording(Arc<Mutex<State>>);

struct State {
    file: Option<Written>,
    /// The first thing that went wrong with it.
    failed: Option<Failure>,
}

impl Recording {
    /// Begins a file that a person named.
    pub fn begin(path: &Path, title: &str) -> Result<(Self, Asciicast), Failure> {
        let state = Arc::new(Mutex::new(State { file: Some(Written::begin(path)?), failed: None }));
        let cast = Asciicast::new(Box::new(Sink(Arc::clone(&state))), title);
        Ok((Self(state), cast))
    }

    /// Puts the file in its place; tells what went wrong with it.
    pub fn finish(self) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (state.failed.take(), state.file.take()) {
            (Some(failed), _) => Err(failed),
            (None, Some(file)) => file.finish(),
            (None, None) => Ok(()),
        }
    }
}

struct Sink(Arc<Mutex<State>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = &mut state.file else { return Err(io::ErrorKind::Other.into()) };
        if let Err(failed) = file.add_bytes(bytes) {
            (state.file, state.failed) = (None, Some(failed));
            return Err(io::ErrorKind::Other.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
