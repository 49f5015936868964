//! Reading a file of recorded lines: what is sound is taken, and of each other line is said where and why. Knows no kind
//! of recording.

use std::io;
use std::path::Path;

use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Value};
use crate::kernel::shape::ShapeError;

/// Bytes beyond which a file of recordings is not read.
const MOST: u64 = 256 << 20;

/// Lines of one file that are told to be broken; more are counted.
const SAID: usize = 20;

/// What faults call things.
pub struct Wording {
    /// The whole file: `the golden plans`.
    pub file: &'static str,
    /// What a line is: `golden plan`.
    pub line: &'static str,
    /// What to do about a line that is none.
    pub help: &'static str,
}

/// Lines of a file.
#[derive(Debug)]
pub struct Lines<T> {
    /// Sound lines in order, each with its number.
    pub sound: Vec<(u32, T)>,
    /// What is wrong with the others.
    pub faults: Vec<Diagnostic>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self { sound: Vec::new(), faults: Vec::new() }
    }
}

/// Reads a file, called `shown`, line by line; none where there is no such file.
pub fn read<T>(
    path: &Path,
    shown: &str,
    wording: &Wording,
    of: impl Fn(&Value) -> Result<T, Vec<ShapeError>>,
) -> Option<Lines<T>> {
    let bytes = match bounded_read::read(path, MOST) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return None,
        Err(error) => {
            let fault = format!("cannot read {} `{shown}`: {error}", wording.file);
            return Some(Lines { sound: Vec::new(), faults: vec![Diagnostic::error(fault).in_file(shown)] });
        }
    };
    let mut lines = Lines::default();
    let mut untold = 0_usize;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    for (number, line) in (1_u32..).zip(text.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match sound(line, shown, number, wording, &of) {
            Ok(sound) => lines.sound.push((number, sound)),
            Err(fault) if lines.faults.len() < SAID => lines.faults.push(fault),
            Err(_) => untold += 1,
        }
    }
    if untold > 0 {
        let said = format!("{untold} more lines are no {}s", wording.line);
        lines.faults.push(Diagnostic::error(said).in_file(shown));
    }
    Some(lines)
}

fn sound<T>(
    line: &[u8],
    shown: &str,
    number: u32,
    wording: &Wording,
    of: impl Fn(&Value) -> Result<T, Vec<ShapeError>>,
) -> Result<T, Diagnostic> {
    let broken = |why: &str| {
        let fault = Diagnostic::error(format!("this line is no {}: {why}", wording.line)).in_file(shown);
        Diagnostic { line: Some(number), ..fault.help(wording.help) }
    };
    let text = std::str::from_utf8(line)
        .map_err(|error| broken(&format!("it is not UTF-8 at byte {}", error.valid_up_to())))?;
    let value = match json::read(text) {
        Ok(document) => document.value,
        Err(error) => return Err(broken(&error.to_string()).at_span(text, &(error.offset..error.offset), number)),
    };
    of(&value).map_err(|faults| {
        let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let help = faults.iter().find_map(|fault| fault.help.clone()).unwrap_or_else(|| wording.help.to_owned());
        broken(&said.join("; ")).help(help)
    })
}
