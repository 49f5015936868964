//! A picker on the screen: what was typed, what is listed, the sentence of what is selected.

use ratatui::layout::Rect;

use super::fuzzy::Fuzzy;
use super::{Picker, PickerKind, PickerRow};
use crate::console::present::summary::age;
use crate::console::shell::app::App;
use crate::console::shell::message::Message;
use crate::console::shell::registry::{Command, commands};
use crate::console::text::cells;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::frame::{frame, rule};
use crate::console::widgets::{HitMap, Pen, Span};

/// Where it lies: over the middle, the themes at the right, because the rest of the screen shows what they do.
fn area(app: &App, picker: &Picker) -> Rect {
    let (columns, rows) = app.shared.size;
    let room = rows.saturating_sub(1);
    let small = columns < 60 || rows < 20;
    let (wide, top) = match picker.kind {
        _ if small => (columns, 0),
        PickerKind::Palette => (columns.min(76), 3),
        PickerKind::Help | PickerKind::Messages => (columns.min(96), 2),
        PickerKind::Themes => (columns.min(54), 3),
    };
    let lines = cells(picker.lines(app).len());
    let most = room.saturating_sub(top);
    let high = match picker.kind {
        PickerKind::Palette | PickerKind::Help => most,
        PickerKind::Themes | PickerKind::Messages => most.min(lines + 6),
    };
    let (x, y) = match picker.kind {
        PickerKind::Themes => (columns - wide, room - high),
        _ => ((columns - wide) / 2, top),
    };
    Rect::new(x, y, wide, high)
}

/// Draws it; a click on a line runs it.
pub fn draw(pen: &mut Pen<'_>, app: &App, picker: &Picker, hits: &mut HitMap<Message>) {
    let lines = picker.lines(app);
    let choices = lines.iter().filter(|line| line.is_choice()).count();
    let (title, all) = match picker.kind {
        PickerKind::Palette => ("Commands", commands().len()),
        PickerKind::Help => ("Help", commands().len()),
        PickerKind::Themes => ("Themes", app.themes.themes.len()),
        PickerKind::Messages => ("Messages", app.messages.len()),
    };
    let count = if choices == all || picker.kind == PickerKind::Palette && picker.query.is_empty() {
        format!("{choices}")
    } else {
        format!("{choices} of {all}")
    };
    let inner = frame(pen, area(app, picker), title, &count);
    if inner.height < 2 {
        return;
    }
    prompt(pen, inner, picker);
    let mut list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if inner.height >= 8 {
        rule(pen, inner, list.y);
        list = Rect { y: list.y + 1, height: list.height - 1, ..list };
        if picker.kind != PickerKind::Palette {
            list.height -= 2;
            rule(pen, inner, list.bottom());
            sentence(pen, Rect { y: list.bottom() + 1, height: 1, ..inner }, app, picker);
        }
    }
    if choices == 0 {
        pen.put(list.x + 2, list.y, list.width.saturating_sub(3), "nothing of that name", pen.theme.ink(Role::Muted));
    }
    rows(pen, list, app, picker, &lines, hits);
}

fn prompt(pen: &mut Pen<'_>, inner: Rect, picker: &Picker) {
    let sign = if picker.kind == PickerKind::Palette { ":" } else { "/" };
    let x = pen.put(inner.x + 1, inner.y, 1, sign, pen.theme.bold(Role::Accent)) + 1;
    let end = inner.right().saturating_sub(2);
    // The end of what was typed is what is being typed.
    let room = usize::from(end.saturating_sub(x));
    let skip = picker.query.chars().count().saturating_sub(room);
    let shown: String = picker.query.chars().skip(skip).collect();
    let after = pen.put(x, inner.y, end.saturating_sub(x), &shown, pen.theme.ink(Role::Text));
    pen.put(after, inner.y, 1, " ", pen.theme.cursor());
    if picker.query.is_empty() {
        let hint = match picker.kind {
            PickerKind::Palette => "type a few letters of a name",
            PickerKind::Help => "type to filter by name, sentence or key",
            PickerKind::Themes => "shown as you move",
            PickerKind::Messages => "type to filter by words",
        };
        pen.put(after + 2, inner.y, end.saturating_sub(after + 2), hint, pen.theme.ink(Role::Faint));
    }
}

