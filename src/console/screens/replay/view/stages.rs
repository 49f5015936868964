//! The action in hand, stage by stage; the one in focus with what it was given, what it gave, and the state before and
//! after.

use ratatui::layout::Rect;

use super::super::forking::Futures;
use super::super::layout::Layout;
use super::super::scene::ActionScene;
use super::super::{Focus, Message, Replay};
use super::envelope;
use crate::console::present::summary::{outcome, ruling};
use crate::console::screen::Context;
use crate::console::text::{cells, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::replayer::stages::{Said, StageView, Standing};
use crate::replayer::{Moment, Stage};

/// A line, and what a click on it sends.
pub(super) struct Line {
    pub spans: Vec<Span>,
    /// True for what belongs to the stage in focus.
    pub lit: bool,
    pub seek: Option<Stage>,
}

impl Line {
    pub(super) fn of(spans: Vec<Span>) -> Self {
        Self { spans, lit: false, seek: None }
    }
}

/// Rows of the pane, and lines there are.
pub(in super::super) fn count(replay: &Replay, cx: &Context<'_>) -> (usize, usize) {
    let layout = Layout::of(replay, cx);
    let area = layout.stages;
    let lines = lines(&Glyphs::default(), replay, area.width, !layout.state.is_empty());
    (usize::from(area.height.saturating_sub(1)), lines.len())
}

/// The shapes of a theme, so that lines can be counted without one.
#[derive(Default)]
pub(super) struct Glyphs(Option<crate::console::theme::Theme>);

impl Glyphs {
    pub(super) fn of(pen: &Pen<'_>) -> Self {
        Self(Some(*pen.theme))
    }

    pub(super) fn get(&self, glyph: Glyph) -> &'static str {
        self.0.map_or(" ", |theme| theme.glyph(glyph))
    }
}

/// Draws the lines that have room, from where the pane is scrolled to.
pub fn draw(pen: &mut Pen<'_>, area: Rect, replay: &Replay, beside: bool, hits: &mut HitMap<Message>) {
    if area.height < 2 {
        return;
    }
    hits.add(area, Message::Focus(Focus::Stages));
    let focus = replay.focus == Focus::Stages;
    let (title, subject) = match &replay.scene.action {
        Some(action) => ("Stages", action.disposed.receipt.tool.clone()),
        None => ("Envelope", String::new()),
    };
    let lines = lines(&Glyphs::of(pen), replay, area.width, beside);
    let page = usize::from(area.height - 1);
    let below = lines.len().saturating_sub(replay.scroll + page);
    let count = match below {
        0 => replay.scene.receipt().unwrap_or_default().to_owned(),
        below => format!("{below} more {}", pen.theme.glyph(Glyph::Down)),
    };
    let mark = Some((subject, Role::Text)).filter(|(subject, _)| !subject.is_empty());
    heading(pen, area, &Heading { title, mark, count, focus });
    for (line, y) in lines.iter().skip(replay.scroll).zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 2, y, area.width.saturating_sub(2), &line.spans);
        if line.lit {
            let row = Rect { y, height: 1, ..area };
            pen.style(row, pen.theme.ground(Role::Sel));
            pen.put(area.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
        if let Some(stage) = line.seek {
            let to = Moment { entry: replay.scene.at.entry, stage: Some(stage) };
            hits.add(Rect { y, height: 1, ..area }, Message::Seek(to));
        }
    }
}

/// All lines of the pane.
fn lines(glyphs: &Glyphs, replay: &Replay, wide: u16, beside: bool) -> Vec<Line> {
    let futures = replay.futures.as_ref().filter(|_| !beside);
    match &replay.scene.action {
        Some(action) => action_lines(glyphs, action, replay.scene.at.stage.unwrap_or(Stage::Validate), wide, futures),
        None => envelope::lines(glyphs, replay, wide),
    }
}

fn action_lines(glyphs: &Glyphs, action: &ActionScene, now: Stage, wide: u16, futures: Option<&Futures>) -> Vec<Line> {
    let mut lines = Vec::new();
    for view in &action.stages {
        let lit = view.stage == now;
        let stop = view.stage <= action.reached || view.stage == Stage::Receipt;
        let seek = stop.then_some(view.stage);
        lines.push(Line { spans: head(glyphs, view, now), lit, seek });
        if lit {
            lines.extend(details(view, wide));
        }
    }
    if let Some(futures) = futures {
        lines.push(Line::of(Vec::new()));
        lines.extend(super::futures::lines(glyphs, futures));
    }
    if action.compared {
        lines.push(Line::of(Vec::new()));
        lines.push(Line::of(difference(glyphs, action)));
    }
    lines
}

