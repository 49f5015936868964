//! What is selected, and what each key does to it. `[` and `]` stand around it, `|` at the cursor's end.

use proptest::prelude::*;

use super::{PLAIN, at};
use crate::console::editor::{Act, Editor, Field, Go};
use crate::console::widgets::text_input::Edit;

fn shown(editor: &Editor) -> String {
    let (text, cursor) = (editor.text().as_str(), editor.cursor());
    let Some(range) = editor.selection() else { return super::shown(editor) };
    let (before, inside, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
    if cursor == range.start { format!("{before}|{inside}]{after}") } else { format!("{before}[{inside}|{after}") }
}

fn act(editor: &mut Editor, key: &str) {
    let act = match key {
        "undo" => Act::Undo,
        "redo" => Act::Redo,
        "all" => Act::SelectAll,
        "copy" => Act::Copy,
        "cut" => Act::Cut,
        "paste" => Act::Paste,
        key => Act::of(key.parse().unwrap(), 2).unwrap(),
    };
    editor.act(act, PLAIN);
}

fn after(start: &str, keys: &str) -> String {
    let mut editor = at(start);
    keys.split(' ').for_each(|key| act(&mut editor, key));
    shown(&editor)
}

#[test]
fn shift_selects_and_a_step_without_it_leaves() {
    for (start, keys, wanted) in [
        ("a|bc", "shift-right", "a[b|c"),
        ("ab|c", "shift-left shift-left", "|ab]c"),
        ("ab|c", "shift-left shift-right", "ab|c"),
        ("ab\nc|d", "shift-up", "a|b\nc]d"),
        ("max: |one", "ctrl-shift-left", "|max: ]one"),
        ("a|b\ncd", "shift-end", "a[b|\ncd"),
        ("|ab\ncd", "ctrl-shift-end", "[ab\ncd|"),
        ("a|bc", "all", "[abc|"),
        ("a|bcd", "shift-right shift-right left", "a|bcd"),
        ("a|bcd", "shift-right shift-right right", "abc|d"),
        ("a|bcd", "shift-right end", "abcd|"),
    ] {
        assert_eq!(after(start, keys), wanted, "{start} {keys}");
    }
}

#[test]
fn what_is_selected_is_changed_as_one() {
    for (start, keys, wanted) in [
        ("a|bcd", "shift-right shift-right x", "ax|d"),
        ("a|bcd", "shift-right shift-right x y undo", "abc|d"),
        ("a|bcd", "shift-right shift-right backspace", "a|d"),
        ("abc|d", "shift-left shift-left delete", "a|d"),
        ("a|bcd", "shift-right ctrl-k", "a|cd"),
        ("  a|b\n  c", "shift-right enter", "  a\n|\n  c"),
        ("a|b\ncd\nef", "shift-down tab", "[  ab\n  cd|\nef"),
        ("|  a\n b\n\nc", "shift-down shift-down shift-down backtab", "[a\nb\n|\nc"),
        ("|a\r\nb\r\nc", "shift-down tab", "[  a|\r\nb\r\nc"),
        ("|ab", "shift-right cut end paste paste", "baa|"),
        ("|ab", "shift-right copy end paste", "aba|"),
        ("|abcd", "shift-right shift-right copy ctrl-shift-end paste", "ab|"),
        ("|ab", "cut paste", "|ab"),
        ("|abc", "shift-right shift-delete end shift-insert", "bca|"),
        ("|abc", "all cut undo", "abc|"),
    ] {
        assert_eq!(after(start, keys), wanted, "{start} {keys}");
    }
}

#[test]
fn a_search_starts_with_nothing_or_with_what_is_selected() {
    let mut editor = at("|ALLOW tool ALLOW tool");
    editor.find(false);
    "ALLOW".chars().for_each(|letter| editor.type_sought(Edit::Insert(letter)));
    editor.close_finder(true);
    editor.find(false);
    assert_eq!(editor.finder.as_ref().unwrap().find.text(), "");
    "tool".chars().for_each(|letter| editor.type_sought(Edit::Insert(letter)));
    assert_eq!(editor.finder.as_ref().unwrap().count(), (1, 2));
    editor.close_finder(true);
    // Nothing typed is what was looked for last.
    editor.find(false);
    editor.find_next(false);
    assert_eq!(editor.finder.as_ref().unwrap().find.text(), "tool");
    editor.close_finder(true);
    let mut editor = at("one |two one two");
    act(&mut editor, "ctrl-shift-right");
    editor.find(true);
    let finder = editor.finder.as_mut().unwrap();
    assert_eq!((finder.find.text(), finder.count()), ("two", (1, 2)));
    // What is pasted goes where text is typed.
    editor.act(Act::Copy, PLAIN);
    editor.finder.as_mut().unwrap().field = Field::With;
    editor.act(Act::Paste, PLAIN);
    assert_eq!(editor.text().as_str(), "one two one two");
}

fn any_act() -> impl Strategy<Value = Act> {
    let go = prop::sample::select(vec![
        Go::Left,
        Go::Right,
        Go::WordLeft,
        Go::WordRight,
        Go::Up(1),
        Go::Down(2),
        Go::Home,
        Go::End,
        Go::First,
        Go::Last,
    ]);
    prop_oneof![
        4 => go.prop_map(Act::Select),
        1 => prop::sample::select(vec![
            Act::SelectAll, Act::Copy, Act::Cut, Act::Paste, Act::Indent, Act::Outdent, Act::Newline, Act::Backspace,
            Act::DeleteWord, Act::Undo, Act::Redo, Act::Insert('日'), Act::Go(Go::Left),
        ]),
    ]
}

proptest! {
    #[test]
    fn a_selection_is_always_of_whole_characters(
        start in "[a :\\-\n日e\u{301}\u{200d}\u{1f468}\r]{0,40}",
        acts in prop::collection::vec(any_act(), 0..60),
    ) {
        let mut editor = Editor::new(start.clone());
        let mut changes = 0;
        for act in acts {
            let version = editor.version();
            editor.act(act, PLAIN);
            changes += usize::from(editor.version() != version);
            let text = editor.text().as_str();
            if let Some(range) = editor.selection() {
                prop_assert!(text.get(range.clone()).is_some_and(|inside| !inside.is_empty()));
                prop_assert!(editor.cursor() == range.start || editor.cursor() == range.end);
            }
        }
        while editor.can_undo() && changes > 0 {
            editor.act(Act::Undo, PLAIN);
            prop_assert_eq!(editor.selection(), None);
        }
        prop_assert_eq!(editor.text().as_str(), start);
    }
}
