//! The chain of all journals, `journals.chain`: one line when a run begins and one for each group it has written, in
//! the order in which they came, each with a hash over the one before. Its last hash is the head: whoever has kept one
//! elsewhere can tell later whether everything up to there is still what it was.
//!
//! ```text
//! unchained RUN RECEIPTS ENVELOPES HASH         runs up to that one were written before there was a chain
//! begun RUN KEYS RECEIPTS ENVELOPES HASH        a run began; KEYS are `shared` with other runs, or its `own`
//! group RUN END SEAL RECEIPTS ENVELOPES HASH    its journal reaches to END, where it is sealed with SEAL
//! cleaned RUN BASE RECEIPTS ENVELOPES HASH      runs up to that one are gone; BASE is the digest of what is kept of them
//! ```
//!
//! RECEIPTS and ENVELOPES are bytes that the projections had at least by then, so that a file that was emptied is
//! noticed. A group's line follows its journal and comes before its projections, all under the store's lock: of a run
//! that crashed at most one sealed group can lack a line. A run that no line began was put there by somebody else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::session::error::Error;
use crate::session::state_files::{self, Access};
use crate::workspace::policy::hex;

/// The file's name in the state folder.
pub const FILE: &str = "journals.chain";

/// What a line of the chain says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Runs up to that one are older than the chain.
    Unchained(u32),
    /// A run began.
    Begun {
        /// The run.
        run: u32,
        /// True where its keys are the workspace's.
        shared: bool,
    },
    /// A group was written.
    Group {
        /// The run.
        run: u32,
        /// Where in its journal the group ends.
        end: u64,
        /// The seal that stands there.
        seal: String,
    },
    /// Runs were removed; what is kept of them is the base of keys.
    Cleaned {
        /// The last of them.
        upto: u32,
        /// The base's digest.
        base: String,
    },
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub event: Event,
    /// Bytes that `receipts.jsonl` had at least.
    pub receipts: u64,
    /// Bytes that `envelopes.jsonl` had at least.
    pub envelopes: u64,
    /// Over the line before and this one, hex.
    pub hash: String,
}

impl Event {
    /// The run it is about.
    pub fn run(&self) -> u32 {
        match self {
            Self::Unchained(run) | Self::Begun { run, .. } | Self::Group { run, .. } => *run,
            Self::Cleaned { upto, .. } => *upto,
        }
    }
}

impl Line {
    /// The line that follows one with that hash; none before the first.
    pub fn after(previous: Option<&str>, event: Event, receipts: u64, envelopes: u64) -> Self {
        let mut line = Self { event, receipts, envelopes, hash: String::new() };
        line.hash = line.follows(previous);
        line
    }

    fn follows(&self, previous: Option<&str>) -> String {
        let mut digest = Sha256::new();
        digest.update(previous.unwrap_or_default().as_bytes());
        digest.update(self.said().as_bytes());
        hex(&digest.finalize())
    }

    /// True where its hash follows from the line before.
    pub fn holds_after(&self, previous: Option<&str>) -> bool {
        self.follows(previous) == self.hash
    }

    fn said(&self) -> String {
        let (receipts, envelopes) = (self.receipts, self.envelopes);
        match &self.event {
            Event::Unchained(run) => format!("unchained {run} {receipts} {envelopes}"),
            Event::Begun { run, shared } => {
                format!("begun {run} {} {receipts} {envelopes}", if *shared { "shared" } else { "own" })
            }
            Event::Group { run, end, seal } => format!("group {run} {end} {seal} {receipts} {envelopes}"),
            Event::Cleaned { upto, base } => format!("cleaned {upto} {base} {receipts} {envelopes}"),
        }
    }

    /// As it is written.
    pub fn write_to(&self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", self.said(), self.hash);
    }

    /// Reads a line as it is written; any other spelling is damage.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('\n').unwrap_or(line).split(' ');
        let kind = words.next()?;
        let run = words.next()?.parse().ok()?;
        let event = match kind {
            "unchained" => Event::Unchained(run),
            "begun" => Event::Begun {
                run,
                shared: match words.next()? {
                    "shared" => true,
                    "own" => false,
                    _ => return None,
                },
            },
            "group" => Event::Group {
                run,
                end: words.next()?.parse().ok()?,
                seal: words.next().filter(|seal| is_hash(seal))?.to_owned(),
            },
            "cleaned" => Event::Cleaned { upto: run, base: words.next().filter(|base| is_hash(base))?.to_owned() },
            _ => return None,
        };
        let (receipts, envelopes) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let hash = words.next().filter(|hash| is_hash(hash))?.to_owned();
        words.next().is_none().then_some(Self { event, receipts, envelopes, hash })
    }
}

/// True for what a head looks like.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

