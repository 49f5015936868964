//! `requests.jsonl`: a line for each request with an idempotency key, with its answer, in the order in which they began.
//! Lines share a sync; a thread of its own writes them.
//!
//! ```text
//! {"key":…,"digest":…,"at":SECONDS,"from":BYTES,"answers":…}   a request begins; envelopes.jsonl had FROM bytes by then
//! {"lost":[KEY…]}                                              all lines before were looked at: these never came to be
//! ```

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Answers, Digest, Key, read_half, written};
use crate::session::disk::{Disk as _, FileDisk};
use crate::session::error::Error;
use crate::session::state_files::{self, Access};
use crate::session::torn;

/// The file's name in the state folder.
const FILE: &str = "requests.jsonl";
/// Lines that wait to be written.
const WAITING: usize = 256;
/// A file of at least this size is written anew when more than half of it has expired.
const LARGE: u64 = 1 << 20;
/// The longest line: the answer to the largest batch.
const LONGEST: u64 = 64 << 20;

/// A request that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) key: Key,
    pub(super) digest: Digest,
    /// When it began, in seconds since 1970.
    pub(super) at: i64,
    /// Where its line stands.
    pub(super) offset: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    digest: String,
    at: i64,
    from: u64,
    answers: Answers,
}

/// What of a line matters when all are read.
#[derive(Deserialize)]
#[serde(untagged)]
enum Skimmed {
    Begun { key: String, digest: String, at: i64, from: u64, answers: First },
    Settled { lost: Vec<String> },
}

#[derive(Deserialize)]
struct First {
    ids: Vec<FirstId>,
}

#[derive(Deserialize)]
struct FirstId {
    event_id: String,
}

/// The file, open to be added to.
pub(super) struct RequestFile {
    path: PathBuf,
    to_writer: SyncSender<Waiting>,
}

struct Waiting {
    found: Found,
    answers: Answers,
    tell: oneshot::Sender<io::Result<u64>>,
}

/// A request whose end is not known yet, and the first event it would have brought.
struct Undecided {
    found: Found,
    event_id: String,
    from: u64,
}

impl RequestFile {
    /// Reads what lasts still, settles what a crash left open, and opens the file.
    pub(super) fn open(state: &Path, since: i64, mut keep: impl FnMut(Found)) -> io::Result<Self> {
        let path = state.join(FILE);
        settled(state, since)?.into_iter().for_each(&mut keep);
        let disk = FileDisk::open(&path)?;
        state_files::sync_folder_of(&path);
        let (to_writer, waiting) = sync_channel(WAITING);
        let envelopes = state.join("envelopes.jsonl");
        thread::Builder::new().name("http-keys".to_owned()).spawn(move || write(disk, &envelopes, &waiting))?;
        Ok(Self { path, to_writer })
    }

    /// Writes a request that begins; gives where its line stands once it is on disk.
    pub(super) async fn write(&self, found: &Found, answers: &Answers) -> io::Result<u64> {
        let (tell, told) = oneshot::channel();
        let mut waiting = Waiting { found: *found, answers: answers.clone(), tell };
        if let Err(full) = self.to_writer.try_send(waiting) {
            waiting = match full {
                std::sync::mpsc::TrySendError::Full(waiting) => waiting,
                std::sync::mpsc::TrySendError::Disconnected(_) => return Err(gone()),
            };
            let to_writer = self.to_writer.clone();
            let sent = tokio::task::spawn_blocking(move || to_writer.send(waiting)).await;
            if !matches!(sent, Ok(Ok(()))) {
                return Err(gone());
            }
        }
        told.await.unwrap_or_else(|_| Err(gone()))
    }

