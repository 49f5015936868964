//! What a key means, asked of the router alone: nothing is drawn or done.

use super::{dark, told};
use crate::console::editor::Act;
use crate::console::keys::CommandId;
use crate::console::screens::{ScreenMessage, live, policy};
use crate::console::shell::{Message, route};
use crate::console::widgets::Motion;
use crate::console::{Key, Runner};

fn key(name: &str) -> Key {
    name.parse().unwrap()
}

fn meaning(runner: &Runner, name: &str) -> Option<Message> {
    route(runner.app(), key(name))
}

#[test]
fn without_anything_open_a_key_is_a_command_of_the_screen_or_of_the_shell() {
    let runner = told(120, 40, dark());
    assert_eq!(meaning(&runner, "down"), Some(Message::Move(Motion::Down)));
    assert_eq!(meaning(&runner, "enter"), Some(Message::Screen(ScreenMessage::Live(live::Message::Open))));
    assert_eq!(meaning(&runner, "q"), Some(Message::Quit));
    assert_eq!(meaning(&runner, "x"), Some(Message::Refused(CommandId("dismiss"), "there is no notice")));
    assert_eq!(meaning(&runner, "Z"), None);
    assert_eq!(meaning(&runner, "esc"), Some(Message::Refused(CommandId::BACK, "nothing is open")));
}

#[test]
fn after_a_prefix_the_second_key_decides_and_esc_takes_it_back() {
    let mut runner = told(120, 40, dark());
    assert_eq!(meaning(&runner, "g"), Some(Message::Prefix(key("g"))));
    runner.press("g");
    assert_eq!(meaning(&runner, "g"), Some(Message::Move(Motion::First)));
    assert_eq!(meaning(&runner, "Z"), Some(Message::Unbound(key("g"), key("Z"))));
    assert_eq!(meaning(&runner, "esc"), Some(Message::DropPrefix));
}

#[test]
fn what_is_typed_goes_to_what_lies_uppermost() {
    let mut runner = told(120, 40, dark());
    runner.press("/");
    assert!(matches!(meaning(&runner, "q"), Some(Message::Screen(ScreenMessage::Live(live::Message::Typed(_))))));
    assert_eq!(meaning(&runner, "ctrl-z"), Some(Message::Suspend));
    runner.press("esc :");
    assert!(matches!(meaning(&runner, "q"), Some(Message::Edit(_))));
    assert_eq!(meaning(&runner, "esc"), Some(Message::Back));
}

#[test]
fn in_a_text_letters_are_text_and_a_question_takes_its_own_keys_only() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("policy")).unwrap();
    std::fs::write(folder.path().join("policy/trust.yaml"), "- tool: order.hold\n  decision: ALLOW\n").unwrap();
    let mut runner = told(120, 40, dark());
    runner.in_folder(folder.path()).press("3 i");
    let of_policy = |message| Some(Message::Screen(ScreenMessage::Policy(message)));
    assert_eq!(meaning(&runner, "q"), of_policy(policy::Message::Act(Act::Insert('q'))));
    assert_eq!(meaning(&runner, "5"), of_policy(policy::Message::Act(Act::Insert('5'))));
    assert_eq!(meaning(&runner, "ctrl-z"), Some(Message::Suspend), "what is bound with ctrl goes before the text");
    assert!(matches!(meaning(&runner, "ctrl-c"), Some(Message::Refused(..))), "it copies, once something is selected");
    runner.press("q esc q");
    assert_eq!(runner.exit(), None);
    assert!(matches!(meaning(&runner, "d"), Some(Message::Screen(ScreenMessage::Policy(policy::Message::Answer(_))))));
    assert_eq!(meaning(&runner, "enter"), meaning(&runner, "k"), "the first answer");
    assert_eq!(meaning(&runner, "1"), Some(Message::Go(crate::console::keys::ScreenId(1))));
    assert_eq!(meaning(&runner, "esc"), Some(Message::Back));
}
