//! Idempotency keys: a request that comes again with its key gets the answer it had, for seven days and across restarts.
//!
//! A line of `requests.jsonl` with the answer is on disk before the request's envelopes go to the session. What a crash
//! left open is decided when the file is next read: a request is done exactly if its envelopes are in `envelopes.jsonl`,
//! which recovery has brought up to date by then. In memory a key is a few dozen bytes; its answer is read back.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OnceCell, watch};

use super::answer::Refusal;
use super::ingest::Answers;
use crate::session::clock::Clock;
use crate::workspace::policy::hex;

mod request_file;

use request_file::{Found, RequestFile};

/// How long a key lasts, in seconds.
const LASTS: i64 = 7 * 86_400;
/// Keys that are kept at once; a new one beyond them is refused, since none may be forgotten before its time.
const MOST: usize = 1_000_000;

/// A key, as it is kept: what callers send may be a secret of theirs, and of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 16]);

impl Key {
    /// Of the header's text.
    pub(super) fn of(text: &str) -> Self {
        Self(half(&Sha256::digest(text.as_bytes())))
    }
}

/// What a request was, so that another under the same key is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest([u8; 16]);

impl Digest {
    /// Of a SHA-256.
    pub(super) fn of(digest: &[u8]) -> Self {
        Self(half(digest))
    }
}

fn half(digest: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    half
}

fn read_half(text: &str) -> Option<[u8; 16]> {
    let mut half = [0; 16];
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in half.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(half)
}

/// What a request with a key finds.
pub(super) enum Begun {
    /// Nobody has used it.
    First(Open),
    /// It was used by the same request, which was answered so.
    Before(Answers),
    /// It is being used by the same request; the channel is closed when that has ended.
    Now(watch::Receiver<()>),
    /// It was, or is being, used by another request.
    OtherBody,
}

/// The keys of a workspace. Only the process that has its live input uses them.
pub(super) struct Keys {
    state: PathBuf,
    open: OnceCell<(Arc<Mutex<Book>>, RequestFile)>,
}

#[derive(Default)]
struct Book {
    kept: HashMap<Key, Kept>,
    /// Those kept, oldest first.
    order: VecDeque<(i64, Key)>,
    under_way: HashMap<Key, (Digest, watch::Receiver<()>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    digest: Digest,
    /// Where its line stands.
    offset: u64,
}

/// What the book says of a key.
enum Look {
    /// It is this request's from now on.
    Free(watch::Sender<()>),
    Now(watch::Receiver<()>),
    /// Its answer stands there.
    Before(u64),
    OtherBody,
    Full,
}

impl Book {
    fn look(&mut self, key: Key, digest: Digest, now: i64) -> Look {
        self.expire(now);
        if let Some((other, ended)) = self.under_way.get(&key) {
            return if *other == digest { Look::Now(ended.clone()) } else { Look::OtherBody };
        }
        match self.kept.get(&key) {
            Some(kept) if kept.digest != digest => Look::OtherBody,
            Some(kept) => Look::Before(kept.offset),
            None if self.kept.len() + self.under_way.len() >= MOST => Look::Full,
            None => {
                let (tell, ended) = watch::channel(());
                self.under_way.insert(key, (digest, ended));
                Look::Free(tell)
            }
        }
    }

    fn keep(&mut self, found: Found) {
        self.order.push_back((found.at, found.key));
        self.kept.insert(found.key, Kept { digest: found.digest, offset: found.offset });
    }

    fn expire(&mut self, now: i64) {
        while let Some((_, key)) = self.order.front().filter(|(at, _)| *at + LASTS <= now).copied() {
            self.order.pop_front();
            self.kept.remove(&key);
        }
    }
}

impl Keys {
    /// Those in a state folder; nothing is read yet.
    pub(super) fn of(state: &Path) -> Self {
        Self { state: state.to_owned(), open: OnceCell::new() }
    }

    /// Begins a request, or tells what became of it. Called only once the session has recovered.
    pub(super) async fn begin(&self, key: Key, digest: Digest, answers: &Answers) -> Result<Begun, Refusal> {
        let (book, file) = self.open.get_or_try_init(|| load(self.state.clone())).await?;
        let now = Clock::default().now().as_second();
        // What is found is a value: the lock is given back before anything is waited for.
        let found = lock(book).look(key, digest, now);
        let tell = match found {
            Look::Free(tell) => tell,
            Look::Now(ended) => return Ok(Begun::Now(ended)),
            Look::OtherBody => return Ok(Begun::OtherBody),
            Look::Full => return Err(full()),
            Look::Before(offset) => {
                return file.answers(offset).await.map(Begun::Before).map_err(|error| unusable(&error));
            }
        };
        let mut open = Open { book: Arc::clone(book), found: Found { key, digest, at: now, offset: 0 }, _tell: tell };
        open.found.offset = file.write(&open.found, answers).await.map_err(|error| unusable(&error))?;
        Ok(Begun::First(open))
    }
}

/// A request under way. Dropped before it is done, its key is free again.
pub(super) struct Open {
    book: Arc<Mutex<Book>>,
    found: Found,
    /// Closed with it.
    _tell: watch::Sender<()>,
}

impl Open {
    /// The request's envelopes are on disk.
    pub(super) fn done(self) {
        lock(&self.book).keep(self.found);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        lock(&self.book).under_way.remove(&self.found.key);
    }
}

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes down which requests were done, so that nothing asks the envelopes for it any more. Nobody may take live input
/// meanwhile, and crashes are recovered.
pub(super) fn settle(state: &Path) -> std::io::Result<()> {
    request_file::settled(state, Clock::default().now().as_second() - LASTS).map(drop)
}

async fn load(state: PathBuf) -> Result<(Arc<Mutex<Book>>, RequestFile), Refusal> {
    let read = move || {
        let since = Clock::default().now().as_second() - LASTS;
        let mut book = Book::default();
        let file = RequestFile::open(&state, since, |found| book.keep(found))?;
        Ok::<_, std::io::Error>((Arc::new(Mutex::new(book)), file))
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(|error| unusable(&error)),
        Err(_) => Err(Refusal::ended()),
    }
}

fn unusable(error: &std::io::Error) -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("the file of idempotency keys cannot be used: {error}"),
        "without `Idempotency-Key` the event is taken; then nothing keeps it from being taken twice",
    )
}

fn full() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("{MOST} idempotency keys of the last seven days are kept, and no more"),
        "send a batch under one key, or events without one",
    )
}

fn written(key: [u8; 16]) -> String {
    hex(&key)
}
