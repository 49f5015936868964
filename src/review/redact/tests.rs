//! Redacting a run's journal, and what stops it.

use super::{NotRedacted, Plan, redact};
use crate::review::contents::{Entries, Evidence};
use crate::review::tests::{evidence, refund};
use crate::review::verify::verify;

fn with(plan: &Plan, payload: &str, key: &str) -> Result<Option<(Evidence, Entries)>, NotRedacted> {
    let evidence = evidence(&[refund(40, key, payload), refund(250, "other", "{}"), refund(40, key, payload)]);
    let entries = Entries::read(&evidence.journal).unwrap();
    redact(&evidence, &entries, plan)
}

#[test]
fn a_redacted_review_is_intact_and_says_nothing_of_the_person() {
    let payload = r#"{"customer":{"name":"Jane Doe","phone":5550100},"note":"mail jane.doe@acme.io"}"#;
    let (evidence, entries) = with(&Plan::default(), payload, "refund:jane.doe@acme.io").unwrap().unwrap();
    let file = evidence.archive(&entries);
    let verified = verify(&file).unwrap().verification;
    assert_eq!(verified.differences, []);
    assert_eq!(verified.proven.verdicts, 3);
    let redaction = verified.redaction.unwrap();
    assert_eq!(
        (redaction.values, redaction.members, redaction.forms),
        (3, vec!["customer".to_owned()], vec!["e-mail address".to_owned()])
    );
    let text = String::from_utf8_lossy(&file).into_owned();
    for word in ["Jane", "5550100", "jane.doe", "acme"] {
        assert!(!text.contains(word), "{word}");
    }
    // Keys meet where they met.
    assert_eq!(text.matches("\"decision\":\"DEDUP\"").count(), 2, "in journal and receipts");
}

#[test]
fn what_decides_is_named_and_not_replaced() {
    for field in ["value", "event_type", "tool"] {
        let told = with(&Plan { fields: vec![field.to_owned()] }, "{}", "k").unwrap_err();
        assert!(matches!(&told, NotRedacted::Matters { what, .. } if what.contains(field)), "{field}: {told}");
    }
    assert!(with(&Plan::default(), "{}", "k").unwrap().is_none(), "there is nothing to replace");
}
