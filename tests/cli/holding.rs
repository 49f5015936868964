//! Guardrail documents at work: limits that outlive a restart, actions that wait for a person, and what becomes of them.

use std::time::Duration;

use fibric_console::kernel::executor::Hold;
use fibric_console::kernel::journal::{Disposed, Fact, Held};
use fibric_console::kernel::receipt::{Outcome, Ruling};
use fibric_console::session::bus::{Command, Link};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev::{self, Dev};

use super::harness::{Workspace, order};

const CONFIRMED: &str = "policy: holds\nrules:\n- require_confirmation: order.hold\ndefault: deny\n";

fn limited(max: u32) -> String {
    format!("policy: holds\nrules:\n- allow: order.hold\n  limit: {{ per: day, max: {max} }}\n")
}

/// A session that somebody attends, over fixtures with two orders.
struct Attended {
    workspace: Workspace,
    link: Link,
    session: std::thread::JoinHandle<Result<(), fibric_console::session::error::Error>>,
}

impl Attended {
    fn start(policy: &str, alerts: bool) -> Self {
        let workspace = Workspace::small();
        workspace.write("policy/trust.yaml", policy);
        workspace.write("fixtures/a.jsonl", order(1) + &order(2));
        let hold = Hold { alerts, attended: true };
        let options = Dev { now: FIXTURE_NOW.to_owned(), play: true, hold, ..Dev::default() };
        fibric_console::author::process::launch::use_program(env!("CARGO_BIN_EXE_fibric"));
        let opened = fibric_console::workspace::Workspace::open(&workspace.path("")).unwrap();
        let (link, session) = dev::start(opened, options).unwrap();
        Self { workspace, link, session }
    }

    /// Reads on until so many facts are found.
    fn facts<T>(&self, count: usize, find: impl Fn(&Fact) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        while found.len() < count {
            let batch = self.link.batches.recv_timeout(Duration::from_mins(1)).unwrap();
            found.extend(batch.entries.iter().filter_map(|entry| find(&entry.fact)));
        }
        found
    }

    fn held(&self, count: usize) -> Vec<Held> {
        self.facts(count, |fact| match fact {
            Fact::Held(held) => Some(held.clone()),
            _ => None,
        })
    }

    fn disposed(&self, count: usize) -> Vec<Disposed> {
        self.facts(count, |fact| match fact {
            Fact::Disposed(disposed) => Some(disposed.clone()),
            _ => None,
        })
    }

    fn answer(&self, held: &Held, approve: bool) {
        let (action_id, who) = (held.action_id.clone(), "ana".to_owned());
        self.link.commands.send(Command::Answer { action_id, who, approve }).unwrap();
    }

    fn end(self) -> Workspace {
        self.link.commands.send(Command::Stop).unwrap();
        while self.link.batches.recv().is_ok() {}
        self.session.join().unwrap().unwrap();
        self.workspace
    }
}

#[test]
fn held_actions_are_approved_and_vetoed_in_any_order() {
    let attended = Attended::start(CONFIRMED, false);
    let held = attended.held(2);
    assert_eq!(held[0].verdict.reason, "rule 1: require_confirmation order.hold");
    attended.answer(&held[1], false);
    attended.answer(&held[0], true);
    let disposed = attended.disposed(2);
    let (veto, approval) = (&disposed[0].receipt, &disposed[1].receipt);
    assert_eq!((veto.outcome, veto.verdict.decision), (Outcome::Refused, Ruling::Block));
    assert!(veto.verdict.reason.contains("vetoed by ana at 20"), "{}", veto.verdict.reason);
    assert_eq!((approval.outcome, approval.verdict.decision), (Outcome::Applied, Ruling::Alert));
    assert!(approval.verdict.reason.contains("approved by ana at 20"), "{}", approval.verdict.reason);
    attended.answer(&held[0], true);
    let noticed = attended.facts(1, |fact| match fact {
        Fact::Noticed(notice) if notice.message.contains("waits for no answer") => Some(()),
        _ => None,
    });
    assert_eq!(noticed.len(), 1);
    let workspace = attended.end();
    assert_eq!(workspace.state("receipts.jsonl").len(), 2);
    assert!(workspace.ok(&["receipts", "verify"]).contains('2'));
}

