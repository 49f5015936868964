//! What is not in memory any more, and what was there before the session: it scrolls, is sought and asked for like the
//! rest.

use std::sync::Arc;

use crate::console::model::{RowKind, RowList};
use crate::console::runtime::Incoming;
use crate::console::tests::{dark, story};
use crate::console::{News, Runner};
use crate::kernel::journal::{Acknowledged, Carried, Entry, Fact};
use crate::kernel::receipt::{Receipt, Ruling};
use crate::session::attention;
use crate::session::bus::{Batch, Command};
use crate::session::journal::reader::JournalReader;
use crate::session::ledger::{FileLedger, Ledger as _, Options};
use crate::session::store::Store;

/// A run on disk that tells the story so many times.
fn written(store: &Store, rounds: u64) -> Vec<Batch> {
    let options = Options { sync: false, plan_files: false, persistent_keys: false };
    let mut ledger = FileLedger::begin(store, options).unwrap();
    let mut batches = Vec::new();
    for round in 0..rounds {
        for entry in story() {
            if round == 0 || !matches!(entry.fact, Fact::RunStarted(_) | Fact::RunEnded(_)) {
                ledger.append(entry.at.clone(), later(&entry, round)).unwrap();
            }
        }
        batches.extend(ledger.commit().unwrap());
    }
    batches.extend(ledger.close().unwrap());
    batches
}

/// A fact of another round: its envelopes are others.
fn later(entry: &Entry, round: u64) -> Fact {
    let mut fact = entry.fact.clone();
    let arrival = match &mut fact {
        Fact::Received(received) => &mut received.arrival,
        Fact::Routed(routed) => &mut routed.arrival,
        Fact::Proposed(proposed) => &mut proposed.arrival,
        Fact::Disposed(disposed) => &mut disposed.arrival,
        _ => return fact,
    };
    *arrival += round * 100;
    fact
}

fn fed(batches: &[Batch], keep: usize, past: JournalReader) -> Runner {
    let mut runner = Runner::over(120, 40, crate::console::tests::setup(dark()), past);
    runner.keep(keep);
    for batch in batches {
        runner.send(Incoming::News(News::Entries(batch.clone())));
    }
    runner
}

#[test]
fn what_is_not_in_memory_scrolls_seeks_and_filters_like_what_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let batches = written(&store, 30);
    let mut little = fed(&batches, 40, JournalReader::of(store.dir()));
    let mut all = fed(&batches, usize::MAX, JournalReader::default());
    assert!(little.model().rows(RowList::Decisions).len() > 200);
    let keys = ["up", "pgup", "tab", "pgup", "pgup", "tab", "pgup", "g b", "g d", "g n", "tab", "g u", "pgdn", "G"];
    for key in keys.iter().cycle().take(60) {
        assert_eq!(little.press(key).text(), all.press(key).text(), "{key}");
    }
    for query in ["decision:block", "type:order.*", "payload.order_id:SO-1* -decision:allow", "text"] {
        for runner in [&mut little, &mut all] {
            runner.press("esc esc /").press("ctrl-u").type_in(query).press("enter pgup up");
        }
        let ids = |runner: &Runner| runner.rows().iter().map(|row| row.id()).collect::<Vec<_>>();
        assert_eq!(ids(&little), ids(&all), "{query}");
        assert_eq!(little.selected(), all.selected(), "{query}");
        little.press("/ ctrl-u enter");
        all.press("/ ctrl-u enter");
    }
}

