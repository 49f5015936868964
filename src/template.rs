//! What `fibric init` begins with: files of a new pack, whole and sound, so that its own check passes at once.
//!
//! It writes into a folder that is not there or is empty, all of it or nothing. It must not know packs, or who checks
//! them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::kernel::diagnostic::Diagnostic;

/// What stands for the name in the files.
const NAME: &str = "{{name}}";
/// The longest name; ids and keys are made of it.
const LONGEST: usize = 60;

macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("template/", $folder, "/", $path)))),+]
    };
}

/// A pack in TypeScript.
const OPERATOR_PACK: &[(&str, &str)] = files![
    "operator_pack":
    "index.ts",
    "operator.ts",
    "prompt.md",
    "guardrails.ts",
    "requires.json",
    "listing.json",
    "fixtures/orders.jsonl",
];

/// Writes a new pack named `op-NAME` into `folder`; gives the files, in the order in which one reads them.
pub fn operator_pack(folder: &Path, name: &str) -> Result<Vec<PathBuf>, Diagnostic> {
    check_name(name)?;
    let named: Vec<_> = OPERATOR_PACK.iter().map(|(path, text)| (*path, text.replace(NAME, name))).collect();
    put(folder, &named).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            let fault = Diagnostic::error(format!("`{}` is there already, and not empty", folder.display()));
            fault.help("name a folder that is yet to be: nothing is written over")
        }
        _ => Diagnostic::error(format!("cannot write `{}`: {error}", folder.display())),
    })?;
    Ok(named.iter().map(|(path, _)| folder.join(path)).collect())
}

fn check_name(name: &str) -> Result<(), Diagnostic> {
    let is_slug = name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if is_slug {
        return Ok(());
    }
    let fault = Diagnostic::error(format!("`{name}` is not a lowercase slug"));
    Err(fault.help("small letters, digits and `-`, as in `--name order-risk`"))
}

/// Written beside and renamed, so that the folder is never half there.
fn put(folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above)?;
    if folder.symlink_metadata().is_ok() && (!folder.is_dir() || fs::read_dir(folder)?.next().is_some()) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = tempfile::Builder::new().prefix(".fibric-").tempdir_in(above)?;
    let whole = beside.path().join("whole");
    for (path, text) in files {
        let path = whole.join(path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    // An empty folder gives way; one that has been filled meanwhile does not.
    fs::rename(&whole, folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("there");
        fs::create_dir(&there).unwrap();
        operator_pack(&there, "late-orders").unwrap();
        assert!(fs::read_to_string(there.join("index.ts")).unwrap().contains("'op-late-orders'"));
        let again = operator_pack(&there, "late-orders").unwrap_err();
        assert!(again.message.contains("is there already"), "{again:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        fs::write(dir.path().join("file"), "mine").unwrap();
        assert!(operator_pack(&dir.path().join("file"), "late-orders").is_err());
        assert_eq!(fs::read_to_string(dir.path().join("file")).unwrap(), "mine");
    }

    #[test]
    fn a_name_is_a_slug() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["", "Late", "late orders", "-late", "late-", "9late", "läte", "../late", &"a".repeat(61)] {
            assert!(operator_pack(&dir.path().join("new"), name).is_err(), "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
