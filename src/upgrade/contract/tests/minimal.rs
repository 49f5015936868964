//! No more is shown as changed than has to be.

use proptest::prelude::*;

use super::*;

/// Lines that one of the texts alone has, by the plain table of longest common subsequences.
fn fewest(old: &[&str], new: &[&str]) -> usize {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for a in 0..old.len() {
        for b in 0..new.len() {
            table[a + 1][b + 1] = if old[a] == new[b] { table[a][b] + 1 } else { table[a][b + 1].max(table[a + 1][b]) };
        }
    }
    old.len() + new.len() - 2 * table[old.len()][new.len()]
}

/// Lines shown as changed, a moved passage as one.
fn shown(diff: &ContractDiff) -> usize {
    let lines = |row: &Row| match row {
        Row::Same { .. } | Row::MovedAway { .. } | Row::MovedHere { .. } => 0,
        Row::Changed { .. } => 2,
        Row::Removed { .. } | Row::Added { .. } => 1,
    };
    diff.rows().iter().map(lines).sum::<usize>() + diff.passages()
}

fn cut(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_section_shows_as_few_lines_as_can_be(old in "([abc ]\n){0,60}", new in "([abc ]\n){0,60}") {
        let (old, new) = (format!("# Goal\n{old}"), format!("# Goal\n{new}"));
        prop_assert_eq!(shown(&compare(&old, &new)), fewest(&cut(&old), &cut(&new)));
    }

    #[test]
    fn passages_that_moved_make_it_fewer(
        lines in prop::collection::vec("[a-d]{1,2}|(the [a-d]{20}, )[a-d]{1,3}", 0..60),
        edits in prop::collection::vec((0_usize..4, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..12),
    ) {
        let mut edited = lines.clone();
        for (kind, from, to) in edits {
            if edited.is_empty() {
                break;
            }
            let (from, to) = (from.index(edited.len()), to.index(edited.len()));
            match kind {
                0 => drop(edited.remove(from)),
                1 => edited.insert(from, "c, a new line of the text".to_owned()),
                2 => edited[from].push('x'),
                _ => {
                    let moved = edited.remove(from);
                    edited.insert(to.min(edited.len()), moved);
                }
            }
        }
        let (old, new) = (lines.join("\n"), edited.join("\n"));
        let diff = compare(&old, &new);
        prop_assert!(shown(&diff) * 10 <= fewest(&cut(&old), &cut(&new)) * 12);
    }

    #[test]
    fn sections_cost_nothing_where_lines_stay_in_theirs(
        old in prop::collection::vec("([abc]\n){0,12}", 4),
        new in prop::collection::vec("([abc]\n){0,12}", 4),
    ) {
        let headings = ["Goal", "Constraints", "Output", "Refusal"];
        // Lines of two sections are never equal.
        let text = |bodies: &[String]| -> String {
            headings.iter().zip(bodies).map(|(heading, body)| format!("# {heading}\n{}", body.replace('\n', &format!("{heading}\n")))).collect()
        };
        let (old, new) = (text(&old), text(&new));
        let (diff, fewest) = (compare(&old, &new), fewest(&cut(&old), &cut(&new)));
        prop_assert!(shown(&diff) <= fewest && (diff.passages() > 0 || shown(&diff) == fewest));
    }
}
