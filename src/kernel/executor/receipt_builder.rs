//! Writing down how an action ended.

use std::sync::Arc;

use super::disposal::{Disposal, Stage};
use super::{ExecutorEnv, Finish, Next};
use crate::kernel::journal::Disposed;
use crate::kernel::json::{Raw, Value};
use crate::kernel::plan::{MAX_KEY, PlannedAction};
use crate::kernel::receipt::{Cause, Handler, Outcome, Receipt, Verdict};

/// The verdict on an action that failed validation: BLOCK, no rule.
pub(super) fn invalid(reason: &str) -> Verdict {
    Verdict::blocked(Cause::Validate, None, format!("validate: {reason}"))
}

/// The verdict on a plan that is over a limit: BLOCK, no rule.
pub(super) fn over_limit(reason: &str) -> Verdict {
    Verdict::blocked(Cause::Limit, None, format!("limit: {reason}"))
}

/// What can be told of a malformed action, so that its receipt still says which one it was.
pub(super) fn salvage(raw: &Raw) -> PlannedAction {
    let value = raw.value();
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    PlannedAction {
        connector: value.get("connector").and_then(Value::as_str).map(ToOwned::to_owned),
        tool: text("tool"),
        args: value.get("args").map_or_else(Raw::null, Raw::of),
        value: None,
        entity_key: cut(text("entity_key")),
        idempotency_key: cut(text("idempotency_key")),
    }
}

/// A key that was refused for its length is told by its beginning.
fn cut(key: String) -> String {
    if key.len() <= MAX_KEY { key } else { key.chars().take(64).chain(['…']).collect() }
}

impl Disposal {
    pub(super) fn receipt(&self, env: &dyn ExecutorEnv, outcome: Outcome, at: &str) -> Receipt {
        let envelope = &self.ticket.envelope;
        Receipt {
            id: self.ticket.receipt_id.clone(),
            tenant_id: envelope.tenant_id.clone(),
            reseller_id: envelope.reseller_id.clone(),
            workspace_id: envelope.workspace_id.clone(),
            operator: self.ticket.operator.clone(),
            operator_version: self.ticket.operator_version.clone(),
            event_id: envelope.event_id.clone(),
            correlation_id: envelope.correlation_id.clone(),
            plan_id: self.ticket.plan_id.clone(),
            action_id: self.ticket.action_id.clone(),
            connector: self.binding.as_ref().map(|binding| binding.connector.clone()),
            tool: self.action.tool.clone(),
            tool_name: self.binding.as_ref().map(|binding| binding.tool_name.clone()),
            args: self.action.args.clone(),
            value: self.action.value.clone(),
            entity_key: self.action.entity_key.clone(),
            idempotency_key: self.action.idempotency_key.clone(),
            verdict: self.verdict.clone(),
            outcome,
            result: None,
            error: None,
            handler: None,
            claimed_by: None,
            policy_digest: env.policy_digest(),
            at: at.to_owned(),
        }
    }

    /// What the receipt says if the process dies between claim and end.
    pub fn interrupted(&self, env: &dyn ExecutorEnv, at: &str) -> Receipt {
        Receipt {
            error: Some("interrupted".to_owned()),
            handler: Some(self.binding.as_ref().map_or(Handler::Stub, |binding| binding.handler)),
            ..self.receipt(env, Outcome::Failed, at)
        }
    }

    pub(super) fn finish(
        &mut self,
        env: &dyn ExecutorEnv,
        outcome: Outcome,
        claimed_by: Option<String>,
        at: &str,
    ) -> Next {
        let receipt = Receipt { claimed_by, ..self.receipt(env, outcome, at) };
        self.done(receipt, None)
    }

    pub(super) fn done(&mut self, receipt: Receipt, released: Option<String>) -> Next {
        self.stage = Stage::Receipt;
        Next::Done(Box::new(Finish {
            disposed: Disposed {
                arrival: self.ticket.arrival,
                stages: std::mem::take(&mut self.stages),
                met: None,
                receipt: Arc::new(receipt),
            },
            released,
        }))
    }
}
