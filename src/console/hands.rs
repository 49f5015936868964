//! What a person does with the selected row and with the screen: copy, edit, arrange. Pure; what is done outside is an
//! errand.

use super::copying::{self, What};
use super::effects::Effect;
use super::errands::Errand;
use super::sources;
use super::state::State;
use super::update::Message;

/// Copies something of the selected row.
pub fn copy(state: &mut State, what: What) -> Option<Effect> {
    let id = state.selection().id();
    // Asked again of the same row, the next of its values.
    let again = if what == What::Value && state.copied.0 == id { state.copied.1 + 1 } else { 0 };
    let errand = copying::copy(state, what, again);
    if errand.is_none() {
        state.status = Some("copy: this row cannot be played again".to_owned());
    } else if what == What::Value {
        state.copied = (id, again);
    }
    errand.map(Effect::Run)
}

/// Opens what the selected row comes from.
pub fn edit(state: &mut State, envelope: bool) -> Option<Effect> {
    let errand = sources::edit(state, envelope);
    if errand.is_none() {
        state.status = Some("edit: this row comes from no file".to_owned());
    }
    errand.map(Effect::Run)
}

/// Changes how the screen is arranged, and has it remembered.
pub fn arrange(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Zoom => state.looks.zoomed = !state.looks.zoomed,
        Message::Resize { larger } => state.looks.resize(larger),
        _ => {
            state.looks.mouse = !state.looks.mouse;
            let said = if state.looks.mouse { "the mouse is taken" } else { "the mouse is the terminal's again" };
            state.status = Some(said.to_owned());
            effects.push(Effect::Run(Errand::Mouse(state.looks.mouse)));
        }
    }
    effects.push(Effect::Run(Errand::Remember(state.looks.text())));
    effects
}
