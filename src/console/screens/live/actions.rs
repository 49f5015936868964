//! What is done with the selected row outside the console: copied, opened in an editor.

use super::Live;
use crate::console::present::clipboard_text::{self, What};
use crate::console::present::source_location;
use crate::console::screen::{Context, Effect};

/// Copies something of the selected row.
pub(super) fn copy(live: &mut Live, cx: &Context<'_>, what: What) -> Effect {
    let id = live.selection().id();
    // Asked again of the same row, the next of its values.
    let again = if what == What::Value && live.copied.0 == id { live.copied.1 + 1 } else { 0 };
    let row = live.selected_row(cx.model);
    if what == What::Command {
        let line = row.and_then(|row| clipboard_text::command(cx.model, row, cx.elsewhere));
        return line.map_or_else(|| Effect::say("copy: this row cannot be played again"), Effect::CopyCommand);
    }
    let copied = row.and_then(|row| clipboard_text::text(cx.model, row, what, again));
    let Some((said, text)) = copied else { return Effect::say("copy: there is nothing of that in this row") };
    if what == What::Value {
        live.copied = (id, again);
    }
    Effect::Copy { what: said, text }
}

/// Opens what the selected row comes from.
pub(super) fn edit(live: &Live, cx: &Context<'_>, envelope: bool) -> Effect {
    let row = live.selected_row(cx.model);
    match row.and_then(|row| source_location::locate(cx.model, row, envelope)) {
        Some((file, at)) => Effect::Edit { file, at },
        None => Effect::say("edit: this row comes from no file"),
    }
}
