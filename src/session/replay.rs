//! Fixtures through the kernel: files or folders, in a run of their own with keys of their own, so that every play
//! disposes the same way.

use std::path::{Path, PathBuf};

use super::bus::{Batch, InHand};
use super::dev_kernel::DevKernel;
use super::error::Error;
use super::run::{Offer, Run};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{EnvelopeRef, Fact, Origin, Source};
use crate::workspace::fixtures::{self, Offered};

/// Which envelopes are taken.
pub type Select<'a> = &'a dyn Fn(&EventEnvelope) -> bool;

/// What a play meets on its way; every method may be left as it is.
pub trait Audience {
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
}

/// How a play ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// Envelopes passed over because they were not selected.
    pub unselected: u64,
    /// The last envelope accepted.
    pub last: Option<InHand>,
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
    pub fn through(&self, run: &mut Run, kernel: &mut DevKernel, audience: &mut dyn Audience) -> Result<Played, Error> {
        let mut played = Played::default();
        let mut read = 0;
        for pass in 1..=self.passes {
            for file in self.files {
                let shown = kernel.workspace.shown(file);
                match fixtures::open(file, &shown) {
                    Ok(offers) => {
                        for offered in offers {
                            read += 1;
                            audience.progress(read);
                            self.offer(run, kernel, &shown, offered, &mut played)?;
                            if run.is_group_full() {
                                deliver(run, pass, audience)?;
                            }
                            if audience.is_interrupted() {
                                played.interrupted = true;
                                deliver(run, pass, audience)?;
                                return Ok(played);
                            }
                        }
                    }
                    Err(fault) => run.note(Fact::Noticed(fault))?,
                }
            }
            deliver(run, pass, audience)?;
        }
        Ok(played)
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
            Offered::Refused { line, diagnostics } => run.refuse(origin(line), diagnostics),
            Offered::Noticed(notice) => run.note(Fact::Noticed(notice)),
            Offered::Envelope { envelope, .. } if self.select.is_some_and(|select| !select(&envelope)) => {
                played.unselected += 1;
                Ok(())
            }
            Offered::Envelope { envelope, line, warnings } => {
                let offer = Offer { envelope: envelope.clone(), origin: origin(line), again: None, warnings };
                if let Some(arrival) = run.offer(kernel, offer)? {
                    let of = EnvelopeRef { run: run.number(), arrival };
                    played.last = Some(InHand { of, envelope, clock: run.fixture_clock().to_owned() });
                }
                Ok(())
            }
        }
    }
}

fn deliver(run: &mut Run, pass: u32, audience: &mut dyn Audience) -> Result<(), Error> {
    if let Some(batch) = run.commit()? {
        audience.batch(pass, batch);
    }
    Ok(())
}

/// Paths below the workspace that are fixtures.
pub fn is_fixture(root: &Path, path: &Path) -> bool {
    path.parent() == Some(root.join("fixtures").as_path()) && fixtures::is_fixture_name(path)
}
