//! Following a file of lines: the last ones, then those that are added.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use crate::session::state_files;

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
        let Some(mut file) = state_files::open_existing(path)? else {
            return Ok(tail);
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

    /// The whole lines added since the last call, one by one: a file may be larger than memory.
    pub fn lines(&mut self) -> io::Result<Lines<'_>> {
        let reader = self.rest()?.map(|(_, rest)| BufReader::with_capacity(1 << 18, rest));
        Ok(Lines { tail: self, reader, line: Vec::new() })
    }

    /// The whole lines added since the last call.
    pub fn read(&mut self) -> io::Result<Vec<String>> {
        let (_, bytes) = self.added()?;
        Ok(String::from_utf8_lossy(&bytes).lines().map(ToOwned::to_owned).collect())
    }

    /// The same as bytes, with where they begin.
    pub fn added(&mut self) -> io::Result<(u64, Vec<u8>)> {
        let Some((from, mut rest)) = self.rest()? else { return Ok((self.offset, Vec::new())) };
        let mut bytes = Vec::new();
        rest.read_to_end(&mut bytes)?;
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
        self.offset += bytes.len() as u64;
        Ok((from, bytes))
    }

    /// The file from where it was read to, up to its present end; none where there is no file.
    fn rest(&mut self) -> io::Result<Option<(u64, io::Take<File>)>> {
        let Some(mut file) = state_files::open_existing(&self.path)? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        if length < self.offset {
            // The state was set aside and begun anew.
            self.offset = 0;
        }
        file.seek(SeekFrom::Start(self.offset))?;
        Ok(Some((self.offset, file.take(length - self.offset))))
    }
}

/// Lines read one by one; what was not read of them is given the next time.
#[derive(Debug)]
pub struct Lines<'a> {
    tail: &'a mut Tail,
    reader: Option<BufReader<io::Take<File>>>,
    line: Vec<u8>,
}

impl Iterator for Lines<'_> {
    type Item = io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        match self.reader.as_mut()?.read_until(b'\n', &mut self.line) {
            Err(error) => Some(Err(error)),
            Ok(read) => {
                let whole = self.line.strip_suffix(b"\n")?;
                self.tail.offset += read as u64;
                Some(Ok(String::from_utf8_lossy(whole.strip_suffix(b"\r").unwrap_or(whole)).into_owned()))
            }
        }
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
        assert!(tail.read().unwrap().is_empty() && tail.lines().unwrap().next().is_none());
        writeln!(file, " and whole").unwrap();
        assert_eq!(tail.read().unwrap(), ["half and whole"]);
        writeln!(file, "one\ntwo\nthree").unwrap();
        assert_eq!(tail.lines().unwrap().next().unwrap().unwrap(), "one");
        assert_eq!(tail.lines().unwrap().map(Result::unwrap).collect::<Vec<_>>(), ["two", "three"]);
        assert_eq!(Tail::last(&path, 99_999).unwrap().read().unwrap().len(), 30_004);
        assert!(Tail::last(&path, 0).unwrap().read().unwrap().is_empty());
        assert!(Tail::last(&dir.path().join("none"), 3).unwrap().read().unwrap().is_empty());
    }
}
