//! A document in lines of a width: which there are follows once from what is folded, so that any of them is found without
//! going through those before it.

use super::{Document, Part};
use crate::console::text::wrap;
use crate::console::widgets::Span;
use crate::console::widgets::json::{Folds, Line, Node, Outline, position};

/// A document, what of it is folded, and its lines.
#[derive(Debug, Default)]
pub struct LaidOut {
    document: Document,
    folds: Folds,
    columns: u16,
    parts: Vec<Placed>,
    count: usize,
}

/// The lines of one part.
#[derive(Debug)]
struct Placed {
    first: usize,
    lines: Lines,
}

#[derive(Debug)]
enum Lines {
    Json(Vec<Line>),
    One,
    Prose(Vec<String>),
}

/// A place of a document, whatever is folded; places are in the order of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    part: usize,
    at: u64,
}

/// How many lines one sentence may take.
const SENTENCE: usize = 40;

impl Lines {
    fn len(&self) -> usize {
        match self {
            Self::Json(lines) => lines.len(),
            Self::One => 1,
            Self::Prose(lines) => lines.len(),
        }
    }
}

impl LaidOut {
    /// Lays a document out.
    pub fn new(document: Document, folds: Folds, columns: u16) -> Self {
        let mut laid_out = Self { document, folds, columns, ..Self::default() };
        laid_out.lay_out();
        laid_out
    }

