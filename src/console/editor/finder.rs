//! The search in a text: what is looked for, what it is replaced by, and which of the places is the one at hand.

use std::ops::Range;

use super::history::{Change, Kind};
use super::{Editor, motion, search};
use crate::console::widgets::text_input::{Edit, TextInput};

/// Which line is typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field {
    /// What is looked for.
    #[default]
    Find,
    /// What it is replaced by.
    With,
}

/// An open search.
#[derive(Debug, Clone, Default)]
pub struct Finder {
    /// What is looked for.
    pub find: TextInput,
    /// What it is replaced by, where it is replaced.
    pub with: Option<TextInput>,
    /// Which of the two is typed in.
    pub field: Field,
    /// Where the cursor was before.
    from: usize,
    places: Vec<Range<usize>>,
    at: Option<usize>,
}

impl Finder {
    /// The place at hand, from 1, and how many there are.
    pub fn count(&self) -> (usize, usize) {
        (self.at.map_or(0, |at| at + 1), self.places.len())
    }

    /// The places that touch a range of the text, and whether each is the one at hand.
    pub fn within(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, bool)> {
        let first = self.places.partition_point(|place| place.end <= range.start);
        let places = self.places.iter().enumerate().skip(first);
        places
            .take_while(move |(_, place)| place.start < range.end)
            .map(|(index, place)| (place.clone(), self.at == Some(index)))
    }
}

impl Editor {
    /// Opens the search for what is selected, within a line, or for nothing yet; with `replaces`, also for what it is
    /// replaced by. One that is open goes on.
    pub fn find(&mut self, replaces: bool) {
        let open = self.finder.take();
        let selected = self.selection();
        let from = open.as_ref().map_or(selected.as_ref().map_or(self.cursor, |range| range.start), |open| open.from);
        let selected = selected.map(|range| &self.text.as_str()[range]).filter(|text| !text.contains('\n'));
        let find = open.as_ref().map_or_else(|| TextInput::new(selected.unwrap_or_default()), |open| open.find.clone());
        let with = open.and_then(|finder| finder.with).or_else(|| replaces.then(TextInput::default));
        self.finder = Some(Finder { find, with, from, ..Finder::default() });
        self.seek(from);
    }

    /// Changes what is looked for, or what it is replaced by.
    pub fn type_sought(&mut self, edit: Edit) {
        let Some(finder) = &mut self.finder else { return };
        if let (Field::With, Some(with)) = (finder.field, &mut finder.with) {
            with.edit(edit);
        } else {
            finder.find.edit(edit);
            let from = finder.from;
            self.seek(from);
        }
    }

    /// Takes what was pasted.
    pub fn paste_sought(&mut self, text: &str) {
        let Some(finder) = &mut self.finder else { return };
        if let (Field::With, Some(with)) = (finder.field, &mut finder.with) {
            with.paste(text);
        } else {
            finder.find.paste(text);
            let from = finder.from;
            self.seek(from);
        }
    }

    /// Goes to the next place, or the one before. Where nothing was typed, of what was looked for last.
    pub fn find_next(&mut self, back: bool) {
        if let Some(finder) = self.finder.as_mut().filter(|finder| finder.find.text().is_empty()) {
            finder.find = TextInput::new(&self.sought);
            let from = finder.from;
            self.seek(from);
            return;
        }
        if self.finder.is_none() {
            let places = search::places(self.text.as_str(), &self.sought);
            let from = if back { self.cursor } else { motion::after(&self.text, self.cursor) };
            if let Some(at) = search::next(&places, from, back) {
                self.cursor = motion::floor(&self.text, places[at].start);
                self.anchor = None;
            }
            return;
        }
        let from = if back { self.cursor } else { motion::after(&self.text, self.cursor) };
        self.step(from, back);
    }

    /// True when something was looked for before.
    pub fn has_sought(&self) -> bool {
        !self.sought.is_empty()
    }

    /// Replaces the place at hand and goes to the next; with `all`, every place, as one step.
    pub fn replace_found(&mut self, all: bool) -> usize {
        let Some(finder) = &self.finder else { return 0 };
        let with = finder.with.as_ref().map_or_else(String::new, |with| with.text().to_owned());
        let chosen: Vec<_> = match (all, finder.at) {
            (true, _) => finder.places.clone(),
            (false, Some(at)) => vec![finder.places[at].clone()],
            (false, None) => Vec::new(),
        };
        let grown = chosen.len() * with.len() + self.text.len();
        if chosen.is_empty() || grown > super::MOST {
            return 0;
        }
        let before = self.cursor;
        let mut changes = Vec::new();
        // From the end, so that no place moves before its turn.
        for place in chosen.iter().rev() {
            let removed = self.text.splice(place.clone(), &with);
            changes.push(Change { at: place.start, removed, inserted: with.clone() });
        }
        let cursor = chosen.first().map_or(before, |first| first.start + with.len());
        self.cursor = motion::floor(&self.text, cursor);
        self.history.note(Kind::Whole, changes, (before, self.cursor));
        self.anchor = None;
        self.version += 1;
        self.seek(self.cursor);
        chosen.len()
    }

    /// Closes the search; the cursor stays on what was found, or goes back to where it was.
    pub fn close_finder(&mut self, keep: bool) {
        if let Some(finder) = self.finder.take() {
            if !finder.find.text().is_empty() {
                finder.find.text().clone_into(&mut self.sought);
            }
            if !keep {
                self.cursor = motion::floor(&self.text, finder.from);
            }
            self.goal = None;
        }
    }

    /// After a change of the text: where the places are now.
    pub(super) fn look_again(&mut self) {
        if let Some(finder) = &mut self.finder {
            finder.places = search::places(self.text.as_str(), finder.find.text());
            let cursor = self.cursor;
            finder.at = finder.places.iter().position(|place| place.start == cursor);
        }
    }

    fn seek(&mut self, from: usize) {
        if let Some(finder) = &mut self.finder {
            finder.places = search::places(self.text.as_str(), finder.find.text());
        }
        self.step(from, false);
    }

    fn step(&mut self, from: usize, back: bool) {
        let Some(finder) = &mut self.finder else { return };
        finder.at = search::next(&finder.places, from, back);
        if let Some(at) = finder.at {
            self.cursor = motion::floor(&self.text, finder.places[at].start);
            (self.goal, self.anchor) = (None, None);
            self.history.close();
        }
    }
}
