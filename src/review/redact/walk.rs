//! Which values of an entry are replaced. What authors and the outside wrote may hold anything; of what the kernel wrote,
//! only sentences and keys can repeat it.

mod members;

use super::forms;
use super::stand_ins::StandIns;
use crate::kernel::json::{Value, read};
use members::{is_contact, is_name, is_private, is_role};

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
    /// True for the object of somebody in a role: what it is called by is a person's name.
    person: bool,
}

impl Place<'_> {
    const TOP: Self = Self { member: "", private: None, foreign: false, person: false };
}

impl Walk<'_> {
    /// Gives a stand-in to each value that has to have one.
    pub(super) fn gather(&self, entry: &Value, stand_ins: &mut StandIns) {
        self.gather_at(entry, Place::TOP, stand_ins);
    }

    fn gather_at(&self, value: &Value, place: Place<'_>, stand_ins: &mut StandIns) {
        match value {
            Value::Object(members) => {
                let of_a_person = place.person || members.keys().any(|member| is_contact(member));
                for (member, value) in members {
                    let below = self.below(place, (member, value), of_a_person);
                    // Records by the person they are about.
                    if below.foreign {
                        self.gather_forms(member, stand_ins);
                    }
                    self.gather_at(value, below, stand_ins);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather_at(item, place, stand_ins)),
            Value::String(text) => match place.private {
                Some(member) => add(member, text, stand_ins),
                None if may_repeat(place) => self.gather_forms(text, stand_ins),
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

    fn gather_forms(&self, text: &str, stand_ins: &mut StandIns) {
        for (range, form) in forms::find(text) {
            if self.alone.is_none_or(|alone| alone == form) {
                stand_ins.add(&text[range]);
                stand_ins.forms.insert(form);
            }
        }
    }

    /// What is known of a member of an object at some place.
    fn below<'p>(&self, place: Place<'p>, (member, value): (&'p str, &Value), of_a_person: bool) -> Place<'p> {
        let foreign = place.foreign || FOREIGN.contains(&member);
        let named = self.fields.iter().any(|field| field == member);
        let is_role = is_role(member);
        let is_plain = !value.is_object() && !value.as_array().is_some_and(|items| items.iter().any(Value::is_object));
        let tells = is_private(member) || of_a_person && is_name(member) || is_role && is_plain;
        let by_itself = (place.foreign || member == "who") && tells;
        let tried = self.alone.is_none_or(|alone| alone == member);
        let private = place.private.or((tried && (named || by_itself)).then_some(member));
        Place { member, private, foreign, person: is_role }
    }

    /// Puts the stand-ins in their places.
    pub(super) fn replace(&self, entry: &mut Value, stand_ins: &StandIns) {
        self.replace_at(entry, Place::TOP, stand_ins);
    }

    fn replace_at(&self, value: &mut Value, place: Place<'_>, stand_ins: &StandIns) {
        match value {
            Value::Object(members) => {
                let of_a_person = place.person || members.keys().any(|member| is_contact(member));
                for (member, mut value) in std::mem::take(members) {
                    let below = self.below(place, (&member, &value), of_a_person);
                    self.replace_at(&mut value, below, stand_ins);
                    let other = stand_ins.within(&member).filter(|_| below.foreign && holds_a_value(&member));
                    members.insert(other.unwrap_or(member), value);
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

/// True for a member that is a value rather than a name: an address, or words with blanks between.
fn holds_a_value(member: &str) -> bool {
    member.contains(char::is_whitespace) || !forms::find(member).is_empty()
}

fn add(member: &str, text: &str, stand_ins: &mut StandIns) {
    stand_ins.add(text);
    stand_ins.members.insert(member.to_owned());
}

fn may_repeat(place: Place<'_>) -> bool {
    place.foreign || REPEATS.contains(&place.member)
}
