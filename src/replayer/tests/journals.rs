//! Journals made of turns, each disposed of by the keys that were claimed before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{
    Disposed, Entry, Fact, Origin, PolicyStamp, PolicyState, Proposed, Received, Refused, Route, Routed, RunKind,
    RunStarted, Source, StageRecord,
};
use crate::kernel::json::{self, Raw};
use crate::kernel::receipt::{Cause, Decision, Handler, Outcome, Receipt, Ruling, Verdict};
use crate::replayer::{Index, IndexedEntry};

/// Keys that turns use.
pub const KEYS: u8 = 5;

/// One envelope.
#[derive(Debug, Clone)]
pub enum Turn {
    /// With these actions.
    Acts(Vec<Act>),
    /// No trigger matched.
    Unmatched,
    /// An empty plan.
    Empty,
    /// Author code failed.
    Fails,
    /// It was refused.
    Refused,
    /// The envelope of an earlier turn once more.
    Again(usize),
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    pub key: u8,
    pub blocked: bool,
    pub alert: bool,
    /// Its handler fails, and its key is released where the tool is idempotent.
    pub fails: Option<bool>,
}

impl Turn {
    pub fn allow(key: u8) -> Self {
        Self::Acts(vec![Act { key, blocked: false, alert: false, fails: None }])
    }

    pub fn block(key: u8) -> Self {
        Self::Acts(vec![Act { key, blocked: true, alert: false, fails: None }])
    }
}

pub fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let act = (0..KEYS, prop::bool::weighted(0.2), any::<bool>(), prop::option::weighted(0.3, any::<bool>()))
        .prop_map(|(key, blocked, alert, fails)| Act { key, blocked, alert, fails });
    let turn = prop_oneof![
        6 => prop::collection::vec(act, 1..4).prop_map(Turn::Acts),
        1 => Just(Turn::Unmatched),
        1 => Just(Turn::Empty),
        1 => Just(Turn::Fails),
        1 => Just(Turn::Refused),
        2 => (0..400_usize).prop_map(Turn::Again),
    ];
    // Some are longer than what lies between two checkpoints.
    prop_oneof![4 => prop::collection::vec(turn.clone(), 0..12), 1 => prop::collection::vec(turn, 350..420)]
}

pub fn key(number: u8) -> String {
    format!("risk:SO-{number}:hold")
}

/// The whole of it, indexed line by line.
pub fn index_of(entries: &[Arc<Entry>]) -> Index {
    let mut index = Index::default();
    for entry in entries {
        let line = serde_json::to_string(&**entry).unwrap();
        let from = index.end();
        index.push(from, from + line.len() as u64 + 1, IndexedEntry::read(line.as_bytes()));
    }
    index
}

struct Making {
    entries: Vec<Arc<Entry>>,
    keys: BTreeMap<u8, String>,
    receipts: u32,
    arrivals: u64,
}

pub fn journal(kind: RunKind, turns: &[Turn]) -> Vec<Arc<Entry>> {
    let mut making = Making { entries: Vec::new(), keys: BTreeMap::new(), receipts: 0, arrivals: 0 };
    let policy = PolicyStamp {
        state: PolicyState::InForce,
        digest: Some("a41f00".to_owned()),
        files: vec!["f.yaml".to_owned()],
        rules: 0,
        ruleset: Vec::new(),
        diagnostics: Vec::new(),
    };
    making.add(Fact::RunStarted(RunStarted {
        run: 1,
        kind,
        tenant: "t_local".to_owned(),
        version: "0".to_owned(),
        propose_only: false,
        live_connections: Vec::new(),
        unconfined: false,
        policy,
    }));
    for (number, turn) in turns.iter().enumerate() {
        making.turn(number, turn, turns);
    }
    making.entries
}

impl Making {
    fn add(&mut self, fact: Fact) {
        let seq = self.entries.len() as u64 + 1;
        self.entries.push(Arc::new(Entry { seq, at: "2026-01-01T00:00:00Z".to_owned(), fact }));
    }

