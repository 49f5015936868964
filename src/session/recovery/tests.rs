//! Crashes at the bytes of every file, and what recovery makes of them.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use super::*;
use crate::kernel::journal::{Origin, PolicyStamp, PolicyState, Received, RunStarted};
use crate::kernel::json::Raw;
use crate::kernel::receipt::{Outcome, Ruling, Verdict};
use crate::session::audit::{Audit, audit};
use crate::session::chain::Finding;
use crate::session::keys;
use crate::session::ledger::{Ledger, Options, tests::fill_receipts};
use crate::session::projections::Projections;

const AT: &str = "2026-01-01T00:00:00.000Z";
const FILES: [&str; 4] = ["receipts.jsonl", "receipts.chain", "envelopes.jsonl", "keys.jsonl"];

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
        policy,
    })
}

fn received(arrival: u64) -> Fact {
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
        verdict: Verdict { decision: Ruling::Allow, tier: 1, rule: None, reason: "r".to_owned() },
        outcome: Outcome::Applied,
        result: None,
        error: None,
        handler: Some(Handler::Stub),
        claimed_by: None,
        policy_digest: None,
        at: AT.to_owned(),
    }
}

fn claimed(run: u32, n: u64) -> Fact {
    let interrupted = Receipt { outcome: Outcome::Failed, error: Some("interrupted".to_owned()), ..receipt(run, n) };
    Fact::Claimed(Claimed {
        arrival: 1,
        action_id: format!("ac_{run}_{n}"),
        key: format!("k_{run}_{n}"),
        interrupted: Arc::new(interrupted),
    })
}

/// The end of an action; without `claimed`, of an idempotent tool that failed.
fn disposed(run: u32, n: u64, claimed: bool) -> Fact {
    let receipt = Receipt { outcome: if claimed { Outcome::Applied } else { Outcome::Failed }, ..receipt(run, n) };
    let stages = vec![StageRecord::Handler { handler: Handler::Stub, ok: claimed, claimed }];
    Fact::Disposed(Disposed { arrival: 1, stages, receipt: Arc::new(receipt) })
}

fn begin(store: &Store, kind: RunKind) -> Ledger {
    let persistent_keys = kind == RunKind::Live;
    let mut ledger = Ledger::begin(store, Options { sync: false, plan_files: false, persistent_keys }).unwrap();
    let run = ledger.run();
    ledger.append(AT.to_owned(), started(run, kind)).unwrap();
    ledger
}

/// Appends these and commits them.
fn commit(ledger: &mut Ledger, facts: impl IntoIterator<Item = Fact>) -> Result<(), Error> {
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
    FILES.iter().map(|name| fs::read(store.file(name)).unwrap()).chain(journals).collect()
}

/// Recovers and checks what must hold after any crash; gives the notices.
fn recovered(store: &Store) -> Vec<Diagnostic> {
    let notices = put_right(store, AT, false).unwrap();
    let all = receipts(store);
    let sound = Audit { chain: Finding::Sound { receipts: all.len() as u64 }, missing: Vec::new() };
    assert_eq!(audit(store).unwrap(), sound);
    let claims = keys::load(store).unwrap();
    for receipt in all.values().filter(|receipt| receipt.id != "rc_2_2") {
        assert_eq!(claims.get(&receipt.idempotency_key), Some(&receipt.id), "its key stays used");
        let interrupted = receipt.error.as_deref() == Some("interrupted");
        assert_eq!(receipt.outcome, if interrupted { Outcome::Failed } else { Outcome::Applied });
    }
    let unheard_of = notices.iter().any(|notice| notice.message.contains("rc_2_2 says"));
    assert_eq!(claims.contains_key("k_2_2"), unheard_of, "a key that was given back is free");
    let before = snapshot(store);
    assert_eq!(put_right(store, AT, false).unwrap(), []);
    assert_eq!(snapshot(store), before, "a second recovery does nothing");
    notices
}

fn ids(store: &Store) -> Vec<String> {
    receipts(store).into_keys().collect()
}

