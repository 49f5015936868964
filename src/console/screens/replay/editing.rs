//! An envelope whose fields are edited in place: checked as they are typed, replayed as a child of the one it came from,
//! or saved as a fixture.

use super::prompt::{self, Ask};
use super::{ID, Message, Replay};
use crate::console::keys::Key;
use crate::console::screen::files::FileRequest;
use crate::console::screen::{Effect, Hints};
use crate::console::widgets::text_input::{Edit, TextInput};
use crate::kernel::journal::EnvelopeRef;
use crate::replayer::draft::EnvelopeDraft;

/// What is edited.
#[derive(Debug)]
pub struct Editing {
    /// The envelope it came from.
    pub of: EnvelopeRef,
    /// The time its author code saw.
    pub clock: String,
    /// The envelope as it is now.
    pub draft: EnvelopeDraft,
    /// Index of the selected field.
    pub at: usize,
    /// The value that is typed, and what is wrong with it.
    pub line: Option<(TextInput, Option<String>)>,
}

/// What a key does to the value that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKey {
    /// Begin to type.
    Open,
    /// Change the line.
    Edit(Edit),
    /// Take it.
    Accept,
    /// Leave it as it was.
    Abort,
}

impl FieldKey {
    /// What a key does while a value is typed.
    pub fn of(key: Key) -> Option<Self> {
        Some(match key {
            Key::ENTER => Self::Accept,
            Key::ESC => Self::Abort,
            _ => Self::Edit(Edit::of(key)?),
        })
    }
}

impl Editing {
    /// The keys it takes.
    pub fn hints(&self) -> Hints<Message> {
        let send = |key| Some(Message::Field(key));
        let keys = if self.line.is_some() {
            vec![(Key::ENTER, "take it", send(FieldKey::Accept)), (Key::ESC, "leave it", send(FieldKey::Abort))]
        } else {
            vec![
                (Key::ENTER, "edit the field", send(FieldKey::Open)),
                (Key::plain(crossterm::event::KeyCode::Char('R')), "replay it", Some(Message::Again)),
                (Key::plain(crossterm::event::KeyCode::Char('w')), "save as a fixture", Some(Message::SaveFixture)),
                (Key::ESC, "leave", Some(Message::EditEnvelope)),
            ]
        };
        Hints { keys, alone: false }
    }
}

/// Begins with the envelope at hand, or leaves what was edited.
pub fn toggle(replay: &mut Replay) -> Vec<Effect> {
    if replay.editing.take().is_some() {
        return Vec::new();
    }
    replay.transport.pause();
    let (Some(received), Some(tape)) = (&replay.scene.received, &replay.tape) else { return Vec::new() };
    let Some(draft) = EnvelopeDraft::of(&received.envelope) else {
        return vec![Effect::say("this envelope cannot be edited")];
    };
    let of = EnvelopeRef { run: tape.run, arrival: received.arrival };
    // The payload is what is changed most.
    let at = draft.fields().iter().position(|field| field.pointer.starts_with("/payload")).unwrap_or(0);
    replay.editing = Some(Editing { of, clock: received.clock.clone(), draft, at, line: None });
    Vec::new()
}

/// Does what a key does to the value that is typed.
pub fn field(replay: &mut Replay, key: FieldKey) -> Vec<Effect> {
    let Some(editing) = &mut replay.editing else { return Vec::new() };
    match key {
        FieldKey::Open => {
            let now = editing.draft.fields().get(editing.at).map(|field| TextInput::new(&field.now));
            editing.line = now.map(|line| (line, None));
        }
        FieldKey::Edit(edit) => {
            if let Some((line, fault)) = &mut editing.line {
                line.edit(edit);
                *fault = editing.draft.clone().set(editing.at, line.text()).err();
            }
        }
        FieldKey::Accept => {
            if let Some((line, _)) = editing.line.take()
                && let Err(fault) = editing.draft.set(editing.at, line.text())
            {
                editing.line = Some((line, Some(fault)));
            }
        }
        FieldKey::Abort => editing.line = None,
    }
    Vec::new()
}

/// Asks for the name of the fixture file.
pub fn ask_name(replay: &mut Replay) {
    if replay.editing.is_some() {
        replay.prompt = Some(prompt::open(replay, Ask::Fixture));
    }
}

/// Saves what was edited in a file of fixtures.
pub fn save(replay: &Replay, file: &str) -> Result<Vec<Effect>, String> {
    let Some(editing) = &replay.editing else { return Err("nothing is edited".to_owned()) };
    let name = file.strip_prefix("fixtures/").unwrap_or(file);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let stem = name.strip_suffix(".jsonl").unwrap_or("");
    if stem.is_empty() || stem.starts_with('.') || !name.chars().all(plain) {
        return Err("a fixture file is `fixtures/NAME.jsonl`".to_owned());
    }
    let request =
        FileRequest::AddFixture { file: format!("fixtures/{name}"), envelope: editing.draft.envelope().clone() };
    Ok(vec![Effect::Files(ID, request)])
}
