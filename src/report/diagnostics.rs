//! Diagnostics for people: the sentence, the place, the excerpt with the marked word, and what to do. Text from outside
//! is made inert before it is laid out. Knows nothing of what the diagnostics are about.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Message, Origin, Renderer, Snippet};

use crate::kernel::diagnostic::{Diagnostic, Excerpt, Severity};
use crate::kernel::sanitize::inert;

/// Whether colours are used. They only repeat what words and marks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With the terminal's own sixteen colours.
    Coloured,
}

/// A diagnostic as a few lines, without a line break at the end.
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled().hyperlink(false),
    };
    let file = diagnostic.file.as_deref().map(inert).unwrap_or_default();
    let excerpt = diagnostic.excerpt.as_ref().and_then(mark);
    let mut elements: Vec<Element<'_>> = Vec::new();
    match &excerpt {
        Some(marked) => elements.push(snippet(marked, &file).into()),
        None => elements.extend(origin(diagnostic).map(Element::from)),
    }
    elements.extend(notes(diagnostic).into_iter().map(Element::from));
    let group = Group::with_title(level.primary_title(said(&diagnostic.message))).elements(elements);
    let shown = renderer.render(&[group]);
    // The layout counts columns in what it is given; of a line that was cut, only the diagnostic knows the column.
    match (excerpt, diagnostic.place()) {
        (Some(marked), Some(place)) => {
            shown.replacen(&format!("{file}:{}:{}", marked.line, marked.column), &inert(&place), 1)
        }
        _ => shown,
    }
}

/// A diagnostic as one line that editors and log readers can follow: `file:line:column: message`.
pub fn one_line(diagnostic: &Diagnostic) -> String {
    let word = if diagnostic.is_error() { "error" } else { "warning" };
    let message = said(&diagnostic.message);
    match diagnostic.place() {
        Some(place) => format!("{}: {message}", inert(&place)),
        None => format!("{word}: {message}"),
    }
}

/// Characters of one sentence that are shown: names in it come from outside, and may be megabytes long.
const LONGEST: usize = 1_000;

/// A sentence as it is shown, its middle left out where it is too long to be read.
pub fn said(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST {
        return inert(text);
    }
    let head = text.char_indices().nth(LONGEST / 2).map_or(text.len(), |(at, _)| at);
    let tail = text.char_indices().rev().nth(LONGEST / 2 - 1).map_or(0, |(at, _)| at);
    if tail <= head {
        return inert(text);
    }
    Cow::Owned(format!("{}…{}", inert(&text[..head]), inert(&text[tail..])))
}

fn origin(diagnostic: &Diagnostic) -> Option<Origin<'_>> {
    let mut origin = Origin::path(inert(diagnostic.file.as_deref()?));
    if let Some(line) = diagnostic.line {
        origin = origin.line(line as usize);
        if let Some(column) = diagnostic.column {
            origin = origin.char_column(column as usize);
        }
    }
    Some(origin)
}

fn notes(diagnostic: &Diagnostic) -> Vec<Message<'_>> {
    let pointer = diagnostic.pointer.as_deref().filter(|pointer| !pointer.is_empty());
    let pointer = pointer.map(|pointer| Level::NOTE.message(format!("at `{}`", said(pointer))));
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(said(help)));
    pointer.into_iter().chain(help).collect()
}

/// An inert excerpt: the source, the marked range in it, and where that range starts.
struct Marked {
    source: String,
    span: Range<usize>,
    first_line: usize,
    line: usize,
    column: usize,
}

/// Makes an excerpt inert, with the mark where it then is. Lines and tabs stay: the layout deals with them.
fn mark(excerpt: &Excerpt) -> Option<Marked> {
    let lines = |text: &str| text.split('\n').map(inert_line).collect::<Vec<_>>().join("\n");
    let mut source = lines(excerpt.text.get(..excerpt.start)?);
    let start = source.len();
    let first_line = excerpt.first_line as usize;
    let line = first_line + source.matches('\n').count();
    let column = source.rsplit('\n').next().map_or(0, |lead| lead.chars().count()) + 1;
    source.push_str(&lines(excerpt.text.get(excerpt.start..excerpt.end)?));
    let span = start..source.len();
    source.push_str(&lines(excerpt.text.get(excerpt.end..)?));
    Some(Marked { source, span, first_line, line, column })
}