    fn turn(&mut self, number: usize, turn: &Turn, turns: &[Turn]) {
        let (number, turn) = match turn {
            Turn::Again(of) if number > 0 && !matches!(turns[of % number], Turn::Again(_)) => {
                (of % number, &turns[of % number])
            }
            turn => (number, turn),
        };
        let origin =
            Origin { source: Source::Fixture, file: Some(format!("fixtures/{}.jsonl", number / 7)), line: Some(1) };
        if let Turn::Refused = turn {
            return self.add(Fact::Refused(Refused { origin, envelope: None, diagnostics: Vec::new(), count: 1 }));
        }
        self.arrivals += 1;
        let arrival = self.arrivals;
        // What a payload says must not be taken for the entry's own.
        let payload =
            Raw::parse(&format!(r#"{{"n":{arrival},"origin":{{"source":"x","file":"y"}},"t":"a\"}}]"}}"#)).unwrap();
        let envelope = Arc::new(EventEnvelope {
            event_id: format!("ev_{number}"),
            reseller_id: None,
            tenant_id: "t_local".to_owned(),
            workspace_id: None,
            source: "shop".to_owned(),
            event_type: "order.made".to_owned(),
            correlation_id: format!("c{number}"),
            payload,
            agent_id: None,
            session_id: None,
        });
        let clock = "2026-01-01T00:00:00Z".to_owned();
        self.add(Fact::Received(Received { arrival, envelope, origin, clock, rerun_of: None, warnings: Vec::new() }));
        let to = match turn {
            Turn::Unmatched => Vec::new(),
            _ => vec![Route { operator: "risk".to_owned(), trigger: "order.*".to_owned() }],
        };
        self.add(Fact::Routed(Routed { arrival, to, nearest: None }));
        let plan = match turn {
            Turn::Acts(acts) => Some(acts.iter().copied().map(planned).collect::<Vec<_>>().join(",")),
            Turn::Fails => None,
            Turn::Unmatched => return,
            _ => Some(String::new()),
        };
        let plan = plan
            .map(|actions| Raw::parse(&format!(r#"{{"reasoning":"\"actions\":[1]","actions":[{actions}]}}"#)).unwrap());
        self.add(Fact::Proposed(Proposed {
            arrival,
            plan_id: format!("pl_{arrival}"),
            operator: "risk".to_owned(),
            operator_version: None,
            revision: "77aa".to_owned(),
            plan,
            failure: None,
            reads: Vec::new(),
            reasoned: Vec::new(),
            logs: Vec::new(),
            micros: 1,
            file: None,
            would: Vec::new(),
        }));
        if let Turn::Acts(acts) = turn {
            for act in acts {
                let disposed = self.disposed(arrival, number, *act);
                self.add(Fact::Disposed(disposed));
            }
        }
    }

    fn disposed(&mut self, arrival: u64, event: usize, act: Act) -> Disposed {
        self.receipts += 1;
        let id = format!("rc_{}", self.receipts);
        let own = key(act.key);
        let decision = match act {
            Act { blocked: true, .. } => Decision::Block,
            Act { alert: true, .. } => Decision::Alert,
            _ => Decision::Allow,
        };
        let rule = if act.blocked { "f.yaml:2" } else { "f.yaml:1" };
        let mut verdict = Verdict::of_rules(decision, Some(rule.to_owned()), "a \"reason\", it says");
        let mut stages = vec![
            StageRecord::Validate {
                passed: true,
                connector: Some("desk".to_owned()),
                reason: None,
                inexact_value: false,
                valid_with: None,
            },
            StageRecord::Policy { decision, rule: Some(rule.to_owned()), reason: verdict.reason.clone() },
        ];
        let mut claimed_by = None;
        let outcome = if act.blocked {
            Outcome::Refused
        } else {
            stages.push(StageRecord::Lock {
                entity_key: "order:1".to_owned(),
                waited_for: None,
                arguments: Vec::new(),
            });
            claimed_by = self.keys.get(&act.key).cloned();
            stages.push(StageRecord::Dedup { key: own.clone(), claimed_by: claimed_by.clone() });
            if claimed_by.is_some() {
                verdict.decision = Ruling::Dedup;
                Outcome::Deduplicated
            } else {
                let released = act.fails == Some(true);
                stages.push(StageRecord::Handler {
                    handler: Handler::Stub,
                    ok: act.fails.is_none(),
                    claimed: !released,
                });
                if !released {
                    self.keys.insert(act.key, id.clone());
                }
                if act.fails.is_some() { Outcome::Failed } else { Outcome::Applied }
            }
        };
        verdict.cause = Cause::Rule;
        let receipt = Receipt {
            id,
            tenant_id: "t_local".to_owned(),
            reseller_id: None,
            workspace_id: None,
            operator: "risk".to_owned(),
            operator_version: None,
            event_id: format!("ev_{event}"),
            correlation_id: format!("c{event}"),
            plan_id: format!("pl_{arrival}"),
            action_id: format!("ac_{}", self.receipts),
            connector: Some("desk".to_owned()),
            tool: "order.hold".to_owned(),
            tool_name: Some("hold".to_owned()),
            args: Raw::of(&json::read(r#"{"receipt":{"id":"rc_9"},"n":1.50}"#).unwrap().value),
            value: None,
            entity_key: "order:1".to_owned(),
            idempotency_key: own,
            verdict,
            outcome,
            result: None,
            error: act.fails.map(|_| "no".to_owned()),
            handler: None,
            claimed_by,
            policy_digest: Some("a41f00".to_owned()),
            at: "2026-01-01T00:00:00Z".to_owned(),
        };
        Disposed { arrival, stages, met: None, receipt: Arc::new(receipt) }
    }
}

fn planned(act: Act) -> String {
    let key = key(act.key);
    format!(r#"{{"tool":"order.hold","args":{{"n":1}},"entity_key":"order:1","idempotency_key":"{key}"}}"#)
}
