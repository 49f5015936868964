//! What connectors and operators declare, in the one form that every language and authoring style comes down to.
//!
//! The wire text of equal definitions is byte for byte equal (contract 1). How a definition was written, and what was
//! wrong with it, is [`authored`]'s matter.

use serde::{Deserialize, Serialize};

use crate::kernel::json::Raw;

pub mod authored;
mod events;
mod fields;
mod operator;
mod tools;

/// The category of what proposes through its tools and provides none of them.
pub const AI_OPERATOR: &str = "ai-operator";

/// What an entry file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Definition {
    /// A connector, or the tools half of a pack.
    Connector(ConnectorDef),
    /// An operator.
    Operator(OperatorDef),
}

impl Definition {
    /// The connector's id or the operator's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Connector(connector) => &connector.id,
            Self::Operator(operator) => &operator.name,
        }
    }
}

/// A connector on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorDef {
    /// Lowercase slug.
    pub id: String,
    /// One sentence; empty where the author gave none.
    pub summary: String,
    /// Semver, as written.
    pub version: Option<String>,
    /// A slug; `connector` where the author gave none.
    pub category: String,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The vendor's page.
    pub homepage: Option<String>,
    /// Scopes requested.
    pub scopes: Vec<String>,
    /// How credentials are obtained: slots, never values.
    pub auth: AuthSpec,
    /// At least one, at most one per capability.
    pub tools: Vec<ToolDef>,
    /// Events it emits.
    pub events: Vec<EventDef>,
}

impl ConnectorDef {
    /// True for the tools half of a pack: its tools are what it may propose, and nothing is bound to them.
    pub fn only_proposes(&self) -> bool {
        self.category == AI_OPERATOR
    }
}

/// How a connection gets its credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum AuthSpec {
    /// A static key in a named header.
    ApiKey {
        /// The header.
        header: String,
        /// The slot.
        secret: String,
    },
    /// A token in `Authorization`.
    Bearer {
        /// The slot.
        secret: String,
    },
    /// HTTP basic.
    Basic {
        /// The slot of the user name.
        user: String,
        /// The slot of the password.
        pass: String,
    },
    /// OAuth 2.0, authorisation code with PKCE.
    Oauth2 {
        /// Where the person consents.
        authorize_url: String,
        /// Where tokens come from.
        token_url: String,
        /// What is asked for.
        scopes: Vec<String>,
    },
    /// No credentials.
    None,
}

/// One tool on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolDef {
    /// Unique within the connector; the capability where the author gave none.
    pub name: String,
    /// What operators ask for, `order.hold`.
    pub capability: String,
    /// One line; empty where the author gave none.
    pub summary: String,
    /// True when it changes the world.
    pub side_effecting: bool,
    /// True when a retry of the same args is safe.
    pub idempotent: bool,
    /// JSON Schema 2020-12; `None` for a validator that describes none.
    pub input_schema: Option<Raw>,
}

/// One event a connector emits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDef {
    /// Dotted, `order.created`.
    pub event_type: String,
    /// How it arrives.
    pub kind: EventKind,
    /// The webhook's last path segment, or the poll's name.
    pub topic: String,
}

/// How an event arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// Pushed to the console.
    Webhook,
    /// Asked for.
    Poll,
}

impl EventKind {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
        }
    }
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorDef {
    /// Lowercase slug.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// The capabilities it may sense and propose.
    pub requires: Vec<String>,
    /// What it asks of a model, as written.
    pub model: Option<Raw>,
    /// What sets it going.
    pub trigger: Trigger,
    /// True when it brings its own `stub(input)`.
    pub has_stub: bool,
}

/// What sets an operator going.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// A dotted glob over `event_type`.
    On(String),
    /// An interval, `15m`.
    Every(String),
}
