//! Boundaries that neither a fixture nor a policy test tests: small changes of a rule that would go unnoticed, each with the action that would
//! tell.

use ratatui::layout::Rect;

use super::super::{Focus, MOST, Message, Policy};
use super::stale;
use crate::console::present::summary::ruling;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::window::{Window, more};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::impact::{Side, Survivor, Telling};

/// Draws the pane of untested boundaries.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    hits.add(area, Message::Focus(Focus::Untested));
    let focus = policy.focus == Focus::Untested;
    let record = &policy.record;
    let coverage = &record.coverage;
    let many = coverage.survivors.len();
    // Rules of which no fixture's action is spoken of at all.
    let untried = coverage.rules.iter().filter(|facts| facts.speaks_of == 0).count();
    let count = match (coverage.mutants(), many) {
        (0, _) => String::new(),
        (all, 0) => format!("all {all} mutants are noticed"),
        (all, many) if area.width >= 56 && untried > 0 => {
            let s = if untried == 1 { "" } else { "s" };
            format!("{many} of {all} survive, {untried} rule{s} untried")
        }
        (all, many) if area.width >= 40 => format!("{many} of {all} mutants survive"),
        (all, many) => format!("{many} of {all}"),
    };
    heading(pen, area, &Heading { title: "Untested boundaries", mark: stale(pen, policy), count, focus });
    let body = Rect { x: area.x + 1, y: area.y + 1, width: area.width - 1, height: area.height - 1 };
    if many == 0 {
        let rules = record.impact().policy(Side::Draft).rules().len();
        let words = match coverage.mutants() {
            0 if rules > MOST => "Too many rules to try each change of each.",
            0 if rules == 0 => "There are no rules.",
            0 => "Known once a person pauses.",
            _ => "A fixture or a policy test notices every small change of every rule.",
        };
        pen.put(body.x, body.y, body.width, words, pen.theme.ink(Role::Muted));
        return;
    }
    let at = policy.survivor;
    let window = Window::around(if focus { at } else { 0 }, many, usize::from(body.height));
    let from = body.y + u16::from(window.above > 0 && window.says);
    if from > body.y {
        more(pen, body, window.above);
    }
    if window.below > 0 && window.says {
        more(pen, Rect { y: body.bottom() - 1, height: 1, ..body }, window.below);
    }
    let shown = shown(policy).enumerate().skip(window.lines.start).take(window.lines.len());
    for ((index, survivor), y) in shown.zip(from..body.bottom()) {
        let line = Rect { y, height: 1, ..body };
        row(pen, line, policy, survivor);
        hits.add(line, Message::Pick(Focus::Untested, index));
        if focus && index == at {
            let whole = Rect { x: area.x, width: area.width, ..line };
            pen.style(whole, pen.theme.ground(Role::Sel));
            pen.put(whole.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
    if !policy.loads() {
        pen.style(body, pen.theme.ink(Role::Faint));
    }
}

/// The survivors in the order they are shown.
fn shown(policy: &Policy) -> impl Iterator<Item = &Survivor> {
    policy.order.iter().filter_map(|at| policy.record.coverage.survivors.get(*at))
}

fn row(pen: &mut Pen<'_>, area: Rect, policy: &Policy, survivor: &Survivor) {
    let policy = policy.record.impact().policy(Side::Draft);
    let number = policy.rules().get(survivor.mutant.rule).map_or(0, |rule| rule.origin.number);
    let x = pen.put(area.x, area.y, 9, &format!("rule {number}"), pen.theme.ink(Role::Muted)).max(area.x + 7) + 1;
    if area.width < 56 {
        // What would tell is in its ladder.
        let spans = telling(pen, &survivor.killer);
        let end = pen.spans_right(x, area.right(), area.y, &spans[..3]).saturating_sub(1);
        pen.put(x, area.y, end.saturating_sub(x), &survivor.mutant.told(policy), pen.theme.ink(Role::Text));
        return;
    }
    let half = (x + 31).min(area.x + area.width * 11 / 20);
    pen.put(x, area.y, half.saturating_sub(x + 1), &survivor.mutant.told(policy), pen.theme.ink(Role::Text));
    let spans = telling(pen, &survivor.killer);
    pen.spans(half, area.y, area.right().saturating_sub(half), &spans);
}

/// `order.refund 251  ■ → ✓`: the action of which it would say something else.
fn telling(pen: &Pen<'_>, killer: &Telling) -> Vec<Span> {
    let badge = |decision: crate::kernel::receipt::Decision| {
        let badge = ruling(decision.into());
        Span::new(pen.theme.glyph(badge.glyph), badge.role)
    };
    let value = killer.value.as_ref().map_or_else(String::new, |value| format!(" {value}"));
    vec![
        badge(killer.says),
        Span::new(format!(" {} ", pen.theme.glyph(Glyph::Leads)), Role::Faint),
        badge(killer.would_say),
        Span::new(format!("  {}", killer.tool.as_deref().unwrap_or("any other tool")), Role::Muted),
        Span::new(value, Role::Data),
    ]
}
