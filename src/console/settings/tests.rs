//! Files on disk, as a person leaves them.

use std::fs;

use super::*;
use crate::console::shell::specs;
use crate::console::theme::Role;

fn folders() -> (tempfile::TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        fs::create_dir_all(folder.path().join(name).join("themes")).unwrap();
        Some(folder.path().join(name))
    };
    let places = Places { workspace: at(".fibric"), config: at("fibric") };
    (folder, Options { places, ..Options::default() })
}

fn write(folder: &tempfile::TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

fn said(setup: &Setup) -> Vec<String> {
    let one = |fault: &Diagnostic| format!("{} {}", fault.place().unwrap_or_default(), fault.message);
    setup.faults.iter().map(one).collect()
}

#[test]
fn without_files_everything_is_as_shipped() {
    let (_folder, options) = folders();
    let setup = Setup::read(&options.clone(), specs());
    assert_eq!((setup.faults.len(), setup.themes.chosen, setup.themes.themes.len()), (0, 0, Palette::ALL.len()));
}

#[test]
fn the_workspace_lies_on_top_of_the_persons_own() {
    let (folder, options) = folders();
    write(&folder, "fibric/keys.toml", "play = 'P'\nquit = 'Q'\n");
    write(&folder, ".fibric/keys.toml", "play = 'ctrl-r'\nqiut = 'Q'\n");
    write(&folder, "fibric/themes/mine.toml", "inherits = 'dark'\n[roles]\nbg = '#000000'\n");
    write(&folder, ".fibric/themes/ours.toml", "inherits = 'mine'\nabout = 'ours'\n[roles]\npanel = '#101010'\n");
    let setup = Setup::read(&Options { theme: Some("ours".to_owned()), ..options }, specs());
    assert_eq!(said(&setup), [".fibric/keys.toml:2:1 unknown command `qiut`"]);
    assert_eq!(setup.keymap.command("ctrl-r".parse().unwrap()), Some(crate::console::keys::CommandId("play")));
    assert_eq!(setup.keymap.command("P".parse().unwrap()), None);
    let look = setup.themes.theme(None).wanted();
    assert_eq!(look.paint(Role::Bg).colour, ratatui::style::Color::Rgb(0, 0, 0));
    assert_eq!(setup.themes.themes.last().unwrap().about, "ours");
}

#[test]
fn a_theme_that_does_not_load_says_so_and_the_shipped_one_stays() {
    let (folder, options) = folders();
    write(&folder, ".fibric/themes/dark.toml", "inherits = 'dark'\n[roles]\naccent = '#xyzxyz'\n");
    write(&folder, ".fibric/themes/pale.toml", "inherits = 'light'\n[roles]\nfaint = '#cccccc'\n");
    let setup = Setup::read(&options.clone(), specs());
    assert_eq!(setup.themes.theme(None).wanted(), Palette::Dark.look());
    let wanted = [
        ".fibric/themes/dark.toml:3:10 `#xyzxyz` is no colour",
        ".fibric/themes/pale.toml `faint` on `trace` has a contrast of 1.4, less than 4.5",
    ];
    assert_eq!(said(&setup), wanted);
}

#[test]
fn a_theme_is_kept_beside_what_else_is_kept() {
    let (folder, options) = folders();
    write(&folder, ".fibric/console.toml", "split = 3\n");
    let memory = options.places.memory().unwrap();
    keep(&memory, "light").unwrap();
    let setup = Setup::read(&options.clone(), specs());
    assert_eq!(setup.themes.theme(None).wanted(), Palette::Light.look());
    assert!(fs::read_to_string(&memory).unwrap().contains("split = 3"));
    assert_eq!(fs::read_dir(folder.path().join(".fibric")).unwrap().count(), 2, "nothing lies beside");
    let named = Setup::read(&Options { theme: Some("cvd".to_owned()), ..options.clone() }, specs());
    assert_eq!(named.themes.theme(None).wanted(), Palette::Cvd.look(), "the command line is stronger");
    let wrong = Setup::read(&Options { theme: Some("drak".to_owned()), ..options }, specs());
    assert_eq!(wrong.faults[0].help.as_deref(), Some("did you mean `dark`?"));
}

#[test]
fn a_choice_goes_before_no_color() {
    let (_folder, options) = folders();
    let options = Options { palette: Palette::Mono, ..options };
    let chosen = |options: &Options| {
        let themes = Setup::read(options, specs()).themes;
        (themes.themes[themes.in_force()].name.clone(), themes.settled)
    };
    assert_eq!(chosen(&options), ("mono".to_owned(), true));
    assert_eq!(chosen(&Options { theme: Some("cvd".to_owned()), ..options.clone() }), ("cvd".to_owned(), true));
    keep(&options.places.memory().unwrap(), "light").unwrap();
    assert_eq!(chosen(&options), ("light".to_owned(), true));
}

#[test]
fn a_broken_memory_is_left_as_it_is() {
    let (folder, options) = folders();
    write(&folder, ".fibric/console.toml", "theme = \n");
    let memory = options.places.memory().unwrap();
    assert_eq!(Setup::read(&options.clone(), specs()).faults[0].line, Some(1));
    assert!(keep(&memory, "light").is_err());
    assert_eq!(fs::read_to_string(&memory).unwrap(), "theme = \n");
    assert!(keep(&folder.path().join(".fibric/console.toml/x"), "light").is_err());
}

#[test]
fn what_is_no_small_file_is_not_read() {
    let (folder, options) = folders();
    fs::create_dir(folder.path().join(".fibric/keys.toml")).unwrap();
    fs::write(folder.path().join(".fibric/themes/huge.toml"), "#".repeat(300_000)).unwrap();
    let wanted = [
        ".fibric/keys.toml cannot be read: it is a folder, not a file",
        ".fibric/themes/huge.toml cannot be read: it has 300000 bytes, the limit is 256 KiB",
    ];
    assert_eq!(said(&Setup::read(&options, specs())), wanted);
}
