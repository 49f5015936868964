//! The loop of a live session: wakes are taken until none is waiting, then share one commit.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, TryRecvError};

use super::{Session, SessionEvent, publish};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::State;
use crate::kernel::journal::{Acknowledged, Carried, EnvelopeRef, Fact, Origin, RunKind, Source};
use crate::session::attention;
use crate::session::bus::{Batch, Bus, Command, SelectedEnvelope};
use crate::session::clock;
use crate::session::error::Error;
use crate::session::external_runs;
use crate::session::ledger::Options;
use crate::session::replay::{self, Play, ReplayObserver};
use crate::session::run::{Offer, Run, Setup};
use crate::workspace::fixtures::Offered;

impl Session {
    /// Says what is loaded and what was found.
    pub(super) fn open(&mut self, notices: Vec<Diagnostic>) -> Result<(), Error> {
        for loaded in self.kernel.roster.loaded() {
            self.run.note(Fact::Loaded(loaded.clone()))?;
        }
        self.tell(notices.into_iter().chain(self.kernel.roster.problems().to_vec()))
    }

    /// Says which ALERTs of earlier runs still wait, so that the next session need not look further back.
    pub(super) fn carry_alerts(&mut self) -> Result<(), Error> {
        match attention::waiting(&self.store, self.run.number())? {
            Some(alerts) => self.run.note(Fact::Carried(Carried { alerts }))?,
            None => return Ok(()),
        }
        self.commit()
    }

    /// Records what was found, at once.
    pub(super) fn tell(&mut self, notices: impl IntoIterator<Item = Diagnostic>) -> Result<(), Error> {
        for notice in notices {
            self.run.note(Fact::Noticed(notice))?;
        }
        self.commit()
    }

    pub(super) fn commit(&mut self) -> Result<(), Error> {
        publish(&*self.bus, self.run.commit()?);
        // INVARIANT: a sender is told only after its envelopes are on disk.
        for (reply, delivered) in self.unanswered.drain(..) {
            reply.send(delivered);
        }
        Ok(())
    }

    pub(super) fn serve(&mut self, wakes: &Receiver<SessionEvent>, until_input_ends: bool) -> Result<(), Error> {
        loop {
            let mut next = match self.next_event(wakes) {
                Ok(first) => Some(first),
                Err(RecvError) => break,
            };
            while let Some(wake) = next {
                match wake {
                    SessionEvent::Command(Command::Stop) => return self.commit(),
                    SessionEvent::InputEnded if until_input_ends => return self.commit(),
                    wake => self.handle(wake)?,
                }
                if self.run.is_group_full() {
                    self.commit()?;
                }
                next = match wakes.try_recv() {
                    Ok(wake) => Some(wake),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return self.commit(),
                };
            }
            self.fire_schedules()?;
            self.save_tape()?;
            // Group commit: whatever came in meanwhile shares one sync.
            self.commit()?;
        }
        Ok(())
    }

    fn handle(&mut self, wake: SessionEvent) -> Result<(), Error> {
        match wake {
            SessionEvent::Saved(paths) => self.saved(&paths),
            SessionEvent::Offered(offered) => {
                self.keep_up()?;
                self.offered(offered)
            }
            SessionEvent::Command(Command::Select(in_hand)) => {
                self.selected = Some(in_hand);
                Ok(())
            }
            SessionEvent::Command(Command::Answer { action_id, who, approve }) => {
                self.keep_up()?;
                self.answer(&action_id, &who, approve)
            }
            SessionEvent::Command(Command::Acknowledge { receipt, who }) => {
                self.run.note(Fact::Acknowledged(Acknowledged { receipt, who }))
            }
            SessionEvent::Command(Command::Replay(in_hand)) => self.replay(in_hand),
            SessionEvent::Command(Command::Play) => self.play(&[self.kernel.workspace.root.join("fixtures")]),
            SessionEvent::Command(Command::Deliver(inbox)) => {
                for delivery in inbox.take() {
                    self.keep_up()?;
                    self.deliver(delivery)?;
                    if self.run.is_group_full() {
                        self.commit()?;
                    }
                }
                Ok(())
            }
            SessionEvent::Command(Command::Listening { address, reply }) => self.listening(address, reply),
            SessionEvent::Command(Command::Notice(notice)) => self.run.note(Fact::Noticed(notice)),
            SessionEvent::Command(Command::Stop) | SessionEvent::InputEnded | SessionEvent::Tick => Ok(()),
        }
    }

