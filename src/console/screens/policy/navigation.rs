//! Moving in the parts of the Policy screen, by keys and by the wheel.

use super::layout::Layout;
use super::{Focus, Policy};
use crate::console::editor::{Act, Go};
use crate::console::screen::Context;
use crate::console::widgets::Motion;

/// Moves in the part that has the keys.
pub(super) fn go(policy: &mut Policy, cx: &Context<'_>, motion: Motion) {
    let page = usize::from(Layout::of(policy, cx).ladder.height.saturating_sub(4)).max(1);
    let many = match policy.focus {
        Focus::Ladder => policy.ladder.as_ref().map_or(0, |ladder| ladder.steps.len()),
        Focus::Impact => policy.record.flips(),
        Focus::Untested => policy.record.coverage.survivors.len(),
        Focus::Editor => 0,
    };
    let at = match policy.focus {
        Focus::Ladder => &mut policy.rung,
        Focus::Impact => &mut policy.flip,
        Focus::Untested => &mut policy.survivor,
        Focus::Editor => return scroll(policy, cx, motion),
    };
    *at = motion.applied(*at, page, many);
}

/// Moves the cursor, as the wheel does.
fn scroll(policy: &mut Policy, cx: &Context<'_>, motion: Motion) {
    let page = usize::from(Layout::of(policy, cx).text().height.saturating_sub(1)).max(1);
    let go = match motion {
        Motion::Up => Go::Up(1),
        Motion::Down => Go::Down(1),
        Motion::PageUp => Go::Up(page),
        Motion::PageDown => Go::Down(page),
        Motion::First => Go::First,
        Motion::Last => Go::Last,
    };
    if let Some(draft) = &mut policy.draft {
        draft.editor.act(Act::Go(go), cx.charset);
    }
}
