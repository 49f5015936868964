//! What entries of the journal can be asked for: one set of fields over what they tell of envelopes, plans and receipts.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Entry, Fact};
use crate::kernel::receipt::Receipt;
use crate::query::{Field, Query, Record, fields};

/// Envelopes that are remembered: what comes of one follows soon, but for what a person is asked.
const REMEMBERED: usize = 256;

/// The envelopes that entries were lately about.
#[derive(Debug, Default)]
pub(super) struct Envelopes(VecDeque<((u32, u64), Arc<EventEnvelope>)>);

impl Envelopes {
    /// True when a query lets an entry of a run through.
    pub(super) fn matches(&mut self, query: &Query, run: u32, line: &str) -> bool {
        let Ok(entry) = serde_json::from_str::<Entry>(line) else { return false };
        if let Fact::Received(received) = &entry.fact {
            if self.0.len() == REMEMBERED {
                self.0.pop_front();
            }
            self.0.push_back(((run, received.arrival), Arc::clone(&received.envelope)));
        }
        let about = entry.fact.arrival().map(|arrival| (run, arrival));
        let envelope = self.0.iter().rev().find(|(of, _)| Some(*of) == about).map(|(_, envelope)| &**envelope);
        query.matches(&EntryRecord { fact: &entry.fact, envelope, line })
    }
}

/// An entry, and the envelope it is about where that is known.
#[derive(Debug, Clone, Copy)]
pub struct EntryRecord<'a> {
    fact: &'a Fact,
    envelope: Option<&'a EventEnvelope>,
    line: &'a str,
}

impl<'a> EntryRecord<'a> {
    fn receipt(&self) -> Option<&'a Receipt> {
        match self.fact {
            Fact::Disposed(disposed) => Some(&disposed.receipt),
            Fact::Held(held) => Some(&held.interrupted),
            _ => None,
        }
    }

    /// What the fact is called in the journal.
    fn name(&self) -> &'static str {
        match self.fact {
            Fact::RunStarted(_) => "run_started",
            Fact::Received(_) => "received",
            Fact::Refused(_) => "refused",
            Fact::Routed(_) => "routed",
            Fact::Proposed(_) => "proposed",
            Fact::Held(_) => "held",
            Fact::Answered(_) => "answered",
            Fact::Carried(_) => "carried",
            Fact::Acknowledged(_) => "acknowledged",
            Fact::Claimed(_) => "claimed",
            Fact::Disposed(_) => "disposed",
            Fact::Loaded(_) => "loaded",
            Fact::PolicyLoaded(_) => "policy_loaded",
            Fact::Listening(_) => "listening",
            Fact::Noticed(_) => "noticed",
            Fact::Settled(_) => "settled",
            Fact::RunEnded(_) => "run_ended",
        }
    }

    fn about(&self) -> Option<&'a EventEnvelope> {
        match self.fact {
            Fact::Received(received) => Some(&received.envelope),
            Fact::Refused(refused) => refused.envelope.as_deref(),
            _ => self.envelope,
        }
    }
}

impl Record for EntryRecord<'_> {
    const FIELDS: &'static [Field] = &[
        Field::text("fact", "what happened, as the journal calls it: `fact:disposed`"),
        fields::RULING_OR_HELD,
        Field::one_of(
            "outcome",
            "applied, refused, deduplicated, failed or held",
            &["applied", "refused", "deduplicated", "failed", "held"],
        ),
        fields::TOOL,
        fields::CONNECTOR,
        fields::OPERATOR,
        fields::RULE,
        fields::REASON,
        fields::VALUE,
        fields::CORR,
        fields::EVENT,
        fields::TYPE,
        fields::SOURCE,
        fields::PLAN,
        fields::ID,
        fields::KEY,
        fields::ENTITY,
        fields::PAYLOAD,
        Field::text("text", "anywhere in the entry, as a word without a field is"),
    ];

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        match (name, self.fact) {
            ("fact", _) => return Some(Cow::Borrowed(self.name())),
            ("decision" | "outcome", Fact::Held(_)) => return Some(Cow::Borrowed("held")),
            ("operator", Fact::Proposed(proposed)) => return Some(Cow::Borrowed(&proposed.operator)),
            ("plan", Fact::Proposed(proposed)) => return Some(Cow::Borrowed(&proposed.plan_id)),
            ("key", Fact::Claimed(claimed)) => return Some(Cow::Borrowed(&claimed.key)),
            _ => {}
        }
        if let Some(found) = self.receipt().and_then(|receipt| receipt.field(name)) {
            return Some(found);
        }
        self.about()?.field(name)
    }

    fn contains(&self, text: &str) -> bool {
        self.line.to_lowercase().contains(text) || self.envelope.is_some_and(|envelope| envelope.contains(text))
    }
}
