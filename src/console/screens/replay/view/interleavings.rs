//! Every order of a few plans: which plans, what their orders come to, and a schedule as steps, with who holds what and
//! who waits for whom.

use ratatui::layout::Rect;

use super::super::Message;
use super::super::interleavings::{Interleavings, SearchKey};
use crate::console::present::summary::ruling;
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::replayer::schedules::wording::{letter, number};
use crate::replayer::schedules::{Explored, LaneState, OutcomeClass, Schedule};

/// Draws it over the body.
pub fn draw(pen: &mut Pen<'_>, open: &Interleavings, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let body = cx.frame().body;
    if body.height < 4 {
        return;
    }
    pen.clear(body, pen.theme.canvas());
    hits.cover();
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    let below = match &open.found {
        None => {
            plans(pen, area, open, hits);
            looked_for(open)
        }
        Some(found) => {
            searched(pen, area, open, found, hits);
            found.verdict()
        }
    };
    let said = if open.searching.is_some() { "looking at every order".to_owned() } else { below };
    let is_bad = open.searching.is_none() && open.found.as_ref().is_some_and(|found| found.bad.is_some());
    let role = if is_bad { Role::Block } else { Role::Muted };
    pen.put(area.x + 2, area.bottom() - 1, area.width.saturating_sub(2), &said, pen.theme.ink(role));
}

fn looked_for(open: &Interleavings) -> String {
    let names: Vec<_> = open.wanted.iter().map(|property| property.name()).collect();
    format!("looks for {}", names.join(", "))
}

/// The plans there are to choose from.
fn plans(pen: &mut Pen<'_>, area: Rect, open: &Interleavings, hits: &mut HitMap<Message>) {
    let list = open.plans.as_deref().unwrap_or_default();
    let count = match &open.plans {
        None => "being read".to_owned(),
        Some(plans) => format!("{} of {} chosen", open.marked.len(), plans.len()),
    };
    let mark = Some((open.entity.clone(), Role::Text));
    heading(pen, area, &Heading { title: "Interleavings", mark, count, focus: true });
    let rows = usize::from(area.height.saturating_sub(3)).max(1);
    let top = open.at.saturating_sub(rows.saturating_sub(1));
    for ((at, candidate), y) in list.iter().enumerate().skip(top).take(rows).zip(area.y + 1..) {
        let line = Rect { y, height: 1, ..area };
        let chosen = open.marked.iter().position(|marked| *marked == at);
        let name = chosen.map_or(' ', letter);
        let plan = &candidate.plan;
        let actions = if candidate.actions == 1 { "action" } else { "actions" };
        let spans = [
            Span::bold(format!("{name}  "), Role::Accent),
            Span::new(format!("{:<10} ", plan.plan_id), Role::Text),
            Span::new(format!("{:<14} ", plan.operator), Role::Text),
            Span::new(format!("{}  {}", plan.event_type, plan.correlation_id), Role::Muted),
            Span::new(format!("  {} {actions}", candidate.actions), Role::Faint),
        ];
        pen.spans(line.x + 2, y, line.width.saturating_sub(2), &spans);
        hits.add(line, Message::Interleave(SearchKey::Pick(at)));
        if at == open.at {
            select(pen, line);
        }
    }
}

