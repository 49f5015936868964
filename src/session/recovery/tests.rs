//! Crashes at the bytes of every file, and what recovery makes of them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use super::*;
use crate::kernel::journal::{Origin, PolicyStamp, PolicyState, Received, RunKind, RunStarted};
use crate::kernel::json::Raw;
use crate::kernel::receipt::{Decision, Outcome, Ruling, Verdict};
use crate::session::audit::audit;
use crate::session::journal::scan::History;
use crate::session::keys;
use crate::session::ledger::{FileLedger, Ledger as _, Options, tests::fill_receipts};
use crate::session::projections::Projections;
use crate::session::receipt_chain::Finding;

pub(in crate::session) const AT: &str = "2026-01-01T00:00:00.000Z";
const FILES: [&str; 4] = ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"];

mod crashes;
mod cuts;

fn started(run: u32, kind: RunKind) -> Fact {
    let policy = PolicyStamp {
        state: PolicyState::None,
        digest: None,
        files: Vec::new(),
        rules: 0,
        ruleset: Vec::new(),
        diagnostics: Vec::new(),
    };
    Fact::RunStarted(RunStarted {
        run,
        kind,
        tenant: "t_local".to_owned(),
        version: "0".to_owned(),
        propose_only: false,
        live_connections: Vec::new(),
        unconfined: false,
        policy,
    })
}

pub(in crate::session) fn received(arrival: u64) -> Fact {
    let text = r#"{"event_id":"e","reseller_id":null,"tenant_id":"t","workspace_id":null,"source":"s","event_type":"a.b","correlation_id":"c","payload":{},"agent_id":null,"session_id":null}"#;
    Fact::Received(Received {
        arrival,
        envelope: Arc::new(serde_json::from_str(text).unwrap()),
        origin: Origin { source: Source::Live, file: None, line: None },
        clock: AT.to_owned(),
        rerun_of: None,
        warnings: Vec::new(),
    })
}

fn receipt(run: u32, n: u64) -> Receipt {
    Receipt {
        id: format!("rc_{run}_{n}"),
        tenant_id: "t".to_owned(),
        reseller_id: None,
        workspace_id: None,
        operator: "o".to_owned(),
        operator_version: None,
        event_id: "e".to_owned(),
        correlation_id: "c".to_owned(),
        plan_id: "p".to_owned(),
        action_id: format!("ac_{run}_{n}"),
        connector: None,
        tool: "order.hold".to_owned(),
        tool_name: None,
        args: Raw::null(),
        value: None,
        entity_key: "e".to_owned(),
        idempotency_key: format!("k_{run}_{n}"),
        verdict: Verdict::of_rules(Decision::Allow, None, "r"),
        outcome: Outcome::Applied,
        result: None,
        error: None,
        handler: Some(Handler::Stub),
        claimed_by: None,
        policy_digest: None,
        at: AT.to_owned(),
    }
}

pub(in crate::session) fn claimed(run: u32, n: u64) -> Fact {
    let interrupted = Receipt { outcome: Outcome::Failed, error: Some("interrupted".to_owned()), ..receipt(run, n) };
    Fact::Claimed(Claimed {
        arrival: 1,
        action_id: format!("ac_{run}_{n}"),
        key: format!("k_{run}_{n}"),
        interrupted: Arc::new(interrupted),
    })
}

/// The end of an action; without `claimed`, of an idempotent tool that failed.
pub(in crate::session) fn disposed(run: u32, n: u64, claimed: bool) -> Fact {
    let receipt = Receipt { outcome: if claimed { Outcome::Applied } else { Outcome::Failed }, ..receipt(run, n) };
    let stages = vec![StageRecord::Handler { handler: Handler::Stub, ok: claimed, claimed }];
    Fact::Disposed(Disposed { arrival: 1, stages, met: None, receipt: Arc::new(receipt) })
}

pub(in crate::session) fn begin(store: &Store, kind: RunKind) -> Box<FileLedger> {
    let persistent_keys = kind == RunKind::Live;
    let mut ledger = FileLedger::begin(store, Options { sync: false, plan_files: false, persistent_keys }).unwrap();
    let run = ledger.run();
    ledger.append(AT.to_owned(), started(run, kind)).unwrap();
    ledger
}

