//! The line in which a query is typed: the list follows while it is typed, a fault stands under it, Esc takes it back.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::Layer;
use crate::console::keys::Key;
use crate::console::layout::Layout;
use crate::console::line::{Edit, Line};
use crate::console::record::RowRecord;
use crate::console::state::{Filter, State};
use crate::console::text::{cells, inert, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::{Pen, Span};
use crate::query::{Query, QueryError};

mod complete;

/// What is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    line: Line,
    /// The query before, for Esc.
    before: String,
    fault: Option<QueryError>,
    offers: complete::Offers,
}

/// What a key does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Change the line.
    Edit(Edit),
    /// Put the next thing that could stand here.
    Complete,
    /// The one before.
    CompleteBack,
    /// Keep the query.
    Accept,
    /// Take it back.
    Abort,
}

impl Doing {
    /// What a key does.
    pub fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::ENTER => Self::Accept,
            Key::ESC => Self::Abort,
            Key::TAB => Self::Complete,
            Key::BACKTAB => Self::CompleteBack,
            _ => Self::Edit(Edit::of(key)?),
        })
    }
}

/// Opens it with the query in force.
pub fn open(state: &mut State) {
    let before = state.filter().map(|filter| filter.text().to_owned()).unwrap_or_default();
    state.layers.push(Layer::Prompt(Prompt { line: Line::new(&before), before, ..Prompt::default() }));
}

/// Does what a key does.
pub fn update(state: &mut State, doing: Doing) {
    let Some(mut prompt) = taken(state) else { return };
    match doing {
        Doing::Edit(edit) => prompt.line.edit(edit),
        Doing::Complete => prompt.offers.next(&mut prompt.line, state, false),
        Doing::CompleteBack => prompt.offers.next(&mut prompt.line, state, true),
        Doing::Accept if prompt.fault.is_some() => {}
        Doing::Accept => return,
        Doing::Abort => {
            let before = Line::new(&prompt.before);
            apply(state, &before);
            return;
        }
    }
    if matches!(doing, Doing::Edit(_)) {
        prompt.offers.forget();
    }
    prompt.fault = apply(state, &prompt.line);
    state.layers.push(Layer::Prompt(prompt));
}

/// Takes what was pasted as text.
pub fn paste(state: &mut State, text: &str) {
    let Some(mut prompt) = taken(state) else { return };
    prompt.line.paste(text);
    prompt.offers.forget();
    prompt.fault = apply(state, &prompt.line);
    state.layers.push(Layer::Prompt(prompt));
}

fn taken(state: &mut State) -> Option<Prompt> {
    match state.layers.pop() {
        Some(Layer::Prompt(prompt)) => Some(prompt),
        other => {
            state.layers.extend(other);
            None
        }
    }
}

/// Puts the query in force; one that cannot be read leaves the last that could.
fn apply(state: &mut State, line: &Line) -> Option<QueryError> {
    let text = line.text().trim();
    if state.filter().map_or("", Filter::text) == text {
        return None;
    }
    match Query::parse::<RowRecord<'_>>(text) {
        Ok(query) => {
            state.replace_filter((!text.is_empty()).then(|| Filter::new(text.to_owned(), query)));
            None
        }
        Err(fault) => Some(fault),
    }
}

/// Draws the line and what stands under it, over the first rows of the list.
pub fn draw(pen: &mut Pen<'_>, state: &State, prompt: &Prompt) {
    let lists = Layout::of(state).lists;
    let list = lists.into_iter().filter(|list| !list.is_empty()).reduce(Rect::union).unwrap_or_default();
    if list.height < 2 {
        return;
    }
    let ground = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
    let line = Rect { y: list.y + 1, height: 1, ..list };
    let under = Rect { y: line.y + 1, height: list.height.saturating_sub(2).min(1), ..list };
    pen.clear(Rect { height: line.height + under.height, ..line }, ground);
    pen.put(line.x, line.y, 1, "/", pen.theme.bold(Role::Accent));
    write(pen, Rect { x: line.x + 2, width: line.width.saturating_sub(3), ..line }, &prompt.line);
    if under.height > 0 {
        let spans = below(pen, prompt);
        pen.spans(under.x + 2, under.y, under.width.saturating_sub(3), &spans);
    }
}

/// The text, of which the cursor always shows.
fn write(pen: &mut Pen<'_>, area: Rect, line: &Line) {
    let (before, after) = line.parts();
    let shown = inert(before, pen.theme.charset());
    let room = usize::from(area.width.saturating_sub(1));
    let mut wide = width(&shown);
    let mut cut = 0;
    for (at, grapheme) in shown.grapheme_indices(true) {
        if wide <= room {
            break;
        }
        wide -= width(grapheme);
        cut = at + grapheme.len();
    }
    // What is inert stays as it is when it is made inert again.
    let ink = pen.theme.ink(Role::Text);
    let at = pen.put(area.x, area.y, cells(room), &shown[cut..], ink);
    pen.put(at, area.y, area.right().saturating_sub(at), after, ink);
    pen.style(Rect::new(at, area.y, 1, 1), pen.theme.chip(Role::Accent));
}

fn below(pen: &Pen<'_>, prompt: &Prompt) -> Vec<Span> {
    if let Some(fault) = &prompt.fault {
        let said = format!("{} {}", pen.theme.glyph(Glyph::Failed), fault.message);
        let help = fault.help.as_deref().map_or_else(String::new, |help| format!("  {help}"));
        return vec![Span::bold(said, Role::Failed), Span::new(help, Role::Muted)];
    }
    if let Some(spans) = prompt.offers.spans() {
        return spans;
    }
    vec![Span::new("decision:block tool:order.* value:>100 -operator:x word", Role::Faint)]
}
