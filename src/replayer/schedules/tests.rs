//! The search over schedules: against every schedule taken one by one, and against executors with a defect.

mod brute_force;
mod defects;

use std::sync::Arc;

use super::{Executor, Explored, KernelExecutor, Model, ModelAction, ModelPlan, PlanLine, Property, explore};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::executor::{Binding, Disposal, ExecutorEnv, Hold, State, Ticket};
use crate::kernel::json::Raw;
use crate::kernel::plan::{PlannedAction, ProposedAction};
use crate::kernel::policy::{Gates, Limit, Period};
use crate::kernel::receipt::{Decision, Handler, Verdict};

const AT: &str = "2026-01-01T00:00:00Z";

/// An action, by what matters of it.
#[derive(Debug, Clone)]
struct Spec {
    tool: &'static str,
    entity: &'static str,
    key: &'static str,
    decision: Decision,
    /// Its handler fails, and its key is given back.
    fails: bool,
    /// At most so many an hour.
    limit: Option<u32>,
    /// A person is asked, and says so.
    person: Option<bool>,
}

const fn spec(entity: &'static str, key: &'static str) -> Spec {
    Spec { tool: "order.hold", entity, key, decision: Decision::Allow, fails: false, limit: None, person: None }
}

struct Env(Spec);

impl Env {
    fn of_limit(limit: Option<u32>) -> Vec<(String, Limit)> {
        limit.map(|max| ("policy/guard.yaml:1".to_owned(), Limit { per: Period::Hour, max })).into_iter().collect()
    }
}

impl ExecutorEnv for Env {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Ok(capability.to_owned())
    }

    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }

    fn bind(&self, capability: &str) -> Result<Binding, String> {
        let (connector, tool_name) = ("acme".to_owned(), capability.to_owned());
        Ok(Binding { connector, tool_name, side_effecting: true, idempotent: self.0.fails, handler: Handler::Stub })
    }

    fn judge(&self, _: &str, _: &PlannedAction, _: Handler, _: &EventEnvelope) -> Verdict {
        Verdict::of_rules(self.0.decision, None, "so it is")
    }

    fn gates(&self, _: &str, _: &PlannedAction) -> Gates {
        let confirm = self.0.person.is_some();
        Gates { confirm, limits: Self::of_limit(self.0.limit), ..Gates::default() }
    }

    fn hold(&self) -> Hold {
        Hold { alerts: false, attended: self.0.person.is_some() }
    }

    fn policy_digest(&self) -> Option<String> {
        None
    }
}

fn action(plan: usize, number: usize, spec: &Spec) -> ModelAction<'static> {
    let envelope = EventEnvelope {
        event_id: "evt".to_owned(),
        reseller_id: None,
        tenant_id: "t_local".to_owned(),
        workspace_id: None,
        source: "acme".to_owned(),
        event_type: "order.created".to_owned(),
        correlation_id: "c".to_owned(),
        payload: Raw::null(),
        agent_id: None,
        session_id: None,
    };
    let planned = PlannedAction {
        connector: None,
        tool: spec.tool.to_owned(),
        args: Raw::null(),
        value: None,
        entity_key: spec.entity.to_owned(),
        idempotency_key: spec.key.to_owned(),
    };
    let ticket = Ticket {
        envelope: Arc::new(envelope),
        arrival: plan as u64,
        operator: "holder".to_owned(),
        operator_version: None,
        plan_id: format!("pl_{plan}"),
        action_id: format!("ac_{plan}_{number}"),
        receipt_id: format!("rc_{plan}_{number}"),
        clock: None,
    };
    let proposed = ProposedAction { raw: Raw::null(), shape: Ok(planned.clone()) };
    ModelAction {
        receipt_id: ticket.receipt_id.clone(),
        disposal: Disposal::new(ticket, proposed),
        planned,
        input: None,
        handled: spec.fails.then(|| Err("no".to_owned())),
        person: spec.person.map(|approve| ("ana".to_owned(), approve)),
        gates: Gates { limits: Env::of_limit(spec.limit), ..Gates::default() },
        used_before: spec.limit.map(|_| 0).into_iter().collect(),
        env: Box::new(Env(spec.clone())),
    }
}

