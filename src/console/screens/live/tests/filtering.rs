//! A query typed over the list, as a person does it.

use std::sync::Arc;

use crossterm::event::Event;

use crate::console::model::RowList;
use crate::console::screens::live::{Filter, SLICE};
use crate::console::tests::{dark, story, told};
use crate::console::{Incoming, Runner};
use crate::kernel::journal::Entry;

fn typed(runner: &mut Runner, text: &str) -> String {
    let keys: Vec<_> = text.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() }).collect();
    runner.press(&keys.join(" ")).text()
}

fn filtered(columns: u16, query: &str) -> Runner {
    let mut runner = told(columns, 40, dark());
    runner.press("/");
    typed(&mut runner, query);
    runner
}

#[test]
fn the_list_follows_while_a_query_is_typed_and_enter_keeps_it() {
    let mut runner = told(200, 40, dark());
    let all = runner.model().rows(RowList::Decisions).len();
    runner.press("/");
    let text = typed(&mut runner, "decision:block");
    let blocked = runner.rows().len();
    assert!(blocked > 0 && blocked < all);
    assert!(text.contains(&format!("{blocked} of {all}")), "{text}");
    let text = runner.press("enter").text();
    assert!(text.contains("decision:block ×") && !text.contains("tab completes"), "{text}");
    runner.feed(1, story());
    assert_eq!(runner.rows().len(), 2 * blocked, "what comes is looked at too");
    runner.press("backspace");
    assert_eq!(runner.rows().len(), 2 * all);
    assert!(!runner.text().contains('×'));
}

#[test]
fn esc_takes_a_query_back_and_the_selection_with_it() {
    let mut runner = told(120, 40, dark());
    runner.press("up up up up");
    let pinned = runner.live().selection().id();
    runner.press("/");
    typed(&mut runner, "nothing-has-this");
    assert_eq!(runner.rows().len(), 0);
    assert_eq!(runner.selected(), None);
    runner.press("esc");
    assert!(runner.live().query().is_none() && runner.layers() == 0);
    assert_eq!(runner.live().selection().id(), pinned);
    runner.press("/");
    typed(&mut runner, "decision:allow");
    runner.press("enter /");
    typed(&mut runner, " tool:order.*");
    runner.press("esc");
    assert_eq!(runner.live().query().map(|filter| filter.text().to_owned()), Some("decision:allow".to_owned()));
}

#[test]
fn a_query_that_cannot_be_read_says_why_and_the_last_one_stays() {
    let mut runner = filtered(120, "decision:block");
    typed(&mut runner, " t");
    let rows = runner.rows().len();
    assert!(rows > 0);
    let text = runner.press("backspace").send(Incoming::Terminal(Event::Paste("tol:x".to_owned()))).text();
    assert!(text.contains("✗ unknown field `tol`  did you mean `tool`?"), "{text}");
    assert_eq!(runner.rows().len(), rows);
    assert_eq!(runner.press("enter").layers(), 1, "it is not kept");
    assert!(runner.press("ctrl-w").text().contains("decision:block"));
    assert!(runner.press("enter").layers() == 0);
}

#[test]
fn every_kind_of_row_can_be_asked_for() {
    for (query, shown) in [
        ("decision:dedup", "≡ DEDUP"),
        ("reason:*maxValue*", "■ BLOCK"),
        ("value:>100", "■ BLOCK"),
        ("type:order.* outcome:applied", "applied"),
        ("operator:order-risk", "order-risk"),
    ] {
        let runner = filtered(200, query);
        assert!(!runner.rows().is_empty(), "{query}\n{}", runner.text());
        assert!(runner.text().contains(shown), "{query}\n{}", runner.text());
    }
}

#[test]
fn tab_completes_fields_and_values_that_were_seen() {
    let mut runner = filtered(120, "deci");
    assert!(runner.press("tab").text().contains("/ decision:"));
    let text = runner.press("tab").text();
    assert!(text.contains("ALLOW") && text.contains("BLOCK"), "{text}");
    let first = runner.live().query().map(|filter| filter.text().to_owned());
    runner.press("tab");
    assert_ne!(runner.live().query().map(|filter| filter.text().to_owned()), first, "the next one");
    runner.press("backtab");
    assert_eq!(runner.live().query().map(|filter| filter.text().to_owned()), first);
    assert!(filtered(120, "-to").press("tab").text().contains("/ -tool:"));
}

