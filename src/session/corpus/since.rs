//! Where in a file of receipts those of a run begin: the receipts of a session that is being watched reach its readers
//! as entries, and must not be counted twice.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde::Deserialize;

use crate::session::state_files;

/// What of a line tells its run.
#[derive(Deserialize)]
struct Numbered {
    id: String,
}

/// The first byte of the first receipt of a run of that number or a later one, where runs follow each other; the end of
/// the file when there is none, zero when there is no file.
pub fn start_of(path: &Path, run: u32) -> io::Result<u64> {
    let file = match state_files::open_named(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    // INVARIANT: every line that starts before `low` is earlier; every one that starts at `high` or after is not.
    let (mut low, mut high) = (0, size);
    while low < high {
        let middle = low + (high - low) / 2;
        let (start, end, number) = line_from(&mut reader, middle)?;
        if start >= high || number.is_none_or(|number| number >= run) {
            high = middle;
        } else {
            low = end;
        }
    }
    Ok(low.min(size))
}

/// The first line that starts at a byte or after it, its start; and of the first from there that names its run, the end
/// and the run. What names none belongs to what follows it.
fn line_from(reader: &mut BufReader<File>, at: u64) -> io::Result<(u64, u64, Option<u32>)> {
    let mut text = Vec::new();
    let mut start = at;
    if at > 0 {
        // What ends at the byte before may be the line before.
        reader.seek(SeekFrom::Start(at - 1))?;
        start = at - 1 + reader.read_until(b'\n', &mut text)? as u64;
        text.clear();
    } else {
        reader.seek(SeekFrom::Start(0))?;
    }
    let mut end = start;
    loop {
        text.clear();
        let read = reader.read_until(b'\n', &mut text)? as u64;
        end += read;
        let number = serde_json::from_slice::<Numbered>(&text).ok().and_then(|line| run_of(&line.id));
        if number.is_some() || read == 0 {
            return Ok((start, end, number));
        }
    }
}

/// The run of the last receipt; none where there is none, or it cannot be read.
pub fn last_run(path: &Path) -> Option<u32> {
    const REACH: u64 = 1 << 20;
    let mut file = state_files::open_named(path).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(REACH))).ok()?;
    let mut tail = Vec::new();
    file.take(REACH).read_to_end(&mut tail).ok()?;
    let mut lines = tail.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty());
    lines.find_map(|line| run_of(&serde_json::from_slice::<Numbered>(line).ok()?.id))
}

/// The run of `rc_12_34`.
pub fn run_of(id: &str) -> Option<u32> {
    id.strip_prefix("rc_")?.split('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_receipt_of_a_run_is_found_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipts.jsonl");
        assert_eq!(start_of(&path, 1).unwrap(), 0);
        let runs = [1, 1, 1, 2, 4, 4, 9];
        let said = |(at, run): (usize, &u32)| {
            let broken = if at == 2 { "{\"id\":\"rc_1\n" } else { "" };
            format!("{broken}{{\"id\":\"rc_{run}_{at}\",\"x\":\"{}\"}}\n", "y".repeat(at * 7))
        };
        let lines: Vec<String> = runs.iter().enumerate().map(said).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        for wanted in 0..11 {
            let before = runs.iter().take_while(|run| **run < wanted).count();
            let expected: usize = lines[..before].iter().map(String::len).sum();
            assert_eq!(start_of(&path, wanted).unwrap(), expected as u64, "{wanted}");
        }
    }
}
