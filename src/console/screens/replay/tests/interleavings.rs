//! Every order of plans on an entity.

use super::{ascii, dark, dump, stage};
use crate::console::theme::Theme;

/// At the action whose key was used, with the plans on its entity.
fn opened(columns: u16, rows: u16, theme: Theme) -> super::Stage {
    let mut stage = stage(columns, rows, theme);
    stage.press("/");
    stage.runner.type_in("dedup");
    stage.press("enter I");
    stage
}

#[test]
fn frames() {
    for (columns, rows) in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        let mut stage = opened(columns, rows, dark());
        insta::assert_snapshot!(format!("interleavings-plans-{columns}x{rows}"), dump(&stage.runner, dark()));
        stage.press("enter tab");
        insta::assert_snapshot!(format!("interleavings-{columns}x{rows}"), dump(&stage.runner, dark()));
    }
    let mut stage = opened(80, 24, ascii());
    stage.press("enter tab s");
    insta::assert_snapshot!("interleavings-80x24-ascii", dump(&stage.runner, ascii()));
}

#[test]
fn the_plan_at_hand_and_those_beside_it_are_chosen_and_every_order_looked_at() {
    let mut stage = opened(120, 40, dark());
    assert!(stage.runner.text().contains("3 of 3 chosen"), "{}", stage.runner.text());
    let text = stage.press("space");
    assert!(text.contains("2 of 3 chosen"), "{text}");
    assert!(stage.press("up space enter").contains("choose two to 4 plans"), "{}", stage.runner.text());
    let text = stage.press("space down space enter");
    assert!(text.contains("474 schedules for 2,078 orders, 204 states") && text.contains("as recorded"), "{text}");
    assert!(text.contains("no schedule is bad; looked for key-twice"), "{text}");
    assert!(stage.press("backspace").contains("3 of 3 chosen"));
    assert!(!stage.press("esc").contains("Interleavings"));
}

#[test]
fn a_schedule_is_stepped_through_with_the_keys_of_the_transport() {
    let mut stage = opened(120, 40, dark());
    let text = stage.press("enter");
    assert!(text.contains("step 0 of 18") && text.contains("not begun"), "{text}");
    let text = stage.press("s right");
    assert!(text.contains("step 2 of 18") && text.contains("A1  → holds order:SO-10884, its key claimed"), "{text}");
    assert!(stage.press("n").contains("step 4 of 18"), "to where an action ended");
    assert!(stage.press("b left").contains("step 2 of 18"));
    assert!(stage.press("N").contains("step 0 of 18"));
    assert!(stage.press("b").contains("there is nothing that way"));
    assert!(stage.press("S").contains("step 18 of 18"));
    assert!(stage.press("s").contains("there is nothing that way"));
    // What else the screen does waits until it is left.
    assert!(stage.press("d").contains("the interleavings have the keys"), "{}", stage.runner.text());
}

#[test]
fn what_is_looked_for_is_chosen_and_the_step_that_loses_it_is_at_hand() {
    let mut stage = opened(120, 40, dark());
    let text = stage.press("enter tab");
    assert!(text.contains("321 of 474 are bad: an action comes to another verdict than was recorded"), "{text}");
    let at = text.lines().find(|line| line.contains("▌") && line.contains("from here on every way is bad"));
    assert!(at.is_some_and(|line| line.contains("claims order-risk:SO-10884:hold")), "{text}");
    assert!(stage.press("tab").contains("no schedule is bad"), "{}", stage.runner.text());
}

#[test]
fn the_handler_of_the_action_at_hand_is_let_fail() {
    let mut stage = opened(120, 40, dark());
    let text = stage.press("enter s s s s x");
    assert!(text.contains("the handler of A1 fails") && text.contains("A1 ALLOW failed, key given back"), "{text}");
    stage.press("S");
    let at_end = stage.press("N N N N N N n");
    assert!(at_end.contains("step"), "{at_end}");
    // Any key at any size leaves it standing.
    for (columns, rows) in [(80, 24), (20, 5), (40, 12), (200, 60)] {
        let mut stage = opened(columns, rows, dark());
        stage.press("x tab enter down s S G b N home x tab backspace space enter pgdn esc");
        assert!(stage.runner.app().screens.replay.interleavings.is_none());
    }
}
