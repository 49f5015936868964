//! `POST /v1/events`: one event as JSON, or a batch as JSON lines. All of it is taken, or nothing.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};

use super::answer::Refusal;
use super::body::{self, Media};
use super::ingest::{self, Answers, Incoming};
use super::{Options, Shared};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sentences::counted;
use crate::session::delivery::{Arrived, Content};
use crate::workspace::fixtures::{self, Completion, Form, Offered};

/// What messages and the journal call this way.
pub(super) const WAY: &str = "POST /v1/events";
/// Findings that a caller is told.
const TOLD: usize = 20;
/// Bodies from this size on are read on a thread of their own, so that others are answered meanwhile.
const LARGE: usize = 64 << 10;

pub(super) async fn post(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Result<Response<Body>, Refusal> {
    ingest::is_live(&shared).await?;
    let media = body::media(request.headers()).ok_or_else(unsupported)?;
    let key = ingest::key(request.headers())?;
    let mut read = body::read(request, &shared).await?;
    let digest = ingest::digest(WAY, &read.bytes);
    let bytes = std::mem::take(&mut read.bytes);
    let tenant = shared.tenant.now();
    let envelopes = if bytes.len() < LARGE {
        envelopes(bytes, media, tenant, &shared.options)
    } else {
        let task = Arc::clone(&shared);
        tokio::task::spawn_blocking(move || envelopes(bytes, media, tenant, &task.options))
            .await
            .map_err(|_| Refusal::ended())?
    };
    let envelopes = match envelopes {
        Ok(envelopes) => envelopes,
        Err(diagnostics) => {
            ingest::note(&shared, WAY, &diagnostics).await?;
            return Err(Refusal { status: StatusCode::BAD_REQUEST, diagnostics });
        }
    };
    let ids = envelopes.iter().map(|arrived| ingest::Ids::of(&arrived.envelope)).collect();
    let answers = Answers { ids, lines: media == Media::Lines };
    let incoming = Incoming { way: WAY, content: Content::Envelopes(envelopes), answers };
    ingest::take(&shared, incoming, key, digest, read).await
}

fn unsupported() -> Refusal {
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the body is neither JSON nor JSON lines",
        "send `content-type: application/json` for one event, `application/x-ndjson` for a batch; as UTF-8, not compressed",
    )
}

/// The envelopes of a body, or all that is wrong with it.
fn envelopes(bytes: Vec<u8>, media: Media, tenant: String, options: &Options) -> Result<Vec<Arrived>, Vec<Diagnostic>> {
    let completion = Completion { tenant, make_id };
    let reader = fixtures::from_bytes(bytes, "body", Form::Jsonl);
    let (mut taken, mut found, mut passed) = (Vec::new(), Vec::new(), 0_usize);
    for offered in reader.limited(options.limits.envelope).completed(completion) {
        match offered {
            Offered::Envelope { envelope, line, warnings } => taken.push(Arrived { envelope, line, warnings }),
            Offered::Refused { diagnostics, .. } if found.len() < TOLD => found.extend(diagnostics),
            Offered::Refused { count, .. } => passed += usize::try_from(count).unwrap_or(usize::MAX),
            Offered::Passed | Offered::Noticed(_) => {}
        }
    }
    if passed > 0 {
        found.push(Diagnostic::error(format!("{} more", counted(passed, "finding"))));
    }
    if let (Media::Json, Some(second)) = (media, taken.get(1)) {
        let fault = Diagnostic::error("the body is more than one event").in_file("body");
        let help = "send a batch as `content-type: application/x-ndjson`, an event a line";
        found.push(Diagnostic { line: Some(second.line), ..fault }.help(help));
    }
    if taken.is_empty() && found.is_empty() {
        found.push(Diagnostic::error("the body is empty").help("an event has `source`, `event_type` and `payload`"));
    }
    if found.is_empty() { Ok(taken) } else { Err(found) }
}

/// An id that no other event has.
pub(super) fn make_id() -> String {
    static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(Default::default);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [first, second] = &*KEYS;
    // Its first characters are what a person calls it by. The form is that of a random UUID.
    let (high, low) = (first.hash_one(count), second.hash_one(count));
    let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | 0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        let limits = super::super::Limits { envelope: 1_000, ..super::super::Limits::default() };
        Options {
            port: 0,
            tenant: "t_local".to_owned(),
            root: std::path::PathBuf::new(),
            state: std::path::PathBuf::new(),
            limits,
        }
    }

    fn read(text: &str, media: Media) -> Result<Vec<Arrived>, Vec<Diagnostic>> {
        envelopes(text.as_bytes().to_vec(), media, "t_local".to_owned(), &options())
    }

    #[test]
    fn what_may_be_left_out_is_made() {
        let text =
            r#"{"source":"shop","event_type":"order.created","payload":{"id":9007199254740993},"event_id":null}"#;
        let taken = read(&format!("{text}\n{text}"), Media::Lines).unwrap();
        let [first, second] = &*taken else { panic!("{taken:?}") };
        assert_eq!(first.envelope.event_id, first.envelope.correlation_id);
        assert_ne!(first.envelope.event_id, second.envelope.event_id);
        assert_eq!((first.envelope.tenant_id.as_str(), second.line), ("t_local", 2));
        assert_eq!(first.envelope.payload.as_str(), r#"{"id":9007199254740993}"#);
        let given = text.replace("null", r#""mine""#);
        assert_eq!(read(&given, Media::Json).unwrap()[0].envelope.correlation_id, "mine");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let good = r#"{"source":"s","event_type":"a.b","payload":{}}"#;
        for (text, media, said, line) in [
            ("", Media::Json, "the body is empty", None),
            ("[]", Media::Json, "expected an envelope (an object), found an array", Some(1)),
            ("{\"sorce\":1}", Media::Json, "unknown field `sorce` in an envelope", Some(1)),
            (&format!("{good}\nnot json"), Media::Lines, "not JSON: expected a JSON value, found `n`", Some(2)),
            (&format!("{good}{good}"), Media::Json, "the body is more than one event", Some(1)),
            (
                &good.replace("{}", &format!("{{\"a\":\"{}\"}}", "x".repeat(2_000))),
                Media::Json,
                "an envelope is larger than 1000 bytes",
                Some(1),
            ),
        ] {
            let found = read(text, media).unwrap_err();
            assert_eq!((found[0].message.as_str(), found[0].line), (said, line), "{text}");
            assert!(found[0].help.is_some(), "{text}");
        }
        let missing = &read("{\"payload\":{}}", Media::Json).unwrap_err()[0];
        assert_eq!(missing.message, "fields `source` and `event_type` are missing");
        assert!(missing.help.as_deref().is_some_and(|help| help.contains("the rest is made")));
        assert!(read(&"{}\n".repeat(100_000), Media::Lines).unwrap_err().len() <= 2 * TOLD);
    }
}
