//! The editor against a plain string, and what each key does.

mod selection;

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::console::widgets::text_input::Edit;

const PLAIN: Charset = Charset::Unicode;

fn at(start: &str) -> Editor {
    let cursor = start.find('|').unwrap();
    let mut editor = Editor::new(start.replace('|', ""));
    editor.cursor = cursor;
    editor
}

fn shown(editor: &Editor) -> String {
    let text = editor.text().as_str();
    format!("{}|{}", &text[..editor.cursor()], &text[editor.cursor()..])
}

fn after(start: &str, keys: &str) -> String {
    let mut editor = at(start);
    for key in keys.split(' ') {
        let act = match key {
            "undo" => Act::Undo,
            "redo" => Act::Redo,
            key => Act::of(key.parse().unwrap(), 2).unwrap(),
        };
        editor.act(act, PLAIN);
    }
    shown(&editor)
}

#[test]
fn keys_do_what_they_do_in_every_editor() {
    for (start, keys, wanted) in [
        ("a|b", "x", "ax|b"),
        ("ab|\ncd", "right", "ab\n|cd"),
        ("ab\n|cd", "left", "ab|\ncd"),
        ("ab\r\n|cd", "left", "ab|\r\ncd"),
        ("ab|\r\ncd", "delete", "ab|cd"),
        ("ab|\r\ncd", "enter", "ab\r\n|\r\ncd"),
        ("abc\nd\nefg|", "up up", "abc|\nd\nefg"),
        ("日本|\nab", "down", "日本\nab|"),
        ("日|本\nabc", "down", "日本\nab|c"),
        ("  ab|c", "home", "  |abc"),
        ("  |abc", "home", "|  abc"),
        ("max: one.two|", "ctrl-w", "max: |"),
        ("|max: one", "ctrl-right ctrl-right", "max: one|"),
        ("max: one|", "alt-b ctrl-left", "|max: one"),
        ("e\u{301}|x", "backspace", "|x"),
        ("ab|c\nd", "ctrl-k ctrl-k", "ab|d"),
        ("ab|c", "ctrl-u", "|c"),
        ("|a\nb\nc\nd", "pgdn", "a\nb\n|c\nd"),
        ("a\nb|", "ctrl-home ctrl-end", "a\nb|"),
    ] {
        assert_eq!(after(start, keys), wanted, "{start} {keys}");
    }
}

#[test]
fn a_new_line_is_as_deep_as_yaml_wants_it() {
    for (start, keys, wanted) in [
        ("- tool: x|", "enter", "- tool: x\n  |"),
        ("  tool: x|", "enter", "  tool: x\n  |"),
        ("rules:|", "enter", "rules:\n  |"),
        ("- limit:|", "enter", "- limit:\n    |"),
        ("- tool: x\n  |", "enter", "- tool: x\n\n|"),
        ("- tool: x\n  |", "backspace", "- tool: x\n|"),
        ("- tool: x\n    |a", "backspace", "- tool: x\n  |a"),
        ("|tool: x", "enter", "\n|tool: x"),
        ("  tool: |x", "enter", "  tool: \n    |x"),
        ("a|", "tab", "a |"),
        ("  |a", "tab", "    |a"),
        ("    a|", "backtab", "  a|"),
    ] {
        assert_eq!(after(start, keys), wanted, "{start} {keys}");
    }
}

#[test]
fn a_step_is_a_word_a_run_or_one_whole_thing() {
    assert_eq!(after("|", "a b space c undo"), "ab|");
    assert_eq!(after("|", "a b space c undo undo"), "|");
    assert_eq!(after("|", "a b left c undo"), "a|b");
    assert_eq!(after("abc|", "backspace backspace undo"), "abc|");
    assert_eq!(after("|abc", "delete delete x undo undo"), "|abc");
    assert_eq!(after("|abc", "delete undo redo"), "|bc");
    assert_eq!(after("|abc", "x undo y redo"), "y|abc");
}

#[test]
fn what_is_looked_for_is_gone_to_and_replaced() {
    let mut editor = at("|Order one\norder two\norder three");
    editor.find(true);
    "order".chars().for_each(|letter| editor.type_sought(Edit::Insert(letter)));
    assert_eq!(editor.finder.as_ref().unwrap().count(), (1, 3));
    editor.find_next(false);
    assert_eq!((editor.place(), editor.finder.as_ref().unwrap().count()), ((1, 0), (2, 3)));
    editor.find_next(false);
    editor.find_next(false);
    assert_eq!(editor.place(), (0, 0));
    editor.find_next(true);
    assert_eq!(editor.place(), (2, 0));
    let finder = editor.finder.as_mut().unwrap();
    finder.field = Field::With;
    editor.type_sought(Edit::Insert('x'));
    assert_eq!(editor.replace_found(false), 1);
    assert_eq!(editor.replace_found(true), 2);
    assert_eq!(editor.text().as_str(), "x one\nx two\nx three");
    editor.act(Act::Undo, PLAIN);
    assert_eq!(editor.text().as_str(), "Order one\norder two\nx three");
    editor.act(Act::Undo, PLAIN);
    assert_eq!(editor.text().as_str(), "Order one\norder two\norder three");
    editor.close_finder(false);
    assert_eq!(editor.place(), (0, 0));
    editor.find(false);
    editor.type_sought(Edit::ToStart);
    editor.type_sought(Edit::Insert('O'));
    assert_eq!(editor.finder.as_ref().unwrap().count(), (1, 1), "a capital letter means itself");
}