/// Cuts one file of the scene at each byte from `from` on, recovers, and hands the result over.
fn cut_everywhere(name: &str, from: usize, check: impl Fn(usize, &Store, &[Diagnostic])) {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let bytes = fs::read(origin.file(name)).unwrap();
    let copied = dir.path().join("copy");
    for at in points(&bytes, from) {
        copy(origin.dir(), &copied);
        let store = Store::open(copied.clone()).unwrap();
        replace(&store.file(name), &bytes[..at]);
        let notices = recovered(&store);
        if at > 0 && bytes[at - 1] != b'\n' {
            assert!(notices.iter().any(|notice| notice.message.contains("torn by a crash")), "{at}: {notices:?}");
        }
        check(at, &store, &notices);
    }
}

const ALL: [&str; 5] = ["rc_1_1", "rc_2_1", "rc_2_2", "rc_2_3", "rc_2_4"];

/// Where the ended run's part of a file ends: what comes before was on the device when it ended.
fn ended_part(name: &str) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let text = fs::read_to_string(origin.file(name)).unwrap();
    text.lines().next().map_or(0, |line| line.len() + 1)
}

#[test]
fn receipts_cut_at_any_byte_come_back() {
    cut_everywhere("receipts.jsonl", ended_part("receipts.jsonl"), |at, store, notices| {
        assert_eq!(ids(store), ALL, "{at}");
        assert!(notices.iter().any(|notice| notice.message.contains("brought back")), "{notices:?}");
        assert!(notices.iter().any(|notice| notice.message.contains("was interrupted")), "{notices:?}");
        assert_eq!(lines(store, "envelopes.jsonl").len(), 4);
    });
}

#[test]
fn a_chain_cut_at_any_byte_is_linked_again() {
    cut_everywhere("receipts.chain", ended_part("receipts.chain"), |_, store, _| assert_eq!(ids(store), ALL));
}

#[test]
fn envelopes_and_keys_cut_at_any_byte_come_back_as_often_as_they_came() {
    cut_everywhere("envelopes.jsonl", ended_part("envelopes.jsonl"), |at, store, _| {
        assert_eq!(lines(store, "envelopes.jsonl").len(), 4, "{at}");
    });
    cut_everywhere("keys.jsonl", ended_part("keys.jsonl"), |_, store, _| assert_eq!(ids(store), ALL));
}

#[test]
fn a_journal_cut_at_any_byte_loses_no_receipt_that_was_written() {
    cut_everywhere("runs/0002/journal.jsonl", 0, |at, store, _| {
        let all = ids(store);
        assert!(ALL[..4].iter().all(|id| all.contains(&(*id).to_owned())), "{at}: {all:?}");
    });
}

/// The journal ends at any byte and the projections have not followed at all: what is whole in it is there afterwards.
#[test]
fn a_journal_cut_before_its_projections_gives_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let bytes = fs::read(origin.journal(2)).unwrap();
    let copied = dir.path().join("copy");
    for at in points(&bytes, 0) {
        copy(origin.dir(), &copied);
        let store = Store::open(copied.clone()).unwrap();
        replace(&store.journal(2), &bytes[..at]);
        for name in FILES {
            let first = ended_part_of(&store, name);
            replace(&store.file(name), first.as_bytes());
        }
        recovered(&store);
        let whole = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let entries: Vec<Entry> = History::new(&bytes[..whole]).entries().collect();
        let claims: HashSet<_> = entries
            .iter()
            .filter_map(
                |entry| if let Fact::Claimed(claim) = &entry.fact { Some(claim.interrupted.id.clone()) } else { None },
            )
            .collect();
        // A claim without an end has a receipt too.
        assert_eq!(ids(&store).len(), claims.len() + 1, "{at}");
        let envelopes = entries.iter().filter(|entry| matches!(entry.fact, Fact::Received(_))).count();
        assert_eq!(lines(&store, "envelopes.jsonl").len(), envelopes + 1, "{at}");
    }
}

fn ended_part_of(store: &Store, name: &str) -> String {
    let text = fs::read_to_string(store.file(name)).unwrap();
    text.lines().take(1).fold(String::new(), |kept, line| kept + line + "\n")
}

