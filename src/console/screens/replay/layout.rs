//! Where the parts of the Replay screen are. A part without room is empty.

use ratatui::layout::Rect;

use super::{Focus, Replay};
use crate::console::screen::Context;

/// Columns of the tree where there is room for both panes.
const TREE: u16 = 34;

/// The parts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout {
    /// What plays, at which speed, where it is.
    pub transport: Rect,
    /// The envelopes in a row, and what became of them.
    pub timeline: Rect,
    /// The fixtures.
    pub tree: Rect,
    /// What a reviewer said so far, where anything was said.
    pub review: Rect,
    /// The envelope or the action at hand.
    pub stages: Rect,
    /// The state before and after.
    pub state: Rect,
}

impl Layout {
    /// For that terminal.
    pub fn of(replay: &Replay, cx: &Context<'_>) -> Self {
        let body = cx.frame().padded_body();
        let mut layout = Self::default();
        if replay.zoomed {
            match replay.focus {
                Focus::Tree => layout.tree = body,
                Focus::Stages => layout.stages = body,
            }
            return layout;
        }
        let mut rest = body;
        let mut take = |height: u16, gap: u16| {
            let part = Rect { height: height.min(rest.height), ..rest };
            let taken = (part.height + gap).min(rest.height);
            rest = Rect { y: rest.y + taken, height: rest.height - taken, ..rest };
            part
        };
        let roomy = body.height >= 20;
        layout.transport = take(1, u16::from(roomy));
        let lines = match body.height {
            0..8 => 0,
            8..14 => 1,
            _ => 3,
        };
        layout.timeline = take(lines, u16::from(body.height >= 14));
        let both = body.width >= 70;
        if both {
            let wide = TREE.min(body.width * 2 / 5);
            layout.tree = Rect { width: wide, ..rest };
            let x = rest.x + wide + 3;
            layout.stages = Rect { x, width: rest.right().saturating_sub(x), ..rest };
        } else {
            match replay.focus {
                Focus::Tree => layout.tree = rest,
                Focus::Stages => layout.stages = rest,
            }
        }
        if !replay.notes.0.is_empty() && layout.tree.height >= 14 {
            let tree = Rect { height: layout.tree.height - 6, ..layout.tree };
            layout.review = Rect { y: tree.bottom() + 1, height: 5, ..tree };
            layout.tree = tree;
        }
        if layout.stages.height >= 18 {
            let height = if replay.futures.is_some() { 10 } else { 8 };
            let stages = Rect { height: layout.stages.height - height, ..layout.stages };
            layout.state = Rect { y: stages.bottom(), height, ..stages };
            layout.stages = stages;
        }
        layout
    }
}
