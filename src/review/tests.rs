//! Reviews made from journals that are written here as the dev kernel writes them, and every way to forge one.

use std::sync::Arc;

use proptest::prelude::*;

use super::archive::{Refused, read};
use super::contents::{Entries, Evidence, is_known};
use super::verify::{Verification, verify};
use crate::kernel::capability::Vocabulary;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{
    Entry, Fact, Origin, PolicyStamp, PolicyState, Proposed, Received, Route, Routed, RunEnded, RunKind, RunStarted,
    Source,
};
use crate::kernel::json::Raw;
use crate::kernel::policy::file;
use crate::review::rejudge::rejudge;
use crate::session::journal::seals::Seals;

const POLICY: &str = "- { tool: order.refund, maxValue: 100, decision: ALLOW }\n";
const AT: &str = "2026-01-01T00:00:00Z";

/// A refund of so much, with its key, proposed for an envelope with that payload.
pub(super) struct Refund {
    value: u32,
    key: String,
    payload: String,
}

pub(super) fn refund(value: u32, key: &str, payload: &str) -> Refund {
    Refund { value, key: key.to_owned(), payload: payload.to_owned() }
}

fn started() -> Fact {
    let ruleset = file::read("policy/trust.yaml", POLICY, &Vocabulary::shipped()).unwrap().rules;
    let mut digest = crate::workspace::policy::PolicyDigest::default();
    digest.take(POLICY);
    let policy = PolicyStamp {
        state: PolicyState::InForce,
        digest: Some(digest.hex()),
        files: vec!["policy/trust.yaml".to_owned()],
        rules: ruleset.len(),
        ruleset,
        diagnostics: Vec::new(),
    };
    Fact::RunStarted(RunStarted {
        run: 7,
        kind: RunKind::Replay,
        tenant: "t_local".to_owned(),
        version: "0.9.0".to_owned(),
        propose_only: false,
        live_connections: Vec::new(),
        unconfined: false,
        policy,
    })
}

fn envelope(payload: &str, arrival: u64) -> EventEnvelope {
    serde_json::from_value(serde_json::json!({
        "event_id": format!("e{arrival}"), "reseller_id": null, "tenant_id": "t_local", "workspace_id": null, "source": "shop",
        "event_type": "order.returned", "correlation_id": format!("c{arrival}"),
        "payload": serde_json::from_str::<serde_json::Value>(payload).unwrap(), "agent_id": null, "session_id": null,
    }))
    .unwrap()
}

/// The journal's facts up to the dispositions, which the kernel itself adds.
fn facts(refunds: &[Refund]) -> Vec<Vec<Fact>> {
    let mut all = vec![vec![started()]];
    for (refund, arrival) in refunds.iter().zip(1..) {
        let plan = format!(
            r#"{{"actions":[{{"tool":"order.refund","args":{{}},"value":{},"entity_key":"o1","idempotency_key":"{}"}}]}}"#,
            refund.value, refund.key
        );
        let to = vec![Route { operator: "desk".to_owned(), trigger: "order.*".to_owned() }];
        all.push(vec![
            Fact::Received(Received {
                arrival,
                envelope: Arc::new(envelope(&refund.payload, arrival)),
                origin: Origin { source: Source::Fixture, file: None, line: None },
                clock: AT.to_owned(),
                rerun_of: None,
                warnings: Vec::new(),
            }),
            Fact::Routed(Routed { arrival, to, nearest: None }),
            Fact::Proposed(Proposed {
                arrival,
                plan_id: format!("pl_7_{arrival}"),
                operator: "desk".to_owned(),
                operator_version: None,
                revision: "r".to_owned(),
                plan: Some(Raw::parse(&plan).unwrap()),
                failure: None,
                reads: Vec::new(),
                reasoned: Vec::new(),
                logs: Vec::new(),
                micros: 1,
                file: None,
                would: Vec::new(),
            }),
        ]);
    }
    all
}

/// Entries sealed in groups of that many lines.
pub(super) fn sealed(facts: &[Fact], group: usize) -> Vec<u8> {
    let (mut journal, mut seals) = (Vec::new(), Seals::of(7));
    for (index, facts) in facts.chunks(group).enumerate() {
        let mut lines = Vec::new();
        for (offset, fact) in facts.iter().enumerate() {
            let seq = (index * group + offset + 1) as u64;
            let entry = Entry { seq, at: AT.to_owned(), fact: fact.clone() };
            lines.extend(serde_json::to_vec(&entry).unwrap());
            lines.push(b'\n');
        }
        seals.seal(&mut lines);
        journal.extend(lines);
    }
    journal
}

