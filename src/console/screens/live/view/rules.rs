//! Why: the rules that were tried on the selected action, with their values, and what would change the verdict; for a
//! row that is no action, where it went. Every word of it is the kernel's.

use ratatui::layout::Rect;

use super::super::Live;
use super::preview;
use crate::console::model::{Explained, Row};
use crate::console::present::stages;
use crate::console::present::summary::{Badge, ruling, summarize, would_be};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{Pen, Span};
use crate::kernel::journal::{Disposed, Fact};
use crate::kernel::policy::{Rung, Standing};
use crate::kernel::receipt::{Cause, Decision, Receipt, Ruling};
use crate::kernel::sentences::would_pass_with;

/// Draws it; without a pane for the action, a rerun's plan is shown here.
pub fn draw(pen: &mut Pen<'_>, area: Rect, live: &Live, cx: &Context<'_>, alone: bool) {
    let Some(row) = live.selected_row(cx.model).filter(|_| area.height > 1) else { return };
    if alone && preview::plan_diff(pen, area, live, cx, row) {
        return;
    }
    match (cx.model.receipt(row), cx.model.disposed(row), live.explained()) {
        (Some(receipt), disposed, Some(explained)) => {
            let shadow = disposed.and_then(Disposed::shadow);
            let would = cx.model.would(row).map(|would| (would_be(would), ruling(would.verdict.decision).role));
            rules(pen, area, (receipt, shadow, disposed.and_then(would_pass_with)), would, explained, alone);
        }
        (_, Some(disposed), None) => {
            let count = disposed.receipt.idempotency_key.clone();
            heading(pen, area, &Heading { title: "Stages", count, ..Heading::default() });
            let mut lines = stages::lines(disposed, cx.charset);
            lines.extend(would_pass_with(disposed).map(passes_with));
            preview::put(pen, area, &lines);
        }
        _ => went(pen, area, cx, row),
    }
}

fn rules(
    pen: &mut Pen<'_>,
    area: Rect,
    (receipt, shadow, change): (&Receipt, Option<(Decision, &str)>, Option<String>),
    would: Option<(String, Role)>,
    explained: &Explained,
    alone: bool,
) {
    let explanation = &explained.explanation;
    let rungs = explanation.ladder.len();
    let tried_count = if rungs == 1 { "1 rule tried".to_owned() } else { format!("{rungs} rules tried") };
    let count = if alone { receipt.idempotency_key.clone() } else { tried_count };
    heading(pen, area, &Heading { title: "Why", count, ..Heading::default() });
    let mut y = area.y + 1;
    if let Some(line) = beyond(receipt, explained) {
        pen.spans(area.x + 1, y, area.width - 1, &line);
        y += 1;
    }
    if let Some(line) = change.map(passes_with) {
        pen.spans(area.x + 1, y, area.width - 1, &line);
        y += 1;
    }
    if let Some((words, role)) = would {
        pen.spans(area.x + 1, y, area.width - 1, &[Span::new("again ", Role::Muted), Span::new(words, role)]);
        y += 1;
    }
    if let Some((decision, reason)) = shadow {
        let badge = ruling(decision.into());
        let words = [
            Span::new("in shadow ", Role::Muted),
            badge_span(pen, badge),
            Span::new(format!("  {reason}"), Role::Muted),
        ];
        pen.spans(area.x + 1, y, area.width - 1, &words);
        y += 1;
    }
    let changes = u16::try_from(explanation.flips.len()).unwrap_or(u16::MAX).min(4);
    let below = if changes == 0 { 0 } else { changes + 2 };
    let room = area.bottom().saturating_sub(y).saturating_sub(below).max(1);
    let file = |rung: &Rung| rung.rule.rsplit_once(':').map(|(file, _)| file.to_owned());
    let one_file = explanation.ladder.windows(2).all(|pair| file(&pair[0]) == file(&pair[1]));
    for (rung, y) in window(&explanation.ladder, usize::from(room)).iter().zip(y..area.bottom()) {
        draw_rung(pen, Rect { y, height: 1, ..area }, rung, one_file);
    }
    let shown = u16::try_from(rungs).unwrap_or(u16::MAX).min(room);
    y = (y + shown.max(1) + 1).min(area.bottom());
    if changes == 0 || y >= area.bottom() {
        return;
    }
    let style = pen.theme.bold(Role::Text);
    pen.put(area.x + 1, y, area.width - 1, "What would change it", style);
    let longest = explanation.flips.iter().map(|flip| pen.measure(&[Span::new(&*flip.text, Role::Text)])).max();
    let column = longest.unwrap_or(0).min(area.width * 3 / 5);
    for (flip, y) in explanation.flips.iter().zip(y + 1..area.bottom()) {
        pen.put(area.x + 1, y, column, &flip.text, pen.theme.ink(Role::Text));
        let whose = if flip.change.is_of_action() { "the action" } else { "the policy" };
        let badge = ruling(flip.decision.into());
        let leads = format!("{} ", pen.theme.glyph(Glyph::Leads));
        let end = [
            Span::new(leads, Role::Muted),
            Span::bold(format!("{} {}", pen.theme.glyph(badge.glyph), badge.word), badge.role),
            Span::new(format!("  {whose}"), Role::Muted),
        ];
        let x = area.x + 1 + column + 2;
        pen.spans(x, y, area.right().saturating_sub(x), &end);
    }
}