/// The selected line stays in the middle where it can.
fn rows(pen: &mut Pen<'_>, list: Rect, app: &App, picker: &Picker, lines: &[PickerRow], hits: &mut HitMap<Message>) {
    let page = usize::from(list.height);
    let chosen = lines.iter().enumerate().filter(|(_, line)| line.is_choice()).nth(picker.at).map_or(0, |(at, _)| at);
    let top = chosen.saturating_sub(page / 2).min(lines.len().saturating_sub(page));
    let mut choice = lines[..top].iter().filter(|line| line.is_choice()).count();
    for (line, y) in lines[top..].iter().zip(list.top()..list.bottom()) {
        let row = Rect { y, height: 1, ..list };
        match line {
            PickerRow::Blank => {}
            PickerRow::Heading(text) => {
                let style = if picker.kind == PickerKind::Help {
                    pen.theme.bold(Role::Text)
                } else {
                    pen.theme.ink(Role::Faint)
                };
                pen.put(row.x + 2, y, row.width.saturating_sub(3), text, style);
            }
            PickerRow::Command(command, reason) if picker.kind == PickerKind::Help => {
                help_row(pen, row, app, command, *reason);
            }
            PickerRow::Command(command, reason) => palette_row(pen, row, (app, &picker.query), command, *reason),
            PickerRow::Query => {
                let end = row.right().saturating_sub(1);
                let x = pen.put(
                    row.x + 2,
                    y,
                    end.saturating_sub(row.x + 2),
                    picker.query.trim(),
                    pen.theme.ink(Role::Text),
                );
                pen.put(x + 2, y, end.saturating_sub(x + 2), &lets_through(app), pen.theme.ink(Role::Muted));
            }
            PickerRow::Theme(at) => theme_row(pen, row, app, *at),
            PickerRow::Message(at) => message_row(pen, row, app, *at),
        }
        if line.is_choice() {
            if choice == picker.at {
                pen.style(row, pen.theme.ground(Role::Sel));
                pen.put(row.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.bold(Role::Accent));
            }
            hits.add(row, Message::Pick(choice));
            choice += 1;
        }
    }
    let below = lines.len().saturating_sub(top + page);
    if below > 0 && list.height > 0 {
        let more = format!(" {} {below} ", pen.theme.glyph(Glyph::Down));
        pen.put_right(list.x, list.right() - 1, list.bottom(), &more, pen.theme.bold(Role::Alert));
    }
}

fn lets_through(app: &App) -> String {
    format!("Only what it lets through, in the {}.", app.screens.filtered().unwrap_or("rows"))
}

fn keys(app: &App, command: &Command) -> String {
    let keys: Vec<_> = app.keymap.keys(command.id()).map(|key| key.to_string()).collect();
    keys.join("  ")
}

/// The sentence is cut, with a mark, where there is no room for it.
fn palette_row(pen: &mut Pen<'_>, row: Rect, (app, typed): (&App, &str), command: &Command, reason: Option<&str>) {
    let (name, said) = if reason.is_some() { (Role::Faint, Role::Faint) } else { (Role::Text, Role::Muted) };
    let first = command.taught(app).map_or_else(String::new, |key| key.to_string());
    let right = row.right().saturating_sub(2);
    let key = if reason.is_some() { pen.theme.ink(Role::Faint) } else { pen.theme.bold(Role::Accent) };
    let end = pen.put_right(row.x + 2, right, row.y, &first, key);
    let x = pen.put(row.x + 2, row.y, end.saturating_sub(row.x + 3), command.spec.name, pen.theme.ink(name));
    if reason.is_none() {
        for at in Fuzzy::new(typed).letters(command.spec.name) {
            let column = row.x + 2 + u16::try_from(at).unwrap_or(u16::MAX - row.right());
            pen.style(Rect::new(column, row.y, u16::from(column < x), 1), pen.theme.bold(Role::Accent));
        }
    }
    let x = x.max(row.x + 19) + 1;
    let text = reason.unwrap_or(command.spec.doc);
    pen.put(x, row.y, end.saturating_sub(x + 1), text, pen.theme.ink(said));
}

