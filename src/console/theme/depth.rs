//! How many colours a terminal has, and the nearest of 256 to a colour of 16 million. The backend never downgrades.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::colour::{Lab, Rgb};
use super::{Look, Role};

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

/// What an ink reaches on its ground, it still reaches after both were exchanged: the first of these that it did.
const READABLE: [f64; 2] = [7.0, 4.5];

/// Ink and ground, and what they become; a theme has few pairs, and each is worked out once.
type Pairs = HashMap<(Color, Color), (Color, Color)>;

/// The pairs of the look that was drawn last.
static KNOWN: LazyLock<Mutex<(Look, Pairs)>> = LazyLock::new(|| Mutex::new((Look::PLAIN, Pairs::new())));

/// More pairs than any theme has: a guard against endless previews, not a limit anyone meets.
const MOST: usize = 4096;

/// Exchanges every 24-bit colour of a frame for the nearest of the 240 fixed ones.
pub fn reduce(buffer: &mut Buffer, look: &Look) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.0 != *look || known.1.len() > MOST {
        *known = (*look, Pairs::new());
    }
    for cell in &mut buffer.content {
        let shown = known.1.entry((cell.fg, cell.bg));
        (cell.fg, cell.bg) = *shown.or_insert_with(|| Reducer::of(look).pair(cell.fg, cell.bg));
    }
}

/// What has to stay apart, and readable.
struct Reducer {
    decisions: [Option<Rgb>; 5],
    readable: f64,
}

impl Reducer {
    fn of(look: &Look) -> Self {
        let weakest = look.weakest().map_or(0.0, |(.., contrast)| contrast);
        let [most, least] = READABLE;
        Self {
            decisions: Role::DECISIONS.map(|role| look.rgb(role)),
            readable: if weakest >= most { most } else { least },
        }
    }

    /// The nearest ground, and the nearest ink that is as readable on it as the pair was.
    fn pair(&self, ink: Color, ground: Color) -> (Color, Color) {
        let shown = Rgb::of(ground).map(|ground| nearest(ground, |it| self.is_own(ground, it), |_| true));
        let readable = match (Rgb::of(ink), Rgb::of(ground), shown) {
            (Some(ink), Some(ground), Some((_, shown))) if ink.contrast(ground) >= self.readable => Some(shown),
            _ => None,
        };
        let fits = |colour: Rgb| readable.is_none_or(|ground| colour.contrast(ground) >= self.readable);
        let ink = Rgb::of(ink).map_or(ink, |ink| Color::Indexed(nearest(ink, |it| self.is_own(ink, it), fits).0));
        (ink, shown.map_or(ground, |(index, _)| Color::Indexed(index)))
    }

    /// True for a colour that nobody takes for another decision than the one it stands for.
    fn is_own(&self, wanted: Rgb, shown: Rgb) -> bool {
        let decisions = self.decisions.iter().flatten();
        if !decisions.clone().any(|decision| *decision == wanted) {
            return true;
        }
        let shown = Lab::from(shown);
        let own = Lab::from(wanted).difference(shown);
        decisions.filter(|other| **other != wanted).all(|other| own < Lab::from(*other).difference(shown))
    }
}

