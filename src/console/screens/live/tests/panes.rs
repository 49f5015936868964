//! The panes below the lists, and the record over them: each has the keys in turn, scrolls, and says what of it is cut.

use std::sync::Arc;
use std::time::Instant;

use crate::console::Runner;
use crate::console::screens::live::ListId;
use crate::console::tests::{dark, story, told};
use crate::kernel::journal::{Entry, Fact};
use crate::kernel::json::Raw;

/// The story, told of an envelope whose payload has so many readings.
fn with_readings(columns: u16, rows: u16, readings: u32) -> Runner {
    let mut story: Vec<Entry> = story().iter().map(|entry| (**entry).clone()).collect();
    let newest = story.iter_mut().rev().find_map(|entry| match &mut entry.fact {
        Fact::Received(received) => Some(received),
        _ => None,
    });
    let mut envelope = (*newest.as_ref().unwrap().envelope).clone();
    let payload = serde_json::json!({ "readings": (0..readings).collect::<Vec<_>>(), "last": "the very end" });
    envelope.payload = Raw::of(&payload);
    newest.unwrap().envelope = Arc::new(envelope);
    let mut runner = Runner::new(columns, rows, dark());
    runner.feed(1, story.into_iter().map(Arc::new));
    runner.press("h h G");
    runner
}

/// The story under a policy of that many rules, on an action that the rule stopped which comes first.
fn with_rules(columns: u16, rows: u16, rules: usize) -> Runner {
    let mut entries = story();
    let mut value = serde_json::to_value(&*entries[0]).unwrap();
    value["fact"]["run_started"]["policy"]["rules"] = rules.into();
    let ruleset = value["fact"]["run_started"]["policy"]["ruleset"].as_array_mut().unwrap();
    let like = ruleset.last().unwrap().clone();
    while ruleset.len() < rules {
        let mut rule = like.clone();
        rule["origin"]["number"] = (ruleset.len() + 1).into();
        ruleset.push(rule);
    }
    entries[0] = Arc::new(serde_json::from_str(&value.to_string()).unwrap());
    let mut runner = Runner::new(columns, rows, dark());
    runner.feed(1, entries);
    while !runner.text().lines().nth(1).unwrap().contains("250 > maxValue 100") {
        runner.press("up");
    }
    runner
}

#[test]
fn every_pane_has_the_keys_in_turn_and_esc_gives_them_back() {
    let mut runner = told(120, 40, dark());
    let row = runner.selected();
    let mut seen = Vec::new();
    for _ in 0..6 {
        let text = runner.press("tab").text();
        assert_eq!(text.lines().filter(|line| line.contains('━')).count(), 1, "{text}");
        seen.push(text.lines().find(|line| line.contains('━')).unwrap().to_owned());
    }
    for (line, title) in seen.iter().zip(["Receipts", "Action", "Why", "Envelopes", "Plans", "Decisions"]) {
        let (before, _) = line.split_once('━').unwrap();
        assert!(before.rsplit("   ").next().unwrap().contains(title), "{title}: {line}");
    }
    assert_eq!(runner.selected(), row, "around once");
    assert!(runner.press("backtab backtab backtab").text().contains("What became of it ━"), "{}", runner.text());
    assert!(runner.press("esc").text().contains("Decisions") && !runner.text().contains("Why ━"));
    // Narrow, one pane is left below the list.
    let mut narrow = told(80, 24, dark());
    assert!(narrow.press("tab").text().contains("Why ━"), "{}", narrow.text());
}

#[test]
fn a_pane_scrolls_folds_and_has_the_whole_body() {
    let mut runner = with_readings(120, 40, 300);
    let text = runner.text();
    assert!(text.contains("Envelope ↓"), "what is cut says so\n{text}");
    // Folded by itself; open, it is longer than the pane.
    runner.press("space");
    assert!(!runner.text().contains("the very end"), "{}", runner.text());
    let row = runner.selected();
    runner.press("backtab backtab G");
    assert!(runner.text().contains("session_id"), "{}", runner.text());
    assert!(runner.text().contains('↑'), "{}", runner.text());
    assert_eq!(runner.selected(), row, "the list stays where it is");
    let before = runner.text();
    let zoomed = runner.press("z").text();
    assert!(!zoomed.contains("Decisions") && zoomed.contains("Envelope ZOOM ↑"), "{zoomed}");
    assert!(zoomed.matches("\n   ").count() > before.matches("\n   ").count(), "{zoomed}");
    runner.press("z g g down down");
    // The value in hand folds, not all of them.
    let text = runner.press("space").text();
    assert!(text.contains("{ 10 fields }"), "{text}");
    assert!(runner.press("space").text().contains("event_id"));
}

