//! How many colours a terminal has, and the nearest of 256 to a colour of 16 million. The backend never downgrades.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::colour::{Lab, Rgb};

/// How many colours a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// None, or none wanted.
    Mono,
    /// The sixteen of its own palette.
    Sixteen,
    /// 256, of which 240 are the same everywhere.
    Indexed,
    /// 16 million.
    #[default]
    True,
}

/// The steps of the 6×6×6 cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// What an ink must reach on its ground, and still reach after both were exchanged.
const READABLE: f64 = 4.5;

/// Ink and ground, and what they become; a theme has few pairs, and each is worked out once.
type Pairs = HashMap<(Color, Color), (Color, Color)>;

static KNOWN: LazyLock<Mutex<Pairs>> = LazyLock::new(Mutex::default);

/// More pairs than any theme has: a guard against endless previews, not a limit anyone meets.
const MOST: usize = 4096;

/// Exchanges every 24-bit colour of a frame for the nearest of the 240 fixed ones.
pub fn reduce(buffer: &mut Buffer) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() > MOST {
        known.clear();
    }
    for cell in &mut buffer.content {
        (cell.fg, cell.bg) = *known.entry((cell.fg, cell.bg)).or_insert_with(|| pair(cell.fg, cell.bg));
    }
}

/// The nearest ground, and the nearest ink that is as readable on it as the pair was.
fn pair(ink: Color, ground: Color) -> (Color, Color) {
    let shown = Rgb::of(ground).map(|ground| nearest(ground, |_| true));
    let readable = match (Rgb::of(ink), Rgb::of(ground), shown) {
        (Some(ink), Some(ground), Some((_, shown))) if ink.contrast(ground) >= READABLE => Some(shown),
        _ => None,
    };
    let fits = |colour: Rgb| readable.is_none_or(|ground| colour.contrast(ground) >= READABLE);
    let ink = Rgb::of(ink).map_or(ink, |ink| Color::Indexed(nearest(ink, fits).0));
    (ink, shown.map_or(ground, |(index, _)| Color::Indexed(index)))
}

/// The nearest that fits; where none does, the nearest.
fn nearest(wanted: Rgb, fits: impl Fn(Rgb) -> bool) -> (u8, Rgb) {
    let wanted = Lab::from(wanted);
    let closest = |fits: &dyn Fn(Rgb) -> bool| {
        let candidates = FIXED.iter().filter(|(_, rgb, _)| fits(*rgb));
        let measured = candidates.map(|(index, rgb, lab)| (wanted.difference(*lab), (*index, *rgb)));
        measured.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, found)| found)
    };
    closest(&fits).or_else(|| closest(&|_| true)).unwrap_or((16, Rgb([0; 3])))
}

/// The 240 colours that are the same everywhere, the cube, then the greys, and how they look.
static FIXED: LazyLock<Vec<(u8, Rgb, Lab)>> = LazyLock::new(|| {
    let step = |at: u8| STEPS[usize::from(at)];
    let cube = (0..216_u8).map(|at| (16 + at, Rgb([step(at / 36), step(at / 6 % 6), step(at % 6)])));
    let greys = (0..24).map(|at| (232 + at, Rgb([8 + 10 * at; 3])));
    cube.chain(greys).map(|(index, rgb)| (index, rgb, Lab::from(rgb))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Palette;
    use crate::console::theme::Role;

    #[test]
    fn fixed_colours_map_to_themselves() {
        assert_eq!(pair(Color::Rgb(255, 0, 0), Color::Reset), (Color::Indexed(196), Color::Reset));
        assert_eq!(pair(Color::Reset, Color::Rgb(8, 8, 8)), (Color::Reset, Color::Indexed(232)));
        assert_eq!(FIXED.len(), 240);
    }

    #[test]
    fn what_was_readable_stays_readable() {
        let rgb = |colour| {
            let Color::Indexed(index) = colour else { panic!("{colour:?}") };
            FIXED.iter().find(|(at, ..)| *at == index).unwrap().1
        };
        for palette in [Palette::Dark, Palette::Light, Palette::Cvd, Palette::Contrast] {
            for ground in [Role::Bg, Role::Panel, Role::Sel, Role::Trace] {
                for ink in Role::ALL.into_iter().skip(5) {
                    let look = palette.look();
                    let (ink, ground) = (look.paint(ink).colour, look.paint(ground).colour);
                    let (fg, bg) = pair(ink, ground);
                    let before = Rgb::of(ink).unwrap().contrast(Rgb::of(ground).unwrap());
                    assert!(
                        before < READABLE || rgb(fg).contrast(rgb(bg)) >= READABLE,
                        "{palette:?} {ink} on {ground}"
                    );
                }
            }
        }
    }
}
