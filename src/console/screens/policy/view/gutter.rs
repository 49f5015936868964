//! Right of the text: what each rule is called, and how many recorded actions it is the first to decide.

use super::super::{Draft, Policy};
use crate::console::present::summary::ruling;
use crate::console::text::grouped;
use crate::console::theme::Role;
use crate::console::widgets::{Pen, Span};
use crate::impact::Counts;
use crate::kernel::receipt::Decision;

/// What stands right of a line.
pub fn spans(pen: &Pen<'_>, policy: &Policy, draft: &Draft, line: usize) -> Vec<Span> {
    let rules = &draft.good().rules;
    let record = &policy.record;
    let judged = record.impact().summary().actions > 0;
    // The last rule that starts at the line or above it.
    let Some(at) = rules.iter().rposition(|rule| draft.line_of(rule).is_some_and(|start| start <= line)) else {
        let first = rules.first().and_then(|rule| draft.line_of(rule));
        return if judged && first == Some(line + 1) { unmatched(pen, policy, draft) } else { Vec::new() };
    };
    let below = line - draft.line_of(&rules[at]).unwrap_or(line);
    let facts = policy.facts(at).filter(|_| judged);
    let counts = facts.map_or_else(Vec::new, |facts| shown(&facts.decides));
    let mut spans = Vec::new();
    if below == 0 {
        spans.push(Span::new(format!("rule {}", rules[at].origin.number), Role::Faint));
        if judged && counts.is_empty() {
            spans.push(Span::new(format!("{:>7}  ", 0), Role::Faint));
        }
    }
    let alone = draft.good().rules.get(at + 1).and_then(|rule| draft.line_of(rule)) == Some(line + 1);
    let from = below.min(counts.len());
    let until = if below == 0 && alone { counts.len() } else { (below + 1).min(counts.len()) };
    for (decision, count) in &counts[from..until] {
        spans.extend(number(pen, *decision, *count, draft.loads()));
    }
    spans
}

/// The verdicts a rule gives, ALLOW first.
fn shown(counts: &Counts) -> Vec<(Decision, usize)> {
    let all = [Decision::Allow, Decision::Alert, Decision::Block].map(|decision| (decision, counts.of(decision)));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn number(pen: &Pen<'_>, decision: Decision, count: usize, loads: bool) -> [Span; 2] {
    let badge = ruling(decision.into());
    let role = if loads { badge.role } else { Role::Faint };
    let count = format!("{:>7}", short(count));
    [Span { bold: loads, ..Span::new(count, role) }, Span::new(format!(" {}", pen.theme.glyph(badge.glyph)), role)]
}

/// A count in at most six cells, so that it never touches the rule's name.
fn short(count: usize) -> String {
    match count {
        0..100_000 => grouped(count),
        100_000..10_000_000 => format!("{}k", grouped(count / 1_000)),
        _ => format!("{}M", grouped(count / 1_000_000)),
    }
}

/// How many no rule speaks of, above the first rule.
fn unmatched(pen: &Pen<'_>, policy: &Policy, draft: &Draft) -> Vec<Span> {
    let count = policy.record.impact().summary().after.unmatched;
    let mut spans = vec![Span::new("no rule", Role::Faint)];
    if count == 0 {
        spans.push(Span::new(format!("{:>7}  ", 0), Role::Faint));
    } else {
        spans.extend(number(pen, Decision::Block, count, draft.loads()));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_never_wider_than_its_place() {
        for (count, shown) in [
            (7, "7"),
            (9_999, "9999"),
            (10_412, "10,412"),
            (166_670, "166k"),
            (9_999_999, "9999k"),
            (12_000_000, "12M"),
        ] {
            assert_eq!(short(count), shown);
            assert!(short(count).len() <= 6);
        }
        assert!(short(9_999_999_999).len() <= 6);
    }
}
