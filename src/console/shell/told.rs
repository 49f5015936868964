//! What was said in the last row and above the lists: it goes with the next key, and is kept here to be read again.

use std::collections::VecDeque;

use jiff::Timestamp;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was said.
    pub text: String,
    /// When, where there is a clock.
    pub at: Option<Timestamp>,
}

/// The latest messages.
#[derive(Debug, Default)]
pub struct Messages {
    kept: VecDeque<Told>,
}

/// Messages kept.
const MOST: usize = 200;

impl Messages {
    /// Keeps one more; the same said again counts once.
    pub fn keep(&mut self, text: &str, at: Option<Timestamp>) {
        self.kept.retain(|told| told.text != text);
        self.kept.push_front(Told { text: text.to_owned(), at });
        self.kept.truncate(MOST);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// One of them, the newest first.
    pub fn get(&self, at: usize) -> Option<&Told> {
        self.kept.get(at)
    }
}
