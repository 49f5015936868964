//! What a key means, as a pure function: what lies uppermost is asked first, then the screen that is typed in, then the
//! commands.

use super::app::App;
use super::message::Message;
use super::picker::Picker;
use super::registry;
use crate::console::keys::{Key, Meaning};

/// The message of a key; none for a key that means nothing here.
pub fn route(app: &App, key: Key) -> Option<Message> {
    if let Some(message) = app.picker.as_ref().and_then(|_| Picker::pressed(key)) {
        return Some(message);
    }
    let cx = app.context();
    let context = app.key_context();
    if let Some(dialog) = app.screens.dialog(&cx) {
        let entered = dialog.enter && key == Key::ENTER;
        let chosen = dialog.choices.iter().find(|choice| entered || choice.key.chars().eq(key.typed()));
        if let Some(choice) = chosen {
            return Some(Message::Screen(choice.message));
        }
    } else {
        let bound = match app.keymap.meaning(context, None, key) {
            Meaning::Command(id) => registry::command(id).is_some_and(|command| command.works(app).is_ok()),
            Meaning::Prefix => true,
            Meaning::Nothing => false,
        };
        if let Some(message) = app.screens.typed(&cx, key, bound) {
            return Some(Message::Screen(message));
        }
    }
    match (app.keymap.meaning(context, app.prefix, key), app.prefix) {
        (Meaning::Command(id), _) => {
            let command = registry::command(id)?;
            Some(match command.works(app) {
                Ok(()) => command.message()?,
                Err(reason) => Message::Refused(id, reason),
            })
        }
        (Meaning::Prefix, _) => Some(Message::Prefix(key)),
        // Esc only takes the prefix back.
        (Meaning::Nothing, Some(_)) if key == Key::ESC => Some(Message::DropPrefix),
        (Meaning::Nothing, Some(prefix)) => Some(Message::Unbound(prefix, key)),
        (Meaning::Nothing, None) => None,
    }
}
