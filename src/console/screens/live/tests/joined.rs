//! The four lists as one: what a row caused and what caused it, the rules behind it, what waits for a person.

use std::sync::Arc;

use proptest::prelude::*;

use crate::console::Runner;
use crate::console::model::RowList;
use crate::console::screens::live::{ListId, Live, Tie};
use crate::console::tests::{dark, story, told};
use crate::kernel::journal::{Entry, Fact};

fn selected(live: &Live, list: ListId) -> Option<usize> {
    live.selection_in(list).index()
}

/// On the refund that the ceiling stopped.
fn on_the_refund(columns: u16, rows: u16) -> Runner {
    let mut runner = told(columns, rows, dark());
    runner.press(&"up ".repeat(25));
    runner
}

#[test]
fn a_row_leads_to_what_caused_it_and_what_it_caused() {
    let runner = on_the_refund(120, 40);
    let live = runner.live();
    let links = live.links();
    for pane in [ListId::Envelopes, ListId::Plans, ListId::Receipts] {
        let index = selected(live, pane).unwrap();
        assert_eq!(links.tie(pane, index), Some(Tie::Linked), "{pane:?}");
    }
    let text = runner.text();
    let line = text.lines().find(|line| line.contains("▌rc_5b27")).unwrap();
    assert!(line.contains("▌■ BLOCK  order.refund") && line.contains("───▌rc_5b27"), "{line}");
    assert!(text.contains("7c90 →1") && text.contains("▌order-risk  ■ ▲"), "{text}");
    assert_eq!(links.threads[1].iter().filter(|edge| edge.tie == Tie::Sibling).count(), 1, "the notice is a sibling");
}

#[test]
fn exactly_one_heading_is_heavy_at_any_fold() {
    for (columns, panes) in [(40, 4), (80, 3), (100, 4), (120, 6)] {
        let mut runner = told(columns, 30, dark());
        for _ in 0..panes {
            let text = runner.press("tab").text();
            assert_eq!(text.lines().filter(|line| line.contains('━')).count(), 1, "{columns}\n{text}");
        }
        assert_eq!(runner.live().focus(), ListId::Decisions, "{columns}: around once");
    }
}

#[test]
fn what_is_out_of_view_is_counted_where_the_thread_ends() {
    let story = story();
    let Some(disposed) = story.iter().find(|entry| matches!(entry.fact, Fact::Disposed(_))) else { panic!() };
    let mut runner = told(120, 30, dark());
    let more = (500..540).map(|seq| Arc::new(Entry { seq, ..(**disposed).clone() }));
    runner.feed(1, more);
    runner.press("backtab backtab home j");
    let text = runner.text();
    assert!(text.lines().any(|line| line.contains(" ↓") && line.contains("ALLOW")), "{text}");
}

