//! Fixtures through the kernel: files or folders, in a run of their own with keys of their own, so that every play
//! disposes the same way.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::bus::{Batch, SelectedEnvelope};
use super::dev_kernel::DevKernel;
use super::error::Error;
use super::run::{Offer, Run};
use super::schedule;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{EnvelopeRef, Fact, Origin, Source};
use crate::workspace::fixtures::{self, Fixtures, Offered};

/// Which envelopes are taken.
pub type Select<'a> = &'a dyn Fn(&EventEnvelope) -> bool;

/// What a play meets on its way; every method may be left as it is.
pub trait ReplayObserver {
    /// Entries that are on disk now, of pass 1 or 2.
    fn batch(&mut self, pass: u32, batch: Batch);
    /// How many envelopes have been read.
    fn progress(&mut self, _envelopes: u64) {}
    /// True when the play should end early.
    fn is_interrupted(&self) -> bool {
        false
    }
}

/// A file's fixtures in order, and the last envelope seen, which runs again after a save.
pub struct Play<'a> {
    /// The files.
    pub files: &'a [PathBuf],
    /// Which envelopes of them.
    pub select: Option<Select<'a>>,
    /// How often: twice shares the keys.
    pub passes: u32,
    /// Set once the play should end, also while it waits for a pipe.
    pub stopped: Arc<AtomicBool>,
    /// After the files, what operators that run at intervals have due from the run's clock up to that time.
    pub until: Option<Timestamp>,
}

/// How a play ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// Envelopes passed over because they were not selected.
    pub unselected: u64,
    /// The last envelope accepted.
    pub last: Option<SelectedEnvelope>,
    /// True when it was ended early.
    pub interrupted: bool,
}

/// The fixture files of some paths, in order.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(fixtures::expand(path)?);
    }
    Ok(all)
}

impl Play<'_> {
    /// Plays into an open run.
    pub fn through(
        &self,
        run: &mut Run,
        kernel: &mut DevKernel,
        observer: &mut dyn ReplayObserver,
    ) -> Result<Played, Error> {
        let played = self.play(run, kernel, observer);
        kernel.tape.turn_home();
        played
    }

    fn play(&self, run: &mut Run, kernel: &mut DevKernel, observer: &mut dyn ReplayObserver) -> Result<Played, Error> {
        let mut played = Played::default();
        let mut read = 0;
        for pass in 1..=self.passes {
            for file in self.files {
                let shown = kernel.workspace.shown(file);
                kernel.tape.turn_to(file);
                match fixtures::open_until(file, &shown, &self.stopped) {
                    Ok(offers) => {
                        let most = kernel.workspace.config.limits.envelope.0;
                        let mut ahead = Ahead::of(file, offers.limited(most));
                        while let Some(offered) = ahead.next(|envelope| {
                            if self.select.is_none_or(|select| select(envelope)) {
                                run.expect(kernel, envelope, run.fixture_clock());
                            }
                        }) {
                            read += 1;
                            observer.progress(read);
                            // Nobody waits any more for what was read last.
                            if ahead.is_file || !self.is_stopped() {
                                self.offer(run, kernel, &shown, offered, &mut played)?;
                            }
                            if run.is_group_full()
                                && let Some(batch) = run.hand_over()?
                            {
                                observer.batch(pass, batch);
                            }
                            if observer.is_interrupted() || self.is_stopped() {
                                played.interrupted = true;
                                if let Some(rest) = ahead.offers.rest() {
                                    self.offer(run, kernel, &shown, rest, &mut played)?;
                                }
                                deliver(run, pass, observer)?;
                                return Ok(played);
                            }
                        }
                    }
                    Err(fault) => run.note(Fact::Noticed(fault))?,
                }
            }
            kernel.tape.turn_home();
            if !self.schedules(pass, run, kernel, observer, &mut played)? {
                played.interrupted = true;
                deliver(run, pass, observer)?;
                return Ok(played);
            }
            deliver(run, pass, observer)?;
        }
        Ok(played)
    }

    /// Plays what is due until then; false when it was ended early.
    fn schedules(
        &self,
        pass: u32,
        run: &mut Run,
        kernel: &mut DevKernel,
        observer: &mut dyn ReplayObserver,
        played: &mut Played,
    ) -> Result<bool, Error> {
        let Some(until) = self.until else { return Ok(true) };
        let Ok(from) = run.fixture_clock().parse() else { return Ok(true) };
        for due in schedule::all(kernel.roster.schedules(), from, until) {
            if observer.is_interrupted() || self.is_stopped() {
                return Ok(false);
            }
            let envelope = Arc::new(due.envelope(&kernel.workspace.config.tenant));
            if self.select.is_some_and(|select| !select(&envelope)) {
                played.unselected += 1;
                continue;
            }
            let origin = Origin { source: Source::Schedule, file: None, line: None };
            let clock = due.at.to_string();
            let offer = Offer { clock: Some(clock.clone()), ..Offer::of(Arc::clone(&envelope), origin, Vec::new()) };
            if let Some(arrival) = run.offer(kernel, offer)? {
                played.last =
                    Some(SelectedEnvelope { of: EnvelopeRef { run: run.number(), arrival }, envelope, clock });
                observer.progress(arrival);
            }
            if run.is_group_full()
                && let Some(batch) = run.hand_over()?
            {
                observer.batch(pass, batch);
            }
        }
        Ok(true)
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn offer(
        &self,
        run: &mut Run,
        kernel: &mut DevKernel,
        shown: &str,
        offered: Offered,
        played: &mut Played,
    ) -> Result<(), Error> {
        let origin = |line| Origin { source: Source::Fixture, file: Some(shown.to_owned()), line: Some(line) };
        match offered {
            Offered::Refused { line, diagnostics, count } => run.refuse(origin(line), diagnostics, count),
            Offered::Passed => Ok(()),
            Offered::Noticed(notice) => run.note(Fact::Noticed(notice)),
            Offered::Envelope { envelope, .. } if self.select.is_some_and(|select| !select(&envelope)) => {
                played.unselected += 1;
                Ok(())
            }
            Offered::Envelope { envelope, line, warnings } => {
                let offer = Offer::of(envelope.clone(), origin(line), warnings);
                if let Some(arrival) = run.offer(kernel, offer)? {
                    let of = EnvelopeRef { run: run.number(), arrival };
                    played.last = Some(SelectedEnvelope { of, envelope, clock: run.fixture_clock().to_owned() });
                }
                Ok(())
            }
        }
    }
}