    fn offered(&mut self, offered: Offered) -> Result<(), Error> {
        let origin = |line| Origin { source: Source::Live, file: Some(self.input.clone()), line: Some(line) };
        match offered {
            Offered::Refused { line, diagnostics, count } => {
                let origin = origin(line);
                self.run.refuse(origin, diagnostics, count)
            }
            Offered::Passed => Ok(()),
            Offered::Noticed(notice) => self.run.note(Fact::Noticed(notice)),
            Offered::Envelope { envelope, line, warnings } => self.take(Offer::of(envelope, origin(line), warnings)),
        }
    }

    /// Takes an envelope into the live run.
    pub(super) fn take(&mut self, offer: Offer) -> Result<(), Error> {
        let envelope = Arc::clone(&offer.envelope);
        let clock = offer.clock.clone();
        if let Some(arrival) = self.run.offer(&mut self.kernel, offer)? {
            let of = EnvelopeRef { run: self.run.number(), arrival };
            self.latest = Some(SelectedEnvelope { of, envelope, clock: clock.unwrap_or_else(clock::now) });
        }
        Ok(())
    }

    /// Disposes of one envelope once more, in a run of its own; what it came from stays as it was.
    fn replay(&mut self, in_hand: SelectedEnvelope) -> Result<(), Error> {
        self.commit()?;
        let SelectedEnvelope { of, envelope, clock } = in_hand;
        let setup = Setup {
            kind: RunKind::Replay,
            propose_only: false,
            now: clock.clone(),
            ledger: Options { sync: true, plan_files: false, persistent_keys: false },
        };
        let start = || Run::begin(&self.store, &self.kernel, setup, State::default());
        let mut run = external_runs::begin(&self.own, start, Run::number)?;
        let origin = Origin { source: Source::Rerun, file: None, line: None };
        let offer = Offer { again: Some((of, clock)), ..Offer::of(envelope, origin, Vec::new()) };
        run.offer(&mut self.kernel, offer)?;
        self.close_play(run)
    }

    /// Writes what models answered, and says what cannot be recorded.
    pub(super) fn save_tape(&mut self) -> Result<(), Error> {
        let tape = &mut self.kernel.tape;
        let faults = tape.save();
        for fault in faults.into_iter().chain(tape.take_conflicts()) {
            self.run.note(Fact::Noticed(fault))?;
        }
        Ok(())
    }

    /// Ends a run of fixtures, unless something of it waits for a person.
    fn close_play(&mut self, run: Run) -> Result<(), Error> {
        if run.holds() {
            self.plays.push(run);
            return Ok(());
        }
        let (_, batch) = run.end()?;
        publish(&*self.bus, batch);
        Ok(())
    }

    /// Plays fixtures in a run of their own.
    pub(super) fn play(&mut self, paths: &[PathBuf]) -> Result<(), Error> {
        self.commit()?;
        let there: Vec<_> = paths.iter().filter(|path| path.exists()).cloned().collect();
        let files = match replay::files(&there) {
            Ok(files) if files.is_empty() => return Ok(()),
            Ok(files) => files,
            Err(fault) => return self.run.note(Fact::Noticed(fault)),
        };
        let setup = Setup {
            kind: RunKind::Play,
            propose_only: false,
            now: self.now.clone(),
            ledger: Options { sync: true, plan_files: true, persistent_keys: false },
        };
        let start = || Run::begin(&self.store, &self.kernel, setup, State::default());
        let mut run = external_runs::begin(&self.own, start, Run::number)?;
        let mut audience = Teller { bus: &*self.bus, stopping: &self.stopping };
        let play = Play { files: &files, select: None, passes: 1, stopped: Arc::default(), until: None };
        let played = play.through(&mut run, &mut self.kernel, &mut audience)?;
        if played.last.is_some() {
            self.latest = played.last;
        }
        self.save_tape()?;
        self.close_play(run)
    }
}

struct Teller<'a> {
    bus: &'a dyn Bus,
    stopping: &'a AtomicBool,
}

impl ReplayObserver for Teller<'_> {
    fn batch(&mut self, _pass: u32, batch: Batch) {
        self.bus.publish(batch);
    }

    fn is_interrupted(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
