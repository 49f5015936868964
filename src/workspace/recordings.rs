//! What was recorded beside fixtures: golden plans, one file for each fixture file, a line for each envelope and
//! operator. Knows the files and their lines; what they are compared with is not known here.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::fixtures::RECORDINGS;
use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{self, Raw, Value};
use crate::kernel::plan::{Digits, ExecutionPlan};
use crate::kernel::shape::{Fields, ShapeError};

/// What the name of a file of golden plans ends with.
const PLANS: &str = ".plans.jsonl";

/// Bytes beyond which a file of recordings is not read.
const MOST: u64 = 256 << 20;

/// Lines of one file that are told to be broken; more are counted.
const SAID: usize = 20;

/// One line of a file of golden plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoldenPlan {
    /// Digest of the envelope.
    pub envelope: String,
    /// Which of those that are alike in its fixture file, from 1.
    pub occurrence: u32,
    /// Who proposed it; null where no trigger matched, so that nobody was asked.
    pub operator: Option<String>,
    /// The envelope's type, for people.
    pub event_type: String,
    /// The envelope's correlation id, for people.
    pub correlation_id: String,
    /// The plan, as it was proposed; null where nobody was asked.
    pub plan: Raw,
}

/// A file of golden plans, as far as it could be read.
#[derive(Debug, Default)]
pub struct GoldenFile {
    /// Sound lines in order, each with its number.
    pub plans: Vec<(u32, GoldenPlan)>,
    /// What is wrong with the others.
    pub faults: Vec<Diagnostic>,
}

/// The digest by which recordings know an envelope: SHA-256 over its ten fields as they are written, in hexadecimal.
pub fn digest(envelope: &EventEnvelope) -> String {
    let text = serde_json::to_string(envelope).unwrap_or_default();
    let mut shown = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}

/// Where the golden plans of a fixture file are.
pub fn golden_path(fixture: &Path) -> PathBuf {
    let mut name = fixture.file_name().unwrap_or_default().to_owned();
    name.push(PLANS);
    fixture.with_file_name(RECORDINGS).join(name)
}

/// Reads a file of golden plans; none where there is no such file.
pub fn read_golden(path: &Path, shown: &str) -> Option<GoldenFile> {
    let bytes = match bounded_read::read(path, MOST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            let fault = Diagnostic::error(format!("cannot read the golden plans `{shown}`: {error}")).in_file(shown);
            return Some(GoldenFile { plans: Vec::new(), faults: vec![fault] });
        }
    };
    let mut file = GoldenFile::default();
    let mut untold = 0_usize;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    for (number, line) in (1_u32..).zip(text.split(|byte| *byte == b'\n')) {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match golden_line(line, shown, number) {
            Ok(plan) => file.plans.push((number, plan)),
            Err(fault) if file.faults.len() < SAID => file.faults.push(fault),
            Err(_) => untold += 1,
        }
    }
    if untold > 0 {
        file.faults.push(Diagnostic::error(format!("{untold} more lines are no golden plans")).in_file(shown));
    }
    Some(file)
}

fn golden_line(line: &[u8], shown: &str, number: u32) -> Result<GoldenPlan, Diagnostic> {
    const HELP: &str = "`fibric dev replay --record` writes the file anew";
    let broken =
        |message: String| Diagnostic { line: Some(number), ..Diagnostic::error(message).in_file(shown).help(HELP) };
    let text = std::str::from_utf8(line).map_err(|error| {
        broken(format!("this line is no golden plan: it is not UTF-8 at byte {}", error.valid_up_to()))
    })?;
    let value = match json::read(text) {
        Ok(document) => document.value,
        Err(error) => {
            let span = error.offset..error.offset;
            let fault = Diagnostic::error(format!("this line is no golden plan: {error}"));
            return Err(fault.in_file(shown).at_span(text, &span, number).help(HELP));
        }
    };
    GoldenPlan::from_json(&value).map_err(|faults| {
        let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let help = faults.iter().find_map(|fault| fault.help.clone()).unwrap_or_else(|| HELP.to_owned());
        broken(format!("this line is no golden plan: {}", said.join("; "))).help(help)
    })
}

