//! What a row of the list can be asked for: one set of fields over receipts, envelopes, plans and what was refused.

use std::borrow::Cow;

use super::summary::summarize;
use crate::console::model::{Model, Row, RowKind};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::Fact;
use crate::kernel::receipt::Receipt;
use crate::query::{Field, Query, Record, fields};

/// A row and the facts around it.
#[derive(Debug, Clone, Copy)]
pub struct RowRecord<'a> {
    model: &'a Model,
    row: Row,
}

/// True when a query lets a row through. An envelope and a plan answer through what came of them too.
pub fn lets_through(query: &Query, model: &Model, row: Row) -> bool {
    let plan = match model.entry(row).map(|entry| &entry.fact) {
        Some(Fact::Proposed(proposed)) => Some(&proposed.plan_id),
        Some(Fact::Received(_)) => None,
        _ => return query.matches(&RowRecord::new(model, row)),
    };
    let about = model.arrival(row).into_iter().flat_map(|arrival| model.about(arrival));
    let decisions = about.filter_map(|(id, fact)| {
        let of = match fact {
            Fact::Disposed(disposed) => &disposed.receipt.plan_id,
            Fact::Held(held) => &held.interrupted.plan_id,
            Fact::Proposed(proposed) if plan.is_none() => &proposed.plan_id,
            _ => return None,
        };
        // What was held and has ended has no row any more.
        model.row(id).filter(|_| plan.is_none_or(|plan| plan == of))
    });
    let records: Vec<_> = std::iter::once(row).chain(decisions).map(|row| RowRecord::new(model, row)).collect();
    query.matches_any(&records)
}

impl<'a> RowRecord<'a> {
    /// The record of a row.
    pub fn new(model: &'a Model, row: Row) -> Self {
        Self { model, row }
    }

    fn fact(&self) -> Option<&'a Fact> {
        self.model.entry(self.row).map(|entry| &entry.fact)
    }

    fn receipt(&self) -> Option<&'a Receipt> {
        self.model.receipt(self.row)
    }

    fn envelope(&self) -> Option<&'a EventEnvelope> {
        match self.fact()? {
            Fact::Refused(refused) => refused.envelope.as_deref(),
            _ => self.model.arrival(self.row).and_then(|arrival| self.model.envelope(arrival)),
        }
    }

    /// Of what did not come to a receipt.
    fn plan(&self, name: &str) -> Option<Cow<'a, str>> {
        match (self.fact()?, name) {
            (Fact::Proposed(proposed), "operator") => Some(Cow::Borrowed(&proposed.operator)),
            (Fact::Proposed(proposed), "plan") => Some(Cow::Borrowed(&proposed.plan_id)),
            _ => None,
        }
    }

    fn said(&self, name: &str) -> Option<Cow<'a, str>> {
        let summary = summarize(self.model, self.row)?;
        match name {
            "outcome" => Some(Cow::Borrowed(summary.badge.word)),
            _ => Some(summary.sentence),
        }
    }
}

/// What can become of a row: of an action, of what did not come to one, of what stands among the envelopes.
const OUTCOMES: &[&str] = &[
    "applied",
    "refused",
    "deduplicated",
    "failed",
    "held",
    "refusal",
    "plan",
    "no match",
    "received",
    "routed",
    "warning",
    "error",
    "unloaded",
    "stale",
    "none",
    "began",
];

impl Record for RowRecord<'_> {
    const FIELDS: &'static [Field] = &[
        fields::RULING_OR_HELD,
        Field::one_of(
            "shadow",
            "allow, alert or block: what a watching policy would have said, where it differs",
            &["allow", "alert", "block"],
        ),
        Field::one_of("outcome", "applied, refused, deduplicated, failed, refusal, plan, \"no match\"", OUTCOMES),
        fields::TOOL,
        fields::CONNECTOR,
        fields::OPERATOR,
        Field::text("rule", "the deciding rule, `rule:*:3`"),
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
        Field::text("text", "anywhere in the record, as a word without a field is"),
    ];

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        if self.row.kind == RowKind::Held && matches!(name, "decision" | "outcome") {
            return Some(Cow::Borrowed("held"));
        }
        if name == "shadow" {
            let (decision, _) = self.model.disposed(self.row)?.shadow()?;
            return Some(Cow::Borrowed(decision.word()));
        }
        if let Some(found) = self.receipt().and_then(|receipt| receipt.field(name)) {
            return Some(found);
        }
        match name {
            "reason" | "outcome" if self.receipt().is_none() => self.said(name),
            "operator" | "plan" => self.plan(name),
            _ => self.envelope()?.field(name),
        }
    }

    fn contains(&self, text: &str) -> bool {
        self.receipt().is_some_and(|receipt| receipt.contains(text))
            || self.envelope().is_some_and(|envelope| envelope.contains(text))
            || (self.receipt().is_none()
                && ["operator", "plan", "reason", "outcome"]
                    .into_iter()
                    .any(|name| self.field(name).is_some_and(|value| value.to_lowercase().contains(text))))
    }
}
