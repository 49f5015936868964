//! The pictures the README shows are frames of the bundled workspace, drawn by the production loop. They are compared
//! with what is in `screenshots/`; `UPDATE_PICTURES=1` draws them anew.

use std::path::Path;
use std::sync::Arc;

use fibric_console::console::picture::svg;
use fibric_console::console::{Depth, Options, Palette, Runner};
use fibric_console::kernel::executor::State;
use fibric_console::kernel::journal::{Entry, Fact, RunKind};
use fibric_console::session::bus::Batch;
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev_kernel::DevKernel;
use fibric_console::session::ledger;
use fibric_console::session::replay::{Audience, Play, files};
use fibric_console::session::run::{Run, Setup};
use fibric_console::session::store::Store;
use fibric_console::workspace::Workspace;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;

#[derive(Default)]
struct Told(Vec<Arc<Entry>>);

impl Audience for Told {
    fn batch(&mut self, _pass: u32, batch: Batch) {
        self.0.extend(batch.entries.iter().map(|entry| Arc::new(timeless(entry))));
    }
}

/// The same entry on any machine and day.
fn timeless(entry: &Entry) -> Entry {
    let mut entry = Entry { at: FIXTURE_NOW.to_owned(), ..entry.clone() };
    match &mut entry.fact {
        Fact::Disposed(disposed) => Arc::make_mut(&mut disposed.receipt).at = FIXTURE_NOW.to_owned(),
        Fact::Proposed(proposed) => proposed.micros = 0,
        _ => {}
    }
    entry
}

/// The entries of the bundled fixtures, played once.
fn played() -> Vec<Arc<Entry>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path().join("dev")).unwrap();
    let mut kernel = DevKernel::load(Workspace::open(root).unwrap(), Vec::new(), &mut |_| {});
    let setup = Setup {
        kind: RunKind::Play,
        propose_only: false,
        now: FIXTURE_NOW.to_owned(),
        ledger: ledger::Options { sync: false, plan_files: true, persistent_keys: false },
    };
    let mut told = Told::default();
    let mut run = Run::begin(&store, &kernel, setup, State::default()).unwrap();
    let fixtures = files(&[root.join("fixtures")]).unwrap();
    Play { files: &fixtures, select: None, passes: 1 }.through(&mut run, &mut kernel, &mut told).unwrap();
    let (_, last) = run.end().unwrap();
    told.batch(1, last.unwrap());
    told.0
}

fn console(options: Options) -> Runner {
    let mut runner = Runner::new(COLUMNS, ROWS, options.theme());
    runner.feed(1, played());
    // Up from the newest to the refund that the ceiling stopped.
    for _ in 0..200 {
        if runner.text().contains(" ■ BLOCK  rule 3") {
            break;
        }
        runner.press("k");
    }
    runner
}

fn hold(name: &str, picture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(name);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::write(&path, picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == picture, "screenshots/{name} is not what is drawn now; UPDATE_PICTURES=1 draws it anew");
}

#[test]
fn the_console_looks_as_the_readme_shows_it() {
    let options = Options { depth: Depth::True, ..Options::default() };
    let runner = console(options);
    assert!(runner.text().contains("rule 3: value 250 > maxValue 100"), "{}", runner.text());
    hold("live-120x40.svg", &svg(runner.frame(), options.theme(), "the console on the bundled workspace"));
}

#[test]
fn it_is_as_clear_on_a_light_terminal() {
    let options = Options { depth: Depth::True, palette: Palette::Light, ..Options::default() };
    let runner = console(options);
    hold("live-120x40-light.svg", &svg(runner.frame(), options.theme(), "the console on a light terminal"));
}
