//! Noticing saves: one stream of settled changes below the root, with the kernel's own state left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::discover;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::CodeKind;

/// How long a burst of changes must be quiet before it is told: an editor that truncates and then writes is one save.
const SETTLE: Duration = Duration::from_millis(5);

/// A running watch; it ends when dropped.
pub struct Watch {
    _watcher: Arc<Mutex<RecommendedWatcher>>,
}

impl Watch {
    /// Watches the folders of a workspace. `tell` gets the changed paths of each settled burst, on a thread of the
    /// watch's own.
    pub fn start(root: &Path, tell: impl Fn(Vec<PathBuf>) + Send + 'static) -> Result<Self, Diagnostic> {
        let root = root.to_path_buf();
        // The root itself flat, for `fibric.toml` and folders that are yet to come; never `.fibric`.
        let folders = move || {
            let inside = watched(&root).into_iter().map(|folder| (folder, RecursiveMode::Recursive));
            std::iter::once((root.clone(), RecursiveMode::NonRecursive)).chain(inside).collect()
        };
        Self::over("watch", folders, tell).map_err(|error| {
            Diagnostic::warning(format!("cannot watch the workspace: {error}"))
                .help("saves are not noticed; start again to load them")
        })
    }

    /// Watches folders flat, those that exist and those that come inside another of them. `tell` is called after each
    /// settled burst.
    pub fn flat(folders: Vec<PathBuf>, tell: impl Fn() + Send + 'static) -> Result<Self, Diagnostic> {
        let there = move || {
            let there = folders.iter().filter(|folder| folder.is_dir());
            there.map(|folder| (folder.clone(), RecursiveMode::NonRecursive)).collect()
        };
        Self::over("settings", there, move |_| tell())
            .map_err(|error| Diagnostic::warning(format!("cannot watch keys and themes: {error}")))
    }

    /// Watches the folders that are there now, and takes up those that come.
    fn over(
        name: &str,
        folders: impl Fn() -> Vec<(PathBuf, RecursiveMode)> + Send + 'static,
        tell: impl Fn(Vec<PathBuf>) + Send + 'static,
    ) -> notify::Result<Self> {
        let (raw, changes) = channel();
        let mut watcher = notify::recommended_watcher(move |event| forward(&raw, event))?;
        for (folder, mode) in folders() {
            watcher.watch(&folder, mode)?;
        }
        let watcher = Arc::new(Mutex::new(watcher));
        // Weak, because the thread ends when the watcher's end of the channel is dropped.
        let shared = Arc::downgrade(&watcher);
        let tell = move |mut paths: BTreeSet<PathBuf>| {
            paths.extend(take_up(&folders(), &paths, &shared));
            tell(paths.into_iter().collect());
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(move || settle(&changes, &tell))?;
        Ok(Self { _watcher: watcher })
    }
}

/// The folders whose content matters, those that exist.
pub fn watched(root: &Path) -> Vec<PathBuf> {
    [discover::folder(CodeKind::Connector), discover::folder(CodeKind::Operator), "fixtures", "policy"]
        .iter()
        .map(|name| root.join(name))
        .filter(|path| path.is_dir())
        .collect()
}

/// Watches folders that have only now come, or come again, and gives what was in them before they were watched.
fn take_up(
    folders: &[(PathBuf, RecursiveMode)],
    paths: &BTreeSet<PathBuf>,
    watcher: &Weak<Mutex<RecommendedWatcher>>,
) -> Vec<PathBuf> {
    let mut inside = Vec::new();
    for (folder, mode) in folders.iter().filter(|(folder, _)| paths.contains(folder)) {
        let Some(watcher) = watcher.upgrade() else { return inside };
        let Ok(mut watcher) = watcher.lock() else { return inside };
        if watcher.watch(folder, *mode).is_ok() && *mode == RecursiveMode::Recursive {
            inside.extend(std::fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path()));
        }
    }
    inside
}

fn forward(raw: &Sender<Vec<PathBuf>>, event: notify::Result<Event>) {
    let Ok(event) = event else { return };
    let matters = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    if matters {
        let _ = raw.send(event.paths);
    }
}

fn settle(changes: &Receiver<Vec<PathBuf>>, tell: &impl Fn(BTreeSet<PathBuf>)) {
    while let Ok(first) = changes.recv() {
        let mut paths: BTreeSet<_> = first.into_iter().collect();
        loop {
            match changes.recv_timeout(SETTLE) {
                Ok(more) => paths.extend(more),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let hidden = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(".fibric"))
        };
        paths.retain(|path| !hidden(path));
        if !paths.is_empty() {
            tell(paths);
        }
    }
}
