//! Two texts line by line: what differs, and two sets of changes to one text made into one.

use std::ops::Range;

pub use crate::kernel::sequence_diff::{Hunk, hunks as hunks_of};

/// The lines of a text, each with its line break.
fn cut(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where two texts differ, in order.
pub fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    if old == new {
        return Vec::new();
    }
    hunks_of(&cut(old), &cut(new))
}

/// Both sets of changes to `base`; none where they meet in a line and differ.
pub fn merge(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let (old, left, right) = (cut(base), cut(mine), cut(theirs));
    let (ours, others) = (hunks_of(&old, &left), hunks_of(&old, &right));
    let mut out = String::with_capacity(mine.len().max(theirs.len()));
    let (mut at, mut a, mut b) = (0, ours.iter().peekable(), others.iter().peekable());
    loop {
        let (hunk, text) = match (a.peek(), b.peek()) {
            (None, None) => break,
            (Some(x), Some(y)) if touch(&x.old, &y.old) => {
                let same = x.old == y.old && left[x.new.clone()] == right[y.new.clone()];
                b.next();
                (a.next().filter(|_| same)?, &left)
            }
            (Some(x), Some(y)) if x.old.start < y.old.start => (a.next()?, &left),
            (Some(_), None) => (a.next()?, &left),
            (_, Some(_)) => (b.next()?, &right),
        };
        out.extend(old[at..hunk.old.start].iter().copied());
        out.extend(text[hunk.new.clone()].iter().copied());
        at = hunk.old.end;
    }
    out.extend(old[at..].iter().copied());
    Some(out)
}

/// True where two changes lie in or beside each other: what belongs together nobody can tell then.
fn touch(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn changes_apart_are_merged_and_changes_in_one_place_are_not() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(merge(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n").unwrap(), "A\nb\nc\nd\nE\n");
        assert_eq!(merge(base, "a\nb\nx\nc\nd\ne\n", "b\nc\nd\n").unwrap(), "b\nx\nc\nd\n");
        assert_eq!(merge(base, "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n").unwrap(), "a\nB\nc\nd\ne\n");
        assert_eq!(merge(base, "a\nB\nc\nd\ne\n", "a\nX\nc\nd\ne\n"), None);
        assert_eq!(merge(base, "a\nB\nc\nd\ne\n", "a\nb\nC\nd\ne\n"), None, "side by side");
        assert_eq!(hunks(base, "a\nX\nc\ne\n"), [Hunk { old: 1..2, new: 1..2 }, Hunk { old: 3..4, new: 3..3 }]);
    }

    proptest! {
        #[test]
        fn one_sides_changes_are_kept_whole(base in "[ab\n]{0,20}", mine in "[ab\n]{0,20}") {
            prop_assert_eq!(merge(&base, &mine, &base), Some(mine.clone()));
            prop_assert_eq!(merge(&base, &base, &mine), Some(mine.clone()));
            prop_assert_eq!(merge(&base, &mine, &mine), Some(mine.clone()));
            let (old, new) = (cut(&base), cut(&mine));
            let mut at = 0;
            let mut made = String::new();
            for hunk in hunks(&base, &mine) {
                made.extend(old[at..hunk.old.start].iter().copied());
                made.extend(new[hunk.new].iter().copied());
                at = hunk.old.end;
            }
            made.extend(old[at..].iter().copied());
            prop_assert_eq!(made, mine);
        }
    }
}
