//! A clean cut off after each of its steps, and what is made of it.

use std::collections::BTreeMap;
use std::fs;

use super::*;
use crate::kernel::journal::RunKind;
use crate::session::ledger::Ledger as _;
use crate::session::recovery::tests::{AT, begin, claimed, disposed, received};

const NOW: &str = "2026-02-01T00:00:00.000Z";

/// Keys and who has them.
type Held = BTreeMap<String, Option<String>>;

/// A live run with so many actions, of which the last gives its key back; and a replay beside.
fn runs(store: &Store, actions: u64) {
    for kind in [RunKind::Live, RunKind::Replay] {
        let mut ledger = begin(store, kind);
        let run = ledger.run();
        ledger.append(AT.to_owned(), received(1)).unwrap();
        for n in 1..=actions {
            ledger.append(AT.to_owned(), claimed(run, n)).unwrap();
            ledger.append(AT.to_owned(), disposed(run, n, n < actions)).unwrap();
            ledger.commit().unwrap();
        }
        ledger.close().unwrap();
    }
}

fn held(store: &Store) -> Held {
    let (state, notices) = keys::load(store, AT).unwrap();
    assert_eq!(notices, []);
    let runs = (1..=8).flat_map(|run| (1..=4).map(move |n| format!("k_{run}_{n}")));
    runs.map(|key| (key.clone(), state.claimed_by(&key))).collect()
}

fn cleaned(store: &Store) -> Sum {
    let (cleaner, notices) = Cleaner::begin(store.clone(), AT).unwrap();
    assert_eq!(notices, []);
    let (sum, notices) = cleaner.clean(Timestamp::MAX, NOW).unwrap();
    assert_eq!(notices, []);
    sum
}

fn is_sound(store: &Store, what: &str) {
    let found = audit::audit(store, None).unwrap();
    assert!(found.is_sound() && found.notes.is_empty(), "{what}: {found:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn what_is_kept_is_every_key_with_its_receipt_and_it_is_cleaned_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    let before = held(&store);
    assert_eq!(before.values().flatten().count(), 2);
    let first = audit::audit(&store, None).unwrap().head;
    let dry = look(&store, Timestamp::MAX).unwrap();
    let sum = cleaned(&store);
    assert_eq!(Sum { freed: 0, ..dry }, Sum { freed: 0, ..sum.clone() });
    assert_eq!((sum.upto, sum.runs, sum.envelopes, sum.receipts, sum.keys), (Some(2), 2, 2, 4, 2));
    assert_eq!((held(&store), store.runs()), (before.clone(), Vec::new()));
    is_sound(&store, "cleaned");
    // A head from before is in the chain still.
    assert!(audit::audit(&store, first.as_deref()).unwrap().is_sound());
    assert_eq!(cleaned(&store), Sum::default(), "nothing is left to remove");
    runs(&store, 4);
    assert_eq!(store.runs(), [3, 4], "no number is given again");
    let more = held(&store);
    assert_eq!(more.values().flatten().count(), 5);
    is_sound(&store, "and more");
    let sum = cleaned(&store);
    assert_eq!((sum.upto, sum.runs, sum.keys), (Some(4), 2, 5));
    assert_eq!(held(&store), more);
    is_sound(&store, "again");
    // What follows from the base is written anew from it.
    for name in ["receipts.jsonl", "receipts.chain", "keys.jsonl", "envelopes.jsonl"] {
        let was = fs::read(store.file(name)).unwrap();
        fs::remove_file(store.file(name)).unwrap();
        recovery::recover(&store, AT).unwrap();
        let (state, _) = keys::load(&store, AT).unwrap();
        assert!(more.iter().all(|(key, by)| state.claimed_by(key) == *by), "{name}");
        assert!(name == "keys.jsonl" || was.is_empty() || fs::read(store.file(name)).unwrap() == was, "{name}");
    }
    is_sound(&store, "written anew");
}

#[test]
fn a_run_that_is_young_alive_or_not_ended_is_kept_and_those_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 2);
    let why = |before: Timestamp| look(&store, before).unwrap().kept.map(|kept| (kept.run, kept.why));
    assert_eq!(why(AT.parse().unwrap()), Some((1, Why::Recent)));
    assert_eq!(why(Timestamp::MAX), None);
    let alive = begin(&store, RunKind::Replay);
    assert_eq!(why(Timestamp::MAX), Some((3, Why::Alive)));
    let (cleaner, _) = Cleaner::begin(store.clone(), AT).unwrap();
    let refused = cleaner.clean(Timestamp::MAX, NOW).unwrap_err().diagnostic();
    assert!(refused.message.contains("run 3 is being written"), "{refused:?}");
    assert!(Cleaner::begin(store.clone(), AT).is_err(), "the lock is held");
    drop(alive);
    assert_eq!(why(Timestamp::MAX), Some((3, Why::Open)));
}

#[test]
fn what_does_not_hold_is_not_cleaned() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    let path = store.file("receipts.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("order.hold", "order.sold", 1)).unwrap();
    let (cleaner, _) = Cleaner::begin(store.clone(), AT).unwrap();
    let refused = cleaner.clean(Timestamp::MAX, NOW).unwrap_err().diagnostic();
    assert!(refused.message.contains("receipts.jsonl line 1"), "{refused:?}");
    assert_eq!(store.runs(), [1, 2]);
}

