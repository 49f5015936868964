//! What was found, in words: the same on the screen and in lines.

use super::explored::{Explored, OutcomeClass};
use super::property::Property;
use super::world::{Claimer, Did, Ending, Move};
use crate::kernel::receipt::Outcome;

/// The letter by which a plan goes.
pub fn letter(plan: usize) -> char {
    u8::try_from(plan).ok().and_then(|plan| Some(char::from(b'A'.checked_add(plan)?))).unwrap_or('?')
}

impl Explored {
    /// `B2`: an action by its plan's letter and its place in it.
    pub fn name(&self, action: usize) -> String {
        let plan = self.actions.get(action).map_or(0, |action| action.plan);
        let first = self.actions.iter().position(|other| other.plan == plan).unwrap_or(0);
        format!("{}{}", letter(plan), action.saturating_sub(first) + 1)
    }

    /// How an action ended: `ALLOW applied`, `DEDUP by A1`.
    pub fn ending(&self, ending: Option<Ending>) -> String {
        let Some(ending) = ending else { return "no end".to_owned() };
        let decision = ending.decision.word();
        match (ending.claimer, ending.outcome) {
            (Some(Claimer::Action(action)), _) => format!("{decision} by {}", self.name(action)),
            (Some(Claimer::Earlier), _) => format!("{decision} by an earlier receipt"),
            (None, Outcome::Refused) => format!("{decision} {}", ending.cause.word()),
            (None, Outcome::Failed) if !ending.keeps_key => format!("{decision} failed, key given back"),
            (None, outcome) => format!("{decision} {}", outcome.word()),
        }
    }

    /// For whom an action waits.
    pub fn waits(&self, action: usize, holder: &str) -> String {
        let by = self.actions.iter().position(|other| other.action_id == holder);
        let by = by.map_or_else(|| holder.to_owned(), |by| self.name(by));
        format!("waits: {by} holds {}", self.actions[action].entity_key)
    }

    /// What a step did, in a few words.
    pub fn step(&self, taken: &Move) -> String {
        let action = &self.actions[taken.action];
        match &taken.did {
            Did::Admitted => format!("{} is validated", action.tool),
            Did::Waits { holder } => self.waits(taken.action, holder),
            Did::Held => "waits for a person".to_owned(),
            Did::Claimed => format!("holds {}, claims {}", action.entity_key, action.idempotency_key),
            Did::Called => "its handler runs".to_owned(),
            Did::Ended(end) => self.ending(Some(*end)),
        }
    }

    /// How many schedules were looked at, and what was not looked at twice.
    pub fn looked_at(&self) -> String {
        format!(
            "{} looked at, no two equivalent, for {} orders; {}, {} met again",
            many(self.schedules, "schedule"),
            number(self.orders),
            many(self.states as u128, "state"),
            number(u128::from(self.met_again))
        )
    }

    /// What was found, in one sentence.
    pub fn verdict(&self) -> String {
        match &self.bad {
            None => {
                let wanted: Vec<_> = self.wanted.iter().map(|property| property.name()).collect();
                format!("no schedule is bad; looked for {}", wanted.join(", "))
            }
            Some((outcome, _)) => {
                let bad: Vec<_> = self.outcomes[*outcome].bad.iter().map(|property| property.says()).collect();
                let many: u128 = self
                    .outcomes
                    .iter()
                    .filter(|outcome| !outcome.bad.is_empty())
                    .fold(0, |sum, outcome| sum.saturating_add(outcome.schedules));
                let are = if many == 1 { "is" } else { "are" };
                format!("{} of {} {are} bad: {}", number(many), number(self.schedules), bad.join("; "))
            }
        }
    }
}

impl OutcomeClass {
    /// Marks of an outcome: whether it was recorded, and what is bad of it.
    pub fn marks(&self) -> String {
        let recorded = self.is_recorded.then_some("as recorded");
        let bad = self.bad.iter().copied().map(Property::name);
        recorded.into_iter().chain(bad).collect::<Vec<_>>().join(", ")
    }
}

fn many(count: u128, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {what}{plural}", number(count))
}

/// A number with its thousands apart; the largest there is stands for more.
pub fn number(count: u128) -> String {
    if count == u128::MAX {
        return "more than 10^38".to_owned();
    }
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
