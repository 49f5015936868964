//! Palettes: a colour, or modifiers, for each role.

use ratatui::style::{Color, Modifier, Style};

use super::Role;

/// A 24-bit colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(u32);

impl Rgb {
    fn channels(self) -> [u8; 3] {
        let [_, r, g, b] = self.0.to_be_bytes();
        [r, g, b]
    }

    /// `percent` of this colour over another.
    pub fn mixed(self, under: Self, percent: u32) -> Self {
        let mut mixed = 0;
        for (over, under) in self.channels().into_iter().zip(under.channels()) {
            let channel = (u32::from(over) * percent + u32::from(under) * (100 - percent) + 50) / 100;
            mixed = (mixed << 8) | channel;
        }
        Self(mixed)
    }
}

impl From<Rgb> for Color {
    fn from(rgb: Rgb) -> Self {
        let [r, g, b] = rgb.channels();
        Self::Rgb(r, g, b)
    }
}

/// Fifteen colours, in the order of [`Role::ALL`].
#[derive(Debug, PartialEq, Eq)]
pub struct Colours([u32; 15]);

impl Colours {
    /// The colour of a role.
    pub fn of(&self, role: Role) -> Rgb {
        Role::ALL.iter().position(|other| *other == role).map_or(Rgb(0), |at| Rgb(self.0[at]))
    }
}

/// Light ink on a dark canvas.
pub static DARK: Colours = Colours([
    0x11_14_1a, 0x1a_1f_28, 0x28_3d_5a, 0x19_22_2f, 0x39_42_4f, 0xe3_e8_ef, 0xb2_bb_c8, 0x92_9c_aa, 0x73_b7_ff,
    0x8f_d3_c8, 0x74_d4_87, 0xf3_c1_4b, 0xff_85_7a, 0xbd_a5_ff, 0xff_93_d2,
]);

/// Dark ink on a light canvas.
pub static LIGHT: Colours = Colours([
    0xfc_fc_fa, 0xf0_f1_ee, 0xd3_e3_f8, 0xe8_f0_fa, 0xc9_ce_d4, 0x1a_1f_26, 0x48_51_5d, 0x59_62_6e, 0x0a_55_a0,
    0x0b_5f_5d, 0x14_60_2a, 0x7a_48_00, 0xad_1f_18, 0x5a_31_ad, 0x98_15_52,
]);

/// Which colours a theme draws with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Light ink on a dark canvas.
    #[default]
    Dark,
    /// Dark ink on a light canvas.
    Light,
    /// The sixteen colours of the terminal's own palette.
    Sixteen,
    /// No colour at all: bold, dim and reverse.
    Mono,
}

impl Palette {
    /// The 24-bit colours, where it has them.
    pub fn rgb(self) -> Option<&'static Colours> {
        match self {
            Self::Dark => Some(&DARK),
            Self::Light => Some(&LIGHT),
            Self::Sixteen | Self::Mono => None,
        }
    }

    /// Ink for a role.
    pub fn ink(self, role: Role) -> Style {
        match (self.rgb(), self) {
            (Some(colours), _) => Style::new().fg(colours.of(role).into()),
            (None, Self::Sixteen) => sixteen(role),
            (None, _) => mono(role),
        }
    }

    /// The ground of a surface.
    pub fn ground(self, role: Role) -> Style {
        match self.rgb() {
            Some(colours) => Style::new().bg(colours.of(role).into()),
            None if role == Role::Sel => Style::new().add_modifier(Modifier::REVERSED),
            None => Style::new(),
        }
    }
}

fn sixteen(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Bg | Role::Panel | Role::Sel | Role::Trace | Role::Text => style,
        Role::Rule => style.fg(Color::DarkGray),
        Role::Muted | Role::Faint => style.add_modifier(Modifier::DIM),
        Role::Accent => style.fg(Color::Cyan),
        Role::Data => style.add_modifier(Modifier::BOLD),
        Role::Allow => style.fg(Color::Green),
        Role::Alert => style.fg(Color::Yellow),
        Role::Block => style.fg(Color::Red),
        Role::Dedup => style.fg(Color::Magenta),
        Role::Failed => style.fg(Color::LightRed).add_modifier(Modifier::REVERSED),
    }
}

fn mono(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Bg | Role::Panel | Role::Sel | Role::Trace | Role::Text => style,
        Role::Rule | Role::Muted | Role::Faint => style.add_modifier(Modifier::DIM),
        Role::Failed => style.add_modifier(Modifier::BOLD | Modifier::REVERSED),
        _ => style.add_modifier(Modifier::BOLD),
    }
}
