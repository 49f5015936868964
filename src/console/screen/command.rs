//! One command of a screen: what it is called, whether it can run now and why not, and the message it sends.

use std::borrow::Cow;

use super::{Context, Screen};
use crate::console::keys::{CommandSpec, Footer, Group};

/// Whether a command of the screen `S` can run now, or why not.
pub type Enabled<S> = fn(&S, &Context<'_>) -> Result<(), &'static str>;

/// A command of the screen `S`.
#[derive(Debug)]
pub struct Command<S: Screen> {
    /// Name, sentence, keys, heading.
    pub spec: CommandSpec,
    /// Whether it can run now, or why not.
    pub enabled: Enabled<S>,
    /// What the footer calls it now, where that is not its name.
    pub label: fn(&S, &Context<'_>) -> Option<Cow<'static, str>>,
    /// What it sends.
    pub message: S::Message,
}

impl<S: Screen> Command<S> {
    /// One that the footer calls by its name.
    pub const fn new(spec: CommandSpec, enabled: Enabled<S>, message: S::Message) -> Self {
        Self { spec, enabled, label: |_, _| None, message }
    }

    /// One of a group that the footer names.
    pub const fn named(
        group: Group,
        name: &'static str,
        doc: &'static str,
        keys: &'static [&'static str],
        enabled: Enabled<S>,
        message: S::Message,
    ) -> Self {
        Self::new(CommandSpec { name, doc, keys, group, footer: Footer::Left }, enabled, message)
    }

    /// One of a group that the footer does not name.
    pub const fn silent(
        group: Group,
        name: &'static str,
        doc: &'static str,
        keys: &'static [&'static str],
        enabled: Enabled<S>,
        message: S::Message,
    ) -> Self {
        Self::new(CommandSpec { name, doc, keys, group, footer: Footer::Silent }, enabled, message)
    }

    /// The same, that the footer calls as `label` says.
    pub const fn labelled(self, label: fn(&S, &Context<'_>) -> Option<Cow<'static, str>>) -> Self
    where
        S::Message: Copy,
    {
        Self { label, ..self }
    }
}
