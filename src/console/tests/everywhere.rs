//! What works on every screen: palette, help, prefixes, a person's own keys and themes.

use crossterm::event::Event;
use ratatui::buffer::Cell;
use ratatui::style::Color;

use super::{dark, setup, specs, story, told, troubles};
use crate::console::keys::CommandId;
use crate::console::keys::file::apply;
use crate::console::theme::Role;
use crate::console::{Depth, Exit, Incoming, News, Options, Palette, Places, Runner, Setup};

fn ground(runner: &Runner) -> Color {
    runner.frame()[(0, 5)].bg
}

fn canvas(palette: Palette) -> Color {
    palette.look().paint(Role::Bg).colour
}

#[test]
fn a_few_letters_run_a_command() {
    let mut runner = told(100, 30, dark());
    let text = runner.press(":").type_in("nblo").text();
    assert!(text.contains(": nblo") && text.contains("next block"), "{text}");
    let row = u16::try_from(text.lines().position(|line| line.contains("▌ next block")).unwrap()).unwrap();
    let accent = dark().ink(Role::Accent).fg.unwrap();
    let cells = runner.frame().content.chunks(100).nth(usize::from(row)).unwrap();
    let answering = cells.iter().skip(15).take(10).filter(|cell| cell.fg == accent).map(Cell::symbol);
    assert_eq!(answering.collect::<String>(), "nblo", "the letters that answer");
    let text = runner.press("enter").text();
    assert!(runner.app().picker.is_none());
    assert!(text.lines().nth(1).unwrap().contains("■ BLOCK"), "{text}");
    runner.press("ctrl-p");
    let text = runner.text();
    let recent = text.find("recent").unwrap();
    assert!(text[recent..].find("next block") < text[recent..].find("commands"), "{text}");
    runner.press("enter");
    assert!(runner.text().lines().nth(1).unwrap().contains("■ BLOCK"), "the recent one is first");
}

#[test]
fn what_cannot_run_stands_last_with_the_reason_and_says_it() {
    let mut runner = told(100, 30, dark());
    let text = runner.press(":").type_in("put in force").text();
    assert!(text.find("not now") < text.find("on the Policy screen"), "{text}");
    let text = runner.press("enter").text();
    assert!(text.contains("put in force: on the Policy screen") && runner.app().picker.is_some(), "{text}");
    assert!(runner.press("ctrl-w").type_in("zzz").text().contains("nothing of that name"));
    runner.press("enter tab pgdn up");
    assert_eq!(runner.app().picker.as_ref().map(|menu| menu.at), Some(0));
}

#[test]
fn the_help_filters_by_name_sentence_or_key_and_runs() {
    let mut runner = told(100, 30, dark());
    assert!(runner.press("?").type_in("oldest").text().contains("g g  home"));
    assert!(runner.press("ctrl-w").type_in("ctrl-f").text().contains("page down"));
    runner.press("ctrl-w").type_in("first").press("enter");
    assert_eq!((runner.app().picker.as_ref(), runner.live().selection().index()), (None, Some(0)));
}

#[test]
fn typing_is_text_and_never_a_key() {
    let mut runner = told(80, 24, dark());
    runner.press(": q G T ? 1");
    assert_eq!(runner.app().picker.as_ref().map(|menu| menu.query.as_str()), Some("qGT?1"));
    runner.send(Incoming::Terminal(Event::Paste("a\r\u{1b}q\n".to_owned())));
    assert_eq!(runner.app().picker.as_ref().map(|menu| menu.query.as_str()), Some("qGT?1aq"));
    assert!(runner.press("ctrl-w backspace").text().contains("type a few letters"));
    assert_eq!(runner.exit(), None);
    runner.press("esc");
    runner.send(Incoming::Terminal(Event::Paste("q".to_owned())));
    assert_eq!(runner.exit(), None, "pasted text is nothing where none is typed");
    runner.press(": ctrl-c");
    assert_eq!(runner.exit(), Some(Exit::Quit));
}

#[test]
fn a_prefix_waits_and_is_taken_back() {
    let mut runner = told(80, 24, dark());
    let newest = runner.live().selection().index();
    assert!(runner.press("g").text().contains("g waiting for the next key"));
    runner.press("esc");
    assert_eq!((runner.app().prefix, runner.live().selection().index()), (None, newest));
    assert!(runner.press("g Z").text().contains("g Z: no command"));
    for (keys, said) in
        [("g b", "■ BLOCK"), ("g d", "≡ DEDUP"), ("g a", "▲ ALERT"), ("g x", "✗ failed"), ("g u", "→ no match")]
    {
        let text = runner.press(keys).text();
        assert!(text.lines().nth(1).unwrap().contains(said), "{keys}: {text}");
    }
    assert_eq!(runner.press("g g").live().selection().index(), Some(0));
    let last = runner.rows().len() - 1;
    assert_eq!(runner.press("g e").live().selection().index(), Some(last));
    let mut nothing = Runner::new(80, 24, dark());
    assert!(nothing.press("g b").text().contains("next block: nothing was blocked"));
}

