//! What matters, large: for a room that follows one action, stage by stage, and sees which keys are pressed.

use ratatui::layout::Rect;

use super::super::Replay;
use super::super::scene::{ActionScene, Scene};
use super::{stages, transport};
use crate::console::present::summary::ruling;
use crate::console::screen::Context;
use crate::console::text::{Charset, cells, width, wrap};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span, letters};
use crate::kernel::decimal::Decimal;
use crate::kernel::receipt::{Outcome, Ruling};
use crate::replayer::Stage;

/// Draws it over the whole body.
pub fn draw(pen: &mut Pen<'_>, replay: &Replay, cx: &Context<'_>) {
    let frame = cx.frame();
    let body = Rect { y: frame.summary.y, height: frame.footer.y.saturating_sub(frame.summary.y), ..frame.body };
    pen.clear(body, pen.theme.canvas());
    if body.height < 3 {
        return;
    }
    let margin = if body.width >= 90 { 6 } else { 2 };
    let roomy = body.height >= 24;
    let area = Rect { x: margin, width: body.width.saturating_sub(2 * margin), ..body };
    let scene = &replay.scene;
    let mut y = body.y;
    headline(pen, Rect { y, height: 1, ..area }, scene);
    y += if roomy { 3 } else { 2 };
    for line in subject(scene) {
        let style = pen.theme.bold(Role::Text);
        pen.put(area.x, y, area.width, &line, style);
        y += 1;
    }
    y += if roomy { 2 } else { u16::from(body.height >= 14) };
    if let Some(action) = &scene.action {
        rail(pen, Rect { y, height: 2, ..area }, action, scene.stage().unwrap_or(Stage::Validate));
        y += if roomy { 4 } else { 3 };
    }
    let last = body.bottom().saturating_sub(1);
    let room = last.saturating_sub(y);
    y = verdict(pen, Rect { y, height: room, ..area }, scene) + if roomy { 2 } else { 1 };
    for line in sentences(scene, area.width) {
        if y < last {
            pen.put(area.x, y, area.width, &line, pen.theme.ink(Role::Text));
            y += 1 + u16::from(roomy && y + 3 < last);
        }
    }
    keys(pen, area, last, replay, y);
    let mut spans = transport::state(pen, replay).into_iter().take(1).collect::<Vec<_>>();
    spans.extend(transport::numbers(replay, body.width >= 60));
    let x = pen.spans(body.x + 1, last, body.width.saturating_sub(2), &spans);
    let end =
        [Span::new("presenting, ", Role::Muted), Span::bold("P", Role::Accent), Span::new(" ends it", Role::Muted)];
    pen.spans_right(x + 2, body.right().saturating_sub(1), last, &end);
}

/// Which envelope it is.
fn headline(pen: &mut Pen<'_>, line: Rect, scene: &Scene) {
    let mut spans = Vec::new();
    if let Some(received) = &scene.received {
        let envelope = &received.envelope;
        spans.push(Span::bold(envelope.event_type.clone(), Role::Accent));
        let thread: String = envelope.correlation_id.chars().take(4).collect();
        spans.push(Span::new(format!("  {thread}  {}", envelope.source), Role::Muted));
    }
    pen.spans(line.x, line.y, line.width, &spans);
}

/// Who proposes what on what.
fn subject(scene: &Scene) -> Vec<String> {
    if let Some(action) = &scene.action {
        let receipt = &action.disposed.receipt;
        let value = receipt.value.as_ref().map_or_else(String::new, |value| format!(" of {}", value.number));
        let entity = receipt.entity_key.split_once(':').map_or(receipt.entity_key.as_str(), |(_, entity)| entity);
        return vec![format!("{} proposes", receipt.operator), format!("{}{value} on {entity}", receipt.tool)];
    }
    if let Some(refused) = &scene.refused {
        let why = refused.diagnostics.first().map_or("", |fault| fault.message.as_str());
        return vec!["this is refused".to_owned(), why.to_owned()];
    }
    let many: usize = scene.plans.iter().map(|plan| plan.actions.len()).sum();
    let who: Vec<_> = scene.plans.iter().map(|plan| plan.operator.as_str()).collect();
    let first = match &scene.routed {
        Some(routed) if routed.to.is_empty() => "no trigger matched it".to_owned(),
        Some(routed) => {
            let names: Vec<_> = routed.to.iter().map(|route| route.operator.as_str()).collect();
            format!("it is routed to {}", names.join(", "))
        }
        None => "an envelope comes in".to_owned(),
    };
    let second = match (who.as_slice(), many) {
        ([], _) => String::new(),
        (_, 0) => format!("{} refuses: an empty plan", who.join(", ")),
        (_, 1) => format!("{} proposes one action", who.join(", ")),
        (_, many) => format!("{} proposes {many} actions", who.join(", ")),
    };
    vec![first, second]
}