/// The last whole line of a chain file; none where it is not there, or damaged at its end.
pub fn last(path: &Path) -> io::Result<Option<Line>> {
    const REACH: u64 = 512;
    let Some(mut file) = opened(path)? else { return Ok(None) };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(REACH)))?;
    let mut tail = Vec::new();
    file.take(REACH).read_to_end(&mut tail)?;
    Ok(String::from_utf8_lossy(&tail).lines().last().and_then(Line::parse))
}

fn opened(path: &Path) -> io::Result<Option<std::fs::File>> {
    match state_files::open(path, Access::Read) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the chain knows of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Where its last group ends, and with which seal; none before the first.
    pub last: Option<(u64, String)>,
    /// True where its keys are the workspace's.
    pub shared: bool,
    /// Bytes of `envelopes.jsonl` when it began.
    pub envelopes_from: u64,
}

/// What the chain knows of all runs.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Runs up to this one may have journals without seals.
    pub unchained: u32,
    /// The runs that began since and were not cleaned away.
    pub runs: BTreeMap<u32, Reach>,
    /// The last of the runs that were cleaned away, and the digest of the base that is kept of them.
    pub cleaned: Option<(u32, String)>,
    /// The last line that holds.
    pub last: Option<Line>,
    /// Bytes up to there.
    pub bytes: u64,
    /// False where something stands behind it that does not hold.
    pub holds_throughout: bool,
}

impl Known {
    /// Reads the chain of a state folder. Lines that do not hold end it: what follows them says nothing.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut known = Self::default();
        let Some(file) = opened(path).map_err(Error::disk("read", path))? else {
            return Ok(Self { holds_throughout: true, ..known });
        };
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let mut text = Vec::new();
        loop {
            text.clear();
            if reader.read_until(b'\n', &mut text).map_err(Error::disk("read", path))? == 0 {
                known.holds_throughout = true;
                return Ok(known);
            }
            let line = std::str::from_utf8(&text).ok().and_then(Line::parse);
            let previous = known.last.as_ref().map(|line| line.hash.as_str());
            match line {
                Some(line) if line.holds_after(previous) && text.ends_with(b"\n") => {
                    known.bytes += text.len() as u64;
                    known.take(line);
                }
                _ => return Ok(known),
            }
        }
    }

    fn take(&mut self, line: Line) {
        match &line.event {
            Event::Unchained(run) => self.unchained = self.unchained.max(*run),
            Event::Begun { run, shared } => {
                let reach = Reach { last: None, shared: *shared, envelopes_from: line.envelopes };
                self.runs.entry(*run).or_insert(reach);
            }
            Event::Group { run, end, seal } => {
                self.runs.entry(*run).or_default().last = Some((*end, seal.clone()));
            }
            Event::Cleaned { upto, base } => {
                self.runs.retain(|run, _| run > upto);
                self.cleaned = Some((*upto, base.clone()));
            }
        }
        self.last = Some(line);
    }

    /// True for a run that this workspace began.
    pub fn knows(&self, run: u32) -> bool {
        run <= self.unchained || run <= self.cleaned_upto() || self.runs.contains_key(&run)
    }

    /// The last of the runs that were cleaned away; zero where none was.
    pub fn cleaned_upto(&self) -> u32 {
        self.cleaned.as_ref().map_or(0, |(upto, _)| *upto)
    }

    /// The highest run that ever began.
    pub fn highest(&self) -> u32 {
        self.runs.last_key_value().map_or(0, |(run, _)| *run).max(self.unchained).max(self.cleaned_upto())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_only_as_it_is_written() {
        let group = Event::Group { run: 3, end: 7, seal: "0a".repeat(32) };
        let cleaned = Event::Cleaned { upto: 4, base: "b0".repeat(32) };
        for event in [Event::Unchained(2), Event::Begun { run: 3, shared: true }, group, cleaned] {
            let line = Line::after(Some("x"), event, 1, 2);
            let mut text = String::new();
            line.write_to(&mut text);
            assert_eq!(Line::parse(&text), Some(line.clone()));
            assert!(line.holds_after(Some("x")) && !line.holds_after(None) && !line.holds_after(Some("y")));
            for other in [text.replace(' ', "  "), format!("{} x", text.trim_end()), text.to_uppercase()] {
                assert_eq!(Line::parse(&other), None, "{other}");
            }
        }
    }

    #[test]
    fn nothing_behind_a_line_that_does_not_hold_is_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let mut text = String::new();
        let mut previous = None;
        for run in 1..=3 {
            let line = Line::after(previous.as_deref(), Event::Begun { run, shared: false }, 0, 0);
            line.write_to(&mut text);
            previous = Some(line.hash);
        }
        std::fs::write(&path, &text).unwrap();
        let known = Known::read(&path).unwrap();
        assert_eq!((known.highest(), known.last.map(|line| line.hash)), (3, previous.clone()));
        assert_eq!(last(&path).unwrap().map(|line| line.hash), previous);
        std::fs::write(&path, text.replace("begun 2", "begun 9")).unwrap();
        assert_eq!(Known::read(&path).unwrap().highest(), 1);
    }
}