/// Number, name, how it stands, and why.
fn head(glyphs: &Glyphs, view: &StageView, now: Stage) -> Vec<Span> {
    let ahead = view.stage > now && view.standing != Standing::Skipped;
    let (glyph, role) = if ahead { (Glyph::Dot, Role::Faint) } else { standing(view.standing) };
    let ink = if view.stage == now { Role::Text } else { Role::Muted };
    let name = format!("{}  {:<10}", view.stage.number(), view.stage.name());
    let mut spans = vec![if view.stage == now { Span::bold(name, Role::Text) } else { Span::new(name, Role::Muted) }];
    spans.push(Span::bold(format!("{} ", glyphs.get(glyph)), role));
    if ahead {
        spans.push(Span::new("ahead", Role::Faint));
    } else {
        spans.push(Span::bold(format!("{:<10}", view.word), role));
        spans.push(Span::new(view.says.clone(), ink));
    }
    spans
}

pub(super) fn standing(standing: Standing) -> (Glyph, Role) {
    match standing {
        Standing::Passed => (Glyph::Allow, Role::Allow),
        Standing::Ruled(said) => {
            let badge = ruling(said);
            (badge.glyph, badge.role)
        }
        Standing::Stopped => (Glyph::Block, Role::Block),
        Standing::Failed => (Glyph::Failed, Role::Failed),
        Standing::Skipped => (Glyph::Dot, Role::Faint),
        Standing::Ended(said) => {
            let badge = outcome(said);
            (badge.glyph, badge.role)
        }
    }
}

/// What the stage in focus was given, what it gave, and the state before and after.
fn details(view: &StageView, wide: u16) -> Vec<Line> {
    let groups = [
        ("input", &view.input),
        ("output", &view.output),
        ("before", &view.before),
        ("after", &view.after),
        ("time", &view.time),
    ];
    let mut lines = Vec::new();
    for (group, said) in groups {
        for (at, Said { name, text }) in said.iter().enumerate() {
            let label = if at == 0 { group } else { "" };
            let unchanged = group == "after" && view.before.get(at).is_some_and(|before| before.text == *text);
            let text = if unchanged { "unchanged".to_owned() } else { text.clone() };
            let names = if wide < 50 { 9 } else { 17 };
            let room = usize::from(wide.saturating_sub(2 + 3 + 8)).saturating_sub(names + 1);
            let wrapped = if width(&text) > room && group != "before" {
                crate::console::text::wrap(&text, room.max(8), 3, crate::console::text::Charset::Unicode)
            } else {
                vec![text]
            };
            for (row, text) in wrapped.into_iter().enumerate() {
                let (label, name) = if row == 0 { (label, *name) } else { ("", "") };
                let name: String = name.chars().take(names).collect();
                let spans = vec![
                    Span::new(format!("   {label:<8}"), Role::Faint),
                    Span::new(format!("{name:<names$} "), Role::Muted),
                    Span::new(text, if unchanged { Role::Faint } else { Role::Text }),
                ];
                lines.push(Line { spans, lit: true, seek: None });
            }
        }
    }
    lines
}

fn difference(glyphs: &Glyphs, action: &ActionScene) -> Vec<Span> {
    match &action.difference {
        None => vec![Span::new(format!("{} as in the play before", glyphs.get(Glyph::Same)), Role::Faint)],
        Some(found) => vec![
            Span::bold(format!("{} first difference  ", glyphs.get(Glyph::Alert)), Role::Alert),
            Span::new(format!("{} {}  ", found.stage.name(), found.field), Role::Muted),
            Span::new(found.before.clone(), Role::Text),
            Span::new(format!("  {}  ", glyphs.get(Glyph::Leads)), Role::Muted),
            Span::bold(found.here.clone(), Role::Text),
        ],
    }
}

/// Cells a text takes.
pub(super) fn wide(text: &str) -> u16 {
    cells(width(text))
}
