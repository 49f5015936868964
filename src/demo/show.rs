//! A script on a terminal: the loop between what happens, the person's keys, and the script's own.

use std::time::{Duration, Instant};

use super::performance::{Failure, Performance, Progress, Stage};
use super::player::{Deed, Pace};
use super::script::Script;
use super::view::{Band, console_size, framed};
use crate::console::{Display, Told};

/// Between two looks at what happened, while something is waited for.
const SOON: Duration = Duration::from_millis(20);
/// The same where nothing is.
const LATER: Duration = Duration::from_millis(200);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A person left, or the tour was over.
    Left,
    /// A signal of that number asked for it.
    Signal(i32),
}

/// What is going on.
struct Show<'a> {
    script: &'a Script,
    stage: Stage,
    pace: Pace,
    display: &'a mut Display,
    performance: Performance,
    progress: Progress,
    /// When the script does the next thing by itself.
    due: Option<Instant>,
    complete: bool,
}

/// Performs a script on a terminal until a person leaves.
pub fn on_terminal(script: &Script, stage: Stage, pace: Pace, display: &mut Display) -> Result<Ended, Failure> {
    let stage = Stage { size: console_size(display.size(), pace.presenting), ..stage };
    let performance = Performance::begin(&stage)?;
    let progress = Progress::of(script, 0, &performance);
    let mut show = Show { script, stage, pace, display, performance, progress, due: None, complete: false };
    show.begin_step(0);
    match show.go_on() {
        // The loop heard of no signal, and somebody did.
        Err(Failure::Stopped) => Ok(Ended::Signal(2)),
        ended => ended,
    }
}

impl Show<'_> {
    fn go_on(&mut self) -> Result<Ended, Failure> {
        loop {
            self.performance.take(Duration::ZERO)?;
            self.note_completion()?;
            self.draw(None)?;
            let wait = match self.due {
                Some(due) => due.saturating_duration_since(Instant::now()),
                None => LATER,
            };
            let wait = if self.complete { wait.min(LATER) } else { wait.min(SOON) };
            match self.display.next(wait)? {
                Told::Key(key) => {
                    let next = self.progress.next();
                    let deed = self.pace.take(key, next);
                    if self.does(deed)? {
                        return Ok(Ended::Left);
                    }
                    self.fit();
                    self.plan();
                }
                Told::Resized => self.fit(),
                Told::Signal(number) => return Ok(Ended::Signal(number)),
                Told::Nothing => self.continue_by_itself(),
            }
        }
    }

    /// Does what a key of the person asks for; true where that is the end.
    fn does(&mut self, deed: Deed) -> Result<bool, Failure> {
        match deed {
            Deed::Nothing => {}
            Deed::End => return Ok(true),
            Deed::Suspend => self.display.suspend()?,
            Deed::Press => self.progress.press(&mut self.performance),
            Deed::NextStep if self.progress.step + 1 == self.script.steps.len() => return Ok(true),
            Deed::NextStep => self.begin_step(self.progress.step + 1),
            Deed::Forward => {
                if self.complete && self.progress.step + 1 < self.script.steps.len() {
                    self.begin_step(self.progress.step + 1);
                }
                self.draw(Some("one moment"))?;
                self.progress.finish(self.script, &mut self.performance)?;
            }
            Deed::Back if self.progress.step == 0 => {}
            Deed::Back => self.rewind(self.progress.step - 1)?,
        }
        Ok(false)
    }

    /// Performs everything up to a step anew: what is shown is what came about, also on the way back.
    fn rewind(&mut self, to: usize) -> Result<(), Failure> {
        self.draw(Some("going back: everything before is performed again"))?;
        let mut performance = Performance::begin(&self.stage)?;
        let mut progress = Progress::of(self.script, 0, &performance);
        progress.finish(self.script, &mut performance)?;
        for step in 1..=to {
            progress = Progress::of(self.script, step, &performance);
            progress.finish(self.script, &mut performance)?;
        }
        (self.performance, self.progress) = (performance, progress);
        Ok(())
    }

    fn begin_step(&mut self, step: usize) {
        self.progress = Progress::of(self.script, step, &self.performance);
        self.complete = false;
        self.display.mark(&self.script.steps[step].title);
        self.plan();
    }

    /// Says when the next thing is to be done.
    fn plan(&mut self) {
        let wait = match self.progress.next() {
            Some(stroke) => self.pace.before(stroke),
            None => self.script.steps.get(self.progress.step).and_then(|step| self.pace.hold(step)),
        };
        self.due = wait.map(|wait| Instant::now() + wait);
    }

    fn note_completion(&mut self) -> Result<(), Failure> {
        let complete = self.progress.is_complete(self.script, &self.performance)?;
        if complete && !self.complete {
            self.plan();
        }
        self.complete = complete;
        Ok(())
    }

    fn continue_by_itself(&mut self) {
        if self.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        if self.progress.next().is_some() {
            self.progress.press(&mut self.performance);
            self.plan();
        } else if self.complete && self.progress.step + 1 < self.script.steps.len() {
            self.begin_step(self.progress.step + 1);
        } else {
            self.due = None;
        }
    }

    /// Gives the console the room that the band leaves.
    fn fit(&mut self) {
        let size = console_size(self.display.size(), self.pace.presenting);
        if size != self.stage.size {
            self.stage.size = size;
            self.performance.resize(size);
        }
    }

    fn draw(&mut self, note: Option<&'static str>) -> Result<(), Failure> {
        let step = &self.script.steps[self.progress.step];
        let band = Band {
            script: self.script,
            at: self.progress.step,
            caption: self.performance.caption(self.script, step),
            pressed: self.progress.presses_done(),
            complete: self.complete,
            pace: self.pace,
            note,
        };
        let frame = framed(self.performance.frame(), self.display.size(), &self.stage.theme, &band);
        Ok(self.display.show(frame)?)
    }
}
