//! Which values of an entry are replaced. What authors and the outside wrote may hold anything; of what the kernel wrote,
//! only sentences and keys can repeat it.

use super::forms;
use super::stand_ins::StandIns;
use crate::kernel::json::{Value, read};

/// Members below which everything is somebody else's.
const FOREIGN: [&str; 4] = ["payload", "args", "result", "logs"];

/// Members of the kernel's shapes in which words of others may stand.
const REPEATS: [&str; 16] = [
    "reason",
    "message",
    "text",
    "error",
    "entity_key",
    "idempotency_key",
    "key",
    "correlation_id",
    "event_id",
    "session_id",
    "agent_id",
    "help",
    "reasoning",
    "who",
    "arguments",
    "waited_for",
];

/// Words of a member's name that tell a person, a contact, an address, a payment or a secret.
const PRIVATE: [&str; 52] = [
    "account",
    "address",
    "apikey",
    "auth",
    "author",
    "authorization",
    "bic",
    "birth",
    "birthday",
    "card",
    "city",
    "contact",
    "credential",
    "credentials",
    "customer",
    "cvc",
    "cvv",
    "dob",
    "email",
    "fax",
    "firstname",
    "from",
    "fullname",
    "guest",
    "iban",
    "lastname",
    "mail",
    "mobile",
    "passport",
    "password",
    "passwd",
    "patient",
    "payee",
    "payer",
    "payment",
    "person",
    "phone",
    "postal",
    "postcode",
    "recipient",
    "secret",
    "sender",
    "ssn",
    "street",
    "surname",
    "tel",
    "telephone",
    "token",
    "user",
    "username",
    "who",
    "zip",
];

/// Ends of names that say something about it, and not who or what it is.
const ABOUT: [&str; 13] = [
    "amount", "at", "channel", "count", "currency", "date", "kind", "method", "state", "status", "tier", "total",
    "type",
];

/// Goes through entries.
pub(super) struct Walk<'a> {
    /// Members that were named.
    pub(super) fields: &'a [String],
    /// Only this member or form, where it is tried which one matters.
    pub(super) alone: Option<&'a str>,
}

/// What is known of the place a value stands at.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The nearest member's name.
    member: &'a str,
    /// The member that makes it private, which may stand above it.
    private: Option<&'a str>,
    /// True for what others wrote, all the way down.
    foreign: bool,
}

/// The words of a member's name: `customerEmail`, `customer_email` and `customer-email` have the same two.
fn words(member: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for c in member.chars() {
        let begins = !c.is_alphanumeric() || (c.is_uppercase() && before_is_lower);
        before_is_lower = c.is_lowercase() || c.is_numeric();
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// True for a member whose value is replaced without being named.
pub(super) fn is_private(member: &str) -> bool {
    let words = words(member);
    let is = |word: &String| PRIVATE.contains(&word.as_str());
    let pair = words.windows(2).any(|two| {
        matches!(
            (&*two[0], &*two[1]),
            ("first" | "last" | "full" | "given" | "family", "name") | ("api" | "private" | "access", "key")
        )
    });
    (words.iter().any(is) || pair) && !words.last().is_some_and(|last| ABOUT.contains(&last.as_str()))
}

impl Walk<'_> {
    /// Gives a stand-in to each value that has to have one.
    pub(super) fn gather(&self, entry: &Value, stand_ins: &mut StandIns) {
        self.gather_at(entry, Place { member: "", private: None, foreign: false }, stand_ins);
    }

    fn gather_at(&self, value: &Value, place: Place<'_>, stand_ins: &mut StandIns) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    self.gather_at(value, self.below(place, member), stand_ins);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather_at(item, place, stand_ins)),
            Value::String(text) => match place.private {
                Some(member) => add(member, text, stand_ins),
                None if may_repeat(place) => {
                    for (range, form) in forms::find(text) {
                        if self.alone.is_none_or(|alone| alone == form) {
                            stand_ins.add(&text[range]);
                            stand_ins.forms.insert(form);
                        }
                    }
                }
                None => {}
            },
            Value::Number(number) => {
                if let Some(member) = place.private {
                    add(member, &number.to_string(), stand_ins);
                }
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// What is known of a member of an object at some place.
    fn below<'p>(&self, place: Place<'p>, member: &'p str) -> Place<'p> {
        let foreign = place.foreign || FOREIGN.contains(&member);
        let named = self.fields.iter().any(|field| field == member);
        let by_itself = (place.foreign || member == "who") && is_private(member);
        let tried = self.alone.is_none_or(|alone| alone == member);
        let private = place.private.or((tried && (named || by_itself)).then_some(member));
        Place { member, private, foreign }
    }

    /// Puts the stand-ins in their places.
    pub(super) fn replace(&self, entry: &mut Value, stand_ins: &StandIns) {
        self.replace_at(entry, Place { member: "", private: None, foreign: false }, stand_ins);
    }

    fn replace_at(&self, value: &mut Value, place: Place<'_>, stand_ins: &StandIns) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    self.replace_at(value, self.below(place, member), stand_ins);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace_at(item, place, stand_ins)),
            Value::String(text) if place.private.is_some() || may_repeat(place) => {
                if let Some(other) = stand_ins.within(text) {
                    *text = other;
                }
            }
            Value::Number(number) if place.private.is_some() => {
                let other = stand_ins.of(&number.to_string()).and_then(|text| read(text).ok());
                if let Some(other) = other.filter(|other| other.value.is_number()) {
                    *value = other.value;
                }
            }
            _ => {}
        }
    }
}

fn add(member: &str, text: &str, stand_ins: &mut StandIns) {
    stand_ins.add(text);
    stand_ins.members.insert(member.to_owned());
}

fn may_repeat(place: Place<'_>) -> bool {
    place.foreign || REPEATS.contains(&place.member)
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn names_that_look_like_a_person_or_a_secret() {
        for member in [
            "email",
            "customer_name",
            "customerName",
            "shipping-address",
            "apiKey",
            "first_name",
            "cardNumber",
            "from",
            "user",
        ] {
            assert!(is_private(member), "{member}");
        }
        for member in [
            "order_id",
            "total",
            "name",
            "payment_status",
            "zone",
            "promise_date",
            "userType",
            "discard",
            "contactedAt",
        ] {
            assert!(!is_private(member), "{member}");
        }
    }
}
