//! The fixtures and their envelopes as rows: a heading for each file, an envelope a row. Rows are counted, not made:
//! a run of a million envelopes has a million of them.

use super::{Replay, layout};
use crate::console::screen::Context;
use crate::replayer::Index;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeRow {
    /// The file of the envelopes that follow, by the place of the first.
    File(usize),
    /// An envelope, by its place.
    Envelope(usize),
}

/// How many rows there are.
pub fn rows(index: &Index) -> usize {
    index.envelopes() + index.groups().len()
}

/// The row at a place among all of them.
pub fn row(index: &Index, at: usize) -> Option<TreeRow> {
    let groups = index.groups();
    // A group begins at its first envelope and as many headings as there are before it.
    let (mut low, mut high) = (0, groups.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if groups[middle].first + middle <= at { low = middle + 1 } else { high = middle }
    }
    let number = low.checked_sub(1)?;
    let group = groups[number];
    let within = at - (group.first + number);
    if within == 0 {
        return Some(TreeRow::File(group.first));
    }
    (within <= group.count).then_some(TreeRow::Envelope(group.first + within - 1))
}

/// Where an envelope's row is.
pub fn row_of(index: &Index, envelope: usize) -> usize {
    envelope + index.groups().partition_point(|group| group.first <= envelope)
}

/// How many rows show at once.
pub fn page(replay: &Replay, cx: &Context<'_>) -> usize {
    usize::from(layout::Layout::of(replay, cx).tree.height.saturating_sub(1)).max(1)
}

/// Brings the envelope at hand into view.
pub fn fit(replay: &mut Replay, cx: &Context<'_>) {
    let page = page(replay, cx);
    let Some(index) = replay.index() else { return };
    let at = index.envelope_at(replay.transport.at().entry).map_or(0, |place| row_of(index, place));
    let most = rows(index).saturating_sub(page);
    // INVARIANT: top <= at < top + page; the heading above it shows where it is the first of its file.
    let least = (at + 1).saturating_sub(page);
    let heading = at.saturating_sub(usize::from(page > 2));
    replay.top = replay.top.clamp(least.min(heading), heading).min(most);
}

/// The entries of the envelopes in view, of those that begin a file too.
pub fn in_view(replay: &Replay, cx: &Context<'_>) -> Vec<u32> {
    let Some(index) = replay.index() else { return Vec::new() };
    let rows = (replay.top..replay.top + page(replay, cx)).filter_map(|at| row(index, at));
    let places = rows.map(|row| match row {
        TreeRow::File(place) | TreeRow::Envelope(place) => place,
    });
    places.filter_map(|place| index.envelope(place)).collect()
}
