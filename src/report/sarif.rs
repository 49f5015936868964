//! SARIF 2.1.0, as code review and editors read it: findings with a rule, a level and a place.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::inert::inert_json;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of finding, such as `policy/check`.
    pub rule: &'static str,
    /// What the kind is about, in a sentence.
    pub about: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What was found, and where.
    pub diagnostic: Diagnostic,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It must not stay.
    Error,
    /// It may not be what was meant.
    Warning,
    /// Good to know.
    Note,
}

impl Finding {
    /// A finding as grave as its diagnostic.
    pub fn new(rule: &'static str, about: &'static str, diagnostic: Diagnostic) -> Self {
        let level = match diagnostic.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        };
        Self { rule, about, level, diagnostic }
    }
}

/// The document.
pub fn document(findings: &[Finding]) -> String {
    let kinds: BTreeMap<_, _> = findings.iter().map(|finding| (finding.rule, finding.about)).collect();
    let rules: Vec<Value> =
        kinds.into_iter().map(|(id, about)| json!({ "id": id, "shortDescription": { "text": about } })).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    let driver = json!({ "name": "fibric", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    inert_json(&format!("{log:#}\n")).into_owned()
}

fn result(finding: &Finding) -> Value {
    let found = &finding.diagnostic;
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let text = found.help.as_ref().map_or_else(|| found.message.clone(), |help| format!("{}; {help}", found.message));
    let mut result = json!({ "ruleId": finding.rule, "level": level, "message": { "text": text } });
    if let Some(file) = &found.file {
        let mut place = json!({ "artifactLocation": { "uri": uri(file) } });
        if let Some(line) = found.line {
            let region = &mut place["region"];
            region["startLine"] = json!(line);
            if let Some(column) = found.column {
                region["startColumn"] = json!(column);
            }
        }
        result["locations"] = json!([{ "physicalLocation": place }]);
    }
    result
}

/// A path as a relative reference, or as a `file:` one where it is absolute.
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            b'\\' => uri.push('/'),
            // Writing to a string cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_with_and_without_a_place() {
        let text = "- tool: order.refund\n  maxvalue: 100\n";
        let misspelt = Diagnostic::error("unknown key `maxvalue` in rule 1")
            .in_file("policy/trüst 1.yaml")
            .at_span(text, &(23..31), 1)
            .help("did you mean `maxValue`?");
        let findings = [
            Finding::new("policy/check", "a policy file", misspelt),
            Finding::new("policy/check", "a policy file", Diagnostic::warning("no loaded tool provides it")),
            Finding {
                level: Level::Note,
                ..Finding::new("policy/diff", "a change", Diagnostic::warning("closed").in_file("/a"))
            },
        ];
        insta::assert_snapshot!(document(&findings).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    proptest::proptest! {
        #[test]
        fn any_finding_is_read_back_and_leads_nobody(message in ".{0,20}[\\u{7f}-\\u{9f}\\u{2028}-\\u{202e}\\u{200b}]?.{0,20}") {
            let text = document(&[Finding::new("policy/check", "a policy file", Diagnostic::error(message.clone()))]);
            let active = |c: char| c != '\n' && (c.is_control() || crate::kernel::inert::hidden(c));
            proptest::prop_assert!(!text.contains(active));
            let read: Value = serde_json::from_str(&text).unwrap();
            proptest::prop_assert_eq!(&read["runs"][0]["results"][0]["message"]["text"], &json!(message));
        }
    }
}