/// Appends these and commits them.
fn commit(ledger: &mut FileLedger, facts: impl IntoIterator<Item = Fact>) -> Result<(), Error> {
    for fact in facts {
        ledger.append(AT.to_owned(), fact)?;
    }
    ledger.commit().map(|_| ())
}

/// One run that ended, and one that is in the middle of everything: a group, a claim, another group, an open claim.
fn scene(dir: &Path) -> Store {
    let store = Store::open(dir.join("dev")).unwrap();
    let mut ended = begin(&store, RunKind::Live);
    commit(&mut ended, [received(1), claimed(1, 1), disposed(1, 1, true)]).unwrap();
    ended.close().unwrap();
    let mut ledger = begin(&store, RunKind::Live);
    let group = [received(1), received(2), claimed(2, 1), disposed(2, 1, true), claimed(2, 2), disposed(2, 2, false)];
    commit(&mut ledger, group).unwrap();
    commit(&mut ledger, [received(3), claimed(2, 3), disposed(2, 3, true), claimed(2, 4)]).unwrap();
    store
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).unwrap();
        }
    }
}

/// Where to cut: around every line break and at every seventh byte, or with `FIBRIC_EVERY_BYTE` at every one.
fn points(bytes: &[u8], from: usize) -> Vec<usize> {
    let step = if std::env::var_os("FIBRIC_EVERY_BYTE").is_some() { 1 } else { 7 };
    let near_break = |at: usize| bytes[at.saturating_sub(2)..(at + 1).min(bytes.len())].contains(&b'\n');
    (from..=bytes.len()).filter(|at| at % step == 0 || near_break(*at)).collect()
}

/// Writes a file anew: some file systems flush a file that is emptied and written again.
fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn lines(store: &Store, name: &str) -> Vec<String> {
    let text = fs::read_to_string(store.file(name)).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{name} is torn");
    text.lines().map(ToOwned::to_owned).collect()
}

fn receipts(store: &Store) -> BTreeMap<String, Receipt> {
    let all: Vec<Receipt> =
        lines(store, "receipts.jsonl").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = all.len();
    let by_id: BTreeMap<_, _> = all.into_iter().map(|receipt| (receipt.id.clone(), receipt)).collect();
    assert_eq!(by_id.len(), count, "a receipt is there twice");
    by_id
}

fn snapshot(store: &Store) -> Vec<Vec<u8>> {
    let journals = store.runs().into_iter().map(|run| fs::read(store.journal(run)).unwrap());
    let files = FILES.iter().copied().chain([chain::FILE]);
    files.map(|name| fs::read(store.file(name)).unwrap()).chain(journals).collect()
}

/// Recovers and checks what must hold after any crash; gives the notices.
fn recovered(store: &Store) -> Vec<Diagnostic> {
    let notices = put_right(store, AT, None, false).unwrap();
    let all = receipts(store);
    sound(store, all.len() as u64);
    let (claims, found) = keys::load(store, AT).unwrap();
    assert_eq!(found, [], "nothing is out of step with the journals");
    for receipt in all.values().filter(|receipt| receipt.id != "rc_2_2") {
        assert_eq!(
            claims.claimed_by(&receipt.idempotency_key).as_deref(),
            Some(receipt.id.as_str()),
            "its key stays used"
        );
        let interrupted = receipt.error.as_deref() == Some("interrupted");
        assert_eq!(receipt.outcome, if interrupted { Outcome::Failed } else { Outcome::Applied });
    }
    let unheard_of = notices.iter().any(|notice| notice.message.contains("rc_2_2 says"));
    assert_eq!(claims.claimed_by("k_2_2").is_some(), unheard_of, "a key that was given back is free");
    let before = snapshot(store);
    assert_eq!(put_right(store, AT, None, false).unwrap(), []);
    assert_eq!(snapshot(store), before, "a second recovery does nothing");
    notices
}

/// Everything holds, and there are so many receipts.
fn sound(store: &Store, receipts: u64) {
    let found = audit(store, None).unwrap();
    assert!(found.is_sound() && found.notes.is_empty(), "{found:?}");
    assert_eq!(found.chain, Finding::Sound { receipts });
}

fn ids(store: &Store) -> Vec<String> {
    receipts(store).into_keys().collect()
}

const ALL: [&str; 5] = ["rc_1_1", "rc_2_1", "rc_2_2", "rc_2_3", "rc_2_4"];
