//! What stands beside, under and over the text stays with the line it is about, whatever changes around it.

use std::fs;
use std::sync::Arc;

use super::disk::reloaded;
use super::{Desk, FILE, dark, desk, desk_at_ceiling, desk_saying};
use crate::console::tests::told;
use crate::kernel::journal::{Entry, Fact, PolicyStamp};

/// The lines of the text, as the screen shows them, that a rule's number stands beside.
fn badges(desk: &Desk) -> Vec<(String, String)> {
    let text = desk.runner.text();
    let left = text.lines().map(|line| line.chars().take(57).collect::<String>());
    left.filter_map(|line| {
        let (before, after) = line.rsplit_once(" rule ")?;
        let number = after.split_whitespace().next()?.parse::<u32>().ok()?;
        (!before.trim_end().ends_with("no")).then(|| (number.to_string(), before.trim().to_owned()))
    })
    .collect()
}

#[test]
fn a_rules_number_stands_beside_its_first_line_after_the_file_changed_on_disk() {
    let mut desk = desk(120, 60, dark());
    desk.runner.press("3 i ctrl-end enter").type_in("- tool: order.read").press("enter").type_in("decision:");
    let before = badges(&desk);
    assert!(before.len() >= 6, "{}", desk.runner.text());
    fs::write(desk.file(), FILE.replace("maxValue: 100", "maxValue: 120")).unwrap();
    reloaded(&mut desk);
    assert!(desk.draft().contains("maxValue: 120") && desk.draft().contains("order.read"), "{}", desk.draft());
    for (number, line) in badges(&desk) {
        assert!(
            line.contains("- tool:") || line.contains("- connector:"),
            "rule {number} beside `{line}`\n{}",
            desk.runner.text()
        );
    }
    assert_eq!(badges(&desk), before);
    // A line more above them all.
    fs::write(desk.file(), format!("# one more\n{}", FILE.replace("maxValue: 100", "maxValue: 120"))).unwrap();
    reloaded(&mut desk);
    for (number, line) in badges(&desk) {
        assert!(
            line.contains("- tool:") || line.contains("- connector:"),
            "rule {number} beside `{line}`\n{}",
            desk.runner.text()
        );
    }
}

#[test]
fn a_larger_terminal_shows_the_lines_that_were_scrolled_away() {
    let mut desk = desk(40, 12, dark());
    desk.runner.press("3 i ctrl-end");
    assert!(!desk.runner.text().contains("# Trust policy"), "{}", desk.runner.text());
    for (columns, rows) in [(200, 60), (120, 40), (100, 50)] {
        desk.runner.resize(40, 12);
        let text = desk.runner.resize(columns, rows).text();
        assert!(text.contains("# Trust policy of this workspace."), "{columns}x{rows}\n{text}");
        assert!(text.contains("connector: acme-wms"), "{columns}x{rows}\n{text}");
    }
}

#[test]
fn what_is_offered_covers_what_is_said_below_it_whole() {
    for (columns, rows) in [(120, 40), (80, 24), (200, 60)] {
        let mut desk = desk(columns, rows, dark());
        desk.runner.press("3 i ctrl-end enter").type_in("- to");
        let text = desk.runner.text();
        assert!(text.contains("what it speaks of"), "{columns}x{rows}: nothing is offered\n{text}");
        for line in text.lines().filter(|line| line.contains("what it speaks of")) {
            let rest = line.split("what it speaks of").nth(1).unwrap_or_default();
            let beside: String = rest.chars().take(20).collect();
            assert!(!beside.chars().any(char::is_alphabetic) || beside.contains("  "), "{columns}x{rows}\n{text}");
        }
        for said in ["mapping", "expected"] {
            let cut = text.lines().find(|line| line.contains(said) && line.contains("what it"));
            assert_eq!(cut, None, "{columns}x{rows}\n{text}");
        }
    }
}

#[test]
fn a_draft_that_was_kept_has_its_mark_after_a_restart() {
    let mut desk = desk_at_ceiling();
    desk.runner.press("5").rest();
    let mut again = told(120, 40, dark());
    again.in_folder(desk.folder.path());
    // A console reads drafts once it is told of a policy.
    let stamp = again.model().runs.policy().unwrap().clone();
    let fact = Fact::PolicyLoaded(PolicyStamp { ..stamp });
    again.feed(1, [Arc::new(Entry { seq: 900, at: "2026-01-01T00:30:00Z".to_owned(), fact })]);
    let text = again.press("up").text();
    assert!(text.lines().next().unwrap().contains("a41f ●"), "{text}");
    // Nothing is left of it once it was thrown away.
    let mut none = desk_saying(120, 40, dark(), FILE);
    assert!(!none.runner.press("up").text().lines().next().unwrap().contains('●'));
}