fn model<'e>(plans: &[Vec<Spec>], executor: &'e dyn Executor) -> Model<'e> {
    let actions =
        |plan: usize, specs: &Vec<Spec>| specs.iter().enumerate().map(|(n, spec)| action(plan, n, spec)).collect();
    let plans = plans.iter().enumerate();
    let plans = plans.map(|(plan, specs)| ModelPlan { operator: "holder".to_owned(), actions: actions(plan, specs) });
    Model::new(plans.collect(), State::default(), AT, executor).unwrap()
}

fn explored(plans: &[Vec<Spec>], executor: &dyn Executor) -> Explored {
    let lines = plans.iter().map(|_| PlanLine::default()).collect();
    explore(&model(plans, executor), lines, None, &Property::FAULTS).unwrap()
}

fn found(plans: &[Vec<Spec>], executor: &dyn Executor) -> Vec<Property> {
    let explored = explored(plans, executor);
    explored.bad.map_or_else(Vec::new, |(outcome, _)| explored.outcomes[outcome].bad.clone())
}

#[test]
fn two_actions_on_one_entity_have_two_schedules_and_the_second_waits_or_comes_later() {
    let explored = explored(&[vec![spec("e", "a")], vec![spec("e", "b")]], &KernelExecutor);
    // Each first; then the other waits for it, or comes when it has ended.
    assert_eq!((explored.schedules, explored.orders, explored.outcomes.len()), (4, 4, 1));
    assert_eq!(explored.bad, None);
}

#[test]
fn what_shares_nothing_has_one_schedule() {
    let plans = [vec![spec("e", "a"), spec("e", "b")], vec![spec("f", "c")], vec![spec("g", "d")]];
    let explored = explored(&plans, &KernelExecutor);
    assert_eq!((explored.schedules, explored.states), (1, 1));
}

#[test]
fn who_has_a_key_first_makes_two_outcomes_and_neither_is_bad() {
    let explored = explored(&[vec![spec("e", "k")], vec![spec("f", "k")]], &KernelExecutor);
    assert_eq!((explored.outcomes.len(), explored.bad), (2, None));
}

#[test]
fn a_dedup_against_a_claim_that_came_to_nothing_is_found_with_the_step_that_loses_it() {
    let plans = [vec![Spec { fails: true, ..spec("e", "k") }], vec![spec("f", "k")]];
    let explored = explored(&plans, &KernelExecutor);
    let (outcome, schedule) = explored.bad.clone().unwrap();
    assert_eq!(explored.outcomes[outcome].bad, [Property::Lost, Property::NotSerial]);
    let lost = &schedule.moves[schedule.lost_at.unwrap()];
    assert_eq!((lost.lane, lost.action), (1, 1), "{schedule:?}");
    // On one entity it waits instead, and comes to the key when that is free again.
    let plans = [vec![Spec { fails: true, ..spec("e", "k") }], vec![spec("e", "k")]];
    assert_eq!(found(&plans, &KernelExecutor), []);
}

#[test]
fn a_place_in_a_limit_that_is_given_back_was_refused_to_somebody() {
    let limited = |key, fails| Spec { limit: Some(1), fails, ..spec(key, key) };
    assert_eq!(found(&[vec![limited("a", true)], vec![limited("b", false)]], &KernelExecutor), [Property::NotSerial]);
    assert_eq!(found(&[vec![limited("a", false)], vec![limited("b", false)]], &KernelExecutor), []);
}

#[test]
fn what_waits_for_a_person_goes_on_beside_the_rest_of_its_plan() {
    let held = Spec { decision: Decision::Alert, person: Some(true), ..spec("e", "k") };
    let explored = explored(&[vec![held, spec("e", "k")]], &KernelExecutor);
    // Either of the two has the key, though they are of one plan.
    assert_eq!(explored.outcomes.len(), 2);
}

#[test]
fn numbers_of_three_plans_of_three_actions() {
    let plan = |p: [&'static str; 3]| p.map(|key| spec("order", key)).to_vec();
    let explored = explored(&[plan(["a", "b", "c"]), plan(["a", "b", "d"]), plan(["a", "c", "e"])], &KernelExecutor);
    assert!(explored.schedules < explored.orders && explored.schedules > 100_000, "{}", explored.schedules);
    assert!(explored.states < 10_000 && explored.bad.is_none(), "{}", explored.states);
}

#[test]
fn too_much_is_refused_and_not_searched() {
    let plans = vec![vec![spec("e", "k")]; 5];
    let plans = plans.iter().map(|_| ModelPlan { operator: String::new(), actions: Vec::new() }).collect();
    assert!(Model::new(plans, State::default(), AT, &KernelExecutor).is_err());
}
