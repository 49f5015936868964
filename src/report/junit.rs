//! JUnit XML, as build servers read it: suites of cases that passed, failed or could not be decided.

use std::fmt::Write as _;

use crate::kernel::inert::{hidden, inert};

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
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in suites {
        let count = |of: fn(&Outcome) -> bool| suite.cases.iter().filter(|case| of(&case.outcome)).count();
        let failures = count(|outcome| matches!(outcome, Outcome::Failed(..)));
        let errors = count(|outcome| matches!(outcome, Outcome::Errored(..)));
        let name = attribute(&suite.name);
        let tests = suite.cases.len();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
        );
        for case in &suite.cases {
            write_case(case, &suite.name, &mut text);
        }
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn write_case(case: &Case, suite: &str, text: &mut String) {
    let class = case.file.as_deref().unwrap_or(suite);
    let _ = write!(text, "    <testcase name=\"{}\" classname=\"{}\"", attribute(&case.name), attribute(class));
    if let Some(file) = &case.file {
        let _ = write!(text, " file=\"{}\"", attribute(file));
    }
    if let Some(line) = case.line {
        let _ = write!(text, " line=\"{line}\"");
    }
    let (element, sentence, whole) = match &case.outcome {
        Outcome::Passed => {
            text.push_str("/>\n");
            return;
        }
        Outcome::Failed(sentence, whole) => ("failure", sentence, whole),
        Outcome::Errored(sentence, whole) => ("error", sentence, whole),
    };
    let whole: Vec<_> = whole.lines().map(attribute).collect();
    let _ = writeln!(
        text,
        ">\n      <{element} message=\"{}\">{}</{element}>\n    </testcase>",
        attribute(sentence),
        whole.join("\n")
    );
}

/// Text within an attribute or between tags. What would lead who looks at the file is a character reference; what XML
/// cannot hold at all becomes a visible mark.
fn attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            '\0'..='\x1f' if !matches!(c, '\t' | '\n' | '\r') => escaped.push_str(&inert(c.encode_utf8(&mut [0; 4]))),
            // Writing to a string cannot fail.
            c if c.is_control() || hidden(c) => drop(write!(escaped, "&#x{:X};", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_and_hostile_text() {
        let case = |name: &str, outcome| Case {
            name: name.to_owned(),
            file: Some("policy/a<b>.tests.yaml".to_owned()),
            line: Some(3),
            outcome,
        };
        let failed = Outcome::Failed("a \"b\" & 'c'\n\u{1b}[2J".to_owned(), "one <tag>\ntwo \u{0}\u{ffff}".to_owned());
        let errored = Outcome::Errored("not decided".to_owned(), String::new());
        let bare = Case { file: None, line: None, ..case("bare", Outcome::Passed) };
        let cases = vec![case("plain", Outcome::Passed), case("]]>", failed), case("open", errored), bare];
        let suites =
            [Suite { name: "policy test".to_owned(), cases }, Suite { name: "empty".to_owned(), cases: vec![] }];
        insta::assert_snapshot!(document(&suites));
    }

    /// What a reader of XML makes of it; it takes a raw line break in an attribute for a blank.
    fn read_back(escaped: &str) -> String {
        let mut text = String::new();
        let mut rest = escaped;
        while let Some((before, after)) = rest.split_once('&') {
            let (name, after) = after.split_once(';').unwrap();
            text.push_str(before);
            text.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                code => {
                    let code = u32::from_str_radix(code.strip_prefix("#x").unwrap(), 16).unwrap();
                    char::from_u32(code).unwrap()
                }
            });
            rest = after;
        }
        text + rest
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_back_and_leads_nobody(text in "[\\x00-\\u{ff}\\u{200b}-\\u{206f}<>&\"'\\u{fff0}-\\u{ffff}\\u{e0001}a-z]{0,40}") {
            let escaped = attribute(&text);
            proptest::prop_assert!(!escaped.contains(|c: char| c.is_control() || hidden(c) || "<>\"'".contains(c)));
            let held = |c: char| match c {
                '\t' | '\n' | '\r' => c.to_string(),
                '\u{fffe}' | '\u{ffff}' => '\u{fffd}'.to_string(),
                '\0'..='\x1f' => inert(&c.to_string()).into_owned(),
                c => c.to_string(),
            };
            proptest::prop_assert_eq!(read_back(&escaped), text.chars().map(held).collect::<String>());
        }
    }
}
