//! What a person may choose, and what the environment says of the terminal. Read from the environment, never asked of
//! the terminal.

use std::path::{Path, PathBuf};

use super::Places;
use crate::console::text::Charset;
use crate::console::theme::{Depth, Palette, Theme};

/// How the console looks and behaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Colours, where no theme is named.
    pub palette: Palette,
    /// How many the terminal has.
    pub depth: Depth,
    /// Which characters it can show.
    pub charset: Charset,
    /// Whether the terminal is asked what its ground is.
    pub asks: bool,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// A theme by name, stronger than one that was kept.
    pub theme: Option<String>,
    /// Where files with keys and themes are.
    pub places: Places,
}

impl Options {
    /// What the environment says; `variable` looks one up.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let colours = set("COLORTERM").unwrap_or_default();
        let depth = if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") {
            Depth::Mono
        } else if colours == "truecolor" || colours == "24bit" || term.ends_with("-direct") {
            Depth::True
        } else if term.contains("256color") {
            Depth::Indexed
        } else {
            Depth::Sixteen
        };
        // The first one set decides, as for the C library; none at all means the C locale.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
        let unicode = locale.contains("utf-8") || locale.contains("utf8");
        let asked = set("FIBRIC_ASCII").is_some_and(|value| value != "0");
        let charset = if unicode && !asked { Charset::Unicode } else { Charset::Ascii };
        let config = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let config = config.or_else(|| set("HOME").map(|home| Path::new(&home).join(".config")));
        let places = Places { workspace: None, config: config.map(|folder| folder.join("fibric")) };
        let ground = set("COLORFGBG");
        let palette = if ground.as_deref().is_some_and(light) { Palette::Light } else { Palette::Dark };
        let asks = ground.is_none() && matches!(depth, Depth::Indexed | Depth::True);
        Self { palette, depth, charset, asks, mouse: true, theme: set("FIBRIC_THEME"), places }
    }

    /// The theme they come to without files.
    pub fn theme(&self) -> Theme {
        Theme::new(self.palette, self.depth, self.charset)
    }
}

/// `ink;ground`, or with something between: some terminals say so what they look like.
fn light(colours: &str) -> bool {
    matches!(colours.rsplit(';').next(), Some("7" | "15"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> (Depth, Charset) {
        let look = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let options = Options::detect(look);
        (options.depth, options.charset)
    }

    #[test]
    fn the_environment_decides() {
        let base = [("LANG", "en_US.UTF-8"), ("TERM", "xterm-256color")];
        assert_eq!(detect(&base), (Depth::Indexed, Charset::Unicode));
        assert_eq!(detect(&[base[0], base[1], ("COLORTERM", "truecolor")]).0, Depth::True);
        assert_eq!(detect(&[base[0], base[1], ("NO_COLOR", "1")]).0, Depth::Mono);
        assert_eq!(detect(&[base[0], base[1], ("FIBRIC_ASCII", "1")]).1, Charset::Ascii);
        assert_eq!(detect(&[base[0], base[1], ("LC_ALL", "C")]).1, Charset::Ascii);
        assert_eq!(detect(&[("TERM", "linux")]), (Depth::Sixteen, Charset::Ascii));
    }

    #[test]
    fn light_or_dark_is_what_the_terminal_has_said_already() {
        for (said, palette) in [
            ("0;15", Palette::Light),
            ("0;default;7", Palette::Light),
            ("15;0", Palette::Dark),
            ("", Palette::Dark),
            ("15", Palette::Light),
            ("x;y", Palette::Dark),
        ] {
            let options = Options::detect(|name| (name == "COLORFGBG").then(|| said.to_owned()));
            assert_eq!(options.palette, palette, "{said}");
        }
    }

    #[test]
    fn folders_follow_the_environment() {
        let config = |variables: &[(&str, &str)]| {
            let look =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            Options::detect(look).places.config
        };
        assert_eq!(config(&[("HOME", "/h")]), Some("/h/.config/fibric".into()));
        assert_eq!(config(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]), Some("/x/fibric".into()));
        assert_eq!(config(&[]), None);
    }
}
