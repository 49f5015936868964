//! What happens in a picker: typing, choosing.

use super::{Edit, PickerKind, PickerRow, query_of};
use crate::console::keys::CommandId;
use crate::console::screen::Effect;
use crate::console::shell::app::App;
use crate::console::shell::update::wanted;

/// How many chosen commands are remembered.
const RECENTS: usize = 5;

/// Changes what is typed.
pub fn edit(app: &mut App, edit: Edit) {
    if let Some(mut picker) = app.picker.take() {
        picker.edit(edit, app);
        app.picker = Some(picker);
    }
}

/// Takes text that was pasted: text where text is typed, and nothing anywhere else.
pub fn paste(app: &mut App, text: &str) {
    if let Some(picker) = &mut app.picker {
        picker.insert(text);
    }
}

/// Does what stands at a place.
pub fn pick(app: &mut App, at: usize) -> Vec<Effect> {
    if let Some(picker) = &mut app.picker {
        picker.at = at;
    }
    accept(app)
}

/// Does what is selected. A command that cannot run now says why, and the picker stays.
pub fn accept(app: &mut App) -> Vec<Effect> {
    let selected = app.picker.as_ref().and_then(|picker| Some((picker.kind, picker.selected(app)?)));
    let Some((kind, selected)) = selected else { return Vec::new() };
    match selected {
        PickerRow::Command(command, Some(reason)) => {
            app.status = Some(format!("{}: {reason}", command.spec.name));
            Vec::new()
        }
        PickerRow::Command(command, None) => {
            app.picker = None;
            if kind == PickerKind::Palette {
                remember(app, command.id());
            }
            command.message().map(|message| wanted(app, message)).unwrap_or_default()
        }
        PickerRow::Query => {
            let typed = app.picker.take().map(|picker| picker.query.trim().to_owned()).unwrap_or_default();
            if query_of(&typed).is_some() {
                let App { shared, screens, .. } = app;
                let cx = shared.context(screens);
                screens.filter(&cx, &typed);
            }
            Vec::new()
        }
        PickerRow::Message(at) => {
            app.picker = None;
            let told = app.messages.get(at).map(|told| told.text.clone());
            told.map(|text| Effect::Copy { what: "the message".to_owned(), text }).into_iter().collect()
        }
        PickerRow::Theme(at) => {
            app.picker = None;
            (app.themes.chosen, app.themes.settled) = (at, true);
            app.themes.themes.get(at).map(|named| Effect::RememberTheme(named.name.clone())).into_iter().collect()
        }
        PickerRow::Blank | PickerRow::Heading(_) => Vec::new(),
    }
}

fn remember(app: &mut App, id: CommandId) {
    app.recents.retain(|other| *other != id);
    app.recents.insert(0, id);
    app.recents.truncate(RECENTS);
}
