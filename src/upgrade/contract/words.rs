//! Which words of a change only one of the texts has.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::ContractDiff;
use super::lines::{Lines, Numbering};
use crate::kernel::sequence_diff::{self, Hunk};

/// The words of a row that only its side has, as bytes of the line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowWords {
    /// In the old line.
    pub old: Vec<Range<usize>>,
    /// In the new line.
    pub new: Vec<Range<usize>>,
}

/// Rows of a change that are compared as one text, so that words stay the same where only lines break elsewhere. In a
/// longer change each row is compared for itself.
const MOST_ROWS: usize = 128;
/// Bytes that are compared by word; what is longer is marked whole.
const MOST_BYTES: usize = 256_000;
/// Hundredths of the longer side that are common at least; with less, the common words are there by chance.
const BY_CHANCE: usize = 20;

impl ContractDiff {
    /// The changed words of some rows, an element for each. Meant for what is on the screen: nothing is kept.
    pub fn words(&self, rows: Range<usize>) -> Vec<RowWords> {
        let rows = rows.start.min(self.rows().len())..rows.end.min(self.rows().len());
        let mut found = vec![RowWords::default(); rows.len()];
        let first = self.changes().partition_point(|change| change.rows.end <= rows.start);
        for change in self.changes()[first..].iter().take_while(|change| change.rows.start < rows.end) {
            let seen = change.rows.start.max(rows.start)..change.rows.end.min(rows.end);
            if change.rows.len() <= MOST_ROWS {
                let words = self.compared(change.rows.clone()).into_iter().skip(seen.start - change.rows.start);
                found[seen.start - rows.start..seen.end - rows.start]
                    .iter_mut()
                    .zip(words)
                    .for_each(|(at, words)| *at = words);
            } else {
                for row in seen {
                    found[row - rows.start] = self.compared(row..row + 1).pop().unwrap_or_default();
                }
            }
        }
        found
    }

    /// The rows of a change, compared as one text; what moved is not of it.
    fn compared(&self, rows: Range<usize>) -> Vec<RowWords> {
        let mut numbering = Numbering::default();
        let stay = || self.rows()[rows.clone()].iter().enumerate().filter(|(_, row)| !row.is_moved() && !row.is_same());
        let old = Words::of(stay().filter_map(|(at, row)| Some((at, row.old()?))), &self.old, &mut numbering);
        let new = Words::of(stay().filter_map(|(at, row)| Some((at, row.new()?))), &self.new, &mut numbering);
        let hunks = differing(&old, &new);
        let mut found = vec![RowWords::default(); rows.len()];
        for hunk in hunks {
            for (row, span) in old.marked(hunk.old) {
                found[row].old.push(span);
            }
            for (row, span) in new.marked(hunk.new) {
                found[row].new.push(span);
            }
        }
        found
    }
}

/// The words that differ; all, where what is common is there by chance.
fn differing(old: &Words<'_>, new: &Words<'_>) -> Vec<Hunk> {
    let all = Hunk { old: 0..old.words.len(), new: 0..new.words.len() };
    if old.words.is_empty() || new.words.is_empty() || old.bytes().max(new.bytes()) > MOST_BYTES {
        return vec![all];
    }
    let hunks = sequence_diff::hunks(&old.numbers, &new.numbers);
    let apart: usize = hunks.iter().map(|hunk| old.bytes_of(hunk.old.clone())).sum();
    let common = old.bytes().saturating_sub(apart);
    if common * 100 < old.bytes().max(new.bytes()) * BY_CHANCE { vec![all] } else { hunks }
}

/// The words of some lines.
struct Words<'a> {
    lines: &'a Lines,
    /// The row and line each is in, and its bytes there.
    words: Vec<(usize, usize, Range<usize>)>,
    numbers: Vec<u32>,
    /// Bytes before each word, and of all.
    before: Vec<usize>,
}

impl<'a> Words<'a> {
    fn of(rows: impl Iterator<Item = (usize, usize)>, lines: &'a Lines, numbering: &mut Numbering<'a>) -> Self {
        let mut found = Self { lines, words: Vec::new(), numbers: Vec::new(), before: vec![0] };
        for (row, line) in rows {
            let text = lines.line(line);
            if text.len() > MOST_BYTES {
                found.push(row, line, 0..text.trim_end().len(), numbering.of(text));
                continue;
            }
            for (start, word) in text.split_word_bound_indices().filter(|(_, word)| !word.trim().is_empty()) {
                found.push(row, line, start..start + word.len(), numbering.of(word));
            }
        }
        found
    }

    fn push(&mut self, row: usize, line: usize, span: Range<usize>, number: u32) {
        self.before.push(self.bytes() + span.len());
        self.words.push((row, line, span));
        self.numbers.push(number);
    }

    fn bytes(&self) -> usize {
        self.before.last().copied().unwrap_or_default()
    }

    fn bytes_of(&self, words: Range<usize>) -> usize {
        self.before[words.end] - self.before[words.start]
    }

    /// Words side by side in a line are marked as one, with the white space between them.
    fn marked(&self, words: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let mut found: Vec<(usize, Range<usize>)> = Vec::new();
        for (row, line, span) in &self.words[words] {
            let text = self.lines.line(*line);
            match found.last_mut() {
                Some((last, marked)) if last == row && text[marked.end..span.start].trim().is_empty() => {
                    marked.end = span.end;
                }
                _ => found.push((*row, span.clone())),
            }
        }
        found
    }
}
