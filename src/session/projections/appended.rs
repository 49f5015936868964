//! A file that is only ever added to, by several processes in turn, and what can become of it meanwhile.

use std::path::PathBuf;

use crate::session::disk::{Disk, FileDisk};
use crate::session::error::Error;
use crate::session::{state_files, torn};

/// An appended file and its path.
pub(super) struct Appended {
    pub(super) path: PathBuf,
    pub(super) disk: Box<dyn Disk>,
    /// A length at which it is known to end with a whole line.
    whole: u64,
}

impl Appended {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
        Ok(Self { path, disk: Box::new(disk), whole: 0 })
    }

    /// Goes on with what the name stands for now.
    pub(super) fn reopen(&mut self) -> Result<(), Error> {
        *self = Self::open(std::mem::take(&mut self.path))?;
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.disk.append(bytes).map_err(Error::disk("write", &self.path))?;
        self.whole = self.length()?;
        Ok(())
    }

    /// What somebody did to it since it was last seen whole, so that what is written would be seen by nobody, or behind
    /// a gap; none where nothing.
    pub(super) fn lost(&self) -> Result<Option<&'static str>, Error> {
        let Some(held) = self.disk.identity().map_err(Error::disk("read", &self.path))? else { return Ok(None) };
        let found = state_files::identity(&self.path).map_err(Error::disk("read", &self.path))?;
        Ok(match found {
            None => Some("was removed"),
            Some(found) if found.file != held.file => Some("was replaced"),
            Some(found) if found.length < self.whole => Some("was cut short"),
            Some(_) => None,
        })
    }

    /// False when another process died in the middle of a line.
    pub(super) fn ends_whole(&mut self) -> Result<bool, Error> {
        let length = self.length()?;
        if length != self.whole && !torn::ends_whole(&self.path).map_err(Error::disk("read", &self.path))? {
            return Ok(false);
        }
        self.whole = length;
        Ok(true)
    }

    pub(super) fn length(&self) -> Result<u64, Error> {
        self.disk.length().map_err(Error::disk("read", &self.path))
    }
}
