//! Accepting one difference: what is proposed now becomes what is recorded, of that envelope and operator alone. Every
//! other line of the file stays as it is, to the byte.

use std::collections::HashMap;
use std::fs;

use super::{Finding, Key, order};
use crate::author::bounded_read;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::Raw;
use crate::workspace::Workspace;
use crate::workspace::named_file::{self, folder_of};
use crate::workspace::recordings::{GoldenPlan, golden_path, read_golden};

/// Bytes beyond which a recording is not edited.
const MOST: u64 = 256 << 20;

/// Writes what a difference says is proposed now into the recording, in place of what was.
pub fn accept(workspace: &Workspace, finding: &Finding) -> Result<(), Diagnostic> {
    let fixture = workspace.root.join(&finding.file);
    let path = golden_path(&fixture);
    let refuse = |why: String| Diagnostic::error(why).in_file(&*finding.recording);
    let known = read_golden(&path, &finding.recording).unwrap_or_default();
    if let Some(fault) = known.faults.into_iter().next() {
        return Err(fault);
    }
    let text = match bounded_read::read(&path, MOST) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(refuse(format!("cannot read `{}`: {error}", finding.recording))),
    };
    if finding.failed {
        return Err(refuse("there is no plan to accept: the operator gave none".to_owned())
            .help("mend the operator, or record the file anew"));
    }
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = finding.recorded_at.map(|line| line as usize - 1);
    let is_there = |at: usize| {
        known.sound.iter().any(|(line, plan)| {
            *line as usize == at + 1
                && (&plan.envelope, plan.occurrence) == (&finding.key.0, finding.key.1)
                && plan.operator == finding.operator
        })
    };
    if at.is_some_and(|at| !is_there(at)) {
        return Err(refuse(format!("`{}` is another file than it was", finding.recording)).help("look again"));
    }
    match (at, now(finding)) {
        (Some(at), Some(now)) => lines[at] = ended_like(&lines[at], &now.line()),
        (Some(at), None) => drop(lines.remove(at)),
        (None, Some(now)) => {
            let nobody = known.sound.iter().find(|(_, plan)| {
                plan.operator.is_none() && (&plan.envelope, plan.occurrence) == (&finding.key.0, finding.key.1)
            });
            match nobody {
                Some((line, _)) => lines[*line as usize - 1] = now.line().into_bytes(),
                None => insert(&mut lines, &known.sound, &now, &order(&fixture, &finding.file)),
            }
        }
        (None, None) => {}
    }
    let folder = folder_of(&path);
    if !folder.is_dir() {
        fs::create_dir(folder).map_err(|error| refuse(format!("cannot create its folder: {error}")))?;
    }
    let written = named_file::write(&path, &lines.concat());
    written.map_err(|error| refuse(format!("cannot write `{}`: {error}", finding.recording)))
}

/// The line that is to stand there; none where none is.
fn now(finding: &Finding) -> Option<GoldenPlan> {
    let line = |operator: Option<String>, plan: Raw| GoldenPlan {
        envelope: finding.key.0.clone(),
        occurrence: finding.key.1,
        operator,
        event_type: finding.event_type.clone(),
        correlation_id: finding.correlation_id.clone(),
        plan,
    };
    match (&finding.now, finding.unrouted) {
        (Some(plan), _) => Some(line(finding.operator.clone(), plan.clone())),
        (None, true) => Some(line(None, Raw::null())),
        (None, false) => None,
    }
}

/// A line that ends as the one it replaces does: without a break at the end of some files, with two bytes in others.
fn ended_like(before: &[u8], line: &str) -> Vec<u8> {
    let end: &[u8] = if before.ends_with(b"\r\n") {
        b"\r\n"
    } else if before.ends_with(b"\n") {
        b"\n"
    } else {
        b""
    };
    [line.trim_end().as_bytes(), end].concat()
}

/// Adds a line in fixture order: after the last that stands for an envelope before it, or for the same one.
fn insert(lines: &mut Vec<Vec<u8>>, known: &[(u32, GoldenPlan)], now: &GoldenPlan, order: &HashMap<Key, usize>) {
    let place = |plan: &GoldenPlan| order.get(&(plan.envelope.clone(), plan.occurrence)).copied();
    let own = (place(now), now.operator.clone());
    let before = known.iter().filter(|(_, plan)| (place(plan), plan.operator.clone()) < own);
    let at = before.map(|(line, _)| *line as usize).max().unwrap_or(0);
    if let Some(last) = at.checked_sub(1).and_then(|last| lines.get_mut(last)).filter(|line| !line.ends_with(b"\n")) {
        last.push(b'\n');
    }
    lines.insert(at.min(lines.len()), now.line().into_bytes());
}
