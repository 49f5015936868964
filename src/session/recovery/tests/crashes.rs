//! Processes that died, and external_runs that did not.

use super::*;
use crate::session::journal::seals::Seals;

#[test]
fn what_was_interrupted_is_claimed_for_whoever_folds_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let store = scene(dir.path());
    put_right(&store, AT, None, false).unwrap();
    let mut state = crate::kernel::executor::State::default();
    for entry in History::open(&store.journal(2)).unwrap().entries() {
        if let Fact::Disposed(disposed) = &entry.fact {
            state.apply(disposed);
        }
    }
    assert_eq!(state.claimed_by("k_2_4").as_deref(), Some("rc_2_4"));
    assert_eq!(state.claimed_by("k_2_2").as_deref(), None);
}

#[test]
fn what_was_held_is_refused_and_its_key_is_free() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let mut ledger = begin(&store, RunKind::Live);
    let held = |n: u64| {
        let verdict = Verdict::of_rules(Decision::Alert, None, "r");
        let blocked = Verdict { decision: Ruling::Block, tier: 3, ..verdict.clone() };
        let interrupted = Receipt { outcome: Outcome::Refused, handler: None, verdict: blocked, ..receipt(1, n) };
        let action_id = format!("ac_1_{n}");
        Fact::Held(Held { arrival: 1, action_id, verdict, since: AT.to_owned(), interrupted: Arc::new(interrupted) })
    };
    // One nobody answered, one that was approved and had claimed its key, one that was approved and done.
    let group = [received(1), held(1), held(2), held(3), claimed(1, 2), claimed(1, 3), disposed(1, 3, true)];
    commit(&mut ledger, group).unwrap();
    drop(ledger);
    let notices = put_right(&store, AT, None, false).unwrap();
    assert!(notices.iter().any(|notice| notice.message.contains("before anyone answered: rc_1_1 says `refused`")));
    let all = receipts(&store);
    let outcomes: Vec<_> = all.values().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Refused, Outcome::Failed, Outcome::Applied]);
    let (state, _) = keys::load(&store, AT).unwrap();
    assert_eq!((state.claimed_by("k_1_1").as_deref(), state.claimed_by("k_1_2").as_deref()), (None, Some("rc_1_2")));
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
    put_right(&store, AT, None, false).unwrap();
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
    let mut group = json_line(Entry { seq: 2, at: AT.to_owned(), fact: disposed(1, 1, true) });
    Seals::after(1, &journal).seal(&mut group);
    journal.extend(group);
    fs::write(store.journal(1), journal).unwrap();
    fs::write(store.file("receipts.jsonl"), "").unwrap();
    put_right(&store, AT, None, false).unwrap();
    assert_eq!(ids(&store), ["rc_1_1", "rc_2_1", "rc_2_2"]);
    assert_eq!(audit(&store, None).unwrap().chain, Finding::Sound { receipts: 3 });
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
            assert_eq!(audit(&store, None).unwrap().chain, Finding::Sound { receipts: 3 }, "{name} {cut}");
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
    sound(&store, 240);
    assert_eq!((ids(&store).len(), lines(&store, "envelopes.jsonl").len()), (240, 240));
    assert_eq!(put_right(&store, AT, None, false).unwrap(), []);
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
        put_right(&store, AT, None, false).unwrap();
        match audit(&store, None).unwrap().chain {
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
    put_right(&store, AT, None, false).unwrap();
    let mut next = begin(&store, RunKind::Live);
    commit(&mut next, [disposed(3, 1, true)]).unwrap();
    assert!(matches!(audit(&store, None).unwrap().chain, Finding::Broken { line: 1, .. }));
    drop(Projections::open(&store, true, true).unwrap());
}

#[test]
fn a_key_that_two_live_runs_applied_is_named_and_one_that_was_given_back_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let under = |key: &str, fact: Fact| match fact {
        Fact::Disposed(disposed) => {
            let receipt = Receipt { idempotency_key: key.to_owned(), ..(*disposed.receipt).clone() };
            Fact::Disposed(Disposed { receipt: Arc::new(receipt), ..disposed })
        }
        fact => fact,
    };
    let mut first = begin(&store, RunKind::Live);
    commit(&mut first, [under("given back", disposed(1, 1, false)), under("kept", disposed(1, 2, true))]).unwrap();
    first.close().unwrap();
    let mut second = begin(&store, RunKind::Live);
    commit(&mut second, [under("given back", disposed(2, 1, true))]).unwrap();
    second.close().unwrap();
    let mut play = begin(&store, RunKind::Play);
    commit(&mut play, [under("kept", disposed(3, 1, true))]).unwrap();
    play.close().unwrap();
    sound(&store, 4);
    let mut again = begin(&store, RunKind::Live);
    commit(&mut again, [under("kept", disposed(4, 1, true))]).unwrap();
    again.close().unwrap();
    let found = audit(&store, None).unwrap();
    assert_eq!(found.faults.len(), 1, "{found:?}");
    assert!(found.faults[0].message.starts_with("the key `kept` was applied twice: by rc_4_1"), "{found:?}");
}
