//! No size of terminal panics, and a big list costs no more than a small one.

use std::sync::Arc;

use super::{ascii, dark, story, troubles};
use crate::console::Runner;
use crate::kernel::journal::Entry;

#[test]
fn every_size_draws() {
    let mut runner = Runner::new(1, 1, dark());
    runner.feed(1, story()).feed(1, troubles());
    for layers in ["up", "enter pgdn", "?", "esc :", "esc T", "esc g", "esc G"] {
        runner.press(layers);
        for rows in (0..=45).filter(|rows| *rows < 14 || rows % 9 == 0) {
            for columns in (0..=130).filter(|columns| *columns < 24 || columns % 13 == 0) {
                runner.resize(columns, rows);
                assert_eq!(runner.frame().area.as_size(), (columns, rows).into());
                runner.press("down up");
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

#[test]
fn a_hundred_thousand_rows_are_as_quick_to_draw_as_ten() {
    let disposed: Vec<Arc<Entry>> = story()
        .iter()
        .filter(|entry| matches!(entry.fact, crate::kernel::journal::Fact::Disposed(_)))
        .cloned()
        .collect();
    let mut runner = Runner::new(200, 60, dark());
    let many = (1..=100_000_u64).map(|seq| {
        let like = &disposed[usize::try_from(seq).unwrap() % disposed.len()];
        Arc::new(Entry { seq, ..(**like).clone() })
    });
    runner.feed(1, many);
    assert_eq!(runner.state().rows().len(), 100_000);
    // Loose on purpose: a frame that touched every row would take seconds.
    let start = std::time::Instant::now();
    runner.press("g g G up pgup pgup");
    assert!(start.elapsed().as_secs() < 3, "{:?}", start.elapsed());
}
