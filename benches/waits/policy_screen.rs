//! The Policy screen: a key press in the text to the frame that answers it, beside any number of recorded actions; and
//! the first load of those actions.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use fibric_console::console::{Depth, Options, Palette, Runner};
use fibric_console::kernel::journal::Entry;
use ratatui::buffer::Buffer;
use tempfile::TempDir;

use crate::{Row, median, millis};

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
const PRESSES: usize = 200;
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const POLICY: &str = include_str!("../../src/console/screens/policy/tests/trust.yaml");
/// Two keys after which the text is as before: the ceiling ten times as high, and back.
const KEYS: [&str; 2] = ["0", "backspace"];

pub fn run() -> Result<Vec<Row>> {
    let (empty, _) = measured("", 0)?;
    let mut rows = Vec::new();
    for actions in SIZES {
        let (key, load) = measured(POLICY, actions)?;
        let name = format!("key press in the policy text → painted, {actions} recorded actions");
        rows.push(Row::new(name, "≤ 8 ms", key, "ms").against("the same key in an empty text", empty / key));
        if actions == 1_000_000 {
            rows.push(Row::new("first load of 1,000,000 actions on the Policy screen", "≤ 2 s", load / 1e3, "s"));
        }
    }
    let (key, _) = measured(&long(), 1_000_000)?;
    let name = "the same, 1,000,000 recorded actions and 1,000 rules";
    rows.push(Row::new(name, "≤ 8 ms", key, "ms").against("the same key in an empty text", empty / key));
    Ok(rows)
}

/// The policy with a thousand rules after it.
fn long() -> String {
    let more = |at| format!("\n- connector: cn-{at}\n  tool: order.hold\n  maxValue: {at}\n  decision: ALLOW\n");
    (1..=1_000).map(more).fold(POLICY.to_owned(), |text, rule| text + &rule)
}

/// Milliseconds for a key press, and for going to the screen with so many actions on disk.
fn measured(policy: &str, actions: usize) -> Result<(f64, f64)> {
    let folder = workspace(policy, actions)?;
    let options = Options { palette: Palette::Dark, depth: Depth::True, ..Options::default() };
    let mut runner = Runner::new(COLUMNS, ROWS, options.theme());
    runner.in_folder(folder.path()).feed(1, story()?);
    // The refund that the ceiling stopped.
    runner.press(&"up ".repeat(25));
    let started = Instant::now();
    runner.press("3 i");
    let load = millis(started.elapsed());
    ensure!(runner.text().contains("recorded actions"), "{}", runner.text());
    if actions > 0 {
        // The key that is measured has something to say.
        ensure!(runner.press(KEYS[0]).text().contains("newly allowed"), "{}", runner.text());
        runner.press(KEYS[1]);
    }
    let mut shown: Buffer = runner.frame().clone();
    let mut figures = Vec::with_capacity(PRESSES);
    for at in 0..PRESSES {
        let started = Instant::now();
        runner.press(KEYS[at % 2]);
        black_box(shown.diff(runner.frame()).len());
        figures.push(millis(started.elapsed()));
        shown.clone_from(runner.frame());
    }
    Ok((median(figures), load))
}

fn story() -> Result<Vec<Arc<Entry>>> {
    let lines = include_str!("../../src/console/tests/story.jsonl").lines();
    lines.map(|line| Ok(Arc::new(serde_json::from_str(line)?))).collect()
}

/// A workspace with that policy and receipts of an earlier run.
fn workspace(policy: &str, actions: usize) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| -> Result<()> {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        Ok(fs::write(path, text)?)
    };
    write("policy/trust.yaml", policy)?;
    let tools = ["order.refund", "order.hold", "notify.send", "order.release", "zone.setback", "order.read"];
    let mut text = String::new();
    for at in 0..actions {
        let (tool, value) = (tools[at % tools.len()], at * 7_919 % 40_000);
        writeln!(
            text,
            "{{\"id\":\"rc_0_{at}\",\"operator\":\"order-risk\",\"connector\":\"cn-brightdesk\",\"tool\":\"{tool}\",\
             \"value\":{}.{:02},\"verdict\":{{\"reason\":\"recorded\"}}}}",
            value / 100,
            value % 100,
        )?;
    }
    if actions > 0 {
        write(".fibric/dev/receipts.jsonl", &text)?;
    }
    Ok(folder)
}
