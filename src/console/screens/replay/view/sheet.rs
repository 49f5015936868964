//! Draws the open sheet over the body: what is on disk of fixtures, what they cover, where plans differ, what was said of
//! steps.

use ratatui::layout::Rect;

use super::super::reviewing::called;
use super::super::sheet::{FixtureRow, Sheet, Shows};
use super::super::{Message, Replay};
use super::ruling_glyph;
use crate::console::screen::Context;
use crate::console::text::cells;
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::heading::{Heading, heading};
use crate::console::widgets::window::{Window, more};
use crate::console::widgets::{HitMap, Pen, Span};
use crate::coverage::{EnvelopeOutcome, FixtureFile, MapRow, Standing};
use crate::kernel::json::Raw;
use crate::report::coverage::{mark, summary, why};
use crate::review::notes::{Mark, Note};
use crate::session::golden::{Finding, State};

/// Draws it.
pub fn draw(pen: &mut Pen<'_>, replay: &Replay, sheet: Sheet, cx: &Context<'_>, hits: &mut HitMap<Message>) {
    let body = cx.frame().body;
    if body.height < 3 {
        return;
    }
    pen.clear(body, pen.theme.canvas());
    hits.cover();
    let area = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
    tabs(pen, Rect { height: 1, ..area }, sheet.shows, hits);
    let pane = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let count = replay.corpus.working.map_or_else(|| count(replay, sheet.shows), |working| format!("{working} …"));
    heading(pen, pane, &Heading { title: sheet.shows.name(), count, focus: true, ..Heading::default() });
    let lines: Vec<Vec<Span>> = lines(pen, replay, sheet.shows, usize::from(pane.width));
    let mut said = foot(replay, sheet);
    said.truncate(usize::from(pane.height / 4));
    let foot = cells(said.len());
    let list = Rect { y: pane.y + 1, height: pane.height.saturating_sub(1 + foot), ..pane };
    if lines.is_empty() {
        pen.put(
            list.x + 2,
            list.y,
            list.width.saturating_sub(2),
            nothing(replay, sheet.shows),
            pen.theme.ink(Role::Muted),
        );
    }
    let window = Window::around(sheet.at, lines.len(), usize::from(list.height));
    let from = list.y + u16::from(window.above > 0 && window.says);
    if from > list.y {
        more(pen, Rect { x: list.x + 2, width: list.width.saturating_sub(2), ..list }, window.above);
    }
    if window.below > 0 && window.says {
        more(pen, Rect { x: list.x + 2, y: list.bottom() - 1, height: 1, ..list }, window.below);
    }
    for ((at, spans), y) in lines.iter().enumerate().skip(window.lines.start).take(window.lines.len()).zip(from..) {
        let line = Rect { y, height: 1, ..list };
        pen.spans(line.x + 2, y, line.width.saturating_sub(2), spans);
        hits.add(line, Message::PickRow(at));
        if at == sheet.at {
            pen.style(line, pen.theme.ground(Role::Sel));
            pen.put(line.x, y, 1, pen.theme.glyph(Glyph::Bar), pen.theme.ink(Role::Accent));
        }
    }
    for (spans, y) in said.iter().zip(list.bottom()..pane.bottom()) {
        pen.spans(pane.x + 2, y, pane.width.saturating_sub(2), spans);
    }
}

/// Which sheets there are.
fn tabs(pen: &mut Pen<'_>, line: Rect, shown: Shows, hits: &mut HitMap<Message>) {
    let mut x = line.x;
    for shows in Shows::ALL {
        let style = if shows == shown { pen.theme.bold(Role::Accent) } else { pen.theme.ink(Role::Muted) };
        let end = pen.put(x, line.y, line.right().saturating_sub(x), shows.name(), style);
        hits.add(Rect { x, width: end.saturating_sub(x), ..line }, Message::Sheet(shows));
        x = end + 3;
        if x >= line.right() {
            break;
        }
    }
}

