//! What a reviewer says of a run: steps that are accepted or flagged, each with a note. While a review is written they
//! are kept beside the runs; the review carries them as a part of its own, of which each line has its digest.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::contents::{Entries, NOTES, digest};
use super::difference::Difference;
use crate::kernel::journal::Fact;
use crate::kernel::json::Value;
use crate::session::state_files;

/// Bytes of a note.
pub const LONGEST: usize = 2_000;

/// What a reviewer makes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// It is as it should be.
    Accepted,
    /// It is not, or is to be talked about.
    Flagged,
}

impl Mark {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Flagged => "flagged",
        }
    }
}

/// A step that was marked: an envelope, or one of its actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The line of the journal that tells it.
    pub entry: u64,
    /// The envelope's ordinal in the run.
    pub arrival: u64,
    /// The receipt of the action; none for the envelope itself.
    pub receipt: Option<String>,
    /// What the reviewer makes of it.
    pub mark: Mark,
    /// Why, in the reviewer's words; may be empty.
    pub note: String,
}

/// A line of the part: the note, and the digest of it.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    note: Note,
    /// SHA-256 over the note as JSON, hex.
    digest: String,
}

/// The notes of a run while its review is written, one for each step, in the order of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(pub Vec<Note>);

impl Notes {
    /// The note of a step.
    pub fn of(&self, entry: u64) -> Option<&Note> {
        self.0.iter().find(|note| note.entry == entry)
    }

    /// Marks a step, in place of what was said of it.
    pub fn set(&mut self, note: Note) {
        self.take_away(note.entry);
        let at = self.0.partition_point(|known| known.entry < note.entry);
        self.0.insert(at, note);
    }

    /// Says nothing of a step any more.
    pub fn take_away(&mut self, entry: u64) {
        self.0.retain(|note| note.entry != entry);
    }

    /// How many steps are marked so.
    pub fn count(&self, mark: Mark) -> usize {
        self.0.iter().filter(|note| note.mark == mark).count()
    }

    /// The part of a review; none where nothing is marked.
    pub fn part(&self) -> Option<Vec<u8>> {
        let lines = self.0.iter().map(|note| {
            let line = Line { note: note.clone(), digest: digest_of(note) };
            serde_json::to_string(&line).unwrap_or_default() + "\n"
        });
        let text: String = lines.collect();
        (!text.is_empty()).then(|| text.into_bytes())
    }

    /// Reads the part of a review; says of each line what is wrong with it.
    pub fn read(part: &[u8]) -> (Self, Vec<Difference>) {
        let (mut notes, mut differences) = (Self::default(), Vec::new());
        for (line, number) in part.split_inclusive(|byte| *byte == b'\n').zip(1_u64..) {
            match serde_json::from_slice::<Line>(line) {
                Err(error) => differences.push(Difference::at(NOTES, number, format!("no note: {error}"))),
                Ok(Line { note, digest }) => {
                    let written = Line { note: note.clone(), digest: digest.clone() };
                    let is_as_written = serde_json::to_vec(&written).is_ok_and(|text| text == line.trim_ascii_end());
                    if !is_as_written {
                        let message = "the line has other members than a note, or is written otherwise".to_owned();
                        differences.push(Difference::at(NOTES, number, message));
                    } else if digest != digest_of(&note) {
                        let message = "the note was edited: it has another digest than its line says".to_owned();
                        let found = Difference::at(NOTES, number, message);
                        differences.push(Difference { field: Some("/digest".to_owned()), ..found });
                    }
                    notes.0.push(note);
                }
            }
        }
        (notes, differences)
    }

    /// Whether each note is of a step of the journal, and of no other than it says.
    pub fn differences_from(&self, entries: &Entries) -> Vec<Difference> {
        let mut found = Vec::new();
        for (note, number) in self.0.iter().zip(1_u64..) {
            let at = usize::try_from(note.entry).ok().and_then(|entry| entry.checked_sub(1));
            let is_of = match at.and_then(|at| entries.0.get(at)).map(|entry| &entry.fact) {
                Some(Fact::Received(received)) => note.receipt.is_none() && received.arrival == note.arrival,
                Some(Fact::Disposed(disposed)) => {
                    note.receipt.as_deref() == Some(&disposed.receipt.id) && disposed.arrival == note.arrival
                }
                _ => false,
            };
            if !is_of {
                let message = format!("line {} of the journal is another step", note.entry);
                let differs = Difference::at(NOTES, number, message);
                found.push(Difference { field: Some("/entry".to_owned()), ..differs });
            }
        }
        found
    }

    /// What reviewers wrote, as somebody's own words that may hold anything.
    pub fn words(&self) -> Value {
        let words: Vec<Value> = self.0.iter().map(|note| Value::from(note.note.as_str())).collect();
        Value::Object([("payload".to_owned(), Value::Array(words))].into_iter().collect())
    }

    /// The same notes in other words, given as [`Notes::words`] gives them.
    #[must_use]
    pub fn in_words(mut self, words: &Value) -> Self {
        let words = words.get("payload").and_then(Value::as_array).into_iter().flatten();
        for (note, word) in self.0.iter_mut().zip(words) {
            word.as_str().unwrap_or_default().clone_into(&mut note.note);
        }
        self
    }
}

fn digest_of(note: &Note) -> String {
    digest(serde_json::to_string(note).unwrap_or_default().as_bytes())
}

fn kept_at(state: &Path, run: u32) -> PathBuf {
    state.join("reviews").join(format!("{run:04}.jsonl"))
}

/// The notes that are kept for a run; what is wrong with them is told, and the rest is read.
pub fn kept(state: &Path, run: u32) -> io::Result<(Notes, Vec<Difference>)> {
    match state_files::read_to_string(&kept_at(state, run)) {
        Ok(text) => Ok(Notes::read(text.as_bytes())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Notes::default(), Vec::new())),
        Err(error) => Err(error),
    }
}

/// Keeps them, whole or not at all, until the review is written and after.
pub fn keep(state: &Path, run: u32, notes: &Notes) -> io::Result<()> {
    let path = kept_at(state, run);
    match notes.part() {
        Some(part) => state_files::keep(&path, &part),
        None => match state_files::remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests;
