//! An excerpt of a source as numbered lines, coloured as its language has it, with the word in question marked. It must
//! not know what was wrong with the word.

use crate::console::text::{Charset, inert, width};
use crate::console::theme::Role;
use crate::console::widgets::Span;
use crate::console::widgets::source_code::{Token, tokens};
use crate::kernel::diagnostic::Excerpt;

/// Cells before the code: the line's number and a gap.
const MARGIN: usize = 7;

/// The lines of an excerpt of `file`, and below the one with the marked word a line of carets.
pub fn lines(excerpt: &Excerpt, file: &str, charset: Charset) -> Vec<Vec<Span>> {
    let coloured = tokens(&excerpt.text, file);
    let mut shown = Vec::new();
    let mut offset = 0;
    for ((line, tokens), number) in excerpt.text.split('\n').zip(&coloured).zip(excerpt.first_line..) {
        let (start, end) = (excerpt.start.saturating_sub(offset), excerpt.end.saturating_sub(offset));
        let marked = excerpt.start >= offset && end <= line.len() && line.get(start..end).is_some();
        let mut spans = vec![Span::new(format!("{number:>5}  "), Role::Faint)];
        if marked {
            spans.extend(code(line, tokens, 0, start));
            spans.push(Span::bold(&line[start..end], Role::Failed));
            spans.extend(code(line, tokens, end, line.len()));
            shown.push(spans);
            let indent = width(&inert(&line[..start], charset));
            let carets = width(&inert(&line[start..end], charset)).max(1);
            let pointer = format!("{}{}", " ".repeat(MARGIN + indent), "^".repeat(carets));
            shown.push(vec![Span::bold(pointer, Role::Failed)]);
        } else {
            spans.extend(code(line, tokens, 0, line.len()));
            shown.push(spans);
        }
        offset += line.len() + 1;
    }
    shown
}

/// The part of a line's tokens between two places of it.
fn code(line: &str, tokens: &[Token], from: usize, until: usize) -> Vec<Span> {
    let clipped = tokens.iter().filter_map(|token| {
        let range = token.range.start.max(from)..token.range.end.min(until);
        let text = line.get(range).filter(|text| !text.is_empty())?;
        Some(Span::new(text, token.role))
    });
    clipped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_marked_among_the_colours() {
        let text = "const a = 1\nreturn hendler + 2\n";
        let start = text.find("hendler").unwrap();
        let excerpt = Excerpt { first_line: 9, text: text.to_owned(), start, end: start + 7 };
        let lines = lines(&excerpt, "operators/a.ts", Charset::default());
        let said = |line: &[Span]| line.iter().map(|span| span.text.as_str()).collect::<String>();
        assert_eq!(said(&lines[1]), "   10  return hendler + 2");
        assert_eq!(said(&lines[2]), "              ^^^^^^^");
        assert!(lines[1].contains(&Span::bold("hendler", Role::Failed)));
        assert!(lines[1].iter().any(|span| span.text == "return" && span.role == Role::Accent));
    }
}
