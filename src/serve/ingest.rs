//! From a request that was read to its answer: taken in by the session, and answered once that is on disk. A request with
//! an idempotency key is taken in once, however often it comes.

use std::sync::Arc;
use std::sync::mpsc::TrySendError;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;

use super::answer::{self, Refusal};
use super::body::Read;
use super::idempotency::{Begun, Digest, Key};
use super::{Mode, Shared};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::sanitize::inert_json;
use crate::session::bus::Command;
use crate::session::delivery::{Content, Delivered, Delivery, Reply};

/// What a caller may later ask about an event by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ids {
    pub(super) event_id: String,
    pub(super) correlation_id: String,
}

impl Ids {
    pub(super) fn of(envelope: &EventEnvelope) -> Self {
        Self { event_id: envelope.event_id.clone(), correlation_id: envelope.correlation_id.clone() }
    }
}

/// What a request is answered, once it is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answers {
    /// Of each event, in order.
    pub(super) ids: Vec<Ids>,
    /// A batch of lines is answered with lines.
    pub(super) lines: bool,
}

impl Answers {
    fn response(&self, again: bool) -> Response<Body> {
        let mut text = String::new();
        for ids in &self.ids {
            text.push_str(&inert_json(&serde_json::to_string(ids).unwrap_or_default()));
            text.push('\n');
        }
        let media = if self.lines { "application/x-ndjson" } else { "application/json" };
        let mut response = answer::typed(StatusCode::ACCEPTED, media, text);
        if again {
            response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

/// What a request brings.
pub(super) struct Incoming {
    pub(super) way: &'static str,
    pub(super) content: Content,
    pub(super) answers: Answers,
}

/// Waits until the session has said whether it takes events; refuses where it does not.
pub(super) async fn is_live(shared: &Shared) -> Result<(), Refusal> {
    let mode = shared.mode.clone().wait_for(|mode| *mode != Mode::Starting).await.map(|mode| *mode);
    match mode {
        Ok(Mode::Live) => Ok(()),
        Ok(_) => Err(not_live()),
        Err(_) => Err(Refusal::ended()),
    }
}

fn not_live() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "another `fibric dev` takes the live input of this workspace",
        "send it to the address that one shows, or end it",
    )
}

/// The request's idempotency key, where it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<Key>, Refusal> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let text = key.to_str().unwrap_or_default();
    if text.trim().is_empty() || text.len() > 255 || keys.next().is_some() {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "`Idempotency-Key` is not one key of 1 to 255 visible ASCII characters",
            "a random id does, as `uuidgen` prints one",
        ));
    }
    Ok(Some(Key::of(text)))
}

/// What two requests must share to be one.
pub(super) fn digest(way: &str, body: &[u8]) -> Digest {
    let mut digest = Sha256::new();
    digest.update(way.as_bytes());
    digest.update([0]);
    digest.update(body);
    Digest::of(&digest.finalize())
}

/// Journals what was no event; nobody waits until it is on disk.
pub(super) async fn note(shared: &Shared, way: &'static str, diagnostics: &[Diagnostic]) -> Result<(), Refusal> {
    // One fault and its place tell a person who to ask; the caller has them all.
    let content = Content::Refused(diagnostics.iter().take(3).cloned().collect());
    put(shared, Delivery { content, way, reply: Reply::none() }).await
}

/// Puts a delivery where the session takes it from, and tells the session where it does not know yet.
async fn put(shared: &Shared, delivery: Delivery) -> Result<(), Refusal> {
    if !shared.inbox.put(delivery) {
        return Ok(());
    }
    let told = match shared.commands.try_send(Command::Deliver(shared.inbox.clone())) {
        Ok(()) => true,
        Err(TrySendError::Full(command)) => {
            let commands = shared.commands.clone();
            // To its end, also where the caller goes away: those who come next rely on it.
            let sent = tokio::task::spawn_blocking(move || commands.send(command)).await;
            matches!(sent, Ok(Ok(())))
        }
        Err(TrySendError::Disconnected(_)) => false,
    };
    if told {
        return Ok(());
    }
    // Nobody takes what waits there any more: who waits for an answer is told so.
    drop(shared.inbox.take());
    Err(Refusal::ended())
}

/// Takes a request in, and answers it.
pub(super) async fn take(
    shared: &Arc<Shared>,
    incoming: Incoming,
    key: Option<Key>,
    digest: Digest,
    read: Read,
) -> Result<Response<Body>, Refusal> {
    let Some(key) = key else {
        let Incoming { way, content, answers } = incoming;
        deliver(shared, way, content).await?;
        drop(read);
        return Ok(answers.response(false));
    };
    // To its end, also where the caller goes away: whether the key was used must be known.
    let shared = Arc::clone(shared);
    let task = tokio::spawn(async move { take_once(&shared, incoming, key, digest, read).await });
    task.await.map_err(|_| Refusal::ended())?
}

async fn take_once(
    shared: &Arc<Shared>,
    incoming: Incoming,
    key: Key,
    digest: Digest,
    read: Read,
) -> Result<Response<Body>, Refusal> {
    let Incoming { way, content, answers } = incoming;
    loop {
        match shared.keys.begin(key, digest, &answers).await? {
            Begun::First(open) => {
                deliver(shared, way, content).await?;
                open.done();
                drop(read);
                return Ok(answers.response(false));
            }
            Begun::Before(answers) => return Ok(answers.response(true)),
            Begun::Now(mut other) => {
                // Closed when the other has ended, whichever way.
                let _ = other.changed().await;
            }
            Begun::OtherBody => {
                return Err(Refusal::new(
                    StatusCode::CONFLICT,
                    "this `Idempotency-Key` came with another body before",
                    "a new event needs a new key; a retry sends the same bytes to the same path",
                ));
            }
        }
    }
}

/// Hands a delivery to the session and waits until it is on disk.
async fn deliver(shared: &Shared, way: &'static str, content: Content) -> Result<(), Refusal> {
    let (tell, told) = oneshot::channel();
    // A caller that has gone away is told nothing.
    let reply = Reply::to(move |delivered| drop(tell.send(delivered)));
    put(shared, Delivery { content, way, reply }).await?;
    match told.await {
        Ok(Delivered::Durable) => Ok(()),
        Ok(Delivered::NotLive) => Err(not_live()),
        Ok(Delivered::OtherTenant(fault)) => Err(Refusal::of(StatusCode::FORBIDDEN, fault)),
        Ok(Delivered::Unknown(fault)) => Err(Refusal::of(StatusCode::NOT_FOUND, fault)),
        Err(_) => Err(Refusal::ended()),
    }
}
