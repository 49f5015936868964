//! `GET /v1/events/stream`: the journal's entries as server-sent events, from now on or from behind `Last-Event-ID`.
//!
//! Every stream reads the journals itself, in the order in which their groups were written. So a reader that is slow
//! costs no memory and misses nothing, one that comes back reads on where it was, and entries of replays that other
//! processes run are there too. What is sent was on disk before.

use std::convert::Infallible;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use hyper::body::{Bytes, Frame};
use percent_encoding::percent_decode_str;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use super::Shared;
use super::answer::{self, Refusal};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::sanitize::inert_json;
use crate::query::Query;

mod entry_record;
mod journal_cursor;

pub use entry_record::EntryRecord;
use entry_record::Envelopes;
use journal_cursor::{JournalCursor, Place};

/// Parts of a stream that wait for its reader.
const WAITING: usize = 4;
/// How often other processes' runs are looked for, where nothing else wakes a stream.
const LOOK: Duration = Duration::from_secs(1);
/// A stream that has nothing to tell says that it is there.
const BEAT: Duration = Duration::from_secs(15);

pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response<Body>, Refusal> {
    let query = query(uri.query().unwrap_or_default())?;
    let after = headers.get("last-event-id").map(|id| place(id.as_bytes())).transpose()?;
    let task = Arc::clone(&shared);
    let cursor = tokio::task::spawn_blocking(move || match after {
        Some(place) => JournalCursor::behind(&task.options.state, place),
        None => task.latest.now(),
    })
    .await
    .map_err(|_| Refusal::ended())?
    .map_err(|error| {
        let help = "`fibric doctor` says what is wrong with the state";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, format!("the journals cannot be read: {error}"), help)
    })?;
    let (to_reader, parts) = mpsc::channel(WAITING);
    let stream = Stream { cursor, query, envelopes: Envelopes::default(), beginning: "retry: 1000\n\n".to_owned() };
    tokio::spawn(feed(stream, to_reader, shared.written.clone(), shared.ended.clone()));
    let mut response = answer::typed(StatusCode::OK, "text/event-stream", Body::new(Parts(parts)));
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

/// The query after `where=`; nothing else may be asked.
fn query(text: &str) -> Result<Option<Query>, Refusal> {
    let mut query = None;
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name != "where" {
            let help = did_you_mean(name, ["where"]).unwrap_or_else(|| "`?where=QUERY` narrows the stream".to_owned());
            let name = &name[..name.floor_char_boundary(100)];
            return Err(Refusal::new(StatusCode::BAD_REQUEST, format!("a stream has no parameter `{name}`"), help));
        }
        let value = value.replace('+', " ");
        let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
        query = Some(Query::parse::<EntryRecord<'_>>(&value).map_err(|error| {
            let start = error.offset.min(value.len());
            let end = value[start..].find(' ').map_or(value.len(), |at| start + at);
            let fault = Diagnostic::error(error.message).in_file("where").at_span(&value, &(start..end), 1);
            Refusal::of(StatusCode::BAD_REQUEST, Diagnostic { help: error.help, ..fault })
        })?);
    }
    Ok(query)
}

/// `RUN:SEQ`; `0:0` stands before everything.
fn place(id: &[u8]) -> Result<Place, Refusal> {
    let read = || {
        let (run, seq) = std::str::from_utf8(id).ok()?.split_once(':')?;
        Some(Place { run: run.parse().ok()?, seq: seq.parse().ok()? })
    };
    read().ok_or_else(|| {
        let help = "it is the `id` of an event of this stream, such as `12:7`; `0:0` asks for all there is";
        Refusal::new(StatusCode::BAD_REQUEST, "`Last-Event-ID` is no id of this stream", help)
    })
}

/// The end of the journals, kept so that a stream from now on reads only what came since the last one began.
pub(super) struct Latest(Mutex<JournalCursor>);

impl Latest {
    /// Of a state folder; nothing is read yet.
    pub(super) fn of(state: &Path) -> Self {
        Self(Mutex::new(JournalCursor::begin(state)))
    }

    fn now(&self) -> std::io::Result<JournalCursor> {
        let mut cursor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cursor.skip()?;
        Ok(cursor.clone())
    }
}

/// One reader's way through the journals.
struct Stream {
    cursor: JournalCursor,
    query: Option<Query>,
    envelopes: Envelopes,
    /// What is said before the first entry.
    beginning: String,
}

impl Stream {
    /// The events that were not sent yet, about as many as are worth sending at once; none when nothing was added.
    fn more(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut text = std::mem::take(&mut self.beginning);
        if self.cursor.take_gap() {
            // The id is of entries that are gone: everything that is there comes after them.
            text.push_str(
                "event: gap\ndata: {\"message\":\"that id is not in the journals: here is all there is\"}\n\n",
            );
        }
        let mut read = false;
        let (query, envelopes) = (&self.query, &mut self.envelopes);
        self.cursor.next(|place, line| {
            read = true;
            if query.as_ref().is_none_or(|query| envelopes.matches(query, place.run, line)) {
                text.push_str(&format!("id: {}:{}\ndata: {}\n\n", place.run, place.seq, inert_json(line)));
            }
        })?;
        Ok((read || !text.is_empty()).then(|| text.into_bytes()))
    }
}

/// Sends until the reader goes, or the session ends and everything is sent.
async fn feed(
    mut stream: Stream,
    to_reader: mpsc::Sender<Bytes>,
    mut written: watch::Receiver<u64>,
    ended: watch::Receiver<bool>,
) {
    let mut beat = Instant::now();
    loop {
        let over = *ended.borrow();
        written.borrow_and_update();
        let read = tokio::task::spawn_blocking(move || {
            let more = stream.more();
            (stream, more)
        });
        let Ok((back, more)) = read.await else { return };
        stream = back;
        match more {
            Ok(Some(text)) if text.is_empty() => continue,
            Ok(Some(text)) => {
                if to_reader.send(text.into()).await.is_err() {
                    return;
                }
                beat = Instant::now();
                continue;
            }
            Ok(None) if over => return,
            Ok(None) => {}
            // A journal that cannot be read ends the stream; its reader comes back and is told.
            Err(_) => return,
        }
        tokio::select! {
            () = to_reader.closed() => return,
            _ = timeout(LOOK, written.changed()) => {}
        }
        if beat.elapsed() >= BEAT {
            beat = Instant::now();
            if to_reader.send(Bytes::from_static(b":\n\n")).await.is_err() {
                return;
            }
        }
    }
}

/// The parts of a stream as a body.
struct Parts(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}