/// The six stages in a row: what was passed, where it is, what is ahead.
fn rail(pen: &mut Pen<'_>, area: Rect, action: &ActionScene, now: Stage) {
    let step = (area.width / 6).clamp(4, 16);
    for (at, view) in action.stages.iter().enumerate() {
        let x = area.x + step * u16::try_from(at).unwrap_or(0);
        let done = view.stage <= now;
        let (glyph, role) = if done { stages::standing(view.standing) } else { (Glyph::Dot, Role::Faint) };
        pen.put(x, area.y, 1, pen.theme.glyph(glyph), pen.theme.bold(role));
        if at + 1 < action.stages.len() {
            let (rule, ink) = if view.stage < now { (Glyph::Heavy, Role::Accent) } else { (Glyph::Rule, Role::Rule) };
            pen.repeat(x + 2, area.y, step.saturating_sub(3), rule, pen.theme.ink(ink));
        }
        let style = if view.stage == now { pen.theme.bold(Role::Text) } else { pen.theme.ink(Role::Muted) };
        pen.put(x, area.y + 1, step.saturating_sub(1), view.stage.name(), style);
    }
}

/// The word of the verdict in large letters, and beside it the value against its ceiling; the row after it.
fn verdict(pen: &mut Pen<'_>, area: Rect, scene: &Scene) -> u16 {
    let Some((word, role)) = word(scene) else { return area.y + letters::ROWS.min(area.height / 2) };
    if area.height < letters::ROWS + 3 {
        pen.put(area.x, area.y, area.width, word, pen.theme.bold(role));
        return area.y + 1;
    }
    let compared = scene.action.as_ref().filter(|_| area.width >= 60).and_then(|action| bars_of(scene, action));
    let wide = if compared.is_some() { area.width.saturating_sub(24) } else { area.width };
    let end = letters::draw(pen, Rect { width: wide, height: letters::ROWS, ..area }, word, role);
    if let Some((value, rule, ceiling)) = compared {
        let x = end + 4;
        let room = area.right().saturating_sub(x).min(30);
        bars(pen, Rect { x, width: room, height: letters::ROWS, ..area }, &value, &rule, &ceiling, role);
    }
    area.y + letters::ROWS
}

/// What there is to say in one word, and its colour.
fn word(scene: &Scene) -> Option<(&'static str, Role)> {
    if scene.failed() {
        return Some(("FAILED", Role::Failed));
    }
    if scene.action.is_some() {
        let badge = ruling(scene.ruling()?);
        return Some((badge.word, badge.role));
    }
    if scene.refused.is_some() {
        return Some(("REFUSED", Role::Block));
    }
    match &scene.routed {
        Some(routed) if routed.to.is_empty() => Some(("NO MATCH", Role::Muted)),
        _ if scene.plans.iter().any(|plan| plan.failure.is_some()) => Some(("NO PLAN", Role::Failed)),
        _ if !scene.plans.is_empty() && scene.plans.iter().all(|plan| plan.actions.is_empty()) => {
            Some(("REFUSAL", Role::Muted))
        }
        _ => None,
    }
}

/// Value, rule and ceiling, once the policy has spoken.
fn bars_of(scene: &Scene, action: &ActionScene) -> Option<(Decimal, String, Decimal)> {
    scene.ruling()?;
    let value = action.disposed.receipt.value.as_ref()?.number.clone();
    let (rule, ceiling) = action.ceiling.clone()?;
    Some((value, rule, Decimal::parse(&ceiling).ok()?))
}

