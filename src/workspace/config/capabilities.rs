//! `[capabilities]` of `fibric.toml`: a workspace's own names, and whether they read or act.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use toml::de::{DeTable, DeValue};

use super::FILE;
use crate::kernel::capability::{Effect, NotAdded, Vocabulary};
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

/// `[capabilities]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The names, each with what it is said to do; those of `add` say nothing, and act.
    pub names: BTreeMap<String, Option<Effect>>,
}

/// A name or a word, with its bytes in the file.
type Placed = (String, Range<usize>);

impl Capabilities {
    /// The shipped vocabulary and these names.
    pub fn vocabulary(&self) -> Result<Vocabulary, Vec<NotAdded>> {
        Vocabulary::with(self.names.iter().map(|(name, effect)| (name.as_str(), *effect)))
    }

    /// Holds a place in the file's shape; [`Capabilities::read`] reads what stands there, with its places.
    pub(super) fn later<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self::default())
    }

    /// Reads the table out of the file's text.
    pub(super) fn read(text: &str) -> Result<Self, Diagnostic> {
        let at = |message: String, span: &Range<usize>| Diagnostic::error(message).in_file(FILE).at_span(text, span, 1);
        let root = DeTable::parse(text).map_err(|error| super::at_fault(text, &error))?;
        let Some((_, table)) = root.get_ref().iter().find(|(key, _)| key.get_ref() == "capabilities") else {
            return Ok(Self::default());
        };
        let DeValue::Table(table) = table.get_ref() else {
            let help = "write `[capabilities]` and below it names, as in `\"crate.open\" = \"acts\"`";
            return Err(at("`capabilities` is not a table".to_owned(), &table.span()).help(help));
        };
        let mut given = Vec::new();
        gather("", table, &mut given).map_err(|(message, span)| {
            at(message, &span).help("a name is given `\"reads\"` or `\"acts\"`; `add = […]` lists names, which act")
        })?;
        let mut read = Self::default();
        for ((name, span), word) in &given {
            let effect = match word {
                None => None,
                Some((word, span)) => Some(Effect::of(word).ok_or_else(|| {
                    let fault = at(format!("`{name}` is `{word}`, expected `reads` or `acts`"), span);
                    Diagnostic { help: did_you_mean(word, ["reads", "acts"]), ..fault }
                })?),
            };
            if read.names.insert(name.clone(), effect).is_some_and(|before| before != effect) {
                return Err(at(format!("`{name}` is in `[capabilities]` twice"), span).help("keep one of them"));
            }
        }
        let Err(faults) = read.vocabulary() else { return Ok(read) };
        let placed = faults.into_iter().filter_map(|fault| {
            let ((_, span), _) = given.iter().find(|((name, _), _)| *name == fault.name)?;
            Some(at(format!("`[capabilities]`: {fault}"), span).help(fault.help))
        });
        Err(placed
            .into_iter()
            .next()
            .unwrap_or_else(|| Diagnostic::error("`[capabilities]` cannot be read").in_file(FILE)))
    }
}

/// Collects names. A dotted key without quotes is a table of tables, and means the same.
fn gather(prefix: &str, table: &DeTable<'_>, given: &mut Vec<(Placed, Option<Placed>)>) -> Result<(), Placed> {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Array(items) if name == "add" => {
                for item in items {
                    let DeValue::String(added) = item.get_ref() else {
                        return Err(("`add` lists names".to_owned(), item.span()));
                    };
                    given.push(((added.to_string(), item.span()), None));
                }
            }
            DeValue::Table(inner) => gather(&name, inner, given)?,
            DeValue::String(word) if name != "add" => {
                given.push(((name, key.span()), Some((word.to_string(), value.span()))));
            }
            _ => return Err((format!("`{name}` is neither `\"reads\"` nor `\"acts\"`"), value.span())),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use crate::kernel::diagnostic::Diagnostic;

    fn acts(text: &str, name: &str) -> bool {
        Config::parse(text).unwrap().capabilities.vocabulary().unwrap().acts(name)
    }

    fn fault(text: &str) -> Diagnostic {
        Config::parse(text).unwrap_err()
    }

    #[test]
    fn names_say_what_they_do_and_without_a_word_they_act() {
        let text = "[capabilities]\nadd = [\"kiln.fire\"]\n\"crate.open\" = \"acts\"\n\"crate.look\" = \"reads\"\nkiln.peek = \"reads\"\n";
        assert!(acts(text, "kiln.fire") && acts(text, "crate.open"));
        assert!(!acts(text, "crate.look") && !acts(text, "kiln.peek"));
        assert!(acts("capabilities.add = [\"kiln.fire\", \"kiln.fire\"]\n", "kiln.fire"));
    }

    #[test]
    fn what_says_neither_is_refused_with_its_place() {
        let cases = [
            ("[capabilities]\n\"crate.open\" = \"act\"\n", "`crate.open` is `act`, expected `reads` or `acts`"),
            ("[capabilities]\n\"crate.open\" = \"\"\n", "`crate.open` is ``, expected `reads` or `acts`"),
            ("[capabilities]\n\"crate.open\" = true\n", "`crate.open` is neither `\"reads\"` nor `\"acts\"`"),
            ("[capabilities]\nad = [\"a.b\"]\n", "`ad` is neither `\"reads\"` nor `\"acts\"`"),
            ("[capabilities]\nadd = [3]\n", "`add` lists names"),
            ("[capabilities]\nadd = \"a.b\"\n", "`add` is neither `\"reads\"` nor `\"acts\"`"),
            ("[capabilities]\n\"Crate\" = \"reads\"\n", "`[capabilities]`: `Crate` is not a capability name"),
            (
                "[capabilities]\n\"orders.hold\" = \"reads\"\n",
                "`[capabilities]`: `orders.hold` acts already, and cannot be said to do otherwise",
            ),
        ];
        for (text, said) in cases {
            let fault = fault(text);
            assert_eq!((fault.message.as_str(), fault.line), (said, Some(2)), "{text}");
        }
        let twice = fault("[capabilities]\nadd = [\"a.b\"]\n\"a.b\" = \"reads\"\n");
        assert!(twice.message.contains("twice"), "{}", twice.message);
        assert!(fault("capabilities = 3\n").message.contains("not a table"));
    }
}
