//! The capability vocabulary: the one place that knows which names mean the same.
//!
//! Bindings, allow-lists and policies compare canonical names, so every reader of a name turns it into its canonical
//! spelling here first. Knows nothing of who provides a capability.

use std::collections::BTreeMap;

use super::diagnostic::nearest;

/// One line a capability, its canonical name first, then its other accepted spellings.
const SHIPPED: &str = include_str!("capability/vocabulary.txt");

/// The names that are known, each with its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// From every accepted spelling to the canonical one.
    spellings: BTreeMap<Box<str>, Box<str>>,
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
#[error("`{name}` is not a capability name")]
pub struct NotACapability {
    /// The name as written.
    pub name: String,
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
        let mut spellings = BTreeMap::new();
        for line in SHIPPED.lines().filter(|line| !line.starts_with('#')) {
            let mut names = line.split_ascii_whitespace();
            let Some(canonical) = names.next() else { continue };
            spellings.insert(Box::from(canonical), Box::from(canonical));
            spellings.extend(names.map(|alias| (Box::from(alias), Box::from(canonical))));
        }
        Self { spellings }
    }

    /// The shipped vocabulary and a workspace's own names, which have no other spellings. A name that is known already
    /// changes nothing, so that a vocabulary that grows breaks no workspace.
    pub fn with_added(names: &[String]) -> Result<Self, Vec<NotACapability>> {
        let mut vocabulary = Self::shipped();
        let mut faults = Vec::new();
        for name in names {
            if is_well_formed(name) {
                vocabulary.spellings.entry(name.as_str().into()).or_insert_with(|| name.as_str().into());
            } else {
                let help = "write it `noun.verb` in lower case, as in `order.hold`".to_owned();
                faults.push(NotACapability { name: name.clone(), help });
            }
        }
        if faults.is_empty() { Ok(vocabulary) } else { Err(faults) }
    }

    /// The canonical spelling of a name.
    pub fn canonical(&self, name: &str) -> Result<&str, UnknownCapability> {
        if let Some(canonical) = self.spellings.get(name) {
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
        for name in SHIPPED.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            assert!(is_well_formed(name), "{name}");
            written += 1;
        }
        assert_eq!(vocabulary.spellings.len(), written, "a spelling stands twice");
        for (name, canonical) in &vocabulary.spellings {
            assert_eq!(vocabulary.canonical(canonical).unwrap(), canonical.as_ref(), "{name}");
        }
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
        let faults = Vocabulary::with_added(&["Kiln".into(), "a..b".into(), "*.read".into(), String::new()]);
        assert_eq!(faults.unwrap_err().len(), 4);
    }
}
