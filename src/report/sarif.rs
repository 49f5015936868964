//! SARIF 2.1.0, as code review and editors read it: findings with a rule, a level and a place. Knows nothing of what is
//! found.
//!
//! Code scanning refuses a whole file for one result without a place, so every result has one; paths are relative to
//! the root of the repository, which is what it takes them for.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::kernel::diagnostic::{Diagnostic, Severity};
use crate::kernel::sanitize::inert_json;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
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

/// Where places are.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The workspace's folder, relative to the root of the repository; empty where it is that root.
    pub folder: &'a str,
    /// The file, relative to the workspace, at whose beginning stands what has no place of its own.
    pub file: &'a str,
}

/// The document.
pub fn document(findings: &[Finding], ground: Ground<'_>) -> String {
    let kinds: BTreeMap<_, _> = findings.iter().map(|finding| (finding.rule, finding.about)).collect();
    let rules = kinds.into_iter().map(|(id, about)| Rule { id, short_description: Text { text: about.to_owned() } });
    let driver = Driver { name: "fibric", version: env!("CARGO_PKG_VERSION"), rules: rules.collect() };
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        results: findings.iter().map(|finding| result(finding, ground)).collect(),
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    // Text and numbers: there is nothing in it that JSON cannot hold.
    let written = serde_json::to_string_pretty(&log).unwrap_or_default() + "\n";
    inert_json(&written).into_owned()
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'a str,
    results: Vec<Result<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'a str,
    version: &'a str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Result<'a> {
    rule_id: &'a str,
    level: Level,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
}

fn result<'a>(finding: &'a Finding, ground: Ground<'_>) -> Result<'a> {
    let found = &finding.diagnostic;
    let text = found.help.as_ref().map_or_else(|| found.message.clone(), |help| format!("{}; {help}", found.message));
    let (file, line, column) = match &found.file {
        Some(file) => (file.as_str(), found.line.unwrap_or(1), found.column.unwrap_or(1)),
        None => (ground.file, 1, 1),
    };
    let region = Region { start_line: line.max(1), start_column: column.max(1) };
    let artifact_location = ArtifactLocation { uri: uri(file, ground.folder) };
    let physical_location = PhysicalLocation { artifact_location, region };
    let locations = [Location { physical_location }];
    Result { rule_id: finding.rule, level: finding.level, message: Text { text }, locations }
}

/// What a path is made of that stands in a URI as it is.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A path as a reference relative to the repository, or as a `file:` one where it is absolute.
fn uri(path: &str, folder: &str) -> String {
    let encoded = utf8_percent_encode(path, &PLAIN);
    match (path.starts_with('/'), folder) {
        (true, _) => format!("file://{encoded}"),
        (false, "") => encoded.to_string(),
        (false, folder) => format!("{}/{encoded}", utf8_percent_encode(folder, &PLAIN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUND: Ground<'_> = Ground { folder: "", file: "policy/trust.yaml" };

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
        let ground = Ground { folder: "shops/eu west", ..GROUND };
        insta::assert_snapshot!(document(&findings, ground).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    proptest::proptest! {
        #[test]
        fn any_finding_is_read_back_has_a_place_and_leads_nobody(
            message in ".{0,20}[\\u{7f}-\\u{9f}\\u{2028}-\\u{202e}\\u{200b}]?.{0,20}",
            file in proptest::option::of("[a-zé \\\\%#?/.-]{1,12}"),
            line in proptest::option::of(0..5_u32),
        ) {
            let found = Diagnostic { file, line, ..Diagnostic::error(message.clone()) };
            let text = document(&[Finding::new("policy/check", "a policy file", found)], GROUND);
            let active = |c: char| c != '\n' && (c.is_control() || crate::kernel::sanitize::hidden(c));
            proptest::prop_assert!(!text.contains(active));
            let read: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
            let result = read.runs[0].results.as_ref().unwrap()[0].clone();
            proptest::prop_assert_eq!(result.message.text, Some(message));
            let place = result.locations.unwrap()[0].physical_location.clone().unwrap();
            let region = place.region.unwrap();
            proptest::prop_assert!(region.start_line.unwrap() > 0 && region.start_column.unwrap() > 0);
            let uri = place.artifact_location.unwrap().uri.unwrap();
            proptest::prop_assert!(!uri.is_empty() && !uri.contains([' ', '\\', '#', '?']), "{}", uri);
        }
    }
}