#[test]
fn space_folds_only_what_is_in_sight() {
    let mut runner = told(80, 24, dark());
    let text = runner.press("space").text();
    assert!(text.contains("fold: what folds is not in sight; enter opens it"), "{text}");
    let mut runner = told(120, 40, dark());
    runner.press("z");
    assert!(runner.press("space").text().contains("not in sight"), "{}", runner.text());
    runner.press("z backtab backtab backtab");
    assert!(runner.text().contains("What became of it ━"), "{}", runner.text());
    assert!(runner.press("space").text().contains("nothing in this pane folds"));
}

#[test]
fn a_ladder_without_room_says_how_many_rules_there_are_more() {
    let mut runner = with_rules(120, 40, 60);
    let text = runner.text();
    let shown =
        text.lines().filter(|line| line.contains("rule ") && line.contains("│") || line.contains(" rule ")).count();
    assert!(text.contains("60 rules tried") && text.contains("… ") && text.contains(" more"), "{text}");
    assert!(text.contains("What would change it"), "{text}");
    assert!(shown > 3, "{text}");
    runner.press("tab tab tab G");
    assert!(runner.text().contains("rule 60"), "{}", runner.text());
    let zoomed = runner.press("z").text();
    assert!(zoomed.contains("rule 60") && zoomed.contains("rule 40"), "{zoomed}");
    runner.press("g g");
    assert!(runner.text().contains("rule 1 "), "{}", runner.text());
    // With room for fewer than three, the heading says it.
    let small = with_rules(80, 24, 60).text();
    assert!(small.contains(" more") || small.contains("of 60 rules tried"), "{small}");
}

#[test]
fn words_are_found_in_an_open_record_and_what_they_are_folded_in_is_opened() {
    let mut runner = with_readings(120, 40, 20_000);
    runner.press("enter F");
    assert!(!runner.text().contains("the very end"), "{}", runner.text());
    let text = runner.press("/").type_in("VERY end").press("backspace").text();
    assert!(text.contains("does not stand here"), "a capital is meant as one\n{text}");
    let text = runner.press("ctrl-u").type_in("very end").text();
    assert!(text.contains("1 of 1") && text.contains("the very end"), "{text}");
    runner.press("enter");
    assert!(runner.text().contains("the very end") && !runner.text().contains("/ very"), "{}", runner.text());
    runner.press("/").type_in("1999").press("enter");
    assert!(runner.press("n").text().contains("2 of 12"), "{}", runner.text());
    assert!(runner.press("N N").text().contains("on from the end: 12 of 12"), "{}", runner.text());
    assert!(runner.press("n").text().contains("on from the start: 1 of 12"), "{}", runner.text());
    // Esc in the line takes back what was typed; then it closes the record.
    runner.press("/").type_in("zzz").press("esc");
    assert_eq!(runner.layers(), 1);
    runner.press("esc");
    assert_eq!(runner.layers(), 0);
}

#[test]
fn an_open_record_has_ends_and_neighbours() {
    let mut runner = told(120, 40, dark());
    runner.press("up up enter");
    let (row, list) = (runner.selected().unwrap(), ListId::Decisions);
    let at = runner.live().selection_in(list).index().unwrap();
    let text = runner.press("G").text();
    assert!(text.contains("G end"), "{text}");
    assert_eq!(runner.selected(), Some(row), "the end of what is open, not of the list");
    let end = runner.text();
    assert_ne!(runner.press("g g").text(), end);
    runner.press("]");
    assert_eq!((runner.live().selection().index(), runner.layers()), (Some(at + 1), 1));
    runner.press("[ [");
    assert_eq!((runner.live().selection().index(), runner.layers()), (Some(at - 1), 1));
    assert!(runner.press("] ] ] ] ]").text().contains("the newest of the list"), "{}", runner.text());
}

#[test]
fn a_large_record_costs_a_key_no_more_than_a_small_one() {
    let mut runner = with_readings(120, 40, 400_000);
    let start = Instant::now();
    runner.press("enter");
    runner.press(&"down pgdn up G pgup ".repeat(20));
    runner.press("esc").press(&"up down ".repeat(2));
    // Loose on purpose: to read the text for each frame would take minutes here.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    runner.press("enter G");
    assert!(runner.text().contains("session_id"), "{}", runner.text());
}
