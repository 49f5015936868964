//! The files of a pack's folder: which there are, and that none of them leads out of it.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::author::entry;
use crate::kernel::diagnostic::Diagnostic;

/// Files beyond which a folder is taken for something else than a pack.
const MOST: usize = 10_000;
/// Folders in folders.
const DEEPEST: usize = 32;

/// Whether a folder can be read as a pack at all: it is there, and nothing in it leads elsewhere.
pub fn check(root: &Path) -> Result<(), Diagnostic> {
    let about = std::fs::metadata(root).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Diagnostic::error("there is no such folder"),
        _ => Diagnostic::error(format!("cannot be read: {error}")),
    })?;
    if !about.is_dir() {
        let help = "name the folder that has `index.ts`, as in `packs/order-risk`";
        return Err(Diagnostic::error("a pack is a folder, and this is a file").help(help));
    }
    let mut count = 0;
    for item in WalkDir::new(root).max_depth(DEEPEST).into_iter().filter_entry(|item| !is_elsewhere(item)) {
        let item = item.map_err(|error| Diagnostic::error(format!("cannot be read: {error}")))?;
        count += 1;
        if count > MOST {
            return Err(Diagnostic::error(format!("the folder has more than {MOST} files")));
        }
        if item.path_is_symlink() {
            inside(root, item.path()).map_err(|error| {
                let name = item.path().strip_prefix(root).unwrap_or(item.path()).display().to_string();
                let fault = Diagnostic::error(format!("`{name}` is a link: {error}")).in_file(name);
                fault.help("a pack holds all it is made of: put the file itself there")
            })?;
        }
    }
    Ok(())
}

/// What is beside a pack's own files: packages, versions under control, hidden state.
fn is_elsewhere(item: &walkdir::DirEntry) -> bool {
    let name = item.file_name().to_string_lossy();
    item.depth() > 0 && item.file_type().is_dir() && (name == "node_modules" || name.starts_with('.'))
}

/// Whether a path of the pack is in it, links followed.
pub fn inside(root: &Path, path: &Path) -> io::Result<()> {
    let root = root.canonicalize()?;
    match path.canonicalize() {
        Ok(real) if real.starts_with(&root) => Ok(()),
        Ok(_) => Err(io::Error::other("it leads out of the pack")),
        Err(error) => Err(error),
    }
}

/// The fixture files: directly in `fixtures/`, sorted.
pub fn fixtures(root: &Path) -> Vec<PathBuf> {
    let Ok(listing) = std::fs::read_dir(root.join("fixtures")) else { return Vec::new() };
    let is_fixture = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default();
        path.is_file() && (extension == "jsonl" || extension == "json")
    };
    let mut found: Vec<_> = listing.filter_map(Result::ok).map(|item| item.path()).filter(is_fixture).collect();
    found.sort();
    found
}

/// The entries of the connectors that travel with a pack, sorted.
pub fn connectors(root: &Path) -> Vec<PathBuf> {
    entry::in_folder(&root.join("connectors")).into_iter().map(|entry| entry.path).collect()
}