fn select(pen: &mut Pen<'_>, line: Rect) {
    pen.style(line, pen.theme.ground(Role::Sel));
    pen.put(line.x, line.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
}

/// Lanes, outcomes and steps, one below the other; the steps have what room is left.
fn searched(pen: &mut Pen<'_>, area: Rect, open: &Interleavings, found: &Explored, hits: &mut HitMap<Message>) {
    let (roomy, height) = (area.height >= 20, usize::from(area.height));
    let gap = u16::from(roomy);
    let (schedules, states) = (number(found.schedules), number(found.states as u128));
    let count = if area.width >= 90 {
        let orders = number(found.orders);
        let again = number(u128::from(found.met_again));
        format!("{schedules} schedules for {orders} orders, {states} states, {again} met again")
    } else {
        format!("{schedules} schedules, {states} states")
    };
    let mark = Some((open.entity.clone(), Role::Text));
    heading(pen, area, &Heading { title: "Interleavings", mark, count, focus: false });
    let mut y = area.y + 1;
    let states = open.schedule().map(|schedule| schedule.after(open.done, found.actions.len()));
    for plan in 0..found.plans.len() {
        lane(pen, Rect { y, height: 1, ..area }, found, plan, states.as_deref().unwrap_or_default());
        y += 1;
    }
    y += gap;
    let room = usize::from(area.bottom().saturating_sub(y));
    let shown = found.outcomes.len().min((height / 5).max(1)).min(room.saturating_sub(4).max(1));
    if room >= 6 {
        let part = Rect { y, height: 1, ..area };
        let outcomes = found.outcomes.len().to_string();
        heading(pen, part, &Heading { title: "Outcomes", count: outcomes, focus: true, ..Heading::default() });
        y += 1;
    }
    let top = open.at.saturating_sub(shown.saturating_sub(1));
    for (at, outcome) in found.outcomes.iter().enumerate().skip(top).take(shown) {
        let line = Rect { y, height: 1, ..area };
        class(pen, line, found, outcome);
        hits.add(line, Message::Interleave(SearchKey::Pick(at)));
        if at == open.at {
            select(pen, line);
        }
        y += 1;
    }
    y += gap;
    let rest = Rect { y, height: area.bottom().saturating_sub(y + 1), ..area };
    match open.schedule() {
        Some(schedule) => steps(pen, rest, open, found, schedule),
        None => drop(pen.put(
            rest.x + 2,
            y,
            rest.width,
            "no schedule is kept of an outcome this far down",
            pen.theme.ink(Role::Faint),
        )),
    }
}

/// A plan and how far its action in hand is: who holds the lock, who waits.
fn lane(pen: &mut Pen<'_>, line: Rect, found: &Explored, plan: usize, states: &[LaneState]) {
    let own = || states.iter().enumerate().filter(|(action, _)| found.actions[*action].plan == plan);
    // What is going on; of several, what waits beside the rest of its plan is last.
    let going = |state: &LaneState| !matches!(state, LaneState::Ahead | LaneState::Ended(_));
    let at = own().rfind(|(_, state)| going(state)).or_else(|| own().rfind(|(_, state)| **state != LaneState::Ahead));
    let operator = found.plans.get(plan).map_or("", |plan| plan.operator.as_str());
    let mut spans = vec![
        Span::bold(format!("{}  ", letter(plan)), Role::Accent),
        Span::new(format!("{operator:<14} "), Role::Muted),
    ];
    match at {
        None => spans.push(Span::new("not begun", Role::Faint)),
        Some((action, state)) => {
            spans.push(Span::bold(format!("{:<3} ", found.name(action)), Role::Text));
            let (glyph, role, words) = standing(found, action, state);
            spans.push(Span::bold(format!("{} ", pen.theme.glyph(glyph)), role));
            spans.push(Span::new(words, Role::Text));
        }
    }
    pen.spans(line.x + 2, line.y, line.width.saturating_sub(2), &spans);
    if at.is_some_and(|(_, state)| state.holds()) {
        pen.style(line, pen.theme.ground(Role::Trace));
    }
}

fn standing(found: &Explored, action: usize, state: &LaneState) -> (Glyph, Role, String) {
    let entity = &found.actions[action].entity_key;
    match state {
        LaneState::Ahead => (Glyph::Dot, Role::Faint, "not begun".to_owned()),
        LaneState::Admitted => (Glyph::Dot, Role::Muted, "is validated".to_owned()),
        LaneState::Waits(holder) => (Glyph::Alert, Role::Alert, found.waits(action, holder)),
        LaneState::Held => (Glyph::Alert, Role::Alert, "waits for a person".to_owned()),
        LaneState::Claimed => (Glyph::Leads, Role::Accent, format!("holds {entity}, its key claimed")),
        LaneState::InFlight => (Glyph::Leads, Role::Accent, format!("holds {entity}, its handler runs")),
        LaneState::Ended(ending) => {
            let badge = ruling(ending.decision);
            (badge.glyph, badge.role, found.ending(Some(*ending)))
        }
    }
}

/// An outcome: how many schedules come to it, and how each action ends.
fn class(pen: &mut Pen<'_>, line: Rect, found: &Explored, outcome: &OutcomeClass) {
    let marks = outcome.marks();
    let role = if outcome.bad.is_empty() { Role::Muted } else { Role::Block };
    let mut spans = vec![Span::new(format!("{:>9}  ", number(outcome.schedules)), Role::Text)];
    if !marks.is_empty() {
        spans.push(Span::bold(format!("{marks}  "), role));
    }
    for (action, end) in outcome.endings.iter().enumerate() {
        let ink = end.map_or(Role::Failed, |end| ruling(end.decision).role);
        spans.push(Span::new(format!("{} ", found.name(action)), Role::Muted));
        spans.push(Span::new(format!("{}  ", found.ending(*end)), ink));
    }
    pen.spans(line.x + 2, line.y, line.width.saturating_sub(2), &spans);
}

/// The schedule; what is done stands out, and the step with which it goes wrong.
fn steps(pen: &mut Pen<'_>, area: Rect, open: &Interleavings, found: &Explored, schedule: &Schedule) {
    if area.height < 1 {
        return;
    }
    let count = format!("step {} of {}", open.done, schedule.moves.len());
    let fails: Vec<_> =
        found.actions.iter().enumerate().filter(|(_, action)| open.failing.contains(&action.action_id)).collect();
    let failing = fails.iter().map(|(action, _)| found.name(*action)).collect::<Vec<_>>().join(", ");
    let mark = (!failing.is_empty()).then(|| (format!("the handler of {failing} fails"), Role::Failed));
    heading(pen, area, &Heading { title: "Schedule", mark, count, focus: false });
    let rows = usize::from(area.height - 1);
    let at = open.done.saturating_sub(1);
    let top = at.saturating_sub(rows / 2).min(schedule.moves.len().saturating_sub(rows));
    for ((place, taken), y) in schedule.moves.iter().enumerate().skip(top).take(rows).zip(area.y + 1..) {
        let line = Rect { y, height: 1, ..area };
        let ink = if place < open.done { Role::Text } else { Role::Faint };
        let mut spans = vec![
            Span::new(format!("{:>3}  ", place + 1), Role::Faint),
            Span::bold(
                format!("{:<4} ", found.name(taken.action)),
                if place < open.done { Role::Accent } else { Role::Faint },
            ),
            Span::new(found.step(taken), ink),
        ];
        if schedule.lost_at == Some(place) {
            spans.push(Span::bold("  from here on every way is bad", Role::Block));
        }
        pen.spans(line.x + 2, y, line.width.saturating_sub(2), &spans);
        if place + 1 == open.done {
            select(pen, line);
        }
    }
}
