//! What a command is called, which keys mean it, and where they do: all that a keymap, a file of keys and the page of
//! keys know of it. What a command does is for those who list it.

/// The digit that goes to a screen, which is what the screen is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScreenId(pub u8);

/// What a command is known by: its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommandId(pub &'static str);

impl CommandId {
    /// The command that Esc always means.
    pub const BACK: Self = Self("back");
}

/// What has the keys: a key means one thing in each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyContext {
    /// The screen that is shown.
    pub screen: ScreenId,
    /// True while a key that types a character does so.
    pub text: bool,
}

/// Where keys are in force; what is not said holds for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// On this screen only.
    pub screen: Option<ScreenId>,
    /// Only where text is typed, or only where none is.
    pub text: Option<bool>,
}

impl Scope {
    /// Everywhere.
    pub const ALL: Self = Self { screen: None, text: None };

    /// True where only a text that is typed in is meant.
    pub fn is_of_text(self) -> bool {
        self.text == Some(true)
    }

    /// True where the keys are in force.
    pub fn holds(self, context: KeyContext) -> bool {
        self.screen.is_none_or(|screen| screen == context.screen) && self.text.is_none_or(|text| text == context.text)
    }

    /// True when there is a context in which the keys of both are in force.
    pub fn meets(self, other: Self) -> bool {
        fn agree<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            a.zip(b).is_none_or(|(a, b)| a == b)
        }
        agree(self.screen, other.screen) && agree(self.text, other.text)
    }
}

/// Under which heading the help lists a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The heading as the help shows it.
    pub title: &'static str,
    /// Where its commands' keys are in force.
    pub scope: Scope,
    /// Why they do nothing elsewhere.
    pub elsewhere: &'static str,
}

/// Where the footer names a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Footer {
    /// Not at all.
    Silent,
    /// From the left, in the order of the commands.
    Left,
    /// At the right end, always.
    Right,
}

/// One command, as keys and pages know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandSpec {
    /// Its name, as people say it.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Its keys out of the box, the one to teach first.
    pub keys: &'static [&'static str],
    /// Where the help lists it.
    pub group: Group,
    /// Where the footer names it.
    pub footer: Footer,
}

impl CommandSpec {
    /// What it is known by.
    pub const fn id(&self) -> CommandId {
        CommandId(self.name)
    }

    /// What key files call it.
    pub fn word(&self) -> String {
        self.name.replace(' ', "-")
    }
}
