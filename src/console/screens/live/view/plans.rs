//! A row of the plans: who proposed, and one glyph for each action.

use super::super::{ColumnMode, Live};
use super::row_place::{Place, put_badge};
use crate::console::model::Row;
use crate::console::present::summary::{badges, summarize};
use crate::console::screen::Context;
use crate::console::text::{cells, width};
use crate::console::theme::Role;
use crate::console::widgets::Pen;
use crate::kernel::journal::Fact;

/// Draws the row of a plan.
pub fn row(pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, row: Row, place: &Place) {
    let area = place.area;
    let Some(Fact::Proposed(proposed)) = cx.model.entry(row).map(|entry| &entry.fact) else { return };
    let Some(arrival) = cx.model.arrival(row) else { return };
    let end = area.right();
    let mut stop = end;
    if area.width >= 30 {
        let id = &proposed.plan_id;
        let style = pen.theme.ink(place.quiet());
        stop = end.saturating_sub(cells(width(id)).min(12) + 1);
        pen.put(stop, area.y, end.saturating_sub(stop), id, style);
        stop = stop.saturating_sub(1);
    }
    let name = if place.fold == ColumnMode::One { 14 } else { 11 };
    let name = name.max(live.widths.operator().min(area.width / 2)).min(area.width);
    pen.put(area.x, area.y, name, &proposed.operator, pen.theme.ink(Role::Muted));
    let mut x = area.x + name + 1;
    let found = badges(cx.model, arrival, Some(&proposed.plan_id));
    if found.alone {
        if let Some(summary) = summarize(cx.model, row) {
            put_badge(pen, (x, area.y, stop.saturating_sub(x)), summary.badge, true);
        }
        return;
    }
    if found.would {
        x = pen.put(x, area.y, stop.saturating_sub(x), "would", pen.theme.ink(Role::Muted)) + 1;
    }
    for badge in &found.badges {
        if x < stop {
            x = put_badge(pen, (x, area.y, 1), *badge, false) + 1;
        }
    }
}
