//! The list of runs to choose from.

use ratatui::layout::Rect;

use super::{Destination, Message, Replay, opening};
use crate::console::screen::{Context, Effect};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::kernel::journal::RunKind;
use crate::replayer::runs::RunBrief;

/// Where a person is in it.
#[derive(Debug, Default)]
pub struct RunList {
    /// Index of the selected run.
    pub at: usize,
}

/// Does what a person wants of it.
pub fn update(replay: &mut Replay, message: Message) -> Vec<Effect> {
    match message {
        Message::Runs => {
            let open = replay.tape.as_ref().map(|tape| tape.run);
            let at = replay.runs.iter().flatten().position(|brief| Some(brief.run) == open).unwrap_or(0);
            // The list is read again while it is open: what there was shows until then.
            replay.list = if replay.list.is_some() { None } else { Some(RunList { at }) };
        }
        Message::CloseRuns => replay.list = None,
        Message::PickRun(at) => {
            replay.list = Some(RunList { at });
            return update(replay, Message::OpenRun);
        }
        Message::OpenRun => {
            if let Some(run) = chosen(replay) {
                opening::open(replay, run, Destination::Start);
            }
            replay.list = None;
        }
        Message::CompareRun => {
            let open = replay.tape.as_ref().map(|tape| tape.run);
            match chosen(replay) {
                Some(run) if Some(run) == open => return vec![Effect::say("that is the run that is open")],
                Some(run) => opening::compare(replay, run),
                None => {}
            }
        }
        _ => {}
    }
    Vec::new()
}

fn chosen(replay: &Replay) -> Option<u32> {
    let at = replay.list.as_ref()?.at;
    Some(replay.runs.as_ref()?.get(at)?.run)
}

fn area(cx: &Context<'_>) -> Rect {
    let body = cx.frame().body;
    let width = body.width.min(72);
    let height = body.height.min(18);
    Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 3, width, height }
}

/// How many runs show at once.
pub fn page(cx: &Context<'_>) -> usize {
    usize::from(area(cx).height.saturating_sub(3)).max(1)
}

/// Draws the list over the panes.
pub fn draw(pen: &mut Pen<'_>, replay: &Replay, list: &RunList, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let area = area(cx);
    if area.height < 3 {
        return;
    }
    let ground = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
    pen.clear(area, ground);
    hits.add(area, Message::Runs);
    let runs = replay.runs.as_deref().unwrap_or_default();
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    heading(pen, inner, &Heading { title: "Runs", count: runs.len().to_string(), focus: true, ..Heading::default() });
    let page = page(cx);
    let top = list.at.saturating_sub(page.saturating_sub(1));
    let rows = inner.y + 1..inner.bottom().saturating_sub(1);
    for ((at, brief), y) in runs.iter().enumerate().skip(top).zip(rows) {
        let line = Rect { y, height: 1, ..inner };
        row(pen, line, brief, replay);
        hits.add(line, Message::PickRun(at));
        if at == list.at {
            pen.style(line, pen.theme.ground(Role::Sel));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
    let keys = [
        Span::bold("enter", Role::Accent),
        Span::new(" open   ", Role::Muted),
        Span::bold("c", Role::Accent),
        Span::new(" compare with it", Role::Muted),
    ];
    pen.spans(inner.x + 2, inner.bottom() - 1, inner.width.saturating_sub(2), &keys);
}

fn row(pen: &mut Pen<'_>, line: Rect, brief: &RunBrief, replay: &Replay) {
    let kind = match brief.kind {
        Some(RunKind::Live) => "live session",
        Some(RunKind::Play) => "fixtures",
        Some(RunKind::Replay) => "replay",
        None => "cannot be read",
    };
    let is = |tape: &Option<super::Tape>| tape.as_ref().is_some_and(|tape| tape.run == brief.run);
    let note = if is(&replay.tape) {
        "open"
    } else if is(&replay.other) {
        "compared"
    } else {
        ""
    };
    let only = if brief.propose_only { ", propose-only" } else { "" };
    let spans = [
        Span::bold(format!("{:>5}", brief.run), Role::Text),
        Span::new(format!("  {:<22}", format!("{kind}{only}")), Role::Text),
        Span::new(format!("{:<21}", brief.at.get(..19).unwrap_or(&brief.at).replace('T', " ")), Role::Muted),
        Span::new(format!("{:>7}  ", size(brief.bytes)), Role::Muted),
        Span::bold(note, Role::Accent),
    ];
    pen.spans(line.x + 1, line.y, line.width.saturating_sub(1), &spans);
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} kB", bytes / 1_024),
        _ => format!("{} MB", bytes / 1_048_576),
    }
}
