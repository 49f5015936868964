//! Finding a workspace's root and the entry files in it (contract 6).

use std::path::{Path, PathBuf};

use super::config;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::CodeKind;

const EXTENSIONS: [&str; 4] = ["ts", "js", "mjs", "py"];

/// One file or folder of author code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The file's stem or the folder's name: what it is called before it has told its own name.
    pub stem: String,
    /// The module to load.
    pub path: PathBuf,
}

/// The nearest folder upward with `fibric.toml` or `operators/`.
pub fn root(from: &Path) -> Result<PathBuf, Diagnostic> {
    let start =
        from.canonicalize().map_err(|error| Diagnostic::error(format!("cannot open `{}`: {error}", from.display())))?;
    for (up, folder) in start.ancestors().enumerate() {
        let is_long = folder.as_os_str().len() + config::FILE.len() + 2 > LONGEST_PATH;
        // What is too deep to be opened by its whole path can still be looked at from here.
        let looked = if is_long { from.join("../".repeat(up)) } else { folder.to_path_buf() };
        match (is_root(&looked), is_long) {
            (true, false) => return Ok(looked),
            (true, true) => return Err(too_deep(folder)),
            (false, _) => {}
        }
    }
    Err(Diagnostic::error(format!("no workspace at or above `{}`", start.display()))
        .help("a workspace is a folder with `fibric.toml` or `operators/`"))
}

/// Bytes of a path that a file can be opened by, its end included.
const LONGEST_PATH: usize = 4096;

/// Whatever has the configuration's name is meant to be it; what it really is, is said where it is read.
fn is_root(folder: &Path) -> bool {
    folder.join(config::FILE).symlink_metadata().is_ok() || folder.join("operators").is_dir()
}

fn too_deep(root: &Path) -> Diagnostic {
    let length = root.as_os_str().len();
    let fault =
        format!("the workspace here has a path of {length} bytes, and a file is opened by at most {LONGEST_PATH}");
    Diagnostic::error(fault).help("move it to where its path is shorter")
}

/// The folder author code of one kind lives in.
pub fn folder(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Connector => "connectors",
        CodeKind::Operator => "operators",
    }
}

/// `*.ts|*.js|*.py` directly in the folder, or a sub-folder's `index`; sorted. Hidden files, declarations and tests
/// are left out. A link that leads nowhere, a pipe and the like are given too: why they cannot be loaded is said then.
pub fn entries(root: &Path, kind: CodeKind) -> Vec<Entry> {
    let Ok(listing) = std::fs::read_dir(root.join(folder(kind))) else { return Vec::new() };
    let mut found: Vec<_> = listing.filter_map(Result::ok).filter_map(|item| entry(&item.path())).collect();
    found.sort();
    found
}

/// Why a folder of author code cannot be listed, where it is there.
pub fn unlisted(root: &Path, kind: CodeKind) -> Option<Diagnostic> {
    let path = root.join(folder(kind));
    path.symlink_metadata().ok()?;
    let error = std::fs::read_dir(&path).err()?;
    let fault = Diagnostic::error(format!("cannot read `{}/`: {error}", folder(kind)));
    Some(fault.help("nothing in it is loaded until it is a folder that can be read"))
}

fn entry(path: &Path) -> Option<Entry> {
    let name = &*path.file_name()?.to_string_lossy();
    if name.starts_with('.') {
        return None;
    }
    if path.is_dir() {
        let index = EXTENSIONS.iter().map(|ext| path.join(format!("index.{ext}"))).find(|file| file.is_file())?;
        return Some(Entry { stem: name.to_owned(), path: index });
    }
    let (stem, extension) = name.rsplit_once('.')?;
    let skipped = [".d", ".test", ".spec"].iter().any(|suffix| stem.ends_with(suffix));
    (EXTENSIONS.contains(&extension) && !skipped).then(|| Entry { stem: stem.to_owned(), path: path.to_path_buf() })
}
