//! The one door to what is kept below `.fibric/`. A workspace may be a checkout from anyone: no component from
//! `.fibric` on may be a symbolic link, and what is opened is a plain file, so that nothing is read from or written to
//! outside of it, and no pipe or device is waited for.
//!
//! Each folder on the way is opened below the one before, so what is swapped meanwhile is not followed either. A path
//! without `.fibric` in it (a fixture, a test's folder) is trusted up to its last component.
//!
//! Knows names and kinds of files; nothing of what is in them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

#[cfg_attr(not(unix), path = "state_files/by_path.rs")]
mod below;

use below::Folder;

/// The folder from which on nothing is trusted.
const STATE: &str = ".fibric";
/// Text files here are small; one that is larger is none of ours.
const LONGEST_TEXT: u64 = 64 << 20;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To be read; it must be there.
    Read,
    /// To be read and added to; it is created.
    Append,
    /// To be read and written anywhere, or locked; it is created.
    Write,
    /// To be written from its beginning; it is created, and emptied.
    Anew,
}

/// Which file a name stands for, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The device and the number on it.
    pub file: (u64, u64),
    /// Bytes.
    pub length: u64,
}

/// Something that state is not kept in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is {found}")]
pub struct Refusal {
    /// The name, from `.fibric` on.
    pub shown: String,
    /// What it is, and what it would have to be.
    found: &'static str,
    /// What to do.
    pub help: &'static str,
}

const LINK: (&str, &str) = (
    "a symbolic link, and state is never kept through one",
    "remove the link; what it points to is left as it is, and the state begins anew in a place of its own",
);
const SHARED: (&str, &str) = (
    "a file with a second name elsewhere (a hard link), and state is never written through one",
    "copy it and put the copy in its place: `cp FILE FILE.own && mv FILE.own FILE`",
);
const PIPE: (&str, &str) = ("a named pipe, and state is kept in plain files only", "remove it");
const SOCKET: (&str, &str) = ("a socket, and state is kept in plain files only", "remove it");
const DEVICE: (&str, &str) = ("a device, and state is kept in plain files only", "remove it");
const FOLDER: (&str, &str) = ("a folder, where a plain file must be", "move it out of the way");
const NO_FOLDER: (&str, &str) = ("no folder, and state is kept below it", "move it out of the way");

/// The refusal behind an error, where it is one.
pub fn refusal(error: &io::Error) -> Option<&Refusal> {
    error.get_ref()?.downcast_ref()
}

fn refused(shown: &Path, (found, help): (&'static str, &'static str)) -> io::Error {
    let shown = shown.to_string_lossy().replace('\\', "/");
    io::Error::other(Refusal { shown, found, help })
}

