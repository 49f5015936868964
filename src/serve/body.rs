//! Reading a request's body: as much as is allowed, in the time that is allowed, out of a store of memory that all callers
//! share.

use std::pin::Pin;

use axum::body::{Body, HttpBody as _};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::Shared;
use super::answer::Refusal;

/// A body, and the memory it takes up until it is dropped.
pub(super) struct Read {
    pub(super) bytes: Vec<u8>,
    _room: Vec<OwnedSemaphorePermit>,
}

/// What kind of text a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// One JSON text.
    Json,
    /// JSON lines.
    Lines,
}

/// The kind of a body, by its media type.
pub(super) fn media(headers: &HeaderMap) -> Option<Media> {
    let coded =
        headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let media = headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let mut parts = media.split(';').map(str::trim);
    let kind = match parts.next()? {
        "application/json" => Media::Json,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Media::Lines,
        other if other.starts_with("application/") && other.ends_with("+json") => Media::Json,
        _ => return None,
    };
    let is_text = |part: &str| part.strip_prefix("charset=").is_none_or(|set| set.trim_matches('"') == "utf-8");
    (!coded && parts.all(is_text)).then_some(kind)
}

/// Reads a body whole.
pub(super) async fn read(request: Request<Body>, shared: &Shared) -> Result<Read, Refusal> {
    let limits = &shared.options.limits;
    let said = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limits.body as u64) {
        return Err(too_large(limits.body));
    }
    match tokio::time::timeout(limits.body_time, gather(request.into_body(), shared)).await {
        Ok(read) => read,
        Err(_) => Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body was not there within {} s", limits.body_time.as_secs()),
            "send it at once; a large batch may be sent in parts",
        )),
    }
}

async fn gather(mut body: Body, shared: &Shared) -> Result<Read, Refusal> {
    let most = shared.options.limits.body;
    let (mut bytes, mut room, mut free) = (Vec::new(), Vec::new(), 0);
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else {
            let help = "its length is the one that its head says, or its parts end with an empty one";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "the body breaks off", help));
        };
        let Ok(part) = frame.into_data() else { continue };
        if bytes.len() + part.len() > most {
            return Err(too_large(most));
        }
        // A first kibibyte is within what a connection costs anyway.
        if bytes.len() + part.len() > free + 1024 {
            let more = (bytes.len() + part.len() - free).div_ceil(1024).max(64);
            let permits = std::sync::Arc::clone(&shared.bodies).acquire_many_owned(u32::try_from(more).unwrap_or(1));
            room.push(permits.await.map_err(|_| Refusal::ended())?);
            free += more * 1024;
        }
        bytes.extend_from_slice(&part);
    }
    Ok(Read { bytes, _room: room })
}

fn too_large(most: usize) -> Refusal {
    let most = if most >= 1 << 20 { format!("{} MiB", most >> 20) } else { format!("{} KiB", most >> 10) };
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body is larger than {most}"),
        "send it in parts, or raise `[http] body` in `fibric.toml`",
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_and_lines_and_nothing_else() {
        for (text, expected) in [
            ("application/json", Some(Media::Json)),
            ("Application/JSON; charset=UTF-8", Some(Media::Json)),
            ("application/cloudevents+json", Some(Media::Json)),
            ("application/x-ndjson", Some(Media::Lines)),
            ("application/json; charset=latin1", None),
            ("text/plain", None),
            ("application/x-www-form-urlencoded", None),
            ("text/x+json", None),
            ("", None),
        ] {
            let headers: HeaderMap = [(CONTENT_TYPE, HeaderValue::from_static(text))].into_iter().collect();
            assert_eq!(media(&headers), expected, "{text}");
        }
        assert_eq!(media(&HeaderMap::new()), None);
    }
}
