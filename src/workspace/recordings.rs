//! What was recorded beside fixtures: golden plans, one file for each fixture file, a line for each envelope and
//! operator. Knows the files and their lines; what they are compared with is not known here.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::fixtures::RECORDINGS;
use crate::cassette;
use crate::cassette::lines::{self, Lines, Wording};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{Raw, Value};
use crate::kernel::plan::{Digits, ExecutionPlan};
use crate::kernel::shape::{Fields, ShapeError};

/// What the name of a file of golden plans ends with.
const PLANS: &str = ".plans.jsonl";

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

/// The digest by which recordings know an envelope: SHA-256 over its ten fields as they are written, in hexadecimal.
pub fn digest(envelope: &EventEnvelope) -> String {
    cassette::digest(&serde_json::to_string(envelope).unwrap_or_default())
}

/// Where the golden plans of a fixture file are.
pub fn golden_path(fixture: &Path) -> PathBuf {
    let mut name = fixture.file_name().unwrap_or_default().to_owned();
    name.push(PLANS);
    fixture.with_file_name(RECORDINGS).join(name)
}

/// Reads a file of golden plans; none where there is no such file.
pub fn read_golden(path: &Path, shown: &str) -> Option<Lines<GoldenPlan>> {
    const WORDING: Wording = Wording {
        file: "the golden plans",
        line: "golden plan",
        help: "`fibric dev replay --record` writes the file anew",
    };
    lines::read(path, shown, &WORDING, GoldenPlan::from_json)
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
        let found: Vec<_> = file.sound.iter().map(|(number, plan)| (*number, plan.operator.as_deref())).collect();
        assert_eq!(found, [(1, Some("risk")), (2, None), (6, None)]);
        assert_eq!(file.sound[0].1, lines[0]);
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
        assert_eq!((file.sound.len(), file.faults.len()), (0, 21));
        assert!(file.faults[20].message.starts_with("4980 more lines"));
    }
}
