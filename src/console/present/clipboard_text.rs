//! What of the selected row goes to the clipboard: a value, its JSON, or the command line that shows it again.
//!
//! INVARIANT: what is copied holds nothing that acts where it is pasted: no control character, no line break, nothing
//! invisible that turns text around. A value shows marks instead and says so; JSON and command lines have escapes.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use super::summary::summarize;
use crate::console::model::{Model, Row, RowKind};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Fact, Received, Source};
use crate::kernel::receipt::Receipt;
use crate::kernel::sanitize::{hidden, inert, inert_json};
use crate::query::Query;
use crate::report::plain::counted;
use crate::session::clock::FIXTURE_NOW;

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The id, then on asking again the reason, the key, the thread.
    Value,
    /// The whole as JSON.
    Json,
    /// The command line that reproduces it.
    Command,
}

/// A command line that shows something again, and what it needs for that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The line.
    pub text: String,
    /// Files it plays, relative to the workspace.
    pub files: Vec<String>,
    /// The line that plays the same from the journals, for when one of the files is gone.
    pub from_journals: Option<String>,
}

/// Where envelopes are put that are played from the journals.
const AGAIN: &str = ".fibric/again.jsonl";

/// A value of a row or its JSON, as a person is told, and its text; `again` counts how often a value was asked for.
pub fn text(model: &Model, row: Row, what: What, again: usize) -> Option<(String, String)> {
    Some(match what {
        What::Value => {
            let mut values = values(model, row);
            let at = again.checked_rem(values.len())?;
            let (what, text) = values.swap_remove(at);
            replaced(what, &text)
        }
        What::Json => json(model, row)?,
        What::Command => return None,
    })
}

