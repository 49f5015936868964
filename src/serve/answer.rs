//! What callers are answered: `{ "diagnostics": […] }` for whatever is not taken, each with its place and what to do.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert_json;

/// Why a request is not taken.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// What the caller is told first.
    pub(super) status: StatusCode,
    /// At least one.
    pub(super) diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Told<'a> {
    diagnostics: &'a [Diagnostic],
}

impl Refusal {
    /// With one sentence and what to do.
    pub(super) fn new(status: StatusCode, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::of(status, Diagnostic::error(message).help(help))
    }

    /// With one finding.
    pub(super) fn of(status: StatusCode, diagnostic: Diagnostic) -> Self {
        Self { status, diagnostics: vec![diagnostic] }
    }

    /// The session has ended, or ends.
    pub(super) fn ended() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the session has ended; whether the event was taken is not known",
            "send it again with the same `Idempotency-Key` once `fibric dev` runs",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let text = serde_json::to_string(&Told { diagnostics: &self.diagnostics }).unwrap_or_default();
        let mut response = json(self.status, format!("{}\n", inert_json(&text)));
        if self.status == StatusCode::REQUEST_TIMEOUT {
            response.headers_mut().insert("connection", HeaderValue::from_static("close"));
        }
        response
    }
}

/// A JSON answer that nobody keeps.
pub(super) fn json(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    typed(status, "application/json", text)
}

/// An answer of that media type that nobody keeps.
pub(super) fn typed(status: StatusCode, media: &'static str, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
