//! What a person may choose, and what the environment says of the terminal. Read from the environment, never asked of
//! the terminal.

use super::text::Charset;
use super::theme::{Depth, Palette, Theme};

/// How the console looks and behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Colours.
    pub palette: Palette,
    /// How many the terminal has.
    pub depth: Depth,
    /// Which characters it can show.
    pub charset: Charset,
    /// Whether the mouse is taken.
    pub mouse: bool,
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
        Self { palette: Palette::Dark, depth, charset, mouse: true }
    }

    /// The theme they come to.
    pub fn theme(&self) -> Theme {
        Theme::new(self.palette, self.depth, self.charset)
    }
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
}
