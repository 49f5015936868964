//! Every command, of the shell and of the screens, in one order. Keymap, footer, help, palette, which-key and the page of
//! keys are read off it, so they cannot disagree.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::app::App;
use super::commands::{EVERYWHERE, MOVING, ShellCommand};
use super::message::Message;
use crate::console::keys::{Chord, CommandId, CommandSpec, Footer, Group, ScreenId};
use crate::console::screen::roster::ListedCommand;
use crate::console::screens::Screens;
use crate::console::widgets::Motion;

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// Name, sentence, keys, heading.
    pub spec: CommandSpec,
    owner: Owner,
}

#[derive(Debug, Clone, Copy)]
enum Owner {
    Shell(&'static ShellCommand),
    /// Goes to a screen.
    GoTo(ScreenId),
    /// The command of a screen, by its place among them.
    Screen(ScreenId, usize),
}

/// The commands and the headings of the help, read off the tables once.
static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(all);
static SPECS: LazyLock<Vec<CommandSpec>> = LazyLock::new(|| COMMANDS.iter().map(|command| command.spec).collect());

fn all() -> Vec<Command> {
    let of_shell = |command: &'static ShellCommand| Command { spec: command.spec, owner: Owner::Shell(command) };
    let of_screens = |before_moving: bool| {
        let mut listed = Screens::commands();
        // The last screen's first, as a person who works there has the longest list of its own.
        listed.sort_by_key(|listed| std::cmp::Reverse(listed.screen));
        let wanted = listed.into_iter().filter(move |listed| listed.before_moving == before_moving);
        wanted.map(|ListedCommand { screen, at, spec, .. }| Command { spec, owner: Owner::Screen(screen, at) })
    };
    let go_to = Screens::all().map(|screen| {
        let group = super::commands::ALL;
        let (name, doc, keys) = (screen.command, screen.about, screen.key);
        Command { spec: CommandSpec { name, doc, keys, group, footer: Footer::Silent }, owner: Owner::GoTo(screen.id) }
    });
    let mut all: Vec<Command> = of_screens(true).collect();
    all.extend(MOVING.iter().map(of_shell));
    all.extend(of_screens(false));
    all.extend(go_to);
    all.extend(EVERYWHERE.iter().map(of_shell));
    all
}

/// All of them.
pub fn commands() -> &'static [Command] {
    &COMMANDS
}

/// All of them, as keys and pages know them.
pub fn specs() -> &'static [CommandSpec] {
    &SPECS
}

/// The headings of the help, in its order.
pub fn groups() -> Vec<Group> {
    let of_screens = Screens::all().into_iter().flat_map(|screen| screen.groups.iter().copied());
    let around = super::commands::MOVES;
    [around].into_iter().chain(of_screens).chain([super::commands::ALL]).collect()
}

/// The command of an id.
pub fn command(id: CommandId) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.id() == id)
}

/// What can be done now.
pub fn enabled(app: &App) -> impl Iterator<Item = &'static Command> + Clone {
    COMMANDS.iter().filter(|command| command.works(app).is_ok())
}

impl Command {
    /// What it is known by.
    pub const fn id(&self) -> CommandId {
        self.spec.id()
    }

    /// Whether it can run now, or why not.
    pub fn works(&self, app: &App) -> Result<(), &'static str> {
        if !self.spec.group.scope.holds(app.key_context()) {
            return Err(self.spec.group.elsewhere);
        }
        match self.owner {
            Owner::Shell(command) => (command.enabled)(app),
            Owner::GoTo(_) => Ok(()),
            Owner::Screen(screen, at) => {
                let cx = app.context();
                if app.screens.dialog(&cx).is_some() {
                    return Err("a question waits for an answer");
                }
                app.screens.enabled(&cx, screen, at)
            }
        }
    }

    /// What it sends.
    pub fn message(&self) -> Option<Message> {
        match self.owner {
            Owner::Shell(command) => Some(command.message),
            Owner::GoTo(screen) => Some(Message::Go(screen)),
            Owner::Screen(screen, at) => Screens::sends(screen, at).map(Message::Screen),
        }
    }

    /// What the footer calls it now.
    pub fn label(&self, app: &App) -> Cow<'static, str> {
        let label = match self.owner {
            Owner::Screen(screen, at) => app.screens.label(&app.context(), screen, at),
            Owner::Shell(_) if self.id() == CommandId::BACK && app.picker.is_none() => {
                app.screens.back(&app.context()).map(|(label, _)| Cow::Borrowed(label))
            }
            Owner::Shell(command) if command.message == Message::Move(Motion::Last) && app.picker.is_none() => {
                app.screens.end().map(Cow::Borrowed)
            }
            Owner::Shell(_) | Owner::GoTo(_) => None,
        };
        label.unwrap_or(Cow::Borrowed(self.spec.name))
    }

    /// The key to teach for it: the first that means it where a person is.
    pub fn taught(&self, app: &App) -> Option<Chord> {
        let text = app.key_context().text;
        let typed = |chord: &Chord| chord.prefix.unwrap_or(chord.key).typed().is_some();
        app.keymap.keys(self.id()).find(|chord| !(text && typed(chord)))
    }
}
