//! Folders by their paths, where a system gives no other way: each name is looked at before it is used.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{Access, DEVICE, FOLDER, Identity, LINK, NO_FOLDER, refused};

/// A folder, and what it is called from `.fibric` on.
pub(super) struct Folder {
    path: PathBuf,
    shown: PathBuf,
}

impl Folder {
    /// A folder that is trusted, by whatever way.
    pub(super) fn trusted(path: &Path) -> io::Result<Self> {
        fs::metadata(path)?;
        Ok(Self { path: path.to_path_buf(), shown: PathBuf::new() })
    }

    /// A folder in it, which may not be a link.
    pub(super) fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let (path, shown) = (self.path.join(name), self.shown.join(name));
        let about = fs::symlink_metadata(&path)?;
        match (about.is_symlink(), about.is_dir()) {
            (true, _) => Err(refused(&shown, LINK)),
            (false, false) => Err(refused(&shown, NO_FOLDER)),
            (false, true) => Ok(Self { path, shown }),
        }
    }

    /// Refuses what is there and is no plain file.
    pub(super) fn plain(&self, name: &OsStr) -> io::Result<()> {
        let about = match fs::symlink_metadata(self.path.join(name)) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let shown = self.shown.join(name);
        match () {
            () if about.is_file() => Ok(()),
            () if about.is_symlink() => Err(refused(&shown, LINK)),
            () if about.is_dir() => Err(refused(&shown, FOLDER)),
            () => Err(refused(&shown, DEVICE)),
        }
    }

    pub(super) fn open(&self, name: &OsStr, access: Access) -> io::Result<File> {
        self.plain(name)?;
        let mut options = OpenOptions::new();
        match access {
            Access::Read => options.read(true),
            Access::Append => options.read(true).append(true).create(true),
            Access::Write => options.read(true).write(true).create(true).truncate(false),
            Access::Anew => options.write(true).create(true).truncate(true),
        };
        options.open(self.path.join(name))
    }

    pub(super) fn create(&self, name: &OsStr) -> io::Result<()> {
        fs::create_dir(self.path.join(name))
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.path)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    pub(super) fn identity(&self, name: &OsStr) -> io::Result<Identity> {
        let about = fs::symlink_metadata(self.path.join(name))?;
        Ok(Identity { file: (0, 0), length: about.len() })
    }

    pub(super) fn rename(&self, name: &OsStr, to: &Self, other: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(name), to.path.join(other))
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Removes an empty folder in it.
    pub(super) fn remove_empty(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.path.join(name))
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn identity_of(file: &File) -> io::Result<Identity> {
    Ok(Identity { file: (0, 0), length: file.metadata()?.len() })
}
