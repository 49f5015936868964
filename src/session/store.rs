//! The state folder, `.fibric/dev/`: run numbers, locks between processes, and what a crash left behind.
//!
//! ```text
//! .fibric/dev/
//!   runs/0001/journal.jsonl   the truth, sealed group by group
//!   runs/open/0001            there while the run has not ended by itself
//!   journals.chain            which groups of which runs there are, in order
//!   base.jsonl                what is kept of the runs that were cleaned away
//!   receipts.jsonl            projections, appended under one lock
//!   receipts.chain            the tamper chain beside the receipts
//!   envelopes.jsonl  plans/  keys.jsonl
//!   lock  live.lock           locks between processes
//! ```

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::base;
use super::corpus::since;
use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::journal::chain::{self, Event, Known, Line};
use super::state_files::{self, Access};
use super::torn;
use crate::kernel::diagnostic::Diagnostic;

/// An opened state folder.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

/// Held while projections are written; released on drop, or by the system when the process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// A run's place on disk. Its journal is locked for as long as its process lives.
#[derive(Debug)]
pub struct RunDir {
    /// The run's number.
    pub number: u32,
    /// Its journal.
    pub journal: PathBuf,
    /// How long `envelopes.jsonl` was when the run began: what it wrote there stands behind that.
    pub envelopes_from: u64,
    /// What had to be put right before it could begin.
    pub notices: Vec<Diagnostic>,
    marker: PathBuf,
    _owner: File,
}

impl Store {
    /// Opens or creates the folder.
    pub fn open(dir: PathBuf) -> Result<Self, Error> {
        let open = dir.join("runs").join("open");
        state_files::create_folders(&open).map_err(Error::disk("create", &open))?;
        let plans = dir.join("plans");
        state_files::create_folders(&plans).map_err(Error::disk("create", &plans))?;
        Ok(Self { dir })
    }