/// The journal of a run that disposed of these refunds.
fn journal(refunds: &[Refund]) -> Vec<Fact> {
    use crate::kernel::executor::{Answer, Disposal, Next, State, Ticket};
    let mut all = Vec::new();
    let mut state = State::default();
    for (group, number) in facts(refunds).into_iter().zip(0_u64..) {
        let plan = group.iter().find_map(|fact| match fact {
            Fact::Proposed(proposed) => proposed.typed(),
            _ => None,
        });
        let envelope = group.iter().find_map(|fact| match fact {
            Fact::Received(received) => Some(Arc::clone(&received.envelope)),
            _ => None,
        });
        all.extend(group);
        let (Some(plan), Some(envelope)) = (plan, envelope) else { continue };
        let ticket = Ticket {
            envelope,
            arrival: number,
            operator: "desk".to_owned(),
            operator_version: None,
            plan_id: format!("pl_7_{number}"),
            action_id: format!("ac_7_{number}"),
            receipt_id: format!("rc_7_{number}"),
            clock: Some(AT.to_owned()),
        };
        let mut disposal = Disposal::new(ticket, plan.actions[0].clone());
        let mut answer = Answer::Go;
        loop {
            answer = match disposal.advance(&mut state, &Shop::default(), answer, AT) {
                Next::CheckInput { args, .. } => Answer::Input(Ok(args)),
                Next::Claim { .. } => Answer::Claimed,
                Next::Call { args, .. } => Answer::Handled(Ok(args)),
                Next::Done(finish) => {
                    all.push(Fact::Disposed(finish.disposed));
                    break;
                }
                next => unreachable!("{next:?}"),
            };
        }
    }
    let count = refunds.len() as u64;
    all.push(Fact::RunEnded(RunEnded { envelopes: count, plans: count, receipts: count, ..RunEnded::default() }));
    all
}

/// A workspace with one connector and the policy above.
struct Shop(crate::kernel::policy::PolicySet);

impl Default for Shop {
    fn default() -> Self {
        let Fact::RunStarted(started) = started() else { unreachable!() };
        Self(crate::kernel::policy::PolicySet::compile(started.policy.ruleset))
    }
}

impl crate::kernel::executor::ExecutorEnv for Shop {
    fn canonical(&self, capability: &str) -> Result<String, String> {
        Ok(capability.to_owned())
    }
    fn may_propose(&self, _: &str, _: &str) -> bool {
        true
    }
    fn bind(&self, _: &str) -> Result<crate::kernel::executor::Binding, String> {
        Ok(crate::kernel::executor::Binding {
            connector: "till".to_owned(),
            tool_name: "refund".to_owned(),
            side_effecting: true,
            idempotent: false,
            handler: crate::kernel::receipt::Handler::Stub,
        })
    }
    fn judge(
        &self,
        operator: &str,
        action: &crate::kernel::plan::PlannedAction,
        _: crate::kernel::receipt::Handler,
        _: &EventEnvelope,
    ) -> crate::kernel::receipt::Verdict {
        self.0.of(operator).judge(&action.into(), &mut crate::kernel::policy::NoPredicates)
    }
    fn policy_digest(&self) -> Option<String> {
        let Fact::RunStarted(started) = started() else { unreachable!() };
        started.policy.digest
    }
}

pub(super) fn evidence(refunds: &[Refund]) -> Evidence {
    Evidence { journal: sealed(&journal(refunds), 4), sources: vec![POLICY.into()], ..Evidence::default() }
}

fn file(journal: Vec<u8>) -> Vec<u8> {
    let evidence = Evidence { journal, sources: vec![POLICY.into()], ..Evidence::default() };
    let entries = Entries::read(&evidence.journal).unwrap();
    evidence.archive(&entries)
}

fn sample() -> Vec<Fact> {
    journal(&[refund(40, "a", "{}"), refund(250, "b", "{}"), refund(40, "a", "{}")])
}

fn verified(bytes: &[u8]) -> Verification {
    verify(bytes).unwrap().verification
}

#[test]
fn an_honest_review_is_intact() {
    let found = verified(&file(sealed(&sample(), 4)));
    assert_eq!(found.differences, []);
    assert_eq!((found.proven.verdicts, found.proven.routes, found.proven.seals), (3, 3, 4));
    assert!(found.not_proven.iter().any(|open| open.what.starts_with("plans:")), "{:?}", found.not_proven);
}

