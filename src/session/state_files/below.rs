//! Folders that are held open, and what is opened below them by name (Unix).

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::{Access, DEVICE, FOLDER, Identity, LINK, NO_FOLDER, PIPE, SHARED, SOCKET, refused};

/// A folder, and what it is called from `.fibric` on.
pub(super) struct Folder {
    open: File,
    shown: PathBuf,
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

impl Folder {
    /// A folder that is trusted, by whatever way.
    pub(super) fn trusted(path: &Path) -> io::Result<Self> {
        let open = fs::open(path, folder_flags(), Mode::empty())?;
        Ok(Self { open: open.into(), shown: PathBuf::new() })
    }

    /// A folder in it, which may not be a link.
    pub(super) fn enter(&self, name: &OsStr) -> io::Result<Self> {
        let shown = self.shown.join(name);
        match fs::openat(&self.open, name, folder_flags() | OFlags::NOFOLLOW, Mode::empty()) {
            Ok(open) => Ok(Self { open: open.into(), shown }),
            Err(Errno::LOOP | Errno::NOTDIR | Errno::MLINK) => {
                let is_link = self.stat(name).is_ok_and(|found| kind(&found) == FileType::Symlink);
                Err(refused(&shown, if is_link { LINK } else { NO_FOLDER }))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        Ok(fs::statat(&self.open, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Refuses what is there and is no plain file.
    pub(super) fn plain(&self, name: &OsStr) -> io::Result<()> {
        match self.stat(name) {
            Ok(found) => self.is_plain(name, &found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn is_plain(&self, name: &OsStr, found: &Stat) -> io::Result<()> {
        let why = match kind(found) {
            FileType::RegularFile => return Ok(()),
            FileType::Symlink => LINK,
            FileType::Directory => FOLDER,
            FileType::Fifo => PIPE,
            FileType::Socket => SOCKET,
            _ => DEVICE,
        };
        Err(refused(&self.shown.join(name), why))
    }

    /// A plain file in it. Looked at before it is opened, because opening alone can do something (a device) or wait (a
    /// pipe); and after, because it may have been swapped in between.
    pub(super) fn open(&self, name: &OsStr, access: Access) -> io::Result<File> {
        self.plain(name)?;
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Append => OFlags::RDWR | OFlags::CREATE | OFlags::APPEND,
            Access::Write => OFlags::RDWR | OFlags::CREATE,
            // Emptied only once it is known what it is.
            Access::Anew => OFlags::WRONLY | OFlags::CREATE,
        };
        let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = match fs::openat(&self.open, name, flags | careful, Mode::from_raw_mode(0o666)) {
            Ok(opened) => File::from(opened),
            Err(error) => {
                self.plain(name)?;
                return Err(error.into());
            }
        };
        let found = fs::fstat(&opened)?;
        self.is_plain(name, &found)?;
        if access != Access::Read && found.st_nlink > 1 {
            return Err(refused(&self.shown.join(name), SHARED));
        }
        if access == Access::Anew {
            opened.set_len(0)?;
        }
        Ok(opened)
    }

    pub(super) fn create(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::mkdirat(&self.open, name, Mode::from_raw_mode(0o777))?)
    }

    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut found = Vec::new();
        for entry in fs::Dir::read_from(&self.open)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                found.push(OsString::from_vec(name));
            }
        }
        Ok(found)
    }

    pub(super) fn identity(&self, name: &OsStr) -> io::Result<Identity> {
        self.stat(name).map(|found| identity(&found))
    }

    pub(super) fn rename(&self, name: &OsStr, to: &Self, other: &OsStr) -> io::Result<()> {
        Ok(fs::renameat(&self.open, name, &to.open, other)?)
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.open, name, AtFlags::empty())?)
    }

    /// Removes an empty folder in it.
    pub(super) fn remove_empty(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.open, name, AtFlags::REMOVEDIR)?)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.open.sync_all()
    }
}

pub(super) fn identity_of(file: &File) -> io::Result<Identity> {
    Ok(identity(&fs::fstat(file)?))
}

fn kind(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

#[expect(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "these types differ between systems")]
fn identity(found: &Stat) -> Identity {
    Identity { file: (found.st_dev as u64, found.st_ino as u64), length: found.st_size as u64 }
}
