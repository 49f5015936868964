//! Looks: a paint for each role. The shipped ones are files, like anyone's own, and are part of the binary.

use std::sync::LazyLock;

use ratatui::style::{Color, Modifier, Style};

use super::Role;
use super::colour::Rgb;
use super::file;

/// What a role is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// A colour; `Reset` is the terminal's own.
    pub colour: Color,
    /// Bold, dim, reverse.
    pub modifier: Modifier,
}

impl Paint {
    /// The terminal's own colour.
    pub const PLAIN: Self = Self { colour: Color::Reset, modifier: Modifier::empty() };
}

/// What a terminal draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// Dark, for light ink.
    Dark,
    /// Light, for dark ink.
    Light,
}

impl Ground {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Dark, Self::Light];

    /// The section of a theme file for it.
    pub fn section(self) -> &'static str {
        match self {
            Self::Dark => "on-dark",
            Self::Light => "on-light",
        }
    }
}

/// A paint for each role, in the order of [`Role::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look([Paint; 15]);

/// A look for a ground that nobody knows, and for those that may turn out: where the ground is the terminal's own, what
/// is readable depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    unknown: Look,
    known: [Look; 2],
}

impl Looks {
    /// Nothing but the terminal's own, everywhere.
    pub const PLAIN: Self = Self { unknown: Look::PLAIN, known: [Look::PLAIN; 2] };

    /// The look on a ground, or on one that nobody knows.
    pub fn on(&self, ground: Option<Ground>) -> Look {
        ground.map_or(self.unknown, |ground| self.known[ground as usize])
    }

    /// Gives a role another paint, on any ground.
    pub fn set(&mut self, role: Role, paint: Paint) {
        for look in self.known.iter_mut().chain([&mut self.unknown]) {
            look.set(role, paint);
        }
    }

    /// Gives a role another paint on that ground.
    pub fn set_on(&mut self, ground: Ground, role: Role, paint: Paint) {
        self.known[ground as usize].set(role, paint);
    }
}

impl Look {
    /// Nothing but the terminal's own.
    pub const PLAIN: Self = Self([Paint::PLAIN; 15]);

    /// The paint of a role.
    pub fn paint(&self, role: Role) -> Paint {
        self.0[role as usize]
    }

    /// Gives a role another paint.
    pub fn set(&mut self, role: Role, paint: Paint) {
        self.0[role as usize] = paint;
    }

    /// True when a role has a 24-bit colour.
    pub fn has_rgb(&self) -> bool {
        Role::ALL.iter().any(|role| self.rgb(*role).is_some())
    }

    /// The 24-bit colour of a role, where it has one.
    pub fn rgb(&self, role: Role) -> Option<Rgb> {
        Rgb::of(self.paint(role).colour)
    }

    /// True when every role has a 24-bit colour.
    pub fn is_rgb(&self) -> bool {
        Role::ALL.iter().all(|role| self.rgb(*role).is_some())
    }

    /// Ink for a role.
    pub fn ink(&self, role: Role) -> Style {
        let Paint { colour, modifier } = self.paint(role);
        let style = Style::new().add_modifier(modifier);
        if colour == Color::Reset { style } else { style.fg(colour) }
    }

    /// The ground of a surface.
    pub fn ground(&self, role: Role) -> Style {
        let Paint { colour, modifier } = self.paint(role);
        let style = Style::new().add_modifier(modifier);
        if colour == Color::Reset { style } else { style.bg(colour) }
    }

    /// The ink and the ground of least contrast, with it; none where the terminal chooses colours.
    pub fn weakest(&self) -> Option<(Role, Role, f64)> {
        const GROUNDS: [Role; 4] = [Role::Bg, Role::Panel, Role::Sel, Role::Trace];
        let inks = Role::ALL.into_iter().skip_while(|role| *role != Role::Text);
        let pairs = inks.flat_map(|ink| GROUNDS.into_iter().map(move |ground| (ink, ground)));
        // Faint rises to muted on a selected row.
        pairs
            .filter(|pair| *pair != (Role::Faint, Role::Sel))
            .filter_map(|(ink, ground)| Some((ink, ground, self.rgb(ink)?.contrast(self.rgb(ground)?))))
            .min_by(|a, b| a.2.total_cmp(&b.2))
    }
}

/// The looks that ship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Palette {
    /// Light ink on a dark canvas.
    #[default]
    Dark,
    /// Dark ink on a light canvas.
    Light,
    /// Decisions that stay apart for colour-blind eyes.
    Cvd,
    /// Seven to one at least.
    Contrast,
    /// The sixteen colours of the terminal's own palette.
    Sixteen,
    /// No colour at all: bold, dim and reverse.
    Mono,
}

impl Palette {
    /// All, in the order the picker lists them.
    pub const ALL: [Self; 6] = [Self::Dark, Self::Light, Self::Cvd, Self::Contrast, Self::Sixteen, Self::Mono];

    /// What its file is called, without the ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Cvd => "cvd",
            Self::Contrast => "contrast",
            Self::Sixteen => "terminal",
            Self::Mono => "mono",
        }
    }

    /// Its file.
    pub fn source(self) -> &'static str {
        match self {
            Self::Dark => include_str!("../../../themes/dark.toml"),
            Self::Light => include_str!("../../../themes/light.toml"),
            Self::Cvd => include_str!("../../../themes/cvd.toml"),
            Self::Contrast => include_str!("../../../themes/contrast.toml"),
            Self::Sixteen => include_str!("../../../themes/terminal.toml"),
            Self::Mono => include_str!("../../../themes/mono.toml"),
        }
    }

    /// What it draws with on a ground that nobody knows.
    pub fn look(self) -> Look {
        self.looks().on(None)
    }

    /// What it draws with.
    pub fn looks(self) -> &'static Looks {
        static LOOKS: LazyLock<Vec<Looks>> = LazyLock::new(|| {
            let sources: Vec<_> =
                Palette::ALL.iter().map(|palette| (palette.name().to_owned(), palette.source().to_owned())).collect();
            // INVARIANT: the shipped files load; a test holds them to it.
            let plain = |name| file::load(name, &sources).map_or(Looks::PLAIN, |loaded| loaded.looks);
            Palette::ALL.iter().map(|palette| plain(palette.name())).collect()
        });
        LOOKS.get(self as usize).unwrap_or(&Looks::PLAIN)
    }
}
