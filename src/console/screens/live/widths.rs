//! How wide the lists would have to be for nothing of what is in view to be cut. It only grows while the terminal keeps
//! its width, so that columns do not move under a person's eyes.

use super::{ListId, Live};
use crate::console::model::Model;
use crate::console::present::summary::{badges, came_from, summarize};
use crate::console::text::{cells, width};
use crate::kernel::journal::Fact;

/// The widest of each kind that was in view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Widths {
    columns: u16,
    /// Of each list what was in view last: the first row, how many there were, how many show; none where not all of them
    /// were in memory.
    looked_at: [Option<(usize, usize, usize)>; 4],
    types: u16,
    origins: u16,
    operators: u16,
    actions: u16,
    tools: u16,
    sentences: u16,
    receipts: u16,
    entities: u16,
}

/// Of a text wider than that, the rest may be cut.
const MOST: usize = 72;
/// Of a sentence, what comes before the files of the envelopes.
const SENTENCE: u16 = 36;

impl Widths {
    /// Takes in what is in view, `height` rows of each list.
    pub(super) fn measure(self, live: &Live, model: &Model, columns: u16, height: usize) -> Self {
        let mut widths = if self.columns == columns { self } else { Self { columns, ..Self::default() } };
        for list in ListId::ALL {
            let (rows, top) = (live.list(model, list), live.selection_in(list).top);
            let in_view = Some((top, rows.len(), height));
            if widths.looked_at[list as usize] == in_view {
                continue;
            }
            widths.looked_at[list as usize] = in_view;
            for row in rows.iter().skip(top).take(height) {
                let Some(summary) = summarize(model, *row) else {
                    widths.looked_at[list as usize] = None;
                    continue;
                };
                let grow = |known: &mut u16, text: &str| *known = (*known).max(cells(width(text).min(MOST)));
                match list {
                    ListId::Envelopes => {
                        grow(&mut widths.types, &summary.subject);
                        grow(&mut widths.origins, &came_from(model, *row));
                    }
                    ListId::Plans => {
                        let Some(Fact::Proposed(proposed)) = model.entry(*row).map(|entry| &entry.fact) else {
                            continue;
                        };
                        grow(&mut widths.operators, &proposed.operator);
                        let plan = model.arrival(*row).map(|arrival| badges(model, arrival, Some(&proposed.plan_id)));
                        let taken = plan.map_or(0, |found| {
                            let many = found.badges.len().min(MOST / 2) * 2;
                            if found.alone { 2 + width(summary.badge.word) } else { many }
                        });
                        widths.actions = widths.actions.max(cells(taken));
                    }
                    ListId::Decisions => {
                        grow(&mut widths.tools, &summary.subject);
                        grow(&mut widths.sentences, &summary.sentence);
                    }
                    ListId::Receipts => {
                        grow(&mut widths.receipts, summary.receipt.map_or("", |(id, _)| id));
                        grow(&mut widths.entities, summary.entity);
                    }
                }
            }
        }
        widths
    }

    /// The widest tool in view.
    pub(super) fn tool(&self) -> u16 {
        self.tools
    }

    /// The widest operator in view.
    pub(super) fn operator(&self) -> u16 {
        self.operators
    }

    /// What no list does without: the type, the operator, the tool and why in a word, the receipt and its outcome.
    fn needed(&self) -> [u16; 4] {
        [
            1 + 5 + self.types + 2 + 5 + 3,
            1 + self.operators + 2 + self.actions,
            1 + 9 + self.tools + 1 + 10 + 1,
            1 + self.receipts.max(7) + 2 + 14,
        ]
    }

    /// What each list would take, a sentence at most so much.
    fn wanted(&self, sentence: u16) -> [u16; 4] {
        [
            // Mark, age, type, file, thread, how far it went.
            1 + 5 + self.types + 2 + self.origins + 2 + 5 + 3,
            1 + self.operators + 2 + self.actions + 1 + 13,
            1 + 9 + self.tools + 2 + self.sentences.min(sentence) + 1,
            1 + self.receipts.max(7) + 2 + 16 + self.entities,
        ]
    }

    /// Gives columns that a list has and does not need to those that are cut, the first ones first. The end of a long
    /// sentence, which the Why line says anyway, comes last.
    pub(super) fn share(&self, shares: [u16; 4]) -> [u16; 4] {
        let levels = [self.needed(), self.wanted(SENTENCE), self.wanted(cells(MOST))];
        let mut shares = shares;
        for (at, lacked) in levels.into_iter().enumerate() {
            // Whoever can do without gives first.
            for kept in levels[at..].iter().rev().copied() {
                shares = moved(shares, lacked, kept);
            }
        }
        shares
    }
}

/// Moves columns from lists that have more than they keep to those that lack some.
fn moved(mut shares: [u16; 4], lacked: [u16; 4], kept: [u16; 4]) -> [u16; 4] {
    let lacks: [u16; 4] = std::array::from_fn(|at| lacked[at].saturating_sub(shares[at]));
    let mut needed: u16 = lacks.iter().sum();
    let mut spare = 0;
    for (share, kept) in shares.iter_mut().zip(kept) {
        let given = share.saturating_sub(kept).min(needed);
        (*share, needed, spare) = (*share - given, needed - given, spare + given);
    }
    for (share, lack) in shares.iter_mut().zip(lacks) {
        let taken = lack.min(spare);
        (*share, spare) = (*share + taken, spare - taken);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_from_what_has_too_many_to_what_is_cut() {
        let widths = Widths {
            columns: 200,
            types: 30,
            origins: 20,
            operators: 10,
            tools: 14,
            sentences: 33,
            receipts: 8,
            ..Widths::default()
        };
        assert_eq!(widths.wanted(SENTENCE), [68, 27, 60, 27]);
        assert_eq!(widths.share([47, 36, 69, 37]), [68, 27, 60, 34]);
        assert_eq!(widths.share([80, 36, 69, 37]), [80, 36, 69, 37], "nothing is cut");
        assert_eq!(widths.share([20, 13, 20, 20]), [20, 13, 20, 20], "nobody has any to give");
        assert_eq!(widths.needed(), [46, 13, 36, 25]);
        assert!(widths.share([39, 29, 46, 32])[0] >= 46, "a type is whole before a sentence is");
    }
}
