//! Theme files, good and broken.

use proptest::prelude::*;

use super::*;
use crate::console::Palette;

fn shipped() -> Vec<(String, String)> {
    Palette::ALL.iter().map(|palette| (palette.name().to_owned(), palette.source().to_owned())).collect()
}

fn with(text: &str) -> Result<Loaded, Vec<Diagnostic>> {
    let mut sources = shipped();
    sources.push(("mine".to_owned(), text.to_owned()));
    load("mine", &sources)
}

fn first_fault(text: &str) -> (Option<u32>, String) {
    let fault = with(text).unwrap_err().remove(0);
    (fault.line, format!("{} {}", fault.message, fault.help.unwrap_or_default()))
}

#[test]
fn what_ships_loads() {
    for palette in Palette::ALL {
        let loaded = load(palette.name(), &shipped()).unwrap();
        assert!(!loaded.about.is_empty());
        assert_eq!(loaded.looks, *palette.looks());
    }
    assert_ne!(Palette::Light.look(), Palette::Dark.look());
}

#[test]
fn a_theme_inherits_and_names_colours() {
    let text = "inherits = 'light'\n[palette]\nsea = '#0b5f5d'\n[roles]\naccent = 'sea bold'\nfailed = 'bright-red'\n";
    let look = with(text).unwrap().looks.on(None);
    assert_eq!(look.paint(Role::Bg), Palette::Light.look().paint(Role::Bg));
    assert_eq!(look.paint(Role::Accent), Paint { colour: Color::Rgb(11, 95, 93), modifier: Modifier::BOLD });
    assert_eq!(look.paint(Role::Failed).colour, Color::LightRed);
}

#[test]
fn a_role_may_have_another_paint_on_a_ground_that_is_known() {
    let text = "inherits = 'terminal'\n[roles]\nallow = 'blue'\n[on-light]\nallow = 'magenta'\n";
    let looks = with(text).unwrap().looks;
    let allow = |ground| looks.on(ground).paint(Role::Allow).colour;
    assert_eq!(allow(None), Color::Blue);
    assert_eq!(allow(Some(Ground::Light)), Color::Magenta);
    assert_eq!(allow(Some(Ground::Dark)), Color::Blue, "what it says of any ground goes before what it inherits");
    assert_eq!(
        looks.on(Some(Ground::Dark)).paint(Role::Alert),
        Palette::Sixteen.looks().on(Some(Ground::Dark)).paint(Role::Alert)
    );
    assert_eq!(first_fault("inherits = 'dark'\n[on-dark]\nacent = 'cyan'\n").0, Some(3));
}

#[test]
fn a_file_named_like_a_shipped_theme_changes_it() {
    let mut sources = shipped();
    sources.push(("dark".to_owned(), "inherits = 'dark'\n[roles]\nbg = '#000000'\n".to_owned()));
    let look = load("dark", &sources).unwrap().looks.on(None);
    assert_eq!(look.paint(Role::Bg).colour, Color::Rgb(0, 0, 0));
    assert_eq!(look.paint(Role::Text), Palette::Dark.look().paint(Role::Text));
}

#[test]
fn every_fault_says_where_and_what_was_meant() {
    for (text, line, said) in [
        ("inherits = 'dark'\n[roles]\nacent = 'cyan'\n", 3, "unknown role `acent` did you mean `accent`?"),
        ("inherits = 'drak'\n", 1, "did you mean `dark`?"),
        ("inherits = 'mine'\n", 1, "there is no theme `mine` to inherit from"),
        ("inherits = 'dark'\n\n[roles]\nbg = '#12345'\n", 4, "`#12345` is no colour"),
        ("inherits = 'dark'\n[roles]\nbg = 'gren'\n", 3, "did you mean `green`?"),
        ("inherits = 'dark'\n[roles]\nbg = 7\n", 3, "expected a colour in quotes"),
        ("inherits = 'dark'\n[rolls]\n", 2, "unknown field `rolls` did you mean `roles`?"),
        ("inherits = 'dark'\nroles = 3\n", 2, "`roles` is not a section"),
        ("[roles]\nbg = '#000000'\n", 1, "nothing is said of panel, sel"),
        ("inherits = 'dark'\n[roles\n", 2, ""),
    ] {
        let (at, message) = first_fault(text);
        assert_eq!(at, Some(line), "{text} {message}");
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn a_ring_of_themes_ends() {
    let mut sources = shipped();
    sources.push(("a".to_owned(), "inherits = 'b'".to_owned()));
    sources.push(("b".to_owned(), "inherits = 'a'".to_owned()));
    assert!(load("a", &sources).is_err());
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(inherits|roles|bg|palette|about| |=|'|\"|\\[|\\]|#0|dark|\n|\\PC){0,30}") {
        let _ = with(&text);
    }
}
