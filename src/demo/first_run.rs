//! The page of a first run: in a folder with nothing in it, what can be done next.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::{Charset, Display, Error, Glyph, Key, Pen, Role, Span, Theme, Told};

/// What a person can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Put the bundled workspace into the folder, and open it.
    Open,
    /// Take the tour.
    Tour,
    /// Watch the demo.
    Demo,
    /// Leave.
    Quit,
    /// A signal asked for the end.
    Signal(i32),
}

/// The choices, each with its key, what it is, and what there is to say of it.
const CHOICES: [(Choice, &str, &str, &str); 3] = [
    (Choice::Open, "o", "Open the bundled workspace", "23 events, 4 operators, written here"),
    (Choice::Tour, "t", "Take the tour", "five steps; you press the keys"),
    (Choice::Demo, "d", "Watch the demo", "ten steps by itself; q ends it"),
];

/// The name of the program in half blocks, as one in a hundred terminals cannot show it: they get it in letters.
const NAME: [&str; 3] = ["▄▀▀▀  ▀  █           ▀", "█▀▀   █  █▀▀▄  █▄▀▀  █  ▄▀▀▀", "█     █  █▄▄▀  █     █  ▀▄▄▄"];

/// How the page stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page {
    selected: usize,
}

impl Page {
    /// Takes a key; what was chosen, if anything was.
    pub fn take(&mut self, key: Key) -> Option<Choice> {
        let name = key.to_string();
        match name.as_str() {
            "up" | "k" => self.selected = self.selected.saturating_sub(1),
            "down" | "j" | "tab" => self.selected = (self.selected + 1).min(CHOICES.len() - 1),
            "enter" => return Some(CHOICES[self.selected].0),
            "q" | "ctrl-c" => return Some(Choice::Quit),
            name => return CHOICES.iter().find(|(_, key, ..)| *key == name).map(|(choice, ..)| *choice),
        }
        None
    }