/// Two bars, the longer over the whole width.
fn bars(pen: &mut Pen<'_>, area: Rect, value: &Decimal, rule: &str, ceiling: &Decimal, role: Role) {
    if area.width < 16 || area.height < 6 {
        return;
    }
    let length = |number: &Decimal| number.to_string().parse::<f64>().unwrap_or(0.0).max(0.0);
    let most = length(value).max(length(ceiling)).max(f64::MIN_POSITIVE);
    let block = match pen.theme.charset() {
        Charset::Unicode => "█",
        Charset::Ascii => "#",
    };
    let rows = [(0, "value".to_owned(), value, role), (4, format!("ceiling of {rule}"), ceiling, Role::Muted)];
    for (down, label, number, role) in rows {
        let y = area.y + down;
        let text = number.to_string();
        pen.put(area.x, y, area.width.saturating_sub(cells(width(&text)) + 1), &label, pen.theme.ink(Role::Muted));
        pen.put_right(area.x, area.right(), y, &text, pen.theme.bold(Role::Text));
        // A share of a width that is a few dozen columns.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the width")]
        let wide = (length(number) / most * f64::from(area.width)).round() as u16;
        let style = pen.theme.ink(role);
        for x in area.x..area.x + wide.clamp(1, area.width) {
            pen.put(x, y + 1, 1, block, style);
        }
    }
}

/// Why, what would have passed, and what did not happen.
fn sentences(scene: &Scene, wide: u16) -> Vec<String> {
    let Some(action) = &scene.action else {
        let reasons = scene.plans.iter().filter_map(|plan| plan.failure.clone().or_else(|| plan.reasoning.clone()));
        return reasons.flat_map(|reason| wrap(&reason, usize::from(wide), 2, Charset::Unicode)).collect();
    };
    let now = scene.stage().unwrap_or(Stage::Validate);
    let mut all = Vec::new();
    if let Some(view) = action.stages.get(now as usize) {
        all.extend(wrap(&view.says, usize::from(wide), 2, Charset::Unicode));
    }
    let receipt = &action.disposed.receipt;
    if scene.ruling() == Some(Ruling::Block) && !action.flips.is_empty() {
        all.push(format!("It would pass at {}.", action.flips.join(" or ")));
    }
    if now >= action.reached {
        all.push(match receipt.outcome {
            Outcome::Applied => "The stub echoed its args; its key is claimed.".to_owned(),
            Outcome::Failed => "The handler failed.".to_owned(),
            Outcome::Deduplicated => "The handler was not called; the key stays as it was.".to_owned(),
            Outcome::Refused => "The handler was not called, no key was claimed.".to_owned(),
        });
    }
    all
}

/// The keys that were pressed last, in frames, at the right above the last line.
fn keys(pen: &mut Pen<'_>, area: Rect, last: u16, replay: &Replay, used: u16) {
    let frame = pen.theme.frame();
    let names: Vec<String> = replay.pressed.iter().map(ToString::to_string).collect();
    let wide: u16 = names.iter().map(|name| cells(width(name)) + 5).sum();
    if names.is_empty() || last < 4 + area.y || wide > area.width {
        return;
    }
    let y = last.saturating_sub(4);
    // What is said may reach here where there are few rows: it comes first.
    let mut x = area.right().saturating_sub(wide);
    if used > y && x < area.x + area.width / 2 {
        return;
    }
    for (at, name) in names.iter().enumerate() {
        let inner = cells(width(name)) + 2;
        let newest = at + 1 == names.len();
        let style = pen.theme.ink(if newest { Role::Accent } else { Role::Rule });
        let across = frame.across.repeat(usize::from(inner));
        pen.put(x, y, inner + 2, &format!("{}{across}{}", frame.corners[0], frame.corners[1]), style);
        pen.put(x, y + 1, inner + 2, &format!("{}{}{}", frame.down, " ".repeat(usize::from(inner)), frame.down), style);
        pen.put(x, y + 2, inner + 2, &format!("{}{across}{}", frame.corners[3], frame.corners[2]), style);
        let ink = if newest { pen.theme.bold(Role::Accent) } else { pen.theme.ink(Role::Muted) };
        pen.put(x + 2, y + 1, inner, name, ink);
        x += inner + 3;
    }
}
