//! Finding a workspace's root and the folders of author code in it (contract 6).

use std::path::{Path, PathBuf};

use super::config;
use crate::author::entry::{self, Entry};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::CodeKind;

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

/// The entries of one kind of author code.
pub fn entries(root: &Path, kind: CodeKind) -> Vec<Entry> {
    entry::in_folder(&root.join(folder(kind)))
}

/// Why a folder of author code cannot be listed, where it is there.
pub fn unlisted(root: &Path, kind: CodeKind) -> Option<Diagnostic> {
    let path = root.join(folder(kind));
    path.symlink_metadata().ok()?;
    let error = std::fs::read_dir(&path).err()?;
    let fault = Diagnostic::error(format!("cannot read `{}/`: {error}", folder(kind)));
    Some(fault.help("nothing in it is loaded until it is a folder that can be read"))
}
