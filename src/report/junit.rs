//! JUnit XML, as build servers read it: suites of cases that passed, failed or could not be decided. Knows nothing of
//! what the cases are about.

use std::collections::HashMap;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::kernel::sanitize::{hidden, inert};

/// Cases under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// What the cases are about.
    pub name: String,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// The file it stands in, relative to the workspace.
    pub file: Option<String>,
    /// The line it starts on.
    pub line: Option<u32>,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not as it should: in a sentence, and in full.
    Failed(String, String),
    /// It could not be told.
    Errored(String, String),
}

/// The document.
pub fn document(suites: &[Suite]) -> String {
    let mut report = Report::unnamed();
    report.add_test_suites(suites.iter().map(suite));
    let written = report.to_string().unwrap_or_default();
    // The schema that Jenkins holds files against knows no `skipped` on the outermost element.
    let written = written.replacen(" skipped=\"0\"", "", 1);
    if !written.contains(hidden) {
        return written;
    }
    // What is part of words, and shown as nothing, is a reference: whoever reads the file has it, whoever looks sees it.
    let mut shown = String::with_capacity(written.len() + 16);
    for c in written.chars() {
        if hidden(c) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "&#x{:X};", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

fn suite(suite: &Suite) -> TestSuite {
    let mut written = TestSuite::new(shown(&suite.name));
    let mut names: HashMap<_, usize> = HashMap::new();
    for case in &suite.cases {
        *names.entry((case.file.as_deref(), case.name.as_str())).or_default() += 1;
    }
    written.add_test_cases(suite.cases.iter().map(|case| {
        let is_shared = names.get(&(case.file.as_deref(), case.name.as_str())).is_some_and(|times| *times > 1);
        test_case(case, &suite.name, is_shared)
    }));
    written
}

/// A case. Readers tell cases apart by class and name: one whose name is not its own is told by its line too.
fn test_case(case: &Case, suite: &str, is_shared: bool) -> TestCase {
    let status = match &case.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(sentence, whole) => unsuccessful(NonSuccessKind::Failure, "failed", sentence, whole, case),
        Outcome::Errored(sentence, whole) => unsuccessful(NonSuccessKind::Error, "undecided", sentence, whole, case),
    };
    let name = match case.line.filter(|_| is_shared) {
        Some(line) => format!("{} (line {line})", case.name),
        None => case.name.clone(),
    };
    let mut written = TestCase::new(shown(&name), status);
    written.set_classname(shown(case.file.as_deref().unwrap_or(suite)));
    written
}

fn unsuccessful(kind: NonSuccessKind, word: &str, sentence: &str, whole: &str, case: &Case) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    // No attribute that every reader knows holds a place, so it stands in the text.
    let place = match (&case.file, case.line) {
        (Some(file), Some(line)) => vec![shown(&format!("{file}:{line}"))],
        _ => Vec::new(),
    };
    let lines: Vec<_> = place.into_iter().chain(whole.lines().map(shown)).collect();
    status.set_message(shown(sentence)).set_type(word).set_description(lines.join("\n"));
    status
}

/// Text that leads nobody who looks at the file, and that XML can hold.
fn shown(text: &str) -> String {
    inert(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(name: &str, line: u32, outcome: Outcome) -> Case {
        Case { name: name.to_owned(), file: Some("policy/a<b>.tests.yaml".to_owned()), line: Some(line), outcome }
    }

    #[test]
    fn every_outcome_and_hostile_text() {
        let failed = Outcome::Failed("a \"b\" & 'c'\n\u{1b}[2J".to_owned(), "one <tag>\ntwo \u{0}\u{ffff}".to_owned());
        let errored = Outcome::Errored("not decided".to_owned(), String::new());
        let bare = Case { file: None, line: None, ..case("bare", 3, Outcome::Passed) };
        let twice = [case("same", 5, Outcome::Passed), case("same", 9, Outcome::Passed)];
        let cases = vec![case("plain", 3, Outcome::Passed), case("]]>", 3, failed), case("open", 3, errored), bare];
        let cases = cases.into_iter().chain(twice).collect();
        let suites =
            [Suite { name: "policy test".to_owned(), cases }, Suite { name: "empty".to_owned(), cases: vec![] }];
        insta::assert_snapshot!(document(&suites));
    }

    /// The attributes that the schema of the Jenkins xUnit plugin (`junit-10.xsd`) knows, element by element.
    const KNOWN: [(&str, &[&str]); 5] = [
        ("testsuites", &["name", "time", "tests", "failures", "errors"]),
        (
            "testsuite",
            &[
                "name",
                "tests",
                "failures",
                "errors",
                "group",
                "time",
                "skipped",
                "timestamp",
                "hostname",
                "id",
                "package",
            ],
        ),
        ("testcase", &["name", "time", "classname", "group"]),
        ("failure", &["type", "message"]),
        ("error", &["type", "message"]),
    ];

    /// Every start tag with its attributes' names.
    fn tags(text: &str) -> Vec<(String, Vec<String>)> {
        let starts = text.split('<').skip(1).filter(|part| !part.starts_with(['/', '?']));
        let tag = |part: &str| {
            let inside = part.split('>').next().unwrap().trim_end_matches('/');
            let (name, rest) = inside.split_once(' ').unwrap_or((inside, ""));
            // A quote within a value is written as an entity.
            let names = rest.split('"').step_by(2).map(|part| part.trim().trim_end_matches('=').to_owned());
            (name.to_owned(), names.filter(|name| !name.is_empty()).collect())
        };
        starts.map(tag).collect()
    }

    proptest::proptest! {
        #[test]
        fn any_text_passes_the_readers_schema_and_leads_nobody(
            text in "[\\x00-\\u{ff}\\u{200b}-\\u{206f}<>&\"'\\u{fff0}-\\u{ffff}\\u{e0001}a-z]{0,40}",
            failed in 0..3_u8,
        ) {
            let outcome = match failed {
                0 => Outcome::Passed,
                1 => Outcome::Failed(text.clone(), text.clone()),
                _ => Outcome::Errored(text.clone(), text.clone()),
            };
            let cases = vec![Case { file: Some(text.clone()), ..case(&text, 1, outcome) }];
            let written = document(&[Suite { name: text, cases }]);
            proptest::prop_assert!(!written.contains(|c: char| c != '\n' && (c.is_control() || hidden(c))), "{}", written);
            let held = !written.contains(['\u{fffe}', '\u{ffff}']);
            proptest::prop_assert!(held, "{}", written);
            for (name, attributes) in tags(&written) {
                let known = KNOWN.iter().find(|(element, _)| *element == name).map(|(_, known)| *known);
                proptest::prop_assert!(known.is_some(), "{}", name);
                for attribute in attributes {
                    proptest::prop_assert!(known.unwrap().contains(&attribute.as_str()), "{} {}", name, attribute);
                }
            }
            let bad = usize::from(failed > 0);
            proptest::prop_assert_eq!(written.matches("<failure").count() + written.matches("<error").count(), bad);
        }
    }
}