/// A value with marks for what would act where it is pasted; that there are some is said with what it is.
fn replaced(what: String, text: &str) -> (String, String) {
    match inert(text) {
        Cow::Borrowed(same) => (what, same.to_owned()),
        Cow::Owned(marked) => {
            let kept = text.chars().filter(|c| inert(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8());
            let marks = text.chars().count() - kept.count();
            (format!("{what} ({} replaced)", counted(marks, "control character")), marked)
        }
    }
}

/// What a row is known by, the likeliest first.
fn values(model: &Model, row: Row) -> Vec<(String, String)> {
    let Some(entry) = model.entry(row) else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |what: &str, text: &str| {
        if !text.is_empty() {
            found.push((what.to_owned(), text.to_owned()));
        }
    };
    let sentence = summarize(model, row).map(|summary| summary.sentence.into_owned()).unwrap_or_default();
    if let Fact::Disposed(disposed) = &entry.fact {
        let Receipt { id, idempotency_key, correlation_id, .. } = &*disposed.receipt;
        add(&format!("receipt id {id}"), id);
        add("reason", &sentence);
        add("key", idempotency_key);
        add("correlation id", correlation_id);
        return found;
    }
    if let Fact::Proposed(proposed) = &entry.fact {
        add("plan id", &proposed.plan_id);
    }
    add("reason", &sentence);
    if let Some(envelope) = model.arrival(row).and_then(|arrival| model.envelope(arrival)) {
        add("event id", &envelope.event_id);
        add("correlation id", &envelope.correlation_id);
    }
    found
}

fn json(model: &Model, row: Row) -> Option<(String, String)> {
    let of =
        |what: &str, text: serde_json::Result<String>| Some((what.to_owned(), inert_json(&text.ok()?).into_owned()));
    let envelope = model.arrival(row).and_then(|arrival| model.envelope(arrival));
    match (&model.entry(row)?.fact, envelope) {
        (Fact::Disposed(disposed), _) => of("receipt as JSON", serde_json::to_string(&*disposed.receipt)),
        (Fact::Proposed(proposed), _) => match &proposed.plan {
            Some(plan) => of("plan as JSON", Ok(plan.as_str().to_owned())),
            None => of("what happened as JSON", serde_json::to_string(proposed)),
        },
        (Fact::Received(_) | Fact::Routed(_), Some(envelope)) => {
            of("envelope as JSON", serde_json::to_string(envelope))
        }
        (fact, _) => of("what happened as JSON", serde_json::to_string(fact)),
    }
}

/// The command line that shows a row again, from where the console was started, which may be elsewhere than in the
/// workspace.
pub fn command(model: &Model, row: Row, elsewhere: Option<&Path>) -> Option<CommandLine> {
    let mut again = CommandLine::default();
    again.text = match &model.entry(row)?.fact {
        // What came from outside is in no file that could be replayed.
        Fact::Refused(refused) if refused.origin.source == Source::Live => return None,
        Fact::Refused(refused) => {
            let file = refused.origin.file.as_deref()?;
            again.files.push(file.to_owned());
            format!("fibric dev replay {}", path(file)?)
        }
        Fact::PolicyLoaded(_) | Fact::RunStarted(_) => "fibric policy check".to_owned(),
        Fact::Loaded(_) | Fact::Noticed(_) => "fibric doctor".to_owned(),
        fact => {
            let received = model.arrival(row).and_then(|arrival| model.received(arrival))?;
            // What ran again is the same envelope: what plays the first plays it.
            let received = match received.rerun_of {
                Some(of) => model.received((of.run, of.arrival))?,
                None => received,
            };
            match (fact, received.origin.source) {
                (Fact::Disposed(disposed), Source::Live | Source::Schedule) => {
                    let query = argument(&format!("id:{}", disposed.receipt.id))?;
                    format!("fibric receipts tail --where {query}")
                }
                (_, Source::Live | Source::Schedule) => return None,
                _ => {
                    let (files, line, from_journals) = replay(model, row, received)?;
                    (again.files, again.from_journals) = (files, from_journals);
                    line
                }
            }
        }
    };
    // A path inside the workspace is relative to its root.
    let elsewhere = elsewhere.map(|root| format!("cd {} && ", path_quoted(root))).unwrap_or_default();
    again.text = format!("{elsewhere}{}", again.text);
    again.from_journals = again.from_journals.map(|line| format!("{elsewhere}{line}"));
    Some(again)
}

/// The files that are played, the line that does, and the one that plays what the journals kept of them.
fn replay(model: &Model, row: Row, received: &Received) -> Option<(Vec<String>, String, Option<String>)> {
    let file = received.origin.file.as_deref()?;
    let mut files = vec![file];
    let mut only = selecting(&received.envelope);
    if let Fact::Disposed(disposed) = &model.entry(row)?.fact
        && let Some(claimed_by) = &disposed.receipt.claimed_by
    {
        // A key is found used only where what used it is played too.
        let claimer = model.received(model.arrival(model.claimer(row, claimed_by)?)?)?;
        if claimer.envelope.event_id != received.envelope.event_id {
            only = None;
        }
        let first = claimer.origin.file.as_deref()?;
        if first != file {
            files.insert(0, first);
        }
    }
    let mut line = "fibric dev replay".to_owned();
    for file in &files {
        line.push_str(&format!(" {}", path(file)?));
    }
    let mut after = String::new();
    if received.clock != FIXTURE_NOW {
        after.push_str(&format!(" --now {}", argument(&received.clock)?));
    }
    if row.kind == RowKind::Plan && model.arrival(row).is_some_and(|arrival| model.proposes_only(arrival)) {
        after.push_str(" --propose-only");
    }
    // What a key was used by is not in one query with what found it used.
    let from_journals = only.as_deref().and_then(argument).map(|query| {
        format!("fibric receipts export --envelopes --where {query} -o {AGAIN} && fibric dev replay {AGAIN}{after}")
    });
    if let Some(query) = only {
        line.push_str(&format!(" --where {}", argument(&query)?));
    }
    line.push_str(&after);
    Some((files.into_iter().map(str::to_owned).collect(), line, from_journals))
}

/// Characters of an id that a query names: ids are found by their beginning, and an argument cannot be of any length.
const NAMED: usize = 200;

/// A query for an envelope; none when its id cannot be said in one.
fn selecting(envelope: &EventEnvelope) -> Option<String> {
    // No argument can hold a NUL: what stands before it, and the correlation id, have to do.
    let said = |id: &str| id.split('\0').next().unwrap_or_default().chars().take(NAMED).collect::<String>();
    let term = |field: &str, id: &str| {
        if id.contains(char::is_whitespace) { format!("{field}:\"{id}\"") } else { format!("{field}:{id}") }
    };
    let (event, correlation) = (said(&envelope.event_id), said(&envelope.correlation_id));
    let mut terms = Vec::new();
    if !event.is_empty() {
        terms.push(term("event", &event));
    }
    if event != envelope.event_id && !correlation.is_empty() {
        terms.push(term("corr", &correlation));
    }
    let query = terms.join(" ");
    let parsed = Query::parse::<EventEnvelope>(&query).ok().filter(|_| !query.is_empty())?;
    parsed.matches(envelope).then_some(query)
}

fn path(file: &str) -> Option<String> {
    // What begins with a dash would be taken for an option.
    if file.starts_with('-') { argument(&format!("./{file}")) } else { argument(file) }
}

/// A word for a shell; none where no program could be given it.
fn argument(word: &str) -> Option<String> {
    (!word.contains('\0')).then(|| quoted(word))
}

#[cfg(unix)]
fn path_quoted(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = path.as_os_str().as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| escaped(bytes), quoted)
}

