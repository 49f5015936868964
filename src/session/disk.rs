//! An append-only file that never keeps half a write, and the trait that lets tests make a disk fail.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::state_files::{self, Access, Identity};

/// What the ledger needs of a disk.
pub trait Disk: Send {
    /// Appends all bytes, or none.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was appended survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// How many bytes it holds.
    fn length(&self) -> io::Result<u64>;
    /// Cuts it back to its first `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Which file it is, where it is one: somebody may have put another in its place.
    fn identity(&self) -> io::Result<Option<Identity>> {
        Ok(None)
    }
    /// Writes it anew under its name, which stands for something else by now; that is set aside.
    fn put_back(&mut self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// A real file.
#[derive(Debug)]
pub struct FileDisk(File);

impl FileDisk {
    /// Opens for appending, creating it when it is not there.
    pub fn open(path: &Path) -> io::Result<Self> {
        state_files::open(path, Access::Append).map(Self)
    }
}

impl Disk for FileDisk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.0.metadata()?.len();
        let written = self.0.write_all(bytes);
        if written.is_err() {
            // A full disk takes a part of a write: give it back, so that no line is half there. Should that fail too,
            // it is the first error that tells why, and recovery cuts the line.
            let _ = self.0.set_len(before);
        }
        written
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn length(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn identity(&self) -> io::Result<Option<Identity>> {
        state_files::identity_of(&self.0).map(Some)
    }

    fn put_back(&mut self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            state_files::create_folders(folder)?;
        }
        state_files::set_aside(path)?;
        let mut copy = state_files::open(path, Access::Write)?;
        self.0.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.0, &mut copy)?;
        copy.sync_all()
    }
}

#[cfg(test)]
pub(crate) mod faulty {
    //! A disk in memory that runs full.

    use std::sync::{Arc, Mutex};

    use super::{Disk, io};

    /// Shares its bytes with the test; appends fail past `room`, after taking a part.
    #[derive(Clone, Default)]
    pub struct FaultyDisk {
        pub bytes: Arc<Mutex<Vec<u8>>>,
        pub room: usize,
    }

    impl Disk for FaultyDisk {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let mut held = self.bytes.lock().unwrap();
            if held.len() + bytes.len() > self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            held.extend_from_slice(bytes);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn length(&self) -> io::Result<u64> {
            Ok(self.bytes.lock().unwrap().len() as u64)
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            self.bytes.lock().unwrap().truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }
}
