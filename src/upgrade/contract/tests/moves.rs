use super::*;

const PASSAGE: &str = "No promise date: propose nothing.\n\nNo order id: propose nothing.\n";

#[test]
fn a_passage_moves_as_one_with_the_blank_lines_in_it() {
    let old = format!("# Constraints\na\nb\n\n# Refusal\nc\n\n{PASSAGE}");
    let new = format!("# Constraints\na\n{PASSAGE}b\n\n# Refusal\nc\n\n");
    let diff = compare(&old, &new);
    assert_eq!(diff.passages(), 1);
    assert_eq!(sections(&diff), ["Constraints moved", "Refusal moved"]);
    assert_eq!(diff.change(), Kind::Moved);
    assert_eq!(
        side_by_side(&diff),
        [
            "3 No promise date: propose nothing. ← 8",
            "+ 4 ",
            "5 No order id: propose nothing. ← 10",
            "8 No promise date: propose nothing. → 3",
            "- 9 ",
            "10 No order id: propose nothing. → 5",
        ]
    );
}

#[test]
fn short_and_blank_lines_do_not_move() {
    for short in ["\n", "b\n", "---\n", "```\n---\n***\n", "1234567890 123456789\n"] {
        let diff = compare(&format!("# Goal\n{short}x\ny\nz\n"), &format!("# Goal\nx\ny\nz\n{short}"));
        assert_eq!(diff.passages(), 0, "{short:?}");
    }
    let diff = compare("# Goal\n1234567890 1234567890\nx\ny\n", "# Goal\nx\ny\n1234567890 1234567890\n");
    assert_eq!(diff.passages(), 1);
}

#[test]
fn a_passage_that_stands_twice_moves_once() {
    let line = "Every claim names its capability.\n";
    let diff = compare(&format!("# Goal\n{line}x\nw\ny\nz\n"), &format!("# Goal\nx\nw\n{line}y\n{line}z\n"));
    assert_eq!(diff.passages(), 1);
    assert_eq!(side_by_side(&diff).iter().filter(|row| row.starts_with('+')).count(), 1);
}

#[test]
fn the_longest_of_several_passages_is_taken() {
    let (a, b) = ("Every claim names its capability.\n", "Never propose more than one hold.\n");
    let diff = compare(&format!("# Goal\n{a}x\n{a}{b}y\nz\nw\n"), &format!("# Goal\nx\ny\nz\nw\n{a}{b}"));
    assert_eq!(diff.passages(), 1);
    assert_eq!(side_by_side(&diff)[0], format!("- 2 [{}]", a.trim()));
}

#[test]
fn what_is_only_indented_has_not_moved() {
    let diff = compare("# Goal\nEvery claim names its capability.\n", "# Goal\n  Every claim names its capability.\n");
    assert_eq!((diff.passages(), diff.change()), (0, Kind::Layout));
    assert_eq!(side_by_side(&diff), ["2 Every claim names its capability. ~ 2   Every claim names its capability."]);
    assert!(diff.changes()[0].layout);
}
