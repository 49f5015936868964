//! Passages that stand elsewhere: removed in one place and added in another, word by word.

use std::collections::HashMap;

use super::lines::{Lines, Numbering};
use crate::kernel::sequence_diff::Hunk;

/// Letters and digits that a passage has at least: less is found in many places, and moves nothing.
const SHORTEST: usize = 20;
/// Places that are tried for a line; what stands in more is no passage that anyone would know again.
const PLACES: usize = 16;
/// Lines without letters that a passage may begin with, looked through for its first words.
const LOOKED_THROUGH: usize = 64;

/// Where the lines of moved passages are on the other side.
#[derive(Debug, Default)]
pub struct Moves {
    /// For each old line, the new line that has it.
    pub to: Vec<Option<usize>>,
    /// For each new line, the old line that it was.
    pub from: Vec<Option<usize>>,
    /// How many passages there are.
    pub passages: usize,
}

/// Looks for removed passages among what was added; white space around a line does not count.
pub fn of(old: &Lines, new: &Lines, hunks: &[Hunk]) -> Moves {
    let mut numbering = Numbering::default();
    let before = changed(old, hunks.iter().map(|hunk| hunk.old.clone()), &mut numbering);
    let after = changed(new, hunks.iter().map(|hunk| hunk.new.clone()), &mut numbering);
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (at, line) in before.iter().enumerate() {
        let known = places.entry(line.number).or_default();
        if known.len() < PLACES && line.letters > 0 {
            known.push(at);
        }
    }
    let mut moves = Moves { to: vec![None; old.len()], from: vec![None; new.len()], passages: 0 };
    let mut at = 0;
    while at < after.len() {
        let known = places.get(&after[at].number).map_or(&[][..], Vec::as_slice);
        let free = known.iter().filter(|place| before[**place].hunk != after[at].hunk);
        let longest = free
            .map(|place| (passage(&before[*place..], &after[at..], &moves), *place))
            .max_by_key(|(length, place)| (*length, usize::MAX - place));
        let Some((length, place)) = longest.filter(|(length, _)| *length > 0) else {
            at += 1;
            continue;
        };
        for (from, to) in before[place..].iter().zip(&after[at..]).take(length) {
            moves.to[from.line] = Some(to.line);
            moves.from[to.line] = Some(from.line);
        }
        moves.passages += 1;
        at += length;
    }
    moves
}

/// A line that one side alone has, and that has something in it.
struct Changed {
    line: usize,
    hunk: usize,
    number: u32,
    letters: usize,
    /// Whether the line with words before it is one of these too.
    follows: bool,
}

fn changed<'a>(
    lines: &'a Lines,
    ranges: impl Iterator<Item = std::ops::Range<usize>>,
    numbering: &mut Numbering<'a>,
) -> Vec<Changed> {
    let mut found: Vec<Changed> = Vec::new();
    for (hunk, range) in ranges.enumerate() {
        for line in range {
            let text = lines.line(line).trim();
            if text.is_empty() {
                continue;
            }
            let blank = |between: usize| lines.line(between).trim().is_empty();
            let follows = found.last().is_some_and(|last| (last.line + 1..line).all(blank));
            let letters = text.chars().filter(|c| c.is_alphanumeric()).take(SHORTEST).count();
            found.push(Changed { line, hunk, number: numbering.of(text), letters, follows });
        }
    }
    found
}

/// How many lines are the same from here on, on both sides; nothing where they are too few to be a passage.
fn passage(before: &[Changed], after: &[Changed], moves: &Moves) -> usize {
    let (mut length, mut letters) = (0, 0);
    for (from, to) in before.iter().zip(after) {
        let goes_on = length == 0 || (from.follows && to.follows);
        if !goes_on || from.number != to.number || moves.to[from.line].is_some() || from.hunk == to.hunk {
            break;
        }
        letters += from.letters;
        length += 1;
        if letters < SHORTEST && length > LOOKED_THROUGH {
            break;
        }
    }
    if letters < SHORTEST { 0 } else { length }
}