/// Envelopes read before they are offered, so that author code need not wait for the ledger, nor the ledger for it.
const AHEAD: usize = 32;

/// Bytes of payload held so, roughly.
const AHEAD_BYTES: usize = 1 << 20;

/// A fixture's offers, some of them read ahead.
struct Ahead {
    offers: Fixtures,
    read: VecDeque<Offered>,
    /// What is not a plain file may be written as it is read: its envelopes are taken as they come.
    is_file: bool,
}

impl Ahead {
    fn of(file: &Path, offers: Fixtures) -> Self {
        let is_file = std::fs::metadata(file).is_ok_and(|about| about.is_file());
        Self { offers, read: VecDeque::new(), is_file }
    }

    /// The next offer; `expect` is told of each envelope when it is read. Half the places are filled at once: whoever
    /// works on them is woken for many.
    fn next(&mut self, mut expect: impl FnMut(&EventEnvelope)) -> Option<Offered> {
        if !self.is_file {
            return self.offers.next();
        }
        if self.read.len() <= AHEAD / 2 {
            let mut bytes = 0;
            while self.read.len() < AHEAD && bytes < AHEAD_BYTES {
                let Some(offered) = self.offers.next() else { break };
                if let Offered::Envelope { envelope, .. } = &offered {
                    bytes += envelope.payload.as_str().len();
                    expect(envelope);
                }
                self.read.push_back(offered);
            }
        }
        self.read.pop_front()
    }
}

fn deliver(run: &mut Run, pass: u32, observer: &mut dyn ReplayObserver) -> Result<(), Error> {
    if let Some(batch) = run.commit()? {
        observer.batch(pass, batch);
    }
    Ok(())
}

