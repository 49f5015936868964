//! What to do instead, for names that authors know from elsewhere and that are not there.

use crate::kernel::diagnostic::did_you_mean;
use crate::kernel::json::Span;

const NETWORK: &str =
    "author code has no network: sense through a connector's tool, whose `ctx.http` performs requests";

/// How a refusal of what would need a locale ends.
const NO_LOCALES: &str = "author code has no locales";
const LOCALES: &str =
    "write the format out: `toFixed` and `toISOString` say the same everywhere, and plain `<` compares by code point";

/// Names that are not defined, each with what to do instead.
const GLOBALS: [(&[&str], &str); 8] = [
    (&["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Request", "Response", "Headers"], NETWORK),
    (
        &["require", "module", "exports"],
        "there is no `require`: `import` from `@fibric/sdk`, or a file of the workspace by a relative path",
    ),
    (
        &["process", "Deno", "Bun", "__dirname", "__filename"],
        "author code sees no process, environment or files: what it needs is in `ctx.envelope`, secrets are in `auth`",
    ),
    (&["Intl"], LOCALES),
    (&["Buffer"], "there is no `Buffer`: use `Uint8Array`"),
    (&["global", "window", "self", "document"], "there is no page and no Node: the global object is `globalThis`"),
    (&["auth", "defineConnector", "tool", "evaluate"], "import it from `@fibric/sdk`"),
    (&["defineOperator"], "import it: `import { defineOperator } from '@fibric/sdk'`"),
];

/// What the kernel hands to author code, by the names that authors write for it.
const MEMBERS: [(&str, &[&str]); 4] = [
    ("auth", &["apiKey", "bearer", "basic", "oauth2", "none"]),
    ("ctx", &["envelope", "sense", "reason", "log", "http"]),
    ("ctx.log", &["debug", "info", "log", "warn", "error", "trace"]),
    ("ctx.http", &["get", "delete", "post", "put", "patch", "request"]),
];

/// What to do about an error with this message at this place of the author's text.
pub fn advice(message: &str, text: &str, span: &Span) -> Option<String> {
    if let Some(name) = message.strip_prefix("ReferenceError: ").and_then(|rest| rest.strip_suffix(" is not defined")) {
        let known = GLOBALS.iter().find(|(names, _)| names.contains(&name));
        return known.map(|(_, help)| (*help).to_owned());
    }
    if message.ends_with(NO_LOCALES) {
        return Some(LOCALES.to_owned());
    }
    let (before, word) = (text.get(..span.start)?, text.get(span.clone())?);
    if message == "TypeError: not a function" {
        let receiver = before.strip_suffix('.').or_else(|| before.strip_suffix("?."))?;
        return MEMBERS.iter().find_map(|(name, members)| {
            let standing = receiver.strip_suffix(name)?;
            let whole = !standing.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'));
            if !whole || members.contains(&word) {
                return None;
            }
            let nearest = did_you_mean(word, members.iter().copied());
            let instead = nearest.unwrap_or_else(|| format!("it has `{}`", members.join("`, `")));
            Some(format!("`{name}` has no `{word}`; {instead}"))
        });
    }
    // A tool's `ctx` has `http`, so it can only be an operator's that has not.
    let from = text.get(span.start..)?;
    if message.ends_with(" of undefined")
        && (from.starts_with("ctx.http") || from.starts_with("http.") && before.ends_with("ctx."))
    {
        return Some("an operator has no `ctx.http`: sense through a connector's tool, with `ctx.sense`".to_owned());
    }
    None
}
