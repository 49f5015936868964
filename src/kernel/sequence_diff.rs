//! Where two sequences differ: lines of texts, words of lines, names of sections.

use std::hash::Hash;
use std::ops::Range;

use similar::algorithms::{Capture, diff_slices};
use similar::{Algorithm, DiffOp};

/// Elements of one sequence that stand in place of elements of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// In the first.
    pub old: Range<usize>,
    /// In the second.
    pub new: Range<usize>,
}

/// Where two sequences differ, in order. As few elements as can be where they differ in some hundreds, and bounded in
/// time where they differ in more.
pub fn hunks<T: Hash + Ord>(old: &[T], new: &[T]) -> Vec<Hunk> {
    if old == new {
        return Vec::new();
    }
    let mut ops = Capture::new();
    // INVARIANT: to capture cannot fail.
    let _ = diff_slices(Algorithm::Myers, &mut ops, old, new);
    let (mut found, mut at) = (Vec::new(), (0, 0));
    // What is the same is certain; what stands between is what differs.
    let equal = ops.into_ops().into_iter().filter_map(|op| match op {
        DiffOp::Equal { old_index, new_index, len } => Some((old_index, new_index, len)),
        _ => None,
    });
    for (old_index, new_index, len) in equal.chain([(old.len(), new.len(), 0)]) {
        if (old_index, new_index) != at {
            found.push(Hunk { old: at.0..old_index, new: at.1..new_index });
        }
        at = (old_index + len, new_index + len);
    }
    found
}