#[test]
fn receipts_and_chain_cut_together_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let (receipts, chain) = (fs::read(origin.file(FILES[0])).unwrap(), fs::read(origin.file(FILES[1])).unwrap());
    let copied = dir.path().join("copy");
    for at in (ended_part(FILES[0])..=receipts.len()).step_by(41) {
        for link in (ended_part(FILES[1])..=chain.len()).step_by(13) {
            copy(origin.dir(), &copied);
            let store = Store::open(copied.clone()).unwrap();
            replace(&store.file(FILES[0]), &receipts[..at]);
            replace(&store.file(FILES[1]), &chain[..link]);
            recovered(&store);
            assert_eq!(ids(&store), ALL, "{at} {link}");
        }
    }
}

#[test]
fn what_was_interrupted_is_claimed_for_whoever_folds_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let store = scene(dir.path());
    put_right(&store, AT, false).unwrap();
    let mut state = crate::kernel::executor::State::default();
    for entry in History::open(&store.journal(2)).unwrap().entries() {
        if let Fact::Disposed(disposed) = &entry.fact {
            state.apply(disposed);
        }
    }
    assert_eq!(state.claimed_by("k_2_4"), Some("rc_2_4"));
    assert_eq!(state.claimed_by("k_2_2"), None);
}

/// Recovery itself dies after it wrote to the journal: the next one still keeps the key.
#[test]
fn a_recovery_that_died_is_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let store = scene(dir.path());
    let marker = store.file("runs/open/0002");
    let text = fs::read(&marker).unwrap();
    let (keys, receipts) =
        (fs::read(store.file("keys.jsonl")).unwrap(), fs::read(store.file("receipts.jsonl")).unwrap());
    put_right(&store, AT, false).unwrap();
    fs::write(marker, text).unwrap();
    fs::write(store.file("keys.jsonl"), keys).unwrap();
    fs::write(store.file("receipts.jsonl"), receipts).unwrap();
    recovered(&store);
    assert_eq!(ids(&store), ALL);
}

/// One process died before its projection, the next in the middle of it: the promise is of the second one's receipts.
#[test]
fn two_crashed_runs_do_not_break_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let mut first = begin(&store, RunKind::Play);
    commit(&mut first, []).unwrap();
    let mut second = begin(&store, RunKind::Play);
    commit(&mut second, [disposed(2, 1, true), disposed(2, 2, true)]).unwrap();
    drop((first, second));
    let mut journal = fs::read(store.journal(1)).unwrap();
    journal.extend(json_line(Entry { seq: 2, at: AT.to_owned(), fact: disposed(1, 1, true) }));
    fs::write(store.journal(1), journal).unwrap();
    fs::write(store.file("receipts.jsonl"), "").unwrap();
    put_right(&store, AT, false).unwrap();
    assert_eq!(ids(&store), ["rc_1_1", "rc_2_1", "rc_2_2"]);
    assert_eq!(audit(&store).unwrap().chain, Finding::Sound { receipts: 3 });
}

/// A process dies in the middle of its projection while another goes on: the other one puts it right before it writes.
#[test]
fn a_neighbour_that_died_half_way_is_recovered_before_anything_is_written_behind_it() {
    for (name, cut) in [("receipts.jsonl", 1), ("receipts.jsonl", 30), ("receipts.chain", 5), ("envelopes.jsonl", 9)] {
        for whole_line in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path().join("dev")).unwrap();
            let mut alive = begin(&store, RunKind::Play);
            commit(&mut alive, [received(1), disposed(1, 1, true)]).unwrap();
            let mut dead = begin(&store, RunKind::Play);
            commit(&mut dead, [received(1), disposed(2, 1, true)]).unwrap();
            drop(dead);
            let text = fs::read(store.file(name)).unwrap();
            let last_line = text[..text.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            let kept = if whole_line { last_line } else { text.len() - cut };
            fs::write(store.file(name), &text[..kept]).unwrap();

            commit(&mut alive, [received(2), disposed(1, 2, true)]).unwrap();
            assert_eq!(ids(&store), ["rc_1_1", "rc_1_2", "rc_2_1"], "{name} {cut}");
            assert_eq!(audit(&store).unwrap().chain, Finding::Sound { receipts: 3 }, "{name} {cut}");
            // Envelopes are written first: to lose a whole line of them and nothing else, no crash can do.
            if !(name == "envelopes.jsonl" && whole_line) {
                assert_eq!(lines(&store, "envelopes.jsonl").len(), 3, "{name}");
                commit(&mut alive, [disposed(1, 3, true)]).unwrap();
                let journal = fs::read_to_string(store.journal(1)).unwrap();
                assert!(journal.contains("noticed"), "it is told: {name}");
            }
        }
    }
}

