//! A record with a large payload: a key while it is open, and stepping onto it in the list.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use fibric_console::console::{Depth, Options, Palette, Runner};
use fibric_console::kernel::journal::{Entry, Fact};
use fibric_console::kernel::json::{Raw, Value};

use crate::{Row, median, millis};

const KEYS: usize = 60;
/// Bytes of a payload, the smallest first.
const SIZES: [(&str, usize); 3] = [("30 kB", 30_000), ("300 kB", 300_000), ("3 MB", 3_000_000)];

pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut small = None;
    for (size, bytes) in SIZES {
        let mut runner = told(bytes)?;
        let step = keys(&mut runner, &["up"], &["down"]);
        runner.press("enter");
        let open = keys(&mut runner, &[], &["down", "pgdn", "up", "G", "pgup", "g", "g"]);
        let fold = keys(&mut runner, &[], &["space"]);
        let (open_before, step_before, fold_before) = *small.get_or_insert((open, step, fold));
        let row = |what: &str, figure: f64, before: f64| {
            let row = Row::new(format!("{what} {size}"), "≤ 16 ms", figure, "ms");
            if bytes == SIZES[0].1 { row } else { row.against(format!("the same at {}", SIZES[0].0), before / figure) }
        };
        rows.push(row("a key in an open document of", open, open_before));
        rows.push(row("folding it all, and opening it, at", fold, fold_before));
        rows.push(row("stepping in the list onto a payload of", step, step_before));
    }
    Ok(rows)
}

/// A console that was told the story, the newest envelope of which has a payload of so many bytes, in short lines.
fn told(bytes: usize) -> Result<Runner> {
    let options = Options { palette: Palette::Dark, depth: Depth::True, ..Options::default() };
    let mut runner = Runner::new(120, 40, options.theme());
    let lines = include_str!("../../src/console/tests/story.jsonl").lines();
    let mut story: Vec<Entry> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let newest = story.iter_mut().rev().find_map(|entry| match &mut entry.fact {
        Fact::Received(received) => Some(received),
        _ => None,
    });
    let newest = newest.context("no envelope in the story")?;
    let items: Vec<Value> = (0..bytes / 7).map(|at| Value::from(at % 90_000 + 100)).collect();
    let list: Vec<Value> = items.chunks(500).map(|chunk| Value::Array(chunk.to_vec())).collect();
    let mut envelope = (*newest.envelope).clone();
    envelope.payload = Raw::of(&serde_json::json!({ "readings": list }));
    newest.envelope = Arc::new(envelope);
    runner.feed(1, story.into_iter().map(Arc::new));
    // From the decisions to the envelopes, and to the newest.
    runner.press("h h G");
    Ok(runner)
}

/// The median over keys that are pressed in turn, a frame each; what is pressed before each of them is not measured.
fn keys(runner: &mut Runner, before: &[&str], names: &[&str]) -> f64 {
    let mut figures = Vec::with_capacity(KEYS);
    for at in 0..KEYS {
        for name in before {
            runner.press(name);
        }
        let started = Instant::now();
        runner.press(names[at % names.len()]);
        figures.push(millis(started.elapsed()));
    }
    median(figures)
}
