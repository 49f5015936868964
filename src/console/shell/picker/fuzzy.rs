//! How well a command answers to what was typed: its name first, its sentence after.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::shell::registry::Command;

/// Something typed, to be compared with many commands.
#[derive(Debug)]
pub struct Fuzzy {
    pattern: Pattern,
    matcher: Matcher,
    text: Vec<char>,
}

impl Fuzzy {
    /// For what was typed.
    pub fn new(query: &str) -> Self {
        let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
        Self { pattern, matcher: Matcher::new(Config::DEFAULT), text: Vec::new() }
    }

    /// Which letters of a name answer, by their place.
    pub fn letters(&mut self, name: &str) -> Vec<u32> {
        let mut found = Vec::new();
        let name = Utf32Str::new(name, &mut self.text);
        let answers = self.pattern.indices(name, &mut self.matcher, &mut found).is_some();
        if answers { found } else { Vec::new() }
    }

    /// How well, or not at all. Letters in order are enough in a name; a sentence must hold the words.
    pub fn score(&mut self, command: &Command) -> Option<u32> {
        const NAME: u32 = 1 << 16;
        let name = Utf32Str::new(command.spec.name, &mut self.text);
        if let Some(score) = self.pattern.score(name, &mut self.matcher) {
            return Some(NAME + score);
        }
        let doc = command.spec.doc.to_lowercase();
        let words = self.pattern.atoms.iter().map(|atom| atom.needle_text().to_string().to_lowercase());
        words.into_iter().all(|word| word.len() > 2 && doc.contains(&word)).then_some(0)
    }
}
