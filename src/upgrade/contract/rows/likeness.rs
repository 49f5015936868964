//! Which lines of a change are versions of each other, by the words they have in common.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Lines of a change that are compared with each other; in a longer one they stand in order.
const MOST: usize = 32;
/// Bytes of a line that are compared.
const LONGEST: usize = 2_000;
/// Hundredths of its words that two lines have in common at least to be versions of each other.
const ALIKE: usize = 50;

/// Pairs of lines, in the order of both sides. What is like nothing pairs with what stands across from it.
pub fn pairs<T: AsRef<str>>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut at = (0, 0);
    for (a, b) in alike(old, new).into_iter().chain([(old.len(), new.len())]) {
        pairs.extend(across(old, new, at, (a, b)));
        if a < old.len() {
            pairs.push((a, b));
        }
        at = (a + 1, b + 1);
    }
    pairs
}

/// One after another; a blank line stands for no other.
fn across<'a, T: AsRef<str>>(
    old: &'a [T],
    new: &'a [T],
    from: (usize, usize),
    to: (usize, usize),
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let filled = |lines: &'a [T], from: usize, to: usize| (from..to).filter(move |at| !lines[*at].as_ref().is_empty());
    filled(old, from.0, to.0).zip(filled(new, from.1, to.1))
}

/// The pairs whose likeness is the most together.
fn alike<T: AsRef<str>>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    if old.is_empty() || new.is_empty() || old.len() > MOST || new.len() > MOST {
        return Vec::new();
    }
    let words = |lines: &[T]| lines.iter().map(|line| words(line.as_ref())).collect::<Vec<_>>();
    let (left, right) = (words(old), words(new));
    let width = right.len() + 1;
    let mut likeness = vec![0; left.len() * right.len()];
    // From the end: the most that the rest of both sides can have.
    let mut best = vec![0_usize; (left.len() + 1) * width];
    for a in (0..left.len()).rev() {
        for b in (0..right.len()).rev() {
            let here = common(&left[a], &right[b]);
            likeness[a * right.len() + b] = here;
            let paired = if here > 0 { here + best[(a + 1) * width + b + 1] } else { 0 };
            best[a * width + b] = paired.max(best[(a + 1) * width + b]).max(best[a * width + b + 1]);
        }
    }
    let (mut a, mut b, mut pairs) = (0, 0, Vec::new());
    while a < left.len() && b < right.len() {
        let here = likeness[a * right.len() + b];
        if here > 0 && best[a * width + b] == here + best[(a + 1) * width + b + 1] {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if best[a * width + b] == best[(a + 1) * width + b] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

/// The words of a line as numbers, sorted.
fn words(line: &str) -> Vec<u64> {
    let parted = |c: char| c.is_whitespace() || (c.is_ascii_punctuation() && c != '_');
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let mut found: Vec<u64> = line[..end]
        .split(parted)
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            hasher.finish()
        })
        .collect();
    found.sort_unstable();
    found
}

/// Hundredths of the words that both lines have; nothing where they are too few.
fn common(left: &[u64], right: &[u64]) -> usize {
    let (mut a, mut b, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (left.get(a), right.get(b)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => (a, b, both) = (a + 1, b + 1, both + 1),
        }
    }
    let share = 200 * both / (left.len() + right.len()).max(1);
    if share < ALIKE { 0 } else { share }
}
