//! Copying, editing, arranging, through the production loop.

use crate::console::screens::live::ListId;
use crate::console::tests::{dark, entries, told, troubles};
use crate::console::{At, Effect, Incoming, Runner};

fn copied(runner: &mut Runner, keys: &str) -> (String, String) {
    match runner.press(keys).performed().pop() {
        Some(Effect::Copy { what, text }) => (what, text),
        other => panic!("{other:?}"),
    }
}

fn edited(runner: &mut Runner, keys: &str) -> (String, At) {
    let found = match runner.press(keys).performed().pop() {
        Some(Effect::Edit { file, at }) => (file, at),
        other => panic!("{other:?}"),
    };
    runner.send(Incoming::Back(None));
    found
}

/// Moves to the first row that shows both.
fn at(runner: &mut Runner, word: &str, other: &str) {
    // The lists, and the panes below them.
    for _ in 0..ListId::ALL.len() + 2 {
        runner.press("home");
        for _ in 0..60 {
            // Rows the selection is linked to are marked as well: only its own sentence is in the Why line.
            if runner.text().lines().nth(1).is_some_and(|why| why.contains(word) && why.contains(other)) {
                return;
            }
            runner.press("down");
        }
        runner.press("tab");
    }
    panic!("no row with {word} and {other}");
}

#[test]
fn copying_says_what_and_goes_on_to_the_next_value() {
    let mut runner = told(200, 60, dark());
    at(&mut runner, "BLOCK", "maxValue");
    let (what, id) = copied(&mut runner, "y");
    assert!(id.starts_with("rc_") && what == format!("receipt id {id}"));
    assert!(runner.text().contains(&format!("sent receipt id {id} to the terminal")), "{}", runner.text());
    assert_eq!(copied(&mut runner, "y"), ("reason".to_owned(), "rule 3: value 250 > maxValue 100".to_owned()));
    assert_eq!(copied(&mut runner, "y").0, "key");
    assert_eq!(copied(&mut runner, "y").0, "correlation id");
    assert_eq!(copied(&mut runner, "y").1, id, "and around");
    runner.press("down");
    assert_ne!(copied(&mut runner, "y").1, id);
    at(&mut runner, "BLOCK", "maxValue");
    let (_, json) = copied(&mut runner, "Y");
    assert!(json.starts_with('{') && json.contains(&id), "{json}");
}

#[test]
fn a_command_line_is_made_of_where_it_came_from() {
    let mut runner = told(200, 60, dark());
    at(&mut runner, "BLOCK", "maxValue");
    let (_, line) = copied(&mut runner, "c");
    assert!(line.starts_with("fibric dev replay fixtures/") && line.contains("--where event:ev_"), "{line}");
    at(&mut runner, "refused", "t_acme");
    assert!(copied(&mut runner, "c").1.starts_with("fibric dev replay "));
}

#[test]
fn editing_opens_the_rule_the_fixture_or_the_authors_file() {
    let mut runner = told(200, 60, dark());
    at(&mut runner, "BLOCK", "maxValue");
    assert_eq!(edited(&mut runner, "e"), ("policy/trust.yaml".to_owned(), At::Rule(3)));
    let (file, place) = edited(&mut runner, "E");
    assert!(file.starts_with("fixtures/") && matches!(place, At::Line(_)));
    at(&mut runner, "refusal", "proposed nothing");
    assert_eq!(edited(&mut runner, "e"), ("operators/order-risk.ts".to_owned(), At::Line(1)));
    at(&mut runner, "failed", "order-risk.ts:22:14");
    assert_eq!(edited(&mut runner, "e"), ("operators/order-risk.ts".to_owned(), At::Line(22)));
    runner.feed(1, troubles());
    runner.press("!");
    assert_eq!(edited(&mut runner, "e"), ("policy/trust.yaml".to_owned(), At::Line(12)));
}

#[test]
fn nothing_is_drawn_while_an_editor_has_the_screen() {
    let mut runner = told(80, 24, dark());
    runner.press("E");
    assert!(matches!(runner.performed()[..], [Effect::Edit { .. }]));
    let frames = runner.frames();
    runner.feed(1, entries(include_str!("../../../tests/story.jsonl"))).send(Incoming::Signal(2));
    assert_eq!((runner.frames(), runner.exit()), (frames, None), "a Ctrl-C in the editor is the editor's");
    runner.send(Incoming::Back(Some("the editor ended with exit status: 1".to_owned())));
    assert_eq!(runner.frames(), frames + 1);
    assert!(runner.text().contains("the editor ended with exit status: 1"));
}

#[test]
fn what_cannot_be_done_says_so() {
    let mut runner = Runner::new(80, 24, dark());
    assert!(runner.press("y").text().contains("copy: nothing is selected"));
}

