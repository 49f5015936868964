//! Draws the Connectors screen: a table of what is loaded, and under it all there is to say of the selected piece.

use ratatui::layout::Rect;

use super::{Connectors, Message};
use crate::console::screen::Context;
use crate::console::text::{cells, width, wrap};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{CodeKind, Loaded};

/// Rows that what is said of the selected piece keeps, where the body has twice as many.
const DETAIL: u16 = 8;

/// Table, then the selected piece; that one is empty where there is no room for it.
fn areas(cx: &Context<'_>) -> (Rect, Rect) {
    let body = cx.frame().padded_body();
    let pieces = cells(cx.model.catalogue.pieces().len().max(1));
    let detail = if body.height >= 2 * DETAIL { (body.height / 2).max(DETAIL) } else { 0 };
    let table = Rect { height: (pieces + 2).min(body.height - detail), ..body };
    let y = (table.bottom() + 1).min(body.bottom());
    (table, Rect { y, height: if detail == 0 { 0 } else { body.bottom() - y }, ..body })
}

/// How many pieces show at once.
pub(super) fn page(cx: &Context<'_>) -> usize {
    usize::from(areas(cx).0.height.saturating_sub(2)).max(1)
}

/// Draws the table, and the selected piece where there is room for it.
pub(super) fn draw(pen: &mut Pen<'_>, connectors: &Connectors, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let (table, detail) = areas(cx);
    if table.height < 2 {
        return;
    }
    let catalogue = &cx.model.catalogue;
    let of_kind = |kind: CodeKind| catalogue.pieces().filter(|piece| piece.kind == kind).count();
    let (tools, operators) = (of_kind(CodeKind::Connector), of_kind(CodeKind::Operator));
    let count = format!("{}, {}", counted(tools, "connector"), counted(operators, "operator"));
    heading(pen, table, &Heading { title: "Loaded", count, focus: true, ..Heading::default() });
    let columns = Columns::of(table);
    columns.head(pen, Rect { y: table.y + 1, height: 1, ..table });
    let rows = Rect { y: table.y + 2, height: table.height - 2, ..table };
    if catalogue.pieces().len() == 0 {
        pen.put(rows.x + 1, rows.y, rows.width.saturating_sub(1), "Nothing is loaded yet.", pen.theme.ink(Role::Muted));
    }
    let live = cx.model.runs.live();
    let visible = catalogue.pieces().enumerate().skip(connectors.top);
    for ((index, piece), y) in visible.zip(rows.top()..rows.bottom()) {
        let line = Rect { y, height: 1, ..rows };
        columns.row(pen, line, piece, live.contains(&piece.name.as_str()));
        hits.add(line, Message::Select(index));
        if index == connectors.selected {
            pen.style(line, pen.theme.ground(Role::Sel));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
    if let Some(piece) = connectors.piece(catalogue).filter(|_| detail.height >= 2) {
        one(pen, detail, piece, connectors, cx);
    }
}

/// Where the columns begin; one without room has no width.
struct Columns {
    name: (u16, u16),
    kind: (u16, u16),
    revision: (u16, u16),
    load: (u16, u16),
    file: (u16, u16),
    fires: (u16, u16),
}

impl Columns {
    fn of(area: Rect) -> Self {
        let end = area.right();
        let mut x = area.x + 1;
        let mut take = |wide: u16, least: u16| {
            let wide = if area.width < least { 0 } else { wide.min(end.saturating_sub(x)) };
            let column = (x, wide);
            x += if wide == 0 { 0 } else { wide + 2 };
            column
        };
        let name = take(if area.width < 60 { 16 } else { 20 }, 0);
        let kind = take(9, 50);
        let revision = take(8, 0);
        let load = take(8, 60);
        let fires = (end.saturating_sub(10), if area.width < 76 { 0 } else { 10 });
        let until = if fires.1 == 0 { end } else { fires.0 };
        let file = (x, until.saturating_sub(x + 1));
        Self { name, kind, revision, load, file, fires }
    }

    fn head(&self, pen: &mut Pen<'_>, line: Rect) {
        let style = pen.theme.ink(Role::Faint);
        let words = [
            (self.name, "name"),
            (self.kind, "kind"),
            (self.revision, "revision"),
            (self.file, "file"),
            (self.fires, "fires"),
        ];
        for ((x, wide), word) in words {
            pen.put(x, line.y, wide, word, style);
        }
        pen.put_right(
            self.load.0,
            self.load.0 + self.load.1,
            line.y,
            if self.load.1 == 0 { "" } else { "load" },
            style,
        );
    }

    fn row(&self, pen: &mut Pen<'_>, line: Rect, piece: &Loaded, live: bool) {
        let y = line.y;
        let (text, muted) = (pen.theme.ink(Role::Text), pen.theme.ink(Role::Muted));
        pen.put(self.name.0, y, self.name.1, &piece.name, text);
        pen.put(self.kind.0, y, self.kind.1, piece.kind.word(), muted);
        let (revision, role) = match (&piece.running, &piece.failure) {
            (Some(running), None) => (short(running).to_owned(), Role::Text),
            (Some(running), Some(_)) => {
                (format!("{} {}", pen.theme.glyph(Glyph::Failed), short(running)), Role::Failed)
            }
            (None, _) => (format!("{} none", pen.theme.glyph(Glyph::Failed)), Role::Failed),
        };
        pen.put(self.revision.0, y, self.revision.1, &revision, pen.theme.ink(role));
        if self.load.1 > 0 {
            pen.put_right(self.load.0, self.load.0 + self.load.1, y, &took(piece.micros), muted);
        }
        pen.put(self.file.0, y, self.file.1, &piece.file, muted);
        let (fires, role) = match (piece.kind, live) {
            (CodeKind::Operator, _) => ("proposes".to_owned(), Role::Faint),
            (CodeKind::Connector, true) => (format!("{} sandbox", pen.theme.glyph(Glyph::Real)), Role::Alert),
            (CodeKind::Connector, false) => ("stub".to_owned(), Role::Muted),
        };
        pen.put(self.fires.0, y, self.fires.1, &fires, pen.theme.ink(role));
    }
}

/// All there is to say of a piece: why it did not load first, then what it is tied to.
fn one(pen: &mut Pen<'_>, area: Rect, piece: &Loaded, connectors: &Connectors, cx: &Context<'_>) {
    let declared = piece.summary.trim().trim_start_matches('@').to_owned();
    heading(pen, area, &Heading { title: &piece.name, count: declared, ..Heading::default() });
    let room = area.width.saturating_sub(1);
    let mut lines = Vec::new();
    if let Some(failure) = &piece.failure {
        lines.extend(fault(pen, failure, connectors.fault_lines(), room));
        lines.push(vec![Span::new(runs(piece), Role::Muted)]);
    }
    lines.extend(ties(pen, piece, cx));
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        pen.spans(area.x + 1, y, room, line);
    }
}

/// Why the last reload failed.
fn fault(pen: &Pen<'_>, failure: &Diagnostic, excerpt: &[Vec<Span>], room: u16) -> Vec<Vec<Span>> {
    const LINES: usize = 3;
    let place = failure.place().map_or_else(String::new, |place| format!("  {place}"));
    let mark = format!("{} reload failed", pen.theme.glyph(Glyph::Failed));
    let mut lines = vec![vec![Span::bold(mark, Role::Failed), Span::new(place, Role::Accent)]];
    let wrapped = |text: &str, role: Role| {
        let rows = wrap(text, usize::from(room), LINES, pen.theme.charset());
        rows.into_iter().map(move |row| vec![Span::new(row, role)]).collect::<Vec<_>>()
    };
    lines.extend(wrapped(&failure.message, Role::Text));
    lines.extend(excerpt.iter().cloned());
    lines.extend(failure.help.as_ref().map(|help| wrapped(&format!("help: {help}"), Role::Muted)).unwrap_or_default());
    lines
}

fn runs(piece: &Loaded) -> String {
    let disk = piece.on_disk.as_deref().map_or("nothing", short);
    match &piece.running {
        Some(running) => format!("{} keeps running, {disk} is on disk", short(running)),
        None => format!("nothing of it runs, {disk} is on disk"),
    }
}

/// What a piece provides or needs, what that is tied to, and the events it emits or waits for.
fn ties(pen: &Pen<'_>, piece: &Loaded, cx: &Context<'_>) -> Vec<Vec<Span>> {
    let catalogue = &cx.model.catalogue;
    let names = piece.provides.iter().chain(&piece.requires).chain(&piece.events);
    let wide = names.map(|name| width(name)).max().unwrap_or(0);
    let leads = pen.theme.glyph(Glyph::Leads);
    let tie = |name: &str, to: Vec<&str>, none: (&str, Role)| {
        let name = Span::new(format!("{name:wide$}  "), Role::Text);
        match to.as_slice() {
            [] => vec![name, Span::new(none.0, none.1)],
            some => vec![name, Span::new(format!("{leads} {}", some.join(", ")), Role::Muted)],
        }
    };
    let mut lines = Vec::new();
    let mut part = |title: &str, of: Vec<Vec<Span>>| {
        if !of.is_empty() {
            lines.push(vec![Span::bold(title, Role::Text)]);
            lines.extend(of);
        }
    };
    let trigger = piece.trigger.iter().map(|trigger| vec![Span::new(trigger.as_str(), Role::Text)]);
    part("Trigger", trigger.collect());
    let provides = piece.provides.iter();
    let provides =
        provides.map(|name| tie(name, catalogue.requirers(name).collect(), ("no operator requires it", Role::Faint)));
    part("Tools", provides.collect());
    let requires = piece.requires.iter();
    let requires =
        requires.map(|name| tie(name, catalogue.providers(name).collect(), ("no tool provides it", Role::Alert)));
    part("Requires", requires.collect());
    part("Events", piece.events.iter().map(|event| vec![Span::new(event.as_str(), Role::Text)]).collect());
    lines
}

fn short(digest: &str) -> &str {
    digest.get(..4).unwrap_or(digest)
}

/// How long a load took.
fn took(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{} s", micros / 1_000_000),
    }
}

fn counted(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}
