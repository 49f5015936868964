//! Runs the benches and writes what they measured as a page. A bench prints one JSON row a line; whatever else it prints
//! is passed on. There is no pass mark: the page has the goal beside the figure.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

const PAGE: &str = "docs/performance.md";
/// What prints rows: the project's own benches, and the peers' program.
const PROGRAMS: [&[&str]; 2] = [
    &["bench", "--package", "fibric-console", "--bench", "waits"],
    &["run", "--release", "--package", "fibric-peers", "--", "--rows"],
];

/// One measurement.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What a user waits for.
    name: String,
    /// What to reach, in words.
    goal: String,
    measured: f64,
    unit: String,
    /// What it is measured against, with its version.
    #[serde(default)]
    peer: Option<String>,
    /// The peer's figure over ours.
    #[serde(default)]
    ratio: Option<f64>,
}

/// Measures everything and writes the page.
pub fn run() -> Result<()> {
    let mut rows = Vec::new();
    for program in PROGRAMS {
        rows.extend(measure(program)?);
    }
    if rows.is_empty() {
        bail!("no bench printed a row, so {PAGE} stays as it is");
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let path = super::root().join(PAGE);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder of {PAGE}"))?;
    }
    std::fs::write(&path, page(&rows, cores)).with_context(|| format!("cannot write {PAGE}"))?;
    println!("{} rows, written to {PAGE}", rows.len());
    Ok(())
}

fn measure(args: &[&str]) -> Result<Vec<Row>> {
    println!("$ cargo {}", args.join(" "));
    let mut child = super::cargo(args).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let output = child.stdout.take().context("cargo has no output")?;
    let mut rows = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("cannot read what the bench prints")?;
        match row(&line)? {
            Some(row) => rows.push(row),
            None => println!("{line}"),
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    if !status.success() {
        bail!("`cargo {}` failed ({status})", args.join(" "));
    }
    Ok(rows)
}

/// A line as a row: `None` when it is not meant to be one, an error when it is and is not right.
fn row(line: &str) -> Result<Option<Row>> {
    if !line.starts_with('{') {
        return Ok(None);
    }
    serde_json::from_str(line).map(Some).with_context(|| format!("this is not a row: {line}"))
}

fn page(rows: &[Row], cores: usize) -> String {
    let mut page = format!(
        "# Performance\n\nWritten by `cargo xtask bench`, not by hand. Medians on a machine with {cores} cores; every peer was measured in the\n\
         same run. The ratio is the peer's figure over ours. The policy engines scan their rules and do more than ours: they are\n\
         general languages. They also differ where it matters: Cedar skips a policy that errors, ours blocks the action.\n\n\
         | what a user waits for | goal | measured | against | ratio |\n|---|---|---:|---|---:|\n"
    );
    for row in rows {
        let cell = |text: &str| text.replace('|', "\\|");
        let ratio = row.ratio.map(|ratio| format!("{}×", figure(ratio))).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} {} | {} | {ratio} |",
            cell(&row.name),
            cell(&row.goal),
            figure(row.measured),
            cell(&row.unit),
            cell(row.peer.as_deref().unwrap_or_default()),
        );
    }
    page
}

/// Three significant digits, thousands apart.
fn figure(value: f64) -> String {
    let size = value.abs();
    if size > 0.0 && size < 0.01 {
        return format!("{value:.2e}");
    }
    let text = match size {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    let whole = text.find('.').unwrap_or(text.len());
    let mut grouped = String::new();
    for (at, c) in text.char_indices() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_and_other_lines_are_left_alone() {
        let text = r#"{"name":"evaluate","goal":"≤ 40 ns","measured":34.2,"unit":"ns","peer":"cedar 4","ratio":4800}"#;
        assert_eq!(row(text).unwrap().unwrap().ratio, Some(4800.0));
        assert_eq!(row("running 0 tests").unwrap(), None);
        assert!(row(r#"{"nme":"evaluate"}"#).is_err());
    }

    #[test]
    fn the_page_is_a_table() {
        let row = Row {
            name: "a | b".to_owned(),
            goal: "≤ 1 ms".to_owned(),
            measured: 1_234_567.0,
            unit: "ns".to_owned(),
            peer: None,
            ratio: Some(2.5),
        };
        assert!(page(&[row], 2).ends_with("|---|---|---:|---|---:|\n| a \\| b | ≤ 1 ms | 1,234,567 ns |  | 2.50× |\n"));
    }

    #[test]
    fn figures_have_three_digits() {
        let shown: Vec<_> = [0.0, 0.0004, 0.5, 9.876, 12.34, 999.6, 12_345.0, -1_234.0].map(figure).into();
        assert_eq!(shown, ["0.00", "4.00e-4", "0.50", "9.88", "12.3", "1,000", "12,345", "-1,234"]);
    }
}