fn snippet<'a>(marked: &'a Marked, file: &'a str) -> Snippet<'a, Annotation<'a>> {
    let line_start = marked.source[..marked.span.start].rfind('\n').unwrap_or(0);
    // Without this the lines before the marked one would be folded away.
    let before = (line_start > 0).then(|| AnnotationKind::Visible.span(0..line_start));
    Snippet::source(marked.source.as_str())
        .path(Some(file).filter(|file| !file.is_empty()))
        .line_start(marked.first_line)
        .annotation(AnnotationKind::Primary.span(marked.span.clone()))
        .annotations(before)
}

fn inert_line(line: &str) -> String {
    let parts: Vec<_> = line.split('\t').map(inert).collect();
    parts.join("\t")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    fn misspelt() -> Diagnostic {
        let text = "- tool: order.refund\n  decision: ALLOW\n  maxvalue: 100\n";
        let start = text.find("maxvalue").unwrap();
        Diagnostic::error("unknown field `maxvalue` in a rule")
            .in_file("policy/trust.yaml")
            .at_pointer("/3/maxvalue")
            .at_span(text, &(start..start + 8), 40)
            .help("did you mean `maxValue`?")
    }

    #[test]
    fn an_error_shows_place_excerpt_pointer_and_help() {
        assert_snapshot!(render(&misspelt(), Style::Plain));
    }

    #[test]
    fn colours_repeat_what_the_words_say() {
        let coloured = render(&misspelt(), Style::Coloured);
        assert!(coloured.contains("\u{1b}["));
        let mut bare = String::new();
        for (number, part) in coloured.split('\u{1b}').enumerate() {
            bare.push_str(if number == 0 { part } else { part.split_once('m').map_or("", |(_, text)| text) });
        }
        assert_eq!(bare, render(&misspelt(), Style::Plain));
    }

    #[test]
    fn what_has_no_place_is_a_sentence_and_a_help() {
        let found = Diagnostic::warning("no tool provides `order.read`").help("add a connector that does");
        assert_snapshot!(render(&found, Style::Plain));
    }

    #[test]
    fn the_column_is_the_files_even_where_the_excerpt_is_cut() {
        let text = format!("{{\"a\":\"{}\", \"b\": nope, \"c\":\"{}\"}}", "x".repeat(300), "y".repeat(300));
        let start = text.find("nope").unwrap();
        let found =
            Diagnostic::error("not JSON").in_file("fixtures/a.jsonl").at_span(&text, &(start..start + 4), 7).help("x");
        assert_snapshot!(render(&found, Style::Plain));
    }

    #[test]
    fn hostile_text_is_shown_and_not_obeyed() {
        let text = "{\"na\u{202e}me\u{1b}]0;owned\u{7}\":\t1,\r\n\"x\u{1b}[2J\": \u{9b}31m}";
        let start = text.find("\"x").unwrap();
        let found = Diagnostic::error("unknown field `x\u{1b}[2J`\nerror: all is well")
            .in_file("fix\u{1b}[31mtures/a\nb.jsonl")
            .at_pointer("/x\u{1b}[2J")
            .at_span(text, &(start..start + 7), 1)
            .help("a\u{2066}b");
        assert_snapshot!(render(&found, Style::Plain));
        assert_eq!(one_line(&found), "fix␛[31mtures/a␊b.jsonl:2:1: unknown field `x␛[2J`␊error: all is well");
    }

    #[test]
    fn a_sentence_of_megabytes_keeps_its_ends() {
        let found = Diagnostic::error(format!("unknown field `{}` in an envelope", "é\u{1b}".repeat(1 << 20)));
        let shown = render(&found, Style::Plain);
        assert!(shown.len() < 4_000 && shown.starts_with("error: unknown field `é␛"), "{}", shown.len());
        assert!(shown.ends_with("` in an envelope") && shown.contains('…'));
    }

    #[test]
    fn one_line_says_severity_where_there_is_no_place() {
        assert_eq!(one_line(&misspelt()), "policy/trust.yaml:42:3: unknown field `maxvalue` in a rule");
        assert_eq!(one_line(&Diagnostic::warning("nothing to do")), "warning: nothing to do");
    }

    proptest! {
        #[test]
        fn any_diagnostic_can_be_rendered_and_is_inert(
            text in "[ab\u{1b}\u{9b}\u{202e}\n\r\té…\u{1F600}]{0,300}",
            message in ".{0,20}",
            a in 0_usize..400,
            b in 0_usize..400,
            first_line in 1_u32..u32::MAX / 2,
        ) {
            let found = Diagnostic::error(message).in_file("f").at_span(&text, &(a.min(b)..a.max(b)), first_line);
            let shown = render(&found, Style::Plain);
            prop_assert!(!shown.contains(|c: char| c != '\n' && inert(&c.to_string()) != c.to_string()), "{shown:?}");
        }
    }
}
