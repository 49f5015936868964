//! Facts about ALERTs that wait for a person: which were carried over from earlier runs, and who has seen one. What raises
//! an ALERT is for [`super::Disposed::raises`] to say.

use serde::{Deserialize, Serialize};

/// ALERTs that wait since before this run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Each by its receipt, in the order in which they were raised.
    pub alerts: Vec<Alert>,
}

/// An ALERT that was raised in some run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alert {
    /// The run.
    pub run: u32,
    /// Its receipt's id.
    pub receipt: String,
}

/// An ALERT that a person has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Its receipt's id, of this run or another.
    pub receipt: String,
    /// Who has seen it.
    pub who: String,
}
