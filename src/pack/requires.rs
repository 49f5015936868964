//! `requires.json`: the capabilities a pack needs, by intent and never by vendor. It must not know who provides them.

use super::json_file::{at, parse};
use crate::kernel::capability::Vocabulary;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{Value, kind};
use crate::kernel::shape::{Fields, ShapeError};

/// One capability that a pack needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Requirement {
    /// The name, as written.
    pub capability: String,
    /// The name that all spellings of it come down to.
    pub canonical: String,
    /// One line for whoever installs the pack.
    pub why: String,
    /// Whether the pack does without it where nobody provides it.
    pub optional: bool,
}

/// Reads the file: what could be read of it, and all that is wrong.
pub fn read(text: &str, vocabulary: &Vocabulary) -> (Option<Vec<Requirement>>, Vec<Diagnostic>) {
    let value = match parse(text) {
        Ok(value) => value,
        Err(faults) => return (None, faults),
    };
    let found = |faults: Vec<ShapeError>| faults.into_iter().map(|fault| at(text, fault)).collect::<Vec<_>>();
    let mut fields = match Fields::of(&value, "`requires.json`", &["requires"]) {
        Ok(fields) => fields,
        Err(faults) => return (None, found(faults)),
    };
    let listed = fields.array("requires");
    let mut faults = Vec::new();
    let mut requirements: Vec<Requirement> = Vec::new();
    for (index, item) in listed.iter().enumerate() {
        let here = format!("/requires/{index}");
        match requirement(item, vocabulary) {
            Ok(read) => {
                if let Some(earlier) = requirements.iter().find(|other| other.canonical == read.canonical) {
                    let message = format!("`{}` and `{}` are one capability", earlier.capability, read.capability);
                    let help = Some("name it once".to_owned());
                    faults.push(ShapeError { pointer: format!("{here}/capability"), key: false, message, help });
                }
                requirements.push(read);
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.under(&here))),
        }
    }
    match fields.finish(()) {
        Ok(()) => (Some(requirements), found(faults)),
        Err(more) => (None, found(more)),
    }
}

fn requirement(item: &Value, vocabulary: &Vocabulary) -> Result<Requirement, Vec<ShapeError>> {
    let mut fields = Fields::of(item, "a requirement", &["capability", "why", "optional"])?;
    let capability = fields.text("capability");
    let why = fields.text("why");
    if fields.sound("why") && (why.trim().is_empty() || why.contains('\n')) {
        let help = "the install flow shows it beside the capability".to_owned();
        fields.wrong("why", "`why` is not one line of text".to_owned(), Some(help));
    }
    let optional = match fields.get("optional") {
        None => false,
        Some(Value::Bool(optional)) => *optional,
        Some(other) => {
            fields.wrong("optional", format!("`optional` is {}, expected true or false", kind(other)), None);
            false
        }
    };
    let mut canonical = String::new();
    if fields.sound("capability") {
        match vocabulary.canonical(&capability) {
            Ok(name) => name.clone_into(&mut canonical),
            Err(unknown) => {
                let help = Some(unknown.help.clone());
                fields.wrong("capability", unknown.to_string(), help);
            }
        }
    }
    fields.finish(Requirement { capability, canonical, why, optional })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let (_, faults) = read(text, &Vocabulary::shipped());
        faults.into_iter().map(|fault| format!("{}: {}", fault.line.unwrap_or(0), fault.message)).collect()
    }

    #[test]
    fn the_documented_file_is_read() {
        let text = r#"{ "requires": [
            { "capability": "orders.read", "why": "order state and promise dates" },
            { "capability": "conversations.read", "why": "support context per order", "optional": true } ] }"#;
        let (read, faults) = read(text, &Vocabulary::shipped());
        let read = read.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(read.iter().map(|one| one.optional).collect::<Vec<_>>(), [false, true]);
        assert_eq!(read[0].canonical, Vocabulary::shipped().canonical("order.read").unwrap());
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_line() {
        let text = "{ \"requires\": [\n{ \"capability\": \"order.hald\", \"why\": \"x\" },\n\
                    { \"capability\": \"orders.hold\", \"why\": \" \", \"optional\": 1 },\n\
                    { \"capability\": \"notify.send\", \"why\": \"a\" },\n\
                    { \"capability\": \"notify.send\", \"why\": \"b\", \"wy\": 2 }, 7\n] }";
        let told = faults(text);
        assert!(told[0].starts_with("2: ") && told[0].contains("order.hald"), "{told:?}");
        assert!(told.iter().any(|one| one == "3: `why` is not one line of text"), "{told:?}");
        assert!(told.iter().any(|one| one == "3: `optional` is a number, expected true or false"), "{told:?}");
        assert!(told.iter().any(|one| one.starts_with("5: unknown field `wy`")), "{told:?}");
        assert!(told.iter().any(|one| one.contains("found a number")), "{told:?}");
        let twice = r#"{"requires":[{"capability":"order.hold","why":"a"},{"capability":"orders.hold","why":"b"}]}"#;
        assert_eq!(faults(twice), ["1: `order.hold` and `orders.hold` are one capability"]);
        assert_eq!(faults("[]"), ["1: expected `requires.json` (an object), found an array"]);
    }
}
