//! An envelope whose fields are edited in place.

use std::fs;

use super::{dark, dump, stage};
use crate::session::bus;

#[test]
fn a_field_is_checked_as_it_is_typed_and_the_envelope_replayed_as_a_child() {
    let mut stage = stage(100, 30, dark());
    let text = stage.press("S e");
    assert!(text.contains("payload.order_id") && text.contains("envelope 2 of run 2"), "{text}");
    let text = stage.press("down enter ctrl-u");
    assert!(text.contains("this is not JSON"), "{text}");
    stage.runner.type_in("90x");
    assert!(stage.press("enter").contains("this is not JSON"), "it is not taken");
    let text = stage.press("backspace enter");
    assert!(text.contains("90") && text.contains("was 250") && text.contains("1 field changed"), "{text}");
    insta::assert_snapshot!("edit-100x30", dump(&stage.runner, dark()));
    stage.press("R");
    let [.., bus::Command::Replay(in_hand)] = &stage.runner.asked()[..] else { panic!("nothing was asked") };
    assert_eq!((in_hand.of.run, in_hand.of.arrival), (2, 2));
    assert!(in_hand.envelope.payload.as_str().contains("\"total\":90"), "{}", in_hand.envelope.payload.as_str());
    assert!(!stage.press("esc").contains("1 field changed"));
}

#[test]
fn what_was_edited_is_saved_as_a_fixture() {
    let mut stage = stage(80, 24, dark());
    stage.press("S e w ctrl-u");
    stage.runner.type_in("../evil.jsonl");
    assert!(stage.press("enter").contains("a fixture file is `fixtures/NAME.jsonl`"), "{}", stage.runner.text());
    stage.press("ctrl-u");
    stage.runner.type_in("fixtures/mine.jsonl");
    assert!(stage.press("enter").contains("saved in fixtures/mine.jsonl"), "{}", stage.runner.text());
    let saved = fs::read_to_string(stage.folder.path().join("fixtures/mine.jsonl")).unwrap();
    assert!(saved.contains("\"event_id\":\"ev_33fa\"") && saved.ends_with("}\n"), "{saved}");
}

#[test]
fn editing_is_left_at_any_size_and_by_any_key() {
    for (columns, rows) in [(20, 5), (40, 12), (200, 60)] {
        let mut stage = stage(columns, rows, dark());
        stage.press("S e enter x esc G pgup home enter end backspace enter esc w esc esc");
        assert!(stage.runner.app().screens.replay.editing.is_none());
    }
}