#[test]
fn another_text_is_one_step_and_leaves_the_cursor() {
    let mut editor = at("one\ntwo|\nthree");
    editor.become_text("zero\none\ntwé\nthree");
    editor.act(Act::Undo, PLAIN);
    assert_eq!(shown(&editor), "one\ntwo|\nthree");
}

#[test]
fn the_cursor_stays_in_view() {
    let mut editor = Editor::new("x\n".repeat(100));
    editor.act(Act::Go(Go::Down(50)), PLAIN);
    editor.settle((10, 8), |_| 1, PLAIN);
    assert_eq!(editor.view, View { top: 45, left: 0 });
    // Rows under a line push it down.
    editor.settle((10, 8), |line| if line == 50 { 4 } else { 1 }, PLAIN);
    assert_eq!(editor.view.top, 48);
    editor.act(Act::Go(Go::Up(50)), PLAIN);
    editor.settle((10, 8), |_| 1, PLAIN);
    assert_eq!(editor.view.top, 0);
    let mut wide = Editor::new("y".repeat(100));
    wide.act(Act::Go(Go::End), PLAIN);
    wide.settle((20, 3), |_| 1, PLAIN);
    assert_eq!(wide.view.left, 87);
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => prop::sample::select(vec!['a', ' ', '日', '\u{301}', '\u{1f468}', '\u{200d}', '-', ':', '\u{1b}', '\t'])
            .prop_map(Act::Insert),
        1 => Just(Act::Newline),
        1 => Just(Act::Indent),
        1 => Just(Act::Outdent),
        2 => Just(Act::Backspace),
        2 => Just(Act::Delete),
        1 => Just(Act::EraseWord),
        1 => Just(Act::DeleteWord),
        1 => Just(Act::ToStart),
        1 => Just(Act::ToEnd),
        1 => Just(Act::Undo),
        1 => Just(Act::Redo),
        6 => prop::sample::select(vec![
            Go::Left, Go::Right, Go::WordLeft, Go::WordRight, Go::Up(1), Go::Down(2), Go::Home, Go::End, Go::First, Go::Last,
        ]).prop_map(Act::Go),
    ]
}

const TEXTS: &str = "[a :\\-\n日e\u{301}\u{200d}\u{1f468}\r\t]{0,40}";

proptest! {
    #[test]
    fn the_cursor_is_always_between_two_characters(start in TEXTS, acts in prop::collection::vec(any_act(), 0..60)) {
        let mut editor = Editor::new(start);
        for act in acts {
            editor.act(act, PLAIN);
            let text = editor.text();
            prop_assert_eq!(text, &Text::new(text.as_str().to_owned()), "the lines are those of the text");
            let (line, at) = editor.place();
            let boundaries: Vec<_> = text.line(line).grapheme_indices(true).map(|(at, _)| at).collect();
            prop_assert!(at == text.line(line).len() || boundaries.contains(&at), "{:?}", shown(&editor));
        }
    }

    #[test]
    fn taking_everything_back_leaves_what_was_there(start in TEXTS, acts in prop::collection::vec(any_act(), 0..60)) {
        let mut editor = Editor::new(start.clone());
        for act in acts.into_iter().filter(|act| !matches!(act, Act::Undo | Act::Redo)) {
            editor.act(act, PLAIN);
        }
        let end = editor.text().as_str().to_owned();
        let mut steps = 0;
        while editor.can_undo() {
            editor.act(Act::Undo, PLAIN);
            steps += 1;
        }
        prop_assert_eq!(editor.text().as_str(), start);
        for _ in 0..steps {
            editor.act(Act::Redo, PLAIN);
        }
        prop_assert_eq!(editor.text().as_str(), end);
        prop_assert!(!editor.can_redo());
    }

    #[test]
    fn it_says_what_a_plain_string_would(start in TEXTS, acts in prop::collection::vec(any_act(), 0..40)) {
        let mut editor = Editor::new(start.clone());
        let mut plain = start;
        for act in acts {
            let cursor = editor.cursor();
            editor.act(act, PLAIN);
            match act {
                Act::Insert(letter) => plain.insert(cursor, letter),
                Act::Go(_) => {}
                Act::Backspace | Act::EraseWord | Act::ToStart => {
                    prop_assert!(editor.cursor() <= cursor);
                    let gone = plain.len() - editor.text().len();
                    plain.replace_range(cursor - gone..cursor, "");
                }
                Act::Delete | Act::DeleteWord | Act::ToEnd => {
                    let gone = plain.len() - editor.text().len();
                    plain.replace_range(cursor..cursor + gone, "");
                }
                _ => plain = editor.text().as_str().to_owned(),
            }
            prop_assert_eq!(editor.text().as_str(), &plain);
        }
    }

    #[test]
    fn it_becomes_any_text_in_one_step(start in TEXTS, end in TEXTS) {
        let mut editor = Editor::new(start.clone());
        editor.become_text(&end);
        prop_assert_eq!(editor.text().as_str(), &end);
        editor.act(Act::Undo, PLAIN);
        prop_assert_eq!(editor.text().as_str(), &start);
    }

    #[test]
    fn what_is_pasted_is_text(start in TEXTS, pasted in TEXTS) {
        let mut editor = Editor::new(start);
        editor.paste(&pasted);
        editor.find(false);
        editor.paste_sought(&pasted);
        editor.find_next(true);
        editor.replace_found(true);
        prop_assert_eq!(editor.text(), &Text::new(editor.text().as_str().to_owned()));
    }
}
