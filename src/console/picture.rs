//! A frame as an SVG picture: what a terminal would show, in the theme's colours.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::text::width;
use super::theme::Theme;

/// Cell width in tenths of a pixel, line height and baseline in pixels, and the margin around the frame.
const CELL: usize = 84;
const LINE: usize = 19;
const BASELINE: usize = 14;
const MARGIN: usize = 14;

const FONT: &str = "text{font:14px 'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre;\
                    font-variant-ligatures:none}";

/// Draws it; `label` says what it shows.
pub fn svg(frame: &Buffer, theme: Theme, label: &str) -> String {
    let (columns, rows) = (usize::from(frame.area.width), usize::from(frame.area.height));
    let (w, h) = (columns * CELL / 10 + 2 * MARGIN, rows * LINE + 2 * MARGIN);
    let (_, ground) = theme.defaults();
    let mut out = String::new();
    // INVARIANT: writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         aria-label=\"{}\">\n<style>{FONT}</style>\n<rect width=\"{w}\" height=\"{h}\" rx=\"9\" fill=\"{}\"/>",
        escape(label),
        hex(ground)
    );
    let mut ink = String::new();
    for (y, row) in frame.content.chunks(columns.max(1)).enumerate() {
        let looks: Vec<_> = row.iter().map(|cell| Look::of(cell, theme)).collect();
        let top = MARGIN + y * LINE;
        for run in looks.chunk_by(|a, b| a.ground == b.ground).scan(0, place).filter(|run| run.0.ground != ground) {
            let ((left, wide), fill) = (span(run.1, run.2), hex(run.0.ground));
            let _ =
                writeln!(out, "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{LINE}\" fill=\"{fill}\"/>");
        }
        for (look, start, count) in looks.chunk_by(|a, b| a == b).scan(0, place) {
            let mut text = String::new();
            let mut x = start;
            while x < start + count {
                text.push_str(row[x].symbol());
                x += width(row[x].symbol()).max(1);
            }
            if !text.trim().is_empty() {
                let (left, wide) = span(start, x - start);
                let (fill, weight) = (hex(look.ink), if look.bold { " font-weight=\"bold\"" } else { "" });
                let dim = if look.dim { " opacity=\".6\"" } else { "" };
                let place = format!("x=\"{left}\" y=\"{}\" textLength=\"{wide}\"", top + BASELINE);
                let text = escape(&text);
                let _ =
                    writeln!(ink, "<text {place} fill=\"{fill}\"{weight}{dim} xml:space=\"preserve\">{text}</text>");
            }
        }
    }
    out + &ink + "</svg>\n"
}

/// A run of cells that look alike, with its first column and its length.
#[expect(clippy::unnecessary_wraps, reason = "as `scan` wants it")]
fn place<'a>(next: &mut usize, run: &'a [Look]) -> Option<(&'a Look, usize, usize)> {
    let start = *next;
    *next += run.len();
    Some((&run[0], start, run.len()))
}

/// Left edge and width in pixels.
fn span(start: usize, count: usize) -> (String, String) {
    (tenths(MARGIN * 10 + start * CELL), tenths(count * CELL))
}

#[derive(PartialEq)]
struct Look {
    ink: Color,
    ground: Color,
    bold: bool,
    dim: bool,
}

impl Look {
    fn of(cell: &Cell, theme: Theme) -> Self {
        let (ink, ground) = theme.defaults();
        let ink = if cell.fg == Color::Reset { ink } else { cell.fg };
        let ground = if cell.bg == Color::Reset { ground } else { cell.bg };
        let reversed = cell.modifier.contains(Modifier::REVERSED);
        let (ink, ground) = if reversed { (ground, ink) } else { (ink, ground) };
        let has = |modifier| cell.modifier.contains(modifier);
        Self { ink, ground, bold: has(Modifier::BOLD), dim: has(Modifier::DIM) }
    }
}

fn tenths(n: usize) -> String {
    format!("{}.{}", n / 10, n % 10)
}

fn hex(colour: Color) -> String {
    match colour {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(_) | Color::Reset => "#808080".to_owned(),
        // The sixteen have the names of CSS, but for these two.
        Color::LightRed => "tomato".to_owned(),
        Color::DarkGray => "dimgray".to_owned(),
        named => named.to_string().to_lowercase(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