#[test]
fn a_click_chooses() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut runner = told(100, 30, dark());
    let text = runner.press(":").type_in("first").text();
    let row = text.lines().position(|line| line.contains("▌ first")).unwrap();
    let kind = MouseEventKind::Down(MouseButton::Left);
    let row = u16::try_from(row).unwrap();
    runner.send(Incoming::Terminal(Event::Mouse(MouseEvent { kind, column: 50, row, modifiers: KeyModifiers::NONE })));
    assert_eq!((runner.app().picker.is_none(), runner.live().selection().index()), (true, Some(0)));
}

#[test]
fn a_persons_own_keys_are_taught_everywhere() {
    let mut setup = super::setup(dark());
    setup.faults = apply(&mut setup.keymap, "play = 'ctrl-r'\nnext-block = 'space b'\nfrist = 'F'\n");
    setup.faults.iter_mut().for_each(|fault| fault.file = Some(".fibric/keys.toml".to_owned()));
    let mut runner = Runner::with(120, 40, setup);
    runner.feed(1, story());
    let text = runner.text();
    assert!(text.contains("NOTICE") || text.contains("ERROR"), "{text}");
    assert!(text.contains(".fibric/keys.toml:3:1 unknown command `frist`; did you mean `first`?"), "{text}");
    assert!(text.contains("ctrl-r play"), "{text}");
    runner.press("p ctrl-r");
    assert_eq!(runner.asked(), [crate::session::bus::Command::Play]);
    assert!(runner.press("space").text().contains("b  next block"));
    assert!(runner.press("b").text().contains("■ BLOCK"));
    assert!(runner.press("?").type_in("next block").text().contains("space b"));
    assert_eq!(runner.app().keymap.command("p".parse().unwrap()), None::<CommandId>);
}

#[test]
fn a_theme_is_seen_before_it_is_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join(".fibric/console.toml");
    let mut runner = Runner::with(100, 30, Setup { memory: Some(memory.clone()), ..setup(dark()) });
    runner.feed(1, story());
    assert_eq!(ground(&runner), canvas(Palette::Dark));
    runner.press("T down");
    assert_eq!(ground(&runner), canvas(Palette::Light), "and what is behind is not faint");
    runner.press("down esc");
    assert_eq!(ground(&runner), canvas(Palette::Dark), "as it was");
    assert!(!memory.exists());
    runner.press(":").type_in("theme").press("enter").type_in("light").press("enter");
    assert_eq!(ground(&runner), canvas(Palette::Light));
    assert_eq!(std::fs::read_to_string(&memory).unwrap(), "theme = \"light\"\n");
    assert!(runner.press("T").text().contains("in force"));
}

#[test]
fn a_theme_that_cannot_be_kept_is_in_force_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let memory = Some(folder.path().join("file/console.toml"));
    let mut runner = Runner::with(120, 40, Setup { memory, ..setup(dark()) });
    let text = runner.press("T down enter").text();
    assert_eq!(ground(&runner), canvas(Palette::Light));
    assert!(text.contains("console.toml"), "{text}");
}

#[test]
fn a_terminal_without_colour_says_so_in_the_picker() {
    let mut runner = told(100, 30, super::mono());
    assert!(runner.press("T").text().contains("without colour here"));
}

#[test]
fn what_is_behind_a_menu_is_faint_and_cannot_be_clicked() {
    let mut runner = told(100, 30, dark());
    runner.feed(1, troubles());
    let accent = dark().ink(Role::Accent).fg.unwrap();
    runner.press(":");
    assert!(runner.frame().content[..100].iter().all(|cell| cell.fg != accent), "the header is faint");
    runner.press("esc g");
    assert!(runner.frame().content[..100].iter().any(|cell| cell.fg == accent), "which-key leaves it alone");
}

#[test]
fn saved_keys_and_themes_are_in_force_and_broken_ones_leave_the_last() {
    let home = tempfile::tempdir().unwrap();
    let places = Places { workspace: None, config: Some(home.path().to_path_buf()) };
    let options = Options { places, depth: Depth::True, theme: Some("ours".to_owned()), ..Options::default() };
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(home.path().join("themes")).unwrap();
        std::fs::write(home.path().join(name), text).unwrap();
    };
    write("themes/ours.toml", "inherits = \"dark\"\n[roles]\nbg = \"#202020\"\n");
    let mut runner = Runner::with(80, 24, Setup::read(&options, specs()));
    let saved = |runner: &mut Runner| {
        runner.send(Incoming::News(News::Setup(Box::new(Setup::read(&options, specs())))));
        runner.frame()[(1, 20)].bg
    };
    assert_eq!(saved(&mut runner), Color::Rgb(0x20, 0x20, 0x20));
    write("themes/ours.toml", "inherits = \"dark\"\n[roles]\nbg = \"#303030\"\n");
    assert_eq!(saved(&mut runner), Color::Rgb(0x30, 0x30, 0x30));
    assert!(runner.text().contains("read again"), "{}", runner.text());
    write("themes/ours.toml", "inherits = \"dark\"\n[roles]\nbg = #30");
    assert_eq!(saved(&mut runner), Color::Rgb(0x30, 0x30, 0x30), "the last that could be read");
    assert!(runner.text().contains("ours.toml"), "{}", runner.text());
    write("themes/ours.toml", "inherits = \"light\"\n");
    saved(&mut runner);
    assert!(!runner.text().contains("ours.toml"), "{}", runner.text());
    write("keys.toml", "help = \"F2\"\n");
    saved(&mut runner);
    let frames = runner.frames();
    saved(&mut runner);
    assert!(runner.press("F2").text().contains("Help"), "{}", runner.text());
    assert!(runner.frames() > frames);
}

