//! The bands of two policies laid over one another: the values between two neighbouring edges of either.

use std::iter::Peekable;
use std::slice::Iter;

use crate::kernel::decimal::Decimal;
use crate::kernel::policy::{Band, Bands, Reached};

/// Values up to one, inclusive, of which each policy says one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step<'a> {
    pub upto: Option<&'a Decimal>,
    pub before: Reached,
    pub after: Reached,
}

/// The steps, ascending; the last is open.
pub(super) struct Steps<'a> {
    before: Peekable<Iter<'a, Band<'a>>>,
    after: Peekable<Iter<'a, Band<'a>>>,
}

impl<'a> Steps<'a> {
    pub fn of(before: &'a Bands<'a>, after: &'a Bands<'a>) -> Self {
        Self { before: before.bands.iter().peekable(), after: after.bands.iter().peekable() }
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let (old, new) = (*self.before.peek()?, *self.after.peek()?);
        let (upto, ends_old, ends_new) = match (old.upto, new.upto) {
            (Some(x), Some(y)) => (Some(x.min(y)), x <= y, y <= x),
            (x, y) => (x.or(y), x.is_some() || y.is_none(), y.is_some() || x.is_none()),
        };
        if ends_old {
            self.before.next();
        }
        if ends_new {
            self.after.next();
        }
        Some(Step { upto, before: old.reached, after: new.reached })
    }
}
