//! `console.toml`: what was chosen and holds the next time. Other entries of the file are left as they are.

use std::io::ErrorKind;
use std::path::Path;

use crate::kernel::diagnostic::Diagnostic;
use crate::session::state_files;
use crate::workspace::named_file;

/// The theme that was kept, if one was.
pub fn theme(path: &Path) -> Result<Option<String>, Diagnostic> {
    Ok(read(path)?.get("theme").and_then(|theme| theme.as_str()).map(str::to_owned))
}

fn read(path: &Path) -> Result<toml::Table, Diagnostic> {
    let text = match super::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(toml::Table::new()),
        Err(error) => return Err(Diagnostic::error(format!("cannot be read: {error}")).in_file("console.toml")),
    };
    text.parse().map_err(|error: toml::de::Error| {
        let fault = Diagnostic::error(error.message().to_owned()).in_file("console.toml");
        fault.at_span(&text, &error.span().unwrap_or(0..0), 1)
    })
}

/// Keeps the theme of that name: written beside and renamed, so that there is never half a file.
pub fn keep(path: &Path, name: &str) -> Result<(), Diagnostic> {
    let mut table = read(path)?;
    table.insert("theme".to_owned(), toml::Value::String(name.to_owned()));
    write(path, &table.to_string()).map_err(|error| {
        Diagnostic::warning(format!("the theme holds until the console ends; it cannot be kept: {error}"))
            .in_file("console.toml")
    })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if state_files::is_state(path) {
        return state_files::keep(path, text.as_bytes());
    }
    std::fs::create_dir_all(named_file::folder_of(path))?;
    named_file::write(path, text.as_bytes())
}
