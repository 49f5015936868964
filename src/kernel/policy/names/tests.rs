use proptest::prelude::*;

use super::*;
use crate::kernel::capability::Vocabulary;
use crate::kernel::policy::file;

fn loaded() -> LoadedNames {
    let only = |names: &[&str]| Arguments::Only(names.iter().map(|name| (*name).to_owned()).collect());
    let tools = |tools: &[(&str, Arguments)]| -> BTreeMap<String, Arguments> {
        tools.iter().map(|(name, arguments)| ((*name).to_owned(), arguments.clone())).collect()
    };
    LoadedNames {
        connectors: BTreeMap::from([
            ("cn-brightdesk".to_owned(), tools(&[("order.refund", only(&["order_id", "amount"]))])),
            ("cn-orderbook".to_owned(), tools(&[("order.hold", Arguments::Unlisted)])),
        ]),
        operators: BTreeSet::from(["returns-desk".to_owned()]),
        broken: BTreeSet::from(["cn-torn".to_owned()]),
    }
}

/// `line:column message; help` of each warning about a policy's text.
fn said(text: &str) -> Vec<String> {
    let read = file::read("f.yaml", text, &Vocabulary::shipped()).unwrap();
    let found = unknown_names(&read.rules, &loaded(), &|name| (name == "f.yaml").then_some(text));
    found.iter().map(line).collect()
}

fn line(found: &Diagnostic) -> String {
    assert!(!found.is_error());
    let place = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
    let help = found.help.as_deref().unwrap_or("no help");
    format!("{}:{} {}; {help}", place(found.line), place(found.column), found.message)
}

#[test]
fn each_name_that_refers_to_nothing_is_told_with_its_place_and_the_nearest() {
    let table = [
        (
            "- { tool: order.refund, decision: ALLOW }\n- { connector: cn-brightdsk, tool: order.refund, decision: BLOCK }",
            "2:16 no loaded connector is called `cn-brightdsk`, so rule 2 never matches; did you mean `cn-brightdesk`?",
        ),
        (
            "- tool: zone.setback\n  decision: ALLOW",
            "1:9 no loaded tool provides `zone.setback`, so rule 1 decides nothing; provided: `order.hold`, `order.refund`",
        ),
        (
            "- { connector: cn-orderbook, tool: order.refund, decision: ALLOW }",
            "1:16 `cn-orderbook` has no tool for `order.refund`, so rule 1 never matches; provided by: `cn-brightdesk`",
        ),
        (
            "policy: p\napplies_to: return-desk\nrules:\n- allow: order.refund",
            "2:13 no loaded operator is called `return-desk`, so this document decides nothing; did you mean `returns-desk`?",
        ),
        (
            "policy: p\nrules:\n- allow: order.refund\n  single_flight: ordr_id",
            "4:18 `order.refund` takes no argument `ordr_id`, so rule 1 has nothing to lock and refuses it; did you mean `order_id`?",
        ),
        (
            "policy: p\nrules:\n- allow: page.send\n  limit: { per: hour, max: 3 }",
            "3:10 no loaded tool provides `page.send`, so rule 1 decides nothing; provided: `order.hold`, `order.refund`",
        ),
        // Another spelling of the name points at the rule.
        (
            "- tool: zones.setback\n  decision: ALLOW",
            "1:3 no loaded tool provides `zone.setback`, so rule 1 decides nothing; provided: `order.hold`, `order.refund`",
        ),
    ];
    for (text, told) in table {
        assert_eq!(said(text), [told], "{text}");
    }
}

#[test]
fn names_of_what_is_loaded_and_of_what_does_not_load_are_no_warning() {
    for text in [
        "- { connector: cn-brightdesk, tool: order.refund, maxValue: 5, decision: ALLOW }\n- { decision: ALERT }",
        "- { connector: cn-torn, tool: order.refund, decision: ALLOW }",
        "policy: p\napplies_to: returns-desk\nrules:\n- allow: orders.refund\n  single_flight: order_id",
        // Its schema lists no arguments.
        "policy: p\nrules:\n- allow: order.hold\n  single_flight: whatever",
    ] {
        assert_eq!(said(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_test_of_an_action_that_cannot_be_is_told() {
    let text = "- { action: { connector: cn-brightdsk, tool: order.refund }, operator: returns, expect: BLOCK }\n\
                - { action: { connector: cn-orderbook, tool: order.refund }, expect: BLOCK }\n";
    let tests = file::read_tests("t.yaml", text, &Vocabulary::shipped()).unwrap();
    let found: Vec<_> = unknown_names_in_tests("t.yaml", text, &tests, &loaded()).iter().map(line).collect();
    assert_eq!(
        found,
        [
            "1:72 no loaded operator is called `returns`, so test 1 is of an action that nobody proposes; \
             did you mean `returns-desk`?",
            "1:26 no loaded connector is called `cn-brightdsk`, so test 1 is of an action that cannot be; \
             did you mean `cn-brightdesk`?",
        ]
    );
}

#[test]
fn a_policy_of_nothing_but_mistyped_names_is_told_of_twenty() {
    let rule = |n| format!("- {{ connector: cn-{n}, tool: order.hold, decision: ALLOW }}\n");
    let rules: Vec<_> = (0..5_000).map(rule).collect();
    assert_eq!(said(&rules.concat()).len(), MAX_FAULTS);
}

proptest! {
    /// A rule is warned of exactly when no action that could be proposed here can ever match it.
    #[test]
    fn a_rule_without_a_warning_can_match(
        connector in prop::option::of(prop::sample::select(vec!["cn-brightdesk", "cn-orderbook", "cn-other"])),
        tool in prop::option::of(prop::sample::select(vec!["order.refund", "order.hold", "page.send"])),
    ) {
        let origin = Origin::new("f", 1);
        let rule = TrustPolicy {
            connector: connector.map(str::to_owned),
            tool: tool.map(str::to_owned),
            max_value: None,
            predicate: None,
            decision: crate::kernel::receipt::Decision::Allow,
            origin,
            guard: None,
        };
        let loaded = loaded();
        let actions = loaded.connectors.iter().flat_map(|(id, tools)| tools.keys().map(move |tool| (id, tool)));
        let mut subjects = actions.map(|(id, tool)| super::super::Subject { connector: Some(id), tool, value: None });
        let matches = subjects.any(|subject| rule.matches(&subject));
        prop_assert_eq!(unknown_names(std::slice::from_ref(&rule), &loaded, &|_| None).is_empty(), matches);
    }
}
