//! Who may call: programs of this machine, and pages that this machine serves. A page from elsewhere that finds its way to
//! the port (by its own requests, or by a name that was made to lead here) has another `Host` or `Origin`, and is refused.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::IntoResponse;

use super::answer::Refusal;

/// Lets a request through, or refuses it before anything of it is read.
pub(super) async fn check(request: Request<Body>, next: Next) -> Response<Body> {
    let origin = match judge(request.uri(), request.headers()) {
        Ok(origin) => origin,
        Err(refusal) => return refusal.into_response(),
    };
    let mut response =
        if request.method() == Method::OPTIONS && origin.is_some() { preflight() } else { next.run(request).await };
    if let Some(origin) = origin {
        response.headers_mut().insert("access-control-allow-origin", origin);
        response.headers_mut().insert("vary", HeaderValue::from_static("origin"));
    }
    response
}

/// What a page of this machine is told before it sends JSON.
fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    for (name, value) in [
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "content-type, idempotency-key, last-event-id"),
        ("access-control-max-age", "600"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page's origin, where a page calls; or why it may not.
fn judge(uri: &Uri, headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        (None, _) => return Err(refused("the request has no `Host`".to_owned())),
        (Some(_), Some(_)) => return Err(refused("the request has more than one `Host`".to_owned())),
    };
    if !is_loopback(host) {
        return Err(refused(format!("`{host}` is not a name of this machine")));
    }
    if let Some(authority) = uri.authority()
        && !is_loopback(authority.as_str())
    {
        return Err(refused(format!("`{authority}` is not a name of this machine")));
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => Ok(None),
        (Some(origin), None) if is_own_page(origin) => Ok(Some(origin.clone())),
        (Some(origin), _) => {
            let named = String::from_utf8_lossy(origin.as_bytes()).into_owned();
            Err(refused(format!("a page of `{named}` may not call here")))
        }
    }
}

fn refused(message: String) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, message, "call `127.0.0.1`, `localhost` or `[::1]`, from this machine")
}

/// `http://localhost:5173`, and nothing like `null` or `http://localhost.example.com`.
fn is_own_page(origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(is_loopback)
}

/// True for an authority that is `localhost` or an address of the loopback, with a port or without.
fn is_loopback(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else { return false };
    if parsed.as_str().contains('@') || parsed.as_str().is_empty() {
        return false;
    }
    let host = parsed.host();
    let rest = &authority[host.len()..];
    let has_sound_port = rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_own = host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    has_sound_port && is_own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_and_no_others() {
        for own in ["localhost", "LocalHost:4310", "127.0.0.1", "127.0.0.1:1", "127.1.2.3:80", "[::1]", "[::1]:4310"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "",
            "localhost.",
            "localhost.example.com",
            "example.com",
            "127.0.0.1.example.com",
            "127.0.0.1@example.com",
            "example.com@127.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::ffff:8.8.8.8]",
            "localhost:",
            "localhost:99999",
            "localhost:80:80",
            "localhost/x",
            "192.168.0.1",
            "2130706433",
            "::1",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }

    #[test]
    fn pages_of_this_machine_and_no_others() {
        for (origin, expected) in [
            ("http://localhost:5173", true),
            ("https://127.0.0.1", true),
            ("http://[::1]:3000", true),
            ("null", false),
            ("", false),
            ("file://", false),
            ("http://localhost:5173/", false),
            ("http://evil.example", false),
            ("http://localhost.evil.example", false),
            ("chrome-extension://localhost", false),
        ] {
            assert_eq!(is_own_page(&HeaderValue::from_str(origin).unwrap()), expected, "{origin}");
        }
    }
}
