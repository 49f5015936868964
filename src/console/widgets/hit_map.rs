//! What a click means, place by place; drawing returns it, because only drawing knows where things went. It knows no
//! messages: whoever draws says which ones a place sends.

use std::fmt;

use ratatui::layout::{Position, Rect};

/// Areas with their messages; a later one lies above an earlier.
pub struct HitMap<M> {
    areas: Vec<(Rect, Hit<M>)>,
}

enum Hit<M> {
    /// The same wherever it is hit.
    Whole(M),
    /// Of a line of text: told by the cell that was hit, of which `left` is drawn first.
    Cell { left: usize, message: Box<dyn Fn(usize) -> M> },
}

impl<M> Default for HitMap<M> {
    fn default() -> Self {
        Self { areas: Vec::new() }
    }
}

impl<M> fmt::Debug for HitMap<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.areas.iter().map(|(area, _)| area)).finish()
    }
}

impl<M: Copy + 'static> HitMap<M> {
    /// A click in `area` means `message`.
    pub fn add(&mut self, area: Rect, message: M) {
        self.areas.push((area, Hit::Whole(message)));
    }

    /// A click in `area` means what `message` makes of the cell of the line that is drawn there; `left` is drawn first.
    pub fn add_line(&mut self, area: Rect, left: usize, message: impl Fn(usize) -> M + 'static) {
        self.areas.push((area, Hit::Cell { left, message: Box::new(message) }));
    }

    /// Something took the screen: what lies below cannot be hit.
    pub fn cover(&mut self) {
        self.areas.clear();
    }

    /// Lays the places of another map above these, each message as `lift` has it.
    pub fn extend<N: Copy + 'static>(&mut self, other: HitMap<N>, lift: fn(N) -> M) {
        self.areas.extend(other.areas.into_iter().map(|(area, hit)| match hit {
            Hit::Whole(message) => (area, Hit::Whole(lift(message))),
            Hit::Cell { left, message } => {
                (area, Hit::Cell { left, message: Box::new(move |cell| lift(message(cell))) })
            }
        }));
    }

    /// How many places can be hit.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// What a click at a place means.
    pub fn at(&self, column: u16, row: u16) -> Option<M> {
        let place = Position::new(column, row);
        let (area, hit) = self.areas.iter().rev().find(|(area, _)| area.contains(place))?;
        Some(match hit {
            Hit::Whole(message) => *message,
            Hit::Cell { left, message } => message(left + usize::from(column - area.x)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uppermost_place_is_hit_and_a_line_tells_its_cell() {
        let mut below: HitMap<usize> = HitMap::default();
        below.add(Rect::new(0, 0, 10, 3), 1);
        below.add_line(Rect::new(2, 1, 5, 1), 7, |cell| 100 + cell);
        let mut map: HitMap<Option<usize>> = HitMap::default();
        map.add(Rect::new(0, 0, 10, 3), None);
        map.extend(below, Some);
        assert_eq!((map.at(0, 0), map.at(4, 1), map.at(11, 0)), (Some(Some(1)), Some(Some(109)), None));
        map.cover();
        assert_eq!(map.at(0, 0), None);
    }
}
