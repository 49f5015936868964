//! What a person sees of a demo: the console's own frame, and below it a band with what is said, what is pressed and how it
//! goes on. In a presentation the step's number and its words stand large enough for a room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::player::{Guide, Pace, Speed};
use super::script::{Script, Step};
use crate::console::{Charset, Glyph, Pen, Role, Span, Theme, letters, wrap};

/// What the band shows.
#[derive(Debug)]
pub(super) struct Band<'a> {
    /// What is performed.
    pub script: &'a Script,
    /// The step, from 0.
    pub at: usize,
    /// What is said of it.
    pub caption: String,
    /// How many of its presses are done.
    pub pressed: usize,
    /// True when nothing is left of the step.
    pub complete: bool,
    /// How it goes on.
    pub pace: Pace,
    /// Said in place of the keys.
    pub note: Option<&'static str>,
}

/// Rows the band takes of a terminal.
pub(super) fn band_rows(rows: u16, presenting: bool) -> u16 {
    match (rows, presenting) {
        (..16, _) => (rows / 3).min(4),
        (30.., true) => 9,
        (24.., true) => 8,
        _ => 6,
    }
}

/// The console's size on a terminal.
pub(super) fn console_size((columns, rows): (u16, u16), presenting: bool) -> (u16, u16) {
    (columns, rows - band_rows(rows, presenting))
}

/// Puts the band below the console's frame.
pub(super) fn framed(console: &Buffer, size: (u16, u16), theme: &Theme, band: &Band<'_>) -> Buffer {
    let mut whole = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    for y in 0..console.area.height.min(size.1) {
        for x in 0..console.area.width.min(size.0) {
            whole[(x, y)] = console[(x, y)].clone();
        }
    }
    let rows = band_rows(size.1, band.pace.presenting);
    let area = Rect::new(0, size.1.saturating_sub(rows), size.0, rows);
    draw(&mut Pen { buffer: &mut whole, theme }, area, band);
    theme.reduce(&mut whole);
    whole
}

fn draw(pen: &mut Pen<'_>, area: Rect, band: &Band<'_>) {
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let Some(step) = band.script.steps.get(band.at) else { return };
    if area.height < 2 || area.width < 12 {
        return;
    }
    heading(pen, area, band, step);
    let last = area.bottom() - 1;
    controls(pen, Rect { y: last, height: 1, ..area }, band);
    let mut body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    body.x += 1;
    body.width = body.width.saturating_sub(2);
    if band.pace.presenting && body.height >= letters::ROWS {
        let number = (band.at + 1).to_string();
        let wide = if body.width >= 90 { 26 } else { 13 };
        let end = letters::draw(pen, Rect { width: wide, height: letters::ROWS, ..body }, &number, Role::Accent);
        let x = end + 3;
        body = Rect { x, width: body.right().saturating_sub(x), y: body.y, height: letters::ROWS };
    }
    let keys = keys(pen, body, band, step);
    let room = body.width.saturating_sub(keys + u16::from(keys > 0) * 2);
    let style = if band.pace.presenting { pen.theme.bold(Role::Text) } else { pen.theme.ink(Role::Text) };
    let lines = wrap(&band.caption, usize::from(room), usize::from(body.height), pen.theme.charset());
    for (y, line) in (body.y..body.bottom()).zip(lines) {
        pen.put(body.x, y, room, &line, style.patch(pen.theme.ground(Role::Panel)));
    }
}

/// What it is about, and how far it is.
fn heading(pen: &mut Pen<'_>, area: Rect, band: &Band<'_>, step: &Step) {
    pen.repeat(area.x, area.y, area.width, Glyph::Heavy, pen.theme.ink(Role::Accent));
    let spans = [Span::new(" ", Role::Text), Span::bold(step.title.clone(), Role::Accent), Span::new(" ", Role::Text)];
    let x = pen.spans(area.x + 1, area.y, area.width.saturating_sub(2), &spans);
    let far = [Span::bold(format!(" {} of {} ", band.at + 1, band.script.steps.len()), Role::Muted)];
    pen.spans_right(x + 1, area.right().saturating_sub(1), area.y, &far);
}

