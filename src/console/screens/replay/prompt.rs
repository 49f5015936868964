//! The line in which a query to break on, or a place to go to, is typed.

use ratatui::layout::Rect;

use super::{Break, Message, Replay, editing, update};
use crate::console::keys::Key;
use crate::console::screen::files::FileRequest;
use crate::console::screen::journals::JournalRequest;
use crate::console::screen::{Effect, Hints};
use crate::console::theme::{Glyph, Role};
use crate::console::widgets::text_input::{Edit, TextInput};
use crate::console::widgets::{Pen, Span};
use crate::replayer::search;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A query to break on.
    Break,
    /// A place to go to.
    GoTo,
    /// The file of another policy.
    Policy,
    /// The file that a fixture is added to.
    Fixture,
}

/// The line.
#[derive(Debug)]
pub struct Prompt {
    ask: Ask,
    line: TextInput,
    fault: Option<String>,
}

/// What a key does in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Change the line.
    Edit(Edit),
    /// Do it.
    Accept,
    /// Leave it.
    Abort,
}

impl Typed {
    /// What a key does.
    pub fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::ENTER => Self::Accept,
            Key::ESC => Self::Abort,
            _ => Self::Edit(Edit::of(key)?),
        })
    }
}

impl Prompt {
    /// Takes what was pasted.
    pub fn paste(&mut self, text: &str) {
        self.line.paste(text);
        self.fault = None;
    }

    /// The keys it takes.
    pub fn hints(&self) -> Hints<Message> {
        let what = match self.ask {
            Ask::Break => "run on to it",
            Ask::GoTo => "go there",
            Ask::Policy => "judge by it",
            Ask::Fixture => "save",
        };
        let keys = vec![
            (Key::ENTER, what, Some(Message::Typed(Typed::Accept))),
            (Key::ESC, "leave it", Some(Message::Typed(Typed::Abort))),
        ];
        Hints { keys, alone: false }
    }
}

/// Opens it.
pub fn open(replay: &Replay, ask: Ask) -> Prompt {
    let text = match ask {
        Ask::Break => replay.stop.as_ref().map_or("", |stop| stop.text.as_str()),
        Ask::GoTo => "",
        Ask::Policy => "policy/",
        Ask::Fixture => "fixtures/edited.jsonl",
    };
    Prompt { ask, line: TextInput::new(text), fault: None }
}

/// Does what a key does.
pub fn typed(replay: &mut Replay, typed: Typed) -> Vec<Effect> {
    let Some(mut prompt) = replay.prompt.take() else { return Vec::new() };
    let done = match typed {
        Typed::Abort => Ok(Vec::new()),
        Typed::Edit(edit) => {
            prompt.line.edit(edit);
            prompt.fault = None;
            replay.prompt = Some(prompt);
            return Vec::new();
        }
        Typed::Accept => accept(replay, prompt.ask, prompt.line.text()),
    };
    done.unwrap_or_else(|fault| {
        replay.prompt = Some(Prompt { fault: Some(fault), ..prompt });
        Vec::new()
    })
}

fn accept(replay: &mut Replay, ask: Ask, text: &str) -> Result<Vec<Effect>, String> {
    let text = text.trim();
    match ask {
        Ask::Break if text.is_empty() => {
            replay.stop = None;
            Ok(Vec::new())
        }
        Ask::Break => {
            let query = search::parse(text).map_err(|fault| match fault.help {
                Some(help) => format!("{}; {help}", fault.message),
                None => fault.message,
            })?;
            replay.stop = Some(Break { text: text.to_owned(), query });
            Ok(update::run_on(replay))
        }
        Ask::Fixture => editing::save(replay, text),
        Ask::Policy if text.is_empty() => Err("say the file".to_owned()),
        Ask::Policy => {
            let request = JournalRequest::Policy { file: text.to_owned() };
            Ok(vec![Effect::Files(super::ID, FileRequest::Journal(request))])
        }
        Ask::GoTo => {
            replay.transport.pause();
            if let Some(tape) = &replay.tape {
                replay.transport.go_to(&tape.index, text)?;
            }
            (replay.scroll, replay.destination) = (0, None);
            Ok(Vec::new())
        }
    }
}

/// Draws it over two rows.
pub fn draw(pen: &mut Pen<'_>, area: Rect, prompt: &Prompt) {
    let ground = pen.theme.ground(Role::Panel).patch(pen.theme.ink(Role::Text));
    pen.clear(area, ground);
    let (label, example) = match prompt.ask {
        Ask::Break => ("break on", "decision:block   dedup   tool:order.refund value:>100"),
        Ask::GoTo => ("go to", "7   7.2   7.2.lock"),
        Ask::Fixture => ("save in", "it is added as a line; `fibric dev` plays the file then"),
        Ask::Policy => ("policy file", "a file of rules in YAML, from the workspace"),
    };
    let x = pen.put(area.x + 1, area.y, area.width, label, pen.theme.bold(Role::Accent)) + 1;
    let (before, after) = prompt.line.parts();
    let room = area.right().saturating_sub(x + 1);
    let mut from = 0;
    // The end of what is before the cursor is what shows of it.
    while crate::console::text::width(&before[from..]) > usize::from(room) {
        from += before[from..].chars().next().map_or(1, char::len_utf8);
    }
    let at = pen.put(x, area.y, room, &before[from..], pen.theme.ink(Role::Text));
    pen.put(at, area.y, area.right().saturating_sub(at), after, pen.theme.ink(Role::Text));
    pen.style(Rect::new(at, area.y, 1, 1), pen.theme.cursor());
    if area.height > 1 {
        let said = match &prompt.fault {
            Some(fault) => Span::bold(format!("{} {fault}", pen.theme.glyph(Glyph::Failed)), Role::Failed),
            None => Span::new(example, Role::Faint),
        };
        pen.spans(x, area.y + 1, room, &[said]);
    }
}
