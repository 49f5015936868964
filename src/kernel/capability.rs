//! The capability vocabulary: the one place that knows which names mean the same, and which of them change anything.
//!
//! Bindings, allow-lists and policies compare canonical names, so every reader of a name turns it into its canonical
//! spelling here first. What a capability does is said here and not by whoever provides it: a connector that called
//! sending a read would have it run without policy. Knows nothing of who provides a capability.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::diagnostic::nearest;

/// One line a capability: `reads` or `acts`, its canonical name, then its other accepted spellings.
const SHIPPED: &str = include_str!("capability/vocabulary.txt");

/// The names that are known, each with its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// From every accepted spelling to the canonical one.
    spellings: BTreeMap<Box<str>, Box<str>>,
    /// What each canonical one does.
    effects: BTreeMap<Box<str>, Effect>,
}

/// What a capability does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It only looks: operators sense it, and no policy is asked.
    Reads,
    /// It changes or sends something: it is planned, and disposed of.
    Acts,
}

impl Effect {
    /// The word in the vocabulary and in `fibric.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Acts => "acts",
        }
    }

    /// The effect of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Reads, Self::Acts].into_iter().find(|effect| effect.word() == word)
    }
}

/// A name that is not in the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown capability `{name}`")]
pub struct UnknownCapability {
    /// The name as written.
    pub name: String,
    /// The nearest known name, or how to add one.
    pub help: String,
    /// The nearest known name, where one is near.
    pub nearest: Option<String>,
}

/// A name that cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotAdded {
    /// The name as written.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl UnknownCapability {
    /// The fault and what to do, where only one sentence can be said.
    pub fn told(&self) -> String {
        format!("{self}; {}", self.help)
    }
}

impl Vocabulary {
    /// What the product ships.
    pub fn shipped() -> Self {
        let mut vocabulary = Self { spellings: BTreeMap::new(), effects: BTreeMap::new() };
        for line in SHIPPED.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_ascii_whitespace();
            let effect = words.next().and_then(Effect::of).unwrap_or(Effect::Acts);
            let Some(canonical) = words.next() else { continue };
            vocabulary.effects.insert(canonical.into(), effect);
            vocabulary.spellings.insert(canonical.into(), canonical.into());
            vocabulary.spellings.extend(words.map(|alias| (Box::from(alias), Box::from(canonical))));
        }
        vocabulary
    }

    /// The shipped vocabulary and names of which nobody says what they do: they act.
    pub fn with_added(names: &[String]) -> Result<Self, Vec<NotAdded>> {
        Self::with(names.iter().map(|name| (name.as_str(), None)))
    }

    /// The shipped vocabulary and a workspace's own names, which have no other spellings; one that says nothing of what
    /// it does acts. A name that is known already changes nothing, so that a vocabulary that grows breaks no workspace;
    /// but to say that it does something else is a fault.
    pub fn with<'a>(names: impl IntoIterator<Item = (&'a str, Option<Effect>)>) -> Result<Self, Vec<NotAdded>> {
        let mut vocabulary = Self::shipped();
        let mut faults = Vec::new();
        for (name, effect) in names {
            let known = vocabulary.find(name).map(str::to_owned);
            if let Some(known) = known {
                let does = vocabulary.effect(&known);
                if effect.is_some_and(|effect| effect != does) {
                    let message = format!("`{name}` {} already, and cannot be said to do otherwise", does.word());
                    faults.push(NotAdded { name: name.to_owned(), message, help: "leave it out".to_owned() });
                }
            } else if is_well_formed(name) {
                vocabulary.spellings.insert(name.into(), name.into());
                vocabulary.effects.insert(name.into(), effect.unwrap_or(Effect::Acts));
            } else {
                let message = format!("`{name}` is not a capability name");
                let help = "write it `noun.verb` in lower case, as in `order.hold`".to_owned();
                faults.push(NotAdded { name: name.to_owned(), message, help });
            }
        }
        if faults.is_empty() { Ok(vocabulary) } else { Err(faults) }
    }

    /// What a canonical name does; what is not known acts.
    pub fn effect(&self, canonical: &str) -> Effect {
        self.effects.get(canonical).copied().unwrap_or(Effect::Acts)
    }

    /// True when a canonical name changes or sends something, or is not known to only look.
    pub fn acts(&self, canonical: &str) -> bool {
        self.effect(canonical) == Effect::Acts
    }

    /// The canonical spelling of a known name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.spellings.get(name).map(AsRef::as_ref)
    }

    /// The canonical spelling of a name, or what it may have been meant to be, which takes a while to find.
    pub fn canonical(&self, name: &str) -> Result<&str, UnknownCapability> {
        if let Some(canonical) = self.find(name) {
            return Ok(canonical);
        }
        // Comparing is quadratic in the length, and no name is this long.
        let spellings = self.spellings.keys().map(AsRef::as_ref).filter(|_| name.len() <= 80);
        let nearest = nearest(name, spellings).map(str::to_owned);
        let help = match &nearest {
            Some(known) => format!("did you mean `{known}`?"),
            None => "`fibric capabilities ls` lists the known names; a workspace adds its own in `fibric.toml`".into(),
        };
        Err(UnknownCapability { name: name.to_owned(), help, nearest })
    }

    /// Every canonical name, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.spellings.iter().filter(|(name, canonical)| name == canonical).map(|(name, _)| name.as_ref())
    }

    /// The other accepted spellings of a canonical name, in order.
    pub fn aliases<'a>(&'a self, canonical: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.spellings.iter().map(|(name, known)| (name.as_ref(), known.as_ref()));
        all.filter(move |(name, known)| *known == canonical && name != known).map(|(name, _)| name)
    }
}

