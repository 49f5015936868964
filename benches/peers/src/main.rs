//! One decision, one core: the policy engine beside Cedar, regorus and casbin, on the same rules and requests.
//!
//! Every engine must agree with the literal definition on every request before it is timed. `--json FILE` writes the
//! rows for `docs/performance.md`.

mod engines;
mod rules;

use std::fs;
use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
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
    print(&rows)?;
    let mut args = std::env::args().skip(1);
    if args.next().as_deref() == Some("--json") {
        let path = args.next().context("`--json` takes a file")?;
        let rows: Vec<_> = rows.iter().map(|row| as_json(row, &rows)).collect();
        fs::write(&path, serde_json::to_string_pretty(&rows)? + "\n")
            .with_context(|| format!("cannot write `{path}`"))?;
    }
    Ok(())
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

fn as_json(row: &Row, rows: &[Row]) -> serde_json::Value {
    json!({
        "engine": row.engine,
        "version": row.version,
        "rules": row.rules,
        "median_ns": (row.nanos * 10.0).round() / 10.0,
        "ratio": ratio(row, rows).round(),
    })
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
