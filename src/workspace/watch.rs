//! Noticing saves: one stream of settled changes below the root, with the kernel's own state left out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
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
    watcher: Arc<Mutex<RecommendedWatcher>>,
    /// Folders watched flat beside the workspace's own, because something was made from files in them.
    beside: Arc<Mutex<BTreeSet<PathBuf>>>,
}

/// What came of watching the folders that sources are in.
pub struct Watched {
    /// Folders that were not watched before: what changed in them until now was not told.
    pub fresh: Vec<PathBuf>,
    /// Folders that cannot be watched.
    pub failed: Vec<Diagnostic>,
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

    /// Watches the folders of these paths flat, and no longer those that were given before and are not now. Folders
    /// that are watched anyway are left out.
    pub fn sources<'a>(&self, root: &Path, sources: impl Iterator<Item = &'a PathBuf>) -> Watched {
        let wanted = folders_of(root, sources);
        let mut watched = Watched { fresh: Vec::new(), failed: Vec::new() };
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        for folder in beside.difference(&wanted) {
            // One that is gone is not watched any more by itself.
            let _ = watcher.unwatch(folder);
        }
        beside.retain(|folder| wanted.contains(folder));
        for folder in wanted {
            if beside.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.fresh.push(folder.clone());
                    beside.insert(folder);
                }
                Err(error) => watched.failed.push(
                    Diagnostic::warning(format!("cannot watch `{}`: {error}", super::shown(root, &folder)))
                        .help("what is imported from there is not loaded again when it is saved: start again then"),
                ),
            }
        }
        watched
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
        let beside = Arc::new(Mutex::new(BTreeSet::new()));
        let also = Arc::clone(&beside);
        let (raw, changes) = channel();
        let mut watcher = notify::recommended_watcher(move |event| forward(&raw, event))?;
        for (folder, mode) in folders() {
            watcher.watch(&folder, mode)?;
        }
        let watcher = Arc::new(Mutex::new(watcher));
        // Weak, because the thread ends when the watcher's end of the channel is dropped.
        let shared = Arc::downgrade(&watcher);
        let tell = move |mut paths: BTreeSet<PathBuf>, lost: bool| {
            let mut folders: Vec<_> = folders();
            let also = also.lock().unwrap_or_else(PoisonError::into_inner).clone();
            folders.extend(also.into_iter().map(|folder| (folder, RecursiveMode::NonRecursive)));
            if lost {
                paths.extend(folders.iter().map(|(folder, _)| folder.clone()));
            }
            paths.extend(take_up(&folders, &paths, &shared));
            tell(paths.into_iter().collect());
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(move || settle(&changes, &tell))?;
        Ok(Self { watcher, beside })
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

/// The folders these paths are in, and those on the way to them, that the workspace's own watch leaves out.
fn folders_of<'a>(root: &Path, sources: impl Iterator<Item = &'a PathBuf>) -> BTreeSet<PathBuf> {
    let own = watched(root);
    let own: Vec<_> = own.iter().cloned().chain(own.iter().filter_map(|folder| folder.canonicalize().ok())).collect();
    let mut folders = BTreeSet::new();
    for folder in sources.filter_map(|path| path.parent()) {
        // A folder on the way may be replaced by another; outside the workspace that is too much to follow.
        let way = folder.ancestors().take_while(|above| *above == folder || above.starts_with(root));
        folders.extend(way.filter(|above| *above != root).map(Path::to_path_buf));
    }
    folders.retain(|folder| folder.is_dir() && !own.iter().any(|above| folder.starts_with(above)));
    folders
}

/// Watches folders that have only now come, or come again, and gives what was in them before they were watched.
fn take_up(
    folders: &[(PathBuf, RecursiveMode)],
    paths: &BTreeSet<PathBuf>,
    watcher: &Weak<Mutex<RecommendedWatcher>>,
) -> Vec<PathBuf> {
    let mut inside = Vec::new();
    for (folder, mode) in folders.iter().filter(|(folder, _)| paths.iter().any(|path| folder.starts_with(path))) {
        let Some(watcher) = watcher.upgrade() else { return inside };
        let Ok(mut watcher) = watcher.lock() else { return inside };
        if watcher.watch(folder, *mode).is_ok() && *mode == RecursiveMode::Recursive {
            inside.extend(std::fs::read_dir(folder).into_iter().flatten().flatten().map(|item| item.path()));
        }
    }
    inside
}

/// Paths that changed; none when the system lost count of them.
type Change = Option<Vec<PathBuf>>;

fn forward(raw: &Sender<Change>, event: notify::Result<Event>) {
    let Ok(event) = event else { return };
    if event.need_rescan() {
        let _ = raw.send(None);
        return;
    }
    let matters = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    };
    if matters {
        let _ = raw.send(Some(event.paths));
    }
}

fn settle(changes: &Receiver<Change>, tell: &impl Fn(BTreeSet<PathBuf>, bool)) {
    while let Ok(first) = changes.recv() {
        let mut lost = first.is_none();
        let mut paths: BTreeSet<_> = first.into_iter().flatten().collect();
        loop {
            match changes.recv_timeout(SETTLE) {
                Ok(more) => {
                    lost |= more.is_none();
                    paths.extend(more.into_iter().flatten());
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let hidden = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(".fibric"))
        };
        paths.retain(|path| !hidden(path));
        if lost || !paths.is_empty() {
            tell(paths, lost);
        }
    }
}
