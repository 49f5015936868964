//! Every inequivalent schedule of three plans with three actions each, by the executor itself: where all are on one
//! entity, and where they meet on keys and a limit alone and nobody waits for anybody.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{anyhow, ensure};
use fibric_console::kernel::envelope::EventEnvelope;
use fibric_console::kernel::executor::{Binding, Disposal, ExecutorEnv, State, Ticket};
use fibric_console::kernel::json::Raw;
use fibric_console::kernel::plan::{PlannedAction, ProposedAction};
use fibric_console::kernel::policy::{Gates, Limit, Period};
use fibric_console::kernel::receipt::{Decision, Handler, Verdict};
use fibric_console::replayer::schedules::{
    Explored, KernelExecutor, Model, ModelAction, ModelPlan, PlanLine, Property, explore,
};

use crate::{Row, median, millis};

const PLANS: usize = 3;
const ACTIONS: usize = 3;
const RUNS: usize = 11;
const AT: &str = "2026-01-01T00:00:00Z";

pub fn run() -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, spread, limit) in [
        ("on one entity, each key proposed by all", false, None),
        ("on an entity each, each key proposed by all", true, None),
        ("on an entity each, each key proposed by all, a limit of four", true, Some(4)),
    ] {
        let mut took = Vec::new();
        let mut found = None;
        for _ in 0..RUNS {
            let started = Instant::now();
            found = Some(black_box(search(spread, limit)?));
            took.push(millis(started.elapsed()));
        }
        let Explored { schedules, states, bad, .. } = found.ok_or_else(|| anyhow!("nothing was searched"))?;
        ensure!(bad.is_none(), "the kernel's executor has a bad schedule");
        let name = format!(
            "all {schedules} inequivalent schedules of {PLANS} plans of {ACTIONS} actions {what} ({states} states)"
        );
        rows.push(Row::new(name, "≤ 1,000 ms", median(took), "ms"));
    }
    Ok(rows)
}

fn search(spread: bool, limit: Option<u32>) -> anyhow::Result<Explored> {
    let actions = |plan: usize| (0..ACTIONS).map(|n| action(plan, n, spread, limit)).collect();
    let plans = (0..PLANS).map(|plan| ModelPlan { operator: "holder".to_owned(), actions: actions(plan) }).collect();
    let model = Model::new(plans, State::default(), AT, &KernelExecutor).map_err(|why| anyhow!(why.message))?;
    explore(&model, vec![PlanLine::default(); PLANS], None, &Property::FAULTS).map_err(|why| anyhow!(why.message))
}

fn action(plan: usize, number: usize, spread: bool, limit: Option<u32>) -> ModelAction<'static> {
    let planned = PlannedAction {
        connector: None,
        tool: "order.hold".to_owned(),
        args: Raw::null(),
        value: None,
        entity_key: if spread { format!("order:{plan}") } else { "order:1".to_owned() },
        idempotency_key: format!("key:{number}"),
    };
    let envelope = EventEnvelope {
        event_id: format!("evt_{plan}"),
        reseller_id: None,
        tenant_id: "t_local".to_owned(),
        workspace_id: None,
        source: "shop".to_owned(),
        event_type: "order.created".to_owned(),
        correlation_id: format!("c{plan}"),
        payload: Raw::null(),
        agent_id: None,
        session_id: None,
    };
    let ticket = Ticket {
        envelope: Arc::new(envelope),
        arrival: plan as u64,
        operator: "holder".to_owned(),
        operator_version: None,
        plan_id: format!("pl_1_{plan}"),
        action_id: format!("ac_1_{}", plan * ACTIONS + number),
        receipt_id: format!("rc_1_{}", plan * ACTIONS + number),
        clock: None,
    };
    let limits: Vec<_> =
        limit.map(|max| ("policy/guard.yaml:1".to_owned(), Limit { per: Period::Hour, max })).into_iter().collect();
    let gates = Gates { limits, ..Gates::default() };
    ModelAction {
        receipt_id: ticket.receipt_id.clone(),
        disposal: Disposal::new(ticket, ProposedAction { raw: Raw::null(), shape: Ok(planned.clone()) }),
        planned,
        input: None,
        handled: None,
        person: None,
        used_before: gates.limits.iter().map(|_| 0).collect(),
        env: Box::new(Open(gates.clone())),
        gates,
    }
}

/// Allows everything, within its gates.
struct Open(Gates);

impl ExecutorEnv for Open {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Ok(capability.to_owned())
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        let (connector, tool_name) = ("acme".to_owned(), capability.to_owned());
        Ok(Binding { connector, tool_name, side_effecting: true, idempotent: false, handler: Handler::Stub })
    }

    fn judge(&self, _: &str, _: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        Verdict::of_rules(Decision::Allow, None, "")
    }

    fn gates(&self, _: &str, _: &PlannedAction) -> Gates {
        self.0.clone()
    }

    fn policy_digest(&self) -> Option<String> {
        None
    }
}