    /// Draws it for a folder; `fault` is what went wrong with the last choice.
    pub fn draw(&self, size: (u16, u16), theme: &Theme, folder: &str, fault: Option<&str>) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        buffer.set_style(buffer.area, theme.canvas());
        let mut pen = Pen { buffer: &mut buffer, theme };
        self.page(&mut pen, size, folder, fault);
        theme.reduce(&mut buffer);
        buffer
    }

    fn page(self, pen: &mut Pen<'_>, (columns, rows): (u16, u16), folder: &str, fault: Option<&str>) {
        let panel = |pen: &mut Pen<'_>, y| {
            let style = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
            pen.clear(Rect::new(0, y, columns, 1), style);
        };
        panel(pen, 0);
        let version = concat!(" fibric ", env!("CARGO_PKG_VERSION"));
        let x = pen.put(0, 0, columns, version, pen.theme.bold(Role::Text).patch(pen.theme.ground(Role::Panel)));
        let place = [Span::new("empty folder  ", Role::Muted), Span::bold(folder, Role::Text)];
        pen.spans_right(x + 2, columns.saturating_sub(1), 0, &place);
        let margin = if columns >= 90 { columns / 7 } else { 2 };
        let wide = columns.saturating_sub(2 * margin);
        let mut y = if rows >= 24 { 4 } else { 2 };
        if rows >= 20 && wide >= 40 && pen.theme.charset() == Charset::Unicode {
            for line in NAME {
                pen.put(margin, y, wide, line, pen.theme.bold(Role::Accent));
                y += 1;
            }
            y += 1;
        }
        pen.put(margin, y, wide, "What happened, why, and what would change it.", pen.theme.bold(Role::Text));
        y += 2;
        if rows >= 20 && wide >= 60 {
            y = way(pen, margin, y) + 2;
        }
        for (at, (_, key, name, about)) in CHOICES.iter().enumerate() {
            self.choice(pen, Rect::new(margin, y, wide, 1), at, key, name, about);
            y += 1;
        }
        y += 1;
        let inert = [
            "Side effects are stubs. Nothing leaves this machine.",
            "Looked for fibric.toml and operators/ here and above.",
        ];
        for line in inert {
            pen.put(margin, y, wide, line, pen.theme.ink(Role::Muted));
            y += 1;
        }
        if let Some(fault) = fault {
            y = (y + 1).min(rows.saturating_sub(2));
            for (line, y) in crate::console::wrap(fault, usize::from(wide), 3, pen.theme.charset()).iter().zip(y..) {
                pen.put(margin, y, wide, line, pen.theme.bold(Role::Failed));
            }
        }
        let last = rows.saturating_sub(1);
        panel(pen, last);
        let names = ["open", "tour", "demo"];
        let keys = CHOICES.iter().zip(names).flat_map(|((_, key, ..), name)| {
            [Span::bold(format!(" {key}"), Role::Accent), Span::new(format!(" {name}  "), Role::Muted)]
        });
        let mut spans = vec![Span::bold(" enter", Role::Accent), Span::new(" choose  ", Role::Muted)];
        spans.extend([Span::bold(" q", Role::Accent), Span::new(" quit  ", Role::Muted)]);
        spans.extend(keys);
        pen.spans(0, last, columns, &spans);
        pen.style(Rect::new(0, last, columns, 1), pen.theme.ground(Role::Panel));
    }

    fn choice(self, pen: &mut Pen<'_>, line: Rect, at: usize, key: &str, name: &str, about: &str) {
        let selected = at == self.selected;
        if selected {
            pen.style(Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line }, pen.theme.ground(Role::Sel));
            let bar = pen.theme.glyph(Glyph::Bar);
            pen.put(line.x.saturating_sub(1), line.y, 1, bar, pen.theme.ink(Role::Accent));
        }
        let on = |style: ratatui::style::Style| if selected { style.patch(pen.theme.ground(Role::Sel)) } else { style };
        let (accent, text, muted) =
            (on(pen.theme.bold(Role::Accent)), on(pen.theme.ink(Role::Text)), on(pen.theme.ink(Role::Muted)));
        pen.put(line.x, line.y, 6, key, accent);
        let end = pen.put(line.x + 4, line.y, line.width.saturating_sub(4), name, text);
        let second = (line.x + 34).max(end + 2);
        if line.right() > second + 12 {
            pen.put(second, line.y, line.right() - second, about, muted);
        }
    }
}

/// The way of an event, in two lines; the last row of it.
fn way(pen: &mut Pen<'_>, x: u16, y: u16) -> u16 {
    let stops = [
        ("event", "order.returned", Role::Text),
        ("plan", "return-desk", Role::Text),
        ("decision", "BLOCK", Role::Block),
        ("receipt", "refused", Role::Muted),
    ];
    for (at, (what, example, role)) in (0..).zip(stops) {
        let place = x + at * 18;
        let end = pen.put(place, y, 17, what, pen.theme.ink(Role::Muted));
        if usize::from(at) + 1 < stops.len() {
            pen.repeat(end + 1, y, (place + 15).saturating_sub(end + 1), Glyph::Rule, pen.theme.ink(Role::Rule));
            pen.put(place + 15, y, 1, pen.theme.glyph(Glyph::Leads), pen.theme.ink(Role::Rule));
        }
        pen.put(place, y + 1, 17, example, pen.theme.bold(role));
    }
    y + 1
}

/// Shows the page until something is chosen.
pub fn choose(
    page: &mut Page,
    display: &mut Display,
    theme: &Theme,
    folder: &str,
    fault: Option<&str>,
) -> Result<Choice, Error> {
    loop {
        display.show(page.draw(display.size(), theme, folder, fault))?;
        match display.next(Duration::from_hours(1))? {
            Told::Key(key) if key == Key::ctrl('z') => display.suspend()?,
            Told::Key(key) => {
                if let Some(choice) = page.take(key) {
                    return Ok(choice);
                }
            }
            Told::Signal(number) => return Ok(Choice::Signal(number)),
            Told::Resized | Told::Nothing => {}
        }
    }
}
