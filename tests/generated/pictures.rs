//! The pictures the README shows are frames of the bundled workspace, drawn by the production loop.

use fibric_console::console::picture::svg;
use fibric_console::console::{Depth, Options, Palette, Runner};

use crate::hold;
use crate::played::played;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;

fn console(options: &Options) -> Runner {
    let mut runner = Runner::new(COLUMNS, ROWS, options.theme());
    runner.feed(1, played(&["fixtures"]));
    // Up from the newest to the refund that the ceiling stopped.
    for _ in 0..200 {
        if runner.text().contains(" ■ BLOCK  rule 3") {
            break;
        }
        runner.press("k");
    }
    runner
}

#[test]
fn the_console_looks_as_the_readme_shows_it() {
    let options = Options { depth: Depth::True, ..Options::default() };
    let runner = console(&options);
    assert!(runner.text().contains("rule 3: value 250 > maxValue 100"), "{}", runner.text());
    hold("screenshots/live-120x40.svg", &svg(runner.frame(), options.theme(), "the console on the bundled workspace"));
}

#[test]
fn it_is_as_clear_on_a_light_terminal() {
    let options = Options { depth: Depth::True, palette: Palette::Light, ..Options::default() };
    let runner = console(&options);
    hold("screenshots/live-120x40-light.svg", &svg(runner.frame(), options.theme(), "the console on a light terminal"));
}