impl GoldenPlan {
    fn from_json(value: &Value) -> Result<Self, Vec<ShapeError>> {
        const KNOWN: [&str; 6] = ["envelope", "occurrence", "operator", "event_type", "correlation_id", "plan"];
        let mut fields = Fields::of(value, "a golden plan", &KNOWN)?;
        let occurrence = fields.get("occurrence").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        if occurrence.is_none_or(|n| n == 0) {
            fields.wrong("occurrence", "`occurrence` is no number from 1 on".to_owned(), None);
        }
        let operator = fields.nullable_text("operator");
        let plan = fields.get("plan").cloned().unwrap_or_default();
        match (&operator, &plan) {
            (None, Value::Null) => {}
            (None, _) => fields.wrong("plan", "`plan` is not null, though nobody was asked".to_owned(), None),
            (Some(_), plan) => {
                if let Err(faults) = ExecutionPlan::from_json(plan, Digits::Float) {
                    fields.extend(faults.into_iter().map(|fault| fault.under("/plan")));
                }
            }
        }
        let golden = Self {
            envelope: fields.text("envelope"),
            occurrence: occurrence.unwrap_or(1),
            operator,
            event_type: fields.text("event_type"),
            correlation_id: fields.text("correlation_id"),
            plan: Raw::of(&plan),
        };
        fields.finish(golden)
    }

    /// Its line, with its line break.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden(operator: Option<&str>, plan: &str) -> GoldenPlan {
        GoldenPlan {
            envelope: "ab".repeat(32),
            occurrence: 1,
            operator: operator.map(str::to_owned),
            event_type: "order.created".to_owned(),
            correlation_id: "c".to_owned(),
            plan: Raw::parse(plan).unwrap(),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_what_is_broken_is_placed() {
        let folder = tempfile::tempdir().unwrap();
        let path = golden_path(&folder.path().join("a.jsonl"));
        assert!(path.ends_with("recordings/a.jsonl.plans.jsonl"));
        assert!(read_golden(&path, "x").is_none());
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        let lines = [golden(Some("risk"), r#"{"actions":[{"value":9007199254740993}]}"#), golden(None, "null")];
        let whole: String = lines.iter().map(GoldenPlan::line).collect();
        let odd = whole.replace("\"operator\":\"risk\"", "\"operatr\":\"risk\"");
        let none = golden(Some("risk"), r#"{"actions":7}"#).line();
        let text = format!("\u{feff}{whole}\r\n<<<<<<< ours\n{odd}{none}{}", &whole[..40]);
        std::fs::write(&path, [text.as_bytes(), b"\n\xff{}"].concat()).unwrap();
        let file = read_golden(&path, "recordings/a").unwrap();
        let found: Vec<_> = file.plans.iter().map(|(number, plan)| (*number, plan.operator.as_deref())).collect();
        assert_eq!(found, [(1, Some("risk")), (2, None), (6, None)]);
        assert_eq!(file.plans[0].1, lines[0]);
        let places: Vec<_> = file.faults.iter().map(|fault| fault.place().unwrap()).collect();
        assert_eq!(
            places,
            ["recordings/a:4:1", "recordings/a:5", "recordings/a:7", "recordings/a:8:41", "recordings/a:9"]
        );
        assert_eq!(file.faults[1].help.as_deref(), Some("did you mean `operator`?"));
    }

    #[test]
    fn a_file_of_nothing_but_faults_is_told_in_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "nope\n".repeat(5_000)).unwrap();
        let file = read_golden(&path, "x").unwrap();
        assert_eq!((file.plans.len(), file.faults.len()), (0, SAID + 1));
        assert!(file.faults[SAID].message.starts_with("4980 more lines"));
    }
}
