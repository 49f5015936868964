//! Keys that several runners share: whoever loses one writes DEDUP with the winner's receipt, and runs nothing.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};

use fibric_console::author::process::launch;
use fibric_console::kernel::envelope::EventEnvelope;
use fibric_console::kernel::executor::State;
use fibric_console::kernel::journal::{Fact, RunKind};
use fibric_console::kernel::json;
use fibric_console::kernel::plan::{Digits, ExecutionPlan};
use fibric_console::kernel::receipt::{Outcome, Receipt, Ruling};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev_kernel::DevKernel;
use fibric_console::session::error::Error;
use fibric_console::session::keys::{Claiming, SharedKeys};
use fibric_console::session::ledger::Options;
use fibric_console::session::run::{PlanInHand, Run, Setup};
use fibric_console::session::store::Store;
use fibric_console::workspace::Workspace;

/// What a team's engine would hold: create if absent.
#[derive(Clone, Default)]
struct Team(Arc<Mutex<HashMap<String, String>>>);

impl SharedKeys for Team {
    fn claim(&mut self, key: &str, receipt: &str) -> Result<Claiming, Error> {
        let mut held = self.0.lock().unwrap();
        let by = held.entry(key.to_owned()).or_insert_with(|| receipt.to_owned());
        Ok(if by == receipt { Claiming::Granted } else { Claiming::Taken { by: by.clone() } })
    }

    fn give_back(&mut self, key: &str, _receipt: &str) -> Result<(), Error> {
        self.0.lock().unwrap().remove(key);
        Ok(())
    }
}

const CONNECTOR: &str = "import { auth, defineConnector, tool } from '@fibric/sdk';
export default defineConnector({ name: 'cn-acts', summary: 'Acts.', version: '1.0.0', category: 'oms', publisher: 'acme',
  auth: auth.none(), tools: [tool({ name: 'hold', capability: 'order.hold', summary: 'Holds', sideEffecting: true,
  input: { type: 'object' }, async run() { return {}; } })] });";

const OPERATOR: &str = "import { defineOperator } from '@fibric/sdk';
export default defineOperator({ name: 'holder', goal: 'g', requires: ['order.hold'], trigger: { on: 'order.*' },
  async run() { return { actions: [] }; } });";

const ENVELOPE: &str = r#"{"event_id":"e","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"shop","event_type":"order.created","correlation_id":"c","payload":{},"agent_id":null,"session_id":null}"#;

const PLAN: &str = r#"{"actions":[{"tool":"order.hold","args":{},"entity_key":"o:1","idempotency_key":"mine"},
    {"tool":"order.hold","args":{},"entity_key":"o:1","idempotency_key":"theirs"},
    {"tool":"order.hold","args":{},"entity_key":"o:2","idempotency_key":"mine"}]}"#;

#[test]
fn who_loses_a_shared_key_writes_dedup_with_the_winners_receipt() {
    launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("connectors/cn-acts.ts", CONNECTOR),
        ("operators/holder.ts", OPERATOR),
        ("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n"),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let workspace = Workspace::open(folder.path()).unwrap();
    let store = Store::open(workspace.state_dir()).unwrap();
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let setup = Setup {
        kind: RunKind::Live,
        propose_only: false,
        now: FIXTURE_NOW.to_owned(),
        ledger: Options { sync: false, plan_files: false, persistent_keys: true },
    };
    let mut run = Run::begin(&store, &kernel, setup, State::default()).unwrap();
    let team = Team::default();
    team.0.lock().unwrap().insert("theirs".to_owned(), "rc_b_9_7".to_owned());
    run.share_keys(State::default(), Box::new(team.clone()));
    let envelope = Arc::new(EventEnvelope::from_json(&json::read(ENVELOPE).unwrap().value).unwrap());
    let plan = ExecutionPlan::parse(PLAN, Digits::Written).unwrap();
    run.dispose(&mut kernel, 1, &envelope, vec![PlanInHand::of("holder", "pl_1".to_owned(), plan)]).unwrap();
    let (_, batch) = run.end().unwrap();
    let receipts: Vec<Arc<Receipt>> = batch
        .unwrap()
        .entries
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::Disposed(disposed) => Some(Arc::clone(&disposed.receipt)),
            _ => None,
        })
        .collect();
    let said: Vec<_> = receipts
        .iter()
        .map(|receipt| {
            (receipt.verdict.decision, receipt.outcome, receipt.claimed_by.as_deref(), receipt.handler.is_some())
        })
        .collect();
    assert_eq!(
        said,
        [
            (Ruling::Allow, Outcome::Applied, None, true),
            (Ruling::Dedup, Outcome::Deduplicated, Some("rc_b_9_7"), false),
            (Ruling::Dedup, Outcome::Deduplicated, Some(receipts[0].id.as_str()), false),
        ]
    );
    assert_eq!(team.0.lock().unwrap()["mine"], receipts[0].id, "the team knows who has it");
}
