//! The views are the change itself: applied to the old text they give the new one.

use proptest::prelude::*;

use super::*;
use crate::pack::prompt::tests::hostile;

/// Lines of a prompt, some blank, some twice, and a passage that is long enough to move.
fn prompt() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "# Goal",
        "# Constraints",
        "# Output",
        "# Tone",
        "",
        "",
        "a",
        "b c",
        "Never propose a refund.",
        "- item",
        "  indented",
        "Every claim names the capability it was sensed through.",
        "No promise date: propose nothing at all.",
        "```",
    ]);
    (prop::collection::vec(line, 0..30), prop::sample::select(vec!["\n", "\r\n", "\r"]), any::<bool>())
        .prop_map(|(lines, end, ends)| lines.join(end) + if ends { end } else { "" })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![prompt(), prompt(), hostile(), any::<String>()]
}

/// Reads the old text once from front to back and makes the new one of it.
fn side_by_side(diff: &ContractDiff) -> (String, String) {
    let (mut old, mut new) = (String::new(), String::new());
    for row in diff.rows() {
        old.extend(row.old().map(|line| diff.old_line(line)));
        match row {
            Row::Same { old, .. } => new.push_str(diff.old_line(*old)),
            row => new.extend(row.new().map(|line| diff.new_line(line))),
        }
    }
    (old, new)
}

fn unified(diff: &ContractDiff) -> (String, String) {
    let (mut old, mut new) = (String::new(), String::new());
    for line in diff.unified() {
        let row = diff.rows()[line.row];
        if line.side != Side::New {
            old.push_str(diff.old_line(row.old().unwrap()));
        }
        match line.side {
            Side::Both => new.push_str(diff.old_line(row.old().unwrap())),
            Side::New => new.push_str(diff.new_line(row.new().unwrap())),
            Side::Old => {}
        }
    }
    (old, new)
}

/// The words of a line that are not marked.
fn unmarked(line: &str, marked: &[Range<usize>]) -> String {
    let outside = |at: usize| !marked.iter().any(|range| range.contains(&at));
    line.char_indices().filter(|(at, c)| outside(*at) && !c.is_whitespace()).map(|(_, c)| c).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn both_views_give_the_new_text(old in any_text(), new in any_text()) {
        let diff = compare(&old, &new);
        prop_assert_eq!(side_by_side(&diff), (old.clone(), new.clone()));
        prop_assert_eq!(unified(&diff), (old.clone(), new.clone()));
        prop_assert_eq!(diff.change() == Kind::Same, old == new);
    }

    #[test]
    fn sections_and_changes_cover_the_rows(old in any_text(), new in any_text()) {
        let diff = compare(&old, &new);
        let (mut row, mut change) = (0, 0);
        for section in diff.sections() {
            prop_assert_eq!((section.rows.start, section.changes.start), (row, change));
            (row, change) = (section.rows.end, section.changes.end);
            let same = diff.rows()[section.rows.clone()].iter().all(|row| row.is_same());
            prop_assert_eq!(same, section.change == Kind::Same);
            for change in &diff.changes()[section.changes.clone()] {
                prop_assert!(section.rows.start <= change.rows.start && change.rows.end <= section.rows.end);
            }
        }
        prop_assert_eq!((row, change), (diff.rows().len(), diff.changes().len()));
        let changed: usize = diff.changes().iter().map(|change| change.rows.len()).sum();
        prop_assert_eq!(changed, diff.rows().iter().filter(|row| !row.is_same()).count());
    }

    #[test]
    fn both_ends_of_a_move_know_each_other(old in any_text(), new in any_text()) {
        let diff = compare(&old, &new);
        for row in diff.rows() {
            if let Row::MovedAway { old, to } = *row {
                let end = Row::MovedHere { new: to, from: old };
                prop_assert!(diff.rows().contains(&end));
                prop_assert_eq!(diff.old_line(old).trim(), diff.new_line(to).trim());
            }
            if let Row::MovedHere { new, from } = *row {
                let end = Row::MovedAway { old: from, to: new };
                prop_assert!(diff.rows().contains(&end));
            }
        }
    }

    #[test]
    fn words_that_are_not_marked_are_in_both(old in any_text(), new in any_text()) {
        let diff = compare(&old, &new);
        let words = diff.words(0..diff.rows().len());
        for change in diff.changes() {
            let rows = diff.rows()[change.rows.clone()].iter().zip(&words[change.rows.clone()]).filter(|(row, _)| !row.is_moved());
            let (mut left, mut right) = (String::new(), String::new());
            for (row, words) in rows {
                left.extend(row.old().map(|line| unmarked(diff.old_line(line), &words.old)));
                right.extend(row.new().map(|line| unmarked(diff.new_line(line), &words.new)));
            }
            prop_assert_eq!(left, right);
        }
        // What is asked for a part is the same as asked for all.
        let part = diff.rows().len() / 3..diff.rows().len() / 2 + 1;
        let part = part.start.min(diff.rows().len())..part.end.min(diff.rows().len());
        prop_assert_eq!(&diff.words(part.clone())[..], &words[part]);
    }
}

#[test]
fn texts_of_any_length_are_compared_in_time() {
    let lines = |seed: usize| -> String {
        let word = |at: usize| format!("word{} ", (at * 7_919 + seed) % 1_009);
        (0..2_000).map(|line| (0..10).map(|at| word(line * 10 + at)).collect::<String>() + "\n").collect()
    };
    let long = |seed: usize| (0..20_000).map(|at| format!("{} ", (at * 31 + seed) % 997)).collect::<String>();
    let repeated = |pieces: [&str; 2], seed: usize| -> String {
        (0..20_000_usize).map(|at| pieces[(at * at + seed * at / 3) % 7 % 2]).collect()
    };
    let cases = [
        (lines(1), lines(2)),
        (long(1), long(2)),
        (repeated(["a\n", "b\n"], 1), repeated(["a\n", "b\n"], 2)),
        (repeated(["# Goal\n", "# b\n"], 1), repeated(["# b\n", "# Goal\n"], 2)),
        (repeated(["a ", "b "], 1), repeated(["b ", "a "], 2)),
        ("Never propose a refund.\n".repeat(20_000), "Never propose a refund.\n\n".repeat(20_000)),
        ("---\n".repeat(20_000), format!("# Goal\n{}", "\n---\n".repeat(20_000))),
    ];
    for (old, new) in cases {
        let diff = compare(&old, &new);
        assert_eq!(side_by_side(&diff), (old, new));
        let last = diff.rows().len();
        assert_eq!(diff.words(last.saturating_sub(60)..last).len(), last.min(60));
    }
}
