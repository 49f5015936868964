//! Theme files: fifteen roles, names for colours, and what is inherited. A file with a fault is not used at all; each
//! fault says where it is.

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Role;
use super::palette::{Ground, Looks, Paint};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

/// A theme that loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What it says of itself.
    pub about: String,
    /// What it draws with.
    pub looks: Looks,
}

/// How often a theme may inherit from one that inherits.
const DEEP: usize = 8;

/// Loads the theme of that name; `sources` are names with the text of their files, of two alike the last.
pub fn load(name: &str, sources: &[(String, String)]) -> Result<Loaded, Vec<Diagnostic>> {
    load_from(name, sources, DEEP)
}

fn load_from(name: &str, sources: &[(String, String)], deep: usize) -> Result<Loaded, Vec<Diagnostic>> {
    let Some(at) = sources.iter().rposition(|(known, _)| known == name) else {
        return Err(vec![Diagnostic::error(format!("there is no theme `{name}`"))]);
    };
    let text = &sources[at].1;
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, palette: Vec::new(), faults: Vec::new() };
    for error in errors {
        let fault = Diagnostic::error(error.message().to_owned());
        reader.faults.push(fault.at_span(text, &error.span().unwrap_or(0..0), 1));
    }
    let table = table.get_ref();
    let mut given = [false; 15];
    let mut looks = Looks::PLAIN;
    if let Some(parent) = table.get("inherits") {
        // A file named like a shipped theme changes it: what it inherits is the other one.
        let others = if parent.get_ref().as_str() == Some(name) { &sources[..at] } else { sources };
        match inherited(parent, others, deep) {
            Ok(parent) => (looks, given) = (parent, [true; 15]),
            Err(fault) => reader.fault(parent, fault),
        }
    }
    reader.palette = reader.named_colours(table);
    for (role, paint) in reader.paints(table, "roles") {
        given[role as usize] = true;
        looks.set(role, paint);
    }
    for ground in Ground::BOTH {
        for (role, paint) in reader.paints(table, ground.section()) {
            looks.set_on(ground, role, paint);
        }
    }
    for (key, _) in table.iter().filter(|(key, _)| !FIELDS.contains(&key.get_ref().as_ref())) {
        let help = did_you_mean(key.get_ref(), FIELDS);
        reader.unknown(key, "field", help);
    }
    let missing: Vec<_> =
        Role::ALL.iter().zip(given).filter(|(_, given)| !given).map(|(role, _)| role.name()).collect();
    if !missing.is_empty() && reader.faults.is_empty() {
        let fault = Diagnostic::error(format!("nothing is said of {}", missing.join(", ")));
        reader.faults.push(fault.help("say `inherits = \"dark\"` to take the rest from there").at_span(
            text,
            &(0..0),
            1,
        ));
    }
    let about = table.get("about").and_then(|about| about.get_ref().as_str()).unwrap_or_default().to_owned();
    if reader.faults.is_empty() { Ok(Loaded { about, looks }) } else { Err(reader.faults) }
}

const FIELDS: [&str; 6] = ["about", "inherits", "palette", "roles", "on-dark", "on-light"];

type Entry<'a, 'i> = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>);

fn inherited(parent: &Spanned<DeValue<'_>>, sources: &[(String, String)], deep: usize) -> Result<Looks, String> {
    let Some(name) = parent.get_ref().as_str() else { return Err("`inherits` is not the name of a theme".to_owned()) };
    if !sources.iter().any(|(known, _)| known == name) {
        let help = did_you_mean(name, sources.iter().map(|(known, _)| known.as_str()));
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        return Err(format!("there is no theme `{name}` to inherit from{help}"));
    }
    if deep == 0 {
        return Err(format!("`{name}` inherits from itself"));
    }
    load_from(name, sources, deep - 1).map(|loaded| loaded.looks).map_err(|_| format!("`{name}` does not load"))
}

