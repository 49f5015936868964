//! The themes there are, and the one in force.

use super::{Depth, Look, Palette, Theme};

/// A theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is called.
    pub name: String,
    /// What it says of itself, or where it is from.
    pub about: String,
    /// What it draws with.
    pub look: Look,
}

/// All of them, on one terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// In the order of the picker: the shipped ones, then anyone's own.
    pub themes: Vec<Named>,
    /// Which is in force.
    pub chosen: usize,
    /// True once a person chose it, or nothing better can be known.
    pub settled: bool,
    terminal: Theme,
}

impl Default for Shelf {
    fn default() -> Self {
        Self::shipped(Theme::default())
    }
}

impl Shelf {
    /// The shipped ones, with `theme` in force.
    pub fn shipped(theme: Theme) -> Self {
        let named = |palette: Palette| {
            let about = palette.source().lines().find_map(|line| line.strip_prefix("about = \"")?.strip_suffix('"'));
            Named { name: palette.name().to_owned(), about: about.unwrap_or_default().to_owned(), look: palette.look() }
        };
        let themes: Vec<_> = Palette::ALL.into_iter().map(named).collect();
        let chosen = themes.iter().position(|named| named.look == theme.wanted()).unwrap_or(0);
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

    /// Takes the shipped theme for that ground, unless a person chose one.
    pub fn on_ground(&mut self, light: bool) {
        if !self.settled {
            self.choose(if light { Palette::Light } else { Palette::Dark }.name());
        }
    }

    /// Why a theme looks other than it should, where it does.
    pub fn limits(&self) -> Option<&'static str> {
        match self.terminal.depth() {
            Depth::Mono => Some("without colour here, as the terminal or NO_COLOR says"),
            Depth::Sixteen => Some("in sixteen colours here"),
            Depth::Indexed | Depth::True => None,
        }
    }

    /// The theme at that place, or the one in force.
    pub fn theme(&self, preview: Option<usize>) -> Theme {
        let at = preview.unwrap_or(self.chosen);
        self.themes.get(at).map_or(self.terminal, |named| self.terminal.with(named.look))
    }
}