    /// The answer of the request whose line stands there.
    pub(super) async fn answers(&self, offset: u64) -> io::Result<Answers> {
        let path = self.path.clone();
        let read = move || {
            let mut file = state_files::open(&path, Access::Read)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut line = Vec::new();
            BufReader::new(file.take(LONGEST)).read_until(b'\n', &mut line)?;
            serde_json::from_slice::<Line>(&line).map(|line| line.answers).map_err(io::Error::from)
        };
        tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Decides what a crash left open, and writes that down; gives what lasts still.
pub(super) fn settled(state: &Path, since: i64) -> io::Result<Vec<Found>> {
    let path = state.join(FILE);
    torn::cut(&path, FILE, &mut Vec::new()).map_err(plain)?;
    let mut read = read(&path, since)?;
    let lost = settle(&state.join("envelopes.jsonl"), &mut read)?;
    if read.length >= LARGE && read.expired > read.length / 2 {
        return anew(&path, &read.found);
    }
    if read.undecided > 0 {
        let mut disk = FileDisk::open(&path)?;
        let lost: Vec<_> = lost.iter().map(|key| written(key.0)).collect();
        disk.append(format!("{}\n", serde_json::json!({ "lost": lost })).as_bytes())?;
        disk.sync()?;
    }
    Ok(read.found)
}

fn gone() -> io::Error {
    io::Error::other("the thread that writes it ended")
}

fn plain(error: Error) -> io::Error {
    match error {
        Error::Disk { source, .. } => source,
        other => io::Error::other(other.to_string()),
    }
}

/// Writes lines as they come; what waits meanwhile shares a sync.
fn write(mut disk: FileDisk, envelopes: &Path, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let group: Vec<_> = std::iter::once(first).chain(waiting.try_iter().take(WAITING)).collect();
        let outcome = write_group(&mut disk, envelopes, &group);
        let mut offsets = outcome.as_ref().map_or(&[][..], Vec::as_slice).iter();
        for waiting in group {
            let told = match (offsets.next(), &outcome) {
                (Some(offset), _) => Ok(*offset),
                (None, Err(error)) => Err(io::Error::new(error.kind(), error.to_string())),
                (None, Ok(_)) => Err(gone()),
            };
            // Who does not wait any more has dropped the request.
            let _ = waiting.tell.send(told);
        }
    }
}

fn write_group(disk: &mut FileDisk, envelopes: &Path, group: &[Waiting]) -> io::Result<Vec<u64>> {
    let from = state_files::identity(envelopes)?.map_or(0, |found| found.length);
    let start = disk.length()?;
    let (mut text, mut offsets) = (Vec::new(), Vec::new());
    for Waiting { found, answers, .. } in group {
        offsets.push(start + text.len() as u64);
        let (key, digest) = (written(found.key.0), written(found.digest.0));
        serde_json::to_writer(&mut text, &Line { key, digest, at: found.at, from, answers: answers.clone() })?;
        text.push(b'\n');
    }
    disk.append(&text)?;
    disk.sync()?;
    Ok(offsets)
}

/// What a file holds.
#[derive(Default)]
struct Contents {
    found: Vec<Found>,
    open: Vec<Undecided>,
    /// How many were not decided when it was read.
    undecided: usize,
    length: u64,
    /// Bytes of lines that last no longer, or never came to be.
    expired: u64,
}

fn read(path: &Path, since: i64) -> io::Result<Contents> {
    let mut contents = Contents::default();
    let file = match state_files::open(path, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(contents),
        Err(error) => return Err(error),
    };
    let (mut reader, mut line) = (BufReader::with_capacity(1 << 18, file), Vec::new());
    loop {
        line.clear();
        let bytes = (&mut reader).take(LONGEST).read_until(b'\n', &mut line)? as u64;
        if bytes == 0 {
            contents.undecided = contents.open.len();
            return Ok(contents);
        }
        let offset = contents.length;
        contents.length += bytes;
        match serde_json::from_slice::<Skimmed>(&line) {
            Ok(Skimmed::Begun { key, digest, at, from, answers }) if at > since => {
                let (Some(key), Some(digest)) = (read_half(&key), read_half(&digest)) else { continue };
                let event_id = answers.ids.into_iter().next().map(|first| first.event_id).unwrap_or_default();
                let found = Found { key: Key(key), digest: Digest(digest), at, offset };
                contents.open.push(Undecided { found, event_id, from });
            }
            Ok(Skimmed::Settled { lost }) => {
                let lost: HashSet<_> = lost.iter().filter_map(|key| read_half(key)).collect();
                let settled = contents.open.drain(..).filter(|open| !lost.contains(&open.found.key.0));
                contents.found.extend(settled.map(|open| open.found));
            }
            // A line that is damaged is of no request any more.
            _ => contents.expired += bytes,
        }
    }
}

/// Decides what is open: it came to be if its first event is among the envelopes that were written since it began. Gives
/// the keys of those that did not.
fn settle(envelopes: &Path, contents: &mut Contents) -> io::Result<Vec<Key>> {
    let Some(from) = contents.open.iter().map(|open| open.from).min() else { return Ok(Vec::new()) };
    let wanted: HashSet<String> = contents.open.iter().map(|open| open.event_id.clone()).collect();
    let mut there = HashSet::new();
    match state_files::open(envelopes, Access::Read) {
        Ok(mut file) => {
            file.seek(SeekFrom::Start(from))?;
            let (mut reader, mut line) = (BufReader::with_capacity(1 << 18, file), Vec::new());
            while reader.read_until(b'\n', &mut line)? > 0 {
                if let Ok(FirstId { event_id }) = serde_json::from_slice(&line)
                    && wanted.contains(&event_id)
                {
                    there.insert(event_id);
                }
                line.clear();
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut lost = Vec::new();
    for open in std::mem::take(&mut contents.open) {
        if there.contains(&open.event_id) { contents.found.push(open.found) } else { lost.push(open.found.key) }
    }
    Ok(lost)
}

/// Writes the file anew with what lasts; gives where that stands now.
fn anew(path: &Path, found: &[Found]) -> io::Result<Vec<Found>> {
    let beside = path.with_extension("jsonl.new");
    let mut old = BufReader::new(state_files::open(path, Access::Read)?);
    let mut new = io::BufWriter::new(state_files::open(&beside, Access::Anew)?);
    let (mut moved, mut length, mut line) = (Vec::new(), 0, Vec::new());
    for found in found {
        old.seek(SeekFrom::Start(found.offset))?;
        line.clear();
        old.read_until(b'\n', &mut line)?;
        new.write_all(&line)?;
        moved.push(Found { offset: length, ..*found });
        length += line.len() as u64;
    }
    new.write_all(b"{\"lost\":[]}\n")?;
    new.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    state_files::rename(&beside, path)?;
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::super::super::ingest::Ids;
    use super::*;

    fn answers(event: &str) -> Answers {
        let ids = Ids { event_id: event.to_owned(), correlation_id: "c".to_owned() };
        Answers { ids: vec![ids], lines: false }
    }

    fn found(key: &str, at: i64) -> Found {
        Found { key: Key::of(key), digest: Digest::of(&[7; 32]), at, offset: 0 }
    }

    fn opened(state: &Path, since: i64) -> (RequestFile, Vec<Found>) {
        let mut all = Vec::new();
        let file = RequestFile::open(state, since, |found| all.push(found)).unwrap();
        (file, all)
    }

    fn wait<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap().block_on(future)
    }

    #[test]
    fn what_a_crash_left_open_is_done_exactly_if_its_envelopes_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path();
        std::fs::write(state.join("envelopes.jsonl"), "{\"event_id\":\"e2\"}\n").unwrap();
        let (file, all) = opened(state, 0);
        assert!(all.is_empty());
        for (key, event) in [("one", "e1"), ("two", "e2"), ("three", "e3")] {
            wait(file.write(&found(key, 10), &answers(event))).unwrap();
        }
        drop(file);
        // e1 came to be; e2 was there before and did not come again; e3 never came, and its line is torn.
        std::fs::write(state.join("envelopes.jsonl"), "{\"event_id\":\"e2\"}\n{\"event_id\":\"e1\"}\n").unwrap();
        let text = std::fs::read(state.join(FILE)).unwrap();
        std::fs::write(state.join(FILE), &text[..text.len() - 3]).unwrap();
        for _ in 0..2 {
            let (file, all) = opened(state, 0);
            assert_eq!(all.iter().map(|found| found.key).collect::<Vec<_>>(), [Key::of("one")]);
            assert_eq!(wait(file.answers(all[0].offset)).unwrap(), answers("e1"));
        }
        assert!(opened(state, 10).1.is_empty(), "seven days are over");
    }

    #[test]
    fn what_has_expired_is_not_kept_on_disk_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path();
        let (file, _) = opened(state, 0);
        let long = "x".repeat(100_000);
        for n in 0..20 {
            wait(file.write(&found(&n.to_string(), n), &answers(&format!("{long}{n}")))).unwrap();
        }
        drop(file);
        let envelopes: Vec<_> = (0..20).map(|n| format!("{{\"event_id\":\"{long}{n}\"}}\n")).collect();
        std::fs::write(state.join("envelopes.jsonl"), envelopes.concat()).unwrap();
        let (file, all) = opened(state, 16);
        assert_eq!(all.len(), 3);
        assert!(std::fs::metadata(state.join(FILE)).unwrap().len() < 400_000);
        assert_eq!(wait(file.answers(all[1].offset)).unwrap(), answers(&format!("{long}18")));
        drop(file);
        assert_eq!(opened(state, 16).1, all);
    }
}