fn count(replay: &Replay, shows: Shows) -> String {
    match shows {
        Shows::Fixtures => replay.corpus.results.as_ref().map_or_else(String::new, |results| {
            let broken: usize = results.files.iter().map(FixtureFile::broken).sum();
            let files = results.files.len();
            let broken = if broken == 0 { String::new() } else { format!(", {broken} broken") };
            format!("{files} files, {} envelopes{broken}", results.fixtures().count())
        }),
        Shows::Coverage => replay.corpus.map.as_ref().map_or_else(String::new, |map| summary(map)),
        Shows::Plans => match replay.corpus.findings().len() {
            0 => String::new(),
            1 => "1 difference".to_owned(),
            many => format!("{many} differences"),
        },
        Shows::Review => {
            let notes = &replay.notes;
            format!("{} accepted, {} flagged", notes.count(Mark::Accepted), notes.count(Mark::Flagged))
        }
    }
}

fn nothing(replay: &Replay, shows: Shows) -> &str {
    match (shows, &replay.corpus.plans) {
        _ if replay.corpus.working.is_some() => "",
        (Shows::Fixtures, _) => "There is no fixture in `fixtures/` yet.",
        (Shows::Coverage, _) => "No operator is loaded.",
        (Shows::Plans, Some((_, Err(why)))) => why,
        (Shows::Plans, _) => "No plan of this run differs from a recorded one. `dev replay --record` records them.",
        (Shows::Review, _) => "Nothing is said of this run yet: `a` accepts the step at hand, `x` flags it.",
    }
}

fn lines(pen: &Pen<'_>, replay: &Replay, shows: Shows, wide: usize) -> Vec<Vec<Span>> {
    match shows {
        Shows::Fixtures => replay.corpus.fixture_rows().iter().map(|row| fixture(pen, row, wide)).collect(),
        Shows::Coverage => replay.corpus.cells().into_iter().map(|row| cell(pen, row)).collect(),
        Shows::Plans => replay.corpus.findings().iter().map(|found| plan(pen, found)).collect(),
        Shows::Review => replay.notes.0.iter().map(|note| reviewed(pen, replay, note)).collect(),
    }
}

fn fixture(pen: &Pen<'_>, row: &FixtureRow<'_>, wide: usize) -> Vec<Span> {
    match row {
        FixtureRow::File(file) => {
            let broken = file.broken();
            let mut spans = vec![Span::bold(file.name.clone(), Role::Text)];
            if broken > 0 {
                spans.push(Span::bold(format!("  {} {broken} broken", pen.theme.glyph(Glyph::Failed)), Role::Failed));
            }
            spans
        }
        FixtureRow::Fault(file, at) => {
            let fault = &file.faults[*at];
            let (glyph, role) =
                if fault.is_error() { (Glyph::Failed, Role::Failed) } else { (Glyph::Dot, Role::Muted) };
            vec![
                Span::new(format!("{:>5} ", fault.line.unwrap_or(0)), Role::Faint),
                Span::bold(format!("{} ", pen.theme.glyph(glyph)), role),
                Span::new(fault.message.clone(), role),
            ]
        }
        FixtureRow::Envelope(_, fixture) => {
            let thread: String = fixture.correlation_id.chars().take(4).collect();
            let kind = if wide >= 70 { 24 } else { 16 };
            let event: String = fixture.event_type.chars().take(kind).collect();
            let mut spans = vec![
                Span::new(format!("{:>5} ", fixture.line), Role::Faint),
                Span::new(format!("{event:<kind$} "), Role::Text),
                Span::new(format!("{thread:<5}"), Role::Accent),
            ];
            match &fixture.last {
                None => spans.push(Span::new("not played yet", Role::Muted)),
                Some(outcome) => spans.extend(result(pen, outcome)),
            }
            if fixture.synthetic {
                spans.push(Span::new("  synthetic", Role::Muted));
            }
            spans
        }
    }
}

/// What came of an envelope last: a glyph and a word for each action.
fn result(pen: &Pen<'_>, outcome: &EnvelopeOutcome) -> Vec<Span> {
    let quiet = |glyph, words: String| {
        vec![Span::new(format!("{} ", pen.theme.glyph(glyph)), Role::Muted), Span::new(words, Role::Muted)]
    };
    let failure = outcome.plans.iter().find_map(|plan| plan.failure.clone());
    let mut spans = match (&outcome.refused, failure) {
        (Some(why), _) => vec![
            Span::bold(format!("{} ", pen.theme.glyph(Glyph::Refused)), Role::Block),
            Span::new(why.clone(), Role::Text),
        ],
        (None, Some(why)) => {
            vec![Span::bold(format!("{} ", pen.theme.glyph(Glyph::Failed)), Role::Failed), Span::new(why, Role::Text)]
        }
        (None, None) if outcome.routed.is_empty() => quiet(Glyph::NoMatch, "no trigger matched".to_owned()),
        (None, None) if outcome.actions.is_empty() => quiet(Glyph::Refusal, "a refusal".to_owned()),
        (None, None) => outcome
            .actions
            .iter()
            .flat_map(|action| {
                let (glyph, role) = ruling_glyph(action.decision);
                let value = action.value.as_ref().map(|value| format!(" {}", value.number)).unwrap_or_default();
                [
                    Span::bold(format!("{} {} ", pen.theme.glyph(glyph), action.decision.word()), role),
                    Span::new(format!("{}{value}  ", action.tool), Role::Text),
                ]
            })
            .collect(),
    };
    spans.push(Span::new(format!(" run {}", outcome.run), Role::Faint));
    spans
}

