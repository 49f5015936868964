//! No size of terminal panics, and a big list costs no more than a small one.

use std::sync::Arc;

use super::{ascii, dark, story, troubles};
use crate::console::Runner;
use crate::console::shell::draw;
use crate::kernel::journal::{Disposed, Entry, Fact};

#[test]
fn every_size_draws() {
    let mut runner = Runner::new(1, 1, dark());
    runner.feed(1, story()).feed(1, troubles());
    for layers in
        ["up", "enter pgdn", "?", "esc :", "esc T", "esc g", "esc G", "esc esc home tab space", "tab home", "A"]
    {
        runner.press(layers);
        for rows in (0..=45).filter(|rows| *rows < 14 || rows % 9 == 0) {
            for columns in (0..=130).filter(|columns| *columns < 3 || (18..24).contains(columns) || columns % 13 == 0) {
                runner.resize(columns, rows);
                assert_eq!(runner.frame().area.as_size(), (columns, rows).into());
                runner.press("down tab");
            }
        }
    }
}

#[test]
fn the_answer_survives_every_size() {
    let mut runner = Runner::new(1, 1, ascii());
    runner.feed(1, story()).press(&"up ".repeat(25));
    for rows in 1..=45 {
        for columns in (20..=130).filter(|columns| *columns < 24 || columns % 9 == 0) {
            let text = runner.resize(columns, rows).text();
            assert!(text.contains("# BLOCK"), "{columns}x{rows}\n{text}");
            assert!(
                columns < 30 || rows < 5 || text.contains('*'),
                "{columns}x{rows}: what can fire is hidden\n{text}"
            );
            assert!(columns < 40 || rows < 5 || text.contains("250 > maxValue 100"), "{columns}x{rows}\n{text}");
        }
    }
}

/// A disposition like one of the story's, about another envelope.
fn disposed(arrival: u64) -> Arc<Entry> {
    let story = story();
    let fact = story.iter().find_map(|entry| match &entry.fact {
        Fact::Disposed(disposed) => Some(Disposed { arrival, stages: Vec::new(), ..disposed.clone() }),
        _ => None,
    });
    Arc::new(Entry { seq: arrival, at: "2026-01-01T00:00:00Z".to_owned(), fact: Fact::Disposed(fact.unwrap()) })
}

#[test]
fn a_million_rows_cost_no_more_than_those_in_view() {
    let like = disposed(0);
    let Fact::Disposed(like) = &like.fact else { panic!() };
    let mut runner = Runner::new(200, 60, dark());
    for batch in 0..100_u64 {
        runner.feed(
            1,
            (1..=10_000).map(|n| {
                let arrival = batch * 10_000 + n;
                let fact = Fact::Disposed(Disposed { arrival, ..like.clone() });
                Arc::new(Entry { seq: arrival, at: String::new(), fact })
            }),
        );
    }
    assert_eq!(runner.rows().len(), 1_000_000);
    for keys in ["g", "G", "up", "pgup", "tab", "g pgdn"] {
        runner.press(keys);
        let (_, hits) = draw(runner.app(), dark());
        // A row that is drawn can be hit: what was looked at is what is in view, twice (decisions and receipts).
        assert!(hits.len() < 2 * 60 + 40, "{keys}: {}", hits.len());
    }
    // Loose on purpose: a frame that touched every row would take seconds.
    let start = std::time::Instant::now();
    runner.press(&"k pgup pgdn j ".repeat(10));
    assert!(start.elapsed().as_secs() < 4, "{:?}", start.elapsed());
}

#[test]
fn one_ordinal_over_and_over_costs_no_frame() {
    let mut runner = Runner::new(120, 40, dark());
    let same = disposed(7);
    runner.feed(1, (0..50_000).map(|_| Arc::clone(&same)));
    let start = std::time::Instant::now();
    runner.press("home j j tab G");
    assert!(start.elapsed().as_secs() < 4, "{:?}", start.elapsed());
}
