//! Answers without a model: offline and deterministic.
//!
//! A rule file is `operators/<operator>.reason.json`: a list of `{ "when": { "<pointer>": value }, "answer": … }`, read
//! in order; the first whose pointers into the input all hold gives the answer.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Question, Reasoner};
use crate::author::bounded_read;
use crate::author::host::Reasoned;
use crate::kernel::json::{self, Raw, Value};

/// The stub reasoner of a workspace.
#[derive(Debug, Clone)]
pub struct Stub {
    folder: PathBuf,
}

impl Stub {
    /// Looks for rule files in the workspace's `operators/`.
    pub fn new(root: &Path) -> Self {
        Self { folder: root.join("operators") }
    }
}

impl Reasoner for Stub {
    fn leaves_to_stub(&self) -> bool {
        true
    }

    fn reason(&self, asked: &Question) -> Result<Reasoned, String> {
        if asked.has_stub {
            return Ok(Reasoned::Stub);
        }
        let name = format!("{}.reason.json", asked.operator);
        let text = bounded_read::read_text(&self.folder.join(&name), bounded_read::SETTINGS);
        let text = text.map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!(
                "nothing answers `ctx.reason`: operator {} has no `stub(input)`, and there is no `operators/{name}`",
                asked.operator
            ),
            _ => format!("operators/{name} cannot be read: {error}"),
        })?;
        answer(&text, asked.input).map_err(|error| format!("operators/{name}: {error}")).map(Reasoned::Answer)
    }
}

/// The answer of a rule file to an input.
fn answer(text: &str, input: &Raw) -> Result<Raw, String> {
    let rules = json::read(text).map_err(|error| error.to_string())?.value;
    let input = input.value();
    let rules = rules.as_array().ok_or("expected a list of rules")?;
    for (index, rule) in rules.iter().enumerate() {
        let when = rule.get("when").and_then(Value::as_object);
        let when = when.ok_or_else(|| format!("rule {}: `when` is not an object", index + 1))?;
        if when.iter().all(|(pointer, wanted)| input.pointer(pointer) == Some(wanted)) {
            let answer = rule.get("answer").ok_or_else(|| format!("rule {}: `answer` is missing", index + 1))?;
            return Ok(Raw::of(answer));
        }
    }
    Err(format!("none of its {} rules matches the input", rules.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_holds_answers() {
        let rules = r#"[{"when":{"/a/b":1},"answer":"one"},{"when":{},"answer":{"any":true}}]"#;
        let ask = |input: &str| answer(rules, &Raw::parse(input).unwrap()).unwrap();
        assert_eq!(ask(r#"{"a":{"b":1}}"#).as_str(), "\"one\"");
        assert_eq!(ask(r#"{"a":{"b":2}}"#).as_str(), "{\"any\":true}");
    }

    #[test]
    fn without_stub_or_file_the_error_names_both() {
        let input = Raw::null();
        let asked = Question { operator: "desk", has_stub: false, input: &input };
        let error = Stub::new(Path::new("/nowhere")).reason(&asked).unwrap_err();
        assert!(error.contains("stub(input)") && error.contains("operators/desk.reason.json"), "{error}");
    }
}
