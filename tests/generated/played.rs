//! The bundled fixtures, played once by the kernel, with what differs by day and machine made constant.

use std::path::Path;
use std::sync::Arc;

use fibric_console::kernel::executor::State;
use fibric_console::kernel::journal::{Entry, Fact, RunKind};
use fibric_console::session::bus::Batch;
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev_kernel::DevKernel;
use fibric_console::session::ledger;
use fibric_console::session::replay::{Play, ReplayObserver, files};
use fibric_console::session::run::{Run, Setup};
use fibric_console::session::store::Store;
use fibric_console::workspace::Workspace;

#[derive(Default)]
struct Told(Vec<Arc<Entry>>);

impl ReplayObserver for Told {
    fn batch(&mut self, _pass: u32, batch: Batch) {
        self.0.extend(batch.entries.iter().map(|entry| Arc::new(timeless(entry))));
    }
}

/// The same entry on any machine and day.
fn timeless(entry: &Entry) -> Entry {
    let mut entry = Entry { at: FIXTURE_NOW.to_owned(), ..entry.clone() };
    match &mut entry.fact {
        Fact::Disposed(disposed) => FIXTURE_NOW.clone_into(&mut Arc::make_mut(&mut disposed.receipt).at),
        Fact::Proposed(proposed) => proposed.micros = 0,
        _ => {}
    }
    entry
}

/// The entries of some of the workspace's fixtures.
pub fn played(fixtures: &[&str]) -> Vec<Arc<Entry>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path().join("dev")).unwrap();
    fibric_console::author::process::launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let mut kernel = DevKernel::load(Workspace::open(root).unwrap(), Vec::new(), &mut |_| {});
    let setup = Setup {
        kind: RunKind::Play,
        propose_only: false,
        now: FIXTURE_NOW.to_owned(),
        ledger: ledger::Options { sync: false, plan_files: true, persistent_keys: false },
    };
    let mut told = Told::default();
    let mut run = Run::begin(&store, &kernel, setup, State::default()).unwrap();
    let paths: Vec<_> = fixtures.iter().map(|path| root.join(path)).collect();
    let fixtures = files(&paths).unwrap();
    Play { files: &fixtures, select: None, passes: 1, stopped: Arc::default(), until: None }
        .through(&mut run, &mut kernel, &mut told)
        .unwrap();
    let (_, last) = run.end().unwrap();
    told.batch(1, last.unwrap());
    told.0
}
