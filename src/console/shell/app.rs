//! Everything that is drawn: what all screens share, the screens, and what lies over them.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::picker::{Picker, PickerKind, PickerRow};
use super::told::Messages;
use crate::console::keys::{CommandId, Key, KeyContext, Keymap};
use crate::console::model::{Faults, Model, in_one_line};
use crate::console::screen::Context;
use crate::console::screens::Screens;
use crate::console::settings::{LayoutPrefs, Setup};
use crate::console::text::Charset;
use crate::console::theme::{Theme, ThemeRegistry};
use crate::kernel::diagnostic::Diagnostic;

/// What every screen may look at and none owns.
#[derive(Debug, Default)]
pub struct Shared {
    /// Facts that journal entries alone change.
    pub model: Model,
    /// What is wrong and stands until it is fixed or dismissed.
    pub faults: Faults,
    /// How the screen is arranged.
    pub layout: LayoutPrefs,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The characters the terminal can show.
    pub charset: Charset,
    /// True once the session feeds no more entries.
    pub ended: bool,
    /// Who answers here.
    pub who: String,
    /// The time; without one, ages count from the newest entry.
    pub now: Option<Timestamp>,
    /// The workspace, when the console was started somewhere else.
    pub elsewhere: Option<PathBuf>,
}

impl Shared {
    /// What a screen may look at.
    pub fn context(&self, screens: &Screens) -> Context<'_> {
        Context {
            model: &self.model,
            faults: &self.faults,
            layout: self.layout,
            size: self.size,
            charset: self.charset,
            shown: screens.shown,
            selected: screens.selected(&self.model),
            ended: self.ended,
            who: &self.who,
            now: self.now,
            elsewhere: self.elsewhere.as_deref(),
        }
    }
}

/// What is known before anything has happened.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// How the screen was arranged last time.
    pub layout: LayoutPrefs,
    /// Something to say at once.
    pub status: Option<String>,
    /// Who answers here.
    pub who: String,
    /// The workspace, when the console was started somewhere else.
    pub elsewhere: Option<PathBuf>,
}

/// Everything that is drawn.
#[derive(Debug, Default)]
pub struct App {
    /// What all screens share.
    pub shared: Shared,
    /// The screens.
    pub screens: Screens,
    /// A list to choose from, above all else.
    pub picker: Option<Picker>,
    /// The key that was pressed and waits for the next.
    pub prefix: Option<Key>,
    /// Which key means what.
    pub keymap: Keymap,
    /// The themes there are.
    pub themes: ThemeRegistry,
    /// What was wrong with files of keys and themes when they were last read; none before.
    pub setup_faults: Option<Vec<Diagnostic>>,
    /// The commands that were chosen by name, the last first.
    pub recents: Vec<CommandId>,
    /// An answer to the last key, until the next one.
    pub status: Option<String>,
    /// What was said so far.
    pub messages: Messages,
}

impl App {
    /// Says something in the last row, and keeps it to be read again.
    pub fn say(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.messages.keep(&text, self.shared.now);
        self.status = Some(text);
    }

    /// Shows a fault of the console's own files until it is dismissed, and keeps it after that.
    pub fn notice(&mut self, fault: &Diagnostic) {
        self.messages.keep(&in_one_line(fault), self.shared.now);
        self.shared.faults.noticed(fault);
    }

    /// One that nothing has happened in.
    pub fn new(size: (u16, u16), setup: Setup, start: Start) -> Self {
        let Start { layout, status, who, elsewhere } = start;
        let charset = setup.themes.theme(None).charset();
        let shared = Shared { layout, size, charset, who, elsewhere, ..Shared::default() };
        let mut app = Self { shared, ..Self::default() };
        if let Some(status) = status {
            app.say(status);
        }
        app.set_up(setup);
        // Nothing is there yet that a screen could ask for.
        let App { shared, screens, .. } = &mut app;
        screens.refresh(&shared.context(&Screens::default()));
        app
    }

    /// What the screens may look at.
    pub fn context(&self) -> Context<'_> {
        self.shared.context(&self.screens)
    }

    /// What has the keys.
    pub fn key_context(&self) -> KeyContext {
        KeyContext { screen: self.screens.shown, text: self.screens.typing() }
    }

    /// The theme to draw with: the one in force, or the one that is tried.
    pub fn theme(&self) -> Theme {
        let tried = self.picker.as_ref().filter(|picker| picker.kind == PickerKind::Themes);
        self.themes.theme(match tried.and_then(|picker| picker.selected(self)) {
            Some(PickerRow::Theme(at)) => Some(at),
            _ => None,
        })
    }

    /// After which time the ages on the screen are others, where it shows any: a second while the newest is in
    /// seconds, else a minute.
    pub fn ages_change_in(&self) -> Option<Duration> {
        let newest = self.shared.model.newest().filter(|_| self.screens.shows_ages())?.parse::<Timestamp>().ok()?;
        let age = self.shared.now?.duration_since(newest).as_secs();
        Some(Duration::from_secs(if age < 60 { 1 } else { 60 }))
    }

    /// True while something takes more than one turn of the loop.
    pub fn busy(&self) -> bool {
        self.screens.busy(&self.shared.model)
    }

    /// Takes keys and themes as they were read. A theme in force that does not load any more stays as it was.
    pub fn set_up(&mut self, setup: Setup) {
        let Setup { keymap, mut themes, faults, .. } = setup;
        if let Some(old) = self.themes.themes.get(self.themes.chosen).filter(|_| self.setup_faults.is_some()) {
            if !themes.choose(&old.name) {
                themes.add(old.clone());
                themes.choose(&old.name);
            }
            themes.settled = self.themes.settled;
            themes.set_ground(self.themes.ground());
        }
        (self.keymap, self.themes) = (keymap, themes);
        for fault in self.setup_faults.take().iter().flatten() {
            self.shared.faults.mended(fault);
        }
        for fault in &faults {
            self.notice(fault);
        }
        self.setup_faults = Some(faults);
    }
}
