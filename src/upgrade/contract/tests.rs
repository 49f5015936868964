use super::*;

mod apply;
mod layout;
mod minimal;
mod moves;

const OLD: &str = "\
# Goal
Hold orders that will miss their promise date.

# Constraints
Never propose a refund.
Propose at most one hold per order.
Every claim names the capability
it was sensed through.

# Output
One ExecutionPlan. Keys are
order-risk:<order_id>:<action>
and a notice is notify.

# Refusal
No promise date: propose nothing.
No order id: propose nothing.
";

const NEW: &str = "\
# Goal
Hold orders that will miss their promise date.

# Constraints
Only propose a refund for an
order that came back, up to 100.
Propose at most one hold per order.
Every claim names the capability
it was sensed through.

# Output
One ExecutionPlan. Keys are
order-risk:<order_id>:<action>
and a notice is notice.

# Refusal
No order id: propose nothing.
No promise date: propose nothing.
";

pub fn compare(old: &str, new: &str) -> ContractDiff {
    ContractDiff::of(&Prompt::read(old).0, &Prompt::read(new).0)
}

/// The side-by-side view as text, the changed words in brackets; lines that are the same are left out.
fn side_by_side(diff: &ContractDiff) -> Vec<String> {
    let words = diff.words(0..diff.rows().len());
    let shown = |line: &str, words: &[Range<usize>]| {
        let mut out = String::new();
        let mut at = 0;
        for word in words {
            out.push_str(&format!("{}[{}]", &line[at..word.start], &line[word.clone()]));
            at = word.end;
        }
        out + line[at..].trim_end()
    };
    let mut out = Vec::new();
    for (row, words) in diff.rows().iter().zip(words) {
        let old = row.old().map(|line| format!("{} {}", line + 1, shown(diff.old_line(line), &words.old)));
        let new = row.new().map(|line| format!("{} {}", line + 1, shown(diff.new_line(line), &words.new)));
        let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
        match row {
            Row::Same { .. } => {}
            Row::Changed { .. } => out.push(format!("{old} ~ {new}")),
            Row::Removed { .. } => out.push(format!("- {old}")),
            Row::Added { .. } => out.push(format!("+ {new}")),
            Row::MovedAway { to, .. } => out.push(format!("{old} → {}", to + 1)),
            Row::MovedHere { from, .. } => out.push(format!("{new} ← {}", from + 1)),
        }
    }
    out
}

fn sections(diff: &ContractDiff) -> Vec<String> {
    let told = |section: &SectionDiff| format!("{} {}", section.title, section.change.word());
    diff.sections().iter().skip(1).map(told).collect()
}

#[test]
fn a_contract_is_compared_section_by_section_and_word_by_word() {
    let diff = compare(OLD, NEW);
    assert_eq!(sections(&diff), ["Goal same", "Constraints changed", "Output changed", "Refusal moved"]);
    assert_eq!(
        side_by_side(&diff),
        [
            "5 [Never] propose a refund. ~ 5 [Only] propose a refund [for an]",
            "+ 6 [order that came back, up to 100].",
            "13 and a notice is [notify]. ~ 14 and a notice is [notice].",
            "17 No order id: propose nothing. ← 17",
            "17 No order id: propose nothing. → 17",
        ]
    );
    assert_eq!(diff.change(), Kind::Changed);
    assert_eq!((diff.changes().len(), diff.passages()), (4, 1));
    let unified: Vec<_> = diff.unified().into_iter().filter(|line| line.side != Side::Both).collect();
    let text = |line: &UnifiedLine| match (line.side, diff.rows()[line.row]) {
        (Side::Old, row) => format!("-{}", row.old().unwrap() + 1),
        (_, row) => format!("+{}", row.new().unwrap() + 1),
    };
    assert_eq!(unified.iter().map(text).collect::<Vec<_>>(), ["-5", "+5", "+6", "-13", "+14", "+17", "-17"]);
}

#[test]
fn sections_come_and_go_and_change_places() {
    let base = "# Goal\nx\n# Tone\nCalm, and with few words.\n# Output\ny\n# Style\nPlain, and in lower case.\n";
    let swapped =
        "# Goal\nx\n# Style\nPlain, and in lower case.\n# Output\ny\n# Tone\nCalm, and with few words.\n# Voice\nx\n";
    let diff = compare(base, swapped);
    assert_eq!(sections(&diff).iter().filter(|section| section.ends_with("moved")).count(), 4, "{:?}", sections(&diff));
    assert!(sections(&diff).contains(&"Voice added".to_owned()));
    assert!(sections(&compare(swapped, base)).contains(&"Voice removed".to_owned()));
    assert_eq!(compare(base, base).change(), Kind::Same);
    let renamed = compare("# Goal\nx\n", "# Goals\nx\n");
    assert_eq!(sections(&renamed), ["Goals changed"], "nearly the heading is that section still");
    assert_eq!(sections(&compare("", "# Goal\nx")), ["Goal added"]);
}

#[test]
fn a_line_has_not_moved_only_because_a_section_ends_before_it() {
    let diff = compare("# Goal\na\nb\n# Output\nc\n", "# Goal\na\n# Output\nb\nc\n");
    assert_eq!(sections(&diff), ["Goal changed", "Output changed"]);
    assert_eq!(side_by_side(&diff), ["- 3 [b]", "+ 4 [b]"]);
}

#[test]
fn a_paragraph_is_added_with_the_blank_line_after_it() {
    let diff = compare("# Goal\n\na\n\nb\n\nc\n", "# Goal\n\na\n\nx\n\nb\n\nc\n");
    assert_eq!(side_by_side(&diff), ["+ 5 [x]", "+ 6 "]);
    let diff = compare("# Goal\n\na\n\nx\n\nb\n", "# Goal\n\na\n\nb\n");
    assert_eq!(side_by_side(&diff), ["- 5 [x]", "- 6 "]);
}

#[test]
fn lines_stand_across_from_what_they_were() {
    let diff = compare(
        "# Goal\nHold late orders at once.\nTell the customer why it is late.\n",
        "# Goal\nRead the promise date first.\nHold late orders only then.\nTell the customer politely why it is late.\n",
    );
    assert_eq!(
        side_by_side(&diff),
        [
            "+ 2 [Read the promise date first.]",
            "2 Hold late orders [at once]. ~ 3 Hold late orders [only then].",
            "3 Tell the customer why it is late. ~ 4 Tell the customer [politely] why it is late.",
        ]
    );
}

#[test]
fn words_stay_where_only_lines_break_elsewhere() {
    let diff = compare("# Goal\nHold each late order and\ntell ops.\n", "# Goal\nHold each order and tell\nops.\n");
    assert_eq!(
        side_by_side(&diff),
        ["2 Hold each [late] order and ~ 2 Hold each order and tell", "3 tell ops. ~ 3 ops."]
    );
    let other = compare("# Goal\nA b c d.\n", "# Goal\nKiln fire must be watched by two people.\n");
    assert_eq!(
        side_by_side(&other),
        ["2 [A b c d.] ~ 2 [Kiln fire must be watched by two people.]"],
        "a full stop alone is in common by chance"
    );
}
