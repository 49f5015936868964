//! What of the executor's state, and of an action on its way, decides what may still come: two that are written the same
//! here have the same futures, whatever their records say of how they came there.

use super::disposal::{Disposal, Stage};
use super::{Answer, State};

/// Bytes in which a state is written: each part with its length, maps in the order of their keys.
#[derive(Debug, Default)]
pub struct Canonical(pub Vec<u8>);

impl Canonical {
    /// A number.
    pub fn number(&mut self, number: usize) {
        self.0.extend_from_slice(&(number as u64).to_le_bytes());
    }

    /// A small choice, such as which variant of an enum.
    pub fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
}

impl State {
    /// Writes locks, claims and uses.
    pub fn write_canonical(&self, out: &mut Canonical) {
        let Self { locks, arguments, claims, uses } = self;
        let mut locks: Vec<_> = locks.iter().collect();
        locks.sort_unstable();
        out.number(locks.len());
        for (entity, action) in locks {
            out.text(entity);
            out.text(action);
        }
        let mut arguments: Vec<_> = arguments.iter().collect();
        arguments.sort_unstable();
        out.number(arguments.len());
        for ((argument, value), action) in arguments {
            out.text(argument);
            out.text(value);
            out.text(action);
        }
        let claims = claims.all();
        out.number(claims.len());
        for (key, receipt) in claims {
            out.0.extend_from_slice(&key);
            out.text(&receipt);
        }
        let mut uses: Vec<_> = uses.iter().filter(|(_, moments)| !moments.is_empty()).collect();
        uses.sort_unstable();
        out.number(uses.len());
        for ((operator, tool), moments) in uses {
            out.text(operator);
            out.text(tool);
            out.number(moments.len());
            for (moment, count) in moments {
                out.0.extend_from_slice(&moment.to_le_bytes());
                out.0.extend_from_slice(&count.to_le_bytes());
            }
        }
    }
}

impl Disposal {
    /// Writes how far it is. Which action it is, and what its environment answers, belongs to whoever asks.
    pub fn write_canonical(&self, out: &mut Canonical) {
        // Named one by one, so that a new field is decided upon: what is left out follows from the stage, or is a record.
        let Self {
            ticket: _,
            action: _,
            malformed: _,
            valid_with: _,
            over_limit: _,
            binding: _,
            verdict,
            stage,
            stages: _,
            waited_for,
            gates: _,
            arguments,
            held_since,
            claimed_at,
        } = self;
        out.tag(*stage as u8);
        out.tag(verdict.decision as u8);
        out.tag(u8::from(waited_for.is_some()));
        out.tag(u8::from(held_since.is_some()));
        out.0.extend_from_slice(&claimed_at.unwrap_or(i64::MIN).to_le_bytes());
        out.number(arguments.len());
    }

    /// True where the next step, so answered, neither sees nor changes what actions share: when it is taken makes no
    /// difference to any other.
    pub fn is_private(&self, answer: &Answer) -> bool {
        matches!((self.stage, answer), (Stage::Validate, Answer::Go) | (Stage::Claim, Answer::Claimed))
    }

    /// The entity, and the arguments with their values, that it locks.
    pub fn locked_arguments(&self) -> &[(String, String)] {
        &self.arguments
    }
}
