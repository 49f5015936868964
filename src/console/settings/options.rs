//! What a person may choose, and what the environment says of the terminal. Read from the environment, never asked of
//! the terminal.

use std::path::{Path, PathBuf};

use super::Places;
use crate::console::text::Charset;
use crate::console::theme::{Depth, Ground, Palette, Theme};

/// How the console looks and behaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Colours, where no theme is named or kept.
    pub palette: Palette,
    /// What the terminal draws on, where it has said so already.
    pub ground: Option<Ground>,
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
        let depth = if is_monochrome(&term) {
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
        // Its fonts lack most shapes, whatever the locale.
        let few_shapes = is_linux_console(&term);
        let ascii = set("FIBRIC_ASCII").map_or(few_shapes, |value| value != "0");
        let charset = if unicode && !ascii { Charset::Unicode } else { Charset::Ascii };
        let config = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let config = config.or_else(|| set("HOME").map(|home| Path::new(&home).join(".config")));
        let places = Places { workspace: None, config: config.map(|folder| folder.join("fibric")) };
        let said = set("COLORFGBG").map(|colours| ground(&colours));
        let ground = said.or_else(|| is_linux_console(&term).then_some(Ground::Dark));
        let palette = match ground {
            _ if set("NO_COLOR").is_some() => Palette::Mono,
            Some(Ground::Light) => Palette::Light,
            Some(Ground::Dark) | None => Palette::Dark,
        };
        let asks = ground.is_none() && depth != Depth::Mono && drops_what_it_does_not_know(&term);
        Self { palette, ground, depth, charset, asks, mouse: true, theme: set("FIBRIC_THEME"), places }
    }

    /// The theme they come to without files.
    pub fn theme(&self) -> Theme {
        Theme::new(self.palette, self.depth, self.charset).on(self.ground)
    }
}

/// `ink;ground`, or with something between: some terminals say so what they look like.
fn ground(colours: &str) -> Ground {
    if matches!(colours.rsplit(';').next(), Some("7" | "15")) { Ground::Light } else { Ground::Dark }
}

/// The names of terminals without colour, as terminfo has them.
fn is_monochrome(term: &str) -> bool {
    let digits =
        |name: &str| term.strip_prefix(name).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let named = ["dumb", "unknown", "network", "sun", "xterm-old", "xterm-r5", "xterm-r6", "xterm-vt52", "rxvt-basic"];
    let monochrome = ["-mono", "-m", "-nc"].iter().any(|end| term.ends_with(end)) || term.contains("-mono-");
    // Few of DEC's own have colours.
    let of_dec = digits("vt") && !["vt340", "vt525"].iter().any(|name| term.starts_with(name));
    monochrome || of_dec || digits("wy") || digits("hp") || digits("tek") || named.contains(&term)
}

/// The console of a Linux kernel, without a terminal emulator.
fn is_linux_console(term: &str) -> bool {
    term == "linux" || term.starts_with("linux-")
}

/// True for a terminal that makes nothing of a request it does not know; others may draw it.
pub fn drops_what_it_does_not_know(term: &str) -> bool {
    let draws = ["vt", "cons", "dumb", "unknown", "network"];
    let emulated = term.starts_with("vte");
    !term.is_empty() && !is_linux_console(term) && (emulated || !draws.iter().any(|name| term.starts_with(name)))
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
        assert_eq!(
            detect(&[base[0], base[1], ("NO_COLOR", "1")]).0,
            Depth::Indexed,
            "a theme that is named has colours"
        );
        assert_eq!(detect(&[base[0], base[1], ("FIBRIC_ASCII", "1")]).1, Charset::Ascii);
        assert_eq!(detect(&[base[0], base[1], ("LC_ALL", "C")]).1, Charset::Ascii);
        assert_eq!(detect(&[("TERM", "linux")]), (Depth::Sixteen, Charset::Ascii));
        assert_eq!(detect(&[base[0], ("TERM", "linux")]), (Depth::Sixteen, Charset::Ascii));
        assert_eq!(detect(&[base[0], ("TERM", "linux"), ("FIBRIC_ASCII", "0")]).1, Charset::Unicode);
    }

    #[test]
    fn terminals_without_colour_are_known_by_name() {
        let depth = |term: &str| detect(&[("TERM", term), ("COLORTERM", "truecolor")]).0;
        for term in
            ["xterm-mono", "linux-m", "screen-mono", "dumb", "vt100", "vt220-8bit", "sun", "rxvt-basic", "xterm-r6"]
        {
            assert_eq!(depth(term), Depth::Mono, "{term}");
        }
        for term in ["xterm", "vte-256color", "vt525", "screen", "linux", "tmux-256color", "sun-color"] {
            assert_eq!(depth(term), Depth::True, "{term}");
        }
    }

    #[test]
    fn no_color_asks_for_the_theme_without_colour() {
        let options = |variables: &[(&str, &str)]| {
            let variables: Vec<_> =
                variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Options::detect(move |name| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
        };
        assert_eq!(options(&[("NO_COLOR", "1"), ("COLORFGBG", "0;15")]).palette, Palette::Mono);
        assert_eq!(options(&[("NO_COLOR", "")]).palette, Palette::Dark);
    }

    #[test]
    fn only_terminals_that_drop_what_they_do_not_know_are_asked() {
        let asked = [("xterm", true), ("st-256color", true), ("vte-256color", true)];
        let others = [("linux", false), ("vt220", false), ("dumb", false), ("", false)];
        for (term, asked) in asked.into_iter().chain(others) {
            assert_eq!(drops_what_it_does_not_know(term), asked, "{term}");
            assert_eq!(Options::detect(|name| (name == "TERM").then(|| term.to_owned())).asks, asked, "{term}");
        }
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
