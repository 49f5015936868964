//! Where a change begins, where it could begin in several lines as well: a paragraph that is added is shown with the
//! blank line after it, and not with the one before it and without its own.

use std::ops::Range;

use super::lines::Lines;
use crate::kernel::sequence_diff::Hunk;

/// Lines that a change is moved up or down at most.
const FARTHEST: usize = 100;

/// Moves changes that only add or only remove to where paragraphs begin. The hunks are those of a block and stay apart.
pub fn settle(hunks: &mut [Hunk], block: &Hunk, old: (&Lines, &[u32]), new: (&Lines, &[u32])) {
    for at in 0..hunks.len() {
        let after =
            |hunk: &Hunk| Hunk { old: hunk.old.end + 1..hunk.old.end + 1, new: hunk.new.end + 1..hunk.new.end + 1 };
        let lower = at.checked_sub(1).map_or_else(|| block.clone(), |before| after(&hunks[before]));
        let upper =
            hunks.get(at + 1).map_or((block.old.end, block.new.end), |next| (next.old.start - 1, next.new.start - 1));
        let hunk = &mut hunks[at];
        let (side, range, bounds) = match (hunk.old.is_empty(), hunk.new.is_empty()) {
            (true, false) => (new, hunk.new.clone(), lower.new.start..upper.1),
            (false, true) => (old, hunk.old.clone(), lower.old.start..upper.0),
            _ => continue,
        };
        let best = places(side.1, &range, &bounds).max_by_key(|place| worth(side.0, place, block_start(block, hunk)));
        let Some(best) = best else { continue };
        *hunk = Hunk { old: shifted(&hunk.old, &range, &best), new: shifted(&hunk.new, &range, &best) };
    }
}

fn block_start(block: &Hunk, hunk: &Hunk) -> usize {
    if hunk.old.is_empty() { block.new.start } else { block.old.start }
}

fn shifted(lines: &Range<usize>, from: &Range<usize>, to: &Range<usize>) -> Range<usize> {
    let shift = |line: usize| (line + to.start).saturating_sub(from.start);
    shift(lines.start)..shift(lines.end)
}

/// All places that the range can be at with the text as it is, the uppermost first.
fn places(ids: &[u32], range: &Range<usize>, bounds: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let up = (1..=FARTHEST)
        .take_while(|by| range.start >= bounds.start + by && ids[range.start - by] == ids[range.end - by])
        .count();
    let down = (0..FARTHEST)
        .take_while(|by| range.end + by < bounds.end && ids[range.start + by] == ids[range.end + by])
        .count();
    (range.start - up..=range.start + down).map(|start| start..start + range.len())
}

/// How much of a paragraph a place makes of the range. Of equal ones the last is taken.
fn worth(lines: &Lines, place: &Range<usize>, first: usize) -> usize {
    let blank = |line: usize| lines.line(line).trim().is_empty();
    let begins = place.start == first || blank(place.start - 1);
    2 * usize::from(begins && !blank(place.start)) + usize::from(blank(place.end - 1))
}
