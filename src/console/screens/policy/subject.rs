//! The action whose rules are shown: the selected one, one of the record, or one made by form.

use crate::console::model::RowId;
use crate::console::widgets::text_input::{Edit, TextInput};
use crate::kernel::decimal::Decimal;
use crate::kernel::plan::Amount;
use crate::kernel::policy;

/// What of an action the rules look at, and where it can be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The capability.
    pub tool: String,
    /// The operator that proposes it; empty for any.
    pub operator: String,
    /// The bound connector.
    pub connector: Option<String>,
    /// The amount.
    pub value: Option<Amount>,
    /// The entity it acts on.
    pub entity: String,
    /// Its row among those of this session, where it has one.
    pub row: Option<RowId>,
}

impl Subject {
    /// As the rules are asked about it.
    pub fn asked(&self) -> policy::Subject<'_> {
        policy::Subject { connector: self.connector.as_deref(), tool: &self.tool, value: self.value.as_ref() }
    }
}

/// An action made by form: tool, connector, value.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// What is typed in each field.
    pub fields: [TextInput; 3],
    /// Which has the keys.
    pub at: usize,
}

impl Form {
    /// What the fields are called.
    pub const NAMES: [&'static str; 3] = ["tool", "connector", "value"];

    /// One that starts as an action is, with the value in hand.
    pub fn new(like: Option<&Subject>) -> Self {
        let Some(like) = like else { return Self::default() };
        let value = like.value.as_ref().map_or_else(String::new, |value| value.number.to_string());
        let fields = [&*like.tool, like.connector.as_deref().unwrap_or_default(), &*value].map(TextInput::new);
        Self { fields, at: 2 }
    }

    /// Changes the field that has the keys.
    pub fn edit(&mut self, edit: Edit) {
        self.fields[self.at].edit(edit);
    }

    /// Takes what was pasted.
    pub fn paste(&mut self, text: &str) {
        self.fields[self.at].paste(text);
    }

    /// To the next field, or the one before.
    pub fn step(&mut self, back: bool) {
        self.at = (self.at + if back { 2 } else { 1 }) % 3;
    }

    /// The action, or what is missing of it.
    pub fn subject(&self) -> Result<Subject, &'static str> {
        let [tool, connector, value] = [0, 1, 2].map(|at| self.fields[at].text().trim());
        if tool.is_empty() {
            return Err("name a tool");
        }
        let value = match value {
            "" => None,
            text => Some(Amount::exact(Decimal::parse(text).map_err(|_| "the value is not a number")?)),
        };
        let connector = (!connector.is_empty()).then(|| connector.to_owned());
        Ok(Subject {
            tool: tool.to_owned(),
            operator: String::new(),
            connector,
            value,
            entity: String::new(),
            row: None,
        })
    }
}