fn help_row(pen: &mut Pen<'_>, row: Rect, app: &App, command: &Command, reason: Option<&str>) {
    let narrow = row.width < 60;
    let room = if narrow { 8 } else { 15 };
    let (keys, name) = (keys(app, command), if reason.is_some() { Role::Faint } else { Role::Text });
    let style = if reason.is_some() { pen.theme.ink(Role::Faint) } else { pen.theme.bold(Role::Accent) };
    pen.put_right(row.x + 1, row.x + 2 + room, row.y, &keys, style);
    let x = row.x + room + 4;
    let end = row.right().saturating_sub(1);
    let after = pen.put(x, row.y, end.saturating_sub(x), command.spec.name, pen.theme.ink(name));
    if !narrow {
        let x = after.max(x + 15) + 1;
        let said = reason.map_or_else(|| command.spec.doc.to_owned(), |reason| format!("({reason})"));
        let role = if reason.is_some() { Role::Faint } else { Role::Muted };
        pen.put(x, row.y, end.saturating_sub(x), &said, pen.theme.ink(role));
    }
}

/// Name, what it is like, and the decisions in its own colours.
fn theme_row(pen: &mut Pen<'_>, row: Rect, app: &App, at: usize) {
    const SWATCH: [(Glyph, Role); 5] = [
        (Glyph::Allow, Role::Allow),
        (Glyph::Alert, Role::Alert),
        (Glyph::Block, Role::Block),
        (Glyph::Dedup, Role::Dedup),
        (Glyph::Failed, Role::Failed),
    ];
    let Some(named) = app.themes.themes.get(at) else { return };
    let own = app.themes.theme(Some(at));
    let wide = cells(SWATCH.len()) * 2 + 1;
    let end = row.right().saturating_sub(2);
    let start = end.saturating_sub(wide).max(row.x);
    pen.put(row.x + 2, row.y, 16, &named.name, pen.theme.ink(Role::Text));
    let room = start.saturating_sub(row.x + 20);
    if at == app.themes.in_force() {
        let (mark, word) = (pen.theme.glyph(Glyph::Allow), if room > 10 { " in force" } else { "" });
        pen.put(row.x + 19, row.y, room.max(1), &format!("{mark}{word}"), pen.theme.ink(Role::Muted));
    }
    for (at, (glyph, role)) in (0_u16..).zip(SWATCH) {
        let style = own.ground(Role::Bg).patch(own.ink(role));
        let x = start + 2 * at;
        pen.put(x, row.y, 1, " ", own.ground(Role::Bg));
        pen.put(x + 1, row.y, 1, own.glyph(glyph), style);
        pen.put(x + 2, row.y, 1, " ", own.ground(Role::Bg));
    }
}

/// How long ago, and what was said; what has no room stands below, where it is selected.
fn message_row(pen: &mut Pen<'_>, row: Rect, app: &App, at: usize) {
    let Some(told) = app.messages.get(at) else { return };
    let ago = told.at.zip(app.shared.now).map_or_else(String::new, |(at, now)| age(&at.to_string(), now));
    pen.put_right(row.x + 1, row.x + 5, row.y, &ago, pen.theme.ink(Role::Muted));
    let x = row.x + if told.at.is_some() { 6 } else { 2 };
    pen.put(x, row.y, row.right().saturating_sub(x + 1), &told.text, pen.theme.ink(Role::Text));
}

/// All there is to say of what is selected.
fn sentence(pen: &mut Pen<'_>, row: Rect, app: &App, picker: &Picker) {
    let spans = match picker.selected(app) {
        Some(PickerRow::Command(command, reason)) => {
            let not_now = reason.map_or_else(String::new, |reason| format!("  not now: {reason}"));
            vec![
                Span::bold(command.spec.name, Role::Text),
                Span::new(format!("  {}", command.spec.doc), Role::Muted),
                Span::new(not_now, Role::Alert),
            ]
        }
        Some(PickerRow::Query) => {
            vec![
                Span::bold(picker.query.trim(), Role::Text),
                Span::new(format!("  {}", lets_through(app)), Role::Muted),
            ]
        }
        Some(PickerRow::Theme(at)) => {
            let named = &app.themes.themes[at];
            let few = app.themes.limits().map_or_else(String::new, |limits| format!("; {limits}"));
            vec![Span::new(named.about.clone(), Role::Muted), Span::new(few, Role::Alert)]
        }
        Some(PickerRow::Message(at)) => {
            let told = app.messages.get(at).map_or("", |told| told.text.as_str());
            // What the row has no room for is the end.
            let cut = told.char_indices().nth(usize::from(row.width.saturating_sub(10))).map_or(0, |(at, _)| at);
            vec![Span::new(&told[cut..], Role::Muted)]
        }
        _ => Vec::new(),
    };
    pen.spans(row.x + 2, row.y, row.width.saturating_sub(3), &spans);
}
