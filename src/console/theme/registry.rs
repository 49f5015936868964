//! The themes there are, and the one in force.

use super::{Depth, Ground, Looks, Palette, Theme};

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// What it says of itself, or where it is from.
    pub about: String,
    /// What it draws with.
    pub looks: Looks,
}

/// All of them, on one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeRegistry {
    /// In the order of the picker: the shipped ones, then anyone's own.
    pub themes: Vec<Named>,
    /// Which is wanted.
    pub chosen: usize,
    /// True once a person chose it, or nothing better can be known.
    pub settled: bool,
    terminal: Theme,
}

impl Default for ThemeRegistry {
    fn default() -> Self {
        Self::shipped(Theme::default())
    }
}

impl ThemeRegistry {
    /// The shipped ones, with `theme` in force.
    pub fn shipped(theme: Theme) -> Self {
        let named = |palette: Palette| {
            let about = palette.source().lines().find_map(|line| line.strip_prefix("about = \"")?.strip_suffix('"'));
            Named {
                name: palette.name().to_owned(),
                about: about.unwrap_or_default().to_owned(),
                looks: *palette.looks(),
            }
        };
        let themes: Vec<_> = Palette::ALL.into_iter().map(named).collect();
        let chosen = themes.iter().position(|named| named.looks.on(None) == theme.wanted()).unwrap_or(0);
        Self { themes, chosen, settled: false, terminal: theme }
    }

    /// Adds a theme, in place of one of the same name.
    pub fn add(&mut self, named: Named) {
        match self.themes.iter_mut().find(|other| other.name == named.name) {
            Some(other) => *other = named,
            None => self.themes.push(named),
        }
    }

    /// Puts the theme of that name in force; false when there is none.
    pub fn choose(&mut self, name: &str) -> bool {
        let found = self.themes.iter().position(|named| named.name == name);
        self.chosen = found.unwrap_or(self.chosen);
        found.is_some()
    }

    /// The terminal draws on that ground: the shipped theme for it, unless a person chose one.
    pub fn on_ground(&mut self, light: bool) {
        self.set_ground(Some(if light { Ground::Light } else { Ground::Dark }));
        if !self.settled {
            self.choose(if light { Palette::Light } else { Palette::Dark }.name());
        }
    }

    /// What the terminal draws on, where that is known.
    pub fn ground(&self) -> Option<Ground> {
        self.terminal.drawn_on()
    }

    /// Says what the terminal draws on; what was known stays known.
    pub fn set_ground(&mut self, ground: Option<Ground>) {
        self.terminal = self.terminal.on(ground.or(self.ground()));
    }

    /// The theme that is drawn: the chosen one, or one with as few colours as the terminal.
    pub fn in_force(&self) -> usize {
        let (chosen, shown) = (self.theme(None).wanted(), self.theme(None).shown());
        let drawn = self.themes.iter().position(|named| chosen != shown && named.looks.on(self.ground()) == shown);
        drawn.unwrap_or(self.chosen)
    }

    /// Why a theme looks other than it should, where it does.
    pub fn limits(&self) -> Option<&'static str> {
        match self.terminal.depth() {
            Depth::Mono => Some("without colour here: the terminal has none"),
            Depth::Sixteen => Some("in sixteen colours here"),
            Depth::Indexed | Depth::True => None,
        }
    }

    /// The theme at that place, or the one in force.
    pub fn theme(&self, preview: Option<usize>) -> Theme {
        let at = preview.unwrap_or(self.chosen);
        self.themes.get(at).map_or(self.terminal, |named| self.terminal.with(named.looks.on(self.ground())))
    }
}
