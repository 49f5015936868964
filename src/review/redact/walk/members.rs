//! What a member's name says of its value. `members.txt` has the words.

use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Two words that tell together what neither does alone.
const PAIRS: [(&str, &str); 14] = [
    ("first", "name"),
    ("last", "name"),
    ("full", "name"),
    ("given", "name"),
    ("family", "name"),
    ("display", "name"),
    ("api", "key"),
    ("private", "key"),
    ("access", "key"),
    ("nhs", "number"),
    ("driver", "license"),
    ("driver", "licence"),
    ("drivers", "license"),
    ("driving", "licence"),
];

/// Ends of names that say something about it, and not who or what it is.
const ABOUT: [&str; 15] = [
    "amount", "at", "channel", "count", "currency", "date", "id", "kind", "method", "model", "state", "status", "tier",
    "total", "type",
];

/// What tells a person wherever it stands in a name, whatever that ends with.
const ALWAYS: [&str; 6] = ["birth", "email", "iban", "passport", "patient", "ssn"];

/// Members that make the object they stand in one of a person.
const CONTACT: [&str; 14] = [
    "apellidos",
    "birth",
    "birthday",
    "correo",
    "dob",
    "email",
    "lastname",
    "mail",
    "mobile",
    "nachname",
    "phone",
    "surname",
    "telecom",
    "telephone",
];

/// What people and things are called by alike.
const CALLED: [&str; 13] = [
    "displayname",
    "forename",
    "given",
    "name",
    "naam",
    "namn",
    "navn",
    "nm",
    "nom",
    "nombre",
    "nome",
    "preferredname",
    "title",
];

/// Roles that people are in. Whoever is named there is a person; of a whole object, only what names one is replaced.
const ROLES: [&str; 36] = [
    "agent",
    "applicant",
    "attendee",
    "beneficiary",
    "borrower",
    "buyer",
    "caller",
    "candidate",
    "cdtr",
    "claimant",
    "creditor",
    "dbtr",
    "debtor",
    "donor",
    "employee",
    "guardian",
    "heir",
    "insured",
    "interviewer",
    "lender",
    "manager",
    "passenger",
    "picker",
    "player",
    "pupil",
    "recruiter",
    "requester",
    "resident",
    "signatory",
    "signer",
    "spouse",
    "student",
    "subscriber",
    "teacher",
    "visitor",
    "witness",
];

fn private() -> &'static BTreeSet<&'static str> {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lines = include_str!("members.txt").lines().filter(|line| !line.starts_with('#'));
        lines.flat_map(str::split_whitespace).collect()
    })
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
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let pair = words.windows(2).any(|two| PAIRS.contains(&(two[0].as_str(), two[1].as_str())));
    let named = words.iter().any(|word| private().contains(word.as_str())) || pair;
    let about = words.last().is_some_and(|last| ABOUT.contains(&last.as_str()));
    // `user_id` says who it is; `payment_id` and `card_type` do not.
    let who = words.len() == 2
        && words[1] == "id"
        && ["user", "payer", "payee", "guest", "login"].contains(&words[0].as_str());
    named
        && (!about
            || has(&ALWAYS) && !words.last().is_some_and(|last| matches!(last.as_str(), "type" | "status" | "count"))
            || who)
}

/// True for a member that holds somebody in a role.
pub(super) fn is_role(member: &str) -> bool {
    words(member)
        .last()
        .is_some_and(|last| ROLES.contains(&last.trim_end_matches('s')) || ROLES.contains(&last.as_str()))
}

/// True for a member beside which a name is a person's.
pub(super) fn is_contact(member: &str) -> bool {
    words(member).iter().any(|word| CONTACT.contains(&word.as_str())) && is_private(member)
}

/// True for a member that is a person's name in the object of a person.
pub(super) fn is_name(member: &str) -> bool {
    CALLED.contains(&words(member).concat().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

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
            "user_id",
            "payerId",
            "birthDate",
            "Straße",
            "電話番号",
            "displayName",
        ] {
            assert!(is_private(member), "{member}");
        }
        for member in [
            "order_id",
            "payment_id",
            "total",
            "name",
            "payment_status",
            "zone",
            "promise_date",
            "userType",
            "email_status",
            "discard",
            "contactedAt",
            "phone_model",
            "zipper",
        ] {
            assert!(!is_private(member), "{member}");
        }
    }

    #[test]
    fn a_name_is_a_persons_beside_what_reaches_one() {
        assert!(is_name("name") && is_name("Nombre") && !is_name("file_name"));
        assert!(
            is_role("candidate")
                && is_role("passengers")
                && !is_role("manager_id")
                && is_contact("email")
                && is_contact("birthDate")
                && !is_contact("sku")
                && !is_contact("email_status")
        );
    }
}
