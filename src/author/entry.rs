//! Entry files: which files of a folder are author code (contract 6). Knows nothing of what is in them.

use std::path::{Path, PathBuf};

const EXTENSIONS: [&str; 4] = ["ts", "js", "mjs", "py"];

/// One file or folder of author code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The file's stem or the folder's name: what it is called before it has told its own name.
    pub stem: String,
    /// The module to load.
    pub path: PathBuf,
}

/// `*.ts|*.js|*.py` directly in the folder, or a sub-folder's `index`; sorted. Hidden files, declarations and tests
/// are left out. A link that leads nowhere, a pipe and the like are given too: why they cannot be loaded is said then.
pub fn in_folder(folder: &Path) -> Vec<Entry> {
    let Ok(listing) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = listing.filter_map(Result::ok).filter_map(|item| entry(&item.path())).collect();
    found.sort();
    found
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