/// The part of a path that is trusted, and the names below it.
fn split(path: &Path) -> io::Result<(PathBuf, Vec<&std::ffi::OsStr>)> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let from = parts.iter().rposition(|part| part.as_os_str() == STATE).unwrap_or(parts.len().saturating_sub(1));
    let mut trusted: PathBuf = parts[..from].iter().collect();
    if trusted.as_os_str().is_empty() {
        trusted.push(".");
    }
    let names = parts[from..].iter().map(|part| match part {
        Component::Normal(name) => Ok(*name),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{}` names no file", path.display()))),
    });
    Ok((trusted, names.collect::<io::Result<_>>()?))
}

/// The folder a path stands in, and its last name.
fn parent(path: &Path) -> io::Result<(Folder, &std::ffi::OsStr)> {
    let (trusted, names) = split(path)?;
    let Some((last, folders)) = names.split_last() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut folder = Folder::trusted(&trusted)?;
    for name in folders {
        folder = folder.enter(name)?;
    }
    Ok((folder, last))
}

/// Opens a plain file.
pub fn open(path: &Path, access: Access) -> io::Result<File> {
    let (folder, name) = parent(path)?;
    folder.open(name, access)
}

/// Opens a plain file to read it; none where there is no such file.
pub fn open_existing(path: &Path) -> io::Result<Option<File>> {
    match open(path, Access::Read) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a file that a person named, by whatever way it leads there; but what is below `.fibric` only as state is.
pub fn open_named(path: &Path) -> io::Result<File> {
    if is_state(path) { open(path, Access::Read) } else { File::open(path) }
}

/// True for what is below a `.fibric`.
pub fn is_state(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == STATE)
}

/// Writes a file whole or not at all, in a folder that is created where it is missing.
pub fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        create_folders(folder)?;
    }
    write_whole(path, bytes)
}

/// Creates a folder and those above it.
pub fn create_folders(path: &Path) -> io::Result<()> {
    let (trusted, names) = split(path)?;
    std::fs::create_dir_all(&trusted)?;
    let mut folder = Folder::trusted(&trusted)?;
    for name in names {
        match folder.create(name) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => folder = folder.enter(name)?,
        }
    }
    Ok(())
}

/// Creates one folder, which must not be there yet.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let (folder, name) = parent(path)?;
    folder.create(name)
}

/// The names in a folder, in no order.
pub fn names(path: &Path) -> io::Result<Vec<OsString>> {
    let (folder, name) = parent(path)?;
    folder.enter(name)?.names()
}

/// What a name stands for now; none where there is nothing. Follows no link: that of a link is its own.
pub fn identity(path: &Path) -> io::Result<Option<Identity>> {
    let found = parent(path).and_then(|(folder, name)| folder.identity(name));
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

/// What an open file is.
pub fn identity_of(file: &File) -> io::Result<Identity> {
    below::identity_of(file)
}

/// Reads a whole file, which is not a long one.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, Access::Read)?.take(LONGEST_TEXT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same as text.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes a file whole or not at all: beside, then into its place.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, name) = parent(path)?;
    // A folder or a pipe there is somebody's mistake, which a rename would hide.
    folder.plain(name)?;
    let mut beside = name.to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let written = folder.open(&beside, Access::Anew).and_then(|mut file| file.write_all(bytes));
    let placed = written.and_then(|()| folder.rename(&beside, &folder, name));
    placed.inspect_err(|_| drop(folder.remove(&beside)))
}

/// Gives a file or folder another name; what had that name is replaced.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let ((old, name), (new, other)) = (parent(from)?, parent(to)?);
    old.rename(name, &new, other)
}

/// Removes a file, or a link itself.
pub fn remove(path: &Path) -> io::Result<()> {
    let (folder, name) = parent(path)?;
    folder.remove(name)
}

/// Removes a folder and the files in it; nothing where it is gone already. A folder in it is an error: none of ours has
/// one.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    let (folder, name) = parent(path)?;
    let gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let below = match folder.enter(name) {
        Err(error) if gone(&error) => return Ok(()),
        below => below?,
    };
    for file in below.names()? {
        below.remove(&file)?;
    }
    drop(below);
    folder.remove_empty(name)
}

/// Puts a file out of the way, under the first free name after `NAME.aside`. Gives that name; none where there is
/// nothing.
pub fn set_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    if identity(path)?.is_none() {
        return Ok(None);
    }
    for attempt in 1_u32.. {
        let mut aside = path.as_os_str().to_owned();
        aside.push(if attempt == 1 { ".aside".to_owned() } else { format!(".aside-{attempt}") });
        let aside = PathBuf::from(aside);
        if identity(&aside)?.is_none() {
            rename(path, &aside)?;
            return Ok(Some(aside));
        }
    }
    Ok(None)
}

/// Makes the names in a file's folder survive a power cut.
pub fn sync_folder_of(path: &Path) {
    // Some systems cannot do it for a folder; the file's own bytes are synced elsewhere.
    let _ = parent(path).and_then(|(folder, _)| folder.sync());
}

#[cfg(all(test, unix))]
mod tests;
