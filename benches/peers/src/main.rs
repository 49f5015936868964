//! One decision, one core: the policy engine beside Cedar, regorus and casbin, on the same rules and requests.
//!
//! Every engine must agree with the literal definition on every request before it is timed. `--rows` prints the rows of
//! `docs/performance.md`.

mod engines;
mod rules;

use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;

use engines::Engine;
use rules::{Request, Rule};

const SIZES: [usize; 3] = [10, 100, 1_000];
/// Timed runs of each engine; the median is reported.
const RUNS: usize = 25;
/// A run lasts at least this long, so that the clock's own cost does not show.
const RUN: Duration = Duration::from_millis(4);

const NOTE: &str = "\
All engines agreed with the literal definition on every request. Requests are prebuilt in each engine's own form.
The peers scan their rules and do more: they are general languages with entities, partial evaluation and data of any
shape. They also differ where it matters here: Cedar skips a policy that errors, ours blocks the action.";

struct Row {
    engine: &'static str,
    version: String,
    rules: usize,
    nanos: f64,
}

fn main() -> Result<()> {
    let mut rows = Vec::new();
    settle();
    for size in SIZES {
        let rules = rules::rules(size);
        let requests = rules::requests(&rules);
        for engine in engines::all(&rules, &requests)? {
            check(&engine, &rules, &requests)?;
            let nanos = median(&engine, requests.len())?;
            rows.push(Row { engine: engine.name, version: version(engine.package), rules: size, nanos });
        }
    }
    match std::env::args().nth(1).as_deref() {
        Some("--rows") => print_rows(&rows),
        _ => print(&rows),
    }
}

/// Keeps the core busy until its clock has settled, or the first engine would be timed on a slow one.
fn settle() {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(500) {
        std::hint::black_box(start.elapsed());
    }
}

fn check(engine: &Engine<'_>, rules: &[Rule], requests: &[Request]) -> Result<()> {
    for (index, request) in requests.iter().enumerate() {
        let (expected, found) = (rules::literal(rules, request), (engine.decide)(index)?);
        if expected != found {
            bail!("{} says {found} where the definition says {expected}: {request:?}", engine.name);
        }
    }
    Ok(())
}

/// Nanoseconds of one decision: the median over runs, each over whole rounds of the requests.
fn median(engine: &Engine<'_>, requests: usize) -> Result<f64> {
    let mut samples = Vec::with_capacity(RUNS + 1);
    // The first run warms caches and branch predictors, and is not counted.
    for _ in 0..=RUNS {
        let (start, mut decided) = (Instant::now(), 0_u32);
        while start.elapsed() < RUN {
            for index in 0..requests {
                std::hint::black_box((engine.decide)(std::hint::black_box(index))?);
                decided += 1;
            }
        }
        samples.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(decided));
    }
    let counted = &mut samples[1..];
    counted.sort_by(f64::total_cmp);
    Ok(counted[RUNS / 2])
}

/// How many times slower than ours, on as many rules.
fn ratio(row: &Row, rows: &[Row]) -> f64 {
    let ours = rows.iter().find(|other| other.rules == row.rules && other.engine == engines::OURS);
    ours.map_or(f64::NAN, |ours| row.nanos / ours.nanos)
}

/// One line a peer and size, in the form `cargo xtask bench` reads.
fn print_rows(rows: &[Row]) -> Result<()> {
    let mut out = stdout().lock();
    for ours in rows.iter().filter(|row| row.engine == engines::OURS) {
        let goal = match ours.rules {
            100 => "≤ 40 ns, ≥ 500× faster than Cedar and regorus",
            1_000 => "≤ 60 ns",
            _ => "near flat",
        };
        for peer in rows.iter().filter(|row| row.rules == ours.rules && row.engine != engines::OURS) {
            let row = json!({
                "name": format!("evaluate, compiled, one action, {} rules", ours.rules),
                "goal": goal,
                "measured": ours.nanos,
                "unit": "ns",
                "peer": format!("{} {}", peer.engine, peer.version),
                "ratio": ratio(peer, rows),
            });
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

fn print(rows: &[Row]) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{:<16} {:<9} {:>7} {:>14} {:>10}", "engine", "version", "rules", "ns/decision", "× ours")?;
    for row in rows {
        let ratio = ratio(row, rows);
        writeln!(out, "{:<16} {:<9} {:>7} {:>14.1} {:>10.1}", row.engine, row.version, row.rules, row.nanos, ratio)?;
    }
    writeln!(out, "\nmedian of {RUNS} runs, one core\n{NOTE}")?;
    Ok(())
}

/// The version that was built, from the lock file.
fn version(package: &str) -> String {
    const LOCK: &str = include_str!("../../../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = LOCK.split_once(&entry).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or_else(|| "–".to_owned(), |(version, _)| version.to_owned())
}
