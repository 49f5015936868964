//! Where the headings of a text are, and so its sections.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::{Section, SectionKind, SectionName};
use crate::kernel::json::Span;

/// What a text is made of.
#[derive(Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its sections; the first is the preamble.
    pub sections: Vec<Section>,
    /// For each section, whether it says anything: text outside of comments and further headings.
    pub says: Vec<bool>,
    /// The block of settings that the text begins with.
    pub front_matter: Option<Span>,
}

/// The mark that some editors write at the beginning of a file. To Markdown it is a character of the first line.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads the headings of the first level that stand in no list, quote or code.
pub fn of(text: &str) -> Outline {
    let start = text.len() - text.trim_start_matches(BYTE_ORDER_MARK).len();
    let front_matter = front_matter(text, start);
    let begin = front_matter.as_ref().map_or(start, |block| block.end);
    let preamble = Section { kind: SectionKind::Preamble, title: String::new(), span: 0..0, heading: 0..0, body: 0..0 };
    let mut reading =
        Reading { text, sections: vec![preamble], says: vec![false], depth: 0, heading: None, comment: false };
    for (event, span) in Parser::new(&text[begin..]).into_offset_iter() {
        reading.take(&event, begin + span.start..begin + span.end);
    }
    reading.close(text.len());
    Outline { sections: reading.sections, says: reading.says, front_matter }
}

struct Reading<'a> {
    text: &'a str,
    sections: Vec<Section>,
    says: Vec<bool>,
    /// How many blocks and spans are open.
    depth: usize,
    /// Whether the open heading begins a section.
    heading: Option<bool>,
    /// Whether a comment is open.
    comment: bool,
}

impl Reading<'_> {
    fn take(&mut self, event: &Event<'_>, span: Span) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let begins = *level == HeadingLevel::H1 && self.depth == 0;
                self.heading = Some(begins);
                self.depth += 1;
                if begins {
                    self.begin(span);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                self.heading = None;
                self.depth -= 1;
            }
            Event::Start(Tag::Image { .. }) => {
                self.depth += 1;
                self.said("\u{fffc}");
            }
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth -= 1,
            Event::Text(said) | Event::Code(said) => self.said(said),
            Event::SoftBreak | Event::HardBreak => self.said(" "),
            Event::Html(html) | Event::InlineHtml(html) => self.html(html),
            _ => {}
        }
    }

    /// A comment says nothing; one of many lines comes line by line.
    fn html(&mut self, mut html: &str) {
        while !html.is_empty() {
            let mark = if self.comment { "-->" } else { "<!--" };
            let (before, after) = html.split_once(mark).map_or((html, None), |(before, after)| (before, Some(after)));
            if !self.comment {
                self.said(before);
            }
            self.comment ^= after.is_some();
            html = after.unwrap_or_default();
        }
    }

    fn begin(&mut self, heading: Span) {
        let start = line_start(self.text, heading.start);
        self.close(start);
        let body = heading.end..heading.end;
        let section = Section { kind: SectionKind::Further, title: String::new(), span: start..start, heading, body };
        self.sections.push(section);
        self.says.push(false);
    }

    /// Ends the last section, and says what kind it is, now that its title is whole.
    fn close(&mut self, end: usize) {
        let Some(section) = self.sections.last_mut() else { return };
        section.span.end = end;
        section.body.end = end;
        section.title = section.title.trim().to_owned();
        if section.kind == SectionKind::Further
            && let Some(name) = SectionName::of(&section.title)
        {
            section.kind = SectionKind::Contract(name);
        }
    }

    fn said(&mut self, said: &str) {
        match (self.heading, self.sections.last_mut(), self.says.last_mut()) {
            (Some(true), Some(section), _) => section.title.push_str(said),
            (None, _, Some(says)) => *says |= !is_blank(said),
            _ => {}
        }
    }
}

/// Whether nothing of it can be seen.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || crate::kernel::sanitize::hidden(c))
}

/// The beginning of the line that an offset lies in, as Markdown cuts lines: after a line feed or a carriage return.
fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    // What stands before the first line is not of it.
    if text[start..at].starts_with(BYTE_ORDER_MARK) { at } else { start }
}

/// Lines from one of three hyphens (or pluses) to the next. A blank line after the first makes it a rule between
/// paragraphs instead.
fn front_matter(text: &str, start: usize) -> Option<Span> {
    let mut lines = text[start..].split_inclusive('\n');
    let first = lines.next()?;
    let fence = first.trim_end();
    if !matches!(fence, "---" | "+++") {
        return None;
    }
    let mut end = start + first.len();
    for (number, line) in lines.enumerate() {
        end += line.len();
        let line = line.trim_end();
        if number == 0 && line.is_empty() {
            return None;
        }
        if line == fence || (fence == "---" && line == "...") {
            return Some(start..end);
        }
    }
    None
}
