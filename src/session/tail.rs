//! Following a file of lines: the last ones, then those that are added.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::state_files::{self, Access};

/// A place in a growing file. Only whole lines are given out.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    offset: u64,
}

impl Tail {
    /// Starts at the beginning.
    pub fn from_start(path: &Path) -> Self {
        Self { path: path.to_path_buf(), offset: 0 }
    }

    /// Starts at the last `count` lines, reading backwards only as far as they reach.
    pub fn last(path: &Path, count: usize) -> io::Result<Self> {
        const STEP: u64 = 1 << 16;
        let mut tail = Self::from_start(path);
        let mut file = match state_files::open(path, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(tail),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let mut at = length;
        let mut breaks = 0;
        let mut buffer = Vec::new();
        while at > 0 {
            let from = at.saturating_sub(STEP);
            file.seek(SeekFrom::Start(from))?;
            buffer.clear();
            (&mut file).take(at - from).read_to_end(&mut buffer)?;
            for (index, byte) in buffer.iter().enumerate().rev() {
                let end_of_file = from + index as u64 + 1 == length;
                if *byte == b'\n' && !end_of_file {
                    breaks += 1;
                    if breaks == count {
                        tail.offset = from + index as u64 + 1;
                        return Ok(tail);
                    }
                }
            }
            at = from;
        }
        if count == 0 {
            tail.offset = length;
        }
        Ok(tail)
    }

    /// The whole lines added since the last call.
    pub fn read(&mut self) -> io::Result<Vec<String>> {
        let (_, bytes) = self.added()?;
        Ok(String::from_utf8_lossy(&bytes).lines().map(ToOwned::to_owned).collect())
    }

    /// The same as bytes, with where they begin.
    pub fn added(&mut self) -> io::Result<(u64, Vec<u8>)> {
        let mut file = match state_files::open(&self.path, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((self.offset, Vec::new())),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length < self.offset {
            // The state was set aside and begun anew.
            self.offset = 0;
        }
        let from = self.offset;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(length - from).read_to_end(&mut bytes)?;
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        self.offset += bytes.len() as u64;
        Ok((from, bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_then_what_is_added() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = File::create(&path).unwrap();
        for n in 0..30_000 {
            writeln!(file, "line {n}").unwrap();
        }
        let mut tail = Tail::last(&path, 2).unwrap();
        assert_eq!(tail.read().unwrap(), ["line 29998", "line 29999"]);
        write!(file, "half").unwrap();
        assert!(tail.read().unwrap().is_empty());
        writeln!(file, " and whole").unwrap();
        assert_eq!(tail.read().unwrap(), ["half and whole"]);
        assert_eq!(Tail::last(&path, 99_999).unwrap().read().unwrap().len(), 30_001);
        assert!(Tail::last(&path, 0).unwrap().read().unwrap().is_empty());
        assert!(Tail::last(&dir.path().join("none"), 3).unwrap().read().unwrap().is_empty());
    }
}
