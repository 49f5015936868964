//! The Policy screen: the text of the file left, what it would change and the rules on one action right.

mod colours;
mod file;
mod gutter;
mod impact;
mod ladder;
mod search;
mod status;
mod untested;
mod values;

use crate::console::hits::HitMap;
use crate::console::policy::layout::Layout;
use crate::console::state::State;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::Pen;

/// The mark of numbers about a text that came before one that does not load.
fn stale(pen: &Pen<'_>, state: &State) -> Option<(String, Role)> {
    (!state.policy.loads()).then(|| (format!("{} last good", pen.theme.glyph(Glyph::Alert)), Role::Alert))
}

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, state: &State, hits: &mut HitMap) {
    let layout = Layout::of(state);
    if let Some(draft) = &state.policy.draft {
        file::draw(pen, layout.file, state, draft, hits);
        if draft.editor.finder.is_some() {
            search::draw(pen, layout.status, draft);
        } else {
            status::draw(pen, layout.status, state, draft, layout.impact.is_empty());
        }
    } else {
        let said = state.policy.unreadable.as_deref().unwrap_or("Reading the policy …");
        let role = if state.policy.unreadable.is_some() { Role::Block } else { Role::Muted };
        pen.put(layout.file.x, layout.file.y, layout.file.width, said, pen.theme.ink(role));
    }
    impact::draw(pen, layout.impact, state, hits);
    ladder::draw(pen, layout.ladder, state, hits);
    untested::draw(pen, layout.untested, state, hits);
    values::draw(pen, layout.values, state);
}
