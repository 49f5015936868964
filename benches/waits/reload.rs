//! A TypeScript file is saved: how long until its new plan is committed and told, against `node --watch`.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use fibric_console::kernel::journal::{Fact, Source};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev::{self, Dev};
use fibric_console::workspace::Workspace;

use crate::{Row, ground, median, millis};

const RUNS: usize = 25;

pub fn run() -> Result<Vec<Row>> {
    let ours = median(ours()?);
    let row = Row::new("save a TypeScript file → its new plan is told", "≤ 30 ms", ours, "ms");
    Ok(vec![match node() {
        Ok(times) => row.against("`node --watch` → its first line", median(times) / ours),
        Err(_) => row,
    }])
}

fn ours() -> Result<Vec<f64>> {
    let folder = ground::workspace()?;
    let operator = folder.path().join("operators/return-desk.ts");
    // The latest envelope is what runs again: make it one of this operator's.
    for name in ["buildings.jsonl", "support.jsonl", "order-created.jsonl", "orders.jsonl"] {
        fs::remove_file(folder.path().join("fixtures").join(name))?;
    }
    let source = fs::read_to_string(&operator)?;
    let workspace = Workspace::open(folder.path()).map_err(|fault| anyhow!(fault.message))?;
    let options = Dev { now: FIXTURE_NOW.to_owned(), play: true, ..Dev::default() };
    let (link, session) = dev::start(workspace, options)?;
    let wait_for = |wanted: &dyn Fn(&Fact) -> bool| -> Result<()> {
        loop {
            let batch = link.batches.recv_timeout(Duration::from_secs(20)).context("the session told nothing")?;
            if batch.entries.iter().any(|entry| wanted(&entry.fact)) {
                return Ok(());
            }
        }
    };
    wait_for(&|fact| matches!(fact, Fact::RunEnded(_)))?;
    let mut times = Vec::new();
    for n in 0..RUNS {
        fs::write(&operator, format!("{source}\n// {n}\n"))?;
        let started = Instant::now();
        wait_for(&|fact| matches!(fact, Fact::Received(received) if received.origin.source == Source::Rerun))?;
        times.push(millis(started.elapsed()));
    }
    drop(link);
    session.join().map_err(|_| anyhow!("the session ended unexpectedly"))??;
    Ok(times)
}

fn node() -> Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("operator.mjs");
    write(&file, 0)?;
    let mut child = Command::new("node")
        .args(["--watch", "operator.mjs"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut times = Vec::new();
    let mut wait_for = |wanted: String| -> Result<()> {
        for line in lines.by_ref() {
            if line?.contains(&wanted) {
                return Ok(());
            }
        }
        Err(anyhow!("node ended"))
    };
    wait_for("plan 0".to_owned())?;
    for n in 1..=9 {
        write(&file, n)?;
        let started = Instant::now();
        wait_for(format!("plan {n}"))?;
        times.push(millis(started.elapsed()));
    }
    child.kill()?;
    child.wait()?;
    Ok(times)
}

fn write(file: &Path, n: usize) -> Result<()> {
    Ok(fs::write(file, format!("console.log('plan {n}');\n"))?)
}
