//! An envelope, before any action of it: what it says, where it went, what was proposed.

use super::super::Replay;
use super::super::scene::{Plan, members};
use super::stages::{Glyphs, Line};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Span;

/// All lines of the pane.
pub(super) fn lines(glyphs: &Glyphs, replay: &Replay, _: u16) -> Vec<Line> {
    let scene = &replay.scene;
    let mut lines = Vec::new();
    if scene.reading {
        return vec![Line::of(vec![Span::new("…", Role::Muted)])];
    }
    if let Some(refused) = &scene.refused {
        for fault in &refused.diagnostics {
            lines.push(row("refused", &fault.message, Role::Block));
            lines.extend(fault.help.iter().map(|help| row("help", help, Role::Muted)));
        }
        if let (Some(file), Some(line)) = (&refused.origin.file, refused.origin.line) {
            lines.push(row("from", &format!("{file}:{line}"), Role::Muted));
        }
    }
    let Some(received) = &scene.received else { return lines };
    let envelope = &received.envelope;
    lines.push(row("type", &envelope.event_type, Role::Text));
    lines.push(row("event", &envelope.event_id, Role::Text));
    lines.push(row("thread", &envelope.correlation_id, Role::Accent));
    lines.push(row("source", &envelope.source, Role::Text));
    if let (Some(file), Some(line)) = (&received.origin.file, received.origin.line) {
        lines.push(row("from", &format!("{file}:{line}"), Role::Muted));
    }
    if let Some(of) = received.rerun_of {
        lines.push(row("again", &format!("envelope {} of run {}", of.arrival, of.run), Role::Muted));
    }
    lines.push(row("clock", &received.clock, Role::Muted));
    for (at, (name, value)) in members(received).into_iter().enumerate() {
        let label = if at == 0 { "payload" } else { "" };
        lines.push(Line::of(vec![
            Span::new(format!("{label:<9}"), Role::Faint),
            Span::new(format!("{name} "), Role::Muted),
            Span::new(value, Role::Text),
        ]));
    }
    lines.push(Line::of(Vec::new()));
    lines.extend(routes(replay));
    for plan in &scene.plans {
        lines.extend(proposed(glyphs, plan));
    }
    lines
}

fn row(label: &str, text: &str, role: Role) -> Line {
    Line::of(vec![Span::new(format!("{label:<9}"), Role::Faint), Span::new(text, role)])
}

fn routes(replay: &Replay) -> Vec<Line> {
    let Some(routed) = &replay.scene.routed else { return Vec::new() };
    if routed.to.is_empty() {
        let near = routed
            .nearest
            .as_ref()
            .map_or_else(String::new, |near| format!("; nearest is {} of {}", near.trigger, near.operator));
        return vec![row("routed", &format!("no trigger matched{near}"), Role::Muted)];
    }
    routed
        .to
        .iter()
        .map(|route| row("routed", &format!("{} by {}", route.operator, route.trigger), Role::Text))
        .collect()
}

fn proposed(glyphs: &Glyphs, plan: &Plan) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(failure) = &plan.failure {
        lines.push(row("failed", &format!("{}: {failure}", plan.operator), Role::Failed));
        return lines;
    }
    let many = plan.actions.len();
    let words = match many {
        0 => format!("{} refuses", plan.operator),
        1 => format!("{} proposes 1 action", plan.operator),
        _ => format!("{} proposes {many} actions", plan.operator),
    };
    lines.push(row("plan", &words, Role::Text));
    lines.extend(plan.reasoning.iter().map(|reasoning| row("because", reasoning, Role::Muted)));
    for (number, action) in plan.actions.iter().enumerate() {
        let value = action.value.as_ref().map_or_else(String::new, |value| format!(" of {value}"));
        lines.push(Line::of(vec![
            Span::new(format!("{:<9}", ""), Role::Faint),
            Span::new(format!("{} ", number + 1), Role::Muted),
            Span::bold(action.tool.clone(), Role::Text),
            Span::new(value, Role::Data),
            Span::new(format!("  {} {}", glyphs.get(Glyph::Path), action.entity), Role::Muted),
        ]));
    }
    lines
}
