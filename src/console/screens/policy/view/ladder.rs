//! The rules on one action: in force beside the draft, the verdict of each, and the nearest change that would come to
//! another.

use ratatui::layout::Rect;

use super::super::{Focus, Form, Ladder, Message, Policy, Side, Step};
use super::search::field;
use super::stale;
use crate::console::present::summary::ruling;
use crate::console::text::width;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::window::{Window, more};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::policy::Explanation;
use crate::kernel::receipt::Cause;

/// Draws the pane of the rules on one action, and the form of an action above it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, policy: &Policy, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    hits.add(area, Message::Focus(Focus::Ladder));
    let focus = policy.focus == Focus::Ladder;
    let mut body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if let Some(form) = &policy.form {
        heading(
            pen,
            area,
            &Heading { title: "Try an action", count: "a form".to_owned(), focus, ..Heading::default() },
        );
        body = fields(pen, body, form, focus);
    }
    let Some(ladder) = &policy.ladder else {
        let why = policy.form.as_ref().map(|form| form.subject().err().unwrap_or_default());
        let why = why.unwrap_or("Select an action in Live, or make one by form.");
        if policy.form.is_none() {
            heading(pen, area, &Heading { title: "Ladder", focus, ..Heading::default() });
        }
        pen.put(body.x + 1, body.y, body.width.saturating_sub(1), why, pen.theme.ink(Role::Muted));
        return;
    };
    if policy.form.is_none() {
        heading(
            pen,
            area,
            &Heading { title: "Ladder", mark: stale(pen, policy), count: about(ladder, area.width), focus },
        );
    }
    table(pen, body, policy, ladder, focus);
    if !policy.loads() {
        let draft = Columns::of(body).draft;
        pen.style(Rect { x: draft, width: body.right().saturating_sub(draft), ..body }, pen.theme.ink(Role::Faint));
    }
}

fn about(ladder: &Ladder, wide: u16) -> String {
    let subject = &ladder.subject;
    let mut parts = vec![subject.tool.clone()];
    if wide >= 50 && !subject.entity.is_empty() {
        parts.push(subject.entity.clone());
    }
    match &subject.value {
        Some(value) => parts.push(format!("value {}", value.number)),
        None if wide >= 40 => parts.push("no value".to_owned()),
        None => {}
    }
    parts.join("  ")
}

fn fields(pen: &mut Pen<'_>, area: Rect, form: &Form, focus: bool) -> Rect {
    for ((at, line), y) in form.fields.iter().enumerate().zip(area.top()..area.bottom()) {
        let typed = focus && form.at == at;
        let row = Rect { y, height: 1, ..area };
        pen.clear(
            Rect { x: row.x + 12, width: row.width.saturating_sub(12), ..row },
            pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)),
        );
        pen.put(
            row.x + 1,
            y,
            10,
            Form::NAMES[at],
            if typed { pen.theme.bold(Role::Accent) } else { pen.theme.ink(Role::Muted) },
        );
        field(pen, Rect { x: row.x + 13, width: row.width.saturating_sub(14), ..row }, line, typed);
    }
    let taken = 4.min(area.height);
    Rect { y: area.y + taken, height: area.height - taken, ..area }
}

/// Where the columns stand.
struct Columns {
    number: u16,
    scope: u16,
    force: u16,
    draft: u16,
    end: u16,
}

impl Columns {
    fn of(area: Rect) -> Self {
        let (x, wide) = (area.x, area.width);
        let force = x + (wide * 42 / 100).max(22.min(wide / 2));
        let draft = force + (area.right() - force) / 2;
        Self { number: x + 5, scope: x + 7, force, draft, end: area.right() }
    }
}

fn table(pen: &mut Pen<'_>, area: Rect, policy: &Policy, ladder: &Ladder, focus: bool) {
    let columns = Columns::of(area);
    let mut y = area.y;
    if area.height >= 6 {
        for (x, word) in
            [(area.x + 1, "rule"), (columns.scope, "tool"), (columns.force, "in force"), (columns.draft, "draft")]
        {
            pen.put(x, y, columns.end.saturating_sub(x), word, pen.theme.ink(Role::Faint));
        }
        y += 1;
    }
    let below = if area.height >= 5 { 2 } else { 1 };
    let room = area.bottom().saturating_sub(y + below);
    let at = if focus { policy.rung } else { ladder.deciding().unwrap_or(policy.rung) };
    let Window { above, lines, below: beyond, says } = Window::around(at, ladder.steps.len(), usize::from(room));
    let said = |y: u16| Rect { x: columns.scope, y, width: area.right().saturating_sub(columns.scope), height: 1 };
    if above > 0 && says {
        more(pen, said(y), above);
        y += 1;
    }
    for line in lines {
        row(pen, Rect { y, height: 1, ..area }, &columns, &ladder.steps[line], focus && line == policy.rung);
        y += 1;
    }
    if beyond > 0 && says {
        more(pen, said(y), beyond);
        y += 1;
    }
    // Without a line for it, the row of the verdict says how many rules there are beside those.
    let unsaid = if says { 0 } else { above + beyond };
    verdict(pen, y, &columns, ladder, unsaid);
    if below > 1 {
        flips(pen, y + 1, &columns, ladder);
    }
}