#[test]
fn what_is_pasted_is_text() {
    let mut runner = told(80, 24, dark());
    let paste = Incoming::Terminal(Event::Paste("q\u{1b}[2J\u{202e}\nq".to_owned()));
    let frames = runner.frames();
    runner.press("/").send(paste);
    assert!(runner.exit().is_none() && runner.frames() > frames);
    let text = runner.text();
    assert!(text.contains("/ q␛[2J‹202e› q"), "{text}");
    assert!(!runner.frame().content.iter().any(|cell| cell.symbol().chars().any(char::is_control)));
}

#[test]
fn a_cross_on_the_chip_takes_the_query_away() {
    let mut runner = filtered(120, "decision:block");
    runner.press("enter");
    runner.click("×");
    assert!(runner.live().query().is_none());
}

#[test]
fn a_long_list_is_looked_through_a_slice_at_a_time() {
    let one = story();
    let mut runner = told(120, 40, dark());
    let rows = runner.rows().len();
    let rounds = 4 * SLICE / rows + 1;
    for round in 1..rounds as u64 {
        let entries = one.iter().map(|entry| Arc::new(Entry { seq: entry.seq + round * 1_000, ..(**entry).clone() }));
        runner.feed(1, entries);
    }
    runner.press("up up").press("/");
    let (pinned, total) = (runner.live().selection().id(), runner.rows().len());
    assert!(total > 3 * SLICE);
    for (turn, letter) in ["d", "e", "c"].into_iter().enumerate() {
        runner.offer_key(letter);
        assert!(runner.filtering(), "a key starts anew and does not wait for the end");
        let looked = runner.look_once();
        assert!((1..=SLICE).contains(&looked), "{looked} in turn {turn}");
        assert!(runner.text().contains(&format!("/ {}", &"dec"[..=turn])), "the key is drawn at once");
    }
    let mut turns = 1;
    while runner.filtering() {
        assert!(runner.look_once() <= SLICE);
        turns += 1;
    }
    assert_eq!(turns, total.div_ceil(SLICE));
    runner.press("esc");
    assert_eq!(runner.live().selection().id(), pinned);
    assert_eq!(runner.rows().len(), total);
}

#[test]
fn the_palette_takes_a_query_too_and_each_list_has_its_own() {
    let mut runner = told(120, 40, dark());
    let text = runner.press(":").type_in("decision:block").text();
    assert!(text.contains("filter") && text.contains("Only what it lets through, in the"), "{text}");
    let text = runner.press("enter").text();
    assert!(text.contains("3 of 33"), "{text}");
    let text = runner.press("backtab backtab /").type_in("type:hvac.**").press("enter").text();
    assert!(text.contains(" of 35") && text.contains("3 of 33"), "both at once: {text}");
    let text = runner.press("backspace").text();
    assert!(!text.contains(" of 35") && text.contains("3 of 33"), "{text}");
    assert!(!runner.press(":").type_in("nofield:x").text().contains("Only what it lets"), "{}", runner.text());
}

#[test]
fn an_envelope_or_a_plan_matches_through_its_decisions() {
    let mut runner = told(120, 40, dark());
    let of = |query: &str, keys: &str| {
        let mut runner = told(120, 40, dark());
        runner.press(keys).press("/").type_in(query).press("enter");
        runner.rows().len()
    };
    for keys in ["backtab", "backtab backtab"] {
        let (blocked, allowed) = (of("decision:block value:>100", keys), of("decision:allow", keys));
        assert!(blocked > 0 && allowed > 0, "{keys}");
        // One action has to have both: a BLOCK of some value beside an ALLOW above it is none.
        assert_eq!(of("decision:allow outcome:refused", keys), 0, "{keys}");
        // And what is negated, no action may have.
        let (all, any) = (of("", keys), of("decision:block", keys));
        assert_eq!(of("-decision:block", keys), all - any, "{keys}");
    }
    // What is decided later is let through then.
    let story = story();
    let first = story.iter().position(|entry| matches!(entry.fact, crate::kernel::journal::Fact::Disposed(_))).unwrap();
    let mut late = Runner::new(120, 40, dark());
    late.feed(1, story[..first].to_vec()).press("backtab backtab /").type_in("decision:*").press("enter");
    assert_eq!(late.rows().len(), 0);
    late.feed(1, [Arc::clone(&story[first])]);
    assert_eq!(late.rows().len(), 1);
    assert_eq!(runner.press("/").type_in("decision:*").press("enter").rows().len(), 33);
}