#[test]
fn another_policy_judges_what_waits_and_an_end_refuses_it() {
    let attended = Attended::start("- { tool: order.hold, decision: ALERT }\n", true);
    let held = attended.held(2);
    attended.workspace.replace("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    let disposed = attended.disposed(2);
    assert!(disposed.iter().all(|it| it.receipt.verdict.reason == "rule 1: BLOCK for tool order.hold"), "{disposed:?}");
    assert_eq!(disposed[0].receipt.action_id, held[0].action_id);
    attended.end();

    let attended = Attended::start(CONFIRMED, false);
    attended.held(2);
    let workspace = attended.end();
    let receipts = workspace.state("receipts.jsonl");
    assert_eq!(receipts.len(), 2);
    let reason = "rule 1: require_confirmation order.hold; nobody answered before the session ended";
    assert!(receipts.iter().all(|receipt| receipt["verdict"]["reason"] == reason), "{receipts:?}");
    assert!(receipts.iter().all(|receipt| receipt["outcome"] == "refused"));
}

#[test]
fn where_nobody_is_there_what_would_wait_is_refused() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let said = |args: &[&str]| workspace.ok(&[&["dev", "replay", "fixtures"], args].concat());
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALERT }\n");
    assert!(said(&[]).contains("order.hold ALERT"));
    let held = said(&["--hold-alerts"]);
    assert!(held.contains("order.hold BLOCK rule 1: tool order.hold; nobody is there to confirm it"), "{held}");
    workspace.write("policy/trust.yaml", CONFIRMED);
    assert!(said(&[]).contains("BLOCK rule 1: require_confirmation order.hold; nobody is there"));
    let lines = workspace.ok(&["dev", "--once", "--hold-alerts"]);
    assert!(lines.contains("dispose order.hold BLOCK") && lines.contains("nobody is there"), "{lines}");
}

#[test]
fn a_limit_blocks_the_same_way_every_time_and_outlives_a_restart() {
    let workspace = Workspace::small();
    workspace.write("policy/trust.yaml", limited(2));
    workspace.write("fixtures/a.jsonl", order(1) + &order(2) + &order(3));
    for _ in 0..2 {
        let said = workspace.run(&["dev", "replay", "fixtures", "--fail-on-block"]).out;
        let reason = "limit 2 a day: 2 order.hold by holder in that time, the next at 2026-01-02T00:00:00Z";
        assert!(said.contains(reason) && said.matches("limit 2").count() == 1, "{said}");
    }
    workspace.write("live.jsonl", order(1) + &order(2));
    let first = workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]);
    assert_eq!(first.matches("order.hold ALLOW").count(), 2, "{first}");
    workspace.write("live.jsonl", order(3));
    let second = workspace.ok(&["dev", "--once", "--no-play", "--events", "live.jsonl"]);
    assert!(second.contains("limit 2 a day: 2 order.hold by holder in that time"), "{second}");
}

#[test]
fn a_document_for_another_operator_says_nothing() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let document = "policy: holds\napplies_to: NAME\nrules:\n- allow: order.hold\n";
    workspace.write("policy/trust.yaml", document.replace("NAME", "holder"));
    assert!(!workspace.ok(&["dev", "replay", "fixtures"]).contains("BLOCK"));
    assert_eq!(workspace.ok(&["policy", "check"]).lines().count(), 1);
    workspace.write("policy/trust.yaml", document.replace("NAME", "other"));
    assert!(workspace.ok(&["dev", "replay", "fixtures"]).contains("BLOCK no rule matched"));
    let checked = workspace.ok(&["policy", "check"]);
    assert!(checked.contains("no loaded operator is called `other`"), "{checked}");
}
