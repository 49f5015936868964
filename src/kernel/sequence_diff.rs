//! Where two sequences differ: lines of texts, words of lines, names of sections.

use std::hash::Hash;
use std::ops::Range;

use hashbrown::HashMap;
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
pub fn hunks<T: Hash + Eq>(old: &[T], new: &[T]) -> Vec<Hunk> {
    let first = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[first..], &new[first..]);
    let last = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_end, new_end) = (old.len() - last, new.len() - last);
    let mut found = Vec::new();
    let mut at = (first, first);
    for (a, b) in common(&old[first..old_end], &new[first..new_end]) {
        let (a, b) = (first + a, first + b);
        if (a, b) != at {
            found.push(Hunk { old: at.0..a, new: at.1..b });
        }
        at = (a + 1, b + 1);
    }
    if at != (old_end, new_end) {
        found.push(Hunk { old: at.0..old_end, new: at.1..new_end });
    }
    found
}

/// The elements that are taken for the same. What one side alone has is left out before anything is compared: it is in
/// no answer, and most of the work.
fn common<T: Hash + Eq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut numbers: HashMap<&T, (u32, bool)> = HashMap::with_capacity(old.len());
    for (number, element) in (0..).zip(old) {
        numbers.entry(element).or_insert((number, false));
    }
    let mut right: Vec<(usize, u32)> = Vec::new();
    for (at, element) in new.iter().enumerate() {
        if let Some((number, in_both)) = numbers.get_mut(element) {
            *in_both = true;
            right.push((at, *number));
        }
    }
    let in_both = |(at, element)| numbers.get(element).filter(|(_, in_both)| *in_both).map(|(number, _)| (at, *number));
    let left: Vec<(usize, u32)> = old.iter().enumerate().filter_map(in_both).collect();
    let numbers = |side: &[(usize, u32)]| side.iter().map(|(_, number)| *number).collect::<Vec<_>>();
    let mut ops = Capture::new();
    // INVARIANT: to capture cannot fail.
    let _ = diff_slices(Algorithm::Myers, &mut ops, &numbers(&left), &numbers(&right));
    let same = ops.into_ops().into_iter().filter_map(|op| match op {
        DiffOp::Equal { old_index, new_index, len } => {
            Some((old_index..old_index + len).zip(new_index..new_index + len))
        }
        _ => None,
    });
    same.flatten().map(|(a, b)| (left[a].0, right[b].0)).collect()
}
