//! `fibric dev interleave`: every order in which plans of a run could have been disposed of side by side.

use clap::ValueHint;
use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::{Context, output, run_diff};
use crate::kernel::diagnostic::Diagnostic;
use crate::replayer::schedules::{self, Chosen, Explored, Property, Request};
use crate::report::interleavings;
use crate::session::store::Store;
use crate::workspace::Workspace;

/// Arguments of `fibric dev interleave`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run: the number of its folder below `.fibric/dev/runs`.
    #[arg(value_name = "RUN", value_hint = ValueHint::Other)]
    run: u32,
    /// Two to four plans: their ids, or what the correlation ids of their envelopes begin with.
    #[arg(value_name = "PLAN", value_hint = ValueHint::Other, required_unless_present = "entity")]
    plans: Vec<String>,
    /// Only plans with an action on this entity; without PLAN, all of the run that have one.
    #[arg(long, value_name = "KEY", value_hint = ValueHint::Other)]
    entity: Option<String>,
    /// What to look for; may be given again for more [default: all but not-as-recorded].
    #[arg(long, value_name = "WHAT")]
    bad: Vec<Bad>,
    /// Let the handler of this action fail, and its key be given back; may be given again for more.
    #[arg(long, value_name = "ACTION", value_hint = ValueHint::Other)]
    fails: Vec<String>,
}

/// What makes a schedule bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Bad {
    /// A key is applied twice.
    KeyTwice,
    /// Two actions are in flight on one entity.
    TwoInFlight,
    /// A limit is exceeded.
    OverLimit,
    /// An action is deduplicated against a claim that came to nothing.
    Lost,
    /// The actions come to what no order of whole actions comes to.
    NotSerial,
    /// An action comes to another verdict than was recorded.
    NotAsRecorded,
}

impl From<Bad> for Property {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::KeyTwice => Self::KeyTwice,
            Bad::TwoInFlight => Self::TwoInFlight,
            Bad::OverLimit => Self::OverLimit,
            Bad::Lost => Self::Lost,
            Bad::NotSerial => Self::NotSerial,
            Bad::NotAsRecorded => Self::NotAsRecorded,
        }
    }
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let workspace = Workspace::open(&context.workspace)?;
    let store = Store::reading(workspace.state_dir());
    run_diff::there_is(&store, args.run, &store.runs())?;
    let wanted = match &args.bad[..] {
        [] => Property::FAULTS.to_vec(),
        named => named.iter().copied().map(Property::from).collect(),
    };
    let request = Request { chosen: Chosen { names: args.plans, entity: args.entity }, wanted, failing: args.fails };
    let explored = schedules::interleave(&workspace.state_dir(), args.run, &request).map_err(|why| {
        let exit = if why.is_choice { Exit::Usage } else { Exit::Failed };
        let told = Diagnostic::error(why.message);
        let told = match why.help {
            Some(help) => told.help(help),
            None => told,
        };
        Failure::Told { diagnostics: vec![told], exit }
    })?;
    if context.json {
        output::print_json(&output::json_lines(&lines(args.run, &explored)))?;
    } else {
        output::print(&interleavings::text(args.run, &explored))?;
    }
    Ok(if explored.bad.is_some() { Exit::Failed } else { Exit::Ok })
}

fn lines(run: u32, explored: &Explored) -> Vec<Value> {
    let names = |properties: &[Property]| properties.iter().map(|property| property.name()).collect::<Vec<_>>();
    let plan = |plan: &schedules::PlanLine| {
        json!({ "plan_id": plan.plan_id, "operator": plan.operator, "event_type": plan.event_type,
            "correlation_id": plan.correlation_id })
    };
    let action = |(number, action): (usize, &schedules::ActionLine)| {
        json!({ "name": explored.name(number), "action_id": action.action_id, "tool": action.tool,
            "entity_key": action.entity_key, "idempotency_key": action.idempotency_key })
    };
    let sum = json!({ "interleavings": {
        "run": run,
        "plans": explored.plans.iter().map(plan).collect::<Vec<_>>(),
        "actions": explored.actions.iter().enumerate().map(action).collect::<Vec<_>>(),
        "schedules": explored.schedules, "orders": explored.orders, "states": explored.states,
        "met_again": explored.met_again, "looked_for": names(&explored.wanted),
        "bad": explored.bad.as_ref().map(|(outcome, _)| outcome + 1),
    } });
    let ending = |ending: &Option<schedules::Ending>| {
        ending.map(|ending| json!({ "decision": ending.decision, "cause": ending.cause, "outcome": ending.outcome }))
    };
    let outcomes = explored.outcomes.iter().map(|outcome| {
        json!({ "outcome": { "schedules": outcome.schedules, "as_recorded": outcome.is_recorded,
            "serial": outcome.is_serial, "bad": names(&outcome.bad),
            "endings": outcome.endings.iter().map(ending).collect::<Vec<_>>() } })
    });
    let steps = explored.bad.iter().flat_map(|(_, schedule)| {
        schedule.moves.iter().enumerate().map(|(number, taken)| {
            json!({ "step": { "action": explored.name(taken.action), "says": explored.step(taken),
                "lost": schedule.lost_at == Some(number) } })
        })
    });
    std::iter::once(sum).chain(outcomes).chain(steps).collect()
}
