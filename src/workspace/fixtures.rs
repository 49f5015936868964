//! Reading fixtures: recorded envelopes from `.jsonl`, `.json` or standard input, one at a time, however large the file.
//!
//! Whatever the bytes are, each fault becomes a sentence with a place and reading goes on where it soundly can. Whether
//! an envelope belongs to the local tenant is not known here.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use array::Stage;
pub use judge::Completion;
use judge::{Judge, Likeness};
use scanner::{End, Scanner};
use tally::{SAID, Tally};
use waiting::Waiting;

mod array;
mod judge;
mod nest;
mod pattern;
mod place;
mod scanner;
mod tally;
#[cfg(test)]
mod tests;
mod waiting;

/// The folder that recordings are in, beside a fixture file.
pub const RECORDINGS: &str = "recordings";

/// An envelope may have this many bytes; a larger one is skipped, so that memory stays bounded.
pub const MAX_ENVELOPE: usize = 64 << 20;

/// How a fixture is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Envelopes one after another; each may span lines, and a line may hold several.
    Jsonl,
    /// One JSON text: an envelope, or an array of them.
    Json,
}

impl Form {
    /// `.json` is one JSON text, everything else is read as JSONL.
    pub fn of(path: &Path) -> Self {
        if has_extension(path, "json") { Self::Json } else { Self::Jsonl }
    }
}

/// What a fixture offers, in file order.
#[derive(Debug, Clone, PartialEq)]
pub enum Offered {
    /// A sound envelope.
    Envelope {
        /// The envelope.
        envelope: Arc<EventEnvelope>,
        /// The line it starts on, from 1.
        line: u32,
        /// What was odd, but is kept: a key given twice inside the payload.
        warnings: Vec<Diagnostic>,
    },
    /// Something that is not an envelope.
    Refused {
        /// The line it starts on, from 1.
        line: u32,
        /// Everything that is wrong with it, at least one error.
        diagnostics: Vec<Diagnostic>,
        /// How many such things it stands for: more than one where the last of very many are summed up.
        count: u64,
    },
    /// One more thing that is not an envelope, after so many that they are only counted: the sum follows.
    Passed,
    /// A warning about the file that concerns no envelope: it is empty.
    Noticed(Diagnostic),
}

/// The envelopes of one fixture, read as they are asked for. Ends after the last one, or where reading cannot go on.
pub struct Fixtures {
    scanner: Scanner<Box<dyn Read + Send>>,
    judge: Judge,
    tally: Tally,
    form: Form,
    stage: Stage,
    yielded: bool,
    done: bool,
}

/// The fixture files a path means: a file itself; of a directory its own `*.jsonl` and `*.json`, sorted by name; of a
/// pattern what it matches. Hidden files are left out, because editors keep their locks in them.
pub fn expand(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if pattern::is_pattern(path) && path.symlink_metadata().is_err() {
        return pattern::files(path);
    }
    let shown = path.display().to_string();
    let about = fs::metadata(path).map_err(|error| unreadable(&shown, &error))?;
    if !about.is_dir() {
        return if is_recording(path) { Err(recording(&shown)) } else { Ok(vec![path.to_owned()]) };
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(&shown, &error))? {
        let file = entry.map_err(|error| unreadable(&shown, &error))?.path();
        // A pipe would be waited for; a link that leads nowhere is read, so that it is told.
        let is_file = fs::metadata(&file).is_ok_and(|about| about.is_file()) || !file.exists();
        if is_fixture_name(&file) && is_file && !is_recording(&file) {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

/// True for what a folder of fixtures may hold: `*.jsonl` and `*.json`, not hidden.
pub fn is_fixture_name(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && (has_extension(path, "jsonl") || has_extension(path, "json"))
}

/// True for what was recorded of fixtures: a file of golden plans, or a tape, in a folder of recordings.
pub fn is_recording(path: &Path) -> bool {
    let folder = path.parent().and_then(Path::file_name);
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    folder.is_some_and(|folder| folder == RECORDINGS)
        && (name.ends_with(b".plans.jsonl") || name == b"sense.jsonl" || name == b"reason.jsonl")
}

fn recording(shown_as: &str) -> Diagnostic {
    Diagnostic::error(format!("`{shown_as}` is a recording, and no fixture"))
        .in_file(shown_as)
        .help("name the fixture file that it was recorded of: a replay compares with it by itself")
}

/// Opens a fixture file; `shown_as` is how its name stands in diagnostics.
pub fn open(path: &Path, shown_as: &str) -> Result<Fixtures, Diagnostic> {
    let file = File::open(path).map_err(|error| unreadable(shown_as, &error))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Diagnostic::error(format!("`{shown_as}` is a folder, not a fixture")).in_file(shown_as));
    }
    Ok(from_reader(file, shown_as, Form::of(path)))
}

/// The same, but a pipe or a device is waited for only until `stopped` is set; then it ends with a notice.
pub fn open_until(path: &Path, shown_as: &str, stopped: &Arc<AtomicBool>) -> Result<Fixtures, Diagnostic> {
    if fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        let reader = Waiting::open(path, Arc::clone(stopped)).map_err(|error| unreadable(shown_as, &error))?;
        return Ok(from_reader(reader, shown_as, Form::of(path)));
    }
    open(path, shown_as)
}

