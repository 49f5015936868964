//! What a click means, place by place; drawing returns it, because only drawing knows where things went.

use ratatui::layout::{Position, Rect};

use super::update::Message;

/// Areas with their messages; a later one lies above an earlier.
#[derive(Debug, Default)]
pub struct HitMap {
    areas: Vec<(Rect, Message)>,
}

impl HitMap {
    /// A click in `area` means `message`.
    pub fn add(&mut self, area: Rect, message: Message) {
        self.areas.push((area, message));
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
        self.areas.iter().rev().find(|(area, _)| area.contains(place)).map(|(_, message)| *message)
    }
}