#[test]
fn the_screen_is_arranged_and_remembered() {
    let mut runner = told(120, 40, dark());
    let page = |runner: &Runner| runner.text().lines().filter(|line| line.contains("order.")).count();
    let before = page(&runner);
    let zoomed = runner.press("z").text();
    assert!(zoomed.contains("Decisions ZOOM") && !zoomed.contains("Receipt"), "{zoomed}");
    assert!(page(&runner) > before);
    let Some(Effect::RememberLayout(text)) = runner.performed().pop() else { panic!("not remembered") };
    assert!(text.contains("\"zoomed\": true"));
    runner.press("z");
    assert_eq!(page(&runner), before);
    let height = |runner: &Runner| runner.text().lines().position(|line| line.contains("Action ─")).unwrap();
    let was = height(&runner);
    runner.press("+ +");
    assert_eq!(height(&runner), was + 4);
    runner.press("- - -");
    assert_eq!(height(&runner), was - 2);
    for _ in 0..100 {
        runner.press("-");
    }
    assert!(runner.text().contains('▌'), "a row of the list always shows");
    let found = runner.performed().pop();
    assert!(matches!(found, Some(Effect::RememberLayout(text)) if text.contains("\"list\": -200")));
}

#[test]
fn one_key_releases_the_mouse_and_takes_it_again() {
    let mut runner = told(80, 24, dark());
    let taken = runner.app().shared.layout.mouse;
    let text = runner.press("M").text();
    assert!(matches!(runner.performed()[..], [Effect::Mouse(now), Effect::RememberLayout(_)] if now != taken));
    assert!(text.contains("the mouse is the terminal's again"), "{text}");
    assert!(runner.press("M").text().contains("the mouse is taken"));
}

#[test]
fn everything_on_screen_that_is_a_command_can_be_clicked() {
    let mut runner = told(200, 40, dark());
    runner.click("z zoom");
    assert!(runner.app().shared.layout.zoomed);
    runner.click("/ filter");
    assert_eq!(runner.layers(), 1);
    runner.press("esc").click("y copy");
    assert_eq!(runner.performed().len(), 2);
}

#[test]
fn hostile_names_are_inert_and_quoted() {
    use crate::console::present::clipboard_text::quoted;
    let evil = "fixtures/\u{1b}]0;x\u{7}$(reboot)'.json";
    let text = include_str!("../../../tests/story.jsonl")
        .replace("fixtures/orders.jsonl", &evil.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007"));
    let mut runner = Runner::new(120, 40, dark());
    runner.feed(1, entries(&text));
    at(&mut runner, "BLOCK", "maxValue");
    let (_, line) = copied(&mut runner, "c");
    assert!(line.contains(&quoted(evil)) && !line.chars().any(char::is_control), "{line:?}");
    assert_eq!(edited(&mut runner, "E").0, evil);
    assert!(!runner.frame().content.iter().any(|cell| cell.symbol().chars().any(char::is_control)));
}

#[test]
fn what_is_copied_acts_on_nothing_and_says_what_was_replaced() {
    let text = include_str!("../../../tests/story.jsonl")
        .replace("value 250 > maxValue 100", "value 250 > maxValue 100\\u001b[2J\\n\\u202e");
    let mut runner = Runner::new(200, 60, dark());
    runner.feed(1, entries(&text));
    at(&mut runner, "BLOCK", "maxValue");
    let mut marked = 0;
    for _ in 0..4 {
        let (what, text) = copied(&mut runner, "y");
        assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{what}: {text:?}");
        if text.contains("maxValue") {
            assert_eq!(what, "reason (3 control characters replaced)");
            assert!(text.contains("␛[2J␊<U+202E>"), "{text}");
            assert!(runner.text().contains("sent reason (3 control characters replaced) to the terminal"));
            marked += 1;
        }
    }
    assert_eq!(marked, 1);
    let (_, json) = copied(&mut runner, "Y");
    assert!(json.contains("\\u202e") && !json.contains('\u{202e}'), "{json}");
}

#[test]
fn what_ran_again_is_played_again_as_what_it_ran() {
    let mut runner = told(120, 40, dark());
    runner.press("backtab G").feed(1, super::joined::rerun(&crate::console::tests::story()));
    runner.press("G");
    let (_, line) = copied(&mut runner, "c");
    assert!(line.starts_with("fibric dev replay fixtures/"), "{line}");
}

#[test]
fn pasting_where_nothing_takes_text_says_so() {
    let mut runner = told(120, 40, dark());
    let text = runner.send(Incoming::Terminal(crossterm::event::Event::Paste("order".to_owned()))).text();
    assert!(text.contains("paste: nothing here takes text; / opens the line for a query"), "{text}");
    assert!(runner.live().query().is_none());
}

#[test]
fn of_a_fixture_that_is_gone_what_the_journals_have_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = told(200, 60, dark());
    runner.in_folder(folder.path());
    at(&mut runner, "BLOCK", "maxValue");
    let (what, line) = copied(&mut runner, "c");
    assert!(what.contains("as fixtures/") && what.contains("is gone"), "{what}");
    let again = ".fibric/again.jsonl";
    assert!(line.starts_with("fibric receipts export --envelopes --where event:ev_"), "{line}");
    assert!(line.ends_with(&format!(" -o {again} && fibric dev replay {again}")), "{line}");
    assert!(runner.text().contains("is gone, to the terminal"), "{}", runner.text());
    at(&mut runner, "refused", "t_acme");
    let text = runner.press("c").text();
    assert!(text.contains("is gone, and with it what plays this again"), "{text}");
    // Once it is back, it is played.
    at(&mut runner, "BLOCK", "maxValue");
    let (file, _) = edited(&mut runner, "E");
    std::fs::create_dir_all(folder.path().join("fixtures")).unwrap();
    std::fs::write(folder.path().join(file), "").unwrap();
    assert!(copied(&mut runner, "c").1.starts_with("fibric dev replay fixtures/"));
}