fn cell(pen: &Pen<'_>, row: &MapRow) -> Vec<Span> {
    let (glyph, role) = match row.standing {
        Standing::Covered { .. } => (Glyph::Allow, Role::Allow),
        Standing::Outdated { .. } => (Glyph::Draft, Role::Alert),
        Standing::Empty => (Glyph::Alert, Role::Alert),
        Standing::Impossible { .. } | Standing::Unknown { .. } => (Glyph::Dot, Role::Faint),
    };
    let word = if matches!(row.standing, Standing::Covered { .. }) {
        mark(&row.standing)
    } else {
        row.standing.word().to_owned()
    };
    vec![
        Span::bold(format!("{} {word:<11}", pen.theme.glyph(glyph)), role),
        Span::new(format!("{:<44}", row.cell.name()), if role == Role::Faint { Role::Muted } else { Role::Text }),
        Span::new(format!(" {}", why(row)), Role::Muted),
    ]
}

fn plan(pen: &Pen<'_>, found: &Finding) -> Vec<Span> {
    let thread: String = found.correlation_id.chars().take(4).collect();
    let (glyph, role) = match &found.state {
        state if state.is_failure() => (Glyph::Alert, Role::Alert),
        State::New => (Glyph::Draft, Role::Muted),
        _ => (Glyph::Dot, Role::Muted),
    };
    let mut spans = vec![
        Span::bold(format!("{} ", pen.theme.glyph(glyph)), role),
        Span::new(format!("{} ", found.event_type), Role::Text),
        Span::new(format!("{thread} "), Role::Accent),
        Span::new(format!("{}  ", found.operator.as_deref().unwrap_or("")), Role::Muted),
    ];
    if !found.breaks_dedup.is_empty() {
        spans.push(Span::bold("breaks dedup  ", Role::Block));
    }
    spans.push(Span::new(found.state.told(), Role::Text));
    spans
}

fn reviewed(pen: &Pen<'_>, replay: &Replay, note: &Note) -> Vec<Span> {
    let (glyph, role) = super::mark_glyph(note.mark);
    vec![
        Span::bold(format!("{} {:<9}", pen.theme.glyph(glyph), note.mark.word()), role),
        Span::new(format!("{:>4} ", note.arrival), Role::Faint),
        Span::new(format!("{:<34} ", called(replay, note)), Role::Text),
        Span::new(note.note.clone(), Role::Muted),
    ]
}

/// What is to be known of the row in hand: of a difference, where it is and both sides.
fn foot(replay: &Replay, sheet: Sheet) -> Vec<Vec<Span>> {
    let in_hand = replay.corpus.findings().get(sheet.at).filter(|_| sheet.shows == Shows::Plans);
    let Some(found) = in_hand else { return Vec::new() };
    let place = found.line.map_or_else(|| found.file.clone(), |line| format!("{}:{line}", found.file));
    let mut lines = Vec::new();
    for difference in found.breaks_dedup.iter().chain(found.state.difference()) {
        let side = |raw: &Option<Raw>| raw.as_ref().map_or_else(|| "nothing".to_owned(), |raw| raw.as_str().to_owned());
        lines.push(vec![
            Span::new(format!("{}  ", difference.field), Role::Muted),
            Span::new(side(&difference.before), Role::Text),
            Span::new("  recorded, now  ", Role::Faint),
            Span::bold(side(&difference.after), Role::Text),
        ]);
    }
    lines.dedup();
    lines.insert(0, vec![Span::new(place, Role::Faint)]);
    lines
}