#[test]
fn the_rules_are_asked_and_never_guessed() {
    let runner = on_the_refund(120, 40);
    let text = runner.text();
    for said in ["7 rules tried", "rule 1   tool order.hold ≠ order.refund", "▌rule 3   value 250 > maxValue 100"] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    for said in ["What would change it", "value ≤ 100            → ✓ ALLOW  the action", "rule 3 maxValue ≥ 250"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    // A journal whose entries do not carry the rules: the stages stand there, and no rule is made up.
    let mut bare = story();
    let text = serde_json::to_string(&*bare[0]).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["fact"]["run_started"]["policy"].as_object_mut().unwrap().remove("ruleset");
    bare[0] = Arc::new(serde_json::from_str(&value.to_string()).unwrap());
    let mut runner = Runner::new(120, 40, dark());
    runner.feed(1, bare).press(&"up ".repeat(25));
    let text = runner.text();
    assert!(text.contains("Stages ─") && !text.contains("rules tried"), "{text}");
}

#[test]
fn a_dedup_says_what_the_rules_alone_would_have() {
    let mut runner = told(120, 40, dark());
    runner.press("home");
    for _ in 0..30 {
        if runner.text().contains(" ≡ DEDUP  key first") {
            break;
        }
        runner.press("j");
    }
    let text = runner.text();
    assert!(text.contains("DEDUP says the key; the rules said ALLOW"), "{text}");
}

#[test]
fn alerts_wait_until_they_are_acknowledged() {
    let mut runner = told(120, 40, dark());
    assert!(runner.text().contains("2 to ack"));
    runner.press("A");
    assert_eq!(runner.rows().len(), 2);
    assert!(runner.text().contains("Decisions to ack") && runner.text().contains("2 of 33"), "{}", runner.text());
    runner.press("home a");
    assert!(runner.text().contains("1 to ack"));
    assert_eq!((runner.rows().len(), selected(runner.live(), ListId::Decisions)), (1, Some(0)));
    assert!(runner.press("a").text().contains("Decisions"), "and then all rows are back");
    assert_eq!(runner.rows().len(), 33);
    assert!(!runner.text().contains("to ack"));
    assert!(runner.press("A").text().contains("to ack: no ALERT waits"));
    assert!(runner.press("G a").text().contains("no ALERT is selected"));
}

/// The second envelope of the story again, with another key for its hold.
pub fn rerun(story: &[Arc<Entry>]) -> [Arc<Entry>; 2] {
    let of = |name: &str| {
        let entry = story.iter().find(|entry| {
            let text = serde_json::to_string(&***entry).unwrap();
            text.contains(&format!("\"{name}\"")) && text.contains("SO-10884") && text.contains("\"arrival\":2,")
        });
        serde_json::to_value(&**entry.unwrap()).unwrap()
    };
    let (mut received, mut proposed) = (of("received"), of("proposed"));
    received["fact"]["received"]["arrival"] = 99.into();
    received["fact"]["received"]["origin"]["source"] = "rerun".into();
    received["fact"]["received"]["rerun_of"] = serde_json::json!({"run": 1, "arrival": 2});
    proposed["fact"]["proposed"]["arrival"] = 99.into();
    proposed["fact"]["proposed"]["plan_id"] = "pl_again".into();
    let action = &mut proposed["fact"]["proposed"]["plan"]["actions"][0];
    action["idempotency_key"] = "order-risk:SO-10884:hold-2".into();
    let entry = |value: serde_json::Value| Arc::new(serde_json::from_str(&value.to_string()).unwrap());
    [entry(received), entry(proposed)]
}

#[test]
fn a_plan_made_again_stands_beside_the_recorded_one() {
    let mut runner = told(120, 40, dark());
    runner.press("home");
    let before = runner.live().selection().id();
    runner.feed(1, rerun(&story()));
    assert_eq!(runner.live().selection().id(), before, "a save does not move the selection");
    let text = runner.text();
    for said in
        ["Plan again", "pl_77b2 to pl_again", "~ order.hold", "+ breaks dedup   idempotency_key", "= notify.send"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let text = runner.press("space").text();
    assert!(text.contains(" Action ") && !text.contains("Plan again"), "space shows the action\n{text}");
    assert!(runner.press("space enter").text().contains("Beside the recorded plan"));
    assert!(runner.press("esc").resize(80, 24).text().contains("Plan again"), "where there is only one pane too");
}

#[test]
fn a_plan_made_again_says_what_the_policy_would() {
    let story = story();
    let [received, proposed] = rerun(&story);
    let mut value = serde_json::to_value(&*proposed).unwrap();
    let hold = value["fact"]["proposed"]["plan"]["actions"][0].clone();
    value["fact"]["proposed"]["would"] = serde_json::json!([{
        "tool": hold["tool"], "entity_key": hold["entity_key"],
        "verdict": { "decision": "BLOCK", "tier": 3, "rule": "policy/trust.yaml:3", "reason": "rule 3: value 9 > maxValue 1" },
    }]);
    let proposed = Arc::new(serde_json::from_str(&value.to_string()).unwrap());
    for (columns, rows) in [(120, 40), (80, 24)] {
        let mut runner = told(columns, rows, dark());
        runner.feed(1, [Arc::clone(&received), Arc::clone(&proposed)]);
        let (blocked, disposed) = (runner.model().counts.blocked, runner.model().rows(RowList::Decisions).len());
        assert_eq!((blocked, disposed), (3, 33), "nothing of it is a verdict");
        // The recorded decision says what would come of it now, beside the verdict it had.
        runner.press("home");
        let recorded = (0..33).find_map(|_| {
            let text = runner.text();
            runner.press("down");
            text.contains("again would BLOCK  rule 3: value 9 > maxValue 1").then_some(text)
        });
        if columns == 120 {
            assert!(recorded.is_some_and(|text| text.contains("✓ ALLOW")), "{}", runner.text());
        }
        // The new plan's row, its Why, and the plans side by side.
        runner.press("backtab G");
        let text = runner.text();
        assert!(text.contains("would BLOCK  rule 3: value 9 > maxValue 1") && !text.contains("not disposed"), "{text}");
        assert!(text.contains("would ■"), "{text}");
    }
}

#[test]
fn receipts_of_any_run_and_their_outcome_are_whole() {
    for id in ["rc_10_10", "rc_100_1000"] {
        let entries = story().into_iter().map(|entry| {
            let text = serde_json::to_string(&*entry).unwrap();
            Arc::new(serde_json::from_str(&text.replace("\"id\":\"rc_5b", &format!("\"id\":\"{id}"))).unwrap())
        });
        let mut runner = Runner::new(120, 40, dark());
        runner.feed(1, entries).press("f d");
        let text = runner.text();
        assert!(text.contains("≡ dedup") && !text.contains('…') || !text.contains("dedupl"), "{text}");
        assert!(text.lines().any(|line| line.contains(id) && line.contains("≡ dedup")), "{text}");
    }
}

#[test]
fn a_wide_terminal_cuts_nothing_that_a_narrower_one_shows() {
    let long = |entry: &Arc<Entry>| {
        let text = serde_json::to_string(&**entry).unwrap();
        let text = text.replace("order.returned", "meter.reading.received.again");
        Arc::new(serde_json::from_str(&text.replace("fixtures/orders.jsonl", "fixtures/buildings.jsonl")).unwrap())
    };
    for columns in [160, 200, 220, 240, 300] {
        let mut runner = Runner::new(columns, 60, dark());
        runner.feed(1, story().iter().map(long)).press("g b");
        let text = runner.text();
        let rows: Vec<_> = text.lines().skip(8).take(25).collect();
        let heading = text.lines().find(|line| line.contains(" Envelopes ")).unwrap();
        let wide = heading.split("Plans").next().unwrap().chars().count();
        let own = |row: &str| row.chars().take(wide).collect::<String>();
        assert!(rows.iter().any(|row| own(row).contains("meter.reading.received.again ")), "{columns}\n{text}");
        assert!(rows.iter().all(|row| !own(row).contains('…')), "{columns}\n{text}");
        if columns >= 200 {
            let placed = rows.iter().filter(|row| own(row).contains("buildings.jsonl:")).count();
            assert!(placed >= 20, "{columns}: a file without its line says little\n{text}");
        }
    }
}

#[test]
fn nested_values_fold() {
    let mut runner = on_the_refund(100, 30);
    assert!(runner.text().contains("\"args\": { 2 fields },"), "{}", runner.text());
    assert!(runner.press("space").text().contains("\"reason\": \"returned unopened\""));
    assert!(runner.press("enter").text().contains("■ BLOCK  rule 3: value 250 > maxValue 100"));
    // One value of what is open: the args of the receipt, from any line in them.
    let open = runner.text();
    let at = |text: &str, part: &str| text.lines().position(|line| line.contains(part));
    runner.press("end").click("\"order_id\"");
    let folded = runner.press("space").text();
    assert!(folded.contains("▌") && folded.contains("{ 3 fields }"), "{folded}");
    assert_ne!(folded, open);
    assert!(at(&folded, "▌") == at(&folded, "{ 3 fields }"), "the folded line is in hand: {folded}");
    let shown = runner.press("space").text();
    assert!(shown.contains("\"order_id\""), "{shown}");
    let all = runner.press("F end").text();
    assert!(all.contains("\"verdict\": { ") && !all.contains("\"tier\""), "{all}");
    assert!(runner.press("F").text().contains("Receipt"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_link_followed_and_back_is_the_same_row(
        columns in prop::sample::select(vec![40_u16, 80, 120, 200]),
        start in 0_usize..4,
        ups in 0_usize..40,
        links in prop::collection::vec(any::<bool>(), 1..6),
    ) {
        let mut runner = told(columns, 24, dark());
        runner.press(&"tab ".repeat(start)).press(&"up ".repeat(ups));
        // A thread that has a row in each list; without one, the next list is where it was at that time.
        let whole = |live: &Live| ListId::ALL.iter().all(|pane| {
            selected(live, *pane).is_some_and(|index| live.links().tie(*pane, index) == Some(Tie::Linked))
        });
        prop_assume!(whole(runner.live()));
        let before: Vec<_> = ListId::ALL.iter().map(|pane| selected(runner.live(), *pane)).collect();
        for back in &links {
            runner.press(if *back { "backtab" } else { "tab" });
            let now: Vec<_> = ListId::ALL.iter().map(|pane| selected(runner.live(), *pane)).collect();
            prop_assert_eq!(&now, &before);
        }
    }
}
