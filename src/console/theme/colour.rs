//! Colours as the eye sees them: contrast after WCAG 2, difference after CIEDE2000.

use ratatui::style::Color;

/// A 24-bit colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// Of a colour that says what it is; none of one that the terminal chooses.
    pub fn of(colour: Color) -> Option<Self> {
        match colour {
            Color::Rgb(r, g, b) => Some(Self([r, g, b])),
            _ => None,
        }
    }

    /// `percent` of this colour over another.
    pub fn mixed(self, under: Self, percent: u32) -> Self {
        let mut mixed = under.0;
        for (under, over) in mixed.iter_mut().zip(self.0) {
            let channel = (u32::from(over) * percent + u32::from(*under) * (100 - percent) + 50) / 100;
            *under = u8::try_from(channel).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    /// The channels as amounts of light.
    pub fn linear(self) -> [f64; 3] {
        self.0.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.linear();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// True for the canvas of dark ink.
    pub fn is_light(self) -> bool {
        self.luminance() > 0.18
    }

    /// Contrast between two colours, from 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

impl From<Rgb> for Color {
    fn from(Rgb([r, g, b]): Rgb) -> Self {
        Self::Rgb(r, g, b)
    }
}

/// A colour in CIELAB.
#[derive(Debug, Clone, Copy)]
pub struct Lab {
    l: f64,
    a: f64,
    b: f64,
}

impl From<Rgb> for Lab {
    fn from(rgb: Rgb) -> Self {
        Self::from_linear(rgb.linear())
    }
}

impl Lab {
    /// Of amounts of light, under the white of D65.
    #[expect(clippy::many_single_char_names, reason = "the names of the formula")]
    pub fn from_linear([r, g, b]: [f64; 3]) -> Self {
        let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
        let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175 * b;
        let z = (0.019_333_9 * r + 0.119_192 * g + 0.950_304_1 * b) / 1.088_83;
        let [x, y, z] = [x, y, z].map(|t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
        Self { l: 116.0 * y - 16.0, a: 500.0 * (x - y), b: 200.0 * (y - z) }
    }

    /// How different two colours look, after CIEDE2000: about 1 is just seen.
    #[expect(clippy::many_single_char_names, reason = "the names of the formula")]
    pub fn difference(self, other: Self) -> f64 {
        let chroma = |lab: Self| lab.a.hypot(lab.b);
        let mean = f64::midpoint(chroma(self), chroma(other));
        let g = 0.5 * (1.0 - (mean.powi(7) / (mean.powi(7) + 25.0_f64.powi(7))).sqrt());
        let polar = |lab: Self| {
            let a = lab.a * (1.0 + g);
            (a.hypot(lab.b), lab.b.atan2(a).to_degrees().rem_euclid(360.0))
        };
        let ((c1, h1), (c2, h2)) = (polar(self), polar(other));
        let grey = c1 * c2 == 0.0;
        let turn = match h2 - h1 {
            _ if grey => 0.0,
            turn if turn > 180.0 => turn - 360.0,
            turn if turn < -180.0 => turn + 360.0,
            turn => turn,
        };
        let (dl, dc) = (other.l - self.l, c2 - c1);
        let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
        let hue = match h1 + h2 {
            sum if grey => sum,
            sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
            sum if sum < 360.0 => f64::midpoint(sum, 360.0),
            sum => (sum - 360.0) / 2.0,
        };
        let cos = |times: f64, shift: f64| (times * hue + shift).to_radians().cos();
        let t = 1.0 - 0.17 * cos(1.0, -30.0) + 0.24 * cos(2.0, 0.0) + 0.32 * cos(3.0, 6.0) - 0.20 * cos(4.0, -63.0);
        let (light, c) = (f64::midpoint(self.l, other.l) - 50.0, f64::midpoint(c1, c2));
        let sl = 1.0 + 0.015 * light.powi(2) / (20.0 + light.powi(2)).sqrt();
        let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
        let bend = 30.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
        let rc = 2.0 * (c.powi(7) / (c.powi(7) + 25.0_f64.powi(7))).sqrt();
        let rt = -rc * (2.0 * bend).to_radians().sin();
        let (l, c, h) = (dl / sl, dc / sc, dh / sh);
        (l * l + c * c + h * h + rt * c * h).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_gives_the_published_values() {
        // From the test data of Sharma, Wu and Dalal, 2005.
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.0, 2.0], [50.0, 0.0, 0.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373),
            ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for ([l, a, b], [m, c, d], wanted) in pairs {
            let (one, two) = (Lab { l, a, b }, Lab { l: m, a: c, b: d });
            assert!((one.difference(two) - wanted).abs() < 1e-4, "{one:?} {two:?} {}", one.difference(two));
            assert!((two.difference(one) - wanted).abs() < 1e-4);
        }
    }

    #[test]
    fn black_on_white_is_twenty_one() {
        assert!((Rgb([0; 3]).contrast(Rgb([255; 3])) - 21.0).abs() < 1e-9);
    }
}
