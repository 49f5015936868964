//! What is not sure: rules that only a predicate decides about, and names that refer to nothing.

use std::sync::Arc;

use super::{Desk, dark, desk};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Entry, Fact, PolicyStamp};
use crate::kernel::policy::PredicateId;

/// The kernel says that it read the policy again.
fn reloaded(desk: &mut Desk, change: impl FnOnce(&mut PolicyStamp)) -> String {
    let mut stamp = desk.runner.model().runs.policy().unwrap().clone();
    change(&mut stamp);
    let fact = Fact::PolicyLoaded(stamp);
    desk.runner.feed(1, [Arc::new(Entry { seq: 903, at: "2026-01-01T00:30:00Z".to_owned(), fact })]).text()
}

#[test]
fn a_predicate_that_nobody_asked_is_never_said_to_have_thrown() {
    let mut desk = desk(120, 40, dark());
    desk.runner.press("3");
    let text = reloaded(&mut desk, |stamp| {
        stamp.digest = Some("d74a".repeat(16));
        for rule in &mut stamp.ruleset {
            rule.max_value = None;
            rule.predicate = (rule.tool.as_deref() == Some("order.refund")).then_some(PredicateId(0));
        }
    });
    assert!(text.contains("? not asked") || text.contains("? predicate not asked"), "{text}");
    assert!(!text.contains("threw"), "{text}");
    let ladder = desk.runner.policy().ladder.as_ref().unwrap();
    let said = ladder.force.as_ref().unwrap();
    assert_eq!((said.reason.as_str(), said.flips.len()), ("rule 3: predicate not asked", 0));
}

#[test]
fn a_name_that_refers_to_nothing_stands_until_it_is_mended() {
    let mut desk = desk(120, 40, dark());
    let file = std::fs::read_to_string(desk.file()).unwrap();
    let start = file.find("acme-wms").unwrap();
    let warning = Diagnostic::warning("no loaded connector is called `acme-wms`, so rule 7 never matches")
        .help("did you mean `acme-vms`?")
        .in_file("policy/trust.yaml")
        .at_span(&file, &(start..start + "acme-wms".len()), 1);
    let said = |text: &str| text.contains("POLICY") && text.contains("no loaded connector is called `acme-wms`");
    let text = reloaded(&mut desk, |stamp| stamp.diagnostics = vec![warning.clone()]);
    assert!(said(&text), "{text}");
    let text = desk.runner.press("3 ctrl-end").text();
    assert!(text.contains("no loaded connector is called acme-wms, so"), "under its line: {text}");
    assert!(text.contains("did you mean acme-vms?"), "{text}");
    let text = reloaded(&mut desk, |stamp| stamp.diagnostics.clear());
    assert!(!said(&text) && !text.contains("acme-vms"), "{text}");
}