#[test]
fn a_filter_without_rows_says_so_and_never_that_nothing_came() {
    for keys in ["", "backtab", "backtab backtab", "tab"] {
        let mut runner = told(120, 40, dark());
        let text = runner.press(keys).press("/").type_in("tool:nothing.*").press("enter").text();
        assert!(text.contains("match `tool:nothing.*`.") || text.contains("matches `tool:nothing.*`."), "{text}");
        assert!(!text.contains("Waiting for the first envelope"), "{text}");
    }
}

#[test]
fn a_value_that_cannot_be_is_named_with_the_nearest() {
    let mut runner = told(120, 40, dark());
    let text = runner.press("/").type_in("decision:blocked").text();
    assert!(text.contains("there is no decision `blocked`") && text.contains("did you mean `block`?"), "{text}");
    let text = runner.press("esc /").type_in("outcome:refusd").press("enter").text();
    assert!(text.contains("there is no outcome `refusd`") && text.contains("did you mean `refused`?"), "{text}");
    // The beginning of a value is no fault while it is typed, and one when a person insists.
    let text = runner.press("esc /").type_in("decision:blo").text();
    assert!(!text.contains("there is no decision"), "{text}");
    assert!(runner.press("enter").text().contains("there is no decision `blo`"));
}

#[test]
fn an_empty_list_says_what_came() {
    let story = story();
    let received = story.iter().take(3).cloned().collect::<Vec<_>>();
    let mut runner = Runner::new(120, 40, dark());
    assert!(runner.text().contains("Waiting for the first envelope."));
    runner.feed(1, received);
    let text = runner.text();
    assert!(!text.contains("Waiting for the first envelope."), "{text}");
    assert!(text.contains("There are no decisions yet; 1 sensed."), "{text}");
}

#[test]
fn what_is_counted_shows_its_rows_by_key_and_by_click() {
    for (columns, rows) in [(120, 40), (100, 30), (80, 24)] {
        for (key, click, query) in [
            ("f b", "■ 3", "decision:block"),
            ("f d", "≡ 2", "decision:dedup"),
            ("f u", "1 not routed", "outcome:\"no match\""),
        ] {
            let mut runner = told(columns, rows, dark());
            let before = runner.text();
            runner.press(key);
            let query = Some(query);
            assert_eq!(runner.live().query().map(Filter::text), query, "{columns} {key}");
            assert!(!runner.rows().is_empty() && runner.text().contains("backspace all rows"), "{}", runner.text());
            runner.press("esc");
            assert!(runner.live().query().is_none(), "esc takes the query away");
            if columns < 110 {
                assert!(before.contains(click), "{before}");
                runner.click(click);
                assert_eq!(runner.live().query().map(Filter::text), query, "{columns} {click}");
                runner.click(click);
                assert!(runner.live().query().is_none(), "and again all rows");
            }
        }
    }
    let mut runner = told(120, 40, dark());
    runner.click("2 to ack");
    assert_eq!(runner.rows().len(), 2);
    runner.press("esc").click("blocked 3");
    assert_eq!((runner.rows().len(), runner.live().pending.alone), (3, false));
    let failed = runner.press("f x").rows().len();
    assert_eq!(failed, 2, "a handler and an operator");
}

#[test]
fn esc_closes_what_is_open_before_it_takes_the_query_away() {
    let mut runner = told(120, 40, dark());
    runner.press("/").type_in("decision:block").press("enter enter");
    assert!(runner.press("esc").live().query().is_some());
    assert!(runner.press("esc").live().query().is_none());
    assert!(runner.exit().is_none());
}

#[test]
fn n_goes_on_in_what_was_gone_to_or_filtered() {
    let mut runner = told(120, 40, dark());
    assert!(runner.press("n").text().contains("nothing was gone to or filtered yet"));
    let first = runner.press("home g b").selected();
    let second = runner.press("n").selected();
    assert!(first != second);
    assert_eq!(runner.press("N").selected(), first);
    assert!(runner.press("N").text().contains("past the oldest: on from the newest"));
    runner.press("f a home");
    let first = runner.selected();
    runner.press("n");
    assert!(runner.press("n").text().contains("past the newest: on from the oldest"));
    assert_eq!(runner.selected(), first);
}
