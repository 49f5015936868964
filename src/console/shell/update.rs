//! State and message in, state and effects out. Pure: no terminal, no clock, no channel.

use super::app::App;
use super::message::{Message, News};
use super::picker::{self, Picker};
use crate::console::model::{Earlier, RowId};
use crate::console::screen::{Effect, Request};
use crate::console::screens::Screens;
use crate::console::settings::{LayoutPrefs, Setup};
use crate::console::theme::ThemeRegistry;
use crate::console::widgets::Motion;
use crate::session::bus::{self, Batch};
use crate::session::journal::reader::EarlierEntries;

/// Does what a person wants.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    app.prefix = None;
    match message {
        Message::Prefix(key) => {
            (app.prefix, app.status) = (Some(key), None);
            return Vec::new();
        }
        Message::DropPrefix => return Vec::new(),
        Message::Unbound(prefix, key) => {
            app.status = Some(format!("{prefix} {key}: no command"));
            return Vec::new();
        }
        Message::Refused(command, reason) => {
            app.status = Some(format!("{}: {reason}", command.0));
            return Vec::new();
        }
        _ => {}
    }
    app.status = None;
    let mut effects = wanted(app, message);
    effects.extend(refresh(app));
    absorb(app, effects)
}

/// What comes of a message by itself.
pub(super) fn wanted(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Screen(message) => {
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            screens.update(&cx, message)
        }
        Message::Move(motion) => go(app, motion),
        Message::Go(screen) => {
            app.picker = None;
            app.screens.close();
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            screens.go(&cx, screen).unwrap_or_default()
        }
        Message::Fault(index) => {
            if let Some(row) = app.shared.faults.all().get(index).and_then(|fault| fault.row) {
                show_row(app, row, true);
            }
            Vec::new()
        }
        Message::OpenSelected => {
            if let Some(row) = app.context().selected {
                show_row(app, row.id(), true);
            }
            Vec::new()
        }
        Message::Picker(kind) => {
            let open = app.picker.take_if(|picker| picker.kind == kind).is_some();
            app.picker = (!open).then(|| Picker::new(kind, app));
            Vec::new()
        }
        Message::Edit(edit) => {
            picker::update::edit(app, edit);
            Vec::new()
        }
        Message::Accept => picker::update::accept(app),
        Message::Pick(at) => picker::update::pick(app, at),
        Message::Back => back(app),
        Message::Redraw => vec![Effect::Redraw],
        Message::Suspend => vec![Effect::Suspend],
        Message::Quit if app.screens.asks_before_quit() => Vec::new(),
        Message::Quit => vec![Effect::Session(bus::Command::Stop), Effect::Quit],
        Message::Prefix(_) | Message::DropPrefix | Message::Unbound(..) | Message::Refused(..) => Vec::new(),
    }
}

/// Moves in what has the keys.
fn go(app: &mut App, motion: Motion) -> Vec<Effect> {
    if let Some(mut picker) = app.picker.take() {
        picker.go(motion, app);
        app.picker = Some(picker);
        return Vec::new();
    }
    let App { shared, screens, .. } = app;
    let cx = shared.context(screens);
    // Under a question nothing moves.
    match screens.moved(motion).filter(|_| screens.dialog(&cx).is_none()) {
        Some(message) => screens.update(&cx, message),
        None => Vec::new(),
    }
}

/// One layer back: the picker, a question, what is open over the screen, the screen itself.
fn back(app: &mut App) -> Vec<Effect> {
    if app.picker.take().is_some() {
        return Vec::new();
    }
    let App { shared, screens, .. } = app;
    let cx = shared.context(screens);
    if screens.dialog(&cx).is_some() {
        screens.dismiss();
        return Vec::new();
    }
    match screens.back(&cx) {
        Some((_, message)) => screens.update(&cx, message),
        None => vec![Effect::Shell(Request::Leave)],
    }
}

fn show_row(app: &mut App, row: RowId, open: bool) {
    let App { shared, screens, .. } = app;
    let cx = shared.context(screens);
    screens.show_row(&cx, row, open);
}

/// Takes in what happened.
pub fn take(app: &mut App, news: News) -> Vec<Effect> {
    let mut effects = happened(app, news);
    effects.extend(refresh(app));
    absorb(app, effects)
}

