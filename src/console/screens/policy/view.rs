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

use super::layout::Layout;
use super::{Message, Policy};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen};

/// The mark of numbers about a text that came before one that does not load.
fn stale(pen: &Pen<'_>, policy: &Policy) -> Option<(String, Role)> {
    (!policy.loads()).then(|| (format!("{} last good", pen.theme.glyph(Glyph::Alert)), Role::Alert))
}

/// Draws all parts that have room.
pub(super) fn draw(pen: &mut Pen<'_>, policy: &Policy, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let layout = Layout::of(policy, cx);
    if let Some(draft) = &policy.draft {
        file::draw(pen, layout.file, policy, draft, hits);
        if draft.editor.finder.is_some() {
            search::draw(pen, layout.status, draft);
        } else {
            status::draw(pen, layout.status, policy, cx, draft, layout.impact.is_empty());
        }
    } else {
        let said = policy.unreadable.as_deref().unwrap_or("Reading the policy …");
        let role = if policy.unreadable.is_some() { Role::Block } else { Role::Muted };
        pen.put(layout.file.x, layout.file.y, layout.file.width, said, pen.theme.ink(role));
    }
    impact::draw(pen, layout.impact, policy, hits);
    ladder::draw(pen, layout.ladder, policy, hits);
    untested::draw(pen, layout.untested, policy, hits);
    values::draw(pen, layout.values, policy);
}
