//! Every command with its keys and sentence, read off the command table; what cannot run now says why.

use ratatui::layout::Rect;

use super::Scroll;
use crate::console::commands::{COMMANDS, Command, Group};
use crate::console::keys::Keymap;
use crate::console::state::State;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};

/// Columns it takes where there are more.
const WIDE: u16 = 108;

fn area(state: &State) -> Rect {
    let (columns, rows) = state.size;
    let rows = rows.saturating_sub(1);
    let width = columns.min(WIDE);
    let height = rows.min(u16::try_from(lines_in_all() + 2).unwrap_or(u16::MAX));
    Rect::new((columns - width) / 2, (rows - height) / 2, width, height)
}

fn lines_in_all() -> usize {
    // A heading for each group, and a blank line between two.
    COMMANDS.len() + Group::ALL.len() * 2 - 1
}

/// Lines there are, and lines that show at once.
pub fn extent(state: &State) -> (usize, usize) {
    (lines_in_all(), usize::from(area(state).height.saturating_sub(2)).max(1))
}

/// Draws it from the first line in view.
pub fn draw(pen: &mut Pen<'_>, state: &State, keymap: &Keymap, scroll: Scroll) {
    let area = area(state);
    if area.width < 4 || area.height < 3 {
        return;
    }
    let inner = Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2);
    let (total, page) = extent(state);
    let top = scroll.top.min(total.saturating_sub(page));
    frame(pen, area, total.saturating_sub(top + page));
    for (line, y) in lines(state, keymap).iter().skip(top).zip(inner.top()..inner.bottom()) {
        pen.spans(inner.x, y, inner.width, line);
    }
}

fn frame(pen: &mut Pen<'_>, area: Rect, below: usize) {
    let border = pen.theme.frame();
    let style = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Accent));
    pen.clear(area, pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text)));
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x..=right {
        pen.put(x, area.y, 1, border.across, style);
        pen.put(x, bottom, 1, border.across, style);
    }
    for y in area.y..=bottom {
        pen.put(area.x, y, 1, border.down, style);
        pen.put(right, y, 1, border.down, style);
    }
    let places = [(area.x, area.y), (right, area.y), (right, bottom), (area.x, bottom)];
    for ((x, y), corner) in places.into_iter().zip(border.corners) {
        pen.put(x, y, 1, corner, style);
    }
    pen.put(area.x + 2, area.y, right.saturating_sub(area.x + 2), " Help ", pen.theme.bold(Role::Text));
    let count = format!(" {} commands ", COMMANDS.len());
    pen.put_right(area.x + 10, right.saturating_sub(1), area.y, &count, pen.theme.ink(Role::Muted));
    if below > 0 {
        let more = format!(" {} {below} ", pen.theme.glyph(Glyph::Down));
        pen.put_right(area.x + 2, right.saturating_sub(1), bottom, &more, pen.theme.bold(Role::Alert));
    }
}

fn lines(state: &State, keymap: &Keymap) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    for group in Group::ALL {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.push(vec![Span::bold(group.title(), Role::Text)]);
        lines.extend(COMMANDS.iter().filter(|command| command.group == group).map(|c| line(c, state, keymap)));
    }
    lines
}

fn line(command: &Command, state: &State, keymap: &Keymap) -> Vec<Span> {
    let keys: Vec<_> = keymap.keys(command.id).map(|key| key.to_string()).collect();
    let keys = format!("{:>14}  ", keys.join(" "));
    let name = format!("{:<13}", command.name);
    match (command.enabled)(state) {
        Ok(()) => {
            vec![Span::bold(keys, Role::Accent), Span::new(name, Role::Text), Span::new(command.doc, Role::Muted)]
        }
        Err(reason) => vec![
            Span::new(keys, Role::Faint),
            Span::new(name, Role::Faint),
            Span::new(format!("({reason}) {}", command.doc), Role::Faint),
        ],
    }
}