/// Reads a fixture from anything that can be read, such as standard input.
pub fn from_reader(reader: impl Read + Send + 'static, shown_as: &str, form: Form) -> Fixtures {
    Fixtures::new(Box::new(reader), shown_as, form, MAX_ENVELOPE)
}

/// Reads a fixture that is in memory already.
pub fn from_bytes(bytes: Vec<u8>, shown_as: &str, form: Form) -> Fixtures {
    let mut fixtures = Fixtures::new(Box::new(io::empty()), shown_as, form, MAX_ENVELOPE);
    fixtures.scanner.hold(bytes);
    fixtures
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

fn unreadable(shown_as: &str, error: &io::Error) -> Diagnostic {
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => (
            format!("there is no `{shown_as}`"),
            "name a fixture file (`.jsonl` or `.json`) or a folder of them, from the current folder",
        ),
        io::ErrorKind::PermissionDenied => {
            (format!("`{shown_as}` may not be read: permission denied"), "change the file's permissions")
        }
        _ => (format!("cannot read `{shown_as}`: {error}"), "check that the file is there and whole"),
    };
    Diagnostic::error(message).in_file(shown_as).help(help)
}

impl Fixtures {
    fn new(reader: Box<dyn Read + Send>, shown_as: &str, form: Form, limit: usize) -> Self {
        Self {
            scanner: Scanner::new(reader, limit),
            judge: Judge::new(shown_as, limit),
            tally: Tally::default(),
            form,
            stage: Stage::Start,
            yielded: false,
            done: false,
        }
    }

    /// Takes no envelope of more bytes (`[limits] envelope`).
    #[must_use]
    pub fn limited(mut self, bytes: usize) -> Self {
        self.scanner.limit = bytes;
        self.judge.limit = bytes;
        self
    }

    /// Fills in what an event may leave out.
    #[must_use]
    pub fn completed(mut self, completion: Completion) -> Self {
        self.judge.completion = Some(completion);
        self
    }

    /// Sums up what is only counted again and again, because there may never be an end to do it at.
    #[must_use]
    pub fn endless(mut self) -> Self {
        self.tally.sum_at = Some(SAID);
        self
    }

    /// The sound envelopes alone, each with its line; what is wrong is added to `faults` on the way.
    pub fn envelopes(self, faults: &mut Vec<Diagnostic>) -> impl Iterator<Item = (Arc<EventEnvelope>, u32)> {
        self.filter_map(|offered| {
            match offered {
                Offered::Envelope { envelope, line, .. } => return Some((envelope, line)),
                Offered::Refused { diagnostics, .. } => faults.extend(diagnostics),
                Offered::Passed => {}
                Offered::Noticed(fault) => faults.push(fault),
            }
            None
        })
    }

    /// The sum of what was only counted since it was last told.
    pub fn rest(&mut self) -> Option<Offered> {
        self.tally.rest(&self.judge)
    }

    /// The next thing in JSONL.
    fn next_line(&mut self) -> Option<Offered> {
        self.scanner.skip_space();
        if self.scanner.peek()? == b'{' {
            return self.next_object();
        }
        let piece = self.scanner.line();
        let offered = self.judge.stray(&piece, self.scanner.bytes(&piece));
        self.scanner.skip_to_object_line();
        Some(self.tally.take(&self.judge, offered, Likeness::NotJson))
    }

    fn next_object(&mut self) -> Option<Offered> {
        let piece = self.scanner.value();
        if piece.end == End::Torn && self.scanner.failed() {
            return None;
        }
        let (offered, likeness) = self.judge.value(&piece, self.scanner.bytes(&piece), "");
        match piece.resume {
            _ if likeness != Likeness::NotJson => self.scanner.consume(piece.length),
            Some(offset) if piece.end != End::TooLarge => self.scanner.consume(offset),
            _ => {
                self.scanner.consume(piece.length);
                self.scanner.skip_to_object_line();
            }
        }
        Some(self.tally.take(&self.judge, offered, likeness))
    }

    fn finish(&mut self) -> Option<Offered> {
        if let Some(rest) = self.rest() {
            return Some(rest);
        }
        self.done = true;
        if let Some(error) = self.scanner.failure() {
            return Some(self.judge.interrupted(self.scanner.place(), &error));
        }
        (!self.yielded).then(|| Offered::Noticed(self.judge.empty()))
    }
}

impl Iterator for Fixtures {
    type Item = Offered;

    fn next(&mut self) -> Option<Offered> {
        if self.done {
            return None;
        }
        let offered = match self.form {
            Form::Jsonl => self.next_line(),
            Form::Json => self.next_in_text(),
        };
        let offered = offered.or_else(|| self.finish());
        self.yielded = true;
        offered
    }
}
