//! The executor, stage by stage, and under any interleaving.

mod gates;
mod order;
mod properties;
mod stages;

use std::sync::Arc;

use super::{Answer, Binding, Disposal, ExecutorEnv, Finish, Next, State, Ticket};
use crate::kernel::decimal::Decimal;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{self, Raw};
use crate::kernel::plan::{Amount, Digits, PlannedAction, ProposedAction};
use crate::kernel::receipt::{Decision, Handler, Ruling, Verdict};

const AT: &str = "2026-01-01T00:00:00Z";

/// A small world: `order.hold` may be retried, `order.refund` may not and is raised from 100 on, `order.cancel` is
/// forbidden, `order.read` is a read, `order.ship` has no provider, `customer.block` is not in `requires`.
struct Desk;

impl ExecutorEnv for Desk {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        match capability {
            "orders.hold" => Ok("order.hold".to_owned()),
            "order.hold" | "order.refund" | "order.cancel" | "order.read" | "order.ship" | "customer.block" => {
                Ok(capability.to_owned())
            }
            _ => Err(format!("`{capability}` is no known capability")),
        }
    }

    fn nearest_capability(&self, name: &str) -> Option<String> {
        (name == "order.hodl").then(|| "order.hold".to_owned())
    }

    fn may_propose(&self, _operator: &str, capability: &str) -> bool {
        capability != "customer.block"
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        if capability == "order.ship" {
            return Err("no connector provides `order.ship`".to_owned());
        }
        Ok(Binding {
            connector: "acme".to_owned(),
            tool_name: capability.replace('.', "_"),
            side_effecting: capability != "order.read",
            idempotent: capability == "order.hold",
            handler: Handler::Stub,
        })
    }

    fn is_own_pack(&self, operator: &str, connector: &str) -> bool {
        connector == operator
    }

    fn judge(&self, _: &str, action: &PlannedAction, _handler: Handler, _envelope: &EventEnvelope) -> Verdict {
        let hundred = Decimal::parse("100").unwrap();
        let large = action.value.as_ref().is_some_and(|value| value.number >= hundred);
        let decision = match action.tool.as_str() {
            "order.cancel" => Decision::Block,
            _ if large => Decision::Alert,
            _ => Decision::Allow,
        };
        Verdict::of_rules(decision, Some("policy/trust.yaml:1".to_owned()), format!("{} says so", decision.word()))
    }

    fn policy_digest(&self) -> Option<String> {
        Some("d1ge57".to_owned())
    }
}

fn envelope() -> Arc<EventEnvelope> {
    Arc::new(EventEnvelope {
        event_id: "evt_1".to_owned(),
        reseller_id: None,
        tenant_id: "t_local".to_owned(),
        workspace_id: None,
        source: "acme".to_owned(),
        event_type: "order.created".to_owned(),
        correlation_id: "9f31".to_owned(),
        payload: Raw::parse("{}").unwrap(),
        agent_id: None,
        session_id: None,
    })
}

fn ticket(n: usize) -> Ticket {
    Ticket {
        envelope: envelope(),
        arrival: 1,
        operator: "order-risk".to_owned(),
        operator_version: None,
        plan_id: "pl_1_1".to_owned(),
        action_id: format!("ac_1_{n}"),
        receipt_id: format!("rc_1_{n}"),
        clock: None,
    }
}

fn action(tool: &str, entity: &str, key: &str) -> PlannedAction {
    PlannedAction {
        connector: None,
        tool: tool.to_owned(),
        args: Raw::parse(r#"{"id":7}"#).unwrap(),
        value: None,
        entity_key: entity.to_owned(),
        idempotency_key: key.to_owned(),
    }
}

fn disposal(n: usize, action: PlannedAction) -> Disposal {
    let raw = Raw::parse(&serde_json::to_string(&action).unwrap()).unwrap();
    Disposal::new(ticket(n), ProposedAction { raw, shape: Ok(action) })
}

fn written(n: usize, text: &str) -> Disposal {
    let value = json::read(text).unwrap().value;
    let shape = PlannedAction::from_json(&value, Digits::Written);
    Disposal::new(ticket(n), ProposedAction { raw: Raw::of(&value), shape })
}

fn worth(amount: &str, action: PlannedAction) -> PlannedAction {
    PlannedAction { value: Some(Amount::exact(Decimal::parse(amount).unwrap())), ..action }
}

/// Answers everything in turn until the end, calling `handler` when it is the handler's turn.
#[expect(clippy::needless_pass_by_value, reason = "a call reads better without a borrow")]
fn finish(state: &mut State, disposal: &mut Disposal, handler: Result<Raw, String>) -> Finish {
    let mut answer = Answer::Go;
    loop {
        answer = match disposal.advance(state, &Desk, answer, AT) {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => Answer::Claimed,
            Next::Call { .. } => Answer::Handled(handler.clone()),
            Next::Done(finish) => return *finish,
            stuck @ (Next::Hold | Next::Wait { .. } | Next::Ended) => panic!("{stuck:?}"),
        };
    }
}

/// Answers in turn until the next step is one that `stop` wants.
fn until(state: &mut State, disposal: &mut Disposal, stop: fn(&Next) -> bool) -> Next {
    let mut answer = Answer::Go;
    loop {
        let next = disposal.advance(state, &Desk, answer, AT);
        if stop(&next) {
            return next;
        }
        answer = match next {
            Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
            Next::Claim { .. } => Answer::Claimed,
            other => panic!("{other:?}"),
        };
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where a handler's answer does")]
fn ok() -> Result<Raw, String> {
    Ok(Raw::parse(r#"{"held":true}"#).unwrap())
}

fn broken() -> Result<Raw, String> {
    Err("503 from the shop".to_owned())
}
