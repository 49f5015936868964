//! Draws the Replay screen.

mod editing;
mod envelope;
mod futures;
mod interleavings;
mod presenter;
mod prompt;
mod review;
mod revision;
mod sheet;
mod stages;
mod state;
mod timeline;
mod transport;
mod tree;

use ratatui::layout::Rect;

use super::layout::Layout;
use super::{Message, Replay, run_list};
use crate::console::screen::Context;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{HitMap, Pen};
use crate::kernel::receipt::Ruling;
use crate::replayer::Mark;
use crate::review::notes;

pub(super) use stages::count as stage_lines;

/// Draws all panes.
pub(super) fn draw(pen: &mut Pen<'_>, replay: &Replay, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let layout = Layout::of(replay, cx);
    let body = cx.frame().padded_body();
    match &replay.tape {
        None => {
            let words = match &replay.runs {
                Some(runs) if runs.is_empty() => "No run was recorded in this workspace yet.",
                _ => "Looking for runs.",
            };
            pen.put(body.x, body.y, body.width, words, pen.theme.ink(Role::Muted));
        }
        Some(tape) if tape.index.envelopes() + tape.index.actions() == 0 => {
            let words = if tape.scanning { "is being read" } else { "has no envelopes" };
            pen.put(body.x, body.y, body.width, &format!("Run {} {words}.", tape.run), pen.theme.ink(Role::Muted));
        }
        Some(tape) => {
            transport::draw(pen, layout.transport, replay, tape, hits);
            timeline::draw(pen, layout.timeline, replay, tape, hits);
            tree::draw(pen, layout.tree, replay, tape, hits);
            review::draw(pen, layout.review, replay, tape, hits);
            stages::draw(pen, layout.stages, replay, !layout.state.is_empty(), hits);
            match &replay.futures {
                Some(futures) => futures::draw(pen, layout.state, futures),
                None => state::draw(pen, layout.state, replay),
            }
        }
    }
    if let Some(prompt) = &replay.prompt {
        let place = if layout.transport.is_empty() { body } else { layout.transport };
        prompt::draw(pen, Rect { height: 2.min(body.height), ..place }, prompt);
    }
}

/// Draws what is open over them.
pub(super) fn draw_cover(pen: &mut Pen<'_>, replay: &Replay, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    if replay.presenting {
        hits.cover();
        presenter::draw(pen, replay, cx);
        if let Some(prompt) = &replay.prompt {
            let body = cx.frame().body;
            prompt::draw(pen, Rect { y: body.y, height: 2.min(body.height), ..body }, prompt);
        }
    }
    if let Some(open) = &replay.editing {
        editing::draw(pen, open, cx, hits);
        if let Some(prompt) = &replay.prompt {
            let body = cx.frame().body;
            prompt::draw(pen, Rect { y: body.y, height: 2.min(body.height), ..body }, prompt);
        }
    }
    if let Some(open) = &replay.revision {
        revision::draw(pen, open, cx, hits);
    }
    if let Some(open) = &replay.interleavings {
        interleavings::draw(pen, open, cx, hits);
    }
    if let Some(open) = replay.sheet {
        sheet::draw(pen, replay, open, cx, hits);
        if let Some(prompt) = &replay.prompt {
            let body = cx.frame().body;
            prompt::draw(pen, Rect { y: body.y, height: 2.min(body.height), ..body }, prompt);
        }
    }
    if let Some(menu) = &replay.fork_menu {
        futures::draw_menu(pen, menu, cx, hits);
    }
    if let Some(list) = &replay.list {
        run_list::draw(pen, replay, list, cx, hits);
    }
}

/// The glyph of what became of an envelope or an action.
fn glyph(mark: Mark) -> (Glyph, Role) {
    match mark {
        Mark::None | Mark::Planned => (Glyph::Dot, Role::Faint),
        Mark::Unmatched => (Glyph::NoMatch, Role::Muted),
        Mark::EmptyPlan => (Glyph::Refusal, Role::Muted),
        Mark::NoPlan | Mark::AllowFailed | Mark::AlertFailed => (Glyph::Failed, Role::Failed),
        Mark::Refused => (Glyph::Refused, Role::Block),
        Mark::Allow => (Glyph::Allow, Role::Allow),
        Mark::Alert => (Glyph::Alert, Role::Alert),
        Mark::Block => (Glyph::Block, Role::Block),
        Mark::Dedup => (Glyph::Dedup, Role::Dedup),
    }
}

/// The glyph of what an action came to.
fn ruling_glyph(decision: Ruling) -> (Glyph, Role) {
    glyph(match decision {
        Ruling::Allow => Mark::Allow,
        Ruling::Alert => Mark::Alert,
        Ruling::Block => Mark::Block,
        Ruling::Dedup => Mark::Dedup,
    })
}

/// The glyph of what a reviewer made of a step.
fn mark_glyph(mark: notes::Mark) -> (Glyph, Role) {
    match mark {
        notes::Mark::Accepted => (Glyph::Allow, Role::Allow),
        notes::Mark::Flagged => (Glyph::Failed, Role::Alert),
    }
}

/// The name a file is shown by: without folder and ending.
fn short_name(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
