//! One thing otherwise.

use std::fs;

use super::{dark, dump, stage};

#[test]
fn a_fork_shows_both_futures_and_where_they_part() {
    let mut stage = stage(120, 40, dark());
    stage.press("n F");
    let text = stage.runner.text();
    assert!(
        text.contains("What if") && text.contains("the handler fails") && text.contains("the key was used"),
        "{text}"
    );
    stage.press("home down down enter");
    let text = stage.runner.text();
    assert!(text.contains("Two futures") && text.contains("if the lock was held"), "{text}");
    assert!(text.contains("they part at"), "{text}");
    insta::assert_snapshot!("fork-120x40", dump(&stage.runner, dark()));
    assert!(!stage.press("esc").contains("Two futures"));
    let text = stage.press("F end up enter");
    assert!(text.contains("if the key was used") && text.contains("they part at dedup"), "{text}");
    let text = stage.press("F end enter");
    assert!(text.contains("if the handler failed") && text.contains("they part at handler"), "{text}");
    assert!(!stage.press("n").contains("Two futures"), "it is of one action");
}

#[test]
fn a_used_key_is_forked_to_an_unused_one() {
    let mut stage = stage(120, 40, dark());
    stage.press("/");
    stage.runner.type_in("dedup");
    let text = stage.press("enter F");
    assert!(text.contains("the key was unused"), "{text}");
    let text = stage.press("enter");
    assert!(text.contains("if the key was unused") && text.contains("they part at dedup"), "{text}");
    assert!(text.contains("✓ ran       the stub echoes"), "{text}");
}

#[test]
fn another_policy_is_read_from_its_file() {
    let mut stage = stage(120, 40, dark());
    fs::create_dir_all(stage.folder.path().join("policy")).unwrap();
    fs::create_dir_all(stage.folder.path().join("operators")).unwrap();
    fs::write(stage.folder.path().join("policy/b.yaml"), "- { tool: order.hold, decision: BLOCK }\n").unwrap();
    fs::write(stage.folder.path().join("policy/c.yaml"), "- { tool: order.hold, decision: BLOK }\n").unwrap();
    stage.press("n F home down enter");
    stage.runner.type_in("none.yaml");
    assert!(stage.press("enter").contains("there is no file `policy/none.yaml`"));
    stage.press("F home down enter");
    stage.runner.type_in("c.yaml");
    assert!(stage.press("enter").contains("policy/c.yaml:1"), "{}", stage.runner.text());
    stage.press("F home down enter");
    stage.runner.type_in("b.yaml");
    let text = stage.press("enter");
    assert!(text.contains("under policy/b.yaml") && text.contains("they part at policy"), "{text}");
}

#[test]
fn on_a_small_screen_the_other_future_stands_under_the_stages() {
    let mut stage = stage(40, 12, dark());
    stage.press("n F home down down enter tab z");
    let text = stage.press("G");
    assert!(text.contains("not reached") || text.contains("lock"), "{text}");
}

#[test]
fn a_policy_in_code_is_asked_about_the_action_at_hand() {
    let mut stage = stage(120, 40, dark());
    fs::create_dir_all(stage.folder.path().join("policy")).unwrap();
    fs::create_dir_all(stage.folder.path().join("operators")).unwrap();
    let rule = "predicate: (action) => action.entity_key !== 'order:SO-10884'";
    fs::write(
        stage.folder.path().join("policy/b.ts"),
        format!("export default [{{ tool: 'order.hold', decision: 'ALLOW', {rule} }}];\n"),
    )
    .unwrap();
    stage.press("n F home down enter");
    stage.runner.type_in("b.ts");
    let text = stage.press("enter");
    assert!(text.contains("under policy/b.ts") && text.contains("they part at policy"), "{text}");
    assert!(text.contains("■ BLOCK     rule 1: predicate"), "{text}");
}

#[test]
fn other_code_is_asked_for_by_file_or_revision() {
    let mut stage = stage(120, 40, dark());
    fs::create_dir_all(stage.folder.path().join("operators")).unwrap();
    let text = stage.press("n F home enter");
    assert!(text.contains("other code HEAD"), "{text}");
    assert!(stage.press("ctrl-u enter").contains("say a file, or a git revision"), "{}", stage.runner.text());
    // What ran then is not loaded here: with its own plan this workspace comes to something else.
    stage.runner.type_in("operators/next.ts");
    let text = stage.press("enter");
    assert!(text.contains("does not come to what was recorded"), "{text}");
}
