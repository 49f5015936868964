//! How many colours a terminal has, and the nearest of 256 to a colour of 16 million. The backend never downgrades.

use ratatui::style::Color;

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

/// The nearest of the 240 fixed colours to a 24-bit one; others stay.
pub fn indexed(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    let wanted = [r, g, b];
    let near = |channel: u8| (0..6_u8).min_by_key(|at| STEPS[usize::from(*at)].abs_diff(channel)).unwrap_or(0);
    let steps = wanted.map(near);
    let cube = steps.map(|step| STEPS[usize::from(step)]);
    let grey = (0..24_u8).min_by_key(|at| distance([8 + 10 * at; 3], wanted)).unwrap_or(0);
    if distance([8 + 10 * grey; 3], wanted) < distance(cube, wanted) {
        Color::Indexed(232 + grey)
    } else {
        Color::Indexed(16 + 36 * steps[0] + 6 * steps[1] + steps[2])
    }
}

/// Squared distance, weighted as the eye weighs the channels.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    [3, 6, 1]
        .into_iter()
        .zip(a.into_iter().zip(b))
        .map(|(weight, (x, y))| weight * u32::from(x.abs_diff(y)).pow(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_colours_map_to_themselves() {
        assert_eq!(indexed(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(indexed(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(indexed(Color::Reset), Color::Reset);
    }
}
