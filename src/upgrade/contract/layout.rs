//! What of a text is wording, and what is only how it is laid out.
//!
//! Two texts have the same wording if Markdown reads the same out of them: the same blocks and words, in the same order,
//! with the same emphasis. Where lines break, which sign begins an item, how a heading is underlined and how much white
//! space there is does not count; in a block of code it does, because there it is the text. A model reads the source
//! and not what Markdown makes of it, so the letters of the source have to be the same as well: nothing that Markdown
//! drops, such as a link that is defined twice, can be changed unseen.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Between an element that is not text and the text around it.
const MARK: char = '\u{1}';

/// A text as Markdown reads it: a line for each block, in it its words.
#[derive(Debug, Default)]
struct Wording {
    text: String,
    /// Where the words and blocks are, in the source and here, in order.
    places: Vec<(usize, usize)>,
}

impl Wording {
    /// Reads a text.
    fn of(source: &str) -> Self {
        let marked = source.strip_prefix('\u{feff}').unwrap_or(source);
        let mut writer = Writer { wording: Self::default(), at: 0, spaced: false, block: true, code: None };
        let start = source.len() - marked.len();
        for (event, span) in Parser::new_ext(marked, Options::ENABLE_TABLES).into_offset_iter() {
            writer.take(event, start + span.start, &source[start + span.start..start + span.end]);
        }
        writer.wording
    }

    /// What is read out of a part of the source.
    fn part(&self, source: Range<usize>) -> &str {
        let place = |at: usize| {
            let next = self.places.partition_point(|(source, _)| *source < at);
            self.places.get(next).map_or(self.text.len(), |(_, here)| *here)
        };
        self.text.get(place(source.start)..place(source.end)).unwrap_or_default()
    }
}

/// A text and how it is read.
#[derive(Debug)]
pub struct Source<'a> {
    text: &'a str,
    wording: Wording,
}

impl<'a> Source<'a> {
    /// Reads a text.
    pub fn of(text: &'a str) -> Self {
        Self { text, wording: Wording::of(text) }
    }

    /// Some bytes of it.
    pub fn part(&self, span: Range<usize>) -> Part<'_> {
        Part { text: self.text.get(span.clone()).unwrap_or_default(), wording: self.wording.part(span) }
    }
}

/// A part of a text.
#[derive(Debug)]
pub struct Part<'a> {
    text: &'a str,
    wording: &'a str,
}

impl Part<'_> {
    /// Whether they differ in layout at most.
    pub fn says_the_same_as(&self, other: &Part<'_>) -> bool {
        let letters = |text| str::chars(text).filter(|c| is_letter(*c));
        self.wording == other.wording && letters(self.text).eq(letters(other.text))
    }
}

/// What no layout is made of. A digit may be the number of an item, a mark at the beginning says how bytes are read.
fn is_letter(c: char) -> bool {
    !c.is_whitespace() && !c.is_ascii_punctuation() && !c.is_ascii_digit() && c != '\u{feff}'
}

