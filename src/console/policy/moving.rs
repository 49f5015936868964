//! Moving in the parts of the Policy screen, by keys and by the wheel.

use super::Focus;
use super::layout::Layout;
use crate::console::editor::{Act, Go};
use crate::console::state::State;
use crate::console::update::Motion;

/// Moves in the part that has the keys.
pub fn go(state: &mut State, motion: Motion) {
    let page = usize::from(Layout::of(state).ladder.height.saturating_sub(4)).max(1);
    let policy = &mut state.policy;
    let many = match policy.focus {
        Focus::Ladder => policy.ladder.as_ref().map_or(0, |ladder| ladder.steps.len()),
        Focus::Impact => policy.record.flips(),
        Focus::Untested => policy.record.coverage.survivors.len(),
        Focus::Editor => 0,
    };
    let last = many.saturating_sub(1);
    let at = match policy.focus {
        Focus::Ladder => &mut policy.rung,
        Focus::Impact => &mut policy.flip,
        Focus::Untested => &mut policy.survivor,
        Focus::Editor => return scroll(state, motion),
    };
    *at = match motion {
        Motion::Up => at.saturating_sub(1),
        Motion::Down => *at + 1,
        Motion::PageUp => at.saturating_sub(page),
        Motion::PageDown => *at + page,
        Motion::First => 0,
        Motion::Last => last,
    }
    .min(last);
}

/// Moves the cursor, as the wheel does.
fn scroll(state: &mut State, motion: Motion) {
    let page = usize::from(Layout::of(state).text().height.saturating_sub(1)).max(1);
    let go = match motion {
        Motion::Up => Go::Up(1),
        Motion::Down => Go::Down(1),
        Motion::PageUp => Go::Up(page),
        Motion::PageDown => Go::Down(page),
        Motion::First => Go::First,
        Motion::Last => Go::Last,
    };
    let charset = state.charset;
    if let Some(draft) = &mut state.policy.draft {
        draft.editor.act(Act::Go(go), charset);
    }
}
