//! A workspace with many receipts of earlier runs: holding all of it against itself, and starting on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use fibric_console::session::audit::audit;
use fibric_console::session::store::Store;

use crate::dispose::leave_live_receipts;
use crate::start::Console;
use crate::{Row, ground, median};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for size in SIZES {
        let folder = ground::workspace()?;
        leave_live_receipts(folder.path(), size)?;
        rows.push(verify(folder.path(), size)?);
        rows.extend(start(folder.path(), size)?);
    }
    Ok(rows)
}

/// `receipts verify` in this process, against `sha256sum` of every file that it reads, in turn.
fn verify(root: &Path, size: usize) -> Result<Row> {
    let store = Store::open(root.join(".fibric/dev"))?;
    let files = read_by_verify(&root.join(".fibric/dev"))?;
    let bytes: u64 = files.iter().map(|path| fs::metadata(path).map(|about| about.len())).sum::<Result<_, _>>()?;
    let (mut ours, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..if size >= 1_000_000 { 3 } else { 7 } {
        let started = Instant::now();
        ensure!(audit(&store, None)?.is_sound(), "the state does not hold");
        ours.push(bytes as f64 / started.elapsed().as_secs_f64() / 1e6);
        let started = Instant::now();
        let status = Command::new("sha256sum").args(&files).stdout(std::process::Stdio::null()).status();
        ensure!(status.context("no sha256sum")?.success(), "sha256sum failed");
        peer.push(bytes as f64 / started.elapsed().as_secs_f64() / 1e6);
    }
    let (ours, peer) = (median(ours), median(peer));
    let name = format!("`receipts verify`, {size} receipts ({:.0} MB)", bytes as f64 / 1e6);
    // The other way round than elsewhere: the goal is a share of the peer's speed.
    Ok(Row::new(name, "≥ 0.5 of the peer", ours, "MB a second").against("`sha256sum` of the same files", peer / ours))
}

fn read_by_verify(state: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![state.join("receipts.jsonl"), state.join("receipts.chain"), state.join("journals.chain")];
    for run in fs::read_dir(state.join("runs"))? {
        files.push(run?.path().join("journal.jsonl"));
    }
    files.retain(|path| path.exists());
    Ok(files)
}

/// The console on it, beside one on an empty workspace.
fn start(root: &Path, size: usize) -> Result<Vec<Row>> {
    let (mut first, mut usable, mut empty, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        let bare = ground::workspace()?;
        let mut console = Console::start(bare.path())?;
        empty.push(console.until(|screen| screen.contains("fibric"))?);
        console.end()?;
        let mut console = Console::start(root)?;
        first.push(console.until(|screen| screen.contains("fibric"))?);
        usable.push(console.until(|screen| screen.contains("claim.filed"))?);
        memory.push(console.most_resident()?);
        console.end()?;
    }
    let (first, empty) = (median(first), median(empty));
    let on = format!("on {size} receipts of earlier runs");
    Ok(vec![
        Row::new(format!("start to first frame {on}"), "≤ 50 ms", first, "ms")
            .against("the same on none", empty / first),
        Row::new(format!("start to fixtures played {on}"), "", median(usable), "ms"),
        Row::new(format!("memory at most, {on}"), "≤ 200 MB at 10 M", median(memory), "MB"),
    ])
}
