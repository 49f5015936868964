//! What fixtures cover, as text: a table for each operator, then the cells that nothing fills, by the names under which
//! one asks for a fixture; and the fixtures with the last result of each.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::author::definition::Trigger;
use crate::coverage::{Case, CoverageMap, Filled, LastResults, LoadedOperator, MapRow, Standing, WhatIsLoaded};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::counted;

/// Cells that are named; more are counted.
const NAMED: usize = 200;

/// The whole map.
pub fn text(map: &CoverageMap, loaded: &WhatIsLoaded) -> String {
    let mut text = String::new();
    for operator in &loaded.operators {
        text += &of_operator(map, operator);
    }
    let empty: Vec<_> = map.empty().collect();
    let _ = writeln!(text, "{}", summary(map));
    let wide = empty.iter().take(NAMED).map(|row| row.cell.name().chars().count()).max().unwrap_or(0);
    for row in empty.iter().take(NAMED) {
        let name = row.cell.name();
        let line = format!("{:<9} {:<wide$}  {}", row.standing.word(), inert(&name), why(row));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if empty.len() > NAMED {
        let _ = writeln!(text, "{} more; `--json` has them all", empty.len() - NAMED);
    }
    text
}

/// `13 of 20 cells that can be filled are, by 23 envelopes`, and what of the envelopes says nothing.
pub fn summary(map: &CoverageMap) -> String {
    let covered = map.count(|standing| matches!(standing, Standing::Covered { .. }));
    let open = map.count(|standing| matches!(standing, Standing::Empty | Standing::Outdated { .. }));
    let mut text = format!("{covered} of {} cells covered", covered + open);
    for (n, what) in [
        (map.count(|standing| matches!(standing, Standing::Empty)), "empty"),
        (map.count(|standing| matches!(standing, Standing::Outdated { .. })), "outdated"),
        (map.count(|standing| matches!(standing, Standing::Unknown { .. })), "unknown"),
        (map.count(|standing| matches!(standing, Standing::Impossible { .. })), "impossible"),
    ] {
        if n > 0 {
            let _ = write!(text, " · {n} {what}");
        }
    }
    let _ = write!(text, ", by {}", counted(map.counted, "envelope"));
    for (n, what) in [(map.outdated, "with a result of other code or policy"), (map.unplayed, "not played yet")] {
        if n > 0 {
            let _ = write!(text, " · {n} {what}");
        }
    }
    text
}

/// What is to be known of a cell, beside its name.
pub fn why(row: &MapRow) -> String {
    match &row.standing {
        Standing::Covered { count, by } => {
            let synthetic = if by.synthetic { ", synthetic" } else { "" };
            let first = if *count == 1 { String::new() } else { format!("{count} times, first ") };
            format!("{first}{}:{}{synthetic}", inert(&by.file), by.line)
        }
        Standing::Outdated { by } => {
            format!("{}:{} under other code or another policy", inert(&by.file), by.line)
        }
        Standing::Empty => String::new(),
        Standing::Impossible { why } | Standing::Unknown { why } => said(why).to_string(),
    }
}

fn of_operator(map: &CoverageMap, operator: &LoadedOperator) -> String {
    let on = match &operator.trigger {
        Trigger::On(on) => format!("on {on}"),
        Trigger::Every(every) => format!("every {every}"),
    };
    let rows = || map.rows.iter().filter(|row| row.cell.operator == operator.name);
    let mut text = format!("{} · {}", inert(&operator.name), inert(&on));
    for row in rows().filter(|row| row.cell.case.tool().is_none()) {
        let _ = write!(text, " · {} {}", row.cell.case.name(), mark(&row.standing));
    }
    text.push('\n');
    let wide = operator.tools.iter().map(|tool| tool.capability.len()).max().unwrap_or(0).max(4);
    if !operator.tools.is_empty() {
        let _ = writeln!(text, "  {:<wide$}  {:>6} {:>6} {:>6} {:>6}", "", "ALLOW", "ALERT", "BLOCK", "DEDUP");
    }
    for tool in &operator.tools {
        let _ = write!(text, "  {:<wide$} ", tool.capability);
        let of_tool: Vec<_> = rows().filter(|row| row.cell.case.tool() == Some(&tool.capability)).collect();
        for row in &of_tool {
            match row.cell.case {
                Case::At(..) | Case::Above(..) => {
                    let _ = write!(text, "   {} {}", row.cell.case.name().replace('-', " "), mark(&row.standing));
                }
                _ => {
                    let _ = write!(text, " {:>6}", mark(&row.standing));
                }
            }
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// A cell in a table: how many fill it, or how it stands.
pub fn mark(standing: &Standing) -> String {
    match standing {
        Standing::Covered { count, .. } => count.to_string(),
        Standing::Outdated { .. } => "old".to_owned(),
        Standing::Empty => "empty".to_owned(),
        Standing::Impossible { .. } => "-".to_owned(),
        Standing::Unknown { .. } => "?".to_owned(),
    }
}

/// The fixtures, file by file, with the last result of each envelope; what is no envelope with its place.
pub fn fixtures(results: &LastResults) -> String {
    let mut text = String::new();
    for file in &results.files {
        let _ = writeln!(text, "{}", inert(&file.name));
        let mut lines: Vec<(u32, String)> = Vec::new();
        for fixture in &file.envelopes {
            let last = fixture.last.as_ref();
            let run = last.map_or_else(String::new, |last| format!(" · run {}", last.run));
            let told = last.map_or_else(|| "not played yet".to_owned(), |last| last.told(None));
            let label = if fixture.synthetic { " synthetic" } else { "" };
            let line = format!(
                "  {:>4}  {} {}{label}  {}{run}",
                fixture.line,
                inert(&fixture.event_type),
                short(&fixture.correlation_id),
                said(&told)
            );
            lines.push((fixture.line, line));
        }
        for fault in &file.faults {
            let line = fault.line.unwrap_or(0);
            lines.push((
                line,
                format!(
                    "  {line:>4}  {}: {}",
                    if fault.is_error() { "error" } else { "warning" },
                    said(&fault.message)
                ),
            ));
        }
        lines.sort_by_key(|(line, _)| *line);
        for (_, line) in lines {
            text += &(line + "\n");
        }
    }
    if results.cut {
        text += "older runs were not looked at: there is too much of them\n";
    }
    text
}

/// What was written for a cell.
pub fn filled(filled: &Filled) -> String {
    let changes = if filled.changes.is_empty() { "unchanged".to_owned() } else { filled.changes.join(", ") };
    format!(
        "wrote {}, synthetic, from {}: {}\nrun {}: {}\n",
        inert(&filled.file),
        inert(&filled.from),
        said(&changes),
        filled.run,
        said(&filled.outcome)
    )
}