fn row(pen: &mut Pen<'_>, line: Rect, columns: &Columns, step: &Step, lit: bool) {
    let speaks = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.decision.is_some() || side.open);
    let decides = |side: &Option<Side>| side.as_ref().is_some_and(|side| side.deciding);
    let either = speaks(&step.force) || speaks(&step.draft);
    let deciding = decides(&step.force) || decides(&step.draft);
    if lit || deciding {
        pen.style(line, pen.theme.ground(if lit { Role::Sel } else { Role::Trace }));
        pen.put(line.x, line.y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
    }
    let quiet = if lit { Role::Muted } else { Role::Faint };
    let ink = pen.theme.ink(if either { Role::Text } else { quiet });
    pen.put_right(line.x + 1, columns.number, line.y, &step.number, ink);
    pen.put(
        columns.scope,
        line.y,
        columns.force.saturating_sub(columns.scope + 1),
        &step.scope,
        if deciding { pen.theme.bold(Role::Text) } else { ink },
    );
    for (x, end, side) in [(columns.force, columns.draft, &step.force), (columns.draft, columns.end + 1, &step.draft)] {
        let room = end.saturating_sub(x + 1);
        match side {
            None => drop(pen.put(x, line.y, room, pen.theme.glyph(Glyph::Dropped), pen.theme.ink(quiet))),
            Some(Side { clause, open: true, deciding, .. }) => {
                let words = if room < 20 { "not asked" } else { clause };
                let span = Span { bold: *deciding, ..Span::new(format!("? {words}"), Role::Alert) };
                pen.spans(x, line.y, room, &[span]);
            }
            Some(Side { clause, decision: None, .. }) => {
                let words = if room < 12 { "differs" } else { clause };
                pen.put(x, line.y, room, words, pen.theme.ink(quiet));
            }
            Some(Side { clause, decision: Some(decision), deciding, .. }) => {
                let badge = ruling((*decision).into());
                // Where the values do not fit, the word does.
                let fits = width(clause) + 2 <= usize::from(room);
                let clause = if fits { clause.as_str() } else { badge.word };
                let span = Span {
                    bold: *deciding,
                    ..Span::new(format!("{} {clause}", pen.theme.glyph(badge.glyph)), badge.role)
                };
                pen.spans(x, line.y, room, &[span]);
            }
        }
    }
}

fn verdict(pen: &mut Pen<'_>, y: u16, columns: &Columns, ladder: &Ladder, unsaid: usize) {
    let room = columns.force.saturating_sub(columns.scope + 1);
    let x = pen.put(columns.scope, y, room, "verdict", pen.theme.ink(Role::Muted)) + 1;
    if unsaid > 0 {
        more(pen, Rect { x, y, width: columns.force.saturating_sub(x + 1), height: 1 }, unsaid);
    }
    let none = "no policy";
    for (x, end, said) in
        [(columns.force, columns.draft, &ladder.force), (columns.draft, columns.end + 1, &ladder.draft)]
    {
        let room = end.saturating_sub(x + 1);
        match said {
            Some(said) if said.cause == Cause::NotAsked => {
                let words = if room < 22 { "? not asked" } else { "? a predicate decides" };
                pen.spans(x, y, room, &[Span::bold(words, Role::Alert)]);
            }
            Some(said) => {
                let badge = ruling(said.decision.into());
                let span = Span::bold(format!("{} {}", pen.theme.glyph(badge.glyph), badge.word), badge.role);
                let mut spans = vec![span];
                if said.rule.is_none() && room >= 16 {
                    spans.push(Span::new("  no rule", Role::Muted));
                }
                pen.spans(x, y, room, &spans);
            }
            None => drop(pen.put(x, y, room, none, pen.theme.ink(Role::Muted))),
        }
    }
}

fn flips(pen: &mut Pen<'_>, y: u16, columns: &Columns, ladder: &Ladder) {
    let word = if columns.force - columns.scope > 12 { "nearest flip" } else { "flip" };
    pen.put(columns.scope, y, 13, word, pen.theme.ink(Role::Muted));
    for (x, end, said) in
        [(columns.force, columns.draft, &ladder.force), (columns.draft, columns.end + 1, &ladder.draft)]
    {
        let text = said.as_ref().and_then(nearest).unwrap_or_default();
        let room = end.saturating_sub(x + 1);
        let text = if width(&text) > usize::from(room) { text.strip_prefix("value ").unwrap_or(&text) } else { &text };
        pen.put(x, y, room, text, pen.theme.ink(Role::Text));
    }
}

/// The first change there is, of the action where one is enough.
fn nearest(said: &Explanation) -> Option<String> {
    let of_action = said.flips.iter().find(|flip| flip.change.is_of_action());
    of_action.or_else(|| said.flips.first()).map(|flip| flip.text.clone())
}
