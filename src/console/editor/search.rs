//! Looking for text: where it stands, which of the places is the next. A capital letter asks for exactly what was typed.

use std::ops::Range;

/// The places of a text at which another stands, in order, none in another.
pub fn places(text: &str, wanted: &str) -> Vec<Range<usize>> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let found = |text: &str, wanted: &str| {
        text.match_indices(wanted).map(|(at, found)| at..at + found.len()).collect::<Vec<_>>()
    };
    if wanted.chars().any(char::is_uppercase) {
        found(text, wanted)
    } else {
        // ASCII letters alone are folded: no byte moves.
        found(&text.to_ascii_lowercase(), &wanted.to_ascii_lowercase())
    }
}

/// The place after a byte, or before it; past the last comes the first.
pub fn next(places: &[Range<usize>], from: usize, back: bool) -> Option<usize> {
    let last = places.len().checked_sub(1)?;
    Some(if back {
        places.partition_point(|place| place.start < from).checked_sub(1).unwrap_or(last)
    } else {
        let at = places.partition_point(|place| place.start < from);
        if at > last { 0 } else { at }
    })
}
