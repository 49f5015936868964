//! From a failure of running code to the line its author wrote.

use std::path::Path;

use oxc_sourcemap::SourceMap;

use super::graph::{Graph, Module};
use super::hints::advice;
use super::{BUILTIN, EXPORTS};
use crate::author::host::Limits;
use crate::author::message::{Failure, FailureKind};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::json::Span;

/// One author frame of a stack, in the author's own coordinates.
struct Frame<'a> {
    function: &'a str,
    file: &'a str,
    span: Span,
    text: &'a str,
}

/// Further frames named in the help line.
const MAX_CALLERS: usize = 4;

/// A failure as a diagnostic. `what` is what ran, as a sentence names it: `` `run` ``.
pub fn diagnose(graph: &Graph, what: &str, limits: &Limits, failure: &Failure) -> Diagnostic {
    if let Some(found) = missing_export(graph, &failure.message) {
        return found;
    }
    let diagnostic = Diagnostic::error(match failure.kind {
        FailureKind::Threw => format!("{what} failed: {}", failure.message),
        FailureKind::NeverSettled => format!("{what} returned a promise that never settles"),
        FailureKind::TookTooLong => format!("{what} took longer than {} and was stopped", limits.call_in_words()),
        FailureKind::OutOfMemory => format!("{what} used more than {} MiB and was stopped", limits.memory >> 20),
        FailureKind::OverLimit => format!("{what} was stopped: limit: {}", failure.message),
        FailureKind::BadResult => format!("{what} returned what cannot be used: {}", failure.message),
        FailureKind::HostDied => format!("{what} ended the process that ran it: {}", failure.message),
        FailureKind::HostStopped => format!("{what} could not be run: {}", failure.message),
    });
    let frames: Vec<Frame<'_>> =
        failure.stack.as_deref().unwrap_or_default().lines().filter_map(|line| frame(graph, line)).collect();
    let Some(first) = frames.first() else { return diagnostic.in_file(&*graph.entry) };
    let placed = diagnostic.in_file(first.file).at_span(first.text, &first.span, 1);
    let callers: Vec<String> = frames[1..].iter().take(MAX_CALLERS).map(caller).collect();
    let called = (!callers.is_empty()).then(|| format!("called from {}", callers.join(", ")));
    let advice = advice(&failure.message, first.text, &first.span);
    let help: Vec<_> = advice.into_iter().chain(called).collect();
    if help.is_empty() { placed } else { placed.help(help.join("; ")) }
}

fn caller(frame: &Frame<'_>) -> String {
    let place = crate::kernel::json::position(frame.text, frame.span.start);
    let function = if frame.function.is_empty() { String::new() } else { format!("`{}` at ", frame.function) };
    format!("{function}{}:{}:{}", frame.file, place.line, place.column)
}

/// Reads `    at run (operators/x.ts:12:5)` or `    at operators/x.ts:12:5`.
fn frame<'a>(graph: &'a Graph, line: &'a str) -> Option<Frame<'a>> {
    let rest = line.trim().strip_prefix("at ")?;
    let (function, place) = match rest.rsplit_once(" (") {
        Some((function, place)) => (function, place.strip_suffix(')')?),
        None => ("", rest),
    };
    let (rest, column) = place.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let (file, module) = graph.modules.get_key_value(file)?;
    let span = original(module, line.parse().ok()?, column.parse().ok()?);
    let function = function.trim_start_matches('<').trim_end_matches('>');
    Some(Frame { function, file, span, text: &module.text })
}

/// The word of the author's text at a 1-based place of the code that ran.
fn original(module: &Module, line: u32, column: u32) -> Span {
    let (line, column) = (line.saturating_sub(1), column.saturating_sub(1));
    let (line, column) = match &module.map {
        None => (line, column),
        Some(map) => written_at(map, line, column).unwrap_or((0, 0)),
    };
    word_at(&module.text, callee(&module.text, offset(&module.text, line, column)))
}

/// Where the source map says that a place comes from.
fn written_at(map: &str, line: u32, column: u32) -> Option<(u32, u32)> {
    let map = SourceMap::from_json_string(map).ok()?;
    let table = map.generate_lookup_table();
    let token = map.lookup_token_approx(&table, line, column)?;
    Some((token.get_src_line(), token.get_src_col()))
}

/// The byte offset of a 0-based line and UTF-16 column.
fn offset(text: &str, line: u32, column: u32) -> usize {
    let mut start = 0;
    for _ in 0..line {
        start += text[start..].find('\n').map_or(text.len() - start, |at| at + 1);
    }
    let mut units = 0;
    for (at, c) in text[start..].char_indices() {
        if units >= column as usize || c == '\n' {
            return start + at;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// The engine places a call at what follows its parenthesis; the function's name says more.
fn callee(text: &str, at: usize) -> usize {
    let Some(head) = text[..at].strip_suffix('(') else { return at };
    let name = head.trim_end_matches(is_word);
    if name.len() == head.len() { at } else { name.len() }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn word_at(text: &str, start: usize) -> Span {
    let rest = &text[start..];
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    start..start + length.max(rest.chars().next().map_or(0, char::len_utf8))
}

/// `Could not find export 'x' in module 'y'` says neither who imports it nor where.
fn missing_export(graph: &Graph, message: &str) -> Option<Diagnostic> {
    let (_, rest) = message.split_once("find export '")?;
    let (name, rest) = rest.split_once('\'')?;
    let (_, rest) = rest.split_once('\'')?;
    let (imported, _) = rest.split_once('\'')?;
    let mut diagnostic = Diagnostic::error(format!("`{imported}` does not export `{name}`"));
    if BUILTIN.contains(&imported) {
        let all = || format!("it exports `{}`", EXPORTS.join("`, `"));
        diagnostic = diagnostic.help(did_you_mean(name, EXPORTS).unwrap_or_else(all));
    }
    for (file, module) in &graph.modules {
        let Some((_, (_, span))) = module.imports.iter().find(|(_, (target, _))| target == imported) else { continue };
        let statement = module.text[..span.start].rfind("import").unwrap_or(span.start);
        let within = &module.text[statement..span.start];
        let place =
            find_word(within, name, 0).map_or_else(|| span.clone(), |at| at.start + statement..at.end + statement);
        if within.contains(name) {
            return Some(diagnostic.in_file(&**file).at_span(&module.text, &place, 1));
        }
    }
    Some(diagnostic.in_file(&*graph.entry))
}

fn find_word(text: &str, word: &str, occurrence: usize) -> Option<Span> {
    text.match_indices(word)
        .filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .nth(occurrence)
        .map(|(at, _)| at..at + word.len())
}

fn module_is_code(name: &str) -> bool {
    Path::new(name).extension().is_none_or(|extension| extension != "json")
}

/// Places a fault of a definition at a word of the author's source, the entry's first.
pub fn mark_word(graph: &Graph, diagnostic: Diagnostic, word: Option<&str>, occurrence: usize) -> Diagnostic {
    let entry = graph.modules.get_key_value(&graph.entry);
    let others = graph.modules.iter().filter(|(name, _)| **name != graph.entry && module_is_code(name));
    if let Some(word) = word.filter(|word| !word.is_empty()) {
        for (file, module) in entry.into_iter().chain(others) {
            let found = find_word(&module.text, word, occurrence).or_else(|| find_word(&module.text, word, 0));
            if let Some(span) = found {
                return diagnostic.in_file(&**file).at_span(&module.text, &span, 1);
            }
        }
    }
    diagnostic.in_file(&*graph.entry)
}