/// The presses of the step at the right, those that are done in frames; the columns they take.
fn keys(pen: &mut Pen<'_>, body: Rect, band: &Band<'_>, step: &Step) -> u16 {
    if step.keys.is_empty() || body.width < 50 || body.height < 3 {
        return 0;
    }
    let frame = pen.theme.frame();
    let most = usize::from(body.width / 2);
    // The last that fit: what is pressed now is among them.
    let shown = if band.complete { step.keys.len() } else { (band.pressed + 1).min(step.keys.len()) };
    let mut names: Vec<(String, bool, bool)> = Vec::new();
    let mut used = 0;
    for (at, press) in step.keys.iter().enumerate().take(shown).rev() {
        let name = press.to_string();
        let wide = name.chars().count() + 5;
        if used + wide > most {
            break;
        }
        used += wide;
        names.push((name, at < band.pressed, at + 1 == shown && !band.complete));
    }
    let wide = u16::try_from(used).unwrap_or(0);
    let mut x = body.right().saturating_sub(wide) + 1;
    for (name, done, next) in names.into_iter().rev() {
        let inner = u16::try_from(name.chars().count()).unwrap_or(0) + 2;
        let role = if next || done { Role::Accent } else { Role::Rule };
        let style = pen.theme.ink(role).patch(pen.theme.ground(Role::Panel));
        let across = frame.across.repeat(usize::from(inner));
        pen.put(x, body.y, inner + 2, &format!("{}{across}{}", frame.corners[0], frame.corners[1]), style);
        pen.put(x, body.y + 1, 1, frame.down, style);
        let ink = if done { pen.theme.bold(Role::Text) } else { pen.theme.bold(Role::Accent) };
        pen.put(x + 1, body.y + 1, inner, &format!(" {name} "), ink.patch(pen.theme.ground(Role::Panel)));
        pen.put(x + inner + 1, body.y + 1, 1, frame.down, style);
        pen.put(x, body.y + 2, inner + 2, &format!("{}{across}{}", frame.corners[3], frame.corners[2]), style);
        x += inner + 3;
    }
    wide
}

/// How it goes on, and which keys change that.
fn controls(pen: &mut Pen<'_>, line: Rect, band: &Band<'_>) {
    let mut spans = Vec::new();
    let is_narrow = line.width < 60;
    let gap = if is_narrow { " " } else { "   " };
    let is_last = band.at + 1 == band.script.steps.len();
    let (play, pause) = match pen.theme.charset() {
        Charset::Unicode => ("▶", "∥"),
        Charset::Ascii => (">", "="),
    };
    let at_end = is_last && band.complete;
    match (band.note, band.pace.guide) {
        (Some(note), _) => spans.push(Span::bold(format!(" {note}"), Role::Alert)),
        (None, Guide::Person) if band.complete => {
            let what = if at_end { " ends the tour" } else { " goes on" };
            spans.extend([Span::bold(" enter", Role::Accent), Span::new(format!("{what}{gap}"), Role::Muted)]);
        }
        (None, Guide::Person) => spans.push(Span::bold(turn(band, is_narrow) + gap, Role::Alert)),
        (None, Guide::Script) => {
            let (mark, word) = match (at_end, band.pace.paused) {
                (true, _) => (pause, "the end"),
                (false, true) => (pause, "paused"),
                (false, false) => (play, "playing"),
            };
            let speed = match band.pace.speed {
                Speed::Times(1.0) => String::new(),
                Speed::Max => " max".to_owned(),
                Speed::Times(times) if pen.theme.charset() == Charset::Ascii => format!(" {times}x"),
                Speed::Times(times) => format!(" {times}×"),
            };
            let word = if is_narrow { String::new() } else { format!(" {word}{speed}") };
            spans.push(Span::bold(format!(" {mark}{word}{gap}"), Role::Text));
            spans.extend([Span::bold("space", Role::Accent), Span::new(format!(" pause{gap}"), Role::Muted)]);
        }
    }
    let (back, on) = match pen.theme.charset() {
        Charset::Unicode => ("←", "→"),
        Charset::Ascii => ("left", "right"),
    };
    for (key, what) in [(back, "back"), (on, "next"), ("q", "end"), ("P", "large"), ("+ -", "speed")] {
        if key == "+ -" && band.pace.guide == Guide::Person {
            continue;
        }
        spans.extend([Span::bold(key, Role::Accent), Span::new(format!(" {what}{gap}"), Role::Muted)]);
    }
    let style = pen.theme.ground(Role::Panel);
    pen.spans(line.x, line.y, line.width, &spans);
    pen.style(line, style);
}

/// What a person is asked to press.
fn turn(band: &Band<'_>, is_narrow: bool) -> String {
    let next = band.script.steps.get(band.at).and_then(|step| step.keys.get(band.pressed));
    match next {
        Some(press) if is_narrow => format!(" {press}"),
        Some(press) => format!(" your turn: press {press}"),
        None => " one moment".to_owned(),
    }
}
