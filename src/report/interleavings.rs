//! What all orders of a few plans come to, as lines.

use std::fmt::Write as _;

use super::diagnostics::said;
use super::plain::short;
use crate::kernel::sentences::counted;
use crate::replayer::schedules::{Explored, Schedule, wording};

/// Outcomes that are named; more are counted.
const NAMED: usize = 20;

/// The lines.
pub fn text(run: u32, explored: &Explored) -> String {
    let mut text = format!(
        "run {run}: {}, {}\n",
        counted(explored.plans.len(), "plan"),
        counted(explored.actions.len(), "action")
    );
    // Writing to a string cannot fail.
    for (number, plan) in explored.plans.iter().enumerate() {
        let corr = short(&plan.correlation_id);
        let _ = writeln!(
            text,
            "{}  {} {} · {} corr={corr}",
            wording::letter(number),
            said(&plan.plan_id),
            said(&plan.operator),
            said(&plan.event_type)
        );
        for (action, line) in explored.actions.iter().enumerate().filter(|(_, action)| action.plan == number) {
            let _ = writeln!(
                text,
                "   {} {} {} · {} · {}",
                explored.name(action),
                said(&line.action_id),
                said(&line.tool),
                said(&line.entity_key),
                said(&line.idempotency_key)
            );
        }
    }
    let _ = writeln!(text, "{}", explored.looked_at());
    for outcome in explored.outcomes.iter().take(NAMED) {
        let ends: Vec<_> = outcome
            .endings
            .iter()
            .enumerate()
            .map(|(action, end)| format!("{} {}", explored.name(action), explored.ending(*end)))
            .collect();
        let marks = outcome.marks();
        let marks = if marks.is_empty() { String::new() } else { format!(" ({marks})") };
        let _ = writeln!(text, "{:>12}  {}{marks}", wording::number(outcome.schedules), ends.join(" · "));
    }
    let more = explored.outcomes.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = writeln!(text, "{more} more outcomes; `--json` has them all");
    }
    let _ = writeln!(text, "{}", explored.verdict());
    if let Some((_, schedule)) = &explored.bad {
        steps(&mut text, explored, schedule);
    }
    text
}

fn steps(text: &mut String, explored: &Explored, schedule: &Schedule) {
    let _ = writeln!(text, "the shortest:");
    for (number, taken) in schedule.moves.iter().enumerate() {
        let lost = if schedule.lost_at == Some(number) { "  ← from here on every way is bad" } else { "" };
        let did = explored.step(taken);
        let _ = writeln!(text, "{:>4}  {}  {}{lost}", number + 1, explored.name(taken.action), said(&did));
    }
}
