//! The line in which a query is typed: the list follows while it is typed, a fault stands under it, Esc takes it back.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use super::layout::Layout;
use super::{Before, Filter, Live, Overlay};
use crate::console::keys::Key;
use crate::console::present::row_query::RowRecord;
use crate::console::screen::Context;
use crate::console::text::{cells, inert, width};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::text_input::{Edit, TextInput};
use crate::console::widgets::{Pen, Span};
use crate::query::{Query, QueryError};

mod complete;

/// What is being typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    line: TextInput,
    /// The query before, for Esc.
    before: String,
    fault: Option<QueryError>,
    /// True once a person went on although the word being typed is not whole.
    insists: bool,
    offers: complete::Offers,
}

/// What a key does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
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

impl Typed {
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
pub fn open(live: &mut Live) {
    live.before = Before::Left;
    let before = live.query().map(|filter| filter.text().to_owned()).unwrap_or_default();
    live.overlay = Some(Overlay::Prompt(Prompt { line: TextInput::new(&before), before, ..Prompt::default() }));
}

/// Does what a key does.
pub fn update(live: &mut Live, cx: &Context<'_>, typed: Typed) {
    let Some(mut prompt) = taken(live) else { return };
    match typed {
        Typed::Edit(edit) => prompt.line.edit(edit),
        Typed::Complete => prompt.offers.next(&mut prompt.line, live, cx.model, false),
        Typed::CompleteBack => prompt.offers.next(&mut prompt.line, live, cx.model, true),
        Typed::Accept if prompt.fault.is_some() => prompt.insists = true,
        Typed::Accept => return,
        Typed::Abort => {
            let before = TextInput::new(&prompt.before);
            apply(live, cx, &before);
            return;
        }
    }
    if matches!(typed, Typed::Edit(_)) {
        prompt.offers.forget();
        prompt.insists = false;
    }
    prompt.fault = apply(live, cx, &prompt.line);
    live.overlay = Some(Overlay::Prompt(prompt));
}

/// Takes what was pasted as text.
pub fn paste(live: &mut Live, cx: &Context<'_>, text: &str) {
    let Some(mut prompt) = taken(live) else { return };
    prompt.line.paste(text);
    prompt.offers.forget();
    prompt.fault = apply(live, cx, &prompt.line);
    live.overlay = Some(Overlay::Prompt(prompt));
}

fn taken(live: &mut Live) -> Option<Prompt> {
    match live.overlay.take() {
        Some(Overlay::Prompt(prompt)) => Some(prompt),
        other => {
            live.overlay = other;
            None
        }
    }
}

/// Puts a query over the list that has the keys; one that cannot be read takes the query away.
pub fn put(live: &mut Live, cx: &Context<'_>, typed: &str) {
    let query = Query::parse::<RowRecord<'_>>(typed).ok();
    live.replace_filter(cx.model, query.map(|query| Filter::new(typed.to_owned(), query)));
}

/// Puts the query in force; one that cannot be read leaves the last that could.
fn apply(live: &mut Live, cx: &Context<'_>, line: &TextInput) -> Option<QueryError> {
    let text = line.text().trim();
    if live.query().map_or("", Filter::text) == text {
        return None;
    }
    match Query::parse::<RowRecord<'_>>(text) {
        Ok(query) => {
            live.replace_filter(cx.model, (!text.is_empty()).then(|| Filter::new(text.to_owned(), query)));
            None
        }
        Err(fault) => Some(fault),
    }
}

/// Draws the line and what stands under it, over the first rows of the list.
pub fn draw(pen: &mut Pen<'_>, live: &Live, cx: &Context<'_>, prompt: &Prompt) {
    let lists = Layout::of(live, cx).lists;
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
pub(super) fn write(pen: &mut Pen<'_>, area: Rect, line: &TextInput) {
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
    let unfinished = !prompt.insists && complete::begins_a_value(prompt.line.text());
    if let Some(fault) = prompt.fault.as_ref().filter(|_| !unfinished) {
        let said = format!("{} {}", pen.theme.glyph(Glyph::Failed), fault.message);
        let help = fault.help.as_deref().map_or_else(String::new, |help| format!("  {help}"));
        return vec![Span::bold(said, Role::Failed), Span::new(help, Role::Muted)];
    }
    if let Some(spans) = prompt.offers.spans() {
        return spans;
    }
    vec![Span::new("decision:block tool:order.* value:>100 -operator:x word", Role::Faint)]
}