    /// What it is.
    pub fn title(&self) -> &'static str {
        self.document.title
    }

    /// Which one.
    pub fn note(&self) -> &str {
        &self.document.note
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// What is folded.
    pub fn folds(&self) -> &Folds {
        &self.folds
    }

    /// Takes another document, or the same as more is known of it.
    pub fn renew(&mut self, document: Document) {
        self.document = document;
        self.lay_out();
    }

    /// Fits it into another width.
    pub fn fit(&mut self, columns: u16) {
        if self.columns != columns {
            self.columns = columns;
            self.lay_out();
        }
    }

    /// Folds it otherwise.
    pub fn fold(&mut self, folds: Folds) {
        self.folds = folds;
        self.lay_out();
    }

    fn lay_out(&mut self) {
        self.parts = (0..self.document.parts.len()).map(|at| Placed { first: 0, lines: self.lines_of(at) }).collect();
        self.place();
    }

    fn place(&mut self) {
        self.count = 0;
        for part in &mut self.parts {
            part.first = self.count;
            self.count += part.lines.len();
        }
    }

    fn lines_of(&self, at: usize) -> Lines {
        match &self.document.parts[at] {
            Part::Json(source, outline) => {
                let text = *source as u8;
                Lines::Json(outline.lines(|value, depth| self.folds.shows(Node { text, value }, depth)))
            }
            Part::Line(_) => Lines::One,
            Part::Prose(text, _) => {
                Lines::Prose(wrap(text, usize::from(self.columns), SENTENCE, self.document.charset))
            }
        }
    }

    /// The part that has a line, and which of its lines that is.
    fn find(&self, line: usize) -> Option<(usize, usize)> {
        let part = self.parts.partition_point(|part| part.first <= line).checked_sub(1)?;
        let within = line - self.parts[part].first;
        // A part without lines begins where the next one does.
        (within < self.parts[part].lines.len()).then_some((part, within))
    }

    /// The words of the lines from `skip`, at most `take`.
    pub fn lines(&self, skip: usize, take: usize) -> Vec<Vec<Span>> {
        let end = self.count.min(skip.saturating_add(take));
        (skip..end).filter_map(|line| self.find(line)).map(|(part, within)| self.spans(part, within)).collect()
    }

    fn spans(&self, part: usize, within: usize) -> Vec<Span> {
        match (&self.document.parts[part], &self.parts[part].lines) {
            (Part::Json(_, outline), Lines::Json(lines)) => outline.spans(lines[within]),
            (Part::Line(spans), _) => spans.clone(),
            (Part::Prose(_, role), Lines::Prose(lines)) => vec![Span::new(lines[within].clone(), *role)],
            _ => Vec::new(),
        }
    }

    /// Folds the value that a line is part of, or shows it open; the line that is left of it. None where nothing folds.
    pub fn turn(&mut self, line: usize) -> Option<usize> {
        let (part, within) = self.find(line)?;
        let (Part::Json(source, outline), Lines::Json(lines)) = (&self.document.parts[part], &self.parts[part].lines)
        else {
            return None;
        };
        let value = outline.folds_with(lines[within])?;
        let first = lines.partition_point(|line| outline.order(*line) < Outline::order_of(value));
        let before = lines.len();
        self.folds.turn(Node { text: *source as u8, value });
        self.relay(part);
        let shorter = self.parts[part].lines.len() < before;
        Some(if shorter { self.parts[part].first + first } else { line })
    }

    fn relay(&mut self, part: usize) {
        self.parts[part].lines = self.lines_of(part);
        self.place();
    }

    /// Where a line stands in the document, whatever is folded.
    pub fn spot(&self, line: usize) -> Option<Spot> {
        let (part, within) = self.find(line)?;
        let at = match (&self.document.parts[part], &self.parts[part].lines) {
            (Part::Json(_, outline), Lines::Json(lines)) => outline.order(lines[within]),
            _ => within as u64,
        };
        Some(Spot { part, at })
    }

    /// The places whose words have `words` in them; without capitals, whatever the case.
    pub fn with(&self, words: &str) -> Vec<Spot> {
        let mut spots = Vec::new();
        for (part, (has, placed)) in self.document.parts.iter().zip(&self.parts).enumerate() {
            match (has, &placed.lines) {
                (Part::Json(_, outline), _) => {
                    let found = outline.with(words).into_iter();
                    spots.extend(found.map(|value| Spot { part, at: Outline::order_of(value) }));
                }
                (Part::Line(spans), _) => {
                    let line: String = spans.iter().map(|span| span.text.as_str()).collect();
                    spots.extend(position(&line, words, 0).map(|_| Spot { part, at: 0 }));
                }
                (Part::Prose(..), Lines::Prose(lines)) => {
                    let found = lines.iter().enumerate().filter(|(_, line)| position(line, words, 0).is_some());
                    spots.extend(found.map(|(at, _)| Spot { part, at: at as u64 }));
                }
                _ => {}
            }
        }
        spots
    }

    /// The line of a place, or of what it is folded in.
    pub fn line_of(&self, spot: Spot) -> Option<usize> {
        let placed = self.parts.get(spot.part)?;
        let within = match (&self.document.parts[spot.part], &placed.lines) {
            (Part::Json(_, outline), Lines::Json(lines)) => {
                lines.partition_point(|line| outline.order(*line) <= spot.at).saturating_sub(1)
            }
            _ => usize::try_from(spot.at).ok()?,
        };
        Some(placed.first + within.min(placed.lines.len().saturating_sub(1)))
    }

    /// Shows what a place is folded in, and says on which line the place stands.
    pub fn show(&mut self, spot: Spot) -> Option<usize> {
        let Spot { part, at } = spot;
        let Part::Json(source, outline) = self.document.parts.get(part)? else { return self.line_of(spot) };
        let text = *source as u8;
        let around = outline.around(Outline::value_at(at));
        let folded: Vec<_> = around
            .into_iter()
            .map(|(value, depth)| (Node { text, value }, depth))
            .filter(|(node, depth)| !self.folds.shows(*node, *depth))
            .collect();
        for (node, _) in &folded {
            self.folds.turn(*node);
        }
        if !folded.is_empty() {
            self.relay(part);
        }
        self.line_of(spot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::present::document::Source;
    use crate::console::text::Charset;
    use crate::console::theme::Role;

    fn laid_out(columns: u16) -> LaidOut {
        let json = |source, text: &str| Part::Json(source, Outline::of(text.to_owned()));
        let parts = vec![
            Part::Line(vec![Span::new("a title", Role::Text)]),
            Part::Prose(String::new(), Role::Text),
            json(Source::Own, r#"{"a":{"deep":[1,2]},"b":3}"#),
            Part::Prose("some words that wrap".to_owned(), Role::Muted),
            json(Source::Envelope, r#"{"deep":{"wrap":true}}"#),
        ];
        let document = Document { title: "Test", note: String::new(), parts, charset: Charset::Unicode };
        LaidOut::new(document, Folds::to(9), columns)
    }

    fn text(laid_out: &LaidOut, skip: usize, take: usize) -> Vec<String> {
        let lines = laid_out.lines(skip, take);
        lines.iter().map(|spans| spans.iter().map(|span| span.text.as_str()).collect()).collect()
    }

    #[test]
    fn a_window_shows_what_the_whole_does() {
        let mut page = laid_out(10);
        for columns in [10, 40] {
            page.fit(columns);
            let all = text(&page, 0, usize::MAX);
            assert_eq!(all.len(), page.count());
            for skip in 0..=all.len() {
                for take in 0..4 {
                    assert_eq!(text(&page, skip, take), all[skip..all.len().min(skip + take)]);
                }
            }
        }
    }

    #[test]
    fn a_value_folds_into_the_line_that_is_left_of_it_and_opens_again() {
        let mut page = laid_out(40);
        let before = text(&page, 0, 99);
        let inner = before.iter().position(|line| line.trim() == "2").unwrap();
        let left = page.turn(inner).unwrap();
        assert_eq!(text(&page, left, 1), [r#"    "deep": [ 2 items ]"#]);
        assert_eq!(page.turn(left), Some(left));
        assert_eq!(text(&page, 0, 99), before);
        assert_eq!(page.turn(0), None);
    }

    #[test]
    fn what_is_found_is_shown_although_it_was_folded() {
        let mut page = laid_out(8);
        let spots = page.with("wrap");
        assert_eq!(spots.len(), 2);
        assert!(spots.is_sorted());
        page.fold(Folds::to(0));
        let line = page.show(spots[1]).unwrap();
        assert_eq!(text(&page, line, 1), [r#"    "wrap": true"#]);
        assert_eq!(page.spot(line), Some(spots[1]));
        let line = page.show(spots[0]).unwrap();
        assert_eq!(text(&page, line, 1), ["wrap"]);
        // Only what was found was opened.
        assert!(text(&page, 0, 99).iter().any(|line| line == "{ 2 fields }"));
    }
}