/// The nearest that is not taken for another and fits; where there is none, the nearest that fits; else the nearest.
fn nearest(wanted: Rgb, is_own: impl Fn(Rgb) -> bool, fits: impl Fn(Rgb) -> bool) -> (u8, Rgb) {
    let wanted = Lab::from(wanted);
    let closest = |fits: &dyn Fn(Rgb) -> bool| {
        let candidates = FIXED.iter().filter(|(_, rgb, _)| fits(*rgb));
        let measured = candidates.map(|(index, rgb, lab)| (wanted.difference(*lab), (*index, *rgb)));
        measured.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, found)| found)
    };
    let found = closest(&|it| fits(it) && is_own(it)).or_else(|| closest(&fits)).or_else(|| closest(&|_| true));
    found.unwrap_or((16, Rgb([0; 3])))
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
    use crate::console::theme::TINT;

    const COLOURED: [Palette; 4] = [Palette::Dark, Palette::Light, Palette::Cvd, Palette::Contrast];

    fn rgb(colour: Color) -> Rgb {
        let Color::Indexed(index) = colour else { panic!("{colour:?}") };
        FIXED.iter().find(|(at, ..)| *at == index).unwrap().1
    }

    /// Every ground that text stands on: surfaces, and what decisions tint.
    fn grounds(look: &Look) -> Vec<(String, Rgb)> {
        let colour = |role| look.rgb(role).unwrap();
        let surfaces = [Role::Bg, Role::Panel, Role::Sel, Role::Trace].map(|role| (format!("{role:?}"), colour(role)));
        let tint = |role| (format!("tint of {role:?}"), colour(role).mixed(colour(Role::Bg), TINT));
        surfaces.into_iter().chain(Role::DECISIONS.map(tint)).collect()
    }

    #[test]
    fn fixed_colours_map_to_themselves() {
        let reducer = Reducer::of(&Look::PLAIN);
        assert_eq!(reducer.pair(Color::Rgb(255, 0, 0), Color::Reset), (Color::Indexed(196), Color::Reset));
        assert_eq!(reducer.pair(Color::Reset, Color::Rgb(8, 8, 8)), (Color::Reset, Color::Indexed(232)));
        assert_eq!(FIXED.len(), 240);
    }

    #[test]
    fn what_was_readable_stays_readable() {
        for palette in COLOURED {
            let look = palette.look();
            let reducer = Reducer::of(&look);
            for (name, ground) in grounds(&look) {
                for role in Role::ALL.into_iter().skip(5) {
                    let ink = look.rgb(role).unwrap();
                    let (fg, bg) = reducer.pair(ink.into(), ground.into());
                    let (before, after) = (ink.contrast(ground), rgb(fg).contrast(rgb(bg)));
                    assert!(before < 4.5 || after >= 4.5, "{palette:?} {role:?} on {name}: {after:.2}");
                    let most = palette == Palette::Contrast && before >= 7.0;
                    assert!(!most || after >= 7.0, "{palette:?} {role:?} on {name}: {after:.2}");
                }
            }
            for role in Role::DECISIONS {
                let (ink, fill) = (look.rgb(Role::Bg).unwrap(), look.rgb(role).unwrap());
                let (fg, bg) = reducer.pair(ink.into(), fill.into());
                assert!(rgb(fg).contrast(rgb(bg)) >= 4.5, "{palette:?}: the chip of {role:?}");
            }
        }
    }

    /// ALERT on the selected row of the light theme once became the red of BLOCK.
    #[test]
    fn no_decision_is_drawn_in_the_colour_of_another() {
        for palette in COLOURED {
            let look = palette.look();
            let reducer = Reducer::of(&look);
            let colours = Role::DECISIONS.map(|role| (role, Lab::from(look.rgb(role).unwrap())));
            let seen_as = |shown: Color| {
                let shown = Lab::from(rgb(shown));
                let nearest =
                    |a: &(Role, Lab), b: &(Role, Lab)| a.1.difference(shown).total_cmp(&b.1.difference(shown));
                colours.iter().copied().min_by(nearest).unwrap().0
            };
            for role in Role::DECISIONS {
                let ink = look.rgb(role).unwrap();
                for (name, ground) in grounds(&look) {
                    let (fg, _) = reducer.pair(ink.into(), ground.into());
                    assert_eq!(seen_as(fg), role, "{palette:?} on {name}: {fg:?}");
                }
                let (_, fill) = reducer.pair(look.rgb(Role::Bg).unwrap().into(), ink.into());
                assert_eq!(seen_as(fill), role, "{palette:?}: the chip {fill:?}");
            }
        }
    }
}
