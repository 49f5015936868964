//! Standard output and standard error: one writer for facts, one for complaints.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::inert::inert_json;
use crate::report::diagnostics::{self, Style};

/// Colours where a person reads along and has not declined them.
pub fn style(terminal: bool) -> Style {
    let declined = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if terminal && !declined { Style::Coloured } else { Style::Plain }
}

/// The style of standard output.
pub fn stdout_style() -> Style {
    style(io::stdout().is_terminal())
}

/// Writes text to standard output at once.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes one JSON line to standard output.
pub fn json(value: &impl Serialize) -> io::Result<()> {
    print_json(&(serde_json::to_string(value)? + "\n"))
}

/// Writes JSON lines to standard output, made inert: whoever reads them gets the same values, and a terminal, a log
/// or a page that shows them is not led by them.
pub fn print_json(text: &str) -> io::Result<()> {
    print(&inert_json(text))
}

/// Tells what was wrong: on standard error for people; as JSON lines on standard output, where that was asked for.
pub fn complain(found: &[Diagnostic], as_json: bool) {
    let style = style(io::stderr().is_terminal());
    for diagnostic in found {
        // Where even this cannot be written there is no one left to tell.
        let _ = if as_json {
            json(diagnostic)
        } else {
            writeln!(io::stderr(), "{}", diagnostics::render(diagnostic, style))
        };
    }
}

/// Entries as JSON lines.
pub fn json_lines<'a, T: Serialize + 'a>(entries: impl IntoIterator<Item = &'a T>) -> String {
    let mut text = String::new();
    for entry in entries {
        if let Ok(line) = serde_json::to_string(entry) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// Tells findings that do not end the command: always on standard error, so that standard output stays facts.
pub fn complain_beside(found: &[Diagnostic], as_json: bool) {
    let style = style(io::stderr().is_terminal());
    for diagnostic in found {
        let text = if as_json {
            inert_json(&serde_json::to_string(diagnostic).unwrap_or_default()).into_owned()
        } else {
            diagnostics::render(diagnostic, style)
        };
        let _ = writeln!(io::stderr(), "{text}");
    }
}
