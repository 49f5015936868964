//! The bundled workspace, in the binary: so that a demo works anywhere, and an empty folder can become a workspace.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What makes a folder the workspace; put in its place last.
const CONFIG: (&str, &[u8]) = ("fibric.toml", include_bytes!("../../fibric.toml"));

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../", $path)))),+]
    };
}

/// The other files.
const FILES: &[(&str, &[u8])] = files![
    "connectors/cn-brightdesk/index.ts",
    "connectors/cn-brightdesk/inputs.ts",
    "connectors/cn-frontdesk.ts",
    "connectors/cn-orderbook/index.ts",
    "connectors/cn-orderbook/orders.ts",
    "connectors/cn-pager.ts",
    "connectors/cn-thermo/index.ts",
    "connectors/cn-thermo/readings.ts",
    "fixtures/buildings.jsonl",
    "fixtures/order-created.jsonl",
    "fixtures/orders.jsonl",
    "fixtures/returns.json",
    "fixtures/support.jsonl",
    "operators/desk-triage.ts",
    "operators/order-risk.ts",
    "operators/return-desk.ts",
    "operators/zone-guard.ts",
    "policy/trust.tests.yaml",
    "policy/trust.yaml",
];

/// The policy of the bundled workspace, from its root.
pub(super) const POLICY: &str = "policy/trust.yaml";

/// Why the bundled workspace was not put into a folder. Nothing of it is there then.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Something has a name that one of its files or folders needs.
    #[error("`{0}` is there already")]
    Taken(PathBuf),
    /// It cannot be written.
    #[error("cannot write `{0}`: {1}")]
    Io(PathBuf, io::Error),
}

/// Puts the bundled workspace into a folder: whole or not at all, and over nothing that is there.
pub fn put_into(folder: &Path) -> Result<(), BundleError> {
    let of = |path: &Path| path.to_path_buf();
    // Beside where it is to be, so that it comes there by renaming.
    let beside = tempfile::Builder::new().prefix(".fibric-").tempdir_in(folder);
    let beside = beside.map_err(|error| BundleError::Io(of(folder), error))?;
    for (path, bytes) in FILES {
        write(&beside.path().join(path), bytes)?;
    }
    let mut placed: Vec<PathBuf> = Vec::new();
    let put = place(beside.path(), folder, &mut placed).and_then(|()| {
        let config = folder.join(CONFIG.0);
        write(&config, CONFIG.1)
    });
    if put.is_err() {
        for path in placed {
            // Best effort: what came there by this call alone.
            let _ = fs::remove_dir_all(path);
        }
    }
    put
}

/// Moves what was written beside into the folder.
fn place(beside: &Path, folder: &Path, placed: &mut Vec<PathBuf>) -> Result<(), BundleError> {
    let mut names: Vec<_> = FILES.iter().filter_map(|(path, _)| path.split('/').next()).collect();
    names.dedup();
    for name in names.iter().copied().chain([CONFIG.0]) {
        let to = folder.join(name);
        if to.symlink_metadata().is_ok() {
            return Err(BundleError::Taken(to));
        }
    }
    for name in names {
        let to = folder.join(name);
        fs::rename(beside.join(name), &to).map_err(|error| BundleError::Io(to.clone(), error))?;
        placed.push(to);
    }
    Ok(())
}

/// Writes a file that is not there yet.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BundleError> {
    let written = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes).inspect_err(|_| drop(fs::remove_file(path)))
    };
    written().map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BundleError::Taken(path.to_path_buf()),
        _ => BundleError::Io(path.to_path_buf(), error),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn files_below(folder: &Path) -> BTreeSet<String> {
        let found = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
        let files = found.filter(|entry| entry.file_type().is_file());
        files.map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn it_is_the_workspace_of_this_project() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = ["connectors", "fixtures", "operators", "policy"];
        let there = folders
            .iter()
            .flat_map(|name| files_below(&root.join(name)).into_iter().map(move |path| format!("{name}/{path}")));
        let there: BTreeSet<_> = there.chain([CONFIG.0.to_owned()]).collect();
        let folder = tempfile::tempdir().unwrap();
        put_into(folder.path()).unwrap();
        assert_eq!(files_below(folder.path()), there);
        for path in there {
            assert_eq!(fs::read(folder.path().join(&path)).unwrap(), fs::read(root.join(&path)).unwrap(), "{path}");
        }
    }

    #[test]
    fn nothing_that_is_there_is_touched_and_nothing_is_left() {
        for name in ["connectors", "fixtures", "operators", "policy", "fibric.toml"] {
            for is_link in [false, true] {
                let folder = tempfile::tempdir().unwrap();
                let taken = folder.path().join(name);
                if is_link {
                    #[cfg(unix)]
                    std::os::unix::fs::symlink("nowhere", &taken).unwrap();
                } else {
                    fs::write(&taken, "mine").unwrap();
                }
                let said = put_into(folder.path());
                assert!(matches!(&said, Err(BundleError::Taken(path)) if *path == taken), "{name}: {said:?}");
                let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
                assert_eq!(left, [taken]);
            }
        }
        assert!(matches!(put_into(Path::new("/nowhere")), Err(BundleError::Io(..))));
    }
}
