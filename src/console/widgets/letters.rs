//! Letters of six rows, for a room. Only those that verdicts and numbers of steps are spelt with.

use ratatui::layout::Rect;

use super::Pen;
use crate::console::text::Charset;
use crate::console::theme::Role;

/// Rows of a letter.
pub const ROWS: u16 = 6;
/// Dots of a letter in each.
const DOTS: u16 = 5;

/// The rows of a letter, five dots each, the first the highest bit.
fn shape(letter: char) -> [u8; ROWS as usize] {
    match letter {
        '0' => [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b01110],
        '1' => [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b01110],
        '2' => [0b01110, 0b10001, 0b00010, 0b00100, 0b01000, 0b11111],
        '3' => [0b11110, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
        '4' => [0b00010, 0b00110, 0b01010, 0b11111, 0b00010, 0b00010],
        '5' => [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b11110],
        '6' => [0b01110, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        '7' => [0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b00100],
        '8' => [0b01110, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        '9' => [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b01110],
        'A' => [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001],
        'B' => [0b11110, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110],
        'C' => [0b01111, 0b10000, 0b10000, 0b10000, 0b10000, 0b01111],
        'D' => [0b11110, 0b10001, 0b10001, 0b10001, 0b10001, 0b11110],
        'E' => [0b11111, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111],
        'F' => [0b11111, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000],
        'H' => [0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
        'I' => [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b11111],
        'K' => [0b10001, 0b10010, 0b11100, 0b10010, 0b10001, 0b10001],
        'L' => [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
        'M' => [0b10001, 0b11011, 0b10101, 0b10001, 0b10001, 0b10001],
        'N' => [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001],
        'O' => [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        'P' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000],
        'R' => [0b11110, 0b10001, 0b10001, 0b11110, 0b10010, 0b10001],
        'S' => [0b01111, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
        'T' => [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100],
        'U' => [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        'V' => [0b10001, 0b10001, 0b10001, 0b01010, 0b01010, 0b00100],
        'W' => [0b10001, 0b10001, 0b10001, 0b10101, 0b11011, 0b10001],
        _ => [0; ROWS as usize],
    }
}

/// Draws a word, as large as there is room for; the column after it.
pub fn draw(pen: &mut Pen<'_>, area: Rect, word: &str, role: Role) -> u16 {
    let many = u16::try_from(word.chars().count()).unwrap_or(1).max(1);
    let (dot, gap) = match area.width / many {
        13.. => (2, 3),
        12 => (2, 2),
        6.. => (1, 1),
        _ => {
            return pen.put(area.x, area.y, area.width, word, pen.theme.bold(role));
        }
    };
    let block = match pen.theme.charset() {
        Charset::Unicode => "█",
        Charset::Ascii => "#",
    };
    let style = pen.theme.ink(role);
    let mut x = area.x;
    for letter in word.chars() {
        for (row, y) in shape(letter).into_iter().zip(area.y..area.bottom()) {
            for column in 0..DOTS {
                if row >> (DOTS - 1 - column) & 1 == 1 {
                    for part in 0..dot {
                        pen.put(x + column * dot + part, y, 1, block, style);
                    }
                }
            }
        }
        x += DOTS * dot + gap;
    }
    x - gap
}
