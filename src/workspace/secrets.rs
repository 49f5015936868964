//! `.fibric/secrets.toml`: a table for each connection and one for the model, a key for each slot (contract 6). Nothing of
//! its text is ever in a message.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::secret::Secret;

/// The file, relative to the workspace.
pub const FILE: &str = ".fibric/secrets.toml";

/// The secret of a slot; the error says what to write where.
pub fn find(root: &Path, table: &str, slot: &str) -> Result<Secret, Diagnostic> {
    let path = root.join(FILE);
    let missing = format!("write `{slot} = \"…\"` below `[{table}]` in `{FILE}`, then `chmod 600 {FILE}`");
    refuse_open_to_others(&path)?;
    let text = bounded_read::read_text(&path, bounded_read::SETTINGS).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Diagnostic::error(format!("there is no `{FILE}`, which has the secret `{table}.{slot}`")).help(&*missing)
        }
        _ => Diagnostic::error(format!("cannot read `{FILE}`: {error}")).in_file(FILE),
    })?;
    // The parser's own words and excerpts might repeat a value.
    let tables: BTreeMap<String, toml::Table> = toml::from_str(&text).map_err(|error| {
        let fault = Diagnostic::error("the secrets are not tables of texts in TOML").in_file(FILE);
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.bytes().filter(|byte| *byte == b'\n').count() + 1);
        Diagnostic { line: line.and_then(|line| u32::try_from(line).ok()), ..fault }.help(&*missing)
    })?;
    let value = tables.get(table).and_then(|table| table.get(slot)).and_then(toml::Value::as_str).ok_or_else(|| {
        Diagnostic::error(format!("there is no secret `{table}.{slot}`")).in_file(FILE).help(&*missing)
    })?;
    let secret = Secret::of(format!("{table}.{slot}"), value.trim());
    let secret = secret.filter(|_| value.trim().bytes().all(|byte| byte.is_ascii_graphic()));
    secret.ok_or_else(|| {
        let fault = format!("the secret `{table}.{slot}` is no key: it is short, or has blanks or other characters");
        Diagnostic::error(fault).in_file(FILE).help(missing)
    })
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path) -> Result<(), Diagnostic> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map(|about| about.permissions().mode() & 0o777);
    match mode {
        Ok(mode) if mode & 0o077 != 0 => {
            let fault = format!("`{FILE}` can be read or written by others (mode {mode:03o}), so it is not used");
            Err(Diagnostic::error(fault).in_file(FILE).help(format!("`chmod 600 {FILE}`")))
        }
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_open_to_others(_: &Path) -> Result<(), Diagnostic> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn workspace(text: &str, mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".fibric")).unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn a_secret_is_found_by_its_slot() {
        let folder = workspace("[reasoner]\napi_key = \" sk-12345678 \"\n", 0o600);
        assert_eq!(find(folder.path(), "reasoner", "api_key").unwrap().reveal(), "sk-12345678");
    }

    #[test]
    fn what_is_wrong_is_said_without_a_word_of_the_file() {
        for (text, mode, part) in [
            ("[reasoner]\napi_key = \"sk-12345678\"\n", 0o640, "mode 640"),
            ("[reasoner]\napi_key = \"sk-12345678\n", 0o600, "not tables"),
            ("sk-12345678", 0o600, "not tables"),
            ("api_key = \"sk-12345678\"", 0o600, "not tables"),
            ("[other]\napi_key = \"sk-12345678\"\n", 0o600, "no secret `reasoner.api_key`"),
            ("[reasoner]\napi_key = \"sk\"\n", 0o600, "is no key"),
            ("[reasoner]\napi_key = \"sk-12345678\\nHost: x\"\n", 0o600, "is no key"),
            ("[reasoner]\napi_key = 12345678\n", 0o600, "no secret"),
        ] {
            let folder = workspace(text, mode);
            let fault = find(folder.path(), "reasoner", "api_key").unwrap_err();
            let said = format!("{fault:?}");
            assert!(fault.message.contains(part) && !said.contains("12345678"), "{text}: {said}");
        }
        let none = tempfile::tempdir().unwrap();
        assert!(find(none.path(), "reasoner", "api_key").unwrap_err().message.contains("there is no"));
    }
}