#[test]
fn the_palette_finds_a_command_by_its_keys() {
    let mut runner = told(100, 30, dark());
    for (keys, command) in [("g b", "next block"), ("ctrl-s", "put in force"), ("G", "newest"), ("pgup", "page up")] {
        let text = runner.press(":").type_in(keys).text();
        let (first, _) = text.split_once(command).unwrap_or_else(|| panic!("{keys}: {text}"));
        assert!(first.contains('▌') || text.contains(&format!("▌ {command}")), "{keys}: {text}");
        runner.press("esc");
    }
}

#[test]
fn help_begins_with_the_commands_of_the_screen_that_is_shown() {
    for (screen, first) in [("1", "Going to"), ("3", "Policy"), ("5", "Connectors")] {
        let mut runner = told(100, 30, dark());
        let text = runner.press(screen).press("?").text();
        let heading =
            text.lines().skip(5).filter_map(|line| Some(line.split('│').nth(1)?.trim())).find(|line| !line.is_empty());
        assert_eq!(heading, Some(first), "{text}");
    }
}

#[test]
fn what_was_said_is_read_again_and_copied() {
    let mut runner = told(100, 30, dark());
    assert!(runner.press("F10").text().contains("messages: nothing was said yet"));
    runner.send(Incoming::News(News::Said("the first of two".to_owned())));
    runner.send(Incoming::News(News::Said("the second".to_owned())));
    runner.send(Incoming::News(News::Said("the first of two".to_owned())));
    assert!(!runner.press("up").text().contains("the second"), "a key takes it away");
    let text = runner.press("F10").text();
    assert!(text.find("the first of two") < text.find("the second"), "the newest first\n{text}");
    assert_eq!(text.matches("▌ the first of two").count(), 1, "said again counts once\n{text}");
    runner.type_in("second").press("enter");
    let copied = crate::console::Effect::Copy { what: "the message".to_owned(), text: "the second".to_owned() };
    assert_eq!(runner.performed(), [copied]);
    assert!(runner.app().picker.is_none());
}

#[test]
fn a_click_on_the_sentence_above_opens_its_row() {
    let mut runner = told(120, 40, dark());
    runner.press("g b");
    let row = runner.selected();
    let said = runner.text().lines().nth(1).unwrap().trim().split("  ").next().unwrap().to_owned();
    runner.click(&said);
    assert_eq!((runner.layers(), runner.selected()), (1, row), "{}", runner.text());
    let mut elsewhere = told(120, 40, dark());
    elsewhere.press("g b 5");
    let chip = elsewhere.text().lines().nth(1).unwrap().trim().split("  ").next().unwrap().to_owned();
    elsewhere.click(&chip);
    assert_eq!((elsewhere.layers(), elsewhere.selected()), (1, row), "{}", elsewhere.text());
}

#[test]
fn that_author_code_is_unconfined_stands_in_the_header_at_any_width() {
    let mut started = serde_json::to_value(&*story()[0]).unwrap();
    started["fact"]["run_started"]["unconfined"] = true.into();
    let entry: crate::kernel::journal::Entry = serde_json::from_str(&started.to_string()).unwrap();
    for columns in [40, 60, 80, 120, 200] {
        let mut runner = Runner::new(columns, 24, dark());
        runner.feed(1, [std::sync::Arc::new(entry.clone())]);
        let header = runner.text().lines().next().unwrap().to_owned();
        assert!(header.contains('▲') && (columns < 80 || header.contains("▲ unconfined")), "{columns}: {header}");
        // It goes when nothing of the kind runs any more.
        let fact = crate::kernel::journal::Fact::RunEnded(crate::kernel::journal::RunEnded::default());
        let ended = std::sync::Arc::new(crate::kernel::journal::Entry { fact, ..entry.clone() });
        let after = runner.feed(1, [ended]).text().lines().next().unwrap().to_owned();
        assert!(!after.contains("unconfined"), "{columns}: {after}");
    }
}
