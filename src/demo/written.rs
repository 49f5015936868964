//! A script without a terminal: performed step by step, told as lines, and recorded. Time is the script's own, so that the
//! same script makes the same lines and the same recording, however long it takes to make.

use std::time::Duration;

use super::performance::{Failure, Performance, Progress, Stage};
use super::player::{Guide, Pace, Speed};
use super::script::{Script, Step};
use super::view::{Band, console_size, framed};
use crate::console::Asciicast;

/// One step, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The step, from 1.
    pub step: usize,
    /// Of how many.
    pub of: usize,
    /// What it is about.
    pub title: String,
    /// What is said.
    pub caption: String,
    /// What was pressed, in order.
    pub keys: Vec<String>,
    /// What the console's summary line says after it.
    pub shows: String,
    /// How long it stands, at the speed that was asked for.
    pub hold: Duration,
}

/// How it is performed.
pub struct Written<'a> {
    /// Columns and rows of the whole.
    pub size: (u16, u16),
    /// How fast.
    pub speed: Speed,
    /// Whether the steps are shown large.
    pub presenting: bool,
    /// What records it.
    pub recording: Option<&'a mut Asciicast>,
}

/// Performs a script and tells each step once it is complete. `tell` may take its time, and say that it is enough.
pub fn written<E: From<Failure>>(
    script: &Script,
    stage: Stage,
    mut how: Written<'_>,
    mut tell: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    let stage = Stage { size: console_size(how.size, how.presenting), ..stage };
    let mut performance = Performance::begin(&stage)?;
    // A recording is for people: what is told as fast as possible is recorded at the script's own speed.
    let speed = if how.speed == Speed::Max { Speed::default() } else { how.speed };
    let pace = Pace { speed, guide: Guide::Script, paused: false, presenting: how.presenting };
    let mut film = Film { script, stage: &stage, pace, size: how.size, at: Duration::ZERO, cast: how.recording.take() };
    for (at, step) in script.steps.iter().enumerate() {
        let mut progress = Progress::of(script, at, &performance);
        film.mark(&step.title);
        film.shoot(&progress, &performance, false);
        while let Some(stroke) = progress.next() {
            film.at += pace.before(stroke).unwrap_or_default();
            progress.press(&mut performance);
            film.shoot(&progress, &performance, false);
        }
        progress.finish(script, &mut performance)?;
        film.shoot(&progress, &performance, true);
        let hold = pace.hold(step).unwrap_or_default();
        film.at += hold;
        let hold = if how.speed == Speed::Max { Duration::ZERO } else { hold };
        tell(line(script, at, step, &performance, hold))?;
    }
    film.shoot(&Progress::of(script, script.steps.len() - 1, &performance), &performance, true);
    Ok(())
}

fn line(script: &Script, at: usize, step: &Step, performance: &Performance, hold: Duration) -> Line {
    let summary = performance.text().lines().nth(1).unwrap_or_default().to_owned();
    // What the columns of a screen keep apart, two blanks do in a line.
    let shows: Vec<_> = summary.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect();
    Line {
        step: at + 1,
        of: script.steps.len(),
        title: step.title.clone(),
        caption: performance.caption(script, step),
        keys: step.keys.iter().map(ToString::to_string).collect(),
        shows: shows.join("  "),
        hold,
    }
}

/// What is recorded, and how far it is.
struct Film<'a, 'b> {
    script: &'a Script,
    stage: &'a Stage,
    pace: Pace,
    size: (u16, u16),
    at: Duration,
    cast: Option<&'b mut Asciicast>,
}

impl Film<'_, '_> {
    fn mark(&mut self, title: &str) {
        if let Some(cast) = &mut self.cast {
            cast.mark(self.at, title);
        }
    }

    fn shoot(&mut self, progress: &Progress, performance: &Performance, complete: bool) {
        let Some(cast) = &mut self.cast else { return };
        let step = &self.script.steps[progress.step];
        let band = Band {
            script: self.script,
            at: progress.step,
            caption: performance.caption(self.script, step),
            pressed: if complete { step.keys.len() } else { progress.presses_done() },
            complete,
            pace: self.pace,
            note: None,
        };
        cast.frame(self.at, &framed(performance.frame(), self.size, &self.stage.theme, &band));
    }
}