/// Whoever rewrites everything with all digests and seals is still caught by what the kernel says.
#[test]
fn a_consistent_forgery_does_not_hold() {
    type Forge = fn(&mut Vec<Fact>);
    let forgeries: [(&str, Forge, &str); 7] = [
        (
            "a verdict",
            |all| with_receipt(all, 1, |receipt| receipt.verdict.decision = crate::kernel::receipt::Ruling::Allow),
            "verdict/decision",
        ),
        (
            "a reason",
            |all| with_receipt(all, 1, |receipt| receipt.verdict.reason = "rule 1: fine".to_owned()),
            "verdict/reason",
        ),
        ("a value", |all| with_receipt(all, 1, |receipt| receipt.value = None), "value"),
        ("a key", |all| with_receipt(all, 0, |receipt| receipt.idempotency_key = "z".to_owned()), "idempotency_key"),
        (
            "who has the key",
            |all| with_receipt(all, 2, |receipt| receipt.claimed_by = Some("rc_7_2".to_owned())),
            "claimed_by",
        ),
        ("a disposition taken out", |all| drop(all.remove(4)), ""),
        (
            "a trigger",
            |all| {
                if let Fact::Routed(routed) = &mut all[2] {
                    routed.to[0].trigger = "lab.*".to_owned();
                }
            },
            "trigger",
        ),
    ];
    for (what, forge, field) in forgeries {
        let mut all = sample();
        forge(&mut all);
        let found = verified(&file(sealed(&all, 4)));
        let told = found.differences.iter().any(|found| found.field.as_ref().is_some_and(|at| at.contains(field)));
        assert!(told, "{what}: {:?}", found.differences);
    }
}

fn with_receipt(all: &mut [Fact], number: usize, change: impl Fn(&mut crate::kernel::receipt::Receipt)) {
    let disposed = all.iter_mut().filter_map(|fact| match fact {
        Fact::Disposed(disposed) => Some(disposed),
        _ => None,
    });
    let disposed = disposed.into_iter().nth(number).unwrap();
    change(Arc::make_mut(&mut disposed.receipt));
}

#[test]
fn a_policy_that_its_text_does_not_say_is_told() {
    let mut all = sample();
    if let Fact::RunStarted(started) = &mut all[0] {
        started.policy.ruleset[0].decision = crate::kernel::receipt::Decision::Alert;
    }
    let found = verified(&file(sealed(&all, 4)));
    assert!(found.differences.iter().any(|found| found.part == "policy.jsonl"), "{:?}", found.differences);
}

#[test]
fn a_part_that_disagrees_is_named_with_line_and_field() {
    let bytes = file(sealed(&sample(), 4));
    let at = bytes.windows(16).rposition(|window| window == b"\"entity_key\":\"o1").unwrap() + 15;
    let mut edited = bytes;
    edited[at] = b'2';
    let found = verified(&edited);
    let place: Vec<_> = found.differences.iter().map(super::difference::Difference::place).collect();
    assert!(place.contains(&"receipts.jsonl line 3 /entity_key".to_owned()), "{place:?}");
}

#[test]
fn a_cut_review_is_never_intact() {
    let bytes = file(sealed(&sample(), 4));
    for length in (0..bytes.len()).step_by(512) {
        match verify(&bytes[..length]) {
            Err(Refused::Foreign(_)) => assert!(length < 512, "{length}"),
            Err(other) => unreachable!("{other}"),
            Ok(found) => assert!(!found.verification.differences.is_empty(), "{length}"),
        }
    }
    assert!(read(&bytes, is_known).is_ok());
}

#[test]
fn a_journal_that_no_seal_covers_is_told_as_far_as_it_goes() {
    let plain: Vec<u8> = sealed(&sample(), 4)
        .split_inclusive(|byte| *byte == b'\n')
        .flat_map(|line| {
            let entry: Entry = serde_json::from_slice(line).unwrap();
            [serde_json::to_vec(&entry).unwrap(), b"\n".to_vec()].concat()
        })
        .collect();
    let found = verified(&file(plain));
    assert!(found.differences.is_empty() && found.not_proven.iter().any(|open| open.what.contains("without seals")));
    let entries = Entries::read(&sealed(&sample(), 4)).unwrap();
    assert_eq!(rejudge(&entries, &[]).verdicts, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_changed_byte_is_found(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = file(sealed(&sample(), 4));
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let found = verify(&bytes);
        prop_assert!(found.is_err() || !found.unwrap().verification.differences.is_empty());
    }
}
