//! Two versions of a prompt of 2,000 lines: from their texts to what a screen shows of their difference; and how many
//! lines are shown as changed, beside the fewest that git finds.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use fibric_console::pack::prompt::Prompt;
use fibric_console::upgrade::contract::{ContractDiff, Row as DiffRow};

use crate::{Row, median, millis};

const LINES: usize = 2_000;
const TIMES: usize = 21;
/// Rows whose words are worked out: a tall screen, from the first change on.
const SCREEN: usize = 60;

pub fn run() -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let base = prompt(1);
    let mut moved = base.clone();
    moved[600..1_700].rotate_left(100);
    let mut edited = base.clone();
    for at in (50..LINES).step_by(LINES / 20) {
        edited[at].push_str(" Tell nobody.");
    }
    let mut rows = Vec::new();
    for (what, new) in [("20 edits", edited), ("100 lines moved", moved), ("rewritten", prompt(2))] {
        let (old, new) = (lines(&base), lines(&new));
        let ours = median((0..TIMES).map(|_| shown(&old, &new)).collect());
        let files = [("old.md", &old), ("new.md", &new)];
        for (name, text) in files {
            fs::write(folder.path().join(name), text)?;
        }
        let git = median(
            (0..TIMES).map(|_| git(folder.path(), &["--word-diff"]).map(|(took, _)| took)).collect::<Result<_>>()?,
        );
        let name = format!("contract diff of two prompts of 2,000 lines, {what}");
        rows.push(Row::new(name, "≤ 5 ms", ours, "ms").against("git diff --no-index --word-diff", git / ours));
        rows.push(changed(&old, &new, what, folder.path())?);
    }
    Ok(rows)
}

/// Milliseconds from two texts to a screen of their difference.
fn shown(old: &str, new: &str) -> f64 {
    let started = Instant::now();
    let diff = ContractDiff::of(&Prompt::read(old).0, &Prompt::read(new).0);
    let first = diff.changes().first().map_or(0, |change| change.rows.start);
    black_box(diff.words(first..first + SCREEN));
    millis(started.elapsed())
}

/// Lines shown as changed, an old and a new one as two and moved ones among them, over those that git needs at least.
fn changed(old: &str, new: &str, what: &str, folder: &Path) -> Result<Row> {
    let diff = ContractDiff::of(&Prompt::read(old).0, &Prompt::read(new).0);
    let lines = |row: &DiffRow| match row {
        DiffRow::Same { .. } => 0,
        DiffRow::Changed { .. } => 2,
        _ => 1,
    };
    let ours: u32 = diff.rows().iter().map(lines).sum();
    let (_, told) = git(folder, &["--minimal", "--numstat"])?;
    let counts = told.split_whitespace().take(2).map(str::parse::<u32>).collect::<Result<Vec<_>, _>>()?;
    let git: u32 = counts.iter().sum();
    let name = format!("lines shown as changed, {what}");
    Ok(Row::new(name, "≤ 1.2 × the fewest", f64::from(ours), "lines")
        .against("git diff --minimal --numstat", f64::from(git) / f64::from(ours)))
}

/// Milliseconds, and what git prints.
fn git(folder: &Path, options: &[&str]) -> Result<(f64, String)> {
    let mut command = Command::new("git");
    command.args(["diff", "--no-index", "--no-color"]).args(options).args(["old.md", "new.md"]).current_dir(folder);
    let started = Instant::now();
    let output = command.output().context("git is measured against, and is not there")?;
    Ok((millis(started.elapsed()), String::from_utf8(output.stdout)?))
}

fn lines(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
        text
    })
}

/// A prompt of four sections, each of paragraphs and items; another one for another seed, with its blank lines where
/// the first has them.
fn prompt(seed: usize) -> Vec<String> {
    const WORDS: [&str; 24] = [
        "hold",
        "release",
        "order",
        "refund",
        "promise",
        "date",
        "customer",
        "late",
        "claim",
        "capability",
        "sensed",
        "never",
        "propose",
        "at",
        "most",
        "one",
        "per",
        "plan",
        "value",
        "bound",
        "verify",
        "inputs",
        "notify",
        "until",
    ];
    let mut state = seed;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..LINES)
        .map(|at| match (at % (LINES / 4), at % 7) {
            (0, _) => format!("# {}", ["Goal", "Constraints", "Output", "Refusal"][at / (LINES / 4)]),
            (_, 1) => String::new(),
            (_, kind) => {
                let words: Vec<_> = (0..6 + next(9)).map(|_| WORDS[next(WORDS.len())]).collect();
                format!("{}{}.", if kind > 4 { "- " } else { "" }, words.join(" "))
            }
        })
        .collect()
}
