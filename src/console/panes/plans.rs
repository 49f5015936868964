//! A row of the plans: who proposed, and one glyph for each action.

use crate::console::panes::lists::{Place, put_face};
use crate::console::state::{Fold, Row, State};
use crate::console::text::{cells, width};
use crate::console::theme::Role;
use crate::console::told::{self, told};
use crate::console::widgets::Pen;
use crate::kernel::journal::Fact;

/// Draws it.
pub fn row(pen: &mut Pen<'_>, state: &State, row: Row, place: &Place) {
    let area = place.area;
    let Some(Fact::Proposed(proposed)) = state.entry(row).map(|entry| &entry.fact) else { return };
    let Some(arrival) = state.arrival(row) else { return };
    let end = area.right();
    let mut stop = end;
    if area.width >= 30 {
        let id = &proposed.plan_id;
        let style = pen.theme.ink(place.quiet());
        stop = end.saturating_sub(cells(width(id)).min(12) + 1);
        pen.put(stop, area.y, end.saturating_sub(stop), id, style);
        stop = stop.saturating_sub(1);
    }
    let name = if place.fold == Fold::One { 14 } else { 11 };
    let name = name.max(area.width / 3).min(area.width);
    pen.put(area.x, area.y, name, &proposed.operator, pen.theme.ink(Role::Muted));
    let mut x = area.x + name + 1;
    let marks = told::marks(state, arrival, Some(&proposed.plan_id));
    if marks.alone {
        if let Some(told) = told(state, row) {
            put_face(pen, (x, area.y, stop.saturating_sub(x)), told.face, true);
        }
        return;
    }
    for face in &marks.faces {
        if x < stop {
            x = put_face(pen, (x, area.y, 1), *face, false) + 1;
        }
    }
}