fn happened(app: &mut App, news: News) -> Vec<Effect> {
    match news {
        News::Entries(batch) => take_entries(app, &batch),
        News::Ended => app.shared.ended = true,
        News::Resized(columns, rows) => app.shared.size = (columns, rows),
        News::Crashed(sentence) => {
            app.messages.keep(&sentence, app.shared.now);
            app.shared.faults.crashed(sentence);
        }
        News::Setup(setup) => take_setup(app, *setup),
        News::Ground { light } => app.themes.on_ground(light),
        News::Said(text) => app.say(text),
        News::Fault(fault) => app.notice(&fault),
        News::Pasted(text) if app.picker.is_some() => picker::update::paste(app, &text),
        News::Recalled(entries) => {
            for (id, entry) in entries {
                app.shared.model.recall(id, entry);
            }
        }
        News::EarlierEntries(older) => return take_older(app, &older),
        News::Returned(fault) => {
            let effects = app.screens.on_return();
            if let Some(fault) = fault {
                app.say(fault);
            }
            return effects;
        }
        News::Pasted(_) if app.screens.dialog(&app.context()).is_some() => {
            app.say("not pasted: a question waits for an answer");
        }
        News::Pasted(text) => {
            // A screen that takes it says more, where there is more to say.
            app.status = None;
            if !app.screens.typing() {
                app.say("not pasted: nothing here takes text");
            }
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            return screens.paste(&cx, &text);
        }
        News::Spare => {
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            return screens.work_on(&cx);
        }
        News::KeepDrafts => return app.screens.keep_drafts(),
        News::Beat => {
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            return screens.on_beat(&cx);
        }
        News::Pressed(key) => app.screens.on_key(key),
        News::Paused => {
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            return screens.on_pause(&cx);
        }
        News::Reply(to, reply) => {
            let App { shared, screens, .. } = app;
            let cx = shared.context(screens);
            return screens.on_reply(&cx, to, reply);
        }
    }
    Vec::new()
}

fn take_entries(app: &mut App, batch: &Batch) {
    let App { shared, screens, .. } = app;
    for (entry, place) in batch.placed() {
        let applied = shared.model.apply(batch.run, entry, place);
        shared.faults.take(&applied);
        screens.on_entry(&shared.model, &applied);
    }
}

fn take_older(app: &mut App, older: &EarlierEntries) -> Vec<Effect> {
    if let Some(why) = &older.failure {
        app.say(format!("what is older cannot be read: {why}"));
    }
    // What was asked for before another run came to stand first is asked for anew.
    let fits = older.asked.is_none() || older.asked == app.shared.model.beginning();
    let earlier = if fits { app.shared.model.put_before(older) } else { Earlier::default() };
    let App { shared, screens, .. } = app;
    let cx = shared.context(screens);
    screens.on_earlier(&cx, &earlier)
}

/// The choice of a theme is kept in a file beside them: what it changes is nothing new.
fn take_setup(app: &mut App, setup: Setup) {
    let named = |registry: &ThemeRegistry| {
        registry.themes.iter().map(|named| (named.name.clone(), named.looks)).collect::<Vec<_>>()
    };
    let same = named(&app.themes) == named(&setup.themes);
    if same && app.keymap == setup.keymap && app.setup_faults.as_ref() == Some(&setup.faults) {
        return;
    }
    let faults = setup.faults.len();
    app.set_up(setup);
    app.status = None;
    if faults == 0 {
        app.say("keys and themes were read again");
    }
}

/// Makes every screen agree with itself after any change.
fn refresh(app: &mut App) -> Vec<Effect> {
    let App { shared, screens, .. } = app;
    let cx = shared.context(screens);
    screens.refresh(&cx)
}

/// Does what screens ask of the shell; what is left is for the runtime.
fn absorb(app: &mut App, effects: Vec<Effect>) -> Vec<Effect> {
    absorb_after(app, effects, None)
}

/// The same after `tried` was to be selected: where a query hides that row, asking again comes to nothing.
fn absorb_after(app: &mut App, effects: Vec<Effect>, mut tried: Option<RowId>) -> Vec<Effect> {
    let mut left = Vec::new();
    // True once the ground that the screens stand on has changed: they have to agree with it again.
    let mut moved = false;
    for effect in effects {
        match effect {
            Effect::Shell(Request::Say(text)) => app.say(text),
            Effect::Shell(Request::Notice(fault)) => {
                app.notice(&fault);
                moved = true;
            }
            Effect::Shell(Request::DismissNotices) => {
                app.shared.faults.dismiss();
                moved = true;
            }
            Effect::Shell(Request::ShowRow(row)) => {
                show_row(app, row, false);
                moved = true;
            }
            Effect::Shell(Request::SelectRow(row)) if tried == Some(row) => {}
            Effect::Shell(Request::SelectRow(row)) => {
                tried = Some(row);
                let App { shared, screens, .. } = app;
                let cx = shared.context(screens);
                screens.select_row(&cx, row);
                moved = true;
            }
            Effect::Shell(Request::Go(screen)) => {
                app.screens.shown = screen;
                moved = true;
            }
            Effect::Shell(Request::Leave) => {
                app.screens.shown = Screens::all()[0].id;
                moved = true;
            }
            Effect::Shell(Request::Arrange(layout)) => {
                left.extend(arrange(app, layout));
                moved = true;
            }
            other => left.push(other),
        }
    }
    if moved {
        let effects = refresh(app);
        left.extend(absorb_after(app, effects, tried));
    }
    left
}

/// Arranges the screen, and has that remembered.
fn arrange(app: &mut App, layout: LayoutPrefs) -> Vec<Effect> {
    let mut effects = Vec::new();
    if layout.mouse != app.shared.layout.mouse {
        let said = if layout.mouse { "the mouse is taken" } else { "the mouse is the terminal's again" };
        app.say(said);
        effects.push(Effect::Mouse(layout.mouse));
    }
    app.shared.layout = layout;
    effects.push(Effect::RememberLayout(layout.text()));
    effects
}