#[test]
fn going_up_from_the_first_row_brings_earlier_runs_and_home_all_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let (oldest, older) = (written(&store, 40), written(&store, 3));
    let newest = written(&store, 1);
    let mut runner = fed(&newest, 40, JournalReader::of(store.dir()));
    let alone = runner.model().rows(RowList::Decisions).len();
    runner.press("g g");
    let (mut seen, counts) = (0, runner.model().counts);
    while seen != runner.model().rows(RowList::Decisions).len() {
        seen = runner.model().rows(RowList::Decisions).len();
        runner.press("up pgup");
    }
    let entries =
        |batches: &[Batch]| -> Vec<Arc<Entry>> { batches.iter().flat_map(|batch| batch.entries.clone()).collect() };
    let decisions =
        |batches: &[Batch]| entries(batches).iter().filter(|entry| matches!(entry.fact, Fact::Disposed(_))).count();
    assert_eq!(seen, alone + decisions(&older) + decisions(&oldest));
    assert_eq!(runner.model().counts, counts, "the flow is this session's");
    // The same in one go.
    let mut home = fed(&newest, 40, JournalReader::of(store.dir()));
    home.press("home");
    assert_eq!(home.model().rows(RowList::Decisions).len(), seen);
    assert_eq!(home.live().selection().index(), Some(0));
    home.press("backtab backtab home");
    assert_eq!(home.selected().map(|row| row.kind), Some(RowKind::Run));
    assert!(home.text().contains("run 1"), "{}", home.text());
    // A query holds for what comes from disk too.
    let mut asked = fed(&newest, 40, JournalReader::of(store.dir()));
    asked.press("/").type_in("decision:block").press("enter home home");
    let blocked = asked.rows().len();
    home.press("tab tab /").type_in("decision:block").press("enter");
    assert_eq!(home.rows().len(), blocked);
    let top = |text: &str| {
        text.lines().filter_map(|line| line.split_once("■ BLOCK  ").map(|(_, row)| row.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(top(&home.press("home").text()), top(&asked.press("home").text()));
    assert!(!home.text().contains(" new "), "{}", home.text());
}

#[test]
fn what_cannot_be_read_back_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let batches = written(&store, 20);
    std::fs::write(store.journal(1), "").unwrap();
    let mut runner = fed(&batches, 10, JournalReader::of(store.dir()));
    let text = runner.press("pgup").text();
    assert!(text.contains("cannot be read back"), "{text}");
    runner.press("/").type_in("decision:block").press("enter esc g b up home");
    assert!(runner.exit().is_none());
}

#[test]
fn a_larger_terminal_reads_back_the_rows_it_brings_in_view() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let batches = written(&store, 30);
    let mut little = fed(&batches, 10, JournalReader::of(store.dir()));
    let mut all = fed(&batches, usize::MAX, JournalReader::default());
    for runner in [&mut little, &mut all] {
        runner.resize(120, 14).press("pgup pgup pgup pgup");
    }
    assert_eq!(little.text(), all.text());
    for (columns, rows) in [(120, 60), (80, 60), (60, 24), (200, 80)] {
        assert_eq!(little.resize(columns, rows).text(), all.resize(columns, rows).text(), "{columns}x{rows}");
        assert_eq!(little.asked(), all.asked(), "{columns}x{rows}: the session is told the same");
    }
}

#[test]
fn alerts_of_earlier_runs_wait_until_they_are_acknowledged_and_that_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    written(&store, 1);
    let raised: Vec<_> = story()
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::Disposed(disposed) if disposed.raises() => Some(disposed.receipt.id.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(attention::waiting(&store, 2).unwrap().unwrap().len(), 2);
    // The second session: it says what it carries over, and its reader brings the rows back by itself.
    let options = Options { sync: false, plan_files: false, persistent_keys: false };
    let mut ledger = FileLedger::begin(&store, options).unwrap();
    ledger.append("2026-01-02T00:00:00Z".to_owned(), story()[0].fact.clone()).unwrap();
    let alerts = attention::waiting(&store, ledger.run()).unwrap().unwrap();
    assert_eq!(alerts.iter().map(|alert| &alert.receipt).collect::<Vec<_>>(), raised.iter().collect::<Vec<_>>());
    ledger.append("2026-01-02T00:00:00Z".to_owned(), Fact::Carried(Carried { alerts })).unwrap();
    let batch = ledger.commit().unwrap().unwrap();
    let mut runner = fed(&[batch], usize::MAX, JournalReader::of(store.dir()));
    assert!(runner.text().contains("2 to ack"), "{}", runner.text());
    assert_eq!(runner.model().counts.alerted, 0, "what happened then counts for nothing now");
    runner.press("A home");
    assert_eq!(runner.rows().len(), 2);
    // Acknowledging is for the session to write down.
    runner.press("a");
    let asked = runner.asked();
    let seen = Command::Acknowledge { receipt: raised[0].clone(), who: String::new() };
    assert!(asked.contains(&seen), "{asked:?}");
    assert!(runner.text().contains("1 to ack"));
    let fact = Fact::Acknowledged(Acknowledged { receipt: raised[0].clone(), who: "ana".to_owned() });
    ledger.append("2026-01-02T00:00:01Z".to_owned(), fact).unwrap();
    ledger.close().unwrap();
    let left = attention::waiting(&store, 3).unwrap().unwrap();
    assert_eq!(left.iter().map(|alert| &alert.receipt).collect::<Vec<_>>(), [&raised[1]]);
}

#[test]
fn a_replay_raises_nothing() {
    let mut entries = story();
    let mut value = serde_json::to_value(&*entries[0]).unwrap();
    value["fact"]["run_started"]["kind"] = "replay".into();
    entries[0] = Arc::new(serde_json::from_str(&value.to_string()).unwrap());
    let mut runner = Runner::new(120, 40, dark());
    runner.feed(1, entries);
    assert!(runner.live().pending.rows().is_empty());
    let text = runner.text();
    assert!(!text.contains("to ack"));
    // It is no part of the flow, and says where it comes from.
    assert_eq!((runner.model().counts.blocked, runner.model().counts.sensed), (0, 0));
    assert!(text.lines().nth(1).unwrap().contains("replay 1"), "{text}");
}

