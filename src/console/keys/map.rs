//! Which key means which command.

use super::{Chord, CommandId, CommandSpec, Key, KeyContext, Scope};

/// The bindings in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    commands: &'static [CommandSpec],
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

impl Keymap {
    /// The keys that commands have out of the box.
    pub fn new(commands: &'static [CommandSpec]) -> Self {
        let bindings = commands
            .iter()
            .flat_map(|command| command.keys.iter().filter_map(|name| Some((name.parse().ok()?, command.id()))));
        Self { commands, bindings: bindings.collect() }
    }

    /// The commands that keys can mean.
    pub fn commands(&self) -> &'static [CommandSpec] {
        self.commands
    }

    /// The command of an id.
    pub fn spec(&self, id: CommandId) -> Option<&'static CommandSpec> {
        self.commands.iter().find(|command| command.id() == id)
    }

    /// What a key means in a context, after another or alone. With Shift it means what it means without, unless it has a
    /// meaning of its own.
    pub fn meaning(&self, context: KeyContext, prefix: Option<Key>, key: Key) -> Meaning {
        match self.exactly(context, prefix, key) {
            Meaning::Nothing if key.is_shifted() => self.exactly(context, prefix, key.unshifted()),
            meaning => meaning,
        }
    }

    fn exactly(&self, context: KeyContext, prefix: Option<Key>, key: Key) -> Meaning {
        let wanted = Chord { prefix, key };
        let bound = self.bindings.iter().filter(|(chord, id)| *chord == wanted && self.is_in_force(*id, context));
        match bound.min_by_key(|(_, id)| !scope(self.commands, *id).is_of_text()) {
            Some((_, id)) => Meaning::Command(*id),
            None if prefix.is_none() && self.after(context, key).next().is_some() => Meaning::Prefix,
            None => Meaning::Nothing,
        }
    }

    /// What a key means alone, on the first screen.
    #[cfg(test)]
    pub fn command(&self, key: Key) -> Option<CommandId> {
        match self.meaning(KeyContext { screen: super::ScreenId(1), text: false }, None, key) {
            Meaning::Command(id) => Some(id),
            Meaning::Prefix | Meaning::Nothing => None,
        }
    }

    /// The keys of a command, the one to teach first.
    pub fn keys(&self, id: CommandId) -> impl Iterator<Item = Chord> {
        self.bindings.iter().filter(move |(_, bound)| *bound == id).map(|(chord, _)| *chord)
    }

    /// What can follow a prefix in a context.
    pub fn after(&self, context: KeyContext, prefix: Key) -> impl Iterator<Item = (Key, CommandId)> {
        let follows =
            move |(chord, id): &&(Chord, CommandId)| chord.prefix == Some(prefix) && self.is_in_force(*id, context);
        self.bindings.iter().filter(follows).map(|(chord, id)| (chord.key, *id))
    }

    fn is_in_force(&self, id: CommandId, context: KeyContext) -> bool {
        scope(self.commands, id).holds(context)
    }

    /// True when somewhere a press could mean either.
    pub fn clash(&self, one: (Chord, CommandId), other: (Chord, CommandId)) -> bool {
        clash(self.commands, one, other)
    }

    /// Keys that could mean two commands.
    pub fn conflicts(&self) -> Vec<(Chord, CommandId, CommandId)> {
        let mut found = Vec::new();
        for (at, (chord, first)) in self.bindings.iter().enumerate() {
            let others =
                self.bindings[at + 1..].iter().filter(|(other, id)| self.clash((*chord, *first), (*other, *id)));
            found.extend(others.map(|(_, next)| (*chord, *first, *next)));
        }
        found
    }

    /// Gives commands other keys: each in `bound` exactly these, the others what is left of theirs. Returns what a
    /// command that was not mentioned lost: its key, and to which command.
    pub fn rebind(&mut self, bound: &[(CommandId, Vec<Chord>)]) -> Vec<(CommandId, Chord, CommandId)> {
        let scopes = self.commands;
        let taken = |chord: Chord, id: CommandId| {
            // Here a person says it: also what a text does gives way.
            let takes = |(by, chords): &&(CommandId, Vec<Chord>)| {
                chords.iter().any(|other| other.clashes(chord) && scope(scopes, *by).meets(scope(scopes, id)))
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
        if !self.bindings.contains(&(esc, CommandId::BACK)) {
            self.bindings.push((esc, CommandId::BACK));
        }
        lost
    }
}

fn scope(commands: &[CommandSpec], id: CommandId) -> Scope {
    commands.iter().find(|command| command.id() == id).map_or(Scope::ALL, |command| command.group.scope)
}

/// True when somewhere a press could mean either. In a text, its own commands go before those of everywhere: ctrl-c
/// copies there.
pub fn clash(commands: &[CommandSpec], (a, first): (Chord, CommandId), (b, second): (Chord, CommandId)) -> bool {
    let (one, two) = (scope(commands, first), scope(commands, second));
    let ordered = a == b && one.is_of_text() != two.is_of_text() && (one == Scope::ALL || two == Scope::ALL);
    a.clashes(b) && one.meets(two) && !ordered
}
