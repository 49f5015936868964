//! What of the selected row goes to the clipboard: a value, its JSON, or the command line that shows it again.

use std::path::Path;

use super::errands::Errand;
use super::state::{Row, RowKind, State};
use super::told::told;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Fact, Received, Source};
use crate::kernel::receipt::Receipt;
use crate::query::Query;
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

/// The errand for the selected row; `again` counts how often a value was asked for.
pub fn copy(state: &State, what: What, again: usize) -> Option<Errand> {
    let row = state.selected()?;
    let (what, text) = match what {
        What::Value => {
            let mut values = values(state, row);
            let at = again.checked_rem(values.len())?;
            values.swap_remove(at)
        }
        What::Json => json(state, row)?,
        What::Command => ("command".to_owned(), command(state, row)?),
    };
    Some(Errand::Copy { what, text })
}

/// What a row is known by, the likeliest first.
fn values(state: &State, row: Row) -> Vec<(String, String)> {
    let Some(entry) = state.entry(row) else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |what: &str, text: &str| {
        if !text.is_empty() {
            found.push((what.to_owned(), text.to_owned()));
        }
    };
    let sentence = told(state, row).map(|told| told.sentence.into_owned()).unwrap_or_default();
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
    if let Some(envelope) = state.arrival(row).and_then(|arrival| state.envelope(arrival)) {
        add("event id", &envelope.event_id);
        add("correlation id", &envelope.correlation_id);
    }
    found
}

fn json(state: &State, row: Row) -> Option<(String, String)> {
    let of = |what: &str, text: serde_json::Result<String>| Some((what.to_owned(), text.ok()?));
    let envelope = state.arrival(row).and_then(|arrival| state.envelope(arrival));
    match (&state.entry(row)?.fact, envelope) {
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

/// The command line that shows a row again, from where the console was started.
pub fn command(state: &State, row: Row) -> Option<String> {
    let line = match &state.entry(row)?.fact {
        Fact::Refused(refused) => format!("fibric dev replay {}", path(refused.origin.file.as_deref()?)),
        Fact::PolicyLoaded(_) | Fact::RunStarted(_) => "fibric policy check".to_owned(),
        Fact::Loaded(_) | Fact::Noticed(_) => "fibric doctor".to_owned(),
        fact => {
            let received = state.arrival(row).and_then(|arrival| state.received(arrival))?;
            match (fact, received.origin.source) {
                (Fact::Disposed(disposed), Source::Live) => {
                    format!("fibric receipts tail --where {}", quoted(&format!("id:{}", disposed.receipt.id)))
                }
                (_, Source::Live) => return None,
                _ => replay(state, row, received)?,
            }
        }
    };
    // A path inside the workspace is relative to its root.
    let elsewhere = state.elsewhere.as_deref().map(|root| format!("cd {} && ", path_quoted(root)));
    Some(elsewhere.unwrap_or_default() + &line)
}

fn replay(state: &State, row: Row, received: &Received) -> Option<String> {
    let file = received.origin.file.as_deref()?;
    let mut files = vec![file];
    let mut only = selecting(&received.envelope);
    if let Fact::Disposed(disposed) = &state.entry(row)?.fact
        && let Some(claimed_by) = &disposed.receipt.claimed_by
    {
        // A key is found used only where what used it is played too.
        let claimer = state.received(state.arrival(state.claimer(row, claimed_by)?)?)?;
        if claimer.envelope.event_id != received.envelope.event_id {
            only = None;
        }
        let first = claimer.origin.file.as_deref()?;
        if first != file {
            files.insert(0, first);
        }
    }
    let mut line = "fibric dev replay".to_owned();
    for file in files {
        line.push_str(&format!(" {}", path(file)));
    }
    if let Some(query) = only {
        line.push_str(&format!(" --where {}", quoted(&query)));
    }
    if received.clock != FIXTURE_NOW {
        line.push_str(&format!(" --now {}", quoted(&received.clock)));
    }
    if row.kind == RowKind::Plan && state.arrival(row).is_some_and(|arrival| state.proposes_only(arrival)) {
        line.push_str(" --propose-only");
    }
    Some(line)
}

/// A query for an envelope; none when its id cannot be said in one.
fn selecting(envelope: &EventEnvelope) -> Option<String> {
    let id = &envelope.event_id;
    let query = if id.contains(char::is_whitespace) { format!("event:\"{id}\"") } else { format!("event:{id}") };
    Query::parse::<EventEnvelope>(&query).ok().filter(|parsed| parsed.matches(envelope)).map(|_| query)
}

fn path(file: &str) -> String {
    // What begins with a dash would be taken for an option.
    if file.starts_with('-') { quoted(&format!("./{file}")) } else { quoted(file) }
}

fn path_quoted(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

/// A word for a POSIX shell; one that could act on a terminal is written in escapes.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if !word.chars().any(char::is_control) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut out = "$'".to_owned();
    for c in word.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
            }
            c => out.push(c),
        }
    }
    out + "'"
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
    #[test]
    fn a_real_shell_does_too() {
        for word in ["a b", "it's; $(echo x) `echo y` \"z\" \\ $HOME * ?", "~", "!x", "日本"] {
            let said = std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]).output();
            assert_eq!(String::from_utf8(said.unwrap().stdout).unwrap(), word);
        }
    }
}
