//! Which screen is on: what is selected stays selected across all of them.

use std::sync::Arc;

use super::State;
use crate::console::commands::Place;
use crate::console::layers::Layer;
use crate::console::policy::Focus;
use crate::kernel::policy::PolicySet;

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// What happened.
    #[default]
    Live,
    /// What the policy says, and what another would.
    Policy,
}

impl Page {
    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Self::Live => 1,
            Self::Policy => 3,
        }
    }
}

impl State {
    /// What has the keys.
    pub fn place(&self) -> Place {
        match self.page {
            Page::Live => Place::Lists,
            Page::Policy if self.types() || self.fills() => Place::Text,
            Page::Policy => Place::Panes,
        }
    }

    /// True while what is typed goes into the text of a policy.
    pub fn types(&self) -> bool {
        self.page == Page::Policy
            && !self.layers.iter().any(Layer::covers)
            && self.policy.focus == Focus::Editor
            && self.policy.draft.is_some()
    }

    /// True while what is typed goes into the form of an action.
    pub fn fills(&self) -> bool {
        self.page == Page::Policy
            && !self.layers.iter().any(Layer::covers)
            && self.policy.focus == Focus::Ladder
            && self.policy.form.is_some()
    }

    /// The policy that judges now, ready to be asked.
    pub fn in_force(&self) -> Option<&Arc<PolicySet>> {
        self.laws.of(self.runs.policy()?.digest.as_deref()?)
    }
}
