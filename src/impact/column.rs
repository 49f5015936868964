//! The values of one group in ascending order, each with its row. New rows wait in a short sorted tail until it pays to
//! merge them, so that neither loading nor one receipt more ever sorts everything again.

use std::cmp::Ordering;
use std::ops::Range;

use hashbrown::HashMap;

use crate::kernel::decimal::{Compact, Decimal};

/// The numbers that eight bytes do not hold, by row.
pub(super) type Beside = HashMap<u32, Decimal>;

/// Sorted values and their rows, as two columns of equal length.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    pub keys: Vec<Compact>,
    pub rows: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    main: Run,
    tail: Run,
}

/// Where a value ends in the two runs of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub main: usize,
    pub tail: usize,
}

/// Up to this many rows the tail may grow, however short the column. Short in tests, so that they merge often.
const SHORT_TAIL: usize = if cfg!(test) { 3 } else { 512 };

impl Run {
    pub fn from_unsorted(mut pairs: Vec<(Compact, u32)>, beside: &Beside) -> Self {
        pairs.sort_unstable_by(|a, b| order(*a, *b, beside));
        let (keys, rows) = pairs.into_iter().unzip();
        Self { keys, rows }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    fn at(&self, index: usize) -> (Compact, u32) {
        (self.keys[index], self.rows[index])
    }

    /// How many rows have a value up to the number.
    fn end(&self, number: &Decimal, beside: &Beside) -> usize {
        let key = Compact::of(number);
        let below = self.keys.partition_point(|known| *known < key);
        let alike = self.keys[below..].partition_point(|known| *known == key);
        if key.is_exact() {
            return below + alike;
        }
        let holds = |row: &u32| beside.get(row).is_some_and(|value| value <= number);
        below + self.rows[below..below + alike].partition_point(holds)
    }

    fn merged(self, other: Self, beside: &Beside) -> Self {
        if self.len() == 0 || other.len() == 0 {
            return if self.len() == 0 { other } else { self };
        }
        let mut all = Self { keys: Vec::with_capacity(self.len() + other.len()), rows: Vec::new() };
        all.rows.reserve_exact(self.len() + other.len());
        let mut at = 0;
        for index in 0..other.len() {
            let next = other.at(index);
            let rest = at + self.keys[at..].partition_point(|key| *key < next.0);
            all.extend(&self, at..rest);
            at = rest;
            while at < self.len() && order(self.at(at), next, beside) == Ordering::Less {
                all.push(self.at(at));
                at += 1;
            }
            all.push(next);
        }
        all.extend(&self, at..self.len());
        all
    }

    fn push(&mut self, (key, row): (Compact, u32)) {
        self.keys.push(key);
        self.rows.push(row);
    }

    fn extend(&mut self, other: &Self, range: Range<usize>) {
        self.keys.extend_from_slice(&other.keys[range.clone()]);
        self.rows.extend_from_slice(&other.rows[range]);
    }
}

impl Column {
    pub fn len(&self) -> usize {
        self.main.len() + self.tail.len()
    }

    /// How many bytes it takes.
    pub fn bytes(&self) -> usize {
        let of = |run: &Run| run.keys.capacity() * size_of::<Compact>() + run.rows.capacity() * size_of::<u32>();
        of(&self.main) + of(&self.tail)
    }

    /// The two runs.
    pub fn runs(&self) -> [&Run; 2] {
        [&self.main, &self.tail]
    }

    /// Takes a sorted run in.
    pub fn absorb(&mut self, run: Run, beside: &Beside) {
        let waiting = self.tail.len() + run.len();
        self.tail = std::mem::take(&mut self.tail).merged(run, beside);
        if waiting > (self.main.len() / 4).max(SHORT_TAIL) {
            self.settle(beside);
        }
    }

    /// Takes one row in.
    pub fn insert(&mut self, key: Compact, row: u32, beside: &Beside) {
        let place = |index: &usize| order(self.tail.at(*index), (key, row), beside) == Ordering::Less;
        let (mut low, mut high) = (0, self.tail.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if place(&middle) { low = middle + 1 } else { high = middle }
        }
        self.tail.keys.insert(low, key);
        self.tail.rows.insert(low, row);
        if self.tail.len() > (8 * self.main.len().isqrt()).max(SHORT_TAIL) {
            self.settle(beside);
        }
    }

    fn settle(&mut self, beside: &Beside) {
        let (main, tail) = (std::mem::take(&mut self.main), std::mem::take(&mut self.tail));
        self.main = main.merged(tail, beside);
    }

    /// Where the values up to a number end; without one, where all of them do.
    pub fn ends(&self, upto: Option<&Decimal>, beside: &Beside) -> Ends {
        let end = |run: &Run| upto.map_or(run.len(), |number| run.end(number, beside));
        Ends { main: end(&self.main), tail: end(&self.tail) }
    }
}

/// By value, then by row. Rows of equal keys that do not say it all are told apart by their numbers.
fn order(a: (Compact, u32), b: (Compact, u32), beside: &Beside) -> Ordering {
    a.0.cmp(&b.0)
        .then_with(|| if a.0.is_exact() { Ordering::Equal } else { beside.get(&a.1).cmp(&beside.get(&b.1)) })
        .then(a.1.cmp(&b.1))
}
