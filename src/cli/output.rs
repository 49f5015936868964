//! Standard output and standard error: one writer for facts, one for complaints; and files that a person named.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::exit::{Exit, Failure};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert_json;
use crate::report::diagnostics::{self, Style};
use crate::workspace::named_file::{NamedFile, folder_of};

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

/// Tells what was wrong: on standard error for people; as JSON lines on standard output, where that was asked for. What
/// standard output does not take is told on standard error.
pub fn print_diagnostics(found: &[Diagnostic], as_json: bool) {
    if as_json && found.iter().all(|diagnostic| json(diagnostic).is_ok()) {
        return;
    }
    print_diagnostics_beside(found, false);
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
pub fn print_diagnostics_beside(found: &[Diagnostic], as_json: bool) {
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

/// A bar on standard error, where a person waits at a terminal; elsewhere one that is never seen.
pub fn progress(look: &str) -> ProgressBar {
    let terminal = io::stderr().is_terminal();
    let target = if terminal { ProgressDrawTarget::stderr_with_hz(10) } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(look) = ProgressStyle::with_template(look) {
        bar.set_style(look);
    }
    bar
}

/// True once work has gone on for so long that a bar helps someone.
pub fn is_waited_for(bar: &ProgressBar) -> bool {
    bar.elapsed() > Duration::from_millis(300)
}

/// A file that a person named, while it is being written.
pub struct Written {
    path: PathBuf,
    file: NamedFile,
}

impl Written {
    /// Begins the file. The kernel's own state is none that an output may replace.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        let below: Vec<_> = resolved(path).components().map(|part| part.as_os_str().to_owned()).collect();
        if below.windows(2).any(|parts| parts[0] == ".fibric" && parts[1] == "dev") {
            let fault = format!("`{}` is below `.fibric/dev`, where the kernel keeps its state", path.display());
            return Err(Failure::usage(Diagnostic::error(fault).help("name a file elsewhere")));
        }
        let file = NamedFile::create(path).map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// Adds text.
    pub fn add(&mut self, text: &str) -> Result<(), Failure> {
        self.add_bytes(text.as_bytes())
    }

    /// Adds bytes.
    pub fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.file.write_all(bytes).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), Failure> {
        self.file.finish().map_err(|error| cannot_write(&self.path, &error))
    }
}

/// The path with the links of its folders followed.
fn resolved(path: &Path) -> PathBuf {
    let whole =
        path.canonicalize().or_else(|_| Ok(folder_of(path).canonicalize()?.join(path.file_name().unwrap_or_default())));
    whole.unwrap_or_else(|_: io::Error| path.to_path_buf())
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let fault = Diagnostic::error(format!("cannot write `{}`: {error}", path.display()));
    Failure::Told { diagnostics: vec![fault], exit: Exit::Failed }
}

/// Writes a whole file that a person named.
pub fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    write_bytes(path, text.as_bytes())
}

/// The same, where it is no text.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut written = Written::begin(path)?;
    written.add_bytes(bytes)?;
    written.finish()
}
