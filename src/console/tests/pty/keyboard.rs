//! Keys with modifiers as terminals without any protocol send them, and colours that were asked for.

use super::{AROUND, Shell, TOLD};

fn editing() -> Shell {
    let script = format!(
        "mkdir $ROOT/policy; printf -- '- tool: order.hold\\n  decision: ALLOW\\n' > $ROOT/policy/trust.yaml; {AROUND}"
    );
    let mut shell = Shell::start(&script, "keyboard");
    shell.until_shown(TOLD);
    shell.keys("3");
    shell.until_shown("as on disk");
    shell.keys("i");
    shell
}

#[test]
fn what_a_key_with_alt_does_another_key_does_everywhere() {
    let mut shell = editing();
    shell.keys("#ab");
    shell.until_shown("#ab");
    // rxvt's shift-Home, alt-Up, ctrl-Right, and a reply: none of them types anything.
    shell.keys("\x1b[7$\x1b\x1b[A\x1bOc\x1b[?62;22c");
    shell.keys("\x1f");
    shell.until("the text to be taken back", |shell| shell.screen.screen().contents().contains("as on disk"));
    // F4 does it again.
    shell.keys("\x1bOS");
    shell.until_shown("#ab");
    shell.keys("\x14");
    shell.until_shown("next field");
    shell.keys("\x1b");
    shell.until("the form to go", |shell| !shell.screen.screen().contents().contains("next field"));
    shell.keys("\x1b");
    shell.until_shown("i edit");
    shell.keys("\x03");
    shell.until_shown("throw it away and leave");
    shell.keys("d");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn ctrl_c_in_a_text_copies_and_does_not_leave() {
    let mut shell = editing();
    // All of it selected.
    shell.keys("\x01\x03");
    shell.until_said("\x1b]52;c;");
    shell.until_shown("order.hold");
    // Cut, and pasted twice.
    shell.keys("\x18");
    shell.until("an empty text", |shell| !shell.screen.screen().contents().contains("decision: ALLOW"));
    shell.keys("\x16");
    shell.until_shown("decision: ALLOW");
    shell.keys("\x1f\x1f");
    shell.until_shown("as on disk");
    shell.until_shown("ctrl-f find");
    shell.keys("\x1b");
    shell.until("the text to be left", |shell| !shell.screen.screen().contents().contains("ctrl-f find"));
    shell.keys("\x03");
    shell.until_said("DONE");
    shell.assert_restored();
}

#[test]
fn a_terminal_that_draws_what_it_does_not_know_is_asked_nothing_of_its_keyboard() {
    let mut shell = Shell::start(&format!("export TERM=linux; {AROUND}"), "quit");
    shell.until_shown(TOLD);
    shell.keys("q");
    shell.until_said("DONE");
    let said = shell.said();
    assert!(!said.contains("\x1b[>") && !said.contains("\x1b[<") && !said.contains("1036"), "{said:?}");
    assert!(said.is_ascii(), "fonts of the Linux console lack most shapes: {said:?}");
}

#[test]
fn a_theme_that_is_named_goes_before_no_color() {
    let colours = |shell: &Shell| shell.said().contains("\x1b[38;5;") || shell.said().contains(";38;5;");
    let mut shell = Shell::start(&format!("export NO_COLOR=1; {AROUND}"), "quit");
    shell.until_shown(TOLD);
    assert!(!colours(&shell), "{:?}", shell.said());
    shell.keys("T");
    shell.until_shown("in force");
    let shown = shell.screen.screen().contents();
    let mark = shown.lines().find(|line| line.contains("in force")).unwrap();
    assert!(mark.contains("mono"), "{shown}");
    shell.keys("dark\r");
    shell.until("colours, once a person chose them", colours);
    shell.keys("q");
    shell.until_said("DONE");
    let mut shell = Shell::start(&format!("export NO_COLOR=1 FIBRIC_THEME=dark; {AROUND}"), "quit");
    shell.until_shown(TOLD);
    assert!(colours(&shell), "{:?}", shell.said());
    shell.keys("q");
    shell.until_said("DONE");
}