#[test]
fn an_edit_of_the_base_is_found_and_no_key_is_lost_by_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    let before = held(&store);
    cleaned(&store);
    let path = store.file(base::FILE);
    let text = fs::read_to_string(&path).unwrap();
    let changes: [(&str, String); 4] = [
        ("a line is gone", text.split_inclusive('\n').take(2).collect()),
        ("another key", text.replacen("k_1_1", "k_9_9", 1)),
        ("another holder", text.replacen("rc_1_1", "rc_9_9", 1)),
        ("nothing", String::new()),
    ];
    for (what, changed) in changes {
        fs::write(&path, &changed).unwrap();
        let found = audit::audit(&store, None).unwrap();
        let told = found.faults.iter().any(|fault| fault.file.as_deref() == Some(".fibric/dev/base.jsonl"));
        assert!(told, "{what}: {found:?}");
        let (state, notices) = keys::load(&store, AT).unwrap();
        assert!(notices.iter().any(|notice| notice.message.contains("base of keys")), "{what}: {notices:?}");
        for key in before.iter().filter(|(_, by)| by.is_some()).map(|(key, _)| key) {
            assert!(state.claimed_by(key).is_some(), "{what}: {key} is lost");
        }
        let (cleaner, _) = Cleaner::begin(store.clone(), AT).unwrap();
        runs(&store, 2);
        assert!(cleaner.clean(Timestamp::MAX, NOW).is_err(), "{what}");
    }
}

#[test]
fn a_base_that_no_line_vouches_for_hides_no_journal() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    let before = held(&store);
    fs::write(store.file(base::FILE), "{\"base\":{\"upto\":9,\"at\":\"x\"}}\n").unwrap();
    assert_eq!(held(&store), before);
    assert!(!audit::audit(&store, None).unwrap().is_sound());
}

#[test]
fn the_chain_is_joined_anew_with_the_base() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    let before = held(&store);
    cleaned(&store);
    fs::remove_file(store.journals()).unwrap();
    fs::remove_file(store.file("keys.jsonl")).unwrap();
    assert!(!recovery::recover(&store, AT).unwrap().is_empty());
    is_sound(&store, "joined anew");
    let (state, _) = keys::load(&store, AT).unwrap();
    assert!(before.iter().all(|(key, by)| state.claimed_by(key) == *by));
    runs(&store, 1);
    assert_eq!(store.runs(), [3, 4]);
}

/// Cuts a clean off in the state that `cut` leaves, and has the next start go on.
fn cut_off(store: &Store, before: &Held, what: &str, cut: impl FnOnce(&Store)) {
    let dir = tempfile::tempdir().unwrap();
    copy(store.dir(), &dir.path().join("dev"));
    let store = Store::open(dir.path().join("dev")).unwrap();
    cut(&store);
    // Who only reads meets the state between.
    is_sound(&store, what);
    let told = recovery::recover(&store, AT).unwrap();
    is_sound(&store, what);
    assert_eq!(&held(&store), before, "{what}: {told:?}");
    assert!(store.prepared().is_empty(), "{what}");
    assert_eq!(recovery::recover(&store, AT).unwrap(), [], "{what}: done");
    runs(&store, 3);
    cleaned(&store);
    is_sound(&store, what);
    let after = held(&store);
    assert!(before.iter().all(|(key, by)| by.is_none() || after[key] == *by), "{what}");
}

#[test]
fn cut_off_at_any_step_it_is_as_before_or_as_after() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    runs(&store, 3);
    cleaned(&store);
    runs(&store, 4);
    let before = held(&store);
    // Everything is prepared, and no line says so.
    let seal = {
        let (cleaner, _) = Cleaner::begin(store.clone(), AT).unwrap();
        let (state, _) = keys::load(&store, AT).unwrap();
        let _lock = store.lock().unwrap();
        cleaner.prepare(&state, &Cleaned { upto: 4, at: NOW.to_owned() }, &mut Sum::default()).unwrap()
    };
    let folder = |store: &Store| base::prepared(store, &seal);
    cut_off(&store, &before, "prepared", |_| ());
    cut_off(&store, &before, "half prepared", |store| {
        let new = store.file("clean.new");
        fs::rename(folder(store), &new).unwrap();
        fs::remove_file(new.join("receipts.chain")).unwrap();
        fs::write(new.join("receipts.jsonl"), "{\"id").unwrap();
    });
    let line = |store: &Store| link(store, 4, seal.clone()).unwrap();
    cut_off(&store, &before, "a line", line);
    let moved = [base::FILE, "receipts.chain", "receipts.jsonl", "envelopes.jsonl"];
    for count in 1..=moved.len() {
        cut_off(&store, &before, &format!("{count} moved"), |store| {
            line(store);
            for name in &moved[..count] {
                fs::rename(folder(store).join(name), store.file(name)).unwrap();
            }
        });
    }
    for (what, gone) in [("a journal", "runs/0003/journal.jsonl"), ("a run", "runs/0003")] {
        cut_off(&store, &before, what, |store| {
            line(store);
            for name in moved {
                fs::rename(folder(store).join(name), store.file(name)).unwrap();
            }
            let gone = store.file(gone);
            if gone.is_dir() { fs::remove_dir_all(gone) } else { fs::remove_file(gone) }.unwrap();
        });
    }
    // Half of the line: the next start cuts it, and takes everything back.
    let torn = |store: &Store| {
        let was = fs::read(store.journals()).unwrap();
        line(store);
        let now = fs::read(store.journals()).unwrap();
        fs::write(store.journals(), &now[..usize::midpoint(was.len(), now.len())]).unwrap();
    };
    torn(&store);
    assert!(!recovery::recover(&store, AT).unwrap().is_empty());
    assert_eq!((held(&store), store.runs()), (before, vec![3, 4]));
    is_sound(&store, "torn");
}
