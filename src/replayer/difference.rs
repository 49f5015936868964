//! Where a play differs from the play of the same envelopes before it: the same envelope's earlier turn in the same run
//! where it came twice, else its turn in another run. Entity and idempotency keys are compared strictly.

use std::collections::HashMap;

use super::index::Index;
use super::moment::{Moment, Stage};
use crate::kernel::journal::Disposed;
use crate::kernel::receipt::Receipt;

/// The same envelope, played before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counterpart {
    /// True where it is in the other run.
    pub in_other: bool,
    /// Its place among the envelopes there.
    pub place: usize,
}

/// For each envelope of a run, the same one played before. It grows with the runs.
#[derive(Debug, Clone, Default)]
pub struct Pairing {
    pairs: Vec<Option<Counterpart>>,
    /// The last place of each event in this run, and the first in the other.
    seen: HashMap<u32, usize>,
    others: HashMap<u32, usize>,
    /// Envelopes of the other run that were looked at.
    of_other: usize,
}

impl Pairing {
    /// Pairs the envelopes of a run, by their event ids, with those that came before.
    pub fn of(index: &Index, other: Option<&Index>) -> Self {
        let mut pairing = Self::default();
        pairing.catch_up(index, other);
        pairing
    }

    /// Pairs what was not looked at yet. Where the other run has grown, all is paired anew.
    pub fn catch_up(&mut self, index: &Index, other: Option<&Index>) {
        let event = |index: &Index, place: usize| index.envelope(place).map_or(0, |entry| index.sameness(entry));
        let others = other.map_or(0, Index::envelopes);
        if others != self.of_other || index.envelopes() < self.pairs.len() {
            (self.pairs, self.seen) = (Vec::new(), HashMap::new());
            if others < self.of_other {
                (self.others, self.of_other) = (HashMap::new(), 0);
            }
            for place in self.of_other..others {
                let event = other.map_or(0, |other| event(other, place));
                self.others.entry(event).or_insert(place);
            }
            self.of_other = others;
        }
        for place in self.pairs.len()..index.envelopes() {
            let event = event(index, place);
            let pair = if event == 0 {
                None
            } else {
                let before = self.seen.insert(event, place).map(|place| Counterpart { in_other: false, place });
                before.or_else(|| self.others.get(&event).map(|place| Counterpart { in_other: true, place: *place }))
            };
            self.pairs.push(pair);
        }
    }

    /// The same envelope, played before.
    pub fn of_envelope(&self, place: usize) -> Option<Counterpart> {
        self.pairs.get(place).copied().flatten()
    }

    /// How many envelopes were paired or looked at.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The first moment behind one at which a run differs from what came before it.
    pub fn next_difference(&self, index: &Index, other: Option<&Index>, behind: Moment) -> Option<Moment> {
        let from = index.envelope_at(behind.entry).unwrap_or(0);
        (from..self.pairs.len()).find_map(|place| {
            let first = self.first_in(index, other, place)?;
            // Within the envelope at hand the first difference may lie behind; what follows it there is its consequence.
            (first > behind && first.entry != behind.entry).then_some(first)
        })
    }

    /// The first action of an envelope that differs; the envelope itself where only the number of actions does.
    pub fn first_in(&self, index: &Index, other: Option<&Index>, place: usize) -> Option<Moment> {
        let counterpart = self.of_envelope(place)?;
        let base = if counterpart.in_other { other? } else { index };
        let (own, before) = (index.actions_of(place), base.actions_of(counterpart.place));
        let differs = |(own, before): &(&u32, &u32)| index.sameness(**own) != base.sameness(**before);
        if let Some((entry, _)) = own.iter().zip(before).find(differs) {
            return Some(Moment { entry: *entry, stage: index.reached(*entry) });
        }
        let entry = index.envelope(place)?;
        let marks_differ = own.is_empty() && index.mark(entry) != base.mark(base.envelope(counterpart.place)?);
        (own.len() != before.len() || marks_differ).then(|| match own.get(before.len()) {
            Some(entry) => Moment { entry: *entry, stage: index.reached(*entry) },
            None => Moment { entry, stage: None },
        })
    }
}

/// The first field in which two plays of an action differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The stage that the field belongs to.
    pub stage: Stage,
    /// The field.
    pub field: &'static str,
    /// What it was before.
    pub before: String,
    /// What it is here.
    pub here: String,
}

/// The first field in which an action differs from the same one played before; ids, times and sentences aside.
pub fn first_field(before: &Disposed, here: &Disposed) -> Option<FieldDifference> {
    let none = || "none".to_owned();
    let optional = |text: &Option<String>| text.clone().unwrap_or_else(none);
    let value = |receipt: &Receipt| receipt.value.as_ref().map_or_else(none, |value| value.number.to_string());
    let (one, two) = (&before.receipt, &here.receipt);
    let fields: [(Stage, &'static str, String, String); 9] = [
        (Stage::Validate, "tool", one.tool.clone(), two.tool.clone()),
        (Stage::Validate, "connector", optional(&one.connector), optional(&two.connector)),
        (Stage::Validate, "entity_key", one.entity_key.clone(), two.entity_key.clone()),
        (Stage::Validate, "idempotency_key", one.idempotency_key.clone(), two.idempotency_key.clone()),
        (Stage::Validate, "value", value(one), value(two)),
        (Stage::Validate, "args", one.args.as_str().to_owned(), two.args.as_str().to_owned()),
        (Stage::Policy, "rule", optional(&one.verdict.rule), optional(&two.verdict.rule)),
        (
            decision_stage(here),
            "decision",
            one.verdict.decision.word().to_owned(),
            two.verdict.decision.word().to_owned(),
        ),
        (Stage::Receipt, "outcome", one.outcome.word().to_owned(), two.outcome.word().to_owned()),
    ];
    let (stage, field, before, here) = fields.into_iter().find(|(_, _, before, here)| before != here)?;
    Some(FieldDifference { stage, field, before, here })
}

/// The stage at which the decision came about.
fn decision_stage(disposed: &Disposed) -> Stage {
    Stage::reached(disposed).min(Stage::Dedup)
}