    /// The folder as it is, to be read: nothing is created, and there may be none.
    pub fn reading(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Sets the folder aside under a name of its own; nothing is deleted. Gives the new name, or none when there was
    /// nothing.
    pub fn set_aside(dir: &Path, stamp: &str) -> Result<Option<PathBuf>, Error> {
        let there = |path: &Path| state_files::identity(path).map(|found| found.is_some());
        if !there(dir).map_err(Error::disk("set aside", dir))? {
            return Ok(None);
        }
        for attempt in 0_u32.. {
            let suffix = if attempt == 0 { String::new() } else { format!("-{attempt}") };
            let aside = dir.with_file_name(format!("dev.{stamp}{suffix}"));
            if !there(&aside).map_err(Error::disk("set aside", dir))? {
                state_files::rename(dir, &aside).map_err(Error::disk("set aside", dir))?;
                return Ok(Some(aside));
            }
        }
        Ok(None)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file in the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Where a run's journal is.
    pub fn journal(&self, run: u32) -> PathBuf {
        journal_in(&self.dir, run)
    }

    /// The numbers of all runs, oldest first.
    pub fn runs(&self) -> Vec<u32> {
        runs_in(&self.dir)
    }

    /// The chain of all journals.
    pub fn journals(&self) -> PathBuf {
        self.file(chain::FILE)
    }

    /// True where a clean has begun and not ended: what it prepared, or what it was to remove, may be there still.
    pub fn is_cleaning(&self) -> bool {
        !self.prepared().is_empty()
    }

    /// The folders in which a clean prepares what it leaves.
    pub(super) fn prepared(&self) -> Vec<PathBuf> {
        let names = state_files::names(&self.dir).unwrap_or_default();
        let is_prepared =
            |name: &&std::ffi::OsString| name.to_str().is_some_and(|name| name.starts_with(base::PREPARED));
        names.iter().filter(is_prepared).map(|name| self.dir.join(name)).collect()
    }

    /// Waits for the lock on the projections.
    pub fn lock(&self) -> Result<Lock, Error> {
        let path = self.file("lock");
        loop {
            let file = lock_file(&path).map_err(Error::disk("open", &path))?;
            file.lock().map_err(Error::disk("lock", &path))?;
            // Somebody may have removed it meanwhile: then others lock another file, and this one keeps nobody out.
            if is_same(&file, &path).map_err(Error::disk("lock", &path))? {
                return Ok(Lock(file));
            }
        }
    }

    /// Waits for the lock on the projections and writes nothing; none where nobody ever took it.
    pub fn lock_to_read(&self) -> Result<Option<Lock>, Error> {
        let path = self.file("lock");
        match state_files::open(&path, Access::Read) {
            Ok(file) => {
                file.lock_shared().map_err(Error::disk("lock", &path))?;
                Ok(Some(Lock(file)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::disk("open", &path)(error)),
        }
    }

    /// The right to take live input; none when another process has it.
    pub fn live_lock(&self) -> Result<Option<Lock>, Error> {
        let path = self.file("live.lock");
        loop {
            let file = lock_file(&path).map_err(Error::disk("open", &path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(source)) => return Err(Error::disk("lock", &path)(source)),
            }
            if is_same(&file, &path).map_err(Error::disk("lock", &path))? {
                return Ok(Some(Lock(file)));
            }
        }
    }

    /// Takes the next run number. Safe against other processes doing the same: creating the folder is the decision. A
    /// number that the chain or the last receipt has is never given again, though its folder be gone: ids would be.
    pub fn begin_run(&self, shares_keys: bool) -> Result<RunDir, Error> {
        let _lock = self.lock()?;
        let path = self.journals();
        let mut notices = Vec::new();
        torn::cut(&path, chain::FILE, &mut notices)?;
        let known = Known::read(&path)?;
        let named = since::last_run(&self.file("receipts.jsonl")).unwrap_or(0);
        let mut number = self.runs().last().copied().unwrap_or(0).max(known.highest()).max(named);
        let before = number;
        loop {
            number = number.checked_add(1).ok_or_else(|| {
                Error::disk("begin a run in", &self.dir)(io::Error::other("its run numbers are used up"))
            })?;
            let folder = self.run_folder(number);
            match state_files::create_folder(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(Error::disk("create", &folder)(error)),
            }
            let journal = folder.join("journal.jsonl");
            let owner = lock_file(&journal).map_err(Error::disk("create", &journal))?;
            owner.lock().map_err(Error::disk("lock", &journal))?;
            let marker = self.marker(number);
            let envelopes_from = self.length("envelopes.jsonl")?;
            // A run is known before it can be taken for one that crashed.
            let mut last = known.last;
            if last.is_none() && before > 0 {
                last = Some(self.link(None, Event::Unchained(before))?);
            }
            self.link(last.as_ref(), Event::Begun { run: number, shared: shares_keys })?;
            let text = envelopes_from.to_string();
            state_files::write_whole(&marker, text.as_bytes()).map_err(Error::disk("create", &marker))?;
            return Ok(RunDir { number, journal, envelopes_from, notices, marker, _owner: owner });
        }
    }

    /// Adds a line to the chain of all journals. The lock must be held.
    pub(super) fn link(&self, last: Option<&Line>, event: Event) -> Result<Line, Error> {
        let (receipts, envelopes) = (self.length("receipts.jsonl")?, self.length("envelopes.jsonl")?);
        let line = Line::after(last.map(|line| line.hash.as_str()), event, receipts, envelopes);
        let mut text = String::new();
        line.write_to(&mut text);
        let path = self.journals();
        let mut disk = FileDisk::open(&path).map_err(Error::disk("open", &path))?;
        disk.append(text.as_bytes()).map_err(Error::disk("write", &path))?;
        Ok(line)
    }

    /// How long a file is; zero where there is none.
    pub(super) fn length(&self, name: &str) -> Result<u64, Error> {
        let path = self.file(name);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        Ok(found.map_or(0, |found| found.length))
    }

    /// How long the journal of a run is.
    pub(super) fn length_of(&self, run: u32) -> Result<u64, Error> {
        let path = self.journal(run);
        let found = state_files::identity(&path).map_err(Error::disk("read", &path))?;
        Ok(found.map_or(0, |found| found.length))
    }

    /// The folder of a run.
    pub(super) fn run_folder(&self, run: u32) -> PathBuf {
        self.dir.join("runs").join(format!("{run:04}"))
    }

    /// Bytes that the files of a run have.
    pub(super) fn bytes_of(&self, run: u32) -> Result<u64, Error> {
        bytes_in(&self.run_folder(run))
    }

    /// Bytes that everything in the folder has.
    pub fn bytes(&self) -> Result<u64, Error> {
        let mut sum = bytes_in(&self.dir)? + bytes_in(&self.file("plans"))?;
        for run in self.runs() {
            sum += self.bytes_of(run)?;
        }
        Ok(sum)
    }

    /// Runs that neither ended nor have a living process, each held so that no one else recovers it too.
    pub fn crashed(&self) -> Vec<RunDir> {
        numbers(&self.dir.join("runs").join("open"))
            .into_iter()
            .filter_map(|number| {
                let journal = self.journal(number);
                let owner = state_files::open(&journal, Access::Read).ok()?;
                owner.try_lock().ok()?;
                // It may have ended, or been recovered, between the listing and the lock.
                let marker = self.marker(number);
                let envelopes_from = state_files::read_to_string(&marker).ok()?.parse().unwrap_or(0);
                Some(RunDir { number, journal, envelopes_from, notices: Vec::new(), marker, _owner: owner })
            })
            .collect()
    }

    /// True while the process that writes a run lives.
    pub fn is_alive(&self, run: u32) -> bool {
        let journal = state_files::open(&self.journal(run), Access::Read);
        journal.is_ok_and(|journal| matches!(journal.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// True for a run that has not ended by itself.
    pub fn is_open(&self, run: u32) -> bool {
        state_files::identity(&self.marker(run)).is_ok_and(|found| found.is_some())
    }

    fn marker(&self, number: u32) -> PathBuf {
        self.dir.join("runs").join("open").join(format!("{number:04}"))
    }
}

impl RunDir {
    /// Marks the run as ended: there is nothing to recover.
    pub fn close(self) -> Result<(), Error> {
        match state_files::remove(&self.marker) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::disk("remove", &self.marker)(error)),
            _ => Ok(()),
        }
    }
}

/// Bytes of the files in a folder; those in folders of it are not counted.
fn bytes_in(folder: &Path) -> Result<u64, Error> {
    let mut sum = 0;
    for name in state_files::names(folder).unwrap_or_default() {
        let path = folder.join(name);
        if let Some(found) = state_files::identity(&path).map_err(Error::disk("read", &path))? {
            sum += found.length;
        }
    }
    Ok(sum)
}

fn lock_file(path: &Path) -> io::Result<File> {
    state_files::open(path, Access::Write)
}

fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    let held = state_files::identity_of(file)?;
    Ok(state_files::identity(path)?.is_some_and(|found| found.file == held.file))
}

/// Where the journal of a run is in a state folder.
pub fn journal_in(dir: &Path, run: u32) -> PathBuf {
    dir.join("runs").join(format!("{run:04}")).join("journal.jsonl")
}

/// The numbers of all runs in a state folder, oldest first.
pub fn runs_in(dir: &Path) -> Vec<u32> {
    numbers(&dir.join("runs"))
}

fn numbers(folder: &Path) -> Vec<u32> {
    let listing = state_files::names(folder).unwrap_or_default();
    // Only as they are written: `+1` and `0000001` are none of ours.
    let own = |name: &str| name.parse().ok().filter(|number: &u32| format!("{number:04}") == name);
    let mut found: Vec<u32> = listing.iter().filter_map(|name| own(name.to_str()?)).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn run_numbers_are_never_given_twice() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let mut numbers: Vec<u32> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..10).map(|_| store.begin_run(false).unwrap().number).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=80).collect::<Vec<_>>());
    }

    #[test]
    fn a_living_run_is_not_taken_for_a_crashed_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let alive = store.begin_run(false).unwrap();
        drop(store.begin_run(false).unwrap());
        let crashed: Vec<_> = store.crashed().iter().map(|run| run.number).collect();
        assert_eq!(crashed, [2]);
        alive.close().unwrap();
        assert_eq!(store.live_lock().unwrap().map(|_| ()), Some(()));
    }

    #[test]
    fn state_set_aside_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dev = dir.path().join("dev");
        for _ in 0..2 {
            fs::create_dir_all(&dev).unwrap();
            fs::write(dev.join("receipts.jsonl"), "x").unwrap();
            let aside = Store::set_aside(&dev, "2026").unwrap().unwrap();
            assert!(aside.join("receipts.jsonl").exists() && !dev.exists());
        }
    }
}