/// Paths below the workspace that are fixtures.
pub fn is_fixture(root: &Path, path: &Path) -> bool {
    path.parent() == Some(root.join("fixtures").as_path()) && fixtures::is_fixture_name(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::executor::State;
    use crate::kernel::journal::{Proposed, RunKind};
    use crate::session::clock::FIXTURE_NOW;
    use crate::session::ledger::Options;
    use crate::session::run::Setup;
    use crate::session::store::Store;
    use crate::workspace::Workspace;

    struct Heard(Vec<Fact>);

    impl ReplayObserver for Heard {
        fn batch(&mut self, _: u32, batch: Batch) {
            // What is not the same twice: how long it took, and the run's number in ids.
            self.0.extend(batch.entries.iter().map(|entry| match entry.fact.clone() {
                Fact::Proposed(proposed) => Fact::Proposed(Proposed { micros: 0, ..proposed }),
                fact => fact,
            }));
        }
    }

    fn played(state: &Path, play: impl FnOnce(&mut Run, &mut DevKernel, &mut Heard)) -> String {
        let workspace = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
        let setup = Setup {
            kind: RunKind::Replay,
            propose_only: false,
            now: FIXTURE_NOW.to_owned(),
            ledger: Options { sync: false, plan_files: false, persistent_keys: false },
        };
        let store = Store::open(state.to_owned()).unwrap();
        let mut run = Run::begin(&store, &kernel, setup, State::default()).unwrap();
        let mut heard = Heard(Vec::new());
        play(&mut run, &mut kernel, &mut heard);
        run.end().unwrap();
        let text: String = heard.0.iter().map(|fact| serde_json::to_string(fact).unwrap() + "\n").collect();
        // A receipt's own time.
        text.split("\"at\":\"").map(|part| part.split_once("Z\"").map_or(part, |(_, rest)| rest)).collect()
    }

    #[test]
    fn what_runs_again_in_a_run_of_its_own_is_disposed_of_and_names_what_it_came_from() {
        let folder = tempfile::tempdir().unwrap();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/order-created.jsonl");
        let of = EnvelopeRef { run: 7, arrival: 3 };
        let text = played(&folder.path().join("a"), |run, kernel, heard| {
            for offered in fixtures::open(&fixture, "f.jsonl").unwrap() {
                let Offered::Envelope { envelope, warnings, .. } = offered else { panic!("{offered:?}") };
                let origin = Origin { source: Source::Rerun, file: None, line: None };
                let again = Some((of, FIXTURE_NOW.to_owned()));
                run.offer(kernel, Offer { again, ..Offer::of(envelope, origin, warnings) }).unwrap();
            }
            deliver(run, 1, heard).unwrap();
        });
        assert!(text.contains(r#""rerun_of":{"run":7,"arrival":3}"#), "{text}");
        assert_eq!(text.matches("\"disposed\"").count(), 2, "{text}");
        assert!(!text.contains("\"would\""), "it is disposed of, not only judged");
        let envelopes = std::fs::read_to_string(folder.path().join("a/envelopes.jsonl")).unwrap_or_default();
        assert_eq!(envelopes, "", "nothing new came in");
    }

    #[test]
    fn reading_ahead_changes_nothing_of_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let one = std::fs::read_to_string(fixtures.join("orders.jsonl")).unwrap();
        let many = folder.path().join("many.jsonl");
        let foreign = one.replace("\"t_local\"", "\"t_other\"");
        std::fs::write(&many, [&one, "\nnot json\n", &foreign, &one, &one, &one].concat()).unwrap();
        let files = [many, fixtures.join("returns.json"), fixtures.join("buildings.jsonl")];
        let play = Play {
            files: &files,
            select: Some(&|envelope| !envelope.event_id.starts_with('3')),
            passes: 2,
            stopped: Arc::default(),
            until: None,
        };
        let ahead = played(&folder.path().join("a"), |run, kernel, heard| {
            play.through(run, kernel, heard).unwrap();
        });
        let alone = played(&folder.path().join("b"), |run, kernel, heard| {
            for pass in 1..=play.passes {
                for file in &files {
                    let shown = kernel.workspace.shown(file);
                    for offered in fixtures::open(file, &shown).unwrap() {
                        play.offer(run, kernel, &shown, offered, &mut Played::default()).unwrap();
                    }
                }
                deliver(run, pass, heard).unwrap();
            }
        });
        assert!(ahead.matches("\"disposed\"").count() > 20, "{ahead}");
        assert_eq!(ahead, alone);
    }
}
