//! `POST /webhooks/CONNECTOR/EVENT`: what a system sends becomes the payload of an event that its connector declares, by
//! the event's topic or its type. A poll's answers are delivered here too: the kernel polls nothing by itself.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Response, StatusCode};

use super::Shared;
use super::answer::Refusal;
use super::body::{self, Media};
use super::events::make_id;
use super::ingest::{self, Answers, Ids, Incoming};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Raw, kind};
use crate::session::delivery::{Content, Webhook};

/// What messages and the journal call this way.
const WAY: &str = "POST /webhooks";

pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    Path((connector, event)): Path<(String, String)>,
    request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    ingest::is_live(&shared).await?;
    if body::media(request.headers()) != Some(Media::Json) {
        let help = "send `content-type: application/json`, as UTF-8, not compressed";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is not JSON", help));
    }
    let key = ingest::key(request.headers())?;
    let read = body::read(request, &shared).await?;
    let digest = ingest::digest(&format!("{WAY}/{connector}/{event}"), &read.bytes);
    let (payload, warnings) = match payload(&read.bytes) {
        Ok(payload) => payload,
        Err(fault) => {
            ingest::note(&shared, WAY, std::slice::from_ref(&fault)).await?;
            return Err(Refusal::of(StatusCode::BAD_REQUEST, fault));
        }
    };
    let event_id = make_id();
    let ids = vec![Ids { event_id: event_id.clone(), correlation_id: event_id.clone() }];
    let webhook = Webhook { connector, event, payload, event_id, warnings };
    let incoming = Incoming { way: WAY, content: Content::Webhook(webhook), answers: Answers { ids, lines: false } };
    ingest::take(&shared, incoming, key, digest, read).await
}

/// A body as a payload, and what was odd about it.
fn payload(bytes: &[u8]) -> Result<(Raw, Vec<Diagnostic>), Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Diagnostic::error(format!("the body is not UTF-8, from byte {} on", error.valid_up_to()))
            .help("send JSON as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = json::read(text).map_err(|error| {
        let span = error.offset.min(text.len())..(error.offset + 1).min(text.len()).max(error.offset.min(text.len()));
        Diagnostic::error(format!("not JSON: {error}"))
            .in_file("body")
            .at_span(text, &span, 1)
            .help("send one JSON text")
    })?;
    if !document.value.is_object() {
        return Err(Diagnostic::error(format!("a payload is an object, found {}", kind(&document.value)))
            .help("wrap it in an object on its way here"));
    }
    let twice = document.duplicates.iter().take(20).map(|pointer| {
        let message = format!("`{}` is given twice; the last one counts", pointer.trim_start_matches('/'));
        Diagnostic::warning(message).help("give a key once")
    });
    Ok((Raw::of(&document.value), twice.collect()))
}
