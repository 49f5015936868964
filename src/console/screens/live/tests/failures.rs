//! What goes wrong in author code while it runs: seen at once, found by every way that finds faults, gone when mended.

use std::sync::Arc;

use crate::console::Runner;
use crate::console::screens::live::tests::joined::rerun;
use crate::console::tests::{dark, story, told};
use crate::kernel::journal::Entry;
use crate::kernel::receipt::Ruling;

/// A rerun of the story's second envelope, as entry `arrival`, by code that throws or does not.
fn ran_again(arrival: u64, revision: &str, throws: bool) -> Vec<Arc<Entry>> {
    let [received, proposed] = rerun(&story());
    let changed = |entry: &Entry, change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = serde_json::to_value(entry).unwrap();
        change(&mut value);
        Arc::new(serde_json::from_str(&value.to_string()).unwrap())
    };
    let received = changed(&received, &|value| value["fact"]["received"]["arrival"] = arrival.into());
    let proposed = changed(&proposed, &|value| {
        let proposed = &mut value["fact"]["proposed"];
        proposed["arrival"] = arrival.into();
        proposed["plan_id"] = format!("pl_{arrival}").into();
        proposed["revision"] = revision.into();
        if throws {
            proposed["plan"] = serde_json::Value::Null;
            proposed["failure"] = serde_json::json!({
                "severity": "error", "message": "ReferenceError: amounts is not defined",
                "file": "operators/order-risk.ts", "line": 12, "column": 14,
            });
        }
    });
    vec![received, proposed]
}

const SAID: &str = "order-risk failed: operators/order-risk.ts:12:14 ReferenceError: amounts is not defined";

#[test]
fn a_rerun_that_throws_is_found_by_every_way_that_finds_faults() {
    for (columns, rows) in [(120, 40), (80, 24)] {
        let mut runner = told(columns, rows, dark());
        let failed = runner.model().counts.failed;
        runner.press("up up up").feed(1, ran_again(99, "bad", true));
        let text = runner.text();
        assert!(text.contains("CODE FAILED") && text.contains(&SAID[..40]), "{text}");
        assert_eq!(runner.model().counts.failed, failed + 1);
        // `!` opens it, with file and line.
        let open = runner.press("!").text();
        assert!(open.contains("operators/order-risk.ts:12:14") && open.contains("amounts is not defined"), "{open}");
        // So does the way to what failed, among plans and handlers alike.
        runner.press("esc home");
        let reached = (0..=failed + 1).any(|_| {
            runner.press("g x");
            runner.text().lines().nth(2).is_some_and(|why| why.contains("operators/order-risk.ts:12:14"))
        });
        assert!(reached, "{}", runner.text());
    }
}

#[test]
fn it_stands_until_other_code_runs_or_that_code_has_a_plan() {
    let mut runner = told(120, 40, dark());
    let standing = |runner: &Runner| runner.text().contains("CODE FAILED");
    runner.feed(1, ran_again(99, "bad", true)).press("x");
    assert!(standing(&runner), "no notice: it cannot be dismissed");
    runner.feed(1, ran_again(100, "worse", true));
    assert_eq!(runner.app().shared.faults.all().len(), 1, "one of an operator");
    runner.feed(1, ran_again(101, "good", false));
    assert!(!standing(&runner), "{}", runner.text());
    runner.feed(1, ran_again(102, "flaky", true)).feed(1, ran_again(103, "flaky", false));
    assert!(!standing(&runner), "the same code has a plan for the same envelope");
}

#[test]
fn looking_at_a_fault_takes_nobody_out_of_their_place() {
    let mut runner = told(120, 40, dark());
    runner.feed(1, ran_again(99, "bad", true));
    assert!(runner.live().follows());
    let focus = runner.live().focus();
    runner.press("! esc");
    assert!(runner.live().follows() && runner.live().focus() == focus, "it follows as before");
    runner.press("up up up up");
    let row = runner.selected();
    runner.press("! ! esc");
    assert_eq!((runner.selected(), runner.live().follows(), runner.live().focus()), (row, false, focus));
    // A query that hides the fault is back as well, and what it let through.
    runner.press("/").type_in("decision:block").press("enter home");
    let (row, rows) = (runner.selected(), runner.rows().len());
    runner.press("! esc");
    assert_eq!((runner.selected(), runner.rows().len()), (row, rows));
}

#[test]
fn after_the_mend_the_row_of_the_fault_tells_the_present() {
    let mut runner = told(120, 40, dark());
    runner.feed(1, ran_again(99, "bad", true)).press("!");
    let why = |runner: &Runner, from: usize| runner.text().lines().nth(from).unwrap_or_default().to_owned();
    assert!(why(&runner, 2).contains("failed") && !why(&runner, 2).contains("no longer"), "{}", runner.text());
    runner.feed(1, ran_again(100, "good", false));
    let now = why(&runner, 1);
    assert!(now.contains("no longer so; it said: operators/order-risk.ts:12:14"), "{now}");
}

#[test]
fn going_on_past_the_newest_is_said() {
    let mut runner = told(120, 40, dark());
    let blocked = runner.rows().iter().filter(|row| row.mark.ruling() == Some(Ruling::Block)).count();
    runner.press("home");
    let texts: Vec<_> = (0..=blocked).map(|_| runner.press("g b").text()).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("past the newest: on from the oldest")).count(), 1);
    runner.press("/").type_in("decision:block tool:order.refund").press("enter home");
    if runner.rows().len() == 1 {
        assert!(runner.press("g b").text().contains("there is no other in the list"));
    }
}

#[test]
fn an_open_record_says_when_what_it_shows_is_mended() {
    let mut runner = told(120, 40, dark());
    runner.feed(1, ran_again(99, "bad", true)).press("!");
    assert_eq!(runner.layers(), 1);
    let first = |runner: &Runner| runner.text().lines().nth(4).unwrap_or_default().to_owned();
    let before = runner.text();
    assert!(!before.contains("no longer so"), "{before}");
    runner.feed(1, ran_again(100, "good", false));
    let after = runner.text();
    let body: Vec<_> = after.lines().skip(2).collect();
    assert!(body.iter().any(|line| line.contains("no longer so; it said:")), "{after}");
    let _ = first(&runner);
}

#[test]
fn there_is_a_way_back_from_every_leap_and_on_again() {
    let mut runner = told(120, 40, dark());
    runner.press("up up up");
    let here = runner.selected();
    runner.press("g b");
    let there = runner.selected();
    assert_ne!(here, there);
    assert_eq!(runner.press("ctrl-o").selected(), here);
    assert_eq!(runner.press("g i").selected(), there);
    assert_eq!(runner.press("g o").selected(), here);
    // Past the newest and round again is a leap like any other, and so is a filter.
    runner.press("g b g b g b f b");
    assert!(runner.live().query().is_some());
    runner.press("ctrl-o");
    assert!(runner.live().query().is_none(), "{}", runner.text());
    runner.press("ctrl-o ctrl-o ctrl-o");
    assert_eq!(runner.selected(), here);
    assert!(runner.press("ctrl-o").text().contains("way back: no leap was made yet"), "{}", runner.text());
}
