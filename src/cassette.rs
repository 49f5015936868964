//! Recordings of what operators asked for and were answered (contract 7, 11): reads of `ctx.sense` in `sense.jsonl`,
//! answers of `ctx.reason` in `reason.jsonl`, a line for each request, sorted by the digest it is known by.
//!
//! Knows files, their lines, and which recording is nearest to a request that has none. Who asks, when something is
//! recorded and where the files are is not known here, and nothing is written here.

pub mod lines;
mod nearest;
mod request;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{Raw, Value};
use crate::kernel::shape::{Fields, ShapeError};
use lines::{Lines, Wording};
pub use nearest::{Miss, Nearest};
pub use request::{Kind, Request, digest};

/// The form of a line. A file with lines of another is not guessed at.
const VERSION: u64 = 1;

const WORDING: Wording = Wording {
    file: "the recordings",
    line: "recording",
    help: "take the line out, then record it anew: `fibric dev replay PATH --record`",
};

/// What a request was answered: a value, or the error that the operator saw.
pub type Outcome = Result<Raw, String>;

/// One recorded request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Digest of the request.
    pub digest: String,
    /// What was asked, its members sorted.
    pub request: Raw,
    /// What came of it.
    pub outcome: Outcome,
}

/// A recording as it is written.
#[derive(Serialize)]
struct Line<'a> {
    version: u64,
    digest: &'a str,
    request: &'a Raw,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// A file of recordings, as far as it could be read.
#[derive(Debug)]
pub struct Cassette {
    kind: Kind,
    shown: String,
    exists: bool,
    /// By digest, each with its line.
    recordings: BTreeMap<String, (u32, Recording)>,
    /// What is wrong with the other lines.
    faults: Vec<Diagnostic>,
    /// The requests as values, read once something is not found.
    requests: OnceCell<Vec<(u32, Value)>>,
}

impl Cassette {
    /// Reads a file, called `shown`; one that is not there has no recordings.
    pub fn read(kind: Kind, path: &Path, shown: String) -> Self {
        let read = lines::read(path, &shown, &WORDING, |value| Recording::from_json(kind, value));
        let exists = read.is_some();
        let Lines { sound, mut faults } = read.unwrap_or_default();
        let mut recordings: BTreeMap<String, (u32, Recording)> = BTreeMap::new();
        for (line, recording) in sound {
            match recordings.get(&recording.digest) {
                // A merge may bring the same line twice.
                Some((_, first)) if *first == recording => {}
                Some((first, _)) => {
                    let said = format!("this request is recorded with another answer in line {first} already");
                    let fault = Diagnostic::error(said).in_file(&*shown).help("leave one of them, or record it anew");
                    faults.push(Diagnostic { line: Some(line), ..fault });
                }
                None => drop(recordings.insert(recording.digest.clone(), (line, recording))),
            }
        }
        Self { kind, shown, exists, recordings, faults, requests: OnceCell::new() }
    }

    /// What a request was answered, or which recording is nearest to it. Never another's answer.
    pub fn find(&self, request: &Request) -> Result<&Outcome, Miss> {
        match self.recordings.get(request.digest()) {
            Some((_, recording)) => Ok(&recording.outcome),
            None => Err(Miss {
                kind: self.kind,
                shown: self.shown.clone(),
                exists: self.exists,
                nearest: nearest::nearest(self.requests(), request),
            }),
        }
    }

    fn requests(&self) -> &[(u32, Value)] {
        self.requests.get_or_init(|| {
            let recordings = self.recordings.values();
            recordings.map(|(line, recording)| (*line, recording.request.value())).collect()
        })
    }

    /// Which requests are in it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What is wrong with lines of the file.
    pub fn faults(&self) -> &[Diagnostic] {
        &self.faults
    }

    /// The file, as messages name it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The file with these recordings in it, each in place of an earlier one of the same request.
    pub fn with(&self, fresh: &BTreeMap<String, Recording>) -> Merged {
        let mut all: BTreeMap<&str, &Recording> =
            self.recordings.iter().map(|(digest, (_, recording))| (digest.as_str(), recording)).collect();
        let (mut added, mut changed) = (0, 0);
        for (digest, recording) in fresh {
            match all.insert(digest, recording) {
                None => added += 1,
                Some(before) => changed += usize::from(before != recording),
            }
        }
        let text = all.values().map(|recording| recording.line()).collect();
        Merged { text, recordings: all.len(), added, changed }
    }
}

/// A file of recordings as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Its lines.
    pub text: String,
    /// How many there are.
    pub recordings: usize,
    /// How many of them are of requests that had none.
    pub added: usize,
    /// How many of them say something else than before.
    pub changed: usize,
}

impl Recording {
    /// Of a request and what came of it.
    pub fn of(request: &Request, outcome: Outcome) -> Self {
        Self { digest: request.digest().to_owned(), request: request.raw().clone(), outcome }
    }

    fn from_json(kind: Kind, value: &Value) -> Result<Self, Vec<ShapeError>> {
        const KNOWN: [&str; 5] = ["version", "digest", "request", "answer", "error"];
        if let Some(other) = value.get("version").filter(|version| version.as_u64() != Some(VERSION)) {
            let message = format!("its `version` is {other}, and this `fibric` reads {VERSION}");
            let help = "read it with the `fibric` that wrote it, or record it anew".to_owned();
            return Err(vec![ShapeError { pointer: "/version".to_owned(), key: false, message, help: Some(help) }]);
        }
        let mut fields = Fields::of(value, "a recording", &KNOWN)?;
        if fields.get("version").is_none() {
            fields.wrong("version", format!("`version` is missing; it is {VERSION}"), None);
        }
        let digest = fields.text("digest");
        fields.object("request");
        let request = Request::of_recording(kind, fields.get("request").unwrap_or(&Value::Null));
        if fields.sound("request") && request.is_none() {
            let members = kind.members().join("`, `");
            fields.wrong("request", format!("`request` has other members than `{members}`"), None);
        }
        let request = request.unwrap_or_default();
        if fields.sound("request") && fields.sound("digest") && digest != request.digest() {
            let said = format!("`digest` is not that of the request, which is {}", request.digest());
            fields.wrong("digest", said, Some("a request that is edited is another: record it anew".to_owned()));
        }
        let error = fields.optional_text("error");
        let answer = fields.get("answer");
        let outcome = match (answer, error) {
            (Some(answer), None) => Ok(Raw::of(answer)),
            (None, Some(error)) => Err(error),
            _ => {
                fields.wrong("answer", "it has neither `answer` nor `error`, or both".to_owned(), None);
                Ok(Raw::null())
            }
        };
        fields.finish(Self { digest, request: request.raw().clone(), outcome })
    }

    fn line(&self) -> String {
        let (answer, error) = (self.outcome.as_ref().ok(), self.outcome.as_ref().err().map(String::as_str));
        let line = Line { version: VERSION, digest: &self.digest, request: &self.request, answer, error };
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests;
