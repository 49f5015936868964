//! What the check of a pack says, line by line, as the manifest's page prints it: what there is, `ok` or why not.

use std::fmt::Write as _;

use super::diagnostics::{Style, render, said};
use crate::publish::{Check, Line};

/// The lines of a check, what is wrong below each, and how it ended. `named` is how the pack was named.
pub fn text(check: &Check, named: &str, style: Style) -> String {
    let claims: Vec<_> = check.lines.iter().map(|line| said(&line.claim)).collect();
    let words = check.lines.iter().map(|line| line.part.word().len()).max().unwrap_or(0);
    let widest = claims.iter().map(|claim| claim.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (line, claim) in check.lines.iter().zip(&claims) {
        let _ = writeln!(text, "{:words$}  {claim:widest$}  {}", line.part.word(), outcome(line));
    }
    for line in &check.lines {
        for fault in &line.faults {
            let _ = write!(text, "\n{}\n", render(fault, style));
        }
    }
    text.push('\n');
    let _ = match check.failed() {
        0 => writeln!(text, "check passed. publish with: fibric publish {}", said(named)),
        failed => writeln!(text, "check failed: {failed} of {}", check.lines.len()),
    };
    text
}

fn outcome(line: &Line) -> String {
    match (line.failure(), line.note) {
        (Some(fault), _) => format!("failed ({})", briefly(&fault.message)),
        (None, Some(note)) => format!("ok ({note})"),
        (None, None) => "ok".to_owned(),
    }
}

/// Characters of a reason that stand in the line itself; below the lines it is told whole.
const BRIEF: usize = 72;

fn briefly(message: &str) -> String {
    let said = said(message);
    match said.char_indices().nth(BRIEF) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.into_owned(),
    }
}
