//! Which request goes where.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Response, StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};

use super::answer::Refusal;
use super::{Shared, caller, events, stream, webhooks};
use crate::kernel::diagnostic::did_you_mean;

/// What there is to call.
const PATHS: [&str; 3] = ["/v1/events", "/v1/events/stream", "/webhooks/CONNECTOR/EVENT"];

/// All routes, behind the check of who calls.
pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/events", post(events::post))
        .route("/v1/events/stream", get(stream::get))
        .route("/webhooks/{connector}/{event}", post(webhooks::post))
        .fallback(unknown)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn(caller::check))
        .with_state(Arc::clone(shared))
}

async fn unknown(uri: Uri) -> Response<Body> {
    let help = did_you_mean(uri.path(), PATHS).unwrap_or_else(|| format!("there are {}", PATHS.join(", ")));
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no `{}`", clipped(uri.path())), help).into_response()
}

async fn other_method(method: Method, uri: Uri) -> Response<Body> {
    let allowed = if uri.path() == "/v1/events/stream" { "GET" } else { "POST" };
    let message = format!("`{}` takes no {}", clipped(uri.path()), clipped(method.as_str()));
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message, format!("use {allowed}")).into_response()
}

/// A caller's text as long as a person reads.
fn clipped(text: &str) -> String {
    const MOST: usize = 200;
    if text.len() <= MOST { text.to_owned() } else { format!("{}…", &text[..text.floor_char_boundary(MOST)]) }
}
