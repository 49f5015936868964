//! What a click means, place by place; drawing returns it, because only drawing knows where things went.

use ratatui::layout::{Position, Rect};

use super::policy::doing::Doing;
use super::update::Message;

/// Areas with their messages; a later one lies above an earlier.
#[derive(Debug, Default)]
pub struct HitMap {
    areas: Vec<(Rect, Hit)>,
}

#[derive(Debug, Clone, Copy)]
enum Hit {
    /// Wherever it is hit.
    Whole(Message),
    /// A line of a text, from the cell that is drawn first.
    Line { line: usize, left: usize },
}

impl HitMap {
    /// A click in `area` means `message`.
    pub fn add(&mut self, area: Rect, message: Message) {
        self.areas.push((area, Hit::Whole(message)));
    }

    /// A click in `area` puts the cursor on the cell of a line that is drawn there; `left` is drawn first.
    pub fn add_line(&mut self, area: Rect, line: usize, left: usize) {
        self.areas.push((area, Hit::Line { line, left }));
    }

    /// A layer took the screen: what lies below cannot be hit.
    pub fn cover(&mut self) {
        self.areas.clear();
    }

    /// How many places can be hit.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// What a click at a place means.
    pub fn at(&self, column: u16, row: u16) -> Option<Message> {
        let place = Position::new(column, row);
        let (area, hit) = self.areas.iter().rev().find(|(area, _)| area.contains(place))?;
        Some(match *hit {
            Hit::Whole(message) => message,
            Hit::Line { line, left } => {
                Message::Policy(Doing::Point { line, cell: left + usize::from(column - area.x) })
            }
        })
    }
}