struct Writer {
    wording: Wording,
    /// How far the source is read.
    at: usize,
    /// Whether white space stands before what comes next.
    spaced: bool,
    /// Whether a block begins with what comes next.
    block: bool,
    /// The beginning of the line of code that is written.
    code: Option<usize>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>, at: usize, source: &str) {
        match event {
            Event::Start(tag) => self.start(&tag, at),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code.is_some() => self.code(&text, at),
            // Escapes and entities are read, and then words are not where they are in the source.
            Event::Text(text) => self.words(&text, at, *text == *source),
            Event::Html(text) => self.words(&text, at, *text == *source),
            Event::Code(code) => {
                self.inline(at, "`");
                self.words(&code, at, false);
                self.spaced = false;
                self.close("'");
            }
            Event::InlineHtml(html) => {
                self.inline(at, "<");
                self.words(&html, at, false);
                self.close(">");
            }
            Event::SoftBreak | Event::HardBreak => self.spaced = true,
            Event::Rule => self.mark_block(at, "\n="),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, at: usize) {
        match tag {
            Tag::Heading { level, .. } => {
                let signs = match level {
                    HeadingLevel::H1 => "\n#1",
                    HeadingLevel::H2 => "\n#2",
                    HeadingLevel::H3 => "\n#3",
                    HeadingLevel::H4 => "\n#4",
                    HeadingLevel::H5 => "\n#5",
                    HeadingLevel::H6 => "\n#6",
                };
                self.mark_block(at, signs);
            }
            Tag::BlockQuote(_) => self.mark_block(at, "\n>"),
            Tag::CodeBlock(kind) => {
                self.mark_block(at, "\n`");
                if let CodeBlockKind::Fenced(info) = kind {
                    self.quoted(info.trim());
                }
                self.code = Some(self.line());
            }
            Tag::HtmlBlock => self.mark_block(at, "\n<"),
            Tag::List(None) => self.mark_block(at, "\n*"),
            Tag::List(Some(first)) => self.mark_block(at, &format!("\n{first}")),
            Tag::Item => self.mark_block(at, "\n-"),
            Tag::Table(_) => self.mark_block(at, "\nt"),
            Tag::TableHead | Tag::TableRow => self.mark_block(at, "\nr"),
            Tag::TableCell => self.mark_block(at, "\nc"),
            Tag::Emphasis => self.inline(at, "*"),
            Tag::Strong => self.inline(at, "**"),
            Tag::Link { dest_url, title, .. } => self.target(at, "[", dest_url, title),
            Tag::Image { dest_url, title, .. } => self.target(at, "!", dest_url, title),
            // Whether an item's text is a paragraph is a matter of blank lines.
            _ => self.block = true,
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => self.end_block("\n/>"),
            TagEnd::List(_) => self.end_block("\n/*"),
            TagEnd::Item => self.end_block("\n/-"),
            TagEnd::Table => self.end_block("\n/t"),
            TagEnd::CodeBlock => {
                self.code = None;
                self.end_block("\n/`");
            }
            TagEnd::Emphasis => self.close("/*"),
            TagEnd::Strong => self.close("/**"),
            TagEnd::Link => self.close("]"),
            TagEnd::Image => self.close("/!"),
            _ => self.block = true,
        }
    }

    fn place(&mut self, at: usize) {
        self.at = self.at.max(at);
        self.wording.places.push((self.at, self.wording.text.len()));
    }

    fn mark_block(&mut self, at: usize, mark: &str) {
        self.place(at);
        self.wording.text.push_str(mark);
        self.block = true;
    }

    fn end_block(&mut self, mark: &str) {
        self.wording.text.push_str(mark);
        self.block = true;
    }

    /// White space, or the beginning of a block, before what comes next.
    fn gap(&mut self) {
        if std::mem::take(&mut self.block) {
            self.wording.text.push_str("\np");
        } else if self.spaced {
            self.wording.text.push(' ');
        }
        self.spaced = false;
    }

    fn inline(&mut self, at: usize, mark: &str) {
        self.place(at);
        self.gap();
        self.close(mark);
    }

    fn close(&mut self, mark: &str) {
        self.wording.text.push(MARK);
        self.wording.text.push_str(mark);
    }

    fn target(&mut self, at: usize, mark: &str, target: &str, title: &str) {
        self.inline(at, mark);
        self.quoted(target);
        self.close("|");
        self.quoted(title);
        self.close("|");
    }

    /// Text in one line in which a mark cannot be taken for one.
    fn quoted(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                MARK => self.wording.text.extend([MARK, MARK]),
                '\n' => self.wording.text.push(' '),
                c => self.wording.text.push(c),
            }
        }
    }

    fn words(&mut self, text: &str, at: usize, placed: bool) {
        let mut inside = false;
        for (offset, c) in text.char_indices() {
            if c.is_whitespace() {
                (self.spaced, inside) = (true, false);
                continue;
            }
            if !inside {
                self.place(if placed { at + offset } else { at });
                self.gap();
                inside = true;
            }
            if c == MARK {
                self.wording.text.push(MARK);
            }
            self.wording.text.push(c);
        }
    }

    fn code(&mut self, text: &str, at: usize) {
        for line in text.split_inclusive('\n') {
            let offset = line.as_ptr().addr() - text.as_ptr().addr();
            let start = self.code.unwrap_or_default();
            if self.wording.text.len() == start + CODE.len() {
                self.place(at + offset);
            }
            self.quoted(line.trim_end_matches('\n'));
            if line.ends_with('\n') {
                // White space at the end of a line is not seen by anyone.
                let kept = self.wording.text[start + CODE.len()..].trim_end().len();
                self.wording.text.truncate(start + CODE.len() + kept);
                self.code = Some(self.line());
            }
        }
    }

    fn line(&mut self) -> usize {
        let start = self.wording.text.len();
        self.wording.text.push_str(CODE);
        start
    }
}

/// Before each line of code.
const CODE: &str = "\n|";
