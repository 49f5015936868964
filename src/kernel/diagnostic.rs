//! What was wrong, where, and what to do: the one form in which every module reports bad input.

use serde::{Deserialize, Serialize};

use super::json::{Span, position};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The thing cannot be used.
    Error,
    /// It can be used, but not as its writer may think.
    Warning,
}

/// One finding. Sentences are lower case, without a trailing stop, with the user's text in backticks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// What was wrong.
    pub message: String,
    /// The file, as a person would name it: relative to the workspace where it is inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// JSON pointer to the value that was wrong, where the source is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// A few lines of the source with the wrong word marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
}

/// Lines of a source, cut to what fits on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Number of the first line shown.
    pub first_line: u32,
    /// The lines, joined by `\n`; over-long ones are cut around the marked word.
    pub text: String,
    /// Byte offset in `text` at which the marked word starts.
    pub start: usize,
    /// Byte offset in `text` at which it ends.
    pub end: usize,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            file: None,
            line: None,
            column: None,
            pointer: None,
            help: None,
            excerpt: None,
        }
    }

    /// A warning without a place yet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Adds a JSON pointer.
    #[must_use]
    pub fn at_pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Adds line, column and excerpt from a byte span of `text`, whose first line is number `first_line` of the file.
    #[must_use]
    pub fn at_span(mut self, text: &str, span: &Span, first_line: u32) -> Self {
        let place = position(text, span.start);
        self.line = Some(place.line + first_line - 1);
        self.column = Some(place.column);
        self.excerpt = Some(Excerpt::around(text, span, first_line));
        self
    }

    /// Places it at the first text in quotes that says `name`, after the word `after` where there is one: in code, whose
    /// values come without their places.
    #[must_use]
    pub fn at_literal(self, text: &str, after: &str, name: &str) -> Self {
        let quoted = |from: usize| {
            let found =
                ['\'', '"', '`'].into_iter().filter_map(|quote| text[from..].find(&format!("{quote}{name}{quote}")));
            found.min().map(|at| from + at + 1)
        };
        match quoted(text.find(after).unwrap_or(0)).or_else(|| quoted(0)) {
            Some(start) => self.at_span(text, &(start..start + name.len()), 1),
            None => self,
        }
    }

    /// `file:line:column`, as far as known.
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_deref()?;
        Some(match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (Some(line), None) => format!("{file}:{line}"),
            _ => file.to_owned(),
        })
    }

    /// What to write in place of the marked word, where the help says it.
    pub fn suggested(&self) -> Option<&str> {
        let help = self.help.as_deref()?;
        let word =
            ["did you mean `", "write it without quotes: `"].iter().find_map(|start| help.strip_prefix(start))?;
        word.split('`').next()
    }

    /// True for an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Bytes of one line kept on each side of the marked word.
const REACH: usize = 80;

impl Excerpt {
    /// The marked line and up to two before it. A marked word that spans lines is cut at the end of its first.
    pub fn around(text: &str, span: &Span, first_line: u32) -> Self {
        let floor = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor(span.end).clamp(start, line_end);
        let from = floor(line_start.max(start.saturating_sub(REACH)));
        let to = floor(line_end.min(end.min(start + REACH) + REACH));
        let mut lines = Vec::new();
        let mut cursor = line_start;
        while lines.len() < 2 && cursor > 0 {
            let previous = text[..cursor - 1].rfind('\n').map_or(0, |at| at + 1);
            lines.push(&text[previous..floor((cursor - 1).min(previous + 2 * REACH))]);
            cursor = previous;
        }
        let first = position(text, cursor).line + first_line - 1;
        let mut shown = String::new();
        for line in lines.iter().rev() {
            shown.push_str(line.trim_end_matches('\r'));
            shown.push('\n');
        }
        if from > line_start {
            shown.push('…');
        }
        let marked = shown.len();
        shown.push_str(text[from..to].trim_end_matches('\r'));
        let limit = shown.len();
        let excerpt = Self {
            first_line: first,
            start: (marked + start - from).min(limit),
            end: (marked + end.min(to) - from).min(limit),
            text: shown,
        };
        if to < line_end { Self { text: excerpt.text + "…", ..excerpt } } else { excerpt }
    }
}

/// The known word nearest to one that was not known, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic in the length, and no known word is this long.
    if word.len() > 200 {
        return None;
    }
    let word = word.to_lowercase();
    let length = word.chars().count();
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        // A name broken off or run on is near, however long the rest.
        let shorter = length.min(candidate.chars().count());
        if shorter >= 3 && (candidate.starts_with(&word) || word.starts_with(&candidate)) {
            return 1;
        }
        strsim::damerau_levenshtein(&word, &candidate)
    };
    known
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (length / 3).max(2) && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// `did you mean X`, when there is an X.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|name| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_excerpt_marks_the_word() {
        let text = "a: 1\nb: 2\nmaxvalue: 3\nd: 4";
        let found = Diagnostic::error("x").in_file("f.yaml").at_span(text, &(10..18), 1);
        let excerpt = found.excerpt.clone().unwrap();
        assert_eq!(&excerpt.text[excerpt.start..excerpt.end], "maxvalue");
        assert_eq!((excerpt.first_line, found.place().unwrap().as_str()), (1, "f.yaml:3:1"));
    }

    #[test]
    fn suggestions_are_near_or_absent() {
        assert_eq!(nearest("maxvalue", ["maxValue", "tool"]), Some("maxValue"));
        assert_eq!(nearest("order.hodl", ["order.hold", "order.read"]), Some("order.hold"));
        assert_eq!(nearest("zzz", ["order.hold"]), None);
        assert_eq!(nearest(&"tool".repeat(1 << 20), ["tool"]), None, "and at once");
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_gives_a_sound_excerpt(text in "[ab\n\ré…\u{1F600}]{0,300}", a in 0_usize..400, b in 0_usize..400) {
            let excerpt = Excerpt::around(&text, &(a.min(b)..a.max(b)), 1);
            prop_assert!(excerpt.text.get(excerpt.start..excerpt.end).is_some());
            prop_assert!(excerpt.text.len() < 1_000);
        }
    }
}