#[cfg(not(unix))]
fn path_quoted(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A word for a shell; one that could act on a terminal, or that shows other text than is there, is written in escapes,
/// as bash and its kin read them.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.chars().any(|c| c.is_control() || hidden(c)) {
        return escaped(word.as_bytes());
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Any bytes as a word of bash.
fn escaped(bytes: &[u8]) -> String {
    let mut out = "$'".to_owned();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => out.extend(['\\', c]),
                c if c.is_control() || hidden(c) => hex(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut out),
                c => out.push(c),
            }
        }
        hex(chunk.invalid(), &mut out);
    }
    out + "'"
}

fn hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_the_word() {
        for (word, expected) in [
            ("fixtures/a.jsonl", "fixtures/a.jsonl"),
            ("event:6a1e", "event:6a1e"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's; $(rm -rf x)", r"'it'\''s; $(rm -rf x)'"),
            ("a\u{1b}[2J'", r"$'a\x1b[2J\''"),
            ("é\u{9b}", r"$'é\xc2\x9b'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[cfg(unix)]
    fn said_by(shell: &str, script: &str) -> Vec<u8> {
        let said = std::process::Command::new(shell).args(["-c", script]).output().unwrap();
        assert!(said.status.success(), "{script:?}: {said:?}");
        said.stdout
    }

    #[cfg(unix)]
    #[test]
    fn a_real_shell_does_too() {
        for word in ["a b", "it's; $(echo x) `echo y` \"z\" \\ $HOME * ?", "~", "!x", "日本"] {
            assert_eq!(said_by("sh", &format!("printf %s {}", quoted(word))), word.as_bytes());
        }
        let controls = ('\u{1}'..='\u{9f}').collect::<String>();
        let each = ('\u{1}'..='\u{9f}').map(|c| format!("a{c}1f'\\"));
        let hidden =
            ["user\u{202e}txt\u{2066}", "\u{200b}", "a\u{feff}\u{e0041}b", "line\nbreak\r\n", "'\u{1b}'", "\\x\u{7}"];
        for word in each.chain([controls]).chain(hidden.map(str::to_owned)) {
            let line = format!("printf %s {}", quoted(&word));
            assert!(!line.contains(|c: char| c.is_control() || crate::kernel::sanitize::hidden(c)), "{line:?}");
            assert_eq!(said_by("bash", &line), word.as_bytes(), "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_of_any_bytes_is_read_back() {
        use std::os::unix::ffi::OsStrExt as _;
        for bytes in [&b"/a\xff b/\x1b'"[..], b"/plain", b"/\xe2\x80\xae", b"/\xe2\x28\\"] {
            let line = format!("printf %s {}", path_quoted(Path::new(std::ffi::OsStr::from_bytes(bytes))));
            assert_eq!(said_by("bash", &line), bytes, "{line}");
        }
    }

    #[test]
    fn a_value_says_what_was_replaced() {
        let said = |text: &str| replaced("key".to_owned(), text);
        assert_eq!(said("a"), ("key".to_owned(), "a".to_owned()));
        assert_eq!(said("a\u{1b}b"), ("key (1 control character replaced)".to_owned(), "a␛b".to_owned()));
        assert_eq!(
            said("a\r\n\u{202e}🧑\u{200d}🌾"),
            ("key (3 control characters replaced)".to_owned(), "a␍␊<U+202E>🧑\u{200d}🌾".to_owned())
        );
    }

    fn envelope(event_id: &str, correlation_id: &str) -> EventEnvelope {
        let value = serde_json::json!({
            "event_id": event_id, "reseller_id": null, "tenant_id": "t_local", "workspace_id": null, "source": "shop",
            "event_type": "order.created", "correlation_id": correlation_id, "payload": {}, "agent_id": null,
            "session_id": null,
        });
        serde_json::from_value(value).unwrap()
    }

    #[cfg(unix)]
    #[test]
    fn a_copied_query_reaches_the_envelope_through_bash() {
        for (event, correlation, asked) in [
            ("ev_1", "c", Some("event:ev_1")),
            ("ev \u{1b}[2J", "c", Some("event:\"ev \u{1b}[2J\"")),
            ("ev\u{7f}\u{9b}\u{202e}", "c", Some("event:ev\u{7f}\u{9b}\u{202e}")),
            ("ev\0rest", "corr", Some("event:ev corr:corr")),
            ("\0rest", "corr", Some("corr:corr")),
            ("\0", "\0", None),
        ] {
            let envelope = envelope(event, correlation);
            let query = selecting(&envelope);
            assert_eq!(query.as_deref(), asked, "{event:?}");
            let Some(query) = query else { continue };
            let given = said_by("bash", &format!("printf %s {}", argument(&query).unwrap()));
            let given = String::from_utf8(given).unwrap();
            assert!(Query::parse::<EventEnvelope>(&given).unwrap().matches(&envelope), "{given:?}");
        }
        let query = selecting(&envelope(&"x".repeat(1 << 20), "c")).unwrap();
        assert!(query.len() < 1_000, "longer than an argument may be");
    }
}