#[test]
fn many_writers_keep_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let mut ledger = begin(&store, RunKind::Replay);
                    let run = ledger.run();
                    for n in 0..10 {
                        commit(&mut ledger, [received(n), disposed(run, n, true)]).unwrap();
                    }
                    ledger.close().unwrap();
                }
            });
        }
    });
    let sound = Audit { chain: Finding::Sound { receipts: 240 }, missing: Vec::new() };
    assert_eq!(audit(&store).unwrap(), sound);
    assert_eq!((ids(&store).len(), lines(&store, "envelopes.jsonl").len()), (240, 240));
    assert_eq!(put_right(&store, AT, false).unwrap(), []);
}

#[test]
fn tampering_is_not_healed() {
    let tampered = |with_a_crash: bool, name: &str, change: &dyn Fn(String) -> String| {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let mut ended = begin(&store, RunKind::Live);
        commit(&mut ended, (1..5).map(|n| disposed(1, n, true))).unwrap();
        ended.close().unwrap();
        let text = fs::read_to_string(store.file(name)).unwrap();
        fs::write(store.file(name), change(text)).unwrap();
        if with_a_crash {
            commit(&mut begin(&store, RunKind::Live), [disposed(2, 1, true)]).unwrap();
        }
        put_right(&store, AT, false).unwrap();
        match audit(&store).unwrap().chain {
            Finding::Broken { line, .. } => line,
            Finding::Sound { .. } => panic!("{name} was healed"),
        }
    };
    let without_the_last = |text: String| {
        let lines: Vec<_> = text.lines().collect();
        lines[..3].iter().fold(String::new(), |kept, line| kept + line + "\n")
    };
    for crash in [false, true] {
        assert_eq!(tampered(crash, "receipts.jsonl", &|text| text.replacen("k_1_2", "k_1_9", 1)), 2);
        assert_eq!(tampered(crash, "receipts.jsonl", &without_the_last), 4);
        assert_eq!(tampered(crash, "receipts.chain", &without_the_last), 4);
        assert_eq!(tampered(crash, "receipts.jsonl", &|text| text + "{\"id\":\"rc_9_9\"}\n"), 5);
        assert_eq!(tampered(crash, "receipts.jsonl", &|text| text[..text.len() - 7].to_owned()), 4);
    }
}

#[test]
fn a_disk_that_is_full_after_the_journal_is_an_error_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let mut ledger = begin(&store, RunKind::Live);
    commit(&mut ledger, [received(1), disposed(1, 1, true)]).unwrap();
    fill_receipts(&mut ledger, &store);
    let error = commit(&mut ledger, [received(2), disposed(1, 2, true)]).unwrap_err();
    assert!(error.to_string().contains("receipts.jsonl"), "{error}");
    assert!(error.diagnostic().help.unwrap().contains("free some space"));
    let again = ledger.commit().unwrap_err();
    assert!(again.to_string().contains("an earlier write"), "nothing is written twice: {again}");
    drop(ledger);
    let notices = recovered(&store);
    assert_eq!(ids(&store), ["rc_1_1", "rc_1_2"]);
    assert_eq!(lines(&store, "envelopes.jsonl").len(), 2);
    assert!(notices.iter().any(|notice| notice.message.starts_with("1 receipt of a crashed run")), "{notices:?}");
}

#[test]
fn a_chain_that_is_no_text_does_not_stop_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = scene(dir.path());
    let mut chain = fs::read(store.file("receipts.chain")).unwrap();
    chain[3] = 0xff;
    fs::write(store.file("receipts.chain"), chain).unwrap();
    put_right(&store, AT, false).unwrap();
    let mut next = begin(&store, RunKind::Live);
    commit(&mut next, [disposed(3, 1, true)]).unwrap();
    assert!(matches!(audit(&store).unwrap().chain, Finding::Broken { line: 1, .. }));
    drop(Projections::open(&store, true, true).unwrap());
}
