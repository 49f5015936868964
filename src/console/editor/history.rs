//! What was changed, so that it can be taken back and done again. Changes of one kind that follow each other are one
//! step: a word typed, a run of characters erased. There is no clock in it.

use super::text::Text;

/// What a change was made by; only like ones become one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A character was typed.
    Typing,
    /// One before the cursor was taken.
    Erasing,
    /// One after the cursor was taken.
    Deleting,
    /// Anything else: a step of its own.
    Whole,
}

/// One splice, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub at: usize,
    /// What stood there.
    pub removed: String,
    /// What stands there now.
    pub inserted: String,
}

#[derive(Debug, Clone)]
struct Step {
    kind: Kind,
    changes: Vec<Change>,
    before: usize,
    after: usize,
}

/// Steps kept; older ones can no longer be taken back.
const MOST: usize = 10_000;

/// Steps that were made and steps that were taken back.
#[derive(Debug, Clone, Default)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// True while the last step may still grow.
    open: bool,
}

impl History {
    /// Notes changes that were made together, with the cursor before and after them.
    pub fn note(&mut self, kind: Kind, changes: Vec<Change>, (before, after): (usize, usize)) {
        self.undone.clear();
        let grown = match (self.done.last_mut(), changes.as_slice()) {
            (Some(last), [change]) if self.open && last.kind == kind => last.grow(change),
            _ => false,
        };
        if grown {
            if let Some(last) = self.done.last_mut() {
                last.after = after;
            }
        } else {
            self.done.push(Step { kind, changes, before, after });
            if self.done.len() > MOST {
                self.done.remove(0);
            }
        }
        self.open = kind != Kind::Whole;
    }

    /// What comes next is a step of its own.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// True when there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// True when there is something to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Takes the last step back; where the cursor was before it.
    pub fn undo(&mut self, text: &mut Text) -> Option<usize> {
        let step = self.done.pop()?;
        for change in step.changes.iter().rev() {
            text.splice(change.at..change.at + change.inserted.len(), &change.removed);
        }
        let cursor = step.before;
        self.undone.push(step);
        self.open = false;
        Some(cursor)
    }

    /// Does the last step again that was taken back; where the cursor was after it.
    pub fn redo(&mut self, text: &mut Text) -> Option<usize> {
        let step = self.undone.pop()?;
        for change in &step.changes {
            text.splice(change.at..change.at + change.removed.len(), &change.inserted);
        }
        let cursor = step.after;
        self.done.push(step);
        self.open = false;
        Some(cursor)
    }
}

impl Step {
    /// Takes a change that follows on from the last one; false where it is a step of its own.
    fn grow(&mut self, next: &Change) -> bool {
        let [last] = self.changes.as_mut_slice() else { return false };
        match self.kind {
            Kind::Typing => {
                let follows = next.removed.is_empty() && last.at + last.inserted.len() == next.at;
                // A word and the blanks before it are one step.
                let blank = |c: char| c.is_whitespace();
                let new_word = next.inserted.starts_with(blank) && !last.inserted.ends_with(blank);
                if follows && !new_word {
                    last.inserted.push_str(&next.inserted);
                }
                follows && !new_word
            }
            Kind::Erasing => {
                let follows =
                    next.inserted.is_empty() && last.inserted.is_empty() && next.at + next.removed.len() == last.at;
                if follows {
                    last.removed.insert_str(0, &next.removed);
                    last.at = next.at;
                }
                follows
            }
            Kind::Deleting => {
                let follows = next.inserted.is_empty() && last.inserted.is_empty() && next.at == last.at;
                if follows {
                    last.removed.push_str(&next.removed);
                }
                follows
            }
            Kind::Whole => false,
        }
    }
}
