//! Actions that wait for a person: they stand in the attention list, are answered, and become their receipt.

use std::sync::Arc;

use crate::console::Runner;
use crate::console::model::{RowKind, RowList};
use crate::console::tests::{dark, story};
use crate::kernel::journal::{Entry, Fact, Held};
use crate::kernel::receipt::{Decision, Outcome, Ruling, Verdict};
use crate::session::bus::Command;

/// The story up to its first ALERT, that ALERT held, and how it ended.
fn held() -> (Vec<Arc<Entry>>, Arc<Entry>, Arc<Entry>) {
    let mut story = story();
    let alert = |entry: &Arc<Entry>| matches!(&entry.fact, Fact::Disposed(disposed) if disposed.receipt.verdict.decision == Ruling::Alert);
    let at = story.iter().position(alert).unwrap();
    let ended = Arc::clone(&story[at]);
    story.truncate(at);
    let Fact::Disposed(disposed) = &ended.fact else { unreachable!() };
    let receipt = &disposed.receipt;
    let interrupted = crate::kernel::receipt::Receipt {
        verdict: Verdict { decision: Decision::Block.into(), tier: 3, ..receipt.verdict.clone() },
        outcome: Outcome::Refused,
        ..(**receipt).clone()
    };
    let held = Held {
        arrival: disposed.arrival,
        action_id: receipt.action_id.clone(),
        verdict: receipt.verdict.clone(),
        since: ended.at.clone(),
        interrupted: Arc::new(interrupted),
    };
    let held = Arc::new(Entry { seq: ended.seq, at: ended.at.clone(), fact: Fact::Held(held) });
    (story, held, ended)
}

#[test]
fn a_held_action_asks_is_answered_and_becomes_its_receipt() {
    for (columns, rows) in [(120, 40), (80, 24), (40, 12)] {
        let (story, held, ended) = held();
        let mut runner = Runner::new(columns, rows, dark());
        runner.feed(1, story).feed(1, [held]);
        let text = runner.text();
        assert!(text.contains("▲ HELD") && text.contains("rule 2"), "{text}");
        if columns >= 80 {
            assert!(text.contains("1 to decide"), "{text}");
        }
        if columns == 120 {
            assert!(text.contains("waits for an answer") && text.contains("ctrl-a approve"), "{text}");
            assert!(text.contains("▌rule 2"), "the ladder: {text}");
        }
        runner.press("A");
        assert_eq!(runner.rows().len(), 1);
        runner.press("ctrl-v ctrl-a");
        let answers: Vec<_> = runner
            .asked()
            .into_iter()
            .filter_map(|command| match command {
                Command::Answer { action_id, approve, .. } => Some((action_id, approve)),
                _ => None,
            })
            .collect();
        let Fact::Disposed(disposed) = &ended.fact else { unreachable!() };
        let action = disposed.receipt.action_id.clone();
        assert_eq!(answers, [(action.clone(), false), (action, true)]);
        let before = runner.model().rows(RowList::Decisions).len();
        runner.feed(1, [Arc::clone(&ended)]);
        assert_eq!(runner.model().rows(RowList::Decisions).len(), before, "one row of one action");
        assert!(runner.model().rows(RowList::Decisions).iter().all(|row| row.kind != RowKind::Held));
        assert!(runner.live().pending.rows().is_empty(), "who decided it need not be told");
        assert_eq!(runner.selected().map(|row| row.kind), Some(RowKind::Disposed));
        let refused = runner.press("ctrl-a").text();
        assert!(refused.contains("approve: nothing"), "{refused}");
    }
}

#[test]
fn a_query_finds_what_is_held_and_lets_it_go() {
    let (story, held, ended) = held();
    let mut runner = Runner::new(120, 40, dark());
    runner.feed(1, story).feed(1, [held]).press("/").type_in("decision:held").press("enter");
    assert_eq!(runner.rows().len(), 1);
    runner.feed(1, [ended]);
    assert_eq!(runner.rows().len(), 0);
    assert!(!runner.filtering());
}
