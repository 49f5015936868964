//! What the files of a policy looked like when they were read: enough to notice for the price of a look at each that
//! another one was saved, before the watch has told of it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// The files that were looked at, and when.
#[derive(Debug, Clone)]
pub struct Seen {
    files: Vec<(PathBuf, Option<Look>)>,
    at: SystemTime,
}

/// What changes with a file's content, as far as a file system tells.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    length: u64,
    modified: Option<SystemTime>,
    /// The file itself, and when anything about it last changed; a save by renaming changes the first.
    identity: (u64, i64, i64),
}

/// Two saves within the grain of a file system's clock look the same.
const GRAIN: Duration = Duration::from_millis(20);

impl Seen {
    /// Looks at files, before they are read.
    pub fn now(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let at = SystemTime::now();
        Self { files: files.into_iter().map(|path| (path.clone(), look(&path))).collect(), at }
    }

    /// True when they may not hold any more what they held then.
    pub fn is_outdated(&self) -> bool {
        self.files.iter().any(|(path, then)| look(path) != *then || then.as_ref().is_some_and(|it| self.is_racy(it)))
    }

    /// Saved so shortly before it was looked at that a later save could not be told from it.
    fn is_racy(&self, look: &Look) -> bool {
        let modified = look.modified.unwrap_or(SystemTime::UNIX_EPOCH);
        let apart = self.at.duration_since(modified).unwrap_or_else(|ahead| ahead.duration());
        apart < GRAIN
    }
}

fn look(path: &std::path::Path) -> Option<Look> {
    let about = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let identity = {
        use std::os::unix::fs::MetadataExt as _;
        (about.ino(), about.ctime(), about.ctime_nsec())
    };
    #[cfg(not(unix))]
    let identity = (0, 0, 0);
    Some(Look { length: about.len(), modified: about.modified().ok(), identity })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_save_a_file_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("trust.yaml"), dir.path().join("other"));
        let long_ago = SystemTime::now() - Duration::from_mins(1);
        let backdate = |path: &PathBuf| std::fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
        std::fs::write(&path, "aaaa").unwrap();
        backdate(&path);
        let before = Seen::now([path.clone()]);
        assert!(!before.is_outdated());
        // The same length and the same time, in place and by renaming.
        std::fs::write(&path, "bbbb").unwrap();
        backdate(&path);
        assert!(before.is_outdated());
        let before = Seen::now([path.clone()]);
        std::fs::write(&other, "cccc").unwrap();
        backdate(&other);
        std::fs::rename(&other, &path).unwrap();
        assert!(before.is_outdated());
        let before = Seen::now([path.clone(), other.clone()]);
        assert!(!before.is_outdated());
        std::fs::write(&other, "").unwrap();
        assert!(before.is_outdated(), "one that was not there");
        std::fs::remove_file(&other).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(before.is_outdated(), "one that is gone");
    }

    #[test]
    fn what_was_saved_just_now_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trust.yaml");
        std::fs::write(&path, "aaaa").unwrap();
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let looked_at = |at: SystemTime| Seen { files: vec![(path.clone(), look(&path))], at };
        assert!(looked_at(modified + Duration::from_millis(1)).is_outdated());
        assert!(!looked_at(modified + Duration::from_secs(1)).is_outdated());
    }
}
