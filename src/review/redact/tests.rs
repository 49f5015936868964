//! Redacting a run's journal, and what stops it.

mod foreign;

use proptest::prelude::*;

use super::{NotRedacted, Plan, redact};
use crate::kernel::journal::Fact;
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

/// What a journal may hold, made of few words so that values meet.
fn word() -> impl Strategy<Value = String> {
    let words =
        ["jane@acme.io", "SO-1", "+44 20 7946 0958", "x", "Jane Doe", "rule 3", "order.refund", "ALLOW", "40", "250"];
    prop::sample::select(words.map(str::to_owned).to_vec())
}

fn payload() -> impl Strategy<Value = String> {
    let member = prop::sample::select(vec!["customer", "email", "note", "amount", "order_id", "tool", "value", "name"]);
    prop::collection::btree_map(member, word(), 0..5)
        .prop_map(|members| serde_json::to_string(&members).unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Either everything that was decided is the same, and the review proves it; or what matters is named, and nothing is
    /// written.
    #[test]
    fn redaction_is_proven_or_names_what_matters(
        refunds in prop::collection::vec((0_u32..300, word(), word(), payload()), 1..6),
        fields in prop::collection::vec(
            prop::sample::select(vec!["note", "order_id", "idempotency_key", "entity_key", "value", "tool", "reason", "operator"]),
            0..3,
        ),
    ) {
        let refunds: Vec<_> =
            refunds.iter().map(|(value, one, two, payload)| refund(*value, &format!("k:{one}:{two}"), payload)).collect();
        let before = evidence(&refunds);
        let entries = Entries::read(&before.journal).unwrap();
        let plan = Plan { fields: fields.iter().map(|field| (*field).to_owned()).collect() };
        match redact(&before, &entries, &plan) {
            Ok(None) => {}
            Ok(Some((evidence, after))) => {
                let verified = verify(&evidence.archive(&after)).unwrap().verification;
                prop_assert_eq!(verified.differences, []);
                prop_assert_eq!(usize::try_from(verified.proven.verdicts), Ok(refunds.len()));
                let told = |entries: &Entries| {
                    let mut keys = std::collections::BTreeMap::new();
                    let receipts = entries.0.iter().filter_map(|entry| match &entry.fact {
                        Fact::Disposed(disposed) => Some(&disposed.receipt),
                        _ => None,
                    });
                    let story = receipts.map(|receipt| {
                        let next = keys.len();
                        let key = *keys.entry(receipt.idempotency_key.clone()).or_insert(next);
                        (receipt.tool.clone(), receipt.verdict.decision, receipt.outcome, receipt.verdict.rule.clone(), key)
                    });
                    story.collect::<Vec<_>>()
                };
                prop_assert_eq!(told(&entries), told(&after));
            }
            Err(NotRedacted::Matters { what, .. }) => {
                let named = what.trim_matches('`');
                let forms = ["e-mail address", "phone number"];
                let by_itself = ["customer", "email"];
                prop_assert!(
                    fields.contains(&named) || forms.contains(&named) || by_itself.contains(&named) || what.starts_with("these"),
                    "{}", what
                );
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
