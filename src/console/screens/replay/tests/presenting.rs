//! What a room sees.

use super::{dark, dump, stage};

#[test]
fn frames() {
    for (columns, rows) in [(40, 12), (80, 24), (100, 30), (120, 40), (200, 60)] {
        let mut stage = stage(columns, rows, dark());
        stage.press("/");
        stage.runner.type_in("tool:order.refund decision:block stage:policy");
        stage.press("enter P b s");
        insta::assert_snapshot!(format!("presenter-{columns}x{rows}"), dump(&stage.runner, dark()));
    }
}

#[test]
fn a_presenter_walks_a_plan_forwards_and_backwards_and_the_room_sees_the_keys() {
    let mut stage = stage(100, 30, dark());
    let text = stage.press("P S");
    assert!(text.contains("presenting, P ends it") && text.contains("│ S │"), "{text}");
    let text = stage.press("s");
    assert!(text.contains("order-risk proposes") && text.contains("│ S │ │ s │"), "{text}");
    assert!(!text.contains("██"), "no verdict before the policy has spoken: {text}");
    let text = stage.press("s");
    assert!(text.contains("██") && text.contains("rule 1"), "{text}");
    let text = stage.press("right right right right");
    assert!(text.contains("stage 6/6"), "{text}");
    let text = stage.press("left b");
    assert!(text.contains("stage 4/6"), "{text}");
    assert!(!stage.press("esc").contains("presenting"));
}

#[test]
fn the_value_stands_against_its_ceiling_and_what_would_have_passed_is_said() {
    let mut stage = stage(100, 30, dark());
    stage.press("/");
    stage.runner.type_in("tool:order.refund decision:block stage:policy");
    let text = stage.press("enter P");
    assert!(text.contains("value") && text.contains("ceiling of rule 3") && text.contains("100"), "{text}");
    assert!(text.contains("It would pass at value ≤ 100"), "{text}");
    assert!(text.contains("no key was claimed"), "{text}");
}