struct Reader<'t> {
    text: &'t str,
    palette: Vec<(String, Paint)>,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fault<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.faults.push(Diagnostic::error(message).at_span(self.text, &at.span(), 1));
    }

    fn unknown(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, what: &str, help: Option<String>) {
        let mut fault = Diagnostic::error(format!("unknown {what} `{}`", key.get_ref()));
        fault.help = help;
        self.faults.push(fault.at_span(self.text, &key.span(), 1));
    }

    fn section<'a, 'i>(&mut self, table: &'a DeTable<'i>, name: &str) -> Vec<Entry<'a, 'i>> {
        let Some(value) = table.get(name) else { return Vec::new() };
        if let Some(section) = value.get_ref().as_table() {
            return section.iter().collect();
        }
        self.fault(value, format!("`{name}` is not a section"));
        Vec::new()
    }

    /// What a section says of roles, without what is wrong with it.
    fn paints(&mut self, table: &DeTable<'_>, name: &str) -> Vec<(Role, Paint)> {
        let mut paints = Vec::new();
        for (key, value) in self.section(table, name) {
            let Some(role) = Role::ALL.into_iter().find(|role| role.name() == key.get_ref().as_ref()) else {
                let help = did_you_mean(key.get_ref(), Role::ALL.map(Role::name));
                self.unknown(key, "role", help);
                continue;
            };
            // A paint that is none is a fault, and the file is not used.
            paints.push((role, self.paint(value).unwrap_or(Paint::PLAIN)));
        }
        paints
    }

    /// The palette: names in it may not stand for each other, so that it is read in one go.
    fn named_colours(&mut self, table: &DeTable<'_>) -> Vec<(String, Paint)> {
        let mut palette = Vec::new();
        for (key, value) in self.section(table, "palette") {
            if let Some(paint) = self.paint(value) {
                palette.push((key.get_ref().to_string(), paint));
            }
        }
        palette
    }

    /// `colour` or `colour bold dim reverse`.
    fn paint(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Paint> {
        let Some(text) = value.get_ref().as_str() else {
            self.fault(value, "expected a colour in quotes");
            return None;
        };
        let mut paint = Paint::PLAIN;
        for (at, word) in text.split_whitespace().enumerate() {
            let modifier = MODIFIERS.iter().find(|(name, _)| *name == word).map(|(_, modifier)| *modifier);
            match (at, modifier, self.colour(word)) {
                (0, None, Some(named)) => paint = named,
                (_, Some(modifier), _) => paint.modifier |= modifier,
                _ => {
                    let known = self.palette.iter().map(|(name, _)| name.as_str());
                    let known = known.chain(COLOURS.iter().chain(&[("default", Color::Reset)]).map(|(name, _)| *name));
                    let help = did_you_mean(word, known.chain(MODIFIERS.iter().map(|(name, _)| *name)));
                    let help = help.map_or_else(String::new, |help| format!("; {help}"));
                    self.fault(value, format!("`{word}` is no colour{help}"));
                    return None;
                }
            }
        }
        Some(paint)
    }

    fn colour(&self, word: &str) -> Option<Paint> {
        let plain = |colour| Paint { colour, ..Paint::PLAIN };
        if let Some(hex) = word.strip_prefix('#') {
            let well_formed = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
            let [_, r, g, b] = u32::from_str_radix(hex, 16).ok().filter(|_| well_formed)?.to_be_bytes();
            return Some(plain(Color::Rgb(r, g, b)));
        }
        let named = self.palette.iter().find(|(name, _)| name == word).map(|(_, paint)| *paint);
        let own = COLOURS.iter().find(|(name, _)| *name == word).map(|(_, colour)| plain(*colour));
        named.or(own).or_else(|| (word == "default").then_some(Paint::PLAIN))
    }
}

const MODIFIERS: [(&str, Modifier); 4] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("reverse", Modifier::REVERSED),
    ("underline", Modifier::UNDERLINED),
];

/// The sixteen, by the names their standard gives them.
const COLOURS: [(&str, Color); 16] = [
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

#[cfg(test)]
mod tests;