/// What would have let it through, where no rule stopped it.
fn passes_with(change: String) -> Vec<Span> {
    vec![Span::new("would pass with ", Role::Muted), Span::new(change, Role::Text)]
}

/// What decided beside the rules: the key, or a gate after them.
fn beyond(receipt: &Receipt, explained: &Explained) -> Option<Vec<Span>> {
    let verdict = &receipt.verdict;
    if explained.agrees && verdict.decision != Ruling::Dedup {
        return None;
    }
    let said = ruling(verdict.decision);
    let (words, role) = if explained.agrees {
        (format!("{} says the key; the rules said {}", said.word, explained.explanation.decision.word()), said.role)
    } else {
        let alone = match explained.explanation.cause {
            Cause::NotAsked => "predicates are not asked again; without them:",
            _ => "the rules alone give this:",
        };
        (format!("the receipt says {}: {}; {alone}", said.word, verdict.reason), Role::Alert)
    };
    Some(vec![Span::new(words, role)])
}

/// The rungs that have room: all, or those around the first that decides.
fn window(ladder: &[Rung], room: usize) -> &[Rung] {
    let deciding = ladder.iter().position(|rung| rung.deciding).unwrap_or(0);
    let start = deciding.saturating_sub(room / 2).min(ladder.len().saturating_sub(room));
    &ladder[start..ladder.len().min(start + room)]
}

/// A rule by its number, or by file and number where there are several files.
fn draw_rung(pen: &mut Pen<'_>, line: Rect, rung: &Rung, one_file: bool) {
    let speaks = rung.finding.standing() != Standing::NoMatch;
    let number = rung.rule.rsplit_once(':').filter(|_| one_file).map_or(rung.rule.as_str(), |(_, number)| number);
    let ink = if speaks { Role::Text } else { Role::Faint };
    let style = if rung.deciding { pen.theme.bold(Role::Text) } else { pen.theme.ink(ink) };
    if rung.deciding {
        pen.put(line.x, line.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
    }
    let mut end = line.right();
    if let Some(decision) = rung.decision() {
        let badge = ruling(decision.into());
        let spans = [Span { bold: rung.deciding, ..badge_span(pen, badge) }];
        end = pen.spans_right(line.x + line.width / 2, end, line.y, &spans).saturating_sub(1);
    }
    let x = pen.put(line.x + 1, line.y, 5, "rule ", pen.theme.ink(if speaks { Role::Muted } else { Role::Faint }));
    let after = pen.put(x, line.y, if one_file { 6 } else { 24 }, number, style);
    let x = (x + 4).max(after + 1);
    pen.put(x, line.y, end.saturating_sub(x), &rung.clause, style);
}

fn badge_span(pen: &Pen<'_>, badge: Badge) -> Span {
    Span::new(format!("{} {}", pen.theme.glyph(badge.glyph), badge.word), badge.role)
}

/// Where an envelope or a plan went.
fn went(pen: &mut Pen<'_>, area: Rect, cx: &Context<'_>, row: Row) {
    let mut lines: Vec<Vec<Span>> = Vec::new();
    let plan = match cx.model.entry(row).map(|entry| &entry.fact) {
        Some(Fact::Proposed(proposed)) => Some(proposed.plan_id.as_str()),
        _ => None,
    };
    let room = usize::from(area.height - 1);
    let about = cx.model.arrival(row).map(|arrival| cx.model.about(arrival).take(room * 4));
    for (_, fact) in about.into_iter().flatten() {
        match fact {
            Fact::Routed(routed) if plan.is_none() => lines.extend(routed.to.iter().map(|route| {
                let trigger = format!("  trigger {}", route.trigger);
                vec![
                    Span::new(format!("{} ", pen.theme.glyph(Glyph::Leads)), Role::Muted),
                    Span::new(&*route.operator, Role::Text),
                    Span::new(trigger, Role::Muted),
                ]
            })),
            Fact::Proposed(proposed) if plan.is_none_or(|plan| plan == proposed.plan_id) => {
                lines.extend(proposed.would.iter().map(|would| {
                    let badge = badge_span(pen, ruling(would.verdict.decision));
                    vec![
                        Span::new("would ", Role::Muted),
                        badge,
                        Span::new(format!("  {}  ", would.tool), Role::Text),
                        Span::new(&*would.verdict.reason, Role::Muted),
                    ]
                }));
            }
            Fact::Disposed(disposed) if plan.is_none_or(|plan| plan == disposed.receipt.plan_id) => {
                let receipt = &disposed.receipt;
                let badge = badge_span(pen, ruling(receipt.verdict.decision));
                lines.push(vec![
                    Span { bold: true, ..badge },
                    Span::new(format!("  {}  ", receipt.tool), Role::Text),
                    Span::new(&*receipt.verdict.reason, Role::Muted),
                ]);
            }
            _ => {}
        }
    }
    if lines.is_empty() {
        let sentence = summarize(cx.model, row).map_or_else(String::new, |summary| summary.sentence.into_owned());
        lines.push(vec![Span::new(sentence, Role::Muted)]);
    }
    heading(pen, area, &Heading { title: "What became of it", ..Heading::default() });
    preview::put(pen, area, &lines);
}
