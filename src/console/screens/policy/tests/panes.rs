//! The panes beside the text: impact, ladder, boundaries, the form.

use std::fs;

use super::{FILE, dark, desk, desk_at_ceiling, desk_saying};

#[test]
fn a_flip_is_gone_to_and_back() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("ctrl-w 3 0 0 F6");
    let text = desk.runner.text();
    assert!(text.contains("Impact ━") && text.contains("newly allowed"), "{text}");
    let many = desk.runner.policy().record.flips();
    assert!(many >= 1);
    let first = desk.runner.press("home").policy().ladder.as_ref().unwrap().subject.clone();
    assert_eq!(first.tool, "order.refund", "the ladder is that of the selected flip");
    let before = desk.runner.selected();
    desk.runner.press("enter");
    assert!(desk.runner.text().contains("Envelopes"), "{}", desk.runner.text());
    assert_eq!(desk.runner.selected().map(crate::console::model::Row::id), first.row);
    desk.runner.press("3");
    assert!(desk.runner.text().contains("newly allowed") && desk.draft().contains("maxValue: 300"));
    let _ = before;
}

#[test]
fn an_action_is_made_by_form_and_judged() {
    let mut desk = desk_at_ceiling();
    let text = desk.runner.press("alt-s").text();
    assert!(text.contains("Try an action") && text.contains("order.refund"), "{text}");
    let text = desk.runner.press("ctrl-u").type_in("99").text();
    assert!(text.contains("✓ 99 ≤ 100"), "{text}");
    assert!(desk.runner.press("ctrl-u").type_in("x").text().contains("the value is not a number"));
    let text = desk.runner.press("ctrl-u tab ctrl-u").type_in("order.hold").press("tab").text();
    assert!(text.contains("✓ ALLOW"), "{text}");
    desk.runner.press("esc");
    assert!(desk.runner.policy().form.is_none());
    assert_eq!(desk.draft(), FILE, "nothing of it went into the text");
}

#[test]
fn a_rule_that_is_shadowed_or_never_matches_says_so() {
    let mut desk = desk(120, 40, dark());
    let text = desk.runner.press("3").text();
    assert!(text.contains("shadowed: rule 1 already allows all it would"), "{text}");
    assert!(text.contains("never matches: no action is order.cancel"), "{text}");
    let guardrails = "policy: g\nrules:\n  - allow: order.hold\n  - allow: order.refund\n    max_value: 250\n  - require_confirmation: order.refund\ndefault: deny\n";
    let mut desk = desk_saying(120, 40, dark(), guardrails);
    let text = desk.runner.press("3").text();
    assert!(text.contains("✓ 250 ≤ 250"), "a guardrail document has a ladder too\n{text}");
}

#[test]
fn what_tests_a_boundary_is_tried_and_written_with_one_key() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("backspace backspace backspace 2 6 0 F6 F6 F6");
    let text = desk.runner.text();
    assert!(text.contains("Untested boundaries ━") && text.contains("maxValue 260 → 261"), "{text}");
    let ladder = desk.runner.policy().ladder.as_ref().unwrap();
    assert_eq!(ladder.subject.value.as_ref().unwrap().number.to_string(), "261", "its ladder is shown");
    // The workspace has no operator, so that no envelope leads to the action.
    fs::write(desk.folder.path().join("fibric.toml"), "").unwrap();
    let text = desk.runner.press("w").rest().text();
    assert!(text.contains("no event leads there: written to policy/trust.tests.yaml"), "{text}");
    assert!(!desk.folder.path().join("fixtures").exists(), "a fixture that tests nothing is not written");
    let table = desk.folder.path().join("policy/trust.tests.yaml");
    let written = fs::read_to_string(&table).unwrap();
    assert!(written.contains("tool: order.refund, value: 261 }, expect: BLOCK"), "{written}");
    assert!(!text.contains("maxValue 260 → 261") && text.contains("13 of 32 survive"), "the gap is closed\n{text}");
    desk.runner.press("w").rest();
    let then = fs::read_to_string(&table).unwrap();
    assert!(then.starts_with(&written) && then.lines().count() == 2, "the next one\n{then}");
}

#[test]
fn a_form_is_left_to_where_it_was_opened_from() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("alt-s esc 7");
    assert_eq!(desk.line(12), "  maxValue: 1007", "back in the text, which is still edited");
    desk.runner.press("F6 alt-s esc");
    assert!(desk.runner.text().contains("Impact ━"), "{}", desk.runner.text());
}

#[test]
fn an_action_no_rule_names_puts_the_cursor_at_the_end() {
    let mut desk = desk(120, 40, dark());
    desk.runner.press("g g");
    while !desk.runner.text().contains("no rule matched") {
        desk.runner.press("down");
    }
    desk.runner.press("3");
    let draft = desk.runner.policy().draft.as_ref().unwrap();
    assert_eq!(draft.editor.cursor(), draft.text().len());
}

#[test]
fn a_tool_nobody_has_loaded_is_doubted_with_a_fix() {
    use std::sync::Arc;

    use crate::kernel::journal::{CodeKind, Entry, Fact, Loaded};
    let mut desk = desk_at_ceiling();
    let fact = Fact::Loaded(Loaded {
        file: "connectors/cn-brightdesk/index.ts".to_owned(),
        on_disk: Some("9c07".to_owned()),
        running: Some("9c07".to_owned()),
        provides: ["notify.send", "order.hold", "order.refund"].map(str::to_owned).to_vec(),
        ..Loaded::nothing_of(CodeKind::Connector, "cn-brightdesk".to_owned())
    });
    let text = desk.runner.feed(1, [Arc::new(Entry { seq: 902, at: "2026-01-01T00:30:00Z".to_owned(), fact })]).text();
    for wanted in ["no loaded tool provides order.release", "no loaded tool provides zone.setback"] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    // A capability that exists, and that only nobody here provides.
    let text = desk.runner.press("up end ctrl-w").type_in("order.release").text();
    assert!(text.contains("no loaded tool provides order.release"), "{text}");
    let offered = desk.runner.press("ctrl-w").type_in("order.h").text();
    assert!(offered.contains("order.hold  loaded"), "{offered}");
    let text = desk.runner.type_in("old").press("ctrl-end").text();
    assert!(text.contains("no loaded connector is called acme-wms"), "{text}");
}

#[test]
fn a_ladder_that_is_cut_says_how_many_rules_there_are_more() {
    for (columns, rows, keys) in [(80, 24, "3 F6 F6"), (120, 40, "3 alt-s"), (100, 24, "3 alt-s"), (80, 20, "3 alt-s")]
    {
        let mut desk = desk(columns, rows, dark());
        let text = desk.runner.press(keys).text();
        let shown = text.lines().filter(|line| line.contains("differs") || line.contains("250 > 100")).count();
        assert!(
            shown == 7 || text.contains(&format!("… {} more", 7 - shown)) || text.contains(" more"),
            "{columns}x{rows}\n{text}"
        );
        assert!(text.contains("verdict"), "{columns}x{rows}\n{text}");
    }
    // Where there is room, nothing is cut: neither rules nor boundaries.
    for (columns, rows) in [(200, 60), (240, 66)] {
        let mut desk = desk(columns, rows, dark());
        let text = desk.runner.press("3").text();
        let blank = text.lines().rev().skip(1).take_while(|line| line.trim().is_empty()).count();
        assert!(blank < 3 && text.matches("differs").count() >= 6, "{text}");
        assert!(!text.contains(" more") || rows < 66, "{text}");
    }
}
