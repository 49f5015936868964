//! How the values that a rule speaks of are spread, and where its ceiling cuts them: in force and in the draft.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::super::Policy;
use super::super::rule_notes::Ceilings;
use crate::console::text::grouped;
use crate::console::theme::{Role, level};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{Pen, Span};

/// Draws it for the rule the cursor is in, or the one that decides about the action in hand.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy) {
    let Some(cut) = policy.ceilings.as_ref().filter(|_| area.height >= 4 && area.width >= 20) else { return };
    let wide = usize::from(area.width - 2);
    let Some(spread) = &policy.spread else { return };
    let many: usize = spread.bins.iter().sum();
    let title = format!("Values rule {} judges", cut.number);
    heading(
        pen,
        area,
        &Heading {
            title: &title,
            count: if many == 1 { "1 action".to_owned() } else { format!("{} actions", grouped(many)) },
            ..Heading::default()
        },
    );
    let Ok(highest) = spread.highest.as_str().parse::<f64>() else { return };
    let place = |value: Option<f64>| value.map_or(wide, |value| cell(value, highest, wide));
    let (old, new) = (place(cut.in_force), place(cut.draft));
    let rows = area.height - 2;
    let most = spread.bins.iter().copied().max().unwrap_or(1).max(1);
    for (at, bin) in spread.bins.iter().enumerate() {
        let role = match (at < old, at < new) {
            _ if !policy.loads() => Role::Faint,
            (true, true) => Role::Allow,
            (false, false) => Role::Block,
            _ => Role::Alert,
        };
        // One eighth is the least that is something.
        let eighths = (bin * usize::from(rows) * 8).div_ceil(most);
        column(pen, (area.x + 1 + u16::try_from(at).unwrap_or(0), area.bottom() - 2, rows), eighths, role);
    }
    axis(pen, Rect { y: area.bottom() - 1, height: 1, ..area }, cut, &spread.highest.to_string(), (old, new));
}

/// What the axis says of a rule: each ceiling below the bin it ends, in their order, between zero and the end.
fn axis(pen: &mut Pen<'_>, area: Rect, cut: &Ceilings, highest: &str, (old, new): (usize, usize)) {
    let mut marks = Vec::from_iter(cut.was.as_ref().map(|value| ("in force ", value, old, Role::Text)));
    marks.extend(cut.is.as_ref().filter(|_| cut.was != cut.is).map(|value| ("draft ", value, new, Role::Alert)));
    marks.sort_by_key(|(_, _, at, _)| *at);
    let zero = pen.put(area.x + 1, area.y, 1, "0", pen.theme.ink(Role::Faint)) + 1;
    let mut end = area.right() - 1;
    // A ceiling at the end says what the end is.
    if marks.iter().all(|(_, value, ..)| *value != highest) {
        end = pen.put_right(area.x + 1, end, area.y, highest, pen.theme.ink(Role::Faint)).saturating_sub(1);
    }
    let labels: Vec<_> = marks
        .iter()
        .map(|(word, value, at, role)| ([Span::new(*word, Role::Muted), Span::bold(*value, *role)], *at))
        .collect();
    let mut placed = Vec::with_capacity(labels.len());
    let mut from = zero;
    for (spans, at) in &labels {
        let wide = pen.measure(spans);
        let wanted = (area.x + 1).saturating_add(u16::try_from(*at).unwrap_or(u16::MAX)).saturating_sub(wide / 2);
        placed.push((wanted.max(from), wide));
        from = wanted.max(from).saturating_add(wide + 2);
    }
    for ((start, wide), (spans, _)) in placed.iter().zip(&labels).rev() {
        let start = (*start).min(end.saturating_sub(*wide));
        if start >= zero {
            pen.spans(start, area.y, *wide, spans);
            end = start.saturating_sub(2);
        }
    }
}

/// The bin a value is in.
fn cell(value: f64, highest: f64, wide: usize) -> usize {
    if highest <= 0.0 {
        return 0;
    }
    let part = (value / highest).clamp(0.0, 1.0);
    (0..wide)
        .take_while(|at| {
            f64::from(u32::try_from(*at).unwrap_or(0)) / f64::from(u32::try_from(wide).unwrap_or(1)) < part
        })
        .count()
}

/// One column of eighths, from the bottom up.
fn column(pen: &mut Pen<'_>, (x, bottom, rows): (u16, u16, u16), eighths: usize, role: Role) {
    let mut style = pen.theme.ink(role);
    style.add_modifier.remove(Modifier::REVERSED);
    for row in 0..rows {
        let left = eighths.saturating_sub(usize::from(row) * 8);
        if left > 0 {
            pen.put(x, bottom - row, 1, level(left.min(8) - 1, pen.theme.charset()), style);
        }
    }
}