/// `noun.verb`, more segments allowed, each lower case, starting with a letter.
pub fn is_well_formed(name: &str) -> bool {
    let segment = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
    };
    name.contains('.') && name.split('.').all(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_names_are_sound() {
        let vocabulary = Vocabulary::shipped();
        let mut written = 0;
        for line in SHIPPED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut words = line.split_whitespace();
            assert!(words.next().and_then(Effect::of).is_some(), "{line}");
            for name in words {
                assert!(is_well_formed(name), "{name}");
                written += 1;
            }
        }
        assert_eq!(vocabulary.spellings.len(), written, "a spelling stands twice");
        for (name, canonical) in &vocabulary.spellings {
            assert_eq!(vocabulary.canonical(canonical).unwrap(), canonical.as_ref(), "{name}");
        }
    }

    #[test]
    fn what_reads_is_called_so_and_all_else_acts() {
        const LOOKING: [&str; 4] = ["read", "list", "search", "get"];
        let vocabulary = Vocabulary::shipped();
        for name in vocabulary.iter() {
            let verb = name.rsplit('.').next().unwrap();
            assert_eq!(vocabulary.acts(name), !LOOKING.contains(&verb), "{name}");
        }
        assert!(vocabulary.acts("no.such"), "what is not known may do anything");
    }

    #[test]
    fn the_spellings_people_use_are_known() {
        let vocabulary = Vocabulary::shipped();
        for (spelled, canonical) in [
            ("order.read", "order.read"),
            ("orders.read", "order.read"),
            ("order.hold", "order.hold"),
            ("orders.hold", "order.hold"),
            ("order.refund", "order.refund"),
            ("order.delete", "order.delete"),
            ("conversations.read", "conversation.read"),
            ("notify.send", "notify.send"),
            ("sensor.read", "sensor.read"),
            ("zone.setback", "zone.setback"),
        ] {
            assert_eq!(vocabulary.canonical(spelled).unwrap(), canonical);
        }
        assert_eq!(vocabulary.aliases("order.hold").collect::<Vec<_>>(), ["orders.hold"]);
        assert!(vocabulary.iter().all(|name| name != "orders.hold"));
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        let vocabulary = Vocabulary::shipped();
        let error = vocabulary.canonical("order.hodl").unwrap_err();
        assert_eq!(error.to_string(), "unknown capability `order.hodl`");
        assert_eq!(error.help, "did you mean `order.hold`?");
        assert!(vocabulary.canonical("quux").unwrap_err().help.contains("fibric.toml"));
        assert!(vocabulary.canonical("Order.hold").is_err(), "case matters");
    }

    #[test]
    fn a_workspace_adds_names_without_other_spellings() {
        let vocabulary = Vocabulary::with_added(&["kiln.fire".to_owned(), "orders.read".to_owned()]).unwrap();
        assert_eq!(vocabulary.canonical("kiln.fire").unwrap(), "kiln.fire");
        assert!(vocabulary.canonical("kilns.fire").is_err());
        assert_eq!(vocabulary.canonical("orders.read").unwrap(), "order.read");
        assert!(vocabulary.acts("kiln.fire"), "without a word it acts");
        assert!(!Vocabulary::with([("kiln.look", Some(Effect::Reads))]).unwrap().acts("kiln.look"));
        for (name, effect) in [("orders.hold", Effect::Reads), ("order.read", Effect::Acts)] {
            let faults = Vocabulary::with([(name, Some(effect))]).unwrap_err();
            assert!(faults[0].message.contains("already"), "{}", faults[0]);
        }
        assert!(Vocabulary::with([("order.hold", Some(Effect::Acts))]).is_ok());
        let faults = Vocabulary::with_added(&["Kiln".into(), "a..b".into(), "*.read".into(), String::new()]);
        assert_eq!(faults.unwrap_err().len(), 4);
    }
}
