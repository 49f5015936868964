//! Which key means which command.

use super::{Chord, Key};
use crate::console::commands::{COMMANDS, CommandId, Group, Place, command};

/// The bindings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Chord, CommandId)>,
}

/// What a press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This command.
    Command(CommandId),
    /// The next press decides.
    Prefix,
    /// Nothing.
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        let bindings = COMMANDS
            .iter()
            .flat_map(|command| command.keys.iter().filter_map(|name| Some((name.parse().ok()?, command.id))));
        Self { bindings: bindings.collect() }
    }
}

impl Keymap {
    /// What a key means in a place, after another or alone. With Shift it means what it means without, unless it has a
    /// meaning of its own.
    pub fn meaning(&self, place: Place, prefix: Option<Key>, key: Key) -> Meaning {
        match self.exactly(place, prefix, key) {
            Meaning::Nothing if key.is_shifted() => self.exactly(place, prefix, key.unshifted()),
            meaning => meaning,
        }
    }

    fn exactly(&self, place: Place, prefix: Option<Key>, key: Key) -> Meaning {
        let wanted = Chord { prefix, key };
        let bound = self.bindings.iter().filter(|(chord, id)| *chord == wanted && is_in_force(*id, place));
        match bound.min_by_key(|(_, id)| group(*id) != Group::Text) {
            Some((_, id)) => Meaning::Command(*id),
            None if prefix.is_none() && self.after(place, key).next().is_some() => Meaning::Prefix,
            None => Meaning::Nothing,
        }
    }

    /// What a key means alone, on the lists.
    #[cfg(test)]
    pub fn command(&self, key: Key) -> Option<CommandId> {
        match self.meaning(Place::Lists, None, key) {
            Meaning::Command(id) => Some(id),
            Meaning::Prefix | Meaning::Nothing => None,
        }
    }

    /// The keys of a command, the one to teach first.
    pub fn keys(&self, id: CommandId) -> impl Iterator<Item = Chord> {
        self.bindings.iter().filter(move |(_, bound)| *bound == id).map(|(chord, _)| *chord)
    }

    /// What can follow a prefix in a place.
    pub fn after(&self, place: Place, prefix: Key) -> impl Iterator<Item = (Key, CommandId)> {
        let follows = move |(chord, id): &&(Chord, CommandId)| chord.prefix == Some(prefix) && is_in_force(*id, place);
        self.bindings.iter().filter(follows).map(|(chord, id)| (chord.key, *id))
    }

    /// Keys that could mean two commands.
    pub fn conflicts(&self) -> Vec<(Chord, CommandId, CommandId)> {
        let mut found = Vec::new();
        for (at, (chord, first)) in self.bindings.iter().enumerate() {
            let others = self.bindings[at + 1..].iter().filter(|(other, id)| clash((*chord, *first), (*other, *id)));
            found.extend(others.map(|(_, next)| (*chord, *first, *next)));
        }
        found
    }

    /// Gives commands other keys: each in `bound` exactly these, the others what is left of theirs. Returns what a
    /// command that was not mentioned lost: its key, and to which command.
    pub fn rebind(&mut self, bound: &[(CommandId, Vec<Chord>)]) -> Vec<(CommandId, Chord, CommandId)> {
        let taken = |chord: Chord, id: CommandId| {
            // Here a person says it: also what a text does gives way.
            let takes = |(by, chords): &&(CommandId, Vec<Chord>)| {
                chords.iter().any(|other| other.clashes(chord) && group(*by).meets(group(id)))
            };
            bound.iter().find(takes).map(|(id, _)| *id)
        };
        let mut lost = Vec::new();
        self.bindings.retain(|(chord, id)| {
            let by = taken(*chord, *id);
            let mentioned = bound.iter().any(|(other, _)| other == id);
            lost.extend(by.filter(|_| !mentioned).map(|by| (*id, *chord, by)));
            by.is_none() && !mentioned
        });
        for (id, chords) in bound {
            self.bindings.extend(chords.iter().map(|chord| (*chord, *id)));
        }
        let esc = Chord { prefix: None, key: Key::ESC };
        if !self.bindings.contains(&(esc, CommandId::Back)) {
            self.bindings.push((esc, CommandId::Back));
        }
        lost
    }
}

fn group(id: CommandId) -> Group {
    command(id).map_or(Group::Everywhere, |command| command.group)
}

fn is_in_force(id: CommandId, place: Place) -> bool {
    group(id).places().contains(&place)
}

/// True when somewhere a press could mean either. In a text, its own commands go before those of everywhere: ctrl-c
/// copies there.
pub fn clash((a, first): (Chord, CommandId), (b, second): (Chord, CommandId)) -> bool {
    let (one, two) = (group(first), group(second));
    let ordered = a == b && matches!((one, two), (Group::Text, Group::Everywhere) | (Group::Everywhere, Group::Text));
    a.clashes(b) && one.meets(two) && !ordered
}
