//! What a user waits for, measured on copies of the bundled workspace. Prints one JSON row a line for
//! `cargo xtask bench`; `cargo bench --bench waits -- NAME…` runs only benches whose name contains one of the words.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench speaks to whoever runs it")]
#![expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]

mod console;
mod dispose;
mod earlier;
mod ground;
mod impact;
mod ingest;
mod interleavings;
mod large_document;
mod operator;
mod policy_screen;
mod reload;
mod replay;
mod start;

use std::time::Duration;

use serde::Serialize;

/// One measurement, as `docs/performance.md` shows it.
#[derive(Serialize)]
pub struct Row {
    name: String,
    goal: &'static str,
    measured: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
}

impl Row {
    /// A figure measured against nothing.
    pub fn new(name: impl Into<String>, goal: &'static str, measured: f64, unit: &'static str) -> Self {
        Self { name: name.into(), goal, measured, unit, peer: None, ratio: None }
    }

    /// Adds what it is measured against: the peer's figure over ours.
    #[must_use]
    pub fn against(self, peer: impl Into<String>, ratio: f64) -> Self {
        Self { peer: Some(peer.into()), ratio: Some(ratio), ..self }
    }
}

type Bench = fn() -> anyhow::Result<Vec<Row>>;

const BENCHES: &[(&str, Bench)] = &[
    // First, while this program is small: starting another takes it as long as its own memory is large.
    ("start", start::run),
    ("console", console::run),
    ("dispose", dispose::run),
    ("earlier", earlier::run),
    ("impact", impact::run),
    ("ingest", ingest::run),
    ("interleavings", interleavings::run),
    ("large-document", large_document::run),
    ("operator", operator::run),
    ("policy-screen", policy_screen::run),
    ("reload", reload::run),
    ("journal", replay::run),
];

fn main() -> anyhow::Result<()> {
    fibric_console::author::process::launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    if console::played_a_role()? {
        return Ok(());
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for (name, bench) in BENCHES {
        let named = words.iter().any(|word| name.contains(word.as_str()));
        if !named && !words.is_empty() {
            continue;
        }
        eprintln!("{name} …");
        for row in bench()? {
            println!("{}", serde_json::to_string(&row)?);
        }
    }
    Ok(())
}

/// The middle of several runs.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
