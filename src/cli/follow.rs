//! Waiting for files to grow. Writes nothing: a folder that is not there yet is looked for until it is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use notify::{RecursiveMode, Watcher as _};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::exit::{Exit, Failure};
use crate::kernel::diagnostic::Diagnostic;

/// Calls `look` after each change below a folder, until a signal.
pub fn each_change(folder: &Path, mut look: impl FnMut() -> Result<(), Failure>) -> Result<Exit, Failure> {
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    let (changed, changes) = channel();
    let failed = |error: notify::Error| Failure::usage(Diagnostic::error(format!("cannot follow: {error}")));
    let mut watcher = notify::recommended_watcher(move |_| {
        let _ = changed.send(());
    })
    .map_err(failed)?;
    let mut is_watched = false;
    while !stopped.load(Ordering::Relaxed) {
        if !is_watched && folder.is_dir() {
            watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
            is_watched = true;
        }
        look()?;
        match changes.recv_timeout(Duration::from_millis(200)) {
            Ok(()) => while changes.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(Exit::Interrupted)
}