#[test]
fn a_filter_goes_on_over_the_journals_and_says_what_it_has_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    let older = [written(&store, 60), written(&store, 60)].concat();
    let newest = written(&store, 1);
    let blocked = |batches: &[Batch]| {
        let entries = batches.iter().flat_map(|batch| &batch.entries);
        let stopped = |entry: &&Arc<Entry>| matches!(&entry.fact, Fact::Disposed(disposed) if disposed.receipt.verdict.decision == Ruling::Block);
        entries.filter(stopped).count()
    };
    let mut runner = fed(&newest, usize::MAX, JournalReader::of(store.dir()));
    let loaded = runner.rows().len();
    runner.offer_key("f");
    runner.offer_key("b");
    runner.look_once();
    let text = runner.text();
    // It has looked at what is loaded, and never says that this is all.
    assert!(text.contains(&format!("of {loaded}…")), "{text}");
    let mut steps = 0;
    while runner.app().busy() {
        runner.look_once();
        steps += 1;
        assert!(steps < 100_000);
        let ends = runner.rows().len() == blocked(&older) + blocked(&newest) || !runner.app().busy();
        assert!(ends || runner.text().contains('…'), "{}", runner.text());
    }
    assert_eq!(runner.rows().len(), blocked(&older) + blocked(&newest));
    let all = runner.model().rows(RowList::Decisions).len();
    assert!(runner.text().contains(&format!("{} of {all} ", runner.rows().len())), "{}", runner.text());
    // With room for it, how much is left is said.
    let mut wide = Runner::over(200, 40, crate::console::tests::setup(dark()), JournalReader::of(store.dir()));
    for batch in &newest {
        wide.send(Incoming::News(News::Entries(batch.clone())));
    }
    wide.offer_key("f");
    wide.offer_key("b");
    let mut said = false;
    while wide.app().busy() {
        wide.look_once();
        said |= wide.text().contains(" kB left") || wide.text().contains(" MB left");
    }
    assert!(said);
    // Nothing is let through, of everything there is.
    let text = runner.press("esc /").type_in("tool:none.such").press("enter").text();
    assert!(text.contains(&format!("None of {all} decisions matches")), "{text}");
}

#[test]
fn the_way_to_the_first_row_ends_with_a_key_that_moves_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    for _ in 0..3 {
        written(&store, 40);
    }
    let newest = written(&store, 1);
    let goes_on = |keys: &[&str]| {
        let mut runner = fed(&newest, usize::MAX, JournalReader::of(store.dir()));
        let loaded = runner.rows().len();
        for key in ["g", "g"].iter().chain(keys) {
            runner.offer_key(key);
        }
        let busy = runner.app().busy();
        while runner.app().busy() {
            runner.look_once();
        }
        (busy, runner.model().rows(RowList::Decisions).len() > loaded)
    };
    for keys in [&[][..], &["y"], &["x"], &["?", "esc"], &["Z"], &["space"]] {
        assert_eq!(goes_on(keys), (true, true), "{keys:?}");
    }
    for keys in [&["down"][..], &["G"], &["enter"], &["esc"]] {
        assert!(!goes_on(keys).0, "{keys:?}");
    }
}

#[test]
fn all_alerts_are_acknowledged_at_once_when_a_person_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("dev")).unwrap();
    written(&store, 1);
    let options = Options { sync: false, plan_files: false, persistent_keys: false };
    let mut ledger = FileLedger::begin(&store, options).unwrap();
    for entry in story() {
        let fact = match entry.fact.clone() {
            // Of another run, under other numbers.
            Fact::Disposed(mut disposed) => {
                disposed.receipt =
                    Arc::new(Receipt { id: format!("{}b", disposed.receipt.id), ..(*disposed.receipt).clone() });
                Fact::Disposed(disposed)
            }
            fact => fact,
        };
        if !matches!(fact, Fact::RunEnded(_)) {
            ledger.append(entry.at.clone(), fact).unwrap();
        }
    }
    let alerts = attention::waiting(&store, ledger.run()).unwrap().unwrap();
    let carried: Vec<_> = alerts.iter().map(|alert| alert.receipt.clone()).collect();
    assert!(!carried.is_empty());
    ledger.append("2026-01-02T00:00:00Z".to_owned(), Fact::Carried(Carried { alerts })).unwrap();
    let batch = ledger.commit().unwrap().unwrap();
    // Few of their entries are in memory, or all.
    for keep in [3, usize::MAX] {
        let mut runner = fed(std::slice::from_ref(&batch), keep, JournalReader::of(store.dir()));
        let waits = runner.live().pending.count();
        assert!(waits > carried.len(), "{waits} {carried:?} {}", runner.text());
        runner.asked();
        let text = runner.press("ctrl-k").text();
        assert!(text.contains(&format!("{waits} ALERTs acted and wait to be seen.")), "{text}");
        assert!(runner.press("esc").asked().is_empty() && runner.live().pending.count() == waits);
        runner.press("ctrl-k a");
        let told = runner.asked();
        let seen: Vec<_> = told.iter().filter(|command| matches!(command, Command::Acknowledge { .. })).collect();
        assert_eq!((seen.len(), runner.live().pending.count()), (waits, 0));
        let names = |receipt: &String| {
            seen.iter()
                .any(|command| matches!(command, Command::Acknowledge { receipt: named, .. } if named == receipt))
        };
        assert!(carried.iter().all(names), "{seen:?}");
        assert!(runner.press("ctrl-k").text().contains("acknowledge all: no ALERT waits"));
    }
}
