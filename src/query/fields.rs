//! The fields that several kinds of records have, each with its one line of help: a receipt's, and its envelope's.

#![expect(missing_docs, reason = "each has its line of help, which is what a document would say")]

use super::Field;

pub const TOOL: Field = Field::text("tool", "capability, `tool:order.*`");
pub const CONNECTOR: Field = Field::text("connector", "connector id");
pub const OPERATOR: Field = Field::text("operator", "operator name");
pub const RULE: Field = Field::text("rule", "the deciding rule");
pub const REASON: Field = Field::text("reason", "the reason sentence, `reason:*maxValue*`");
pub const VALUE: Field = Field::text("value", "the amount, `value:>100`");
pub const CORR: Field = Field::id("corr", "correlation id, by its beginning");
pub const EVENT: Field = Field::id("event", "event id, by its beginning");
pub const TYPE: Field = Field::text("type", "event type, `type:order.*`");
pub const SOURCE: Field = Field::text("source", "the system that emitted the envelope");
pub const PLAN: Field = Field::id("plan", "plan id, by its beginning");
pub const ID: Field = Field::id("id", "receipt id, by its beginning");
pub const KEY: Field = Field::id("key", "idempotency key, by its beginning");
pub const ENTITY: Field = Field::id("entity", "entity key, by its beginning");
pub const PAYLOAD: Field = Field::text("payload", "a member of the payload, `payload.total:>100`");
pub const RULING: Field =
    Field::one_of("decision", "allow, alert, block or dedup", &["allow", "alert", "block", "dedup"]);
pub const RULING_OR_HELD: Field =
    Field::one_of("decision", "allow, alert, block, dedup or held", &["allow", "alert", "block", "dedup", "held"]);
pub const OUTCOME: Field = Field::one_of(
    "outcome",
    "applied, refused, deduplicated or failed",
    &["applied", "refused", "deduplicated", "failed"],
);
